/* SPDX-License-Identifier: Apache-2.0 */
/* page_parts.h - the parts of a page that page.c composes. All take the raw JSON of a member,
 * append the client's form to `out` and return ERR_UPSTREAM when the member is malformed. */
#ifndef PROTOCOL_PAGE_PARTS_H
#define PROTOCOL_PAGE_PARTS_H

#include "base/json_scan.h"
#include "protocol/page.h"

/* The "stats" object, with rootStage. Fills the statistics of `facts`. */
MUST_USE int stats_put(struct buf *out, struct str raw, enum dialect to, struct page_facts *facts,
                       struct error *err);

/* The "error" object, with failureInfo. Fills the error of `facts` with the cluster's own name. */
MUST_USE int page_put_error(struct buf *out, struct str raw, enum dialect to,
                            struct page_facts *facts, struct error *err);

/* The "warnings" array (`raw` may be empty) with one more entry of text `extra` unless empty. */
MUST_USE int page_put_warnings(struct buf *out, struct str raw, enum dialect to, struct str extra,
                               struct error *err);

/* ERR_UPSTREAM "page: <part>: <what>", `what` replaced by the scanner's error if it has one. */
int page_broken(struct error *err, const char *part, const struct jscan *s, const char *what);

/* Writes `"key":` with a comma before it unless `*first`, which it clears. */
void page_put_key(struct buf *out, bool *first, const char *key);

/* The inside of the string `raw`, or empty when it is no string. */
struct str page_text(struct str raw);

#endif
