/* SPDX-License-Identifier: Apache-2.0 */
/* sql_peek.c - see sql_peek.h. A lexer of words, strings and single characters, and one short
 * function a statement. Most statements fall out at their first word. */
#include "protocol/sql_peek.h"

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_QUOTED, TOKEN_STRING, TOKEN_OTHER };

struct token {
    enum token_kind kind;
    struct str text; /* quotes included */
};

struct lexer {
    struct str rest;
    struct token now;
};

static bool is_word(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Skips blanks, line comments and block comments. An open block comment is no comment. */
static struct str skip_blank(struct str s)
{
    for (;;) {
        if (s.n > 0 && strchr(" \t\r\n", s.p[0]) != NULL && s.p[0] != '\0') {
            s = str_skip(s, 1);
        } else if (str_starts(s, STR("--"))) {
            size_t end = str_find(s, '\n'), cr = str_find(s, '\r');

            s = str_skip(s, end < cr ? end : cr);
        } else if (str_starts(s, STR("/*"))) {
            size_t end = str_search(str_skip(s, 2), STR("*/"));

            if (end == s.n - 2)
                return s;
            s = str_skip(s, end + 4);
        } else {
            return s;
        }
    }
}

/* Length of the literal that begins with its quote, or 0 when it does not end. */
static size_t quoted_length(struct str s)
{
    for (size_t i = 1; i < s.n; i++)
        if (s.p[i] == s.p[0]) {
            if (i + 1 == s.n || s.p[i + 1] != s.p[0])
                return i + 1;
            i++;
        }
    return 0;
}

static void next(struct lexer *l)
{
    struct str s = skip_blank(l->rest);
    size_t n = 0;

    l->now = (struct token){TOKEN_END, s};
    if (s.n == 0) {
        l->rest = s;
        return;
    }
    if (s.p[0] == '\'' || s.p[0] == '"') {
        l->now.kind = s.p[0] == '"' ? TOKEN_QUOTED : TOKEN_STRING;
        n = quoted_length(s);
    } else if (is_word((unsigned char)s.p[0])) {
        l->now.kind = TOKEN_WORD;
        while (n < s.n && is_word((unsigned char)s.p[n]))
            n++;
    }
    if (n == 0) {
        l->now.kind = TOKEN_OTHER;
        n = str_starts(s, STR("=>")) ? 2 : 1;
    }
    l->now.text = str_of(s.p, n);
    l->rest = str_skip(s, n);
}

static bool take(struct lexer *l, enum token_kind kind, struct str text)
{
    if (l->now.kind != kind || !str_eq_nocase(l->now.text, text))
        return false;
    next(l);
    return true;
}

static bool take_word(struct lexer *l, struct str word)
{
    return take(l, TOKEN_WORD, word);
}

static bool take_sign(struct lexer *l, struct str sign)
{
    return take(l, TOKEN_OTHER, sign);
}

/* An identifier, quoted or not; the servers fold both to lower case here. */
static bool take_name(struct lexer *l, struct str name)
{
    struct str t = l->now.text;

    if (l->now.kind == TOKEN_QUOTED && str_eq_nocase(str_of(t.p + 1, t.n - 2), name)) {
        next(l);
        return true;
    }
    return take_word(l, name);
}

static bool at_end(const struct lexer *l)
{
    return l->now.kind == TOKEN_END;
}

/* The text of a string literal: the outer quotes go, doubled ones become one. */
static struct str unquote(struct arena *a, struct str literal)
{
    struct str body = str_of(literal.p + 1, literal.n - 2);
    char *to;
    size_t n = 0;

    if (str_find(body, '\'') == body.n)
        return body;
    to = arena_alloc(a, body.n);
    for (size_t i = 0; i < body.n; i++) {
        to[n++] = body.p[i];
        i += body.p[i] == '\'';
    }
    return str_of(to, n);
}

static bool peek_execute(struct lexer *l, struct arena *a, struct sql_peek *out)
{
    struct str literal;

    if (!take_word(l, STR("EXECUTE")) || !take_word(l, STR("IMMEDIATE")) ||
        l->now.kind != TOKEN_STRING)
        return false;
    literal = l->now.text;
    next(l);
    if (!at_end(l)) {
        out->rest = str_of(l->now.text.p, l->now.text.n + l->rest.n);
        if (!take_word(l, STR("USING")) || at_end(l))
            return false;
    }
    out->inner = unquote(a, literal);
    out->kind = PEEK_EXECUTE_IMMEDIATE;
    return true;
}

/* One argument of kill_query, `position` counted from 0. */
static bool peek_argument(struct lexer *l, int position, struct str *id)
{
    bool is_id = position == 0, named = true;

    if (take_name(l, STR("query_id")))
        is_id = true;
    else if (take_name(l, STR("message")))
        is_id = false;
    else
        named = false;
    if (named && !take_sign(l, STR("=>")))
        return false;
    if (!is_id && take_word(l, STR("NULL")))
        return true;
    if (l->now.kind != TOKEN_STRING || (is_id && id->n > 0))
        return false;
    if (is_id)
        *id = l->now.text;
    next(l);
    return true;
}

static bool peek_kill(struct lexer *l, struct arena *a, struct sql_peek *out)
{
    struct str literal = STR_NONE;
    int position = 0;

    if (!take_word(l, STR("CALL")) || !take_name(l, STR("system")) || !take_sign(l, STR(".")) ||
        !take_name(l, STR("runtime")) || !take_sign(l, STR(".")) ||
        !take_name(l, STR("kill_query")) || !take_sign(l, STR("(")))
        return false;
    do {
        if (!peek_argument(l, position++, &literal))
            return false;
    } while (position < 2 && take_sign(l, STR(",")));
    if (!take_sign(l, STR(")")) || !at_end(l) || literal.n == 0)
        return false;
    out->query_id = unquote(a, literal);
    out->query_id_literal = literal;
    out->kind = PEEK_KILL_QUERY;
    return true;
}

static bool peek_start(struct lexer *l, struct arena *a, struct sql_peek *out)
{
    (void)a;
    if (!take_word(l, STR("START")) || !take_word(l, STR("TRANSACTION")))
        return false;
    out->kind = PEEK_START_TRANSACTION;
    return true;
}

static bool peek_end(struct lexer *l, struct arena *a, struct sql_peek *out)
{
    bool commit = take_word(l, STR("COMMIT"));

    (void)a;
    if (!commit && !take_word(l, STR("ROLLBACK")))
        return false;
    take_word(l, STR("WORK"));
    if (!at_end(l))
        return false;
    out->kind = commit ? PEEK_COMMIT : PEEK_ROLLBACK;
    return true;
}

void sql_peek(struct sql_peek *out, struct arena *a, struct str sql)
{
    static bool (*const peekers[])(struct lexer *, struct arena *, struct sql_peek *) = {
        peek_execute, peek_kill, peek_start, peek_end};
    struct lexer first = {.rest = sql};

    next(&first);
    for (size_t i = 0; i < ARRAY_LEN(peekers) && first.now.kind == TOKEN_WORD; i++) {
        struct lexer l = first;

        *out = (struct sql_peek){.kind = PEEK_OTHER};
        if (peekers[i](&l, a, out))
            return;
    }
    *out = (struct sql_peek){.kind = PEEK_OTHER};
}
