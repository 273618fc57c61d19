/* SPDX-License-Identifier: Apache-2.0 */
/* parse_name.c - identifiers, qualified names and lists of aliases. */
#include "sql/parse_literal.h"

bool is_identifier(const struct parser *p, uint32_t ahead)
{
    enum sql_token_kind kind = peek(p, ahead);

    return (kind >= SQL_T_IDENTIFIER && kind <= SQL_T_BACKQUOTED_IDENTIFIER) ||
           (kind >= SQL_T_FIRST_WORD && sql_word_is_identifier(kind, p->dialect));
}

bool at_identifier(struct parser *p)
{
    name_open(p, EXPECT_IDENTIFIER);
    name_close(p);
    return is_identifier(p, 0);
}

/* Presto's lexer takes ':' and '@' for letters of identifiers, its parser refuses them. */
static void check_symbols(struct parser *p, const struct sql_token *t, struct str text)
{
    if (p->trino)
        return;
    if (memchr(text.p, ':', text.n) != NULL)
        fail_name(p, t, "identifiers must not contain ':'");
    else if (memchr(text.p, '@', text.n) != NULL)
        fail_name(p, t, "identifiers must not contain '@'");
}

static void finish_identifier(struct parser *p, struct sql_node *n, const struct sql_token *t)
{
    switch (t->kind) {
    case SQL_T_IDENTIFIER:
        check_symbols(p, t, n->text);
        break;
    case SQL_T_QUOTED_IDENTIFIER:
        n->text = unquote(p, n->text);
        n->flags = SQL_F_QUOTED;
        if (n->text.n == 0 && p->trino)
            fail_name(p, t, "Zero-length delimited identifier not allowed");
        break;
    case SQL_T_DIGIT_IDENTIFIER:
        fail_name(p, t,
                  "identifiers must not start with a digit; surround the identifier with double "
                  "quotes");
        break;
    case SQL_T_BACKQUOTED_IDENTIFIER:
        fail_name(
            p, t,
            "backquoted identifiers are not supported; use double quotes to quote identifiers");
        break;
    default:
        break;
    }
}

struct sql_node *parse_identifier(struct parser *p)
{
    const struct sql_token *t = p->token;
    struct sql_node *n;

    if (!at_identifier(p)) {
        fail_here(p);
        return NULL;
    }
    n = open_node(p, SQL_IDENT);
    n->text = str_of(p->text.p + t->start, t->end - t->start);
    n->end = t->end;
    p->token++;
    finish_identifier(p, n, t);
    return n;
}

/* Whether the name of CREATE TABLE or ALTER TABLE comes, whose kind shows further on. */
static bool is_undecided(const struct parser *p)
{
    const struct sql_token *t = p->token;

    while (t > p->tokens &&
           (t[-1].kind == SQL_W_IF || t[-1].kind == SQL_W_NOT || t[-1].kind == SQL_W_EXISTS))
        t--;
    return t > p->tokens + 1 && t[-1].kind == SQL_W_TABLE &&
           (t[-2].kind == SQL_W_CREATE || t[-2].kind == SQL_W_ALTER);
}

struct sql_node *parse_qualified_name(struct parser *p)
{
    uint32_t mark = list_begin(p);
    bool dots = p->trino || is_undecided(p);

    /* Presto's parser leaves a '.' alone that no identifier follows: it might be .* */
    for (;;) {
        list_add(p, parse_identifier(p));
        if (peek(p, 0) == SQL_T_DOT && !dots && !is_identifier(p, 1))
            break;
        if (!accept(p, SQL_T_DOT))
            break;
    }
    return list_end_as(p, mark, SQL_NAME);
}

struct sql_node *parse_column_aliases(struct parser *p)
{
    return paren_list(p, parse_identifier);
}
