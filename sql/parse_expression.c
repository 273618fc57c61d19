/* SPDX-License-Identifier: Apache-2.0 */
/* parse_expression.c - expressions: OR, AND, NOT, predicates and operators.
 *
 * Operators are read by one loop with binding powers (parse_operators), predicates hang once behind
 * a value, AND and OR gather their operands. Nodes start where their first token does, brackets
 * included, and so the byte is handed along. */
#include "sql/parse_expression.h"

/* Binding powers; AT TIME ZONE is above the unary signs. */
enum { BIND_CONCAT = 1, BIND_SUM, BIND_PRODUCT, BIND_SIGN, BIND_ZONE };

static const uint8_t powers[SQL_TOKEN_COUNT] = {
    [SQL_T_CONCAT] = BIND_CONCAT,    [SQL_T_PLUS] = BIND_SUM,      [SQL_T_MINUS] = BIND_SUM,
    [SQL_T_ASTERISK] = BIND_PRODUCT, [SQL_T_SLASH] = BIND_PRODUCT, [SQL_T_PERCENT] = BIND_PRODUCT,
    [SQL_W_AT] = BIND_ZONE,
};

static struct sql_node *parse_level(struct parser *p, unsigned power);

static struct sql_node *parse_time_zone(struct parser *p, uint32_t start, struct sql_node *value)
{
    struct sql_node *n = open_node(p, SQL_AT_TIME_ZONE);

    expect_all(p, KINDS(SQL_W_AT, SQL_W_TIME, SQL_W_ZONE));
    n->start = start;
    n->kid[SQL_AT_TIME_ZONE_VALUE] = value;
    wish(p, SQL_W_INTERVAL);
    n->kid[SQL_AT_TIME_ZONE_ZONE] =
        peek(p, 0) == SQL_W_INTERVAL ? parse_interval(p) : parse_string(p);
    return close_node(p, n);
}

static void wish_operators(struct parser *p)
{
    for (unsigned kind = 0; kind < SQL_TOKEN_COUNT; kind++)
        if (powers[kind] > 0)
            note_expected(p, kind);
}

/* The operators behind `left` that bind at least as much as `power`. */
static struct sql_node *parse_operators(struct parser *p, uint32_t start, struct sql_node *left,
                                        unsigned power)
{
    for (;;) {
        enum sql_token_kind op = peek(p, 0);
        struct sql_node *n;

        if (UNLIKELY(p->expected != NULL))
            wish_operators(p);
        if (powers[op] < power || powers[op] == 0)
            return left;
        if (op == SQL_W_AT) {
            if (peek(p, 1) != SQL_W_TIME && p->wide == NULL)
                return left;
            left = parse_time_zone(p, start, left);
            continue;
        }
        n = open_node(p, SQL_ARITHMETIC);
        p->token++;
        n->start = start;
        n->op = (uint16_t)op;
        n->kid[SQL_ARITHMETIC_LEFT] = left;
        n->kid[SQL_ARITHMETIC_RIGHT] = parse_level(p, powers[op] + 1);
        left = close_node(p, n);
    }
}

static struct sql_node *parse_sign(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_UNARY);

    n->op = (uint16_t)peek(p, 0);
    p->token++;
    if (UNLIKELY(p->expected != NULL) && p->trino && n->op == SQL_T_MINUS) {
        wish(p, SQL_T_INTEGER);
        wish(p, SQL_T_DECIMAL);
        wish(p, SQL_T_DOUBLE);
    }
    if (enter(p))
        n->kid[SQL_UNARY_VALUE] = parse_level(p, BIND_SIGN);
    leave(p);
    return close_node(p, n);
}

static struct sql_node *parse_level(struct parser *p, unsigned power)
{
    enum sql_token_kind first = peek(p, 0);
    uint32_t start = p->token->start;
    struct sql_node *n;

    name_open(p, EXPECT_EXPRESSION);
    if (first == SQL_T_PLUS || (first == SQL_T_MINUS && !(p->trino && is_number(peek(p, 1)))))
        n = parse_sign(p);
    else
        n = parse_primary(p);
    n = parse_operators(p, start, n, power);
    name_close(p);
    return n;
}

struct sql_node *parse_value(struct parser *p)
{
    struct sql_node *n = NULL;

    if (enter(p))
        n = parse_level(p, BIND_CONCAT);
    leave(p);
    return n;
}

/* -- predicates */

struct sql_node *parse_paren_query(struct parser *p)
{
    struct sql_node *query;

    expect(p, SQL_T_LEFT_PAREN);
    query = parse_query(p);
    expect(p, SQL_T_RIGHT_PAREN);
    return query;
}

static struct sql_node *open_predicate(struct parser *p, enum sql_kind kind, uint32_t start,
                                       struct sql_node *value, bool negated)
{
    struct sql_node *n = open_node(p, kind);

    n->start = start;
    n->kid[0] = value;
    n->flags = negated ? SQL_F_NOT : 0;
    return n;
}

/* Whether ALL, ANY or SOME comes before a query. */
static bool at_quantified(struct parser *p)
{
    enum sql_token_kind kind = peek(p, 0);

    wish(p, SQL_W_ALL);
    wish(p, SQL_W_ANY);
    wish(p, SQL_W_SOME);
    return (kind == SQL_W_ALL || kind == SQL_W_ANY || kind == SQL_W_SOME) &&
           peek(p, 1) == SQL_T_LEFT_PAREN && is_query_start(p, 2);
}

/* The words are not reserved: before two '(' they may name a function, which the grammar prefers.
 * NULL when they do not. */
static struct sql_node *try_function(struct parser *p)
{
    struct sql_node *n;
    struct attempt t;

    if (peek(p, 2) != SQL_T_LEFT_PAREN || !try_open(p, &t))
        return NULL;
    n = parse_value(p);
    return try_close(p, &t, true) ? n : NULL;
}

/* ALL (query); NULL when it failed and ALL is a name again, see soft_open() */
static struct sql_node *parse_quantified(struct parser *p, uint32_t start, struct sql_node *value)
{
    struct sql_node *n = open_predicate(p, SQL_QUANTIFIED, start, value, false);
    struct attempt t;
    bool soft = p->trino && peek(p, 2) != SQL_W_WITH && soft_open(p, &t);

    n->op2 = (uint16_t)peek(p, 0);
    p->token++;
    n->kid[SQL_QUANTIFIED_QUERY] = parse_paren_query(p);
    return soft && !soft_close(p, &t) ? NULL : n;
}

/* A word that was no quantifier: a column, whatever follows. */
static struct sql_node *parse_column(struct parser *p)
{
    uint32_t start = p->token->start;
    struct sql_node *n = parse_postfix(p, start, false, parse_identifier(p));

    return parse_operators(p, start, n, BIND_CONCAT);
}

static struct sql_node *parse_comparison(struct parser *p, uint32_t start, struct sql_node *value)
{
    uint16_t op = (uint16_t)peek(p, 0);
    struct sql_node *n = NULL, *right = NULL;

    p->token++;
    if (at_quantified(p) && (right = try_function(p)) == NULL) {
        n = parse_quantified(p, start, value);
        if (n == NULL)
            right = parse_column(p);
    }
    if (n == NULL) {
        n = open_predicate(p, SQL_COMPARE, start, value, false);
        n->kid[SQL_COMPARE_RIGHT] = right != NULL || p->failed ? right : parse_value(p);
    }
    n->op = op;
    return n;
}

/* The value up to BETWEEN's AND: a lambda at its end may have taken that, and gives it back. */
static struct sql_node *parse_low(struct parser *p)
{
    struct sql_node *n;
    struct attempt t;
    bool outer = p->no_and;

    if (!p->trino)
        return parse_value(p);
    if (try_open(p, &t)) {
        n = parse_value(p);
        if (peek(p, 0) == SQL_W_AND || p->failed || try_close(p, &t, false))
            return n;
    }
    p->no_and = true;
    n = parse_value(p);
    p->no_and = outer;
    return n;
}

static struct sql_node *parse_between(struct parser *p, uint32_t start, struct sql_node *value,
                                      bool negated)
{
    struct sql_node *n = open_predicate(p, SQL_BETWEEN, start, value, negated);

    p->token++;
    n->kid[SQL_BETWEEN_LOW] = parse_low(p);
    expect(p, SQL_W_AND);
    n->kid[SQL_BETWEEN_HIGH] = parse_value(p);
    return n;
}

static struct sql_node *parse_like(struct parser *p, uint32_t start, struct sql_node *value,
                                   bool negated)
{
    struct sql_node *n = open_predicate(p, SQL_LIKE, start, value, negated);

    p->token++;
    n->kid[SQL_LIKE_PATTERN] = parse_value(p);
    if (accept(p, SQL_W_ESCAPE))
        n->kid[SQL_LIKE_ESCAPE] = parse_value(p);
    return n;
}

static struct sql_node *parse_is(struct parser *p, uint32_t start, struct sql_node *value)
{
    struct sql_node *n;
    bool negated;

    p->token++;
    negated = accept(p, SQL_W_NOT);
    if (accept(p, SQL_W_DISTINCT)) {
        n = open_predicate(p, SQL_IS_DISTINCT, start, value, negated);
        expect(p, SQL_W_FROM);
        n->kid[SQL_IS_DISTINCT_RIGHT] = parse_value(p);
        return n;
    }
    n = open_predicate(p, SQL_IS_NULL, start, value, negated);
    expect(p, SQL_W_NULL);
    return n;
}

/* BETWEEN, IN or LIKE, maybe behind NOT */
static struct sql_node *parse_negatable(struct parser *p, uint32_t start, struct sql_node *value)
{
    bool negated = accept(p, SQL_W_NOT);

    wish(p, SQL_W_BETWEEN);
    wish(p, SQL_W_IN);
    wish(p, SQL_W_LIKE);
    switch (peek(p, 0)) {
    case SQL_W_BETWEEN:
        return parse_between(p, start, value, negated);
    case SQL_W_LIKE:
        return parse_like(p, start, value, negated);
    case SQL_W_IN:
        p->token++;
        return parse_in(p, start, value, negated);
    default:
        fail_here(p);
        return value;
    }
}

/* IN might belong to POSITION(x IN y), too, as far as the coordinators can see: soft_open() */
static struct sql_node *parse_soft_in(struct parser *p, uint32_t start, struct sql_node *value)
{
    struct sql_node *n;
    struct attempt t;
    bool soft = soft_open(p, &t);

    n = parse_negatable(p, start, value);
    return soft && !soft_close(p, &t) ? NULL : n;
}

/* `value` with the predicate behind it, if one comes. */
static struct sql_node *parse_predicate(struct parser *p, uint32_t start, struct sql_node *value)
{
    struct sql_node *n = value;

    name_open(p, EXPECT_PREDICATE);
    switch (peek(p, 0)) {
    case SQL_T_EQ:
    case SQL_T_NEQ:
    case SQL_T_LT:
    case SQL_T_LTE:
    case SQL_T_GT:
    case SQL_T_GTE:
        n = close_node(p, parse_comparison(p, start, value));
        break;
    case SQL_W_IN:
        if (peek(p, 1) != SQL_T_LEFT_PAREN) { /* POSITION(x IN y), or an error here */
            ask_anew(p);
            break;
        }
        n = parse_soft_in(p, start, value);
        n = n != NULL ? close_node(p, n) : value;
        break;
    case SQL_W_NOT:
    case SQL_W_BETWEEN:
    case SQL_W_LIKE:
        n = close_node(p, parse_negatable(p, start, value));
        break;
    case SQL_W_IS:
        n = close_node(p, parse_is(p, start, value));
        break;
    default:
        break;
    }
    name_close(p);
    return n;
}

/* -- NOT, AND, OR */

static struct sql_node *parse_operand(struct parser *p)
{
    uint32_t start = p->token->start;
    struct sql_node *n;

    if (peek(p, 0) != SQL_W_NOT)
        return parse_predicate(p, start, parse_level(p, BIND_CONCAT));
    n = open_node(p, SQL_NOT);
    p->token++;
    name_open(p, EXPECT_EXPRESSION);
    if (enter(p))
        n->kid[SQL_NOT_VALUE] = parse_operand(p);
    leave(p);
    name_close(p);
    return close_node(p, n);
}

/* The list of operands that `operator` joins: `first` and those that `next` reads. */
static struct sql_node *parse_chain(struct parser *p, uint32_t start, struct sql_node *first,
                                    bool is_or)
{
    enum sql_token_kind joint = is_or ? SQL_W_OR : SQL_W_AND;
    struct sql_node *n, *operand;
    uint32_t mark;

    if (!at(p, joint) || (p->no_and && !is_or))
        return first;
    n = open_node(p, is_or ? SQL_OR : SQL_AND);
    n->start = start;
    mark = list_begin(p);
    list_add(p, first);
    while (accept(p, joint)) {
        uint32_t next = p->token->start;

        name_open(p, EXPECT_EXPRESSION);
        operand = parse_operand(p);
        list_add(p, is_or ? parse_chain(p, next, operand, false) : operand);
        name_close(p);
    }
    n->kid[0] = list_end(p, mark);
    return close_node(p, n);
}

static struct sql_node *parse_chains(struct parser *p, uint32_t start, struct sql_node *first)
{
    return parse_chain(p, start, parse_chain(p, start, first, false), true);
}

struct sql_node *parse_lambda_body(struct parser *p)
{
    p->body_no_and = p->no_and;
    return parse_expression(p);
}

struct sql_node *parse_expression(struct parser *p)
{
    uint32_t start = p->token->start;
    struct sql_node *n = NULL;
    bool outer = p->no_and;

    p->no_and = p->body_no_and;
    p->body_no_and = false;
    name_open(p, EXPECT_EXPRESSION);
    if (enter(p))
        n = parse_chains(p, start, parse_operand(p));
    leave(p);
    name_close(p);
    p->no_and = outer;
    return n;
}

struct sql_node *parse_expression_after_value(struct parser *p, uint32_t start,
                                              struct sql_node *value)
{
    return parse_chains(p, start, parse_predicate(p, start, value));
}

struct sql_node *parse_expression_from(struct parser *p, uint32_t start, struct sql_node *primary)
{
    return parse_expression_after_value(p, start, parse_operators(p, start, primary, BIND_CONCAT));
}
