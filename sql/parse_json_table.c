/* SPDX-License-Identifier: Apache-2.0 */
/* parse_json_table.c - Trino's JSON_TABLE: columns and plans. */
#include "sql/parse_json.h"

/* -- columns */

static struct sql_node *parse_column(struct parser *p);

static struct sql_node *parse_columns(struct parser *p)
{
    expect(p, SQL_W_COLUMNS);
    return paren_list(p, parse_column);
}

/* NESTED PATH? 'path' AS name COLUMNS (...) */
static struct sql_node *parse_nested(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_JSON_NESTED);

    p->token++;
    n->flags = accept(p, SQL_W_PATH) ? SQL_F_WORD : 0;
    n->kid[SQL_JSON_NESTED_PATH] = parse_string(p);
    if (accept(p, SQL_W_AS))
        n->kid[SQL_JSON_NESTED_NAME] = parse_identifier(p);
    if (enter(p))
        n->kid[SQL_JSON_NESTED_COLUMNS] = parse_columns(p);
    leave(p);
    return close_node(p, n);
}

static struct sql_node *parse_ordinality(struct parser *p, uint32_t start, struct sql_node *name)
{
    struct sql_node *n = open_node(p, SQL_JSON_ORDINALITY);

    n->start = start;
    n->kid[SQL_JSON_ORDINALITY_NAME] = name;
    expect(p, SQL_W_ORDINALITY);
    return close_node(p, n);
}

/* The slots of both kinds are the same. */
static struct sql_node *parse_typed_column(struct parser *p, uint32_t start, struct sql_node *name)
{
    struct sql_node *type = parse_type(p), *n;
    bool query = at(p, SQL_W_FORMAT);

    n = open_node(p, query ? SQL_JSON_QUERY_COLUMN : SQL_JSON_VALUE_COLUMN);
    n->start = start;
    n->kid[SQL_JSON_VALUE_COLUMN_NAME] = name;
    n->kid[SQL_JSON_VALUE_COLUMN_TYPE] = type;
    parse_json_format(p, n);
    n->flags = 0;
    if (accept(p, SQL_W_PATH))
        n->kid[SQL_JSON_VALUE_COLUMN_PATH] = parse_string(p);
    if (query)
        parse_json_wrapper(p, n);
    parse_json_behaviors(p, query, &n->kid[SQL_JSON_VALUE_COLUMN_EMPTY],
                         &n->kid[SQL_JSON_VALUE_COLUMN_ERROR]);
    return close_node(p, n);
}

static struct sql_node *parse_column(struct parser *p)
{
    uint32_t start = p->token->start;
    struct sql_node *name;

    wish(p, SQL_W_NESTED);
    if (peek(p, 0) == SQL_W_NESTED &&
        (is_string(peek(p, 1)) || (peek(p, 1) == SQL_W_PATH && is_string(peek(p, 2)) &&
                                   peek(p, 3) != SQL_T_COMMA && peek(p, 3) != SQL_T_RIGHT_PAREN)))
        return parse_nested(p);
    name = parse_identifier(p);
    return accept(p, SQL_W_FOR) ? parse_ordinality(p, start, name)
                                : parse_typed_column(p, start, name);
}

/* -- plans */

static struct sql_node *parse_specific_plan(struct parser *p);

static struct sql_node *parse_plan_leaf(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_JSON_PLAN);

    n->kid[SQL_JSON_PLAN_LEFT] = parse_identifier(p);
    return close_node(p, n);
}

/* A path's name or a bracketed plan; *name: whether it was a name. */
static struct sql_node *parse_plan_primary(struct parser *p, bool *name)
{
    struct sql_node *n = NULL;

    *name = !at(p, SQL_T_LEFT_PAREN);
    if (*name)
        return parse_plan_leaf(p);
    p->token++;
    if (enter(p))
        n = parse_specific_plan(p);
    leave(p);
    expect(p, SQL_T_RIGHT_PAREN);
    return n;
}

static struct sql_node *join_plans(struct parser *p, struct sql_node *left, enum sql_token_kind op)
{
    struct sql_node *n = open_node_at(p, SQL_JSON_PLAN, left);
    bool name;

    p->token++;
    n->op = (uint16_t)op;
    n->kid[SQL_JSON_PLAN_LEFT] = left;
    n->kid[SQL_JSON_PLAN_RIGHT] = parse_plan_primary(p, &name);
    return close_node(p, n);
}

/* name | name OUTER|INNER x | x UNION y UNION z | x CROSS y CROSS z */
static struct sql_node *parse_specific_plan(struct parser *p)
{
    bool name;
    struct sql_node *n = parse_plan_primary(p, &name);
    enum sql_token_kind op = peek(p, 0);

    if (name) {
        wish(p, SQL_W_OUTER);
        wish(p, SQL_W_INNER);
    }
    wish(p, SQL_W_UNION);
    wish(p, SQL_W_CROSS);
    if (name && (op == SQL_W_OUTER || op == SQL_W_INNER))
        return join_plans(p, n, op);
    if (!name && op != SQL_W_UNION && op != SQL_W_CROSS) {
        fail_here(p);
        return n;
    }
    while ((op == SQL_W_UNION || op == SQL_W_CROSS) && at(p, op))
        n = join_plans(p, n, op);
    return n;
}

/* (OUTER | INNER) (',' (UNION | CROSS))?, or the other way round */
static struct sql_node *parse_default_plan(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_JSON_PLAN);

    n->flags = SQL_F_DEFAULT;
    n->op = (uint16_t)expect_any(p, KINDS(SQL_W_OUTER, SQL_W_INNER, SQL_W_UNION, SQL_W_CROSS));
    if (accept(p, SQL_T_COMMA))
        n->op2 = (uint16_t)expect_any(p, n->op == SQL_W_OUTER || n->op == SQL_W_INNER
                                             ? KINDS(SQL_W_UNION, SQL_W_CROSS)
                                             : KINDS(SQL_W_OUTER, SQL_W_INNER));
    return close_node(p, n);
}

static struct sql_node *parse_plan(struct parser *p)
{
    bool is_default;
    struct sql_node *n;

    if (!accept(p, SQL_W_PLAN))
        return NULL;
    is_default = accept(p, SQL_W_DEFAULT);
    expect(p, SQL_T_LEFT_PAREN);
    n = is_default ? parse_default_plan(p) : parse_specific_plan(p);
    expect(p, SQL_T_RIGHT_PAREN);
    return n;
}

struct sql_node *parse_json_table(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_JSON_TABLE);

    p->token++;
    expect(p, SQL_T_LEFT_PAREN);
    n->kid[SQL_JSON_TABLE_PATH] = parse_json_path(p);
    n->kid[SQL_JSON_TABLE_COLUMNS] = parse_columns(p);
    n->kid[SQL_JSON_TABLE_PLAN] = parse_plan(p);
    n->op = (uint16_t)accept_any(p, KINDS(SQL_W_ERROR, SQL_W_EMPTY));
    if (n->op != 0)
        expect_all(p, KINDS(SQL_W_ON, SQL_W_ERROR));
    expect(p, SQL_T_RIGHT_PAREN);
    return close_node(p, n);
}
