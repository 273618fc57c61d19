/* SPDX-License-Identifier: Apache-2.0 */
/* parse_type.c - types.
 *
 * Words like ROW, ARRAY, TIME or INTERVAL are names of types unless what follows makes them more.
 */
#include "sql/parse_literal.h"

/* INTEGER_VALUE | type */
static struct sql_node *parse_parameter(struct parser *p)
{
    return at(p, SQL_T_INTEGER) ? parse_integer(p) : parse_type(p);
}

/* Whether the words at the next token are a type already, and not the name of a field before its
 * type. */
static bool is_whole_type(const struct parser *p)
{
    enum sql_token_kind first = peek(p, 0), second = peek(p, 1), third = peek(p, 2);

    if (second == SQL_W_ARRAY)
        return third != SQL_T_LEFT_PAREN && third != SQL_T_LT;
    if (first == SQL_W_DOUBLE && second == SQL_W_PRECISION)
        return third != SQL_T_LEFT_PAREN;
    if (first == SQL_W_INTERVAL && is_interval_field(second))
        return third != SQL_T_LEFT_PAREN;
    if (first == SQL_W_TIME || first == SQL_W_TIMESTAMP)
        return second == SQL_W_WITHOUT && third == SQL_W_TIME;
    return false;
}

static struct sql_node *parse_row_field(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_ROW_FIELD);

    if (!p->trino || (is_identifier(p, 0) && is_identifier(p, 1) && !is_whole_type(p)))
        n->kid[SQL_ROW_FIELD_NAME] = parse_identifier(p);
    n->kid[SQL_ROW_FIELD_TYPE] = parse_type(p);
    return close_node(p, n);
}

static struct sql_node *parse_row_type(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_ROW_TYPE);

    p->token++;
    expect(p, SQL_T_LEFT_PAREN);
    wish(p, SQL_T_INTEGER);
    n->kid[SQL_ROW_TYPE_FIELDS] = comma_list(p, parse_row_field);
    expect(p, SQL_T_RIGHT_PAREN);
    return n;
}

/* WITH or WITHOUT TIME ZONE, and no other clause */
static bool at_zone(const struct parser *p)
{
    enum sql_token_kind next = peek(p, 1);

    if (peek(p, 0) == SQL_W_WITHOUT)
        return next == SQL_W_TIME;
    return peek(p, 0) == SQL_W_WITH && next != SQL_T_LEFT_PAREN && next != SQL_W_ARRAY &&
           next != SQL_W_CONDITIONAL && next != SQL_W_UNCONDITIONAL && next != SQL_W_WRAPPER;
}

/* TIME or TIMESTAMP, for Trino */
static struct sql_node *parse_time_type(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_TIME_TYPE);

    n->op = (uint16_t)peek(p, 0);
    p->token++;
    if (accept(p, SQL_T_LEFT_PAREN)) {
        n->kid[SQL_TIME_TYPE_PRECISION] = parse_parameter(p);
        expect(p, SQL_T_RIGHT_PAREN);
    }
    wish(p, SQL_W_WITH);
    wish(p, SQL_W_WITHOUT);
    if (at_zone(p)) {
        n->flags = peek(p, 0) == SQL_W_WITH ? SQL_F_WITH_ZONE : SQL_F_WITHOUT_ZONE;
        p->token++;
        expect_all(p, KINDS(SQL_W_TIME, SQL_W_ZONE));
    }
    return n;
}

static struct sql_node *parse_interval_type(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_INTERVAL_TYPE);

    p->token++;
    n->op = parse_interval_field(p);
    if (!p->trino)
        expect(p, SQL_W_TO);
    else if (!accept(p, SQL_W_TO))
        return n;
    n->op2 = parse_interval_field(p);
    return n;
}

/* ARRAY<x> and MAP<k, v> */
static struct sql_node *parse_angle_type(struct parser *p)
{
    bool map = peek(p, 0) == SQL_W_MAP;
    struct sql_node *n = open_node(p, map ? SQL_MAP_TYPE : SQL_ARRAY_TYPE);

    p->token += 2;
    n->flags = map ? 0 : SQL_F_ANGLE;
    n->kid[0] = parse_type(p);
    if (map) {
        expect(p, SQL_T_COMMA);
        n->kid[SQL_MAP_TYPE_VALUE] = parse_type(p);
    }
    expect(p, SQL_T_GT);
    return n;
}

/* Presto's types whose names are one token */
static struct sql_node *parse_joined_type(struct parser *p)
{
    enum sql_token_kind kind = peek(p, 0);
    bool is_double = kind == SQL_T_DOUBLE_PRECISION;
    struct sql_node *n = open_node(p, is_double ? SQL_DOUBLE_TYPE : SQL_TIME_TYPE), *list;

    p->token++;
    if (!is_double) {
        n->op = kind == SQL_T_TIME_WITH_TIME_ZONE ? SQL_W_TIME : SQL_W_TIMESTAMP;
        n->flags = SQL_F_WITH_ZONE;
    }
    if (at(p, SQL_T_LEFT_PAREN)) {
        list = paren_list(p, parse_parameter);
        if (!is_double && list->count > 0)
            n->kid[SQL_TIME_TYPE_PRECISION] = list->kid[0];
    }
    return n;
}

/* A name with parameters; ARRAY(x) and, for Presto, TIME and TIMESTAMP have kinds of their own. */
static struct sql_node *parse_named_type(struct parser *p)
{
    enum sql_token_kind word = peek(p, 0);
    struct sql_node *n = open_node(p, SQL_TYPE), *name, *list = NULL, *other;
    uint32_t mark = list_begin(p);

    if (p->trino)
        list_add(p, parse_identifier(p));
    name = p->trino ? list_end_as(p, mark, SQL_NAME) : parse_qualified_name(p);
    if (at(p, SQL_T_LEFT_PAREN))
        list = paren_list(p, parse_parameter);
    n->kid[SQL_TYPE_NAME] = name;
    n->kid[SQL_TYPE_ARGUMENTS] = list;
    if (p->failed || name->count != 1)
        return n;
    if (word == SQL_W_ARRAY && list != NULL && list->count == 1 &&
        list->kid[0]->kind != SQL_INTEGER) {
        other = open_node_at(p, SQL_ARRAY_TYPE, n);
        other->flags = SQL_F_PAREN;
        other->kid[SQL_ARRAY_TYPE_ELEMENT] = list->kid[0];
        return other;
    }
    if ((word == SQL_W_TIME || word == SQL_W_TIMESTAMP) && (list == NULL || list->count == 1)) {
        other = open_node_at(p, SQL_TIME_TYPE, n);
        other->op = (uint16_t)word;
        other->kid[SQL_TIME_TYPE_PRECISION] = list != NULL ? list->kid[0] : NULL;
        return other;
    }
    return n;
}

/* ROW is a type whose parameters are types, too, for Presto's grammar. */
static struct sql_node *parse_presto_row(struct parser *p)
{
    struct sql_node *n;
    struct attempt t;

    if (try_open(p, &t)) {
        n = parse_row_type(p);
        if (try_close(p, &t, true))
            return n;
    }
    return parse_named_type(p);
}

static struct sql_node *parse_base_type(struct parser *p)
{
    enum sql_token_kind first = peek(p, 0), second = peek(p, 1);
    struct sql_node *n;

    if (first >= SQL_T_DOUBLE_PRECISION && first <= SQL_T_TIMESTAMP_WITH_TIME_ZONE)
        return parse_joined_type(p);
    if (first == SQL_W_ROW && second == SQL_T_LEFT_PAREN)
        return p->trino ? parse_row_type(p) : parse_presto_row(p);
    if ((first == SQL_W_ARRAY || first == SQL_W_MAP) && second == SQL_T_LT)
        return parse_angle_type(p);
    if (first == SQL_W_INTERVAL && is_interval_field(second))
        return parse_interval_type(p);
    if (p->trino && (first == SQL_W_TIME || first == SQL_W_TIMESTAMP))
        return parse_time_type(p);
    if (first == SQL_W_DOUBLE && second == SQL_W_PRECISION) {
        n = open_node(p, SQL_DOUBLE_TYPE);
        p->token += 2;
        return n;
    }
    return parse_named_type(p);
}

/* The [n] of Trino's x ARRAY[n] */
static struct sql_node *parse_array_size(struct parser *p)
{
    struct sql_node *size = NULL;

    if (p->trino && accept(p, SQL_T_LEFT_BRACKET)) {
        size = parse_integer(p);
        expect(p, SQL_T_RIGHT_BRACKET);
    }
    return size;
}

struct sql_node *parse_type(struct parser *p)
{
    struct sql_node *n = NULL, *array;

    name_open(p, EXPECT_TYPE);
    if (enter(p))
        n = close_node(p, parse_base_type(p));
    leave(p);
    while (!p->failed && accept(p, SQL_W_ARRAY)) {
        array = open_node_at(p, SQL_ARRAY_TYPE, n);
        array->kid[SQL_ARRAY_TYPE_ELEMENT] = n;
        array->kid[SQL_ARRAY_TYPE_SIZE] = parse_array_size(p);
        n = close_node(p, array);
    }
    name_close(p);
    return n;
}
