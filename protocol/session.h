/* SPDX-License-Identifier: Apache-2.0 */
/* session.h - what the gateway itself must know of a request's headers.
 *
 * The strings are views of the headers or live in the arena given to session_read(). Pure
 * functions. Errors are ERR_INVALID with the words of a coordinator's 400 answer, and nothing is
 * refused that a coordinator of the client's dialect would take. */
#ifndef PROTOCOL_SESSION_H
#define PROTOCOL_SESSION_H

#include "base/mem.h"
#include "protocol/dialect.h"
#include "base/header.h"

enum session_transaction {
    SESSION_TRANSACTION_ABSENT, /* no header: the client cannot do transactions */
    SESSION_TRANSACTION_NONE,
    SESSION_TRANSACTION_ID
};

struct session {
    enum dialect dialect;
    unsigned capabilities; /* CAP_*; 0 for a Presto client */
    struct str user, original_user, source, catalog, schema, client_info, trace_token, user_agent;
    struct str client_tags; /* the list as sent, comma-separated */
    enum session_transaction transaction;
    struct str transaction_id;
    struct str hint;          /* Extra-Credential "routing", decoded; empty = none */
    struct str routing_group; /* X-*-Routing-Group; empty = none */
    struct str prefix_url;    /* Presto: to be put before the URIs that the client gets */
    bool has_hint;            /* a routing entry is there, even an empty one */
    bool query_data_encoding; /* the client can read spooled results */
};

/* The dialect alone, for polls: any X-Trino-* or X-Presto-* header decides, both are an error.
 * Routing-Group is meant for gateways and counts only when nothing else does. */
MUST_USE int session_dialect(enum dialect *out, const struct header *h, size_t n,
                             struct error *err);

/* A header that comes twice counts once, the first; lists count whole. No user is no error here. */
MUST_USE int session_read(struct session *out, struct arena *a, const struct header *h, size_t n,
                          struct error *err);

/* Does the comma-separated `tags` hold `tag`? */
bool session_has_tag(struct str tags, struct str tag);

#endif
