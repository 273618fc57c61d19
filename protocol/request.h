/* SPDX-License-Identifier: Apache-2.0 */
/* request.h - the headers that a cluster gets for a client's request.
 *
 * Where client and cluster speak the same dialect, headers pass byte for byte and in order, less
 * those that end at a proxy (Routing-Group and Prefix-Url among them). Otherwise each header known
 * to both is renamed and its lists are decoded and encoded again as the cluster reads them; the
 * rest is left out. header_table.c holds the facts. Pure function, no state. */
#ifndef PROTOCOL_REQUEST_H
#define PROTOCOL_REQUEST_H

#include "base/mem.h"
#include "protocol/dialect.h"
#include "base/header.h"

struct request_rules {
    enum dialect to;
    bool spooling;   /* Query-Data-Encoding may pass (never across dialects) */
    bool strip_hint; /* take the routing entry out of Extra-Credential */
    bool poll;       /* GET, HEAD or DELETE of a statement: across dialects only the user matters */
    /* Session properties: names not sent, and "from=to" pairs. Both apply in the same dialect too.
     */
    const char *const *drop_properties;
    size_t drop_count;
    const char *const *rename_properties;
    size_t rename_count;
    struct str fallback_user; /* sent when the client names no user; empty = none */
    /* One more prepared statement, for the emulation of EXECUTE IMMEDIATE; empty name = none. A
     * client's own entry of that name is left out when crossing dialects. */
    struct str add_prepared_name, add_prepared_sql;
};

/* Appends "Name: value CRLF" lines to `out`. Host, Content-Length, Accept-Encoding, Connection and
 * X-Forwarded-* are the caller's to write. Does not allocate when the dialects agree (beyond
 * growing `out`). ERR_INVALID with a coordinator's words on a list that cannot be carried over,
 * ERR_LIMIT when `out` is full or a packed statement too long; `out` then holds garbage. */
MUST_USE int request_headers(struct buf *out, struct arena *a, const struct header *h, size_t n,
                             const struct request_rules *r, struct error *err);

#endif
