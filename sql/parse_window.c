/* SPDX-License-Identifier: Apache-2.0 */
/* parse_window.c - windows and their frames. */
#include "sql/parse_expression.h"

static bool is_frame_unit(enum sql_token_kind kind)
{
    return kind == SQL_W_ROWS || kind == SQL_W_RANGE || kind == SQL_W_GROUPS;
}

/* Words that open a clause of a window are not reserved: the window that this one is based on may
 * be called like one. */
static bool at_existing(struct parser *p)
{
    enum sql_token_kind next = peek(p, 1), second = peek(p, 2);

    if (!p->trino || !at_identifier(p))
        return false;
    if (next == SQL_T_RIGHT_PAREN || next == SQL_W_ORDER ||
        (next == SQL_W_PARTITION && second == SQL_W_BY))
        return true;
    if (next == SQL_W_MEASURES)
        return !is_frame_unit(peek(p, 0));
    if (is_frame_unit(next))
        return second != SQL_W_PRECEDING && second != SQL_W_FOLLOWING && second != SQL_W_AND &&
               peek(p, 0) != SQL_W_MEASURES;
    return peek(p, 0) != SQL_W_PARTITION && !is_frame_unit(peek(p, 0)) &&
           peek(p, 0) != SQL_W_MEASURES;
}

/* -- frames */

/* Whether a name goes on as an expression with this token behind it: UNBOUNDED + 1 PRECEDING. */
static bool goes_on(enum sql_token_kind next)
{
    switch (next) {
    case SQL_T_DOT:
    case SQL_T_LEFT_PAREN:
    case SQL_T_LEFT_BRACKET:
    case SQL_T_ARROW:
    case SQL_T_STRING:
    case SQL_T_UNICODE_STRING:
    case SQL_W_AND:
    case SQL_W_AT:
    case SQL_W_BETWEEN:
    case SQL_W_IN:
    case SQL_W_IS:
    case SQL_W_LIKE:
    case SQL_W_NOT:
    case SQL_W_OR:
        return true;
    default:
        return next >= SQL_T_EQ && next <= SQL_T_CONCAT;
    }
}

static struct sql_node *parse_bound(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_BOUND);
    enum sql_token_kind next = peek(p, 1);

    wish(p, SQL_W_UNBOUNDED);
    wish(p, SQL_W_CURRENT);
    if (peek(p, 0) == SQL_W_CURRENT && next == SQL_W_ROW) {
        p->token += 2;
        n->op = SQL_W_CURRENT;
        return close_node(p, n);
    }
    if (peek(p, 0) == SQL_W_UNBOUNDED && !goes_on(next))
        p->token++;
    else
        n->kid[SQL_BOUND_VALUE] = parse_expression(p);
    n->op = (uint16_t)expect_any(p, KINDS(SQL_W_PRECEDING, SQL_W_FOLLOWING));
    return close_node(p, n);
}

static struct sql_node *parse_frame(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_FRAME);

    n->op = (uint16_t)expect_any(p, KINDS(SQL_W_RANGE, SQL_W_ROWS, SQL_W_GROUPS));
    if (accept(p, SQL_W_BETWEEN)) {
        n->kid[SQL_FRAME_START] = parse_bound(p);
        expect(p, SQL_W_AND);
        n->kid[SQL_FRAME_END] = parse_bound(p);
    } else {
        n->kid[SQL_FRAME_START] = parse_bound(p);
    }
    return close_node(p, n);
}

/* The frame with the clauses of row patterns around it. */
static struct sql_node *parse_frame_with_pattern(struct parser *p)
{
    struct sql_node *clauses = open_node(p, SQL_PATTERN_CLAUSES), *n;
    uint32_t start = p->token->start;

    if (!p->trino)
        return parse_frame(p);
    clauses->kid[SQL_PATTERN_CLAUSES_MEASURES] = parse_measures(p);
    n = parse_frame(p);
    n->start = start;
    if (parse_pattern_clauses(p, clauses, true) ||
        clauses->kid[SQL_PATTERN_CLAUSES_MEASURES] != NULL)
        n->kid[SQL_FRAME_PATTERN] = close_node(p, clauses);
    return close_node(p, n);
}

struct sql_node *parse_window(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_WINDOW);

    if (at_existing(p))
        n->kid[SQL_WINDOW_EXISTING] = parse_identifier(p);
    if (accept(p, SQL_W_PARTITION)) {
        expect(p, SQL_W_BY);
        n->kid[SQL_WINDOW_PARTITION] = comma_list(p, parse_expression);
    }
    n->kid[SQL_WINDOW_ORDER] = parse_order_by(p);
    wish(p, SQL_W_RANGE);
    wish(p, SQL_W_ROWS);
    wish(p, SQL_W_GROUPS);
    if (p->trino)
        wish(p, SQL_W_MEASURES);
    if (is_frame_unit(peek(p, 0)) || (p->trino && peek(p, 0) == SQL_W_MEASURES))
        n->kid[SQL_WINDOW_FRAME] = parse_frame_with_pattern(p);
    return close_node(p, n);
}
