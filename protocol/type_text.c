/* SPDX-License-Identifier: Apache-2.0 */
/* type_text.c - reads the text form of types; see type.h.
 *
 * One loop: a type is a chain of words and of parenthesised arguments (`timestamp(6) with time
 * zone` has words on both sides). The only ambiguity is in rows, where a field may have no name:
 * `row(interval day to second)`. There the words are looked up as a whole first. Presto's enum and
 * distinct types (`ns.mood:BigintEnum(...)`) are read as their base. */
#include "protocol/type_build.h"

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

    return str_find(words, ' ') < words.n && type_kind_of(words) == TYPE_OTHER &&
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
static int read_arguments(struct reader *r, bool in_row, struct type_builder *b)
{
    do {
        struct type_arg arg;

        TRY(read_argument(r, in_row, &arg));
        type_add_arg(r->a, b, arg);
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
    static const struct type_builder none;

    r->p++;
    if (str_ends(name, STR(":DistinctType"))) {
        while (r->p < r->end && *r->p != '{')
            r->p++;
        if (!take_char(r, '{'))
            return broken(r, "a distinct type has no base");
        TRY(read_type(r, out));
        return skip_parens(r);
    }
    *out = type_build(r->a, str_ends(name, STR(":BigintEnum")) ? STR("bigint") : STR("varchar"),
                      &none);
    return skip_parens(r);
}

static bool is_user_type(struct str name)
{
    return str_ends(name, STR(":BigintEnum")) || str_ends(name, STR(":VarcharEnum")) ||
           str_ends(name, STR(":DistinctType"));
}

static int read_chain(struct reader *r, const struct type **out)
{
    struct type_builder b = {0};
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
        } else if ((rc = read_arguments(r, type_kind_of(buf_str(&name)) == TYPE_ROW, &b)) != OK) {
            goto done;
        }
    }
    if (name.n == 0)
        rc = broken(r, "a type is missing");
    else if ((*out = type_build(r->a, buf_str(&name), &b)) == NULL)
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
