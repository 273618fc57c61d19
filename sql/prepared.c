/* SPDX-License-Identifier: Apache-2.0 */
/* prepared.c - see prepared.h. */
#include "sql/prepared.h"

#include "base/json_scan.h"
#include "protocol/list.h"
#include "protocol/prepared.h"
#include "protocol/urlcode.h"

#define BODY_TEXT_MAX_BYTES ((size_t)64 << 20)

/* Under construction: the context's array is the caller's and not written to. */
struct list {
    struct sql_prepared *p;
    uint32_t count, cap;
};

static struct list copy_of(const struct sql_context *c, struct arena *a)
{
    struct list l = {.count = c->prepared_count, .cap = c->prepared_count + 8};

    l.p = arena_alloc(a, l.cap * sizeof(*l.p));
    if (l.count > 0)
        memcpy(l.p, c->prepared, l.count * sizeof(*l.p));
    return l;
}

static void give(struct sql_context *c, const struct list *l)
{
    c->prepared = l->p;
    c->prepared_count = l->count;
}

static void add(struct list *l, struct arena *a, struct str name, struct str sql)
{
    if (l->count >= SQL_PREPARED_MAX)
        return;
    if (l->count == l->cap) {
        struct sql_prepared *more = arena_alloc(a, 2 * (size_t)l->cap * sizeof(*more));

        memcpy(more, l->p, l->count * sizeof(*more));
        l->p = more;
        l->cap *= 2;
    }
    l->p[l->count++] = (struct sql_prepared){name, sql};
}

/* One "name=sql". */
static void add_entry(struct list *l, struct arena *a, struct str entry, unsigned syntax,
                      struct buf *scratch)
{
    struct list_entry e;
    struct str name, value, sql;
    struct error err;

    if (!list_split(entry, syntax, &e) || !url_decode(&name, a, e.name) ||
        !url_decode(&value, a, e.value) || prepared_unpack(&sql, value, scratch, &err) != OK)
        return;
    add(l, a, name, sql.p == scratch->p ? arena_str(a, sql) : sql);
}

static void add_list(struct list *l, struct arena *a, struct str list, enum dialect dialect)
{
    unsigned syntax = request_rows[REQUEST_PREPARED_STATEMENT].syntax[dialect];
    struct buf scratch = buf_make(PREPARED_MAX_BYTES);
    struct str entry;

    while (l->count < SQL_PREPARED_MAX && list_next(&list, &entry))
        add_entry(l, a, entry, syntax, &scratch);
    buf_reset(&scratch);
}

void sql_prepared_add_list(struct sql_context *c, struct arena *a, struct str list,
                           enum dialect dialect)
{
    struct list l = copy_of(c, a);

    add_list(&l, a, list, dialect);
    give(c, &l);
}

/* The dialect of a header that has prepared statements, else DIALECT_NONE. */
static enum dialect dialect_of(const struct header *h)
{
    struct str suffix;
    enum dialect dialect = header_dialect(h->name, &suffix);

    if (dialect != DIALECT_NONE && request_id_of(suffix) == REQUEST_PREPARED_STATEMENT)
        return dialect;
    return DIALECT_NONE;
}

void sql_prepared_add_headers(struct sql_context *c, struct arena *a, const struct header *h,
                              size_t n)
{
    struct list l = copy_of(c, a);

    for (size_t i = 0; i < n; i++) {
        enum dialect dialect = dialect_of(&h[i]);

        if (dialect != DIALECT_NONE)
            add_list(&l, a, h[i].value, dialect);
    }
    give(c, &l);
}

bool sql_prepared_wanted(struct str sql)
{
    size_t at = 0;

    while (at < sql.n && (sql.p[at] == ' ' || (sql.p[at] >= '\t' && sql.p[at] <= '\r')))
        at++;
    sql = str_skip(sql, at);
    return str_starts_nocase(sql, STR("EXECUTE")) || str_starts_nocase(sql, STR("DESCRIBE")) ||
           str_starts_nocase(sql, STR("EXPLAIN"));
}

struct str sql_prepared_join(struct arena *a, const struct header *h, size_t n)
{
    struct str all = STR_NONE;

    for (size_t i = 0; i < n; i++) {
        if (dialect_of(&h[i]) == DIALECT_NONE)
            continue;
        if (all.n == 0)
            all = h[i].value;
        else
            all = arena_printf(a, "%.*s,%.*s", STR_ARG(all), STR_ARG(h[i].value));
    }
    return all;
}

/* ---- bodies ---- */

static struct str unescaped(struct arena *a, struct str text)
{
    struct buf out = buf_make(BODY_TEXT_MAX_BYTES);

    if (str_find(text, '\\') == text.n)
        return text;
    jscan_unescape(&out, text);
    text = arena_str(a, buf_str(&out));
    buf_reset(&out);
    return text;
}

static void read_prepared(struct jscan *s, struct list *l, struct arena *a)
{
    for (bool more = jscan_enter(s, '{'); more; more = jscan_more(s, '}')) {
        struct str name, sql;

        if (jscan_key(s, &name) && jscan_string(s, &sql))
            add(l, a, unescaped(a, name), unescaped(a, sql));
    }
}

bool sql_prepared_read_body(struct sql_context *c, struct str *query, struct arena *a,
                            struct str body)
{
    struct jscan s = jscan_of(body);
    struct list l = copy_of(c, a);
    struct str key, text = STR_NONE;
    bool found = false;

    for (bool more = jscan_enter(&s, '{'); more; more = jscan_more(&s, '}')) {
        if (!jscan_key(&s, &key))
            break;
        if (str_eq(key, STR("query")))
            found = jscan_string(&s, &text);
        else if (str_eq(key, STR("preparedStatements")) && jscan_peek(&s) != JSCAN_NULL)
            read_prepared(&s, &l, a);
        else
            jscan_skip(&s, NULL);
    }
    if (!jscan_end(&s) || !found)
        return false;
    *query = unescaped(a, text);
    give(c, &l);
    return true;
}
