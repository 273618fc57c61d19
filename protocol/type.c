/* SPDX-License-Identifier: Apache-2.0 */
/* type.c - the table of types, their reading and their mapping; type_print.c writes them.
 *
 * Reading the text form is one loop: a type is a chain of words and of parenthesised arguments
 * (`timestamp(6) with time zone` has words on both sides). The only ambiguity is in rows, where a
 * field may have no name: `row(interval day to second)`. There the words are looked up as a whole
 * first. Presto's enum and distinct types (`ns.mood:BigintEnum(...)`) are read as their base. */
#include "protocol/type.h"

#include "base/json_scan.h"
#include "protocol/type_facts.h"

#define F(kind, name, shape, presto, trino)                                                        \
    [TYPE_##kind] = {name, TYPE_SHAPE_##shape, TYPE_##presto, TYPE_##trino}

/* Canonical name, shape of its values, kind shown to a Presto client, kind shown to a Trino one. */
static const struct type_facts table[TYPE_KIND_COUNT] = {
    F(OTHER, "", ANY, OTHER, OTHER),
    F(BOOLEAN, "boolean", BOOLEAN, BOOLEAN, BOOLEAN),
    F(TINYINT, "tinyint", INTEGER, TINYINT, TINYINT),
    F(SMALLINT, "smallint", INTEGER, SMALLINT, SMALLINT),
    F(INTEGER, "integer", INTEGER, INTEGER, INTEGER),
    F(BIGINT, "bigint", INTEGER, BIGINT, BIGINT),
    F(REAL, "real", FLOAT, REAL, REAL),
    F(DOUBLE, "double", FLOAT, DOUBLE, DOUBLE),
    F(DECIMAL, "decimal", STRING, DECIMAL, DECIMAL),
    F(NUMBER, "number", STRING, VARCHAR, NUMBER),
    F(VARCHAR, "varchar", STRING, VARCHAR, VARCHAR),
    F(CHAR, "char", STRING, CHAR, CHAR),
    F(VARBINARY, "varbinary", STRING, VARBINARY, VARBINARY),
    F(JSON, "json", STRING, JSON, JSON),
    F(VARIANT, "variant", ANY, JSON, VARIANT),
    F(JSON_PATH, "JsonPath", STRING, VARCHAR, JSON_PATH),
    F(DATE, "date", STRING, DATE, DATE),
    F(TIME, "time", STRING, TIME, TIME),
    F(TIME_TZ, "time with time zone", STRING, TIME_TZ, TIME_TZ),
    F(TIMESTAMP, "timestamp", STRING, TIMESTAMP, TIMESTAMP),
    F(TIMESTAMP_TZ, "timestamp with time zone", STRING, TIMESTAMP_TZ, TIMESTAMP_TZ),
    F(TIMESTAMP_MICROS, "timestamp microseconds", STRING, TIMESTAMP_MICROS, TIMESTAMP),
    F(INTERVAL_YM, "interval year to month", STRING, INTERVAL_YM, INTERVAL_YM),
    F(INTERVAL_DS, "interval day to second", STRING, INTERVAL_DS, INTERVAL_DS),
    F(UUID, "uuid", STRING, UUID, UUID),
    F(IPADDRESS, "ipaddress", STRING, IPADDRESS, IPADDRESS),
    F(IPPREFIX, "ipprefix", STRING, IPPREFIX, VARCHAR),
    F(UNKNOWN, "unknown", ANY, UNKNOWN, UNKNOWN),
    F(HYPERLOGLOG, "HyperLogLog", STRING, HYPERLOGLOG, HYPERLOGLOG),
    F(P4HYPERLOGLOG, "P4HyperLogLog", STRING, P4HYPERLOGLOG, P4HYPERLOGLOG),
    F(KHYPERLOGLOG, "KHyperLogLog", STRING, KHYPERLOGLOG, VARBINARY),
    F(QDIGEST, "qdigest", STRING, QDIGEST, QDIGEST),
    F(TDIGEST, "tdigest", STRING, TDIGEST, TDIGEST),
    F(SETDIGEST, "SetDigest", STRING, SETDIGEST, SETDIGEST),
    F(KLLSKETCH, "kllsketch", STRING, KLLSKETCH, VARBINARY),
    F(SFMSKETCH, "SfmSketch", STRING, SFMSKETCH, VARBINARY),
    F(ARRAY, "array", NESTED, ARRAY, ARRAY),
    F(MAP, "map", NESTED, MAP, MAP),
    F(ROW, "row", NESTED, ROW, ROW),
};

const struct type_facts *type_facts(enum type_kind kind)
{
    return &table[kind];
}

enum type_shape type_shape(const struct type *t)
{
    return table[t->kind].shape;
}

bool type_is_time(const struct type *t)
{
    return t->kind >= TYPE_TIME && t->kind <= TYPE_TIMESTAMP_MICROS;
}

unsigned type_fraction_digits(const struct type *t)
{
    if (t->kind == TYPE_TIMESTAMP_MICROS)
        return 6;
    return t->n == 1 && t->args[0].type == NULL && t->args[0].number <= 12
               ? (unsigned)t->args[0].number
               : 3;
}

static enum type_kind kind_of(struct str name)
{
    for (int k = TYPE_OTHER + 1; k < TYPE_KIND_COUNT; k++)
        if (str_eq_nocase(str_c(table[k].name), name))
            return (enum type_kind)k;
    return TYPE_OTHER;
}

/* ---- building ---- */

struct builder {
    struct type_arg *args;
    size_t n, cap;
};

static void add_arg(struct arena *a, struct builder *b, struct type_arg arg)
{
    if (b->n == b->cap) {
        struct type_arg *bigger = arena_alloc(a, (b->cap = b->cap * 2 + 2) * sizeof(*bigger));

        if (b->n > 0)
            memcpy(bigger, b->args, b->n * sizeof(*bigger));
        b->args = bigger;
    }
    b->args[b->n++] = arg;
}

/* Nested kinds with the wrong arguments would have no values we could follow. */
static bool fits(enum type_kind kind, const struct builder *b)
{
    if (table[kind].shape != TYPE_SHAPE_NESTED)
        return true;
    for (size_t i = 0; i < b->n; i++)
        if (b->args[i].type == NULL)
            return false;
    return kind == TYPE_ARRAY ? b->n == 1 : kind == TYPE_MAP ? b->n == 2 : b->n > 0;
}

static const struct type *build(struct arena *a, struct str name, const struct builder *b)
{
    struct type *t = arena_zalloc(a, sizeof(*t));

    t->kind = kind_of(name);
    if (!fits(t->kind, b))
        return NULL;
    t->name = t->kind == TYPE_OTHER ? arena_str(a, name) : str_c(table[t->kind].name);
    t->args = b->args;
    t->n = b->n;
    return t;
}

/* ---- text form ---- */

struct reader {
    struct arena *a;
    struct error *err;
    const char *p, *end;
    unsigned depth;
};

static int read_type(struct reader *r, const struct type **out);

static int broken(struct reader *r, const char *what)
{
    return error_set(r->err, ERR_INVALID, "type: %s", what);
}

static void skip_spaces(struct reader *r)
{
    while (r->p < r->end && *r->p == ' ')
        r->p++;
}

static bool at_char(struct reader *r, char c)
{
    skip_spaces(r);
    return r->p < r->end && *r->p == c;
}

static bool take_char(struct reader *r, char c)
{
    if (!at_char(r, c))
        return false;
    r->p++;
    return true;
}

/* A run of anything but blanks and punctuation; n == 0 when there is none. */
static struct str read_word(struct reader *r)
{
    const char *from;

    skip_spaces(r);
    from = r->p;
    while (r->p < r->end && strchr(" (),\"", *r->p) == NULL)
        r->p++;
    return str_of(from, (size_t)(r->p - from));
}

/* "a ""b""" as a name, at its opening quote. */
static int read_quoted(struct reader *r, struct str *out)
{
    struct buf name = buf_make((size_t)(r->end - r->p));
    int rc = OK;

    for (r->p++;; r->p++) {
        if (r->p == r->end) {
            rc = broken(r, "a quoted name has no end");
            break;
        }
        if (*r->p == '"' && (++r->p == r->end || *r->p != '"'))
            break;
        buf_put_c(&name, *r->p);
    }
    if (rc == OK)
        *out = arena_str(r->a, buf_str(&name));
    buf_reset(&name);
    return rc;
}

/* The words ahead up to punctuation, as one text. */
static struct str words_ahead(const struct reader *r)
{
    struct reader ahead = *r;
    const char *from, *last;

    skip_spaces(&ahead);
    from = last = ahead.p;
    while (read_word(&ahead).n > 0)
        last = ahead.p;
    return str_of(from, (size_t)(last - from));
}

/* Whether a row's element begins with a field name that is not quoted. */
static bool has_plain_name(const struct reader *r)
{
    struct str words = words_ahead(r);

    return str_find(words, ' ') < words.n && kind_of(words) == TYPE_OTHER &&
           !str_eq_nocase(words, STR("interval day")) &&
           !str_eq_nocase(words, STR("interval year"));
}

static int read_field(struct reader *r, struct type_arg *arg)
{
    if (at_char(r, '"')) {
        arg->named = true;
        TRY(read_quoted(r, &arg->field));
    } else if (has_plain_name(r)) {
        arg->named = true;
        arg->field = arena_str(r->a, read_word(r));
    }
    return read_type(r, &arg->type);
}

static int read_argument(struct reader *r, bool in_row, struct type_arg *arg)
{
    struct reader ahead = *r;

    *arg = (struct type_arg){0};
    if (in_row)
        return read_field(r, arg);
    if (str_to_u64(read_word(&ahead), &arg->number) &&
        (at_char(&ahead, ',') || at_char(&ahead, ')'))) {
        r->p = ahead.p;
        return OK;
    }
    arg->number = 0;
    return read_type(r, &arg->type);
}

/* After the '('. */
static int read_arguments(struct reader *r, bool in_row, struct builder *b)
{
    do {
        struct type_arg arg;

        TRY(read_argument(r, in_row, &arg));
        add_arg(r->a, b, arg);
    } while (take_char(r, ','));
    return take_char(r, ')') ? OK : broken(r, "')' is missing");
}

/* Skips to the ')' that closes the one before the reader; quotes may hide parentheses. */
static int skip_parens(struct reader *r)
{
    bool quoted = false;
    unsigned open = 1;

    for (; r->p < r->end; r->p++) {
        if (*r->p == '"')
            quoted = !quoted;
        else if (!quoted && *r->p == '(')
            open++;
        else if (!quoted && *r->p == ')' && --open == 0) {
            r->p++;
            return OK;
        }
    }
    return broken(r, "')' is missing");
}

/* At the '(' of `name:BigintEnum(...)`, `:VarcharEnum(...)` or `:DistinctType(name{base, ...})`. */
static int read_user_type(struct reader *r, struct str name, const struct type **out)
{
    static const struct builder none;

    r->p++;
    if (str_ends(name, STR(":DistinctType"))) {
        while (r->p < r->end && *r->p != '{')
            r->p++;
        if (!take_char(r, '{'))
            return broken(r, "a distinct type has no base");
        TRY(read_type(r, out));
        return skip_parens(r);
    }
    *out = build(r->a, str_ends(name, STR(":BigintEnum")) ? STR("bigint") : STR("varchar"), &none);
    return skip_parens(r);
}

static bool is_user_type(struct str name)
{
    return str_ends(name, STR(":BigintEnum")) || str_ends(name, STR(":VarcharEnum")) ||
           str_ends(name, STR(":DistinctType"));
}

static int read_chain(struct reader *r, const struct type **out)
{
    struct builder b = {0};
    struct buf name = buf_make((size_t)(r->end - r->p) + 1);
    int rc = OK;

    for (;;) {
        struct str word = read_word(r);

        if (word.n > 0) {
            if (name.n > 0)
                buf_put_c(&name, ' ');
            buf_put_str(&name, word);
        } else if (name.n > 0 && is_user_type(buf_str(&name)) && at_char(r, '(')) {
            rc = read_user_type(r, buf_str(&name), out);
            goto done;
        } else if (name.n == 0 || !take_char(r, '(')) {
            break;
        } else if ((rc = read_arguments(r, kind_of(buf_str(&name)) == TYPE_ROW, &b)) != OK) {
            goto done;
        }
    }
    if (name.n == 0)
        rc = broken(r, "a type is missing");
    else if ((*out = build(r->a, buf_str(&name), &b)) == NULL)
        rc = broken(r, "array, map or row has the wrong arguments");
done:
    buf_reset(&name);
    return rc;
}

static int read_type(struct reader *r, const struct type **out)
{
    if (++r->depth > TYPE_DEPTH_MAX)
        return error_set(r->err, ERR_LIMIT, "type: nested more than %d levels", TYPE_DEPTH_MAX);
    TRY(read_chain(r, out));
    r->depth--;
    return OK;
}

int type_parse(struct arena *a, struct str text, const struct type **out, struct error *err)
{
    struct reader r = {.a = a, .err = err};
    const struct type *t;

    r.p = text.n > 0 ? text.p : "";
    r.end = r.p + text.n;
    TRY(read_type(&r, &t));
    skip_spaces(&r);
    if (r.p != r.end)
        return broken(&r, "text follows the type");
    *out = t;
    return OK;
}

/* ---- object form ---- */

struct signature {
    struct arena *a;
    struct jscan s;
    struct error *err;
    unsigned depth;
};

static int read_signature(struct signature *g, const struct type **out);

static int bad_signature(struct signature *g, const char *what)
{
    return error_set(g->err, ERR_INVALID, "typeSignature: %s",
                     g->s.error != NULL ? g->s.error : what);
}

/* The next string, unescaped into the arena. */
static int read_text(struct signature *g, struct str *out)
{
    struct buf plain;
    struct str raw;

    if (!jscan_string(&g->s, &raw))
        return bad_signature(g, "a string is expected");
    plain = buf_make(raw.n + 1);
    jscan_unescape(&plain, raw);
    *out = arena_str(g->a, buf_str(&plain));
    buf_reset(&plain);
    return OK;
}

/* {"fieldName":{"name":"a"},"typeSignature":"text" or {..}} */
static int read_field_name(struct signature *g, struct type_arg *arg)
{
    struct str key;

    if (jscan_peek(&g->s) != JSCAN_OBJECT)
        return jscan_skip(&g->s, NULL) ? OK : bad_signature(g, "");
    for (bool more = jscan_enter(&g->s, '{'); more; more = jscan_more(&g->s, '}')) {
        if (!jscan_key(&g->s, &key))
            break;
        if (!str_eq(key, STR("name"))) {
            jscan_skip(&g->s, NULL);
            continue;
        }
        arg->named = true;
        TRY(read_text(g, &arg->field));
    }
    return g->s.error == NULL ? OK : bad_signature(g, "");
}

static int read_type_or_text(struct signature *g, const struct type **out)
{
    struct str text;

    if (jscan_peek(&g->s) != JSCAN_STRING)
        return read_signature(g, out);
    TRY(read_text(g, &text));
    return type_parse(g->a, text, out, g->err);
}

static int read_named(struct signature *g, struct type_arg *arg)
{
    struct str key;

    for (bool more = jscan_enter(&g->s, '{'); more; more = jscan_more(&g->s, '}')) {
        if (!jscan_key(&g->s, &key))
            break;
        if (str_eq(key, STR("fieldName")))
            TRY(read_field_name(g, arg));
        else if (str_eq(key, STR("typeSignature")))
            TRY(read_type_or_text(g, &arg->type));
        else
            jscan_skip(&g->s, NULL);
    }
    if (g->s.error != NULL || arg->type == NULL)
        return bad_signature(g, "a named type is incomplete");
    return OK;
}

/* `kind` may come after `value`: the value is told apart by itself. */
static int read_value(struct signature *g, struct type_arg *arg)
{
    struct jscan before = g->s;
    struct str raw;

    if (jscan_peek(&g->s) == JSCAN_NUMBER) {
        if (!jscan_number(&g->s, &raw) || !str_to_u64(raw, &arg->number))
            return bad_signature(g, "a number is wrong");
        return OK;
    }
    if (jscan_peek(&g->s) == JSCAN_STRING)
        return read_type_or_text(g, &arg->type);
    if (!jscan_skip(&g->s, &raw))
        return bad_signature(g, "");
    g->s = before;
    return str_search(raw, STR("\"rawType\"")) < str_search(raw, STR("\"typeSignature\""))
               ? read_signature(g, &arg->type)
               : read_named(g, arg);
}

static int read_signature_argument(struct signature *g, struct builder *b)
{
    struct type_arg arg = {0};
    bool found = false;
    struct str key;

    for (bool more = jscan_enter(&g->s, '{'); more; more = jscan_more(&g->s, '}')) {
        if (!jscan_key(&g->s, &key))
            break;
        if (str_eq(key, STR("value"))) {
            TRY(read_value(g, &arg));
            found = true;
        } else {
            jscan_skip(&g->s, NULL);
        }
    }
    if (g->s.error != NULL || !found)
        return bad_signature(g, "an argument has no value");
    add_arg(g->a, b, arg);
    return OK;
}

static int read_signature_members(struct signature *g, struct str *name, struct builder *b)
{
    struct str key;

    for (bool more = jscan_enter(&g->s, '{'); more; more = jscan_more(&g->s, '}')) {
        if (!jscan_key(&g->s, &key))
            break;
        if (str_eq(key, STR("rawType"))) {
            TRY(read_text(g, name));
        } else if (str_eq(key, STR("arguments"))) {
            for (bool any = jscan_enter(&g->s, '['); any; any = jscan_more(&g->s, ']'))
                TRY(read_signature_argument(g, b));
        } else {
            jscan_skip(&g->s, NULL);
        }
    }
    return g->s.error == NULL ? OK : bad_signature(g, "");
}

static int read_signature(struct signature *g, const struct type **out)
{
    struct builder b = {0};
    struct str name = STR_NONE;

    if (++g->depth > TYPE_DEPTH_MAX)
        return error_set(g->err, ERR_LIMIT, "typeSignature: nested more than %d levels",
                         TYPE_DEPTH_MAX);
    TRY(read_signature_members(g, &name, &b));
    if (name.n == 0)
        return bad_signature(g, "rawType is missing");
    if ((*out = build(g->a, name, &b)) == NULL)
        return bad_signature(g, "array, map or row has the wrong arguments");
    g->depth--;
    return OK;
}

int type_parse_signature(struct arena *a, struct str json, const struct type **out,
                         struct error *err)
{
    struct signature g = {.a = a, .s = jscan_of(json), .err = err};
    const struct type *t;

    TRY(read_signature(&g, &t));
    if (!jscan_end(&g.s))
        return bad_signature(&g, "");
    *out = t;
    return OK;
}

/* ---- what the other dialect's client is told ---- */

static const struct type *of_kind(struct arena *a, enum type_kind kind, const struct type_arg *arg)
{
    struct type *t = arena_zalloc(a, sizeof(*t));

    t->kind = kind;
    t->name = str_c(table[kind].name);
    if (arg != NULL) {
        t->args = memcpy(arena_alloc(a, sizeof(*arg)), arg, sizeof(*arg));
        t->n = 1;
    }
    return t;
}

/* Presto knows no precision; Trino tells it to clients that asked for it only. */
static const struct type *time_for_client(struct arena *a, const struct type *t,
                                          enum type_kind kind, bool parametric)
{
    struct type_arg digits = {.number = type_fraction_digits(t)};

    return of_kind(a, kind, parametric ? &digits : NULL);
}

static const struct type *nested_for_client(struct arena *a, const struct type *t, enum dialect to,
                                            unsigned capabilities)
{
    struct type *copy = memcpy(arena_alloc(a, sizeof(*t)), t, sizeof(*t));
    struct type_arg *args = arena_zalloc(a, (t->n + 1) * sizeof(*args));

    for (size_t i = 0; i < t->n; i++) {
        args[i] = t->args[i];
        if (args[i].type != NULL)
            args[i].type = type_for_client(a, args[i].type, to, capabilities);
    }
    copy->args = args;
    return copy;
}

const struct type *type_for_client(struct arena *a, const struct type *t, enum dialect to,
                                   unsigned capabilities)
{
    const struct type_facts *f = &table[t->kind];
    enum type_kind kind = to == DIALECT_PRESTO ? f->presto : f->trino;
    struct type_arg of_double = {0};

    if (type_is_time(t))
        return time_for_client(a, t, kind,
                               to == DIALECT_TRINO && (capabilities & CAP_PARAMETRIC_DATETIME));
    if (kind == TYPE_TDIGEST && to == DIALECT_PRESTO) {
        of_double.type = of_kind(a, TYPE_DOUBLE, NULL);
        return of_kind(a, kind, &of_double);
    }
    if (kind != t->kind || kind == TYPE_TDIGEST || kind == TYPE_INTERVAL_YM ||
        kind == TYPE_INTERVAL_DS)
        return of_kind(a, kind, NULL);
    return nested_for_client(a, t, to, capabilities);
}
