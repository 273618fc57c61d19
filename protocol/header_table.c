/* SPDX-License-Identifier: Apache-2.0 */
/* header_table.c - see header_table.h.
 *
 * Each table is ordered by name length, and `*_of_length` says where a length begins; a length
 * nobody has points at row 0, whose name is shorter. The lookup runs for every header of every
 * poll, so it compares bytes exactly first and folds case only when that failed. */
#include "protocol/header_table.h"

#define TEXT(name, by)                                                                             \
    {                                                                                              \
        .suffix = {name, sizeof(name) - 1}, .known_by = (by)                                       \
    }
#define LIST(name, by, presto, trino)                                                              \
    {                                                                                              \
        .suffix = {name, sizeof(name) - 1}, .known_by = (by), .kind = HEADER_LIST, .syntax = {     \
            [DIALECT_PRESTO] = (presto),                                                           \
            [DIALECT_TRINO] = (trino)                                                              \
        }                                                                                          \
    }
#define VALUE LIST_CODED_VALUE
#define BOTH_CODED (LIST_CODED_NAME | LIST_CODED_VALUE)
#define ONE LIST_ONE_EQUALS

const struct header_row request_rows[REQUEST_ID_COUNT] = {
    [REQUEST_USER] = TEXT("User", BY_BOTH),
    [REQUEST_PATH] = TEXT("Path", BY_TRINO),
    [REQUEST_ROLE] = LIST("Role", BY_BOTH, VALUE, ONE | VALUE),
    [REQUEST_SOURCE] = TEXT("Source", BY_BOTH),
    [REQUEST_SCHEMA] = TEXT("Schema", BY_BOTH),
    [REQUEST_CATALOG] = TEXT("Catalog", BY_BOTH),
    [REQUEST_SESSION] = LIST("Session", BY_BOTH, ONE | VALUE, ONE | VALUE),
    [REQUEST_LANGUAGE] = TEXT("Language", BY_BOTH),
    [REQUEST_TIME_ZONE] = TEXT("Time-Zone", BY_BOTH),
    [REQUEST_PREFIX_URL] = TEXT("Prefix-Url", BY_PRESTO),
    [REQUEST_TRACE_TOKEN] = TEXT("Trace-Token", BY_BOTH),
    [REQUEST_CLIENT_INFO] = TEXT("Client-Info", BY_BOTH),
    [REQUEST_CLIENT_TAGS] = TEXT("Client-Tags", BY_BOTH),
    [REQUEST_RETRY_QUERY] = TEXT("Retry-Query", BY_PRESTO),
    [REQUEST_ORIGINAL_USER] = TEXT("Original-User", BY_TRINO),
    [REQUEST_ROUTING_GROUP] = TEXT("Routing-Group", 0),
    [REQUEST_TRANSACTION_ID] = TEXT("Transaction-Id", BY_BOTH),
    [REQUEST_ORIGINAL_ROLES] = TEXT("Original-Roles", BY_TRINO),
    [REQUEST_SESSION_FUNCTION] = LIST("Session-Function", BY_PRESTO, BOTH_CODED, 0),
    [REQUEST_EXTRA_CREDENTIAL] = LIST("Extra-Credential", BY_BOTH, VALUE, ONE | VALUE),
    [REQUEST_RESOURCE_ESTIMATE] = LIST("Resource-Estimate", BY_BOTH, 0, ONE | VALUE),
    [REQUEST_PREPARED_STATEMENT] =
        LIST("Prepared-Statement", BY_BOTH, BOTH_CODED, ONE | BOTH_CODED),
    [REQUEST_CLIENT_CAPABILITIES] = TEXT("Client-Capabilities", BY_TRINO),
    [REQUEST_QUERY_DATA_ENCODING] = TEXT("Query-Data-Encoding", BY_TRINO),
};

static const unsigned char request_of_length[] = {
    [4] = REQUEST_USER,
    [6] = REQUEST_SOURCE,
    [7] = REQUEST_CATALOG,
    [8] = REQUEST_LANGUAGE,
    [9] = REQUEST_TIME_ZONE,
    [10] = REQUEST_PREFIX_URL,
    [11] = REQUEST_TRACE_TOKEN,
    [13] = REQUEST_ORIGINAL_USER,
    [14] = REQUEST_TRANSACTION_ID,
    [16] = REQUEST_SESSION_FUNCTION,
    [17] = REQUEST_RESOURCE_ESTIMATE,
    [18] = REQUEST_PREPARED_STATEMENT,
    [19] = REQUEST_CLIENT_CAPABILITIES,
};

/* Set-Role keeps its `system=` entries even for a Presto client: it only sends them back, and the
 * cluster that set the role must see them again. */
const struct header_row response_rows[RESPONSE_ID_COUNT] = {
    [RESPONSE_SET_ROLE] = TEXT("Set-Role", BY_BOTH),
    [RESPONSE_SET_PATH] = TEXT("Set-Path", BY_TRINO),
    [RESPONSE_SET_SCHEMA] = TEXT("Set-Schema", BY_BOTH),
    [RESPONSE_SET_CATALOG] = TEXT("Set-Catalog", BY_BOTH),
    [RESPONSE_SET_SESSION] = TEXT("Set-Session", BY_BOTH),
    [RESPONSE_CLEAR_SESSION] = TEXT("Clear-Session", BY_BOTH),
    [RESPONSE_ADDED_PREPARE] = LIST("Added-Prepare", BY_BOTH, BOTH_CODED, BOTH_CODED),
    [RESPONSE_SET_ORIGINAL_ROLES] = TEXT("Set-Original-Roles", BY_TRINO),
    [RESPONSE_QUERY_DATA_ENCODING] = TEXT("Query-Data-Encoding", BY_TRINO),
    [RESPONSE_DEALLOCATED_PREPARE] = TEXT("Deallocated-Prepare", BY_BOTH),
    [RESPONSE_CLEAR_TRANSACTION_ID] = TEXT("Clear-Transaction-Id", BY_BOTH),
    [RESPONSE_SET_AUTHORIZATION_USER] = TEXT("Set-Authorization-User", BY_TRINO),
    [RESPONSE_STARTED_TRANSACTION_ID] = TEXT("Started-Transaction-Id", BY_BOTH),
    [RESPONSE_ADDED_SESSION_FUNCTIONS] = TEXT("Added-Session-Functions", BY_PRESTO),
    [RESPONSE_RESET_AUTHORIZATION_USER] = TEXT("Reset-Authorization-User", BY_TRINO),
    [RESPONSE_REMOVED_SESSION_FUNCTION] = TEXT("Removed-Session-Function", BY_PRESTO),
};

static const unsigned char response_of_length[] = {
    [8] = RESPONSE_SET_ROLE,
    [10] = RESPONSE_SET_SCHEMA,
    [11] = RESPONSE_SET_CATALOG,
    [13] = RESPONSE_CLEAR_SESSION,
    [18] = RESPONSE_SET_ORIGINAL_ROLES,
    [19] = RESPONSE_QUERY_DATA_ENCODING,
    [20] = RESPONSE_CLEAR_TRANSACTION_ID,
    [22] = RESPONSE_SET_AUTHORIZATION_USER,
    [23] = RESPONSE_ADDED_SESSION_FUNCTIONS,
    [24] = RESPONSE_RESET_AUTHORIZATION_USER,
};

#define HOP (PLAIN_NOT_IN_REQUEST | PLAIN_NOT_IN_RESPONSE)
#define PLAIN(name, what, ends)                                                                    \
    {                                                                                              \
        {name, sizeof(name) - 1}, (what), (ends)                                                   \
    }

static const struct plain_row {
    struct str name;
    unsigned char id, ends_here;
} plain_rows[] = {
    PLAIN("TE", PLAIN_DROPPED, HOP),
    PLAIN("Via", PLAIN_DROPPED, HOP),
    PLAIN("Host", PLAIN_DROPPED, PLAIN_NOT_IN_REQUEST),
    PLAIN("Date", PLAIN_DROPPED, PLAIN_NOT_IN_RESPONSE),
    PLAIN("Expect", PLAIN_DROPPED, PLAIN_NOT_IN_REQUEST),
    PLAIN("Server", PLAIN_DROPPED, PLAIN_NOT_IN_RESPONSE),
    PLAIN("Trailer", PLAIN_DROPPED, HOP),
    PLAIN("Upgrade", PLAIN_DROPPED, HOP),
    PLAIN("Location", PLAIN_LOCATION, PLAIN_NOT_IN_RESPONSE),
    PLAIN("Forwarded", PLAIN_DROPPED, PLAIN_NOT_IN_REQUEST),
    PLAIN("Connection", PLAIN_CONNECTION, HOP),
    PLAIN("Keep-Alive", PLAIN_DROPPED, HOP),
    PLAIN("User-Agent", PLAIN_USER_AGENT, 0),
    PLAIN("Content-Type", PLAIN_CONTENT_TYPE, 0),
    PLAIN("Cache-Control", PLAIN_CACHE_CONTROL, 0),
    PLAIN("Content-Length", PLAIN_DROPPED, HOP),
    PLAIN("Accept-Encoding", PLAIN_DROPPED, PLAIN_NOT_IN_REQUEST),
    PLAIN("Content-Encoding", PLAIN_CONTENT_ENCODING, PLAIN_NOT_IN_RESPONSE),
    PLAIN("WWW-Authenticate", PLAIN_WWW_AUTHENTICATE, 0),
    PLAIN("Transfer-Encoding", PLAIN_DROPPED, HOP),
};

static const unsigned char plain_of_length[] = {
    [2] = 0,   [3] = 1,   [4] = 2,   [6] = 4,   [7] = 6,   [8] = 8,   [9] = 9,
    [10] = 10, [12] = 13, [13] = 14, [14] = 15, [15] = 16, [16] = 17, [17] = 19,
};

static const struct {
    struct str prefix;
    unsigned ends_here;
} plain_prefixes[] = {
    {{"Proxy-", 6}, HOP},
    {{"X-Forwarded-", 12}, PLAIN_NOT_IN_REQUEST},
};

static inline bool same_name(struct str a, struct str b)
{
    return a.n == b.n &&
           (memcmp(a.p, b.p, b.n) == 0 || (((a.p[0] ^ b.p[0]) & 0xdf) == 0 && str_eq_nocase(a, b)));
}

enum dialect header_dialect(struct str name, struct str *suffix)
{
    if (name.n < 8 || (name.p[0] | 0x20) != 'x' || name.p[1] != '-')
        return DIALECT_NONE;
    if (memcmp(name.p, "X-Trino-", 8) == 0 || str_starts_nocase(name, STR("X-Trino-"))) {
        *suffix = str_skip(name, 8);
        return DIALECT_TRINO;
    }
    if (str_starts_nocase(name, STR("X-Presto-"))) {
        *suffix = str_skip(name, 9);
        return DIALECT_PRESTO;
    }
    return DIALECT_NONE;
}

static inline size_t find_row(const struct header_row *rows, size_t count,
                              const unsigned char *of_length, size_t lengths, struct str suffix)
{
    if (suffix.n >= lengths)
        return count;
    for (size_t i = of_length[suffix.n]; i < count && rows[i].suffix.n == suffix.n; i++)
        if (same_name(suffix, rows[i].suffix))
            return i;
    return count;
}

enum request_id request_id_of(struct str suffix)
{
    return (enum request_id)find_row(request_rows, REQUEST_ID_COUNT, request_of_length,
                                     ARRAY_LEN(request_of_length), suffix);
}

enum response_id response_id_of(struct str suffix)
{
    return (enum response_id)find_row(response_rows, RESPONSE_ID_COUNT, response_of_length,
                                      ARRAY_LEN(response_of_length), suffix);
}

enum plain_id plain_id_of(struct str name, unsigned *ends_here)
{
    *ends_here = 0;
    if (name.n < ARRAY_LEN(plain_of_length)) {
        size_t i = plain_of_length[name.n];

        for (; i < ARRAY_LEN(plain_rows) && plain_rows[i].name.n == name.n; i++)
            if (same_name(name, plain_rows[i].name)) {
                *ends_here = plain_rows[i].ends_here;
                return plain_rows[i].id;
            }
    }
    for (size_t i = 0; i < ARRAY_LEN(plain_prefixes); i++)
        if (name.n > 0 && ((name.p[0] ^ plain_prefixes[i].prefix.p[0]) & 0xdf) == 0 &&
            str_starts_nocase(name, plain_prefixes[i].prefix)) {
            *ends_here = plain_prefixes[i].ends_here;
            return PLAIN_DROPPED;
        }
    return PLAIN_OTHER;
}

bool connection_names_any(const struct header *h, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct str v = h[i].value;

        if (h[i].name.n == 10 && same_name(h[i].name, STR("Connection")) &&
            !str_eq_nocase(v, STR("keep-alive")) && !str_eq_nocase(v, STR("close")))
            return true;
    }
    return false;
}

bool connection_names(const struct header *h, size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++) {
        struct str rest = h[i].value;

        if (!str_eq_nocase(h[i].name, STR("Connection")))
            continue;
        while (rest.p != NULL)
            if (str_eq_nocase(str_trim(str_split(&rest, ',')), name))
                return true;
    }
    return false;
}

void header_put(struct buf *out, struct str prefix, struct str suffix, struct str value)
{
    char *at = buf_reserve(out, prefix.n + suffix.n + value.n + 4);

    if (at == NULL)
        return;
    out->n += prefix.n + suffix.n + value.n + 4;
    if (prefix.n > 0)
        at = mempcpy(at, prefix.p, prefix.n);
    if (suffix.n > 0)
        at = mempcpy(at, suffix.p, suffix.n);
    at = mempcpy(at, ": ", 2);
    if (value.n > 0)
        at = mempcpy(at, value.p, value.n);
    memcpy(at, "\r\n", 2);
}
