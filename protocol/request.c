/* SPDX-License-Identifier: Apache-2.0 */
/* request.c - see request.h.
 *
 * Each header goes one of three ways: plain HTTP, the cluster's own dialect (pass_own), the other
 * dialect (cross). The dialect is each header's own, so a poll needs no session to be read first.
 */
#include "protocol/request.h"

#include "protocol/list.h"
#include "protocol/prepared.h"
#include "protocol/urlcode.h"

struct writer {
    struct buf *out;
    struct arena *arena;
    const struct request_rules *rules;
    const struct header *headers;
    size_t count;
    struct str prefix; /* of the cluster's dialect */
    struct str user, original_user;
    bool user_written;
    bool connection_names; /* a Connection header names other headers */
    struct buf scratch;
    struct error *err;
};

static int invalid(struct writer *w, enum dialect from, enum request_id id)
{
    return error_set(w->err, ERR_INVALID, "Invalid %s%s header", dialect_prefix(from).p,
                     request_rows[id].suffix.p);
}

/* ---- session properties ---- */

/* False when the cluster must not see the property; `*name` may be changed. */
static bool map_property(const struct request_rules *r, struct str *name)
{
    for (size_t i = 0; i < r->drop_count; i++)
        if (str_eq(*name, str_c(r->drop_properties[i])))
            return false;
    for (size_t i = 0; i < r->rename_count; i++) {
        struct str to = str_c(r->rename_properties[i]), from = str_split(&to, '=');

        if (to.n > 0 && str_eq(*name, from)) {
            *name = to;
            break;
        }
    }
    return true;
}

/* ---- the same dialect ---- */

/* Appends the entries that stay, as they are. False when none is left. */
static bool filter_list(struct writer *w, enum request_id id, struct str list)
{
    size_t start = w->out->n;
    struct str entry, ignored;

    while (list_next(&list, &entry)) {
        struct list_entry e;

        if (id == REQUEST_EXTRA_CREDENTIAL && list_is_hint(entry, &ignored))
            continue;
        if (id == REQUEST_SESSION && list_split(entry, 0, &e)) {
            struct str name = e.name;

            if (!map_property(w->rules, &name))
                continue;
            if (w->out->n > start)
                buf_put_c(w->out, ',');
            buf_put_str(w->out, name);
            buf_put_str(w->out, str_skip(entry, str_find(entry, '=')));
            continue;
        }
        if (w->out->n > start)
            buf_put_c(w->out, ',');
        buf_put_str(w->out, entry);
    }
    return w->out->n > start;
}

static void put_filtered(struct writer *w, const struct header *h, enum request_id id)
{
    size_t before = w->out->n;

    buf_put_str(w->out, h->name);
    buf_put(w->out, ": ", 2);
    if (filter_list(w, id, h->value))
        buf_put(w->out, "\r\n", 2);
    else
        w->out->n = before;
}

static bool has_hint(struct str list)
{
    struct str entry, ignored;

    while (list_next(&list, &entry))
        if (list_is_hint(entry, &ignored))
            return true;
    return false;
}

/* Does one of the rules change this header, so that it cannot pass as it is? */
static bool must_filter(const struct request_rules *r, enum request_id id, struct str value)
{
    if (id == REQUEST_EXTRA_CREDENTIAL)
        return r->strip_hint && has_hint(value);
    return id == REQUEST_SESSION && value.n > 0 && r->drop_count + r->rename_count > 0;
}

static void pass_own(struct writer *w, const struct header *h, enum request_id id)
{
    if (id == REQUEST_QUERY_DATA_ENCODING && !w->rules->spooling)
        return;
    if (id == REQUEST_USER) {
        if (h->value.n == 0 && w->rules->fallback_user.n > 0)
            return;
        w->user_written |= h->value.n > 0;
    } else if (id == REQUEST_ORIGINAL_USER) {
        w->user_written |= h->value.n > 0;
    }
    if (must_filter(w->rules, id, h->value))
        put_filtered(w, h, id);
    else
        header_put(w->out, STR_NONE, h->name, h->value);
}

/* ---- the other dialect ---- */

struct pair {
    struct str name, value; /* decoded */
    bool dropped;
};

/* What a list's entry becomes on the other side. */
static int map_entry(struct writer *w, enum request_id id, struct pair *p)
{
    const struct request_rules *r = w->rules;

    switch (id) {
    case REQUEST_SESSION:
        p->dropped = !map_property(r, &p->name);
        return OK;
    case REQUEST_ROLE: /* Presto has no system role */
        p->dropped = r->to == DIALECT_PRESTO && str_eq_nocase(p->name, STR("system"));
        return OK;
    case REQUEST_RESOURCE_ESTIMATE: /* Trino refuses names that it does not know */
        p->dropped = r->to == DIALECT_TRINO && str_eq_nocase(p->name, STR("PEAK_TASK_MEMORY"));
        return OK;
    case REQUEST_PREPARED_STATEMENT:
        p->dropped = r->add_prepared_name.n > 0 && str_eq(p->name, r->add_prepared_name);
        return r->to == DIALECT_PRESTO && !p->dropped
                   ? prepared_unpack(&p->value, p->value, &w->scratch, w->err)
                   : OK;
    default:
        return OK;
    }
}

static int decode_entry(struct writer *w, unsigned syntax, struct str entry, struct pair *out)
{
    struct list_entry e;

    if (!list_split(entry, syntax, &e))
        return ERR_INVALID;
    *out = (struct pair){.name = e.name, .value = e.value};
    if (syntax & LIST_CODED_NAME && !url_decode(&out->name, w->arena, e.name))
        return ERR_INVALID;
    if (syntax & LIST_CODED_VALUE && !url_decode(&out->value, w->arena, e.value))
        return ERR_INVALID;
    return OK;
}

/* May `s` stand in a list as it is? */
static bool is_safe_raw(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f || s.p[i] == ',')
            return false;
    return true;
}

static int put_part(struct buf *out, struct str s, bool coded)
{
    if (coded)
        url_encode(out, s);
    else if (is_safe_raw(s))
        buf_put_str(out, s);
    else
        return ERR_INVALID;
    return OK;
}

static int put_pair(struct buf *out, unsigned syntax, const struct pair *p)
{
    TRY(put_part(out, p->name, syntax & LIST_CODED_NAME));
    buf_put_c(out, '=');
    return put_part(out, p->value, syntax & LIST_CODED_VALUE);
}

/* A property name with more dots than Presto understands belongs to no catalog of Presto. */
static bool is_name_for(enum dialect to, enum request_id id, struct str name)
{
    struct str rest = name;

    if (id != REQUEST_SESSION)
        return true;
    str_split(&rest, '.');
    return name.n > 0 && (to == DIALECT_TRINO || str_find(rest, '.') == rest.n);
}

static int cross_entries(struct writer *w, enum dialect from, enum request_id id, struct str list)
{
    const struct header_row *row = &request_rows[id];
    size_t start = w->out->n;
    struct str entry, ignored;
    struct pair p;

    while (!w->out->overflow && list_next(&list, &entry)) {
        if (id == REQUEST_EXTRA_CREDENTIAL && w->rules->strip_hint && list_is_hint(entry, &ignored))
            continue;
        if (decode_entry(w, row->syntax[from], entry, &p) != OK)
            return invalid(w, from, id);
        TRY(map_entry(w, id, &p));
        if (p.dropped)
            continue;
        if (w->out->n > start)
            buf_put_c(w->out, ',');
        if (!is_name_for(w->rules->to, id, p.name) ||
            put_pair(w->out, row->syntax[w->rules->to], &p) != OK)
            return invalid(w, from, id);
    }
    return OK;
}

static int cross_list(struct writer *w, enum dialect from, enum request_id id, struct str list)
{
    size_t before = w->out->n, start;

    buf_put_str(w->out, w->prefix);
    buf_put_str(w->out, request_rows[id].suffix);
    buf_put(w->out, ": ", 2);
    start = w->out->n;
    TRY(cross_entries(w, from, id, list));
    if (w->out->n > start)
        buf_put(w->out, "\r\n", 2);
    else
        w->out->n = before;
    return OK;
}

static int cross(struct writer *w, enum dialect from, enum request_id id, struct str value)
{
    if (id == REQUEST_USER || id == REQUEST_ORIGINAL_USER) {
        struct str *to = id == REQUEST_USER ? &w->user : &w->original_user;

        *to = to->n > 0 ? *to : value;
        return OK;
    }
    if (id == REQUEST_UNKNOWN || w->rules->poll || (request_rows[id].known_by & BY_BOTH) != BY_BOTH)
        return OK;
    if (request_rows[id].kind == HEADER_LIST)
        return cross_list(w, from, id, value);
    header_put(w->out, w->prefix, request_rows[id].suffix, value);
    return OK;
}

/* ---- all ---- */

static int put_header(struct writer *w, const struct header *h)
{
    struct str suffix;
    unsigned ends_here;
    enum dialect from = header_dialect(h->name, &suffix);
    enum request_id id;

    if (w->connection_names && connection_names(w->headers, w->count, h->name))
        return OK;
    if (from == DIALECT_NONE) {
        plain_id_of(h->name, &ends_here);
        if (!(ends_here & PLAIN_NOT_IN_REQUEST))
            header_put(w->out, STR_NONE, h->name, h->value);
        return OK;
    }
    id = request_id_of(suffix);
    if (id == REQUEST_ROUTING_GROUP || id == REQUEST_PREFIX_URL) /* meant for whom makes the URIs */
        return OK;
    if (from != w->rules->to)
        return cross(w, from, id, h->value);
    pass_own(w, h, id);
    return OK;
}

/* After SET SESSION AUTHORIZATION Trino's User is the new one, which is whom Presto must know. */
static void put_user(struct writer *w)
{
    struct str user = w->user.n > 0 ? w->user : w->original_user;

    if (user.n == 0 && !w->user_written)
        user = w->rules->fallback_user;
    if (user.n > 0)
        header_put(w->out, w->prefix, request_rows[REQUEST_USER].suffix, user);
}

static void put_added_prepared(struct writer *w)
{
    const struct request_rules *r = w->rules;

    if (r->add_prepared_name.n == 0)
        return;
    buf_put_str(w->out, w->prefix);
    buf_put_str(w->out, request_rows[REQUEST_PREPARED_STATEMENT].suffix);
    buf_put(w->out, ": ", 2);
    url_encode(w->out, r->add_prepared_name);
    buf_put_c(w->out, '=');
    url_encode(w->out, r->add_prepared_sql);
    buf_put(w->out, "\r\n", 2);
}

int request_headers(struct buf *out, struct arena *a, const struct header *h, size_t n,
                    const struct request_rules *r, struct error *err)
{
    struct writer w = {.out = out,
                       .arena = a,
                       .rules = r,
                       .headers = h,
                       .count = n,
                       .prefix = dialect_prefix(r->to),
                       .connection_names = connection_names_any(h, n),
                       .scratch = buf_make(PREPARED_MAX_BYTES),
                       .err = err};
    int rc = OK;

    for (size_t i = 0; i < n && rc == OK; i++)
        rc = put_header(&w, &h[i]);
    buf_reset(&w.scratch);
    if (rc != OK)
        return rc;
    put_user(&w);
    put_added_prepared(&w);
    return out->overflow ? error_set(err, ERR_LIMIT, "Request headers are too large") : OK;
}
