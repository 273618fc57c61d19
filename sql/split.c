/* SPDX-License-Identifier: Apache-2.0 */
/* split.c - cuts a script into statements.
 *
 * DESIGN. One walk over the text in words, signs and whole literals; the parser is not asked, so
 * that one bad statement does not hide where the next begins. Only the bodies of Trino's functions
 * need more: they have ';' between their statements. A body is followed from FUNCTION on with a
 * stack of what is open in it, a byte a level: blocks, loops, IF and CASE. `fresh` tells whether
 * the next word begins a statement of the body: IF and REPEAT are functions elsewhere, and CASE an
 * expression. What is never closed, literal, comment or body, reaches to the end of the text. */
#include "sql/sql.h"

/* What is open in a body, or SQL expressions in it. */
enum open { OPEN_BEGIN, OPEN_CASE, OPEN_IF, OPEN_LOOP, OPEN_REPEAT, OPEN_WHILE, OPEN_EXPRESSION };

#define DEPTH_MAX 1000 /* deeper bodies: whatever follows is one statement */

struct splitter {
    const char *p, *end;
    bool trino;
    bool functions; /* the statement began with a function: others may follow at a comma */
    enum { OUTSIDE, HEAD, BODY } where; /* of a function; HEAD: from FUNCTION to its body */
    uint32_t brackets;                  /* open ones of the head */
    bool fresh;
    enum sql_token_kind last; /* the word or sign before this one; strings are SQL_T_STRING */
    uint32_t depth;
    uint8_t open[DEPTH_MAX];
};

/* -- signs, words, literals */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '@' || (c & 0x80) != 0;
}

static bool starts_with(const struct splitter *s, const char *two)
{
    return s->end - s->p >= 2 && s->p[0] == two[0] && s->p[1] == two[1];
}

/* Behind the next `needle` of n bytes, or at the end. */
static void skip_behind(struct splitter *s, const char *needle, size_t n)
{
    const char *found = memmem(s->p, (size_t)(s->end - s->p), needle, n);

    s->p = found != NULL ? found + n : s->end;
}

/* Blanks and comments; true if there were any. */
static bool skip_blank(struct splitter *s)
{
    if (is_blank(*s->p)) {
        s->p++;
    } else if (starts_with(s, "--")) {
        while (s->p < s->end && *s->p != '\n' && *s->p != '\r')
            s->p++;
    } else if (starts_with(s, "/*")) {
        s->p += 2;
        skip_behind(s, "*/", 2);
    } else {
        return false;
    }
    return true;
}

/* Reads a word, a sign or a literal. Doubled quotes make two literals in a row, which does not
 * matter here. */
static enum sql_token_kind next_token(struct splitter *s)
{
    const char *start = s->p++;

    if (is_word(*start)) {
        while (s->p < s->end && is_word(*s->p))
            s->p++;
        return sql_word_find((struct str){start, (size_t)(s->p - start)}, DIALECT_TRINO);
    }
    switch (*start) {
    case '\'':
        skip_behind(s, start, 1);
        return SQL_T_STRING;
    case '"':
    case '`':
        skip_behind(s, start, 1);
        return SQL_T_QUOTED_IDENTIFIER;
    case '$':
        if (!s->trino || s->p == s->end || *s->p != '$')
            return SQL_T_UNRECOGNIZED;
        s->p++;
        skip_behind(s, "$$", 2);
        return SQL_T_DOLLAR_STRING;
    case ';':
        return SQL_T_SEMICOLON;
    case ':':
        return SQL_T_COLON;
    case ',':
        return SQL_T_COMMA;
    case '.':
        return SQL_T_DOT;
    case '(':
        return SQL_T_LEFT_PAREN;
    case ')':
        return SQL_T_RIGHT_PAREN;
    default:
        return SQL_T_UNRECOGNIZED;
    }
}

/* -- bodies of functions */

static void push(struct splitter *s, enum open what)
{
    if (s->depth < DEPTH_MAX)
        s->open[s->depth] = (uint8_t)what;
    s->depth++;
}

static bool top_is(const struct splitter *s, enum open what)
{
    return s->depth > 0 && s->depth <= DEPTH_MAX && s->open[s->depth - 1] == what;
}

static void pop(struct splitter *s)
{
    if (s->depth > 0 && s->depth <= DEPTH_MAX)
        s->depth--;
    if (s->depth == 0)
        s->where = OUTSIDE;
}

/* A word that begins a statement with others in it; true if it is one. */
static bool open_statement(struct splitter *s, enum sql_token_kind word)
{
    static const struct {
        uint16_t word;
        uint8_t what;
        bool fresh; /* the next word begins a statement */
    } rows[] = {
        {SQL_W_BEGIN, OPEN_BEGIN, true},   {SQL_W_CASE, OPEN_CASE, false},
        {SQL_W_IF, OPEN_IF, false},        {SQL_W_LOOP, OPEN_LOOP, true},
        {SQL_W_REPEAT, OPEN_REPEAT, true}, {SQL_W_WHILE, OPEN_WHILE, false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].word == word) {
            push(s, rows[i].what);
            s->fresh = rows[i].fresh;
            return true;
        }
    }
    return false;
}

/* Whether statements begin after a word or sign that is not the first one of a statement. */
static bool begins_statements(const struct splitter *s, enum sql_token_kind token)
{
    switch (token) {
    case SQL_T_SEMICOLON:
    case SQL_T_COLON:
        return !top_is(s, OPEN_EXPRESSION);
    case SQL_W_THEN:
    case SQL_W_ELSE:
        return top_is(s, OPEN_IF) || top_is(s, OPEN_CASE);
    case SQL_W_DO:
        return top_is(s, OPEN_WHILE);
    default:
        return false;
    }
}

static void follow_body(struct splitter *s, enum sql_token_kind token)
{
    if (s->fresh && open_statement(s, token))
        return;
    if (token == SQL_W_END) {
        s->fresh = false;
        pop(s);
    } else if (token == SQL_W_CASE && s->last != SQL_W_END) {
        push(s, OPEN_EXPRESSION);
    } else {
        s->fresh = begins_statements(s, token);
    }
}

/* From FUNCTION on: the body begins at a word that may begin a statement, in no brackets and not
 * as a name or a type. RETURN needs no following. */
static void follow_head(struct splitter *s, enum sql_token_kind token)
{
    if (s->last == SQL_W_FUNCTION && (token == SQL_T_LEFT_PAREN || token == SQL_W_AS))
        s->where = OUTSIDE; /* a query called function: WITH function (a) AS ... */
    else if (token == SQL_T_LEFT_PAREN)
        s->brackets++;
    else if (token == SQL_T_RIGHT_PAREN && s->brackets > 0)
        s->brackets--;
    if (s->brackets > 0 || s->last == SQL_W_FUNCTION || s->last == SQL_T_DOT ||
        s->last == SQL_W_RETURNS || s->last == SQL_W_LANGUAGE)
        return;
    if (token == SQL_W_RETURN || token == SQL_W_AS)
        s->where = OUTSIDE;
    else if (open_statement(s, token))
        s->where = BODY;
}

static bool begins_function(const struct splitter *s, enum sql_token_kind token)
{
    return s->trino && token == SQL_W_FUNCTION &&
           (s->last == SQL_W_CREATE || s->last == SQL_W_REPLACE || s->last == SQL_W_WITH ||
            (s->last == SQL_T_COMMA && s->functions));
}

static void follow(struct splitter *s, enum sql_token_kind token)
{
    if (s->where == BODY) {
        follow_body(s, token);
    } else if (s->where == HEAD) {
        follow_head(s, token);
    } else if (begins_function(s, token)) {
        s->where = HEAD;
        s->functions = true;
        s->brackets = 0;
    }
    s->last = token;
}

/* -- statements */

static struct str between(const char *from, const char *to)
{
    return (struct str){from, (size_t)(to - from)};
}

/* The next statement from a text that begins with it: up to the ';' or the end, without what is
 * blank before that. */
static struct str cut(struct splitter *s)
{
    const char *start = s->p, *end = s->p;
    enum sql_token_kind token;

    while (s->p < s->end) {
        if (skip_blank(s))
            continue;
        token = next_token(s);
        if (token == SQL_T_SEMICOLON && s->where != BODY)
            break;
        follow(s, token);
        end = s->p;
    }
    return between(start, end);
}

bool sql_split(struct str *rest, struct str *statement, enum dialect dialect)
{
    struct splitter s;

    *statement = *rest;
    if (rest->n == 0)
        return false;
    s.p = rest->p;
    s.end = rest->p + rest->n;
    s.trino = dialect != DIALECT_PRESTO;
    s.where = OUTSIDE;
    s.last = SQL_T_NONE;
    s.depth = s.brackets = 0;
    s.fresh = s.functions = false;
    while (s.p < s.end && (*s.p == ';' || skip_blank(&s)))
        if (s.p < s.end && *s.p == ';')
            s.p++;
    *statement = (struct str){s.p, 0};
    if (s.p < s.end)
        *statement = cut(&s);
    *rest = between(s.p, s.end);
    return statement->n > 0;
}
