/* SPDX-License-Identifier: Apache-2.0 */
/* type_signature.c - reads the object form of types; see type.h.
 *
 * Both dialects in one: names of kinds are not looked at, a value tells by itself what it is (a
 * number, a signature, a named type whose signature is an object in Trino and a text in Presto). */
#include "base/json_scan.h"
#include "protocol/type_build.h"

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

static int read_signature_argument(struct signature *g, struct type_builder *b)
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
    type_add_arg(g->a, b, arg);
    return OK;
}

static int read_signature_members(struct signature *g, struct str *name, struct type_builder *b)
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
    struct type_builder b = {0};
    struct str name = STR_NONE;

    if (++g->depth > TYPE_DEPTH_MAX)
        return error_set(g->err, ERR_LIMIT, "typeSignature: nested more than %d levels",
                         TYPE_DEPTH_MAX);
    TRY(read_signature_members(g, &name, &b));
    if (name.n == 0)
        return bad_signature(g, "rawType is missing");
    if ((*out = type_build(g->a, name, &b)) == NULL)
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
