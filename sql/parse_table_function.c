/* SPDX-License-Identifier: Apache-2.0 */
/* parse_table_function.c - TABLE(f(...)): table, descriptor and scalar arguments. */
#include "sql/parse_expression.h"

/* COPARTITION ( a, b.c ...: tables and not aliases of columns */
static bool has_dotted_name(const struct parser *p)
{
    const struct sql_token *t = p->token + 2;

    while (t < p->eof && t[1].kind == SQL_T_COMMA)
        t += 2;
    return t[1].kind == SQL_T_DOT;
}

/* An unreserved word that goes on with a table argument, and thus is no alias. */
static bool at_argument_clause(const struct parser *p)
{
    enum sql_token_kind kind = peek(p, 0), next = peek(p, 1);

    return (kind == SQL_W_PARTITION && next == SQL_W_BY) ||
           ((kind == SQL_W_PRUNE || kind == SQL_W_KEEP) && next == SQL_W_WHEN) ||
           (kind == SQL_W_COPARTITION && next == SQL_T_LEFT_PAREN && has_dotted_name(p));
}

/* COPARTITION behind a table may be its alias; the coordinators refuse to guess. */
static void check_copartition(struct parser *p)
{
    if (peek(p, 0) == SQL_W_COPARTITION)
        refuse_at(p, p->token,
                  "The word \"COPARTITION\" is ambiguous in this context. To alias an argument, "
                  "precede the alias with \"AS\". To specify co-partitioning, change the argument "
                  "order so that the last argument cannot be aliased.");
}

/* TABLE(t) or TABLE(query), maybe with an alias */
static struct sql_node *parse_input_relation(struct parser *p)
{
    uint32_t start = p->token->start;
    struct sql_node *n;

    p->token++;
    expect(p, SQL_T_LEFT_PAREN);
    name_open(p, EXPECT_QUERY);
    name_close(p);
    if (is_query_start(p, 0)) {
        n = open_node(p, SQL_DERIVED);
        n->kid[SQL_DERIVED_QUERY] = parse_query(p);
    } else {
        n = open_node(p, SQL_TABLE);
        n->kid[SQL_TABLE_NAME] = parse_qualified_name(p);
    }
    n = close_node(p, n);
    expect(p, SQL_T_RIGHT_PAREN);
    if (at_argument_clause(p))
        return n;
    check_copartition(p);
    return parse_alias(p, start, n);
}

/* PARTITION BY x | (x, y) */
static void parse_input_partition(struct parser *p, struct sql_node *n)
{
    struct sql_node *item;
    uint32_t mark = list_begin(p), start;

    expect(p, SQL_W_BY);
    start = p->token->start;
    if (peek(p, 0) == SQL_T_LEFT_PAREN && peek(p, 1) == SQL_T_RIGHT_PAREN) {
        p->token += 2;
        n->flags |= SQL_F_PARTITION_PAREN;
        n->kid[SQL_TABLE_INPUT_PARTITION] = list_end(p, mark);
        return;
    }
    item = parse_expression(p);
    if (!p->failed && item->kind == SQL_ROW && item->flags == 0 && item->start == start) {
        n->flags |= SQL_F_PARTITION_PAREN;
        n->kid[SQL_TABLE_INPUT_PARTITION] = item->kid[SQL_ROW_ITEMS];
        return;
    }
    list_add(p, item);
    n->kid[SQL_TABLE_INPUT_PARTITION] = list_end(p, mark);
}

/* ORDER BY x | (x DESC, y); brackets may belong to the expression of one item, too. */
static struct sql_node *parse_input_order(struct parser *p)
{
    uint32_t mark = list_begin(p);
    struct sql_node *list;
    struct attempt t;

    expect(p, SQL_W_BY);
    if (peek(p, 0) == SQL_T_LEFT_PAREN && try_open(p, &t)) {
        list = paren_list(p, parse_sort_item);
        if (try_close(p, &t,
                      peek(p, 0) == SQL_T_COMMA || peek(p, 0) == SQL_T_RIGHT_PAREN ||
                          peek(p, 0) == SQL_W_COPARTITION))
            return list;
    }
    list_add(p, parse_sort_item(p));
    return list_end(p, mark);
}

static struct sql_node *parse_table_input(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_TABLE_INPUT);

    n->kid[SQL_TABLE_INPUT_RELATION] = parse_input_relation(p);
    if (accept(p, SQL_W_PARTITION))
        parse_input_partition(p, n);
    n->op = (uint16_t)accept_any(p, KINDS(SQL_W_PRUNE, SQL_W_KEEP));
    if (n->op != 0)
        expect_all(p, KINDS(SQL_W_WHEN, SQL_W_EMPTY));
    if (accept(p, SQL_W_ORDER))
        n->kid[SQL_TABLE_INPUT_ORDER] = parse_input_order(p);
    return close_node(p, n);
}

static struct sql_node *parse_descriptor_field(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_DESCRIPTOR_FIELD);

    n->kid[SQL_DESCRIPTOR_FIELD_NAME] = parse_identifier(p);
    if (!at(p, SQL_T_COMMA) && !at(p, SQL_T_RIGHT_PAREN))
        n->kid[SQL_DESCRIPTOR_FIELD_TYPE] = parse_type(p);
    return close_node(p, n);
}

/* DESCRIPTOR(a bigint, b), unless it is a function's name; CAST(NULL AS DESCRIPTOR) */
static struct sql_node *parse_descriptor(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_DESCRIPTOR);
    struct attempt t;

    if (peek(p, 0) == SQL_W_CAST && peek(p, 1) == SQL_T_LEFT_PAREN && peek(p, 2) == SQL_W_NULL &&
        peek(p, 3) == SQL_W_AS && peek(p, 4) == SQL_W_DESCRIPTOR &&
        peek(p, 5) == SQL_T_RIGHT_PAREN) {
        p->token += 6;
        return close_node(p, n);
    }
    if (peek(p, 0) != SQL_W_DESCRIPTOR || peek(p, 1) != SQL_T_LEFT_PAREN || !is_identifier(p, 2) ||
        !try_open(p, &t))
        return NULL;
    p->token++;
    n->kid[SQL_DESCRIPTOR_FIELDS] = paren_list(p, parse_descriptor_field);
    if (!try_close(p, &t,
                   peek(p, 0) == SQL_T_COMMA || peek(p, 0) == SQL_T_RIGHT_PAREN ||
                       peek(p, 0) == SQL_W_COPARTITION))
        return NULL;
    return close_node(p, n);
}

static struct sql_node *parse_argument(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_TABLE_ARGUMENT), *value;

    if (at_identifier(p) && peek(p, 1) == SQL_T_DOUBLE_ARROW) {
        n->kid[SQL_TABLE_ARGUMENT_NAME] = parse_identifier(p);
        p->token++;
    }
    if (at(p, SQL_W_TABLE))
        value = parse_table_input(p);
    else if ((value = parse_descriptor(p)) == NULL)
        value = parse_expression(p);
    n->kid[SQL_TABLE_ARGUMENT_VALUE] = value;
    return close_node(p, n);
}

/* '(' a, b ')': at least two */
static struct sql_node *parse_copartition(struct parser *p)
{
    uint32_t mark = list_begin(p);

    expect(p, SQL_T_LEFT_PAREN);
    list_add(p, parse_qualified_name(p));
    expect(p, SQL_T_COMMA);
    do {
        list_add(p, parse_qualified_name(p));
    } while (accept(p, SQL_T_COMMA));
    expect(p, SQL_T_RIGHT_PAREN);
    return list_end(p, mark);
}

struct sql_node *parse_table_function(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_TABLE_FUNCTION);

    expect_all(p, KINDS(SQL_W_TABLE, SQL_T_LEFT_PAREN));
    n->kid[SQL_TABLE_FUNCTION_NAME] = parse_qualified_name(p);
    expect(p, SQL_T_LEFT_PAREN);
    if (at(p, SQL_T_RIGHT_PAREN) ||
        (peek(p, 0) == SQL_W_COPARTITION && peek(p, 1) == SQL_T_LEFT_PAREN))
        n->kid[SQL_TABLE_FUNCTION_ARGUMENTS] = list_end(p, list_begin(p));
    else
        n->kid[SQL_TABLE_FUNCTION_ARGUMENTS] = comma_list(p, parse_argument);
    if (accept(p, SQL_W_COPARTITION))
        n->kid[SQL_TABLE_FUNCTION_COPARTITION] = comma_list(p, parse_copartition);
    expect_all(p, KINDS(SQL_T_RIGHT_PAREN, SQL_T_RIGHT_PAREN));
    return close_node(p, n);
}
