/* SPDX-License-Identifier: Apache-2.0 */
/* session.c - see session.h. One pass; header_table.c says what a list looks like, the table below
 * which text header lands in which field. */
#include "protocol/session.h"

#include "protocol/list.h"
#include "protocol/urlcode.h"

#include <stddef.h>

static const struct {
    struct str name;
    unsigned bit;
} capabilities[] = {
    {{"PARAMETRIC_DATETIME", 19}, CAP_PARAMETRIC_DATETIME},
    {{"PATH", 4}, CAP_PATH},
    {{"SESSION_AUTHORIZATION", 21}, CAP_SESSION_AUTHORIZATION},
    {{"NUMBER", 6}, CAP_NUMBER},
    {{"VARIANT", 7}, CAP_VARIANT},
    {{"VARIANT_BINARY", 14}, CAP_VARIANT_BINARY},
    {{"PARAMETRIC_INTERVAL", 19}, CAP_PARAMETRIC_INTERVAL},
};

#define FIELD(id, member) [id] = offsetof(struct session, member)
static const unsigned short fields[REQUEST_ID_COUNT] = {
    FIELD(REQUEST_USER, user),
    FIELD(REQUEST_ORIGINAL_USER, original_user),
    FIELD(REQUEST_SOURCE, source),
    FIELD(REQUEST_CATALOG, catalog),
    FIELD(REQUEST_SCHEMA, schema),
    FIELD(REQUEST_CLIENT_INFO, client_info),
    FIELD(REQUEST_CLIENT_TAGS, client_tags),
    FIELD(REQUEST_TRACE_TOKEN, trace_token),
    FIELD(REQUEST_ROUTING_GROUP, routing_group),
    FIELD(REQUEST_PREFIX_URL, prefix_url),
    FIELD(REQUEST_TRANSACTION_ID, transaction_id),
};

/* The field of a text header, or NULL. (No string is the first member of struct session.) */
static struct str *field_of(struct session *s, enum request_id id)
{
    return fields[id] != 0 ? (struct str *)(void *)((char *)s + fields[id]) : NULL;
}

int session_dialect(enum dialect *out, const struct header *h, size_t n, struct error *err)
{
    enum dialect found = DIALECT_NONE, weak = DIALECT_NONE;

    for (size_t i = 0; i < n; i++) {
        struct str suffix;
        enum dialect d = header_dialect(h[i].name, &suffix);

        if (d == DIALECT_NONE || d == found)
            continue;
        if (request_id_of(suffix) == REQUEST_ROUTING_GROUP) {
            weak = d;
            continue;
        }
        if (found != DIALECT_NONE)
            return error_set(err, ERR_INVALID, "Both Trino and Presto headers detected");
        found = d;
    }
    *out = found != DIALECT_NONE ? found : weak;
    return OK;
}

static unsigned read_capabilities(struct str list)
{
    unsigned bits = 0;
    struct str name;

    while (list_next(&list, &name))
        for (size_t i = 0; i < ARRAY_LEN(capabilities); i++)
            if (str_eq(name, capabilities[i].name))
                bits |= capabilities[i].bit;
    return bits;
}

/* trino-js writes the value raw; what cannot be decoded is taken as it stands. The last entry wins,
 * as in the coordinators. */
static void read_hint(struct session *s, struct arena *a, struct str value)
{
    s->has_hint = true;
    if (!url_decode(&s->hint, a, value))
        s->hint = value;
}

static bool is_session_name(struct str name, enum dialect d)
{
    size_t dot = str_find(name, '.');

    if (d == DIALECT_TRINO && dot < name.n) /* a catalog may hold dots: the last one counts */
        for (size_t at = dot; at < name.n; at++)
            dot = name.p[at] == '.' ? at : dot;
    if (dot == name.n)
        return name.n > 0;
    return dot > 0 && dot + 1 < name.n &&
           (d == DIALECT_TRINO || str_find(str_skip(name, dot + 1), '.') == name.n - dot - 1);
}

static int read_list(struct session *s, struct arena *a, enum request_id id, struct str list,
                     struct error *err)
{
    unsigned syntax = request_rows[id].syntax[s->dialect];
    struct str entry, value;

    while (list_next(&list, &entry)) {
        struct list_entry e;

        if (id == REQUEST_EXTRA_CREDENTIAL && list_is_hint(entry, &value))
            read_hint(s, a, value);
        else if (!list_split(entry, syntax, &e) ||
                 (id == REQUEST_SESSION && !is_session_name(e.name, s->dialect)))
            return error_set(err, ERR_INVALID, "Invalid %s%s header", dialect_prefix(s->dialect).p,
                             request_rows[id].suffix.p);
    }
    return OK;
}

static int read_header(struct session *s, struct arena *a, enum request_id id, struct str value,
                       struct error *err)
{
    struct str *field;

    if (id == REQUEST_UNKNOWN)
        return OK;
    if (request_rows[id].kind == HEADER_LIST && request_rows[id].known_by & 1 << s->dialect)
        return read_list(s, a, id, value, err);
    if ((field = field_of(s, id)) != NULL && field->p == NULL)
        *field = value.p != NULL ? value : STR("");
    if (id == REQUEST_CLIENT_CAPABILITIES && s->dialect == DIALECT_TRINO)
        s->capabilities |= read_capabilities(value);
    if (id == REQUEST_QUERY_DATA_ENCODING)
        s->query_data_encoding |= s->dialect == DIALECT_TRINO && value.n > 0;
    return OK;
}

static void read_transaction(struct session *s)
{
    if (s->transaction_id.p == NULL)
        s->transaction = SESSION_TRANSACTION_ABSENT;
    else if (s->transaction_id.n == 0 || str_eq_nocase(s->transaction_id, STR("NONE")))
        s->transaction = SESSION_TRANSACTION_NONE;
    else
        s->transaction = SESSION_TRANSACTION_ID;
    if (s->transaction != SESSION_TRANSACTION_ID)
        s->transaction_id = STR_NONE;
}

int session_read(struct session *out, struct arena *a, const struct header *h, size_t n,
                 struct error *err)
{
    struct session s = {0};

    TRY(session_dialect(&s.dialect, h, n, err));
    for (size_t i = 0; i < n; i++) {
        struct str suffix;
        unsigned ends_here;

        if (header_dialect(h[i].name, &suffix) != DIALECT_NONE)
            TRY(read_header(&s, a, request_id_of(suffix), h[i].value, err));
        else if (s.user_agent.p == NULL && plain_id_of(h[i].name, &ends_here) == PLAIN_USER_AGENT)
            s.user_agent = h[i].value;
    }
    read_transaction(&s);
    if (s.schema.n > 0 && s.catalog.n == 0)
        return error_set(err, ERR_INVALID, "Schema is set but catalog is not");
    *out = s;
    return OK;
}

bool session_has_tag(struct str tags, struct str tag)
{
    struct str one;

    while (list_next(&tags, &one))
        if (str_eq(one, tag))
            return true;
    return false;
}
