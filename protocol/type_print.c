/* SPDX-License-Identifier: Apache-2.0 */
/* type_print.c - writes types in the text and object forms of both dialects; see type.h.
 *
 * Presto writes a nested type's signature twice (typeArguments and arguments), so the size doubles
 * with each level of arrays and maps; clients need one of them only, so typeArguments are left out
 * below PRESTO_REPEAT_LEVELS. Both stop early when the buffer is full. */
#include "protocol/type.h"

#define PRESTO_REPEAT_LEVELS 6
#define VARCHAR_UNBOUNDED 2147483647u

/* Names that need no quotes. Both servers quote more than that only for names given in quotes,
 * which cannot be known here. */
static bool is_plain_name(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!(s.p[i] == '_' || (s.p[i] >= 'a' && s.p[i] <= 'z') ||
              (i > 0 && s.p[i] >= '0' && s.p[i] <= '9')))
            return false;
    return s.n > 0;
}

static void put_field_name(struct buf *out, struct str name)
{
    if (is_plain_name(name)) {
        buf_put_str(out, name);
        return;
    }
    buf_put_c(out, '"');
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == '"')
            buf_put_c(out, '"');
        buf_put_c(out, name.p[i]);
    }
    buf_put_c(out, '"');
}

static bool is_interval(const struct type *t)
{
    return t->kind == TYPE_INTERVAL_YM || t->kind == TYPE_INTERVAL_DS;
}

static void put_upper(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        buf_put_c(out, (char)(s.p[i] >= 'a' && s.p[i] <= 'z' ? s.p[i] - 32 : s.p[i]));
}

static bool is_unbounded(const struct type *t)
{
    return t->kind == TYPE_VARCHAR &&
           (t->n == 0 || (t->args[0].type == NULL && t->args[0].number == VARCHAR_UNBOUNDED));
}

static void put_arguments_text(struct buf *out, const struct type *t, enum dialect d)
{
    buf_put_c(out, '(');
    for (size_t i = 0; i < t->n && !out->overflow; i++) {
        const struct type_arg *arg = &t->args[i];

        if (i > 0)
            buf_put(out, ", ", d == DIALECT_PRESTO ? 1 : 2);
        if (arg->named) {
            put_field_name(out, arg->field);
            buf_put_c(out, ' ');
        }
        if (arg->type != NULL)
            type_put_text(out, arg->type, d);
        else
            buf_put_u64(out, arg->number);
    }
    buf_put_c(out, ')');
}

void type_put_text(struct buf *out, const struct type *t, enum dialect d)
{
    /* The precision stands after the first word: timestamp(6) with time zone. */
    size_t first = type_is_time(t) ? str_find(t->name, ' ') : t->name.n;

    if (d == DIALECT_TRINO && is_interval(t)) {
        put_upper(out, t->name);
        return;
    }
    buf_put_str(out, str_of(t->name.p, first));
    if (t->n > 0 && !is_unbounded(t))
        put_arguments_text(out, t, d);
    buf_put_str(out, str_skip(t->name, first));
}

/* ---- object form ---- */

static void put_signature(struct buf *out, const struct type *t, enum dialect d, unsigned level);

static void put_named(struct buf *out, const struct type_arg *arg, enum dialect d, unsigned level)
{
    struct buf text = buf_make(out->max);

    buf_put_c(out, '{');
    if (arg->named) {
        buf_put_str(out, STR("\"fieldName\":{\"name\":"));
        buf_put_json(out, arg->field);
        if (d == DIALECT_PRESTO)
            buf_printf(out, ",\"delimited\":%s", is_plain_name(arg->field) ? "false" : "true");
        buf_put_str(out, STR("},"));
    }
    buf_put_str(out, STR("\"typeSignature\":"));
    if (d == DIALECT_PRESTO) {
        type_put_text(&text, arg->type, d);
        buf_put_json(out, buf_str(&text));
    } else {
        put_signature(out, arg->type, d, level + 1);
    }
    buf_put_c(out, '}');
    out->overflow |= text.overflow;
    buf_reset(&text);
}

static void put_argument(struct buf *out, const struct type *t, const struct type_arg *arg,
                         enum dialect d, unsigned level)
{
    static const char *const kinds[3][2] = {{"LONG_LITERAL", "LONG"},
                                            {"TYPE_SIGNATURE", "TYPE"},
                                            {"NAMED_TYPE_SIGNATURE", "NAMED_TYPE"}};
    int kind = arg->type == NULL ? 0 : t->kind != TYPE_ROW && !arg->named ? 1 : 2;

    buf_printf(out, "{\"kind\":\"%s\",\"value\":", kinds[kind][d == DIALECT_TRINO]);
    if (kind == 0)
        buf_put_u64(out, arg->number);
    else if (kind == 1)
        put_signature(out, arg->type, d, level + 1);
    else
        put_named(out, arg, d, level);
    buf_put_c(out, '}');
}

static void put_type_arguments(struct buf *out, const struct type *t, unsigned level)
{
    bool first = true;

    buf_put_str(out, STR("\"typeArguments\":["));
    for (size_t i = 0; i < t->n && !out->overflow; i++) {
        if (t->args[i].type == NULL)
            continue;
        if (!first)
            buf_put_c(out, ',');
        first = false;
        put_signature(out, t->args[i].type, DIALECT_PRESTO, level + 1);
    }
    buf_put_str(out, STR("],\"literalArguments\":["));
    for (size_t i = 0; t->kind == TYPE_ROW && i < t->n && !out->overflow; i++) {
        if (i > 0)
            buf_put_c(out, ',');
        if (t->args[i].named)
            buf_put_json(out, t->args[i].field);
        else
            buf_put_str(out, STR("null"));
    }
    buf_put_str(out, STR("],"));
}

static void put_signature(struct buf *out, const struct type *t, enum dialect d, unsigned level)
{
    static const struct type_arg unbounded = {.number = VARCHAR_UNBOUNDED};
    bool whole = t->kind == TYPE_VARCHAR && t->n == 0;
    const struct type_arg *args = whole ? &unbounded : t->args;
    size_t n = whole ? 1 : t->n;

    if (out->overflow)
        return;
    buf_put_str(out, STR("{\"rawType\":"));
    buf_put_json(out, t->name);
    buf_put_c(out, ',');
    if (d == DIALECT_PRESTO && level < PRESTO_REPEAT_LEVELS)
        put_type_arguments(out, t, level);
    buf_put_str(out, STR("\"arguments\":["));
    for (size_t i = 0; i < n && !out->overflow; i++) {
        if (i > 0)
            buf_put_c(out, ',');
        put_argument(out, t, &args[i], d, level);
    }
    buf_put_str(out, STR("]}"));
}

void type_put_signature(struct buf *out, const struct type *t, enum dialect d)
{
    put_signature(out, t, d, 0);
}
