/* SPDX-License-Identifier: Apache-2.0 */
/* parse_function_call.c - function calls with all that may hang on them. */
#include "sql/parse_expression.h"

/* Whether ALL at the next token quantifies and is no column's name. */
static bool is_all_quantifier(const struct parser *p)
{
    enum sql_token_kind next = peek(p, 1), second = peek(p, 2);

    switch (next) {
    case SQL_T_ASTERISK:
        return !starts_expression(p, 2) || is_clause_start(p, 2);
    case SQL_W_AUTO: /* GROUP BY ALL ROLLUP (...) */
    case SQL_W_CUBE:
    case SQL_W_ROLLUP:
        return true;
    case SQL_W_NOT:
        return second != SQL_W_BETWEEN && second != SQL_W_IN && second != SQL_W_LIKE;
    case SQL_W_AT:
        return second != SQL_W_TIME || peek(p, 3) != SQL_W_ZONE;
    default:
        return starts_expression(p, 1) && !is_clause_start(p, 1);
    }
}

uint16_t parse_quantifier(struct parser *p)
{
    wish(p, SQL_W_ALL);
    if (accept(p, SQL_W_DISTINCT))
        return SQL_W_DISTINCT;
    if (peek(p, 0) != SQL_W_ALL || !is_all_quantifier(p))
        return 0;
    p->token++;
    return SQL_W_ALL;
}

struct sql_node *parse_filter(struct parser *p)
{
    struct sql_node *n;

    if (!at(p, SQL_W_FILTER) || peek(p, 1) != SQL_T_LEFT_PAREN ||
        (!p->trino && peek(p, 2) != SQL_W_WHERE))
        return NULL;
    p->token++;
    expect_all(p, KINDS(SQL_T_LEFT_PAREN, SQL_W_WHERE));
    n = parse_expression(p);
    expect(p, SQL_T_RIGHT_PAREN);
    return n;
}

static bool is_frame_unit(enum sql_token_kind kind)
{
    return kind == SQL_W_ROWS || kind == SQL_W_RANGE || kind == SQL_W_GROUPS;
}

/* OVER ( may be an alias with its columns, until a clause shows: whether the two tokens behind the
 * '(' are a window's. */
static bool is_window(const struct parser *p)
{
    enum sql_token_kind first = peek(p, 2), second = peek(p, 3);

    if (first == SQL_T_RIGHT_PAREN || first == SQL_W_ORDER)
        return true;
    if (first == SQL_W_PARTITION && second == SQL_W_BY)
        return true;
    if (is_frame_unit(first) && (second == SQL_W_BETWEEN || starts_expression(p, 3)))
        return true;
    if (!p->trino || !is_identifier(p, 2))
        return false;
    return second == SQL_T_RIGHT_PAREN || second == SQL_W_ORDER || second == SQL_W_PARTITION ||
           second == SQL_W_MEASURES || is_frame_unit(second) ||
           (first == SQL_W_MEASURES && starts_expression(p, 3));
}

bool at_over(struct parser *p)
{
    if (!at(p, SQL_W_OVER))
        return false;
    if (peek(p, 1) == SQL_T_LEFT_PAREN)
        return is_window(p) || p->wide != NULL;
    return p->trino && is_identifier(p, 1) && !is_clause_start(p, 1);
}

struct sql_node *parse_over(struct parser *p)
{
    struct sql_node *n;

    expect(p, SQL_W_OVER);
    if (p->trino && at_identifier(p)) {
        n = open_node(p, SQL_WINDOW_NAME);
        n->kid[SQL_WINDOW_NAME_NAME] = parse_identifier(p);
        return close_node(p, n);
    }
    expect(p, SQL_T_LEFT_PAREN);
    n = parse_window(p);
    expect(p, SQL_T_RIGHT_PAREN);
    return n;
}

/* f(*) and f(label.*); false if it is neither */
static bool parse_star_argument(struct parser *p, struct sql_node *n)
{
    uint32_t mark = list_begin(p);

    if (p->trino && peek(p, 1) == SQL_T_DOT && peek(p, 2) == SQL_T_ASTERISK &&
        peek(p, 3) == SQL_T_RIGHT_PAREN && is_identifier(p, 0)) {
        list_add(p, parse_identifier(p));
        p->token++;
    }
    if (!accept(p, SQL_T_ASTERISK))
        return false;
    n->flags |= SQL_F_STAR;
    n->kid[SQL_FUNCTION_ARGUMENTS] = list_end(p, mark);
    return true;
}

static void parse_arguments(struct parser *p, struct sql_node *n)
{
    wish(p, SQL_T_RIGHT_PAREN);
    wish(p, SQL_W_ORDER);
    if (peek(p, 0) == SQL_T_RIGHT_PAREN || peek(p, 0) == SQL_W_ORDER) {
        n->kid[SQL_FUNCTION_ARGUMENTS] = list_end(p, list_begin(p));
    } else {
        n->op = parse_quantifier(p);
        n->kid[SQL_FUNCTION_ARGUMENTS] = comma_list(p, parse_expression);
    }
    n->kid[SQL_FUNCTION_ORDER] = parse_order_by(p);
}

/* IGNORE NULLS or RESPECT NULLS, which must stand before OVER */
static void parse_null_treatment(struct parser *p, struct sql_node *n)
{
    wish(p, SQL_W_IGNORE);
    wish(p, SQL_W_RESPECT);
    if ((peek(p, 0) != SQL_W_IGNORE && peek(p, 0) != SQL_W_RESPECT) || peek(p, 1) != SQL_W_NULLS)
        return;
    n->op2 = (uint16_t)peek(p, 0);
    p->token += 2;
    n->kid[SQL_FUNCTION_OVER] = parse_over(p);
}

/* -- what the coordinators check when they build their trees */

struct checked_function {
    struct str name;
    uint32_t min, max;
    const char *message;
    bool trino; /* alone */
};

#define MANY UINT32_MAX
static const struct checked_function checked[] = {
    {{"if", 2}, 2, 3, "Invalid number of arguments for 'if' function", false},
    {{"nullif", 6}, 2, 2, "Invalid number of arguments for 'nullif' function", false},
    {{"coalesce", 8}, 2, MANY, "The 'coalesce' function must have at least two arguments", false},
    {{"try", 3}, 1, 1, "The 'try' function must have exactly one argument", false},
    {{"format", 6}, 2, MANY, "The 'format' function must have at least two arguments", true},
};

static void check_call(struct parser *p, const struct sql_node *n, const struct sql_token *start)
{
    const struct sql_node *name = n->kid[SQL_FUNCTION_NAME];
    const struct checked_function *c = NULL;
    struct str text;

    if (p->failed || name->count != 1)
        return;
    text = name->kid[0]->text;
    if (text.n > 8)
        return;
    for (size_t i = 0; i < ARRAY_LEN(checked) && c == NULL; i++)
        if (str_eq_nocase(text, checked[i].name) && (p->trino || !checked[i].trino))
            c = &checked[i];
    if (c == NULL)
        return;
    if (n->kid[SQL_FUNCTION_ARGUMENTS]->count < c->min ||
        n->kid[SQL_FUNCTION_ARGUMENTS]->count > c->max)
        refuse_at(p, start, "%s", c->message);
    else if (n->kid[SQL_FUNCTION_OVER] != NULL)
        refuse_at(p, start, "OVER clause not valid for '%s' function", c->name.p);
    else if (n->op == SQL_W_DISTINCT)
        refuse_at(p, start, "DISTINCT not valid for '%s' function", c->name.p);
    else if (n->op2 != 0)
        refuse_at(p, start, "Null treatment clause not valid for '%s' function", c->name.p);
    else if (n->kid[SQL_FUNCTION_FILTER] != NULL)
        refuse_at(p, start, "FILTER not valid for '%s' function", c->name.p);
}

struct sql_node *parse_function_call(struct parser *p, struct sql_node *n)
{
    const struct sql_token *start = p->token - 1;

    while (start > p->tokens && start->start > n->start)
        start--;
    expect(p, SQL_T_LEFT_PAREN);
    if (!parse_star_argument(p, n))
        parse_arguments(p, n);
    expect(p, SQL_T_RIGHT_PAREN);
    n->kid[SQL_FUNCTION_FILTER] = parse_filter(p);
    if ((n->flags & SQL_F_STAR) == 0)
        parse_null_treatment(p, n);
    if (n->kid[SQL_FUNCTION_OVER] == NULL && at_over(p))
        n->kid[SQL_FUNCTION_OVER] = parse_over(p);
    n = close_node(p, n);
    check_call(p, n, start);
    return n;
}
