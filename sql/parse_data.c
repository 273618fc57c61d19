/* SPDX-License-Identifier: Apache-2.0 */
/* parse_data.c - statements on data: INSERT, UPDATE, DELETE, MERGE and the like. */
#include "sql/statement.h"

/* Whether a bracket opens the names of columns. What opens neither these nor a query is told that
 * either would do. */
static bool at_insert_columns(struct parser *p)
{
    static const uint16_t starts[] = {SQL_T_LEFT_PAREN, SQL_W_SELECT, SQL_W_TABLE, SQL_W_VALUES};

    if (!at(p, SQL_T_LEFT_PAREN) || peek(p, 1) == SQL_T_LEFT_PAREN || is_query_start(p, 1))
        return false;
    for (size_t i = 0; i < COUNT_OF(starts) && p->trino; i++)
        (void)accept_two(p, SQL_T_LEFT_PAREN, starts[i]);
    return true;
}

struct sql_node *parse_insert(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_statement(p, o, SQL_INSERT);

    expect(p, SQL_W_INTO);
    n->kid[SQL_INSERT_TABLE] = parse_target(p);
    ask_anew(p);
    if (at_insert_columns(p))
        n->kid[SQL_INSERT_COLUMNS] = parse_column_aliases(p);
    n->kid[SQL_INSERT_QUERY] = parse_root_query(p);
    return close_node(p, n);
}

struct sql_node *parse_delete(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_statement(p, o, SQL_DELETE);

    expect(p, SQL_W_FROM);
    n->kid[SQL_DELETE_TABLE] = parse_target(p);
    n->kid[SQL_DELETE_WHERE] = accept_where(p);
    return close_node(p, n);
}

struct sql_node *parse_truncate(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_statement(p, o, SQL_TRUNCATE);

    expect(p, SQL_W_TABLE);
    n->kid[SQL_TRUNCATE_TABLE] = parse_target(p);
    return close_node(p, n);
}

struct sql_node *parse_update(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_statement(p, o, SQL_UPDATE);

    n->kid[SQL_UPDATE_TABLE] = parse_target(p);
    expect(p, SQL_W_SET);
    n->kid[SQL_UPDATE_ASSIGNMENTS] = comma_list(p, parse_assignment);
    n->kid[SQL_UPDATE_WHERE] = accept_where(p);
    return close_node(p, n);
}

struct sql_node *parse_analyze(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_statement(p, o, SQL_ANALYZE);

    n->kid[SQL_ANALYZE_TABLE] = parse_target(p);
    n->kid[SQL_ANALYZE_PROPERTIES] = accept_properties(p);
    return close_node(p, n);
}

struct sql_node *parse_call_procedure(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_statement(p, o, SQL_CALL);

    n->kid[SQL_CALL_NAME] = parse_qualified_name(p);
    n->kid[SQL_CALL_ARGUMENTS] = paren_list_or_none(p, parse_argument);
    return close_node(p, n);
}

struct sql_node *parse_refresh(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_statement(p, o, SQL_REFRESH);

    expect(p, SQL_W_MATERIALIZED);
    expect(p, SQL_W_VIEW);
    n->kid[SQL_REFRESH_NAME] = parse_qualified_name(p);
    if (!p->trino)
        n->kid[SQL_REFRESH_WHERE] = accept_where(p);
    return close_node(p, n);
}

/* -- MERGE. Presto has neither conditions nor DELETE in its cases. */

static struct sql_node *parse_merge_insert(struct parser *p, struct sql_node *condition)
{
    struct sql_node *n = open_node(p, SQL_MERGE_INSERT);

    expect(p, SQL_W_INSERT);
    n->kid[SQL_MERGE_INSERT_CONDITION] = condition;
    if (at(p, SQL_T_LEFT_PAREN))
        n->kid[SQL_MERGE_INSERT_COLUMNS] = parse_column_aliases(p);
    expect(p, SQL_W_VALUES);
    n->kid[SQL_MERGE_INSERT_VALUES] = paren_list(p, parse_expression);
    return n;
}

static struct sql_node *parse_merge_update(struct parser *p, struct sql_node *condition)
{
    struct sql_node *n;

    if (p->trino && accept(p, SQL_W_DELETE)) {
        n = open_node(p, SQL_MERGE_DELETE);
        n->kid[SQL_MERGE_DELETE_CONDITION] = condition;
        return n;
    }
    n = open_node(p, SQL_MERGE_UPDATE);
    n->kid[SQL_MERGE_UPDATE_CONDITION] = condition;
    expect(p, SQL_W_UPDATE);
    expect(p, SQL_W_SET);
    n->kid[SQL_MERGE_UPDATE_ASSIGNMENTS] = comma_list(p, parse_assignment);
    return n;
}

/* Whether UPDATE or DELETE comes shows behind the condition: until then the coordinators look
 * ahead. */
static struct sql_node *parse_matched_condition(struct parser *p)
{
    const struct sql_token *outer = p->wide;
    struct sql_node *n;

    p->wide = p->token;
    n = parse_expression(p);
    p->wide = outer;
    fail_held(p);
    return n;
}

static struct sql_node *parse_merge_case(struct parser *p)
{
    uint32_t start = p->token->start;
    struct sql_node *n, *condition = NULL;
    bool negated;

    expect(p, SQL_W_WHEN);
    negated = accept(p, SQL_W_NOT);
    expect(p, SQL_W_MATCHED);
    if (p->trino && accept(p, SQL_W_AND))
        condition = negated ? parse_expression(p) : parse_matched_condition(p);
    expect(p, SQL_W_THEN);
    n = negated ? parse_merge_insert(p, condition) : parse_merge_update(p, condition);
    n->start = start;
    return close_node(p, n);
}

struct sql_node *parse_merge(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_statement(p, o, SQL_MERGE);
    uint32_t mark;

    expect(p, SQL_W_INTO);
    n->kid[SQL_MERGE_TABLE] = parse_target(p);
    if (accept(p, SQL_W_AS) || at_identifier(p))
        n->kid[SQL_MERGE_ALIAS] = parse_identifier(p);
    expect(p, SQL_W_USING);
    n->kid[SQL_MERGE_SOURCE] = parse_relation(p);
    expect(p, SQL_W_ON);
    n->kid[SQL_MERGE_ON] = parse_expression(p);
    ask_anew(p);
    mark = list_begin(p);
    do
        list_add(p, parse_merge_case(p));
    while (at(p, SQL_W_WHEN));
    n->kid[SQL_MERGE_CASES] = list_end(p, mark);
    return close_node(p, n);
}
