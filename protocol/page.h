/* SPDX-License-Identifier: Apache-2.0 */
/* page.h - translates one QueryResults document from a cluster's dialect into the client's.
 *
 * Only for clients and clusters of different dialects; where they agree the gateway passes the
 * bytes (protocol/scan.h). The whole document is in memory; rows are transcoded token by token,
 * never through a tree. Number tokens are kept as sent. Pure functions: no thread, no I/O. Source:
 * docs/protocol.md, "Values", "Types", "Rewrites per direction". */
#ifndef PROTOCOL_PAGE_H
#define PROTOCOL_PAGE_H

#include "protocol/dialect.h"

enum page_uri { PAGE_URI_INFO, PAGE_URI_NEXT, PAGE_URI_PARTIAL_CANCEL };

struct page_translation {
    enum dialect from, to; /* different, neither DIALECT_NONE */
    unsigned capabilities; /* CAP_* of the client (a Presto client has none) */
    struct str id;         /* the public query id, written instead of the document's */
    struct str warning;    /* text of one more entry of "warnings", or empty */
    /* Writes the client's URI for the cluster's `uri` (unescaped text) to `out` as plain text, or
     * nothing to leave the field out. */
    void (*uri)(void *ctx, enum page_uri kind, struct str uri, struct buf *out);
    void *ctx;
};

/* What a page says about its statement, for history and metrics. Strings are views of the page. */
struct page_facts {
    bool last;             /* no nextUri */
    struct str state;      /* stats.state */
    struct str error_name; /* n == 0 when there is no error */
    struct str error_type;
    struct str error_message; /* JSON-escaped text, without quotes */
    struct str update_type;
    uint64_t rows; /* entries of "data" in this page */
    uint64_t queued_ms, elapsed_ms, cpu_ms, processed_rows, processed_bytes, peak_memory_bytes;
};

/* Appends the translated document to `out`. ERR_UPSTREAM (with the place) when `page` is no valid
 * QueryResults document or a value contradicts its column's type; `out` then holds garbage. `facts`
 * may be NULL. */
MUST_USE int page_translate(struct buf *out, struct str page, const struct page_translation *how,
                            struct page_facts *facts, struct error *err);

#endif
