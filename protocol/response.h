/* SPDX-License-Identifier: Apache-2.0 */
/* response.h - the headers that a client gets for a cluster's answer. Pure function. */
#ifndef PROTOCOL_RESPONSE_H
#define PROTOCOL_RESPONSE_H

#include "base/mem.h"
#include "protocol/dialect.h"
#include "base/header.h"

/* What the gateway learns on the way. Views of the headers; empty = not there. */
struct response_seen {
    struct str started_transaction_id;
    bool clear_transaction;
    struct str cache_control, content_type, content_encoding;
    struct str location; /* not passed: it names a cluster */
    struct str
        token_challenge; /* WWW-Authenticate with URIs of the cluster's OAuth2 relay, likewise */
};

/* Appends "Name: value CRLF" lines to `out`. `from` is the cluster's dialect, `to` the client's
 * (DIALECT_NONE = pass what comes). In the same dialect everything passes byte for byte and in
 * order but hop-by-hop headers, Content-Length, Content-Encoding, Date, Server, Location (the
 * gateway writes its own); Cookies pass. Across dialects headers are renamed, those unknown to the
 * client are dropped, and packed prepared statements unpacked for Presto clients. A full `out`
 * shows in its overflow mark. */
void response_headers(struct buf *out, struct arena *a, const struct header *h, size_t n,
                      enum dialect from, enum dialect to, struct response_seen *seen);

#endif
