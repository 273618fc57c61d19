/* SPDX-License-Identifier: Apache-2.0 */
/* parse_bracket.c - what may hide behind a '(': an expression, a row, the parameters of a lambda, a
 * query, or (in FROM) relations.
 *
 * A query behind several brackets - ((SELECT 1) ... - may be the body of a query, a subquery that
 * an expression begins with, or a derived table that is joined. It is parsed as a query, once, and
 * the token that follows decides what it was: see unwrap(). */
#include "sql/parse_expression.h"

/* What the insides of brackets may be besides a query. */
struct inside {
    /* Makes the query of inner brackets one of these, e.g. a SUBQUERY. */
    enum sql_kind wrapper;
    /* Goes on from the first part of it, which began at `start`, up to the ')'. */
    struct sql_node *(*go_on)(struct parser *p, uint32_t start, struct sql_node *first);
};

static struct sql_node *wrap(struct parser *p, enum sql_kind kind, uint32_t start,
                             struct sql_node *query)
{
    struct sql_node *n = open_node(p, kind);

    n->start = start;
    n->kid[0] = query;
    return close_node(p, n);
}

/* A row that was read up to its ')', which was left open. */
static struct sql_node *close_row(struct parser *p, uint32_t bracket, struct sql_node *n)
{
    if (p->failed || n == NULL || n->kind != SQL_ROW || n->end != 0)
        return n;
    n->start = bracket;
    return close_node(p, n);
}

/* Reads '(' ... ')', where a query comes behind one or more '('. When the brackets hold a query it
 * is returned in *query, and NULL; else what they hold. */
static struct sql_node *unwrap(struct parser *p, const struct inside *in, struct sql_node **query)
{
    struct sql_node *first, *n = NULL, *inner;
    uint32_t start, bracket = p->token->start;

    *query = NULL;
    expect(p, SQL_T_LEFT_PAREN);
    start = p->token->start;
    if (!enter(p)) {
        leave(p);
        return NULL;
    }
    if (peek(p, 0) != SQL_T_LEFT_PAREN) {
        *query = parse_query(p);
    } else {
        first = unwrap(p, in, &inner);
        if (!p->failed && inner != NULL && inner->kid[SQL_QUERY_WITH] == NULL &&
            (at_query_tail(p) || peek(p, 0) == SQL_T_RIGHT_PAREN)) {
            *query = parse_query_from(p, start, wrap(p, SQL_NESTED, start, inner));
        } else if (!p->failed) {
            if (inner != NULL)
                first = wrap(p, in->wrapper, start, inner);
            n = in->go_on(p, start, first);
        }
    }
    leave(p);
    expect(p, SQL_T_RIGHT_PAREN);
    return close_row(p, bracket, n);
}

/* -- expressions */

/* The items of a row behind the first one; just that if there are no more. */
static struct sql_node *parse_row_rest(struct parser *p, uint32_t start, struct sql_node *first)
{
    struct sql_node *n;
    uint32_t mark;

    if (!at(p, SQL_T_COMMA))
        return first;
    mark = list_begin(p);
    list_add(p, first);
    while (accept(p, SQL_T_COMMA))
        list_add(p, parse_expression(p));
    n = open_node(p, SQL_ROW);
    n->start = start;
    n->kid[SQL_ROW_ITEMS] = list_end(p, mark);
    return n;
}

static struct sql_node *go_on_expression(struct parser *p, uint32_t start, struct sql_node *first)
{
    first = parse_postfix(p, start, false, first);
    return parse_row_rest(p, start, parse_expression_from(p, start, first));
}

static const struct inside expression_inside = {SQL_SUBQUERY, go_on_expression};

/* '(' a, b ')' '->' */
bool is_bracket_lambda(const struct parser *p)
{
    const struct sql_token *t = p->token + 1;

    if (t->kind == SQL_T_RIGHT_PAREN)
        return true; /* nothing else begins with () */
    for (;; t += 2) {
        if (t[0].kind < SQL_T_IDENTIFIER || t >= p->eof)
            return false;
        if (t[1].kind != SQL_T_COMMA)
            return t[1].kind == SQL_T_RIGHT_PAREN && t[2].kind == SQL_T_ARROW;
    }
}

static struct sql_node *parse_bracket_lambda(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_LAMBDA);
    uint32_t mark = list_begin(p);

    p->token++;
    if (peek(p, 0) != SQL_T_RIGHT_PAREN) {
        do {
            list_add(p, parse_identifier(p));
        } while (accept(p, SQL_T_COMMA));
    }
    expect(p, SQL_T_RIGHT_PAREN);
    n->kid[SQL_LAMBDA_PARAMETERS] = list_end(p, mark);
    expect(p, SQL_T_ARROW);
    n->kid[SQL_LAMBDA_BODY] = parse_lambda_body(p);
    return close_node(p, n);
}

/* '(' a ')' is a, '(' a, b ')' a row */
static struct sql_node *parse_plain_bracket(struct parser *p)
{
    uint32_t start = p->token->start;
    const struct sql_token *outer = wide_open(p);
    struct sql_node *n;

    p->token++;
    name_open(p, EXPECT_QUERY);
    name_close(p);
    if (p->trino)
        wish(p, SQL_T_RIGHT_PAREN);
    n = parse_expression(p);
    wide_close(p, outer);
    n = parse_row_rest(p, start, n);
    expect(p, SQL_T_RIGHT_PAREN);
    return close_row(p, start, n);
}

struct sql_node *parse_bracket(struct parser *p)
{
    uint32_t start = p->token->start;
    struct sql_node *n, *query;

    if (!is_query_start(p, 1))
        return is_bracket_lambda(p) ? parse_bracket_lambda(p) : parse_plain_bracket(p);
    n = unwrap(p, &expression_inside, &query);
    return query != NULL ? wrap(p, SQL_SUBQUERY, start, query) : n;
}

/* -- IN */

static struct sql_node *parse_in_list(struct parser *p, struct sql_node *n, struct sql_node *first)
{
    uint32_t mark = list_begin(p);

    list_add(p, first);
    while (accept(p, SQL_T_COMMA))
        list_add(p, parse_expression(p));
    expect(p, SQL_T_RIGHT_PAREN);
    n->kid[SQL_IN_LIST_ITEMS] = list_end(p, mark);
    return n;
}

/* A query behind more brackets: the body of a query if one goes on, else the first item's begin. */
static struct sql_node *parse_in_bracket(struct parser *p, struct sql_node **query)
{
    uint32_t start = p->token->start;
    struct sql_node *first = unwrap(p, &expression_inside, query);

    if (p->failed)
        return NULL;
    if (*query != NULL && (*query)->kid[SQL_QUERY_WITH] == NULL && at_query_tail(p)) {
        *query = parse_query_from(p, start, wrap(p, SQL_NESTED, start, *query));
        return NULL;
    }
    first = *query != NULL ? wrap(p, SQL_SUBQUERY, start, *query) : first;
    *query = NULL;
    return parse_expression_from(p, start, parse_postfix(p, start, false, first));
}

struct sql_node *parse_in(struct parser *p, uint32_t start, struct sql_node *value, bool negated)
{
    struct sql_node *n, *first = NULL, *query = NULL;

    expect(p, SQL_T_LEFT_PAREN);
    name_open(p, EXPECT_QUERY);
    name_close(p);
    if (!is_query_start(p, 0))
        first = parse_expression(p);
    else if (peek(p, 0) == SQL_T_LEFT_PAREN)
        first = parse_in_bracket(p, &query);
    else
        query = parse_query(p);
    n = open_node(p, query != NULL ? SQL_IN_QUERY : SQL_IN_LIST);
    n->start = start;
    n->flags = negated ? SQL_F_NOT : 0;
    n->kid[0] = value;
    if (query == NULL)
        return parse_in_list(p, n, first);
    n->kid[SQL_IN_QUERY_QUERY] = query;
    expect(p, SQL_T_RIGHT_PAREN);
    return n;
}

/* -- relations */

static const struct inside relation_inside = {SQL_DERIVED, parse_relation_from};

struct sql_node *parse_relation_bracket(struct parser *p)
{
    uint32_t start = p->token->start;
    struct sql_node *n, *query;

    if (is_query_start(p, 1)) {
        n = unwrap(p, &relation_inside, &query);
        return query != NULL ? wrap(p, SQL_DERIVED, start, query) : n;
    }
    p->token++;
    name_open(p, EXPECT_QUERY);
    name_close(p);
    n = parse_relation(p);
    expect(p, SQL_T_RIGHT_PAREN);
    return n;
}
