/* SPDX-License-Identifier: Apache-2.0 */
/* parse_error.c - errors as the coordinators word them: where, and what was expected instead.
 *
 * `struct expected` holds the furthest token that anything was asked for, and the set of what was.
 * Names that are open form a stack of the tokens where they began: as long as the parser has not
 * moved from there, the name stands for all that is asked for. */
#include "sql/parse_error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct expected {
    const struct sql_token *furthest;
    bool kinds[SQL_TOKEN_COUNT];
    bool names[EXPECT_NAME_COUNT];
    const struct sql_token **open; /* where the names that are open began */
    uint32_t open_count, open_cap;
};

static const char *const names[EXPECT_NAME_COUNT] = {
    [EXPECT_EXPRESSION] = "<expression>",
    [EXPECT_IDENTIFIER] = "<identifier>",
    [EXPECT_INTEGER] = "<integer>",
    [EXPECT_PREDICATE] = "<predicate>",
    [EXPECT_QUERY] = "<query>",
    [EXPECT_STRING] = "<string>",
    [EXPECT_TYPE] = "<type>",
};

void expected_begin(struct parser *p)
{
    p->expected = arena_zalloc(p->arena, sizeof(*p->expected));
    p->expected->furthest = p->tokens;
}

/* Whether something asked for at the next token counts. */
static bool counts(struct parser *p)
{
    struct expected *e = p->expected;

    if (p->failed || p->token < e->furthest)
        return false;
    if (p->token > e->furthest) {
        memset(e->kinds, 0, sizeof(e->kinds));
        memset(e->names, 0, sizeof(e->names));
        e->furthest = p->token;
    }
    return e->open_count == 0 || e->open[e->open_count - 1] != p->token;
}

void note_expected(struct parser *p, enum sql_token_kind kind)
{
    if (counts(p))
        p->expected->kinds[kind] = true;
}

void note_name(struct parser *p, enum expected_name name)
{
    struct expected *e = p->expected;
    const struct sql_token **old = e->open;

    if (counts(p))
        e->names[name] = true;
    if (e->open_count == e->open_cap) {
        e->open_cap = e->open_cap * 2 + 32;
        e->open = arena_alloc(p->arena, e->open_cap * sizeof(*old));
        if (e->open_count > 0)
            memcpy(e->open, old, e->open_count * sizeof(*old));
    }
    e->open[e->open_count++] = p->token;
}

void forget_name(struct parser *p)
{
    if (p->expected->open_count > 0)
        p->expected->open_count--;
}

void expected_rewind(struct parser *p)
{
    struct expected *e = p->expected;

    e->furthest = p->token;
    memset(e->kinds, 0, sizeof(e->kinds));
    memset(e->names, 0, sizeof(e->names));
}

void ask_anew(struct parser *p)
{
    if (p->expected != NULL && !p->failed && p->expected->furthest == p->token)
        expected_rewind(p);
}

/* -- failing */

/* Line and column of a place in the text, as ANTLR counts: lines at '\n', columns in code points.
 */
static void locate(struct sql_error *e, struct str text, uint32_t offset)
{
    e->line = 1;
    e->column = 1;
    e->offset = offset;
    for (uint32_t i = 0; i < offset && i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];

        if (c == '\n') {
            e->line++;
            e->column = 1;
        } else if ((c & 0xc0) != 0x80) {
            e->column++;
        }
    }
}

static void stop(struct parser *p)
{
    p->failed = true;
    p->token = p->eof;
}

void fail_here(struct parser *p)
{
    if (p->failed)
        return;
    p->failed_at = p->token;
    stop(p);
}

void fail_depth(struct parser *p)
{
    p->limited = true;
    stop(p);
}

static void set_error(struct parser *p, struct sql_error *e, const struct sql_token *t,
                      const char *fmt, va_list args)
{
    char text[512];
    int n = vsnprintf(text, sizeof(text), fmt, args);

    locate(e, p->text, t->start);
    e->message = arena_str(p->arena, str_of(text, n < 0                   ? 0
                                                  : n < (int)sizeof(text) ? (size_t)n
                                                                          : sizeof(text) - 1));
}

void fail_at(struct parser *p, const struct sql_token *t, const char *fmt, ...)
{
    va_list args;

    if (p->failed)
        return;
    va_start(args, fmt);
    set_error(p, p->error, t, fmt, args);
    va_end(args);
    stop(p);
}

void fail_held(struct parser *p)
{
    if (p->held.line == 0 || p->wide != NULL || p->soft > 0)
        return;
    if (!p->failed) {
        *p->error = p->held;
        stop(p);
    }
    p->held.line = 0;
}

void fail_name(struct parser *p, const struct sql_token *t, const char *message)
{
    if (p->wide == NULL && p->soft == 0) {
        p->failed_name = p->failed_name || !p->failed;
        fail_at(p, t, "%s", message);
    } else if (p->held.line == 0 && !p->failed) {
        locate(&p->held, p->text, t->start);
        p->held.message = str_c(message);
    }
}

void refuse_at(struct parser *p, const struct sql_token *t, const char *fmt, ...)
{
    va_list args;

    if (p->failed || p->refused.line != 0)
        return;
    va_start(args, fmt);
    set_error(p, &p->refused, t != NULL ? t : p->tokens, fmt, args);
    va_end(args);
    if (t == NULL)
        locate(&p->refused, p->text, 0);
}

/* -- the message */

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* How the coordinators write a kind of token: words and signs quoted, classes by their name. */
static const char *shown(struct parser *p, enum sql_token_kind kind)
{
    struct str text = sql_token_text(kind);
    bool bare = kind == SQL_T_EOF || kind == SQL_T_NEQ ||
                (kind >= SQL_T_STRING && kind < SQL_T_FIRST_WORD && kind != SQL_T_UNRECOGNIZED);

    if (kind == SQL_T_NEQ)
        return "NEQ";
    if (kind == SQL_T_INTEGER)
        return names[EXPECT_INTEGER];
    return bare ? text.p : arena_printf(p->arena, "'%.*s'", STR_ARG(text)).p;
}

#define TEXT_MAX 1000 /* bytes of a token in a message; the coordinators have no bound */

static size_t shown_length(struct str text)
{
    size_t n = text.n < TEXT_MAX ? text.n : TEXT_MAX;

    while (n < text.n && ((unsigned char)text.p[n] & 0xc0) == 0x80)
        n--;
    return n;
}

void expected_message(struct parser *p)
{
    struct expected *e = p->expected;
    const struct sql_token *t = e->furthest;
    struct str found = str_of(p->text.p + t->start, t->end - t->start);
    const char *texts[SQL_TOKEN_COUNT + EXPECT_NAME_COUNT];
    struct buf message = buf_make(SIZE_MAX);
    size_t n = 0;

    for (unsigned i = 0; i < EXPECT_NAME_COUNT; i++)
        if (e->names[i])
            texts[n++] = names[i];
    for (unsigned i = 0; i < SQL_TOKEN_COUNT; i++)
        if (e->kinds[i])
            texts[n++] = shown(p, i);
    qsort(texts, n, sizeof(*texts), compare_texts);
    if (t->kind == SQL_T_EOF)
        found = STR("<EOF>");
    buf_printf(&message, "mismatched input '%.*s%s'. Expecting: ", (int)shown_length(found),
               found.p, found.n > TEXT_MAX ? "..." : "");
    for (size_t i = 0; i < n; i++)
        if (i == 0 || strcmp(texts[i], texts[i - 1]) != 0)
            buf_printf(&message, "%s%s", i > 0 ? ", " : "", texts[i]);
    p->error->message = arena_str(p->arena, buf_str(&message));
    buf_reset(&message);
    locate(p->error, p->text, t->start);
}

/* -- UTF-8 */

/* The length of the character at `p`, or 0. No overlong forms, no surrogates. */
static size_t utf8_length(const unsigned char *p, size_t left)
{
    unsigned char low = 0x80, high = 0xbf;
    size_t n = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

    if (n < 2)
        return n;
    if (n > left || p[0] > 0xf4)
        return 0;
    low = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : low;
    high = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : high;
    if (p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return n;
}

bool check_utf8(struct sql_statement *s)
{
    const unsigned char *p = (const unsigned char *)s->text.p;
    size_t i = 0, n;
    uint64_t eight;

    while (i < s->text.n) {
        if (s->text.n - i >= 8) {
            memcpy(&eight, p + i, 8);
            if ((eight & 0x8080808080808080ULL) == 0) {
                i += 8;
                continue;
            }
        }
        n = utf8_length(p + i, s->text.n - i);
        if (n == 0) {
            locate(&s->error, s->text, (uint32_t)i);
            s->error.message = STR("statement is not valid UTF-8");
            return false;
        }
        i += n;
    }
    return true;
}
