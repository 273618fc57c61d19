/* SPDX-License-Identifier: Apache-2.0 */
/* page.c - see page.h.
 *
 * One pass over the document's members remembers where each value is. "data", the bulk, is
 * converted as soon as it is met, provided the columns came before it, as both servers send them;
 * everything small is written after the pass, in the order in which the servers write it.
 *
 * Statements without a result differ: Trino answers `"columns":[]` and no data, Presto a column
 * `result` of type boolean and the row [true] on the last page. To tell Presto's from a real one
 * the updateType is needed, which follows the data: such a column makes the data wait. (Without an
 * updateType it is kept: EXPLAIN (TYPE VALIDATE), SELECT true AS result.) */
#include "protocol/page.h"

#include "base/json_scan.h"
#include "protocol/page_parts.h"
#include "protocol/type.h"
#include "protocol/value.h"

enum member {
    M_ID,
    M_INFO_URI,
    M_PARTIAL_CANCEL_URI,
    M_NEXT_URI,
    M_COLUMNS,
    M_DATA,
    M_STATS,
    M_ERROR,
    M_WARNINGS,
    M_UPDATE_TYPE,
    M_UPDATE_COUNT,
    M_BINARY_DATA,
    M_COUNT
};

static const char *const member_names[M_COUNT] = {
    "id",    "infoUri", "partialCancelUri", "nextUri",    "columns",     "data",
    "stats", "error",   "warnings",         "updateType", "updateCount", "binaryData"};

struct page {
    const struct page_translation *how;
    struct buf *out;
    struct page_facts *facts;
    struct error *err;
    struct arena arena;
    struct str raw[M_COUNT]; /* n == 0: absent or null */
    bool done[M_COUNT];
    bool first; /* no member written yet */
    struct value_column *columns;
    struct str *names; /* of the columns, as raw strings */
    size_t columns_n;
};

static int fail(struct page *p, const struct jscan *s, const char *what)
{
    if (s != NULL && s->error != NULL)
        return error_set(p->err, ERR_UPSTREAM, "page: %s (byte %zu)", s->error, jscan_at(s));
    return error_set(p->err, ERR_UPSTREAM, "page: %s", what);
}

/* ---- columns ---- */

static const struct type *opaque(struct page *p, struct str name)
{
    struct type *t = arena_zalloc(&p->arena, sizeof(*t));

    t->kind = TYPE_OTHER;
    t->name = name;
    return t;
}

/* The text is what both servers always send; the signature helps where it cannot be read. A type
 * that nobody understands passes as it is, with its values. */
static const struct type *type_of(struct page *p, struct str text, struct str signature)
{
    struct buf plain = buf_make(text.n + 1);
    const struct type *t;
    struct str name;

    jscan_unescape(&plain, page_text(text));
    name = arena_str(&p->arena, buf_str(&plain));
    buf_reset(&plain);
    if (type_parse(&p->arena, name, &t, NULL) == OK)
        return t;
    if (signature.n > 0 && type_parse_signature(&p->arena, signature, &t, NULL) == OK)
        return t;
    return opaque(p, name);
}

static size_t count_elements(struct str raw)
{
    struct jscan s = jscan_of(raw);
    size_t n = 0;

    for (bool more = jscan_enter(&s, '['); more && jscan_skip(&s, NULL); more = jscan_more(&s, ']'))
        n++;
    return n;
}

static int read_column(struct page *p, struct jscan *s, size_t i)
{
    static const char *const keys[] = {"name", "type", "typeSignature"};
    struct value_column *c = &p->columns[i];
    struct str v[3];

    if (!jscan_pick(s, keys, 3, v))
        return fail(p, s, "");
    if (page_text(v[1]).n == 0 || v[0].n == 0 || *v[0].p != '"')
        return fail(p, NULL, "a column has no name or no type");
    p->names[i] = v[0];
    c->from = type_of(p, v[1], v[2]);
    c->to = type_for_client(&p->arena, c->from, p->how->to, p->how->capabilities);
    return OK;
}

static int read_columns(struct page *p)
{
    struct jscan s = jscan_of(p->raw[M_COLUMNS]);
    size_t n;

    if (p->raw[M_COLUMNS].n == 0 || p->columns != NULL)
        return OK;
    n = count_elements(p->raw[M_COLUMNS]);
    p->columns = arena_zalloc(&p->arena, (n + 1) * sizeof(*p->columns));
    p->names = arena_zalloc(&p->arena, (n + 1) * sizeof(*p->names));
    for (bool more = jscan_enter(&s, '['); more; more = jscan_more(&s, ']'))
        TRY(read_column(p, &s, p->columns_n++));
    return s.error == NULL ? OK : fail(p, &s, "");
}

static void put_column(struct page *p, struct str name, const struct type *t)
{
    struct buf text = buf_make(p->out->max);

    buf_put_str(p->out, STR("{\"name\":"));
    buf_put_str(p->out, name);
    buf_put_str(p->out, STR(",\"type\":"));
    type_put_text(&text, t, p->how->to);
    buf_put_json(p->out, buf_str(&text));
    p->out->overflow |= text.overflow;
    buf_reset(&text);
    buf_put_str(p->out, STR(",\"typeSignature\":"));
    type_put_signature(p->out, t, p->how->to);
    buf_put_c(p->out, '}');
}

/* ---- statements without a result ---- */

static bool looks_like_no_result(const struct page *p)
{
    return p->how->from == DIALECT_PRESTO && p->columns_n == 1 &&
           str_eq(p->names[0], STR("\"result\"")) && p->columns[0].from->kind == TYPE_BOOLEAN;
}

/* Presto's row [true] for nothing. */
static bool is_presto_no_result(const struct page *p)
{
    return p->raw[M_UPDATE_TYPE].n > 0 && looks_like_no_result(p);
}

static bool is_trino_no_result(const struct page *p)
{
    return p->how->from == DIALECT_TRINO && p->columns_n == 0 && p->raw[M_UPDATE_TYPE].n > 0 &&
           p->raw[M_ERROR].n == 0 && p->raw[M_NEXT_URI].n == 0;
}

static void put_fake_result(struct page *p)
{
    const struct type boolean = {.kind = TYPE_BOOLEAN, .name = STR("boolean")};

    page_put_key(p->out, &p->first, "columns");
    buf_put_c(p->out, '[');
    put_column(p, STR("\"result\""), &boolean);
    buf_put_str(p->out, STR("],\"data\":[[true]]"));
}

/* ---- members ---- */

static int put_uri(struct page *p, enum member m, enum page_uri kind)
{
    struct buf plain = buf_make(p->raw[m].n + 1), uri = buf_make(p->out->max);

    if (*p->raw[m].p != '"')
        return fail(p, NULL, "a URI is no string");
    jscan_unescape(&plain, page_text(p->raw[m]));
    p->how->uri(p->how->ctx, kind, buf_str(&plain), &uri);
    if (uri.n > 0) {
        page_put_key(p->out, &p->first, member_names[m]);
        buf_put_json(p->out, buf_str(&uri));
    }
    p->out->overflow |= uri.overflow;
    buf_reset(&plain);
    buf_reset(&uri);
    return OK;
}

static int put_columns(struct page *p)
{
    TRY(read_columns(p));
    if (is_trino_no_result(p)) {
        put_fake_result(p);
        return OK;
    }
    if (p->columns == NULL || (p->columns_n == 0 && p->how->to == DIALECT_PRESTO))
        return OK;
    page_put_key(p->out, &p->first, "columns");
    buf_put_c(p->out, '[');
    for (size_t i = 0; i < p->columns_n && !is_presto_no_result(p); i++) {
        if (i > 0)
            buf_put_c(p->out, ',');
        put_column(p, p->names[i], p->columns[i].to);
    }
    buf_put_c(p->out, ']');
    return OK;
}

/* Converts the rows at `s`. No client wants an empty array. */
static int put_rows(struct page *p, struct jscan *s)
{
    size_t before = p->out->n;
    bool first = p->first;

    page_put_key(p->out, &p->first, "data");
    TRY(value_put_rows(p->out, s, value_compile(&p->arena, p->how->to, p->columns, p->columns_n),
                       &p->facts->rows, p->err));
    if (p->facts->rows == 0) {
        p->out->n = before;
        p->first = first;
    }
    return OK;
}

static int check_data(struct page *p, const struct jscan *at)
{
    struct jscan s = *at;
    enum jscan_kind kind = jscan_peek(&s);

    if (kind == JSCAN_OBJECT)
        return fail(p, NULL, "the cluster sent spooled data, which was not asked for");
    return kind == JSCAN_ARRAY ? OK : fail(p, NULL, "data is no array");
}

static int put_data(struct page *p)
{
    struct jscan s = jscan_of(p->raw[M_DATA]);

    TRY(check_data(p, &s));
    if (is_presto_no_result(p))
        return OK;
    if (p->columns == NULL)
        return fail(p, NULL, "data without columns");
    return put_rows(p, &s);
}

static int put_update_type(struct page *p)
{
    struct str text = page_text(p->raw[M_UPDATE_TYPE]);

    if (*p->raw[M_UPDATE_TYPE].p != '"')
        return fail(p, NULL, "updateType is no string");
    p->facts->update_type = text;
    if (text.n == 0 && p->raw[M_ERROR].n > 0)
        return OK; /* Presto's failed GRANT */
    page_put_key(p->out, &p->first, "updateType");
    buf_put_str(p->out, p->raw[M_UPDATE_TYPE]);
    return OK;
}

static int put_update_count(struct page *p)
{
    struct jscan s = jscan_of(p->raw[M_UPDATE_COUNT]);

    if (jscan_peek(&s) != JSCAN_NUMBER)
        return fail(p, NULL, "updateCount is no number");
    page_put_key(p->out, &p->first, "updateCount");
    buf_put_str(p->out, p->raw[M_UPDATE_COUNT]);
    return OK;
}

static int put_member(struct page *p, enum member m)
{
    enum dialect to = p->how->to;

    switch (m) {
    case M_ID:
        page_put_key(p->out, &p->first, "id");
        buf_put_json(p->out, p->how->id);
        return OK;
    case M_INFO_URI:
        return put_uri(p, m, PAGE_URI_INFO);
    case M_PARTIAL_CANCEL_URI:
        return put_uri(p, m, PAGE_URI_PARTIAL_CANCEL);
    case M_NEXT_URI:
        return put_uri(p, m, PAGE_URI_NEXT);
    case M_DATA:
        return put_data(p);
    case M_STATS:
        page_put_key(p->out, &p->first, "stats");
        return stats_put(p->out, p->raw[m], to, p->facts, p->err);
    case M_ERROR:
        page_put_key(p->out, &p->first, "error");
        return page_put_error(p->out, p->raw[m], to, p->facts, p->err);
    case M_UPDATE_TYPE:
        return put_update_type(p);
    case M_UPDATE_COUNT:
        return put_update_count(p);
    default:
        return fail(p, NULL, "the cluster sent binary data, which was not asked for");
    }
}

/* Writes what is known and not yet written of the members before `end`. */
static int put_members(struct page *p, enum member end)
{
    for (int m = 0; m < (int)end; m++) {
        if (p->done[m])
            continue;
        if (m == M_WARNINGS) {
            page_put_key(p->out, &p->first, "warnings");
            TRY(page_put_warnings(p->out, p->raw[m], p->how->to, p->how->warning, p->err));
        } else if (m == M_COLUMNS) {
            TRY(put_columns(p));
        } else if (p->raw[m].n > 0) {
            TRY(put_member(p, (enum member)m));
        } else {
            continue;
        }
        p->done[m] = true;
    }
    return OK;
}

/* ---- the pass ---- */

/* Converts "data" on the way when all that is needed is known. */
static int read_data(struct page *p, struct jscan *s)
{
    const char *from;

    TRY(read_columns(p));
    if (jscan_peek(s) != JSCAN_ARRAY || p->columns == NULL || looks_like_no_result(p) ||
        p->raw[M_DATA].n > 0)
        return OK;
    from = s->p;
    TRY(put_members(p, M_DATA));
    TRY(put_rows(p, s));
    p->raw[M_DATA] = str_of(from, (size_t)(s->p - from));
    p->done[M_DATA] = true;
    return OK;
}

static int read_member(struct page *p, struct jscan *s)
{
    struct str key, raw;
    int m = 0;

    if (!jscan_key(s, &key))
        return fail(p, s, "");
    while (m < M_COUNT && !str_eq(key, str_c(member_names[m])))
        m++;
    if (m == M_DATA && !p->done[m]) {
        TRY(read_data(p, s));
        if (p->done[m])
            return OK;
    }
    if (!jscan_skip(s, &raw))
        return fail(p, s, "");
    if (m == M_COUNT || *raw.p == 'n')
        return OK;
    if (p->raw[m].n > 0)
        return fail(p, NULL, "a member stands twice");
    p->raw[m] = raw;
    return OK;
}

static int translate(struct page *p, struct str text)
{
    struct jscan s = jscan_of(text);

    buf_put_c(p->out, '{');
    for (bool more = jscan_enter(&s, '{'); more; more = jscan_more(&s, '}'))
        TRY(read_member(p, &s));
    if (!jscan_end(&s))
        return fail(p, &s, "");
    if (p->raw[M_ID].n == 0 || p->raw[M_STATS].n == 0)
        return fail(p, NULL, "id or stats is missing");
    p->facts->last = p->raw[M_NEXT_URI].n == 0;
    TRY(put_members(p, M_COUNT));
    buf_put_c(p->out, '}');
    return OK;
}

int page_translate(struct buf *out, struct str page, const struct page_translation *how,
                   struct page_facts *facts, struct error *err)
{
    struct page_facts unwanted;
    struct page p = {.how = how, .out = out, .facts = facts, .err = err, .first = true};
    int rc;

    if (facts == NULL)
        p.facts = &unwanted;
    *p.facts = (struct page_facts){0};
    rc = translate(&p, page);
    arena_reset(&p.arena);
    if (rc == OK && out->overflow)
        rc = error_set(err, ERR_LIMIT, "page: the translated page is too large");
    return rc;
}
