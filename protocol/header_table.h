/* SPDX-License-Identifier: Apache-2.0 */
/* header_table.h - what is known of each header: one table of request headers, one of response
 * headers, one of the plain HTTP headers that a gateway must not pass on.
 *
 * Names are looked up by length first: most of them are alone with theirs. */
#ifndef PROTOCOL_HEADER_TABLE_H
#define PROTOCOL_HEADER_TABLE_H

#include "protocol/dialect.h"
#include "base/header.h"

/* Dialects that know a header. */
enum { BY_PRESTO = 1 << DIALECT_PRESTO, BY_TRINO = 1 << DIALECT_TRINO, BY_BOTH = 6 };

/* Ordered by the length of the suffix (see header_table.c). */
enum request_id {
    REQUEST_USER,
    REQUEST_PATH,
    REQUEST_ROLE,
    REQUEST_SOURCE,
    REQUEST_SCHEMA,
    REQUEST_CATALOG,
    REQUEST_SESSION,
    REQUEST_LANGUAGE,
    REQUEST_TIME_ZONE,
    REQUEST_PREFIX_URL,
    REQUEST_TRACE_TOKEN,
    REQUEST_CLIENT_INFO,
    REQUEST_CLIENT_TAGS,
    REQUEST_RETRY_QUERY,
    REQUEST_ORIGINAL_USER,
    REQUEST_ROUTING_GROUP,
    REQUEST_TRANSACTION_ID,
    REQUEST_ORIGINAL_ROLES,
    REQUEST_SESSION_FUNCTION,
    REQUEST_EXTRA_CREDENTIAL,
    REQUEST_RESOURCE_ESTIMATE,
    REQUEST_PREPARED_STATEMENT,
    REQUEST_CLIENT_CAPABILITIES,
    REQUEST_QUERY_DATA_ENCODING,
    REQUEST_ID_COUNT,
    REQUEST_UNKNOWN = REQUEST_ID_COUNT
};

enum response_id {
    RESPONSE_SET_ROLE,
    RESPONSE_SET_PATH,
    RESPONSE_SET_SCHEMA,
    RESPONSE_SET_CATALOG,
    RESPONSE_SET_SESSION,
    RESPONSE_CLEAR_SESSION,
    RESPONSE_ADDED_PREPARE,
    RESPONSE_SET_ORIGINAL_ROLES,
    RESPONSE_QUERY_DATA_ENCODING,
    RESPONSE_DEALLOCATED_PREPARE,
    RESPONSE_CLEAR_TRANSACTION_ID,
    RESPONSE_SET_AUTHORIZATION_USER,
    RESPONSE_STARTED_TRANSACTION_ID,
    RESPONSE_ADDED_SESSION_FUNCTIONS,
    RESPONSE_RESET_AUTHORIZATION_USER,
    RESPONSE_REMOVED_SESSION_FUNCTION,
    RESPONSE_ID_COUNT,
    RESPONSE_UNKNOWN = RESPONSE_ID_COUNT
};

/* How a dialect's servers read the entries of a list (0 = name, first '=', value as it stands). */
enum {
    LIST_ONE_EQUALS = 1, /* a second '=' is an error */
    LIST_CODED_VALUE = 2,
    LIST_CODED_NAME = 4
};

enum header_kind { HEADER_TEXT, HEADER_LIST };

struct header_row {
    struct str suffix;
    unsigned char known_by;  /* BY_*; crossing to a dialect that does not know it, it is dropped */
    unsigned char kind;      /* enum header_kind */
    unsigned char syntax[3]; /* LIST_* by enum dialect */
};

extern const struct header_row request_rows[REQUEST_ID_COUNT];
extern const struct header_row response_rows[RESPONSE_ID_COUNT];

/* DIALECT_NONE for every other name; otherwise `*suffix` is what follows X-Presto- or X-Trino-. */
enum dialect header_dialect(struct str name, struct str *suffix);

enum request_id request_id_of(struct str suffix);
enum response_id response_id_of(struct str suffix);

/* Plain headers that somebody looks at, or that end here: hop-by-hop ones and those of which the
 * gateway writes its own. */
enum plain_id {
    PLAIN_OTHER,
    PLAIN_CONNECTION,
    PLAIN_USER_AGENT,
    PLAIN_LOCATION,
    PLAIN_CACHE_CONTROL,
    PLAIN_CONTENT_TYPE,
    PLAIN_CONTENT_ENCODING,
    PLAIN_WWW_AUTHENTICATE,
    PLAIN_DROPPED /* has no other meaning here */
};
enum { PLAIN_NOT_IN_REQUEST = 1, PLAIN_NOT_IN_RESPONSE = 2 };

/* `*ends_here` gets PLAIN_NOT_IN_* bits. */
enum plain_id plain_id_of(struct str name, unsigned *ends_here);

/* Does a Connection header name anything but keep-alive and close? Hardly ever: ask once, before
 * asking connection_names() whether `name` is among them. */
bool connection_names_any(const struct header *h, size_t n);
bool connection_names(const struct header *h, size_t n, struct str name);

/* Appends "prefix suffix: value CRLF". */
void header_put(struct buf *out, struct str prefix, struct str suffix, struct str value);

#endif
