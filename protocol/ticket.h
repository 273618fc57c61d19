/* SPDX-License-Identifier: Apache-2.0 */
/* ticket.h - the sealed text in every URI that the gateway hands out.
 *
 * A ticket names the backend and the engine's own continuation, so that any instance that holds the
 * key can serve the next page without a look-up. AES-256-GCM; the query id of the URI is
 * authenticated with it. The nonce is a keyed hash (SipHash-128) of what is sealed: equal content
 * gives the equal ticket, which is what makes a replayed page equal to the last byte, and different
 * content never shares a nonce. Source: NIST SP 800-38D; the synthetic nonce follows the idea of
 * RFC 8452. */
#ifndef PROTOCOL_TICKET_H
#define PROTOCOL_TICKET_H

#include "protocol/dialect.h"

#define TICKET_KEY_BYTES 32
#define TICKET_KEYS_MAX 8
#define TICKET_PATH_MAX 4096

enum ticket_kind {
    TICKET_POLL = 1,
    TICKET_PARTIAL_CANCEL,
    TICKET_SEGMENT, /* download or acknowledgement of a spooled segment at the coordinator */
    TICKET_RELAY    /* OAuth2 and other pages of a cluster */
};

struct ticket {
    enum ticket_kind kind;
    enum dialect client, cluster;
    unsigned capabilities; /* CAP_* of the client */
    struct str backend;    /* its name, at most 64 bytes */
    struct str path;       /* the engine's continuation: a cluster's path and query */
};

/* Seals with the first key, opens with any. One a thread: it keeps cipher contexts. */
struct ticket_box;

MUST_USE int ticket_box_new(struct ticket_box **out, const unsigned char (*keys)[TICKET_KEY_BYTES],
                            size_t count, uint64_t ttl_ms, struct error *err);
void ticket_box_free(struct ticket_box *b);

/* Appends the ticket of `t`, bound to `id` (may be empty), as URL-safe text [A-Za-z0-9_-].
 * `now_ms` is wall clock: a ticket lives at least the box's ttl from then. */
void ticket_seal(struct ticket_box *b, const struct ticket *t, struct str id, uint64_t now_ms,
                 struct buf *out);

/* Opens `text`. Strings of `out` are views of the box's memory until its next call. ERR_NOT_FOUND:
 * forged, sealed by a foreign key, for another id, or expired. */
MUST_USE int ticket_open(struct ticket_box *b, struct str text, struct str id, uint64_t now_ms,
                         struct ticket *out, struct error *err);

#endif
