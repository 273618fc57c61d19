/* SPDX-License-Identifier: Apache-2.0 */
/* value.c - see value.h.
 *
 * Nested values are where the dialects part: Presto sends an array, map or row as JSON text inside
 * a JSON string, and the elements of it again, level by level; Trino sends plain JSON. So
 *   - towards Trino a string is unescaped into the scratch buffer of its level and read from there
 *     (plain JSON is taken too: old servers and nested-data-serialization-enabled=false send it);
 *   - towards Presto a value is written into the scratch buffer of its level in the layout of
 *     Presto's own writer (Jackson's pretty printer) and then escaped into the level above.
 * Towards Presto each level doubles the backslashes; the scratch buffers share the maximum of `out`
 * and every loop stops when one is full. Top-level rows are not rebuilt: bytes that need no change
 * are copied in one run up to the next value that does.
 *
 * Errors travel in the scanner (json_scan.h) as static texts. */
#include "protocol/value.h"

#include "protocol/time_text.h"

#include <stdlib.h>

enum op {
    OP_ANY,
    OP_BOOLEAN,
    OP_INTEGER,
    OP_FLOAT,
    OP_STRING,
    OP_TIME,     /* a string whose digits or zone change */
    OP_RAW_TEXT, /* any JSON, to be sent as a string of its text */
    OP_ARRAY,
    OP_MAP,
    OP_ROW
};

struct converter {
    enum op op;
    struct time_style time;
    size_t n;
    struct converter *kids;
};

struct value_plan {
    enum dialect to;
    size_t n;
    struct converter *columns;
};

static const char full[] = "the translated page is too large";

/* ---- compiling ---- */

static void compile(struct arena *a, struct converter *c, const struct value_column *v,
                    enum dialect to);

/* Trino writes keys in their own precision, whatever the type that it names to the client: seconds
 * get the digits that Presto's have, and finer keys keep theirs, or two of them could become one.
 */
static void compile_key(struct converter *c)
{
    c->op = OP_TIME;
    c->time.keeps_more = true;
}

static void compile_nested(struct arena *a, struct converter *c, const struct value_column *v,
                           enum dialect to)
{
    c->op = v->from->kind == TYPE_ARRAY ? OP_ARRAY : v->from->kind == TYPE_MAP ? OP_MAP : OP_ROW;
    c->n = v->from->n;
    c->kids = arena_zalloc(a, c->n * sizeof(*c->kids));
    for (size_t i = 0; i < c->n; i++) {
        struct value_column kid = {v->from->args[i].type, v->to->args[i].type};

        compile(a, &c->kids[i], &kid, to);
    }
    if (c->op == OP_MAP && to == DIALECT_PRESTO && type_is_time(v->from->args[0].type))
        compile_key(&c->kids[0]);
}

static void compile(struct arena *a, struct converter *c, const struct value_column *v,
                    enum dialect to)
{
    static const enum op by_shape[] = {
        [TYPE_SHAPE_ANY] = OP_ANY,         [TYPE_SHAPE_BOOLEAN] = OP_BOOLEAN,
        [TYPE_SHAPE_INTEGER] = OP_INTEGER, [TYPE_SHAPE_FLOAT] = OP_FLOAT,
        [TYPE_SHAPE_STRING] = OP_STRING,
    };
    enum type_shape shape = type_shape(v->from);

    if (shape == TYPE_SHAPE_NESTED) {
        compile_nested(a, c, v, to);
        return;
    }
    c->op = by_shape[shape];
    if (v->from->kind == TYPE_VARIANT && v->to->kind == TYPE_JSON)
        c->op = OP_RAW_TEXT;
    if (!type_is_time(v->from))
        return;
    c->time.digits = type_fraction_digits(v->to);
    c->time.with_zone = v->from->kind == TYPE_TIME_TZ;
    c->time.to = to;
    if (c->time.with_zone || c->time.digits != type_fraction_digits(v->from))
        c->op = OP_TIME;
}

const struct value_plan *value_compile(struct arena *a, enum dialect to,
                                       const struct value_column *columns, size_t n)
{
    struct value_plan *plan = arena_zalloc(a, sizeof(*plan));

    plan->to = to;
    plan->n = n;
    plan->columns = arena_zalloc(a, (n + 1) * sizeof(*plan->columns));
    for (size_t i = 0; i < n; i++)
        compile(a, &plan->columns[i], &columns[i], to);
    return plan;
}

/* ---- converting ---- */

struct work {
    const struct value_plan *plan;
    struct buf *out;
    const char *run;                      /* bytes of the page before this place are in `out` */
    struct buf text;                      /* of one time value */
    struct buf level[TYPE_DEPTH_MAX + 1]; /* texts of nested values, by depth */
};

static bool put_value(struct work *w, struct jscan *s, const struct converter *c, struct buf *out,
                      unsigned depth);

/* Checks the scalar at `s` against its column; `raw` gets its bytes. */
static bool take_scalar(struct jscan *s, const struct converter *c, struct str *raw)
{
    enum jscan_kind kind = jscan_peek(s);
    const char *from = s->p;
    struct str text;
    bool ok;

    switch (c->op) {
    case OP_BOOLEAN:
        ok = (kind == JSCAN_TRUE || kind == JSCAN_FALSE) && jscan_literal(s, kind);
        ok = ok || jscan_fail(s, "a value is no boolean");
        break;
    case OP_INTEGER:
        ok = kind == JSCAN_NUMBER ? jscan_number(s, &text) : jscan_fail(s, "a value is no number");
        break;
    case OP_FLOAT:
        ok = kind == JSCAN_STRING ? jscan_string(s, &text) : jscan_number(s, &text);
        break;
    case OP_STRING:
        ok = jscan_string(s, &text);
        break;
    default:
        return jscan_skip(s, raw);
    }
    *raw = str_of(from, (size_t)(s->p - from));
    return ok;
}

/* trino-jdbc rejects an integer token in a double column. */
static bool lacks_point(const struct converter *c, struct str raw)
{
    if (c->op != OP_FLOAT || raw.n == 0 || *raw.p == '"')
        return false;
    for (size_t i = 0; i < raw.n; i++)
        if (raw.p[i] == '.' || raw.p[i] == 'e' || raw.p[i] == 'E')
            return false;
    return true;
}

/* Appends the time in `raw` (escaped, without quotes) as a string. */
static bool put_time_text(struct work *w, struct jscan *s, const struct converter *c,
                          struct str raw, struct buf *out)
{
    struct buf plain = buf_make(raw.n + 1);
    const char *wrong;

    jscan_unescape(&plain, raw);
    buf_clear(&w->text);
    wrong = time_text_put(&w->text, buf_str(&plain), &c->time);
    buf_reset(&plain);
    if (wrong != NULL)
        return jscan_fail(s, wrong);
    buf_put_json(out, buf_str(&w->text));
    return true;
}

static bool put_raw_text(struct jscan *s, struct buf *out)
{
    struct str raw;

    if (!jscan_skip(s, &raw))
        return false;
    buf_put_json(out, raw);
    return true;
}

static bool put_null(struct jscan *s, struct buf *out)
{
    buf_put_str(out, STR("null"));
    return jscan_literal(s, JSCAN_NULL);
}

static bool put_scalar(struct work *w, struct jscan *s, const struct converter *c, struct buf *out)
{
    struct str raw;

    if (c->op == OP_TIME)
        return jscan_string(s, &raw) && put_time_text(w, s, c, raw, out);
    if (c->op == OP_RAW_TEXT)
        return put_raw_text(s, out);
    if (!take_scalar(s, c, &raw))
        return false;
    buf_put_str(out, raw);
    if (lacks_point(c, raw))
        buf_put_str(out, STR(".0"));
    return true;
}

/* Punctuation of nested values, for Trino and as Presto's pretty printer has it. */
struct layout {
    struct str open, next, close, empty;
};
static const struct layout array_layout[2] = {
    {{"[", 1}, {",", 1}, {"]", 1}, {"[]", 2}},
    {{"[ ", 2}, {", ", 2}, {" ]", 2}, {"[ ]", 3}},
};
static const struct layout map_layout[2] = {
    {{"{", 1}, {",", 1}, {"}", 1}, {"{}", 2}},
    {{"{\n  ", 4}, {",\n  ", 4}, {"\n}", 2}, {"{ }", 3}},
};

static bool put_elements(struct work *w, struct jscan *s, const struct converter *c,
                         struct buf *out, unsigned depth)
{
    const struct layout *l = &array_layout[w->plan->to == DIALECT_PRESTO];
    size_t n = 0;

    for (bool more = jscan_enter(s, '['); more; more = jscan_more(s, ']'), n++) {
        if (c->op == OP_ROW && n == c->n)
            return jscan_fail(s, "a row has too many fields");
        buf_put_str(out, n == 0 ? l->open : l->next);
        if (!put_value(w, s, &c->kids[c->op == OP_ROW ? n : 0], out, depth))
            return false;
    }
    buf_put_str(out, n == 0 ? l->empty : l->close);
    if (s->error == NULL && c->op == OP_ROW && n != c->n)
        return jscan_fail(s, "a row has too few fields");
    return s->error == NULL;
}

static bool put_key(struct work *w, struct jscan *s, const struct converter *c, struct buf *out)
{
    struct str key;

    if (!jscan_key(s, &key))
        return false;
    if (c->op == OP_TIME)
        return put_time_text(w, s, c, key, out);
    buf_put_c(out, '"');
    buf_put_str(out, key);
    buf_put_c(out, '"');
    return true;
}

static bool put_members(struct work *w, struct jscan *s, const struct converter *c, struct buf *out,
                        unsigned depth)
{
    bool pretty = w->plan->to == DIALECT_PRESTO;
    const struct layout *l = &map_layout[pretty];
    size_t n = 0;

    for (bool more = jscan_enter(s, '{'); more; more = jscan_more(s, '}'), n++) {
        buf_put_str(out, n == 0 ? l->open : l->next);
        if (!put_key(w, s, &c->kids[0], out))
            return false;
        buf_put_str(out, pretty ? STR(" : ") : STR(":"));
        if (!put_value(w, s, &c->kids[1], out, depth))
            return false;
    }
    buf_put_str(out, n == 0 ? l->empty : l->close);
    return s->error == NULL;
}

static bool put_plain(struct work *w, struct jscan *s, const struct converter *c, struct buf *out,
                      unsigned depth)
{
    return c->op == OP_MAP ? put_members(w, s, c, out, depth) : put_elements(w, s, c, out, depth);
}

/* JSON text inside a string. */
static bool put_unnested(struct work *w, struct jscan *s, const struct converter *c,
                         struct buf *out, unsigned depth)
{
    struct buf *text = &w->level[depth];
    struct jscan inner;
    struct str raw;

    if (!jscan_string(s, &raw))
        return false;
    buf_clear(text);
    jscan_unescape(text, raw);
    if (text->overflow)
        return jscan_fail(s, full);
    inner = jscan_of(buf_str(text));
    if (jscan_peek(&inner) == JSCAN_NULL) {
        if (put_null(&inner, out) && jscan_end(&inner))
            return true;
    } else if (put_plain(w, &inner, c, out, depth + 1) && jscan_end(&inner)) {
        return true;
    }
    return jscan_fail(s, inner.error != NULL ? inner.error : "a nested value is wrong");
}

static bool put_nested(struct work *w, struct jscan *s, const struct converter *c, struct buf *out,
                       unsigned depth)
{
    struct buf *text = &w->level[depth];

    if (w->plan->to == DIALECT_TRINO)
        return jscan_peek(s) == JSCAN_STRING ? put_unnested(w, s, c, out, depth)
                                             : put_plain(w, s, c, out, depth + 1);
    buf_clear(text);
    if (!put_plain(w, s, c, text, depth + 1))
        return false;
    if (text->overflow)
        return jscan_fail(s, full);
    buf_put_json(out, buf_str(text));
    return true;
}

static bool put_value(struct work *w, struct jscan *s, const struct converter *c, struct buf *out,
                      unsigned depth)
{
    if (out->overflow)
        return jscan_fail(s, full);
    if (jscan_peek(s) == JSCAN_NULL)
        return put_null(s, out);
    return c->op >= OP_ARRAY ? put_nested(w, s, c, out, depth) : put_scalar(w, s, c, out);
}

/* ---- rows ---- */

static void flush(struct work *w, const char *to)
{
    buf_put(w->out, w->run, (size_t)(to - w->run));
    w->run = to;
}

/* One column of a top-level row: leaves it in the run when its bytes may stay. */
static bool convert_column(struct work *w, struct jscan *s, const struct converter *c)
{
    struct str raw;
    bool ok;

    if (jscan_peek(s) == JSCAN_NULL)
        return jscan_literal(s, JSCAN_NULL);
    if (c->op < OP_TIME) {
        if (!take_scalar(s, c, &raw))
            return false;
        if (lacks_point(c, raw)) {
            flush(w, s->p);
            buf_put_str(w->out, STR(".0"));
        }
        return true;
    }
    flush(w, s->p);
    ok = put_value(w, s, c, w->out, 0);
    w->run = s->p;
    return ok;
}

static bool convert_row(struct work *w, struct jscan *s, size_t *column)
{
    size_t n = 0;

    for (bool more = jscan_enter(s, '['); more; more = jscan_more(s, ']'), n++) {
        *column = n + 1;
        if (n == w->plan->n)
            return jscan_fail(s, "a row has more values than there are columns");
        if (!convert_column(w, s, &w->plan->columns[n]))
            return jscan_fail(s, "a value is wrong");
    }
    if (s->error == NULL && n != w->plan->n)
        return jscan_fail(s, "a row has fewer values than there are columns");
    return s->error == NULL;
}

static int convert_rows(struct work *w, struct jscan *s, uint64_t *rows, struct error *err)
{
    size_t column = 0;

    for (bool more = jscan_enter(s, '['); more; more = jscan_more(s, ']')) {
        if (!convert_row(w, s, &column) || (w->out->overflow && !jscan_fail(s, full)))
            break;
        ++*rows;
    }
    flush(w, s->p);
    if (s->error == NULL && !w->out->overflow)
        return OK;
    if (s->error == full || w->out->overflow)
        return error_set(err, ERR_LIMIT, "page: %s", full);
    return error_set(err, ERR_UPSTREAM, "page: data row %llu, column %zu: %s (byte %zu)",
                     (unsigned long long)*rows + 1, column, s->error, jscan_at(s));
}

int value_put_rows(struct buf *out, struct jscan *s, const struct value_plan *plan, uint64_t *rows,
                   struct error *err)
{
    struct work *w = mem_zalloc(sizeof(*w));
    int rc;

    jscan_peek(s);
    w->plan = plan;
    w->out = out;
    w->run = s->p;
    w->text = buf_make(out->max);
    for (size_t i = 0; i < ARRAY_LEN(w->level); i++)
        w->level[i] = buf_make(out->max);
    *rows = 0;
    rc = convert_rows(w, s, rows, err);
    for (size_t i = 0; i < ARRAY_LEN(w->level); i++)
        buf_reset(&w->level[i]);
    buf_reset(&w->text);
    free(w);
    return rc;
}
