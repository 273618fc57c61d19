/* SPDX-License-Identifier: Apache-2.0 */
/* parse_query.c - queries: WITH, set operations, SELECT and its clauses, ORDER BY, LIMIT. */
#include "sql/parse_expression.h"

/* -- what comes */

static bool is_query_word(enum sql_token_kind kind)
{
    return kind == SQL_W_SELECT || kind == SQL_W_WITH || kind == SQL_W_VALUES ||
           kind == SQL_W_TABLE;
}

bool is_query_start(const struct parser *p, uint32_t ahead)
{
    const struct sql_token *t = p->token + ahead;

    /* nobody nests deeper than the limit */
    for (uint32_t i = 0; t->kind == SQL_T_LEFT_PAREN && i <= p->depth_max; i++)
        t++;
    return is_query_word(t->kind) && (t->kind != SQL_W_TABLE || t[1].kind != SQL_T_LEFT_PAREN);
}

bool follows_alias(const struct parser *p, uint32_t ahead)
{
    switch (peek(p, ahead)) {
    case SQL_T_EOF:
    case SQL_T_COMMA:
    case SQL_T_RIGHT_PAREN:
    case SQL_T_SEMICOLON:
    case SQL_W_FROM:
    case SQL_W_WHERE:
    case SQL_W_GROUP:
    case SQL_W_HAVING:
    case SQL_W_ORDER:
    case SQL_W_UNION:
    case SQL_W_INTERSECT:
    case SQL_W_EXCEPT:
    case SQL_W_WITH:
        return true;
    default:
        return is_clause_start(p, ahead);
    }
}

/* Whether the inside of MATCH_RECOGNIZE ( ... ) starts, and not a list of aliases. */
static bool is_pattern_clause(const struct parser *p, uint32_t ahead)
{
    enum sql_token_kind next = peek(p, ahead + 1);

    if (next == SQL_T_COMMA || next == SQL_T_RIGHT_PAREN)
        return false;
    switch (peek(p, ahead)) {
    case SQL_W_PARTITION:
    case SQL_W_ORDER:
    case SQL_W_MEASURES:
    case SQL_W_ONE:
    case SQL_W_ALL:
    case SQL_W_AFTER:
    case SQL_W_INITIAL:
    case SQL_W_SEEK:
    case SQL_W_PATTERN:
        return true;
    default:
        return false;
    }
}

bool is_clause_start(const struct parser *p, uint32_t ahead)
{
    enum sql_token_kind next = peek(p, ahead + 1);

    switch (peek(p, ahead)) {
    case SQL_W_LIMIT:
        return next == SQL_T_INTEGER || next == SQL_W_ALL || next == SQL_T_QUESTION_MARK;
    case SQL_W_OFFSET:
        return next == SQL_T_INTEGER || next == SQL_T_QUESTION_MARK;
    case SQL_W_FETCH:
        return next == SQL_W_FIRST || next == SQL_W_NEXT;
    case SQL_W_WINDOW:
        return is_identifier(p, ahead + 1) && !is_clause_start(p, ahead + 1);
    case SQL_W_TABLESAMPLE:
        return next == SQL_W_BERNOULLI || next == SQL_W_SYSTEM;
    case SQL_W_MATCH_RECOGNIZE:
        return next == SQL_T_LEFT_PAREN && is_pattern_clause(p, ahead + 2);
    default:
        return false;
    }
}

bool at_query_tail(const struct parser *p)
{
    enum sql_token_kind kind = peek(p, 0);

    return kind == SQL_W_UNION || kind == SQL_W_INTERSECT || kind == SQL_W_EXCEPT ||
           kind == SQL_W_ORDER ||
           (kind != SQL_W_WINDOW && kind != SQL_W_TABLESAMPLE && kind != SQL_W_MATCH_RECOGNIZE &&
            is_clause_start(p, 0));
}

/* -- ORDER BY and limits */

struct sql_node *parse_sort_item(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_SORT);

    n->kid[SQL_SORT_VALUE] = parse_expression(p);
    n->op = (uint16_t)accept_any(p, KINDS(SQL_W_ASC, SQL_W_DESC));
    if (accept(p, SQL_W_NULLS))
        n->op2 = (uint16_t)expect_any(p, KINDS(SQL_W_FIRST, SQL_W_LAST));
    return close_node(p, n);
}

struct sql_node *parse_order_by(struct parser *p)
{
    if (!accept(p, SQL_W_ORDER))
        return NULL;
    expect(p, SQL_W_BY);
    return comma_list(p, parse_sort_item);
}

/* INTEGER_VALUE, and for Trino '?' */
static struct sql_node *parse_row_count(struct parser *p)
{
    struct sql_node *n;

    if (!p->trino || !at(p, SQL_T_QUESTION_MARK))
        return parse_integer(p);
    n = parse_bare(p, SQL_PARAMETER);
    n->number = p->parameter_count++;
    return n;
}

static struct sql_node *parse_offset(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_OFFSET);

    p->token++;
    n->kid[SQL_OFFSET_COUNT] = parse_row_count(p);
    (void)accept_any(p, KINDS(SQL_W_ROW, SQL_W_ROWS));
    return close_node(p, n);
}

static struct sql_node *parse_limit(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_LIMIT);

    p->token++;
    if (!accept(p, SQL_W_ALL))
        n->kid[SQL_LIMIT_COUNT] = parse_row_count(p);
    return close_node(p, n);
}

static struct sql_node *parse_fetch(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_FETCH);

    p->token++;
    if (!p->trino) {
        expect(p, SQL_W_FIRST);
        n->kid[SQL_FETCH_COUNT] = parse_integer(p);
        expect_all(p, KINDS(SQL_W_ROWS, SQL_W_ONLY));
        return close_node(p, n);
    }
    (void)expect_any(p, KINDS(SQL_W_FIRST, SQL_W_NEXT));
    if (!at(p, SQL_W_ROW) && !at(p, SQL_W_ROWS))
        n->kid[SQL_FETCH_COUNT] = parse_row_count(p);
    (void)expect_any(p, KINDS(SQL_W_ROW, SQL_W_ROWS));
    if (accept(p, SQL_W_WITH)) {
        expect(p, SQL_W_TIES);
        n->flags = SQL_F_WITH_TIES;
    } else {
        expect(p, SQL_W_ONLY);
    }
    return close_node(p, n);
}

static void parse_query_tail(struct parser *p, struct sql_node *query)
{
    query->kid[SQL_QUERY_ORDER] = parse_order_by(p);
    if (at(p, SQL_W_OFFSET))
        query->kid[SQL_QUERY_OFFSET] = parse_offset(p);
    wish(p, SQL_W_FETCH);
    if (at(p, SQL_W_LIMIT))
        query->kid[SQL_QUERY_LIMIT] = parse_limit(p);
    else if (peek(p, 0) == SQL_W_FETCH)
        query->kid[SQL_QUERY_LIMIT] = parse_fetch(p);
}

/* -- GROUP BY */

/* Whether the expression goes on behind a ')' that might have ended a grouping set. */
static struct sql_node *parse_set_items(struct parser *p, struct sql_node *set)
{
    uint32_t start = p->token->start, mark = list_begin(p);
    struct sql_node *item;

    if (peek(p, 0) == SQL_T_LEFT_PAREN && peek(p, 1) == SQL_T_RIGHT_PAREN &&
        peek(p, 2) != SQL_T_ARROW) {
        p->token += 2;
        set->flags = SQL_F_PAREN;
        return list_end(p, mark);
    }
    item = parse_expression(p);
    if (!p->failed && item->kind == SQL_ROW && item->flags == 0 && item->start == start) {
        set->flags = SQL_F_PAREN;
        return item->kid[SQL_ROW_ITEMS];
    }
    list_add(p, item);
    return list_end(p, mark);
}

static struct sql_node *parse_grouping_set(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_GROUPING_SET);
    const struct sql_token *start = p->token;
    struct sql_node *items;

    wish(p, SQL_T_LEFT_PAREN);
    items = parse_set_items(p, n);
    n->kid[SQL_GROUPING_SET_ITEMS] = items;
    if (!p->failed && start->kind == SQL_T_LEFT_PAREN && items->count == 1 &&
        items->kid[0]->start > start->start && n->flags == 0 &&
        items->kid[0]->kind != SQL_SUBQUERY && items->kid[0]->kind != SQL_LAMBDA)
        n->flags = SQL_F_PAREN;
    return close_node(p, n);
}

/* Presto's ROLLUP and CUBE have expressions; rows stay rows. */
static struct sql_node *parse_plain_set(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_GROUPING_SET);
    uint32_t mark = list_begin(p);

    list_add(p, parse_expression(p));
    n->kid[SQL_GROUPING_SET_ITEMS] = list_end(p, mark);
    return close_node(p, n);
}

/* ROLLUP, CUBE or GROUPING SETS, whose words were read, with its sets */
static struct sql_node *parse_sets(struct parser *p, struct sql_node *n, bool empty)
{
    expect(p, SQL_T_LEFT_PAREN);
    if (empty && at(p, SQL_T_RIGHT_PAREN))
        n->kid[0] = list_end(p, list_begin(p));
    else
        n->kid[0] = comma_list(p, p->trino || !empty ? parse_grouping_set : parse_plain_set);
    expect(p, SQL_T_RIGHT_PAREN);
    return close_node(p, n);
}

static struct sql_node *parse_grouping_element(struct parser *p)
{
    struct sql_node *n;

    if (p->trino && at(p, SQL_W_AUTO))
        return parse_bare(p, SQL_AUTO);
    wish(p, SQL_W_CUBE);
    wish(p, SQL_W_GROUPING);
    wish(p, SQL_W_ROLLUP);
    switch (peek(p, 0)) {
    case SQL_W_ROLLUP:
        n = open_node(p, SQL_ROLLUP);
        p->token++;
        return parse_sets(p, n, true);
    case SQL_W_CUBE:
        n = open_node(p, SQL_CUBE);
        p->token++;
        return parse_sets(p, n, true);
    case SQL_W_GROUPING:
        if (peek(p, 1) != SQL_W_SETS)
            return parse_grouping_set(p);
        n = open_node(p, SQL_GROUPING_SETS);
        p->token += 2;
        return parse_sets(p, n, false);
    default:
        return parse_grouping_set(p);
    }
}

static struct sql_node *parse_group_by(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_GROUP_BY);

    expect(p, SQL_W_BY);
    if (peek(p, 0) == SQL_W_ALL &&
        (peek(p, 1) == SQL_W_ROLLUP || peek(p, 1) == SQL_W_CUBE || peek(p, 1) == SQL_W_AUTO))
        n->op = (uint16_t)accept_any(p, KINDS(SQL_W_ALL));
    else
        n->op = parse_quantifier(p);
    n->kid[SQL_GROUP_BY_ELEMENTS] = comma_list(p, parse_grouping_element);
    return close_node(p, n);
}

/* -- SELECT */

/* t.* AS (a, b) */
static struct sql_node *parse_target_star(struct parser *p, uint32_t start, struct sql_node *target)
{
    struct sql_node *n = open_node(p, SQL_STAR);

    n->start = start;
    p->token += 2;
    n->kid[SQL_STAR_TARGET] = target;
    if (p->trino && accept(p, SQL_W_AS))
        n->kid[SQL_STAR_ALIASES] = parse_column_aliases(p);
    return close_node(p, n);
}

/* Presto has t.* for names alone. */
static bool is_name(const struct sql_node *n)
{
    while (n->kind == SQL_DEREF)
        n = n->kid[SQL_DEREF_BASE];
    return n->kind == SQL_IDENT;
}

static struct sql_node *parse_select_item(struct parser *p)
{
    const struct sql_token *first = p->token, *outer = p->star;
    uint32_t start = first->start;
    struct sql_node *n, *value;

    if (at(p, SQL_T_ASTERISK))
        return parse_bare(p, SQL_STAR);
    n = open_node(p, SQL_ITEM);
    p->star = first;
    value = parse_expression(p);
    p->star = outer;
    if (peek(p, 0) == SQL_T_DOT && peek(p, 1) == SQL_T_ASTERISK && !p->failed) {
        if (p->token == p->star_end &&
            (p->trino || (is_name(value) && first->kind != SQL_T_LEFT_PAREN)))
            return parse_target_star(p, start, value);
        if (p->trino) {
            fail_here(p);
        } else {
            p->token++;
            (void)parse_identifier(p);
        }
    }
    n->kid[SQL_ITEM_VALUE] = value;
    if (accept(p, SQL_W_AS)) {
        n->flags = SQL_F_AS;
        n->kid[SQL_ITEM_ALIAS] = parse_identifier(p);
    } else if (at_identifier(p) && !is_clause_start(p, 0)) {
        n->kid[SQL_ITEM_ALIAS] = parse_identifier(p);
    }
    return close_node(p, n);
}

static struct sql_node *parse_window_definition(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_WINDOW_DEFINITION);

    n->kid[SQL_WINDOW_DEFINITION_NAME] = parse_identifier(p);
    expect(p, SQL_W_AS);
    expect(p, SQL_T_LEFT_PAREN);
    n->kid[SQL_WINDOW_DEFINITION_WINDOW] = parse_window(p);
    expect(p, SQL_T_RIGHT_PAREN);
    return close_node(p, n);
}

struct sql_node *parse_query_specification(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_SELECT);

    expect(p, SQL_W_SELECT);
    n->op = parse_quantifier(p);
    n->kid[SQL_SELECT_ITEMS] = comma_list(p, parse_select_item);
    if (accept(p, SQL_W_FROM))
        n->kid[SQL_SELECT_FROM] = comma_list(p, parse_relation);
    if (accept(p, SQL_W_WHERE))
        n->kid[SQL_SELECT_WHERE] = parse_expression(p);
    if (accept(p, SQL_W_GROUP))
        n->kid[SQL_SELECT_GROUP] = parse_group_by(p);
    if (accept(p, SQL_W_HAVING))
        n->kid[SQL_SELECT_HAVING] = parse_expression(p);
    if (p->trino && accept(p, SQL_W_WINDOW))
        n->kid[SQL_SELECT_WINDOWS] = comma_list(p, parse_window_definition);
    return close_node(p, n);
}

/* -- set operations */

static struct sql_node *parse_values(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_VALUES);

    p->token++;
    n->kid[SQL_VALUES_ROWS] = comma_list(p, parse_expression);
    return close_node(p, n);
}

static struct sql_node *parse_table_query(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_TABLE_QUERY);

    p->token++;
    n->kid[SQL_TABLE_QUERY_NAME] = parse_qualified_name(p);
    return close_node(p, n);
}

static struct sql_node *parse_nested(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_NESTED);

    p->token++;
    if (enter(p))
        n->kid[SQL_NESTED_QUERY] = parse_query_from(p, p->token->start, NULL);
    leave(p);
    expect(p, SQL_T_RIGHT_PAREN);
    return close_node(p, n);
}

static struct sql_node *parse_query_primary(struct parser *p)
{
    wish(p, SQL_W_SELECT);
    wish(p, SQL_W_VALUES);
    wish(p, SQL_W_TABLE);
    wish(p, SQL_T_LEFT_PAREN);
    switch (peek(p, 0)) {
    case SQL_W_SELECT:
        return parse_query_specification(p);
    case SQL_W_VALUES:
        return parse_values(p);
    case SQL_W_TABLE:
        return parse_table_query(p);
    case SQL_T_LEFT_PAREN:
        return parse_nested(p);
    default:
        fail_here(p);
        return NULL;
    }
}

static struct sql_node *parse_corresponding(struct parser *p)
{
    struct sql_node *n;

    if (!p->trino || !at(p, SQL_W_CORRESPONDING))
        return NULL;
    n = open_node(p, SQL_CORRESPONDING);
    p->token++;
    if (accept(p, SQL_W_BY))
        n->kid[SQL_CORRESPONDING_COLUMNS] = parse_column_aliases(p);
    return close_node(p, n);
}

/* INTERSECT binds closer than UNION and EXCEPT. */
static unsigned set_power(enum sql_token_kind kind)
{
    return kind == SQL_W_INTERSECT ? 2 : kind == SQL_W_UNION || kind == SQL_W_EXCEPT ? 1 : 0;
}

/* The set operations behind `left` that bind at least as much as `power`. */
static struct sql_node *parse_set_operations(struct parser *p, uint32_t start,
                                             struct sql_node *left, unsigned power)
{
    for (;;) {
        enum sql_token_kind op = peek(p, 0);
        struct sql_node *n;
        uint32_t next;

        wish(p, SQL_W_INTERSECT);
        wish(p, SQL_W_UNION);
        wish(p, SQL_W_EXCEPT);
        if (set_power(op) < power)
            return left;
        n = open_node(p, SQL_SET_OPERATION);
        p->token++;
        n->start = start;
        n->op = (uint16_t)op;
        n->op2 = (uint16_t)accept_any(p, KINDS(SQL_W_DISTINCT, SQL_W_ALL));
        n->kid[SQL_SET_OPERATION_CORRESPONDING] = parse_corresponding(p);
        n->kid[SQL_SET_OPERATION_LEFT] = left;
        next = p->token->start;
        n->kid[SQL_SET_OPERATION_RIGHT] =
            parse_set_operations(p, next, parse_query_primary(p), set_power(op) + 1);
        left = close_node(p, n);
    }
}

/* -- whole queries */

static struct sql_node *parse_cte(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_CTE);

    n->kid[SQL_CTE_NAME] = parse_identifier(p);
    if (at(p, SQL_T_LEFT_PAREN))
        n->kid[SQL_CTE_COLUMNS] = parse_column_aliases(p);
    expect(p, SQL_W_AS);
    n->kid[SQL_CTE_QUERY] = parse_paren_query(p);
    return close_node(p, n);
}

static struct sql_node *parse_with(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_WITH);

    p->token++;
    n->flags = accept(p, SQL_W_RECURSIVE) ? SQL_F_RECURSIVE : 0;
    n->kid[SQL_WITH_QUERIES] = comma_list(p, parse_cte);
    return close_node(p, n);
}

/* The body and what follows it; `primary` NULL: nothing of it was read. */
static void parse_query_body(struct parser *p, struct sql_node *query, uint32_t start,
                             struct sql_node *primary)
{
    if (primary == NULL)
        primary = parse_query_primary(p);
    query->kid[SQL_QUERY_BODY] = parse_set_operations(p, start, primary, 1);
    parse_query_tail(p, query);
}

struct sql_node *parse_query_from(struct parser *p, uint32_t start, struct sql_node *primary)
{
    struct sql_node *n = open_node(p, SQL_QUERY);

    n->start = start;
    parse_query_body(p, n, start, primary);
    return close_node(p, n);
}

static struct sql_node *parse_query_into(struct parser *p, struct sql_node *n)
{
    name_open(p, EXPECT_QUERY);
    if (enter(p)) {
        if (at(p, SQL_W_WITH)) {
            n->kid[SQL_QUERY_WITH] = parse_with(p);
            ask_anew(p);
        }
        parse_query_body(p, n, p->token->start, NULL);
    }
    leave(p);
    name_close(p);
    return close_node(p, n);
}

struct sql_node *parse_query(struct parser *p)
{
    return parse_query_into(p, open_node(p, SQL_QUERY));
}

struct sql_node *parse_root_query(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_QUERY);

    if (p->trino)
        wish(p, SQL_W_WITH);
    if (p->trino && peek(p, 0) == SQL_W_WITH && peek(p, 1) == SQL_W_FUNCTION &&
        is_identifier(p, 2)) {
        p->token++;
        n->kid[SQL_QUERY_FUNCTIONS] = comma_list(p, parse_function_spec);
    }
    return parse_query_into(p, n);
}
