/* SPDX-License-Identifier: Apache-2.0 */
/* parse_relation.c - what stands in FROM: tables, aliases, samples, joins. Joins lean left and are
 * read by a loop; only the right side of a join that has its own condition recurses. */
#include "sql/parse_expression.h"

/* -- tables */

static uint16_t parse_period_kind(struct parser *p)
{
    if (p->trino)
        return (uint16_t)expect_any(p, KINDS(SQL_W_TIMESTAMP, SQL_W_VERSION));
    return (uint16_t)expect_any(
        p, KINDS(SQL_W_SYSTEM_TIME, SQL_W_SYSTEM_VERSION, SQL_W_TIMESTAMP, SQL_W_VERSION));
}

/* FOR TIMESTAMP AS OF x; Presto has BEFORE, too. */
static struct sql_node *parse_period(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_PERIOD);

    p->token++;
    n->op = parse_period_kind(p);
    if (!p->trino && accept(p, SQL_W_BEFORE)) {
        n->op2 = SQL_W_BEFORE;
    } else {
        expect_all(p, KINDS(SQL_W_AS, SQL_W_OF));
        n->op2 = SQL_W_AS;
    }
    n->kid[SQL_PERIOD_VALUE] = parse_value(p);
    return close_node(p, n);
}

struct sql_node *parse_table_name(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_TABLE);

    n->kid[SQL_TABLE_NAME] = parse_qualified_name(p);
    return close_node(p, n);
}

static struct sql_node *parse_table(struct parser *p)
{
    struct sql_node *n = parse_table_name(p);

    if (at(p, SQL_W_FOR))
        n->kid[SQL_TABLE_PERIOD] = parse_period(p);
    return close_node(p, n);
}

/* -- other primaries */

/* WITH ORDINALITY */
static bool parse_ordinality(struct parser *p)
{
    struct attempt t;
    bool soft = soft_open(p, &t);

    p->token++;
    expect(p, SQL_W_ORDINALITY);
    return !soft || soft_close(p, &t);
}

static struct sql_node *parse_unnest(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_UNNEST);

    p->token++;
    n->kid[SQL_UNNEST_ITEMS] = paren_list(p, parse_expression);
    if (at(p, SQL_W_WITH) && peek(p, 1) != SQL_W_NO && peek(p, 1) != SQL_W_DATA &&
        parse_ordinality(p)) /* and not CREATE TABLE AS ... WITH NO DATA */
        n->flags = SQL_F_ORDINALITY;
    return close_node(p, n);
}

static struct sql_node *parse_lateral(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_LATERAL);

    p->token++;
    n->kid[SQL_LATERAL_QUERY] = parse_paren_query(p);
    return close_node(p, n);
}

static struct sql_node *parse_relation_primary(struct parser *p)
{
    wish(p, SQL_T_LEFT_PAREN);
    wish(p, SQL_W_UNNEST);
    wish(p, SQL_W_LATERAL);
    wish(p, SQL_W_TABLE);
    if (p->trino)
        wish(p, SQL_W_JSON_TABLE);
    switch (peek(p, 0)) {
    case SQL_T_LEFT_PAREN:
        return parse_relation_bracket(p);
    case SQL_W_UNNEST:
        return parse_unnest(p);
    case SQL_W_TABLE:
        return parse_table_function(p);
    case SQL_W_JSON_TABLE:
        return parse_json_table(p);
    case SQL_W_LATERAL:
        if (peek(p, 1) == SQL_T_LEFT_PAREN)
            return parse_lateral(p);
        return parse_table(p);
    default:
        return parse_table(p);
    }
}

/* -- aliases and samples */

static struct sql_node *open_relation(struct parser *p, enum sql_kind kind, uint32_t start,
                                      struct sql_node *inner)
{
    struct sql_node *n = open_node(p, kind);

    n->start = start;
    n->kid[0] = inner;
    return n;
}

struct sql_node *parse_alias(struct parser *p, uint32_t start, struct sql_node *primary)
{
    bool as = accept(p, SQL_W_AS);
    struct sql_node *n;

    if (!as && (!at_identifier(p) || is_clause_start(p, 0)))
        return primary;
    n = open_relation(p, SQL_ALIASED, start, primary);
    n->flags = as ? SQL_F_AS : 0;
    n->kid[SQL_ALIASED_ALIAS] = parse_identifier(p);
    if (at(p, SQL_T_LEFT_PAREN))
        n->kid[SQL_ALIASED_COLUMNS] = parse_column_aliases(p);
    return close_node(p, n);
}

static struct sql_node *parse_sample(struct parser *p, uint32_t start, struct sql_node *relation)
{
    struct sql_node *n = open_relation(p, SQL_SAMPLED, start, relation);

    p->token++;
    n->op = (uint16_t)expect_any(p, KINDS(SQL_W_BERNOULLI, SQL_W_SYSTEM));
    expect(p, SQL_T_LEFT_PAREN);
    n->kid[SQL_SAMPLED_PERCENTAGE] = parse_expression(p);
    expect(p, SQL_T_RIGHT_PAREN);
    return close_node(p, n);
}

/* The alias, pattern and sample behind a primary. */
static struct sql_node *parse_sampled_from(struct parser *p, uint32_t start, struct sql_node *n)
{
    n = parse_alias(p, start, n);
    if (p->trino && at(p, SQL_W_MATCH_RECOGNIZE))
        n = parse_match_recognize(p, start, n);
    if (at(p, SQL_W_TABLESAMPLE))
        n = parse_sample(p, start, n);
    return n;
}

static struct sql_node *parse_sampled(struct parser *p)
{
    uint32_t start = p->token->start;

    return parse_sampled_from(p, start, parse_relation_primary(p));
}

/* -- joins */

/* joinType 'JOIN'; 0 when none comes */
static uint16_t parse_join_type(struct parser *p)
{
    enum sql_token_kind kind =
        accept_any(p, KINDS(SQL_W_INNER, SQL_W_LEFT, SQL_W_RIGHT, SQL_W_FULL, SQL_W_JOIN));

    if (kind == SQL_T_NONE)
        return 0;
    if (kind == SQL_W_JOIN)
        return SQL_W_INNER;
    if (kind != SQL_W_INNER)
        (void)accept(p, SQL_W_OUTER);
    expect(p, SQL_W_JOIN);
    return (uint16_t)kind;
}

static void parse_join_criteria(struct parser *p, struct sql_node *n)
{
    ask_anew(p);
    if (accept(p, SQL_W_ON)) {
        n->kid[SQL_JOIN_ON] = parse_expression(p);
        return;
    }
    expect(p, SQL_W_USING);
    n->kid[SQL_JOIN_USING] = paren_list(p, parse_identifier);
}

static void parse_natural_join(struct parser *p, struct sql_node *n)
{
    n->flags = SQL_F_NATURAL;
    n->op = parse_join_type(p);
    if (n->op == 0)
        fail_here(p);
    n->kid[SQL_JOIN_RIGHT] = parse_sampled(p);
}

static bool at_join(struct parser *p)
{
    enum sql_token_kind kind = peek(p, 0);

    if (UNLIKELY(p->expected != NULL)) {
        wish(p, SQL_W_CROSS);
        wish(p, SQL_W_NATURAL);
        wish(p, SQL_W_INNER);
        wish(p, SQL_W_LEFT);
        wish(p, SQL_W_RIGHT);
        wish(p, SQL_W_FULL);
        wish(p, SQL_W_JOIN);
    }
    return kind == SQL_W_JOIN || kind == SQL_W_LEFT || kind == SQL_W_INNER || kind == SQL_W_CROSS ||
           kind == SQL_W_RIGHT || kind == SQL_W_FULL || kind == SQL_W_NATURAL;
}

static struct sql_node *parse_join(struct parser *p, uint32_t start, struct sql_node *left)
{
    struct sql_node *n = open_relation(p, SQL_JOIN, start, left);

    if (accept(p, SQL_W_CROSS)) {
        expect(p, SQL_W_JOIN);
        n->op = SQL_W_CROSS;
        n->kid[SQL_JOIN_RIGHT] = parse_sampled(p);
    } else if (accept(p, SQL_W_NATURAL)) {
        parse_natural_join(p, n);
    } else {
        n->op = parse_join_type(p);
        n->kid[SQL_JOIN_RIGHT] = parse_relation(p);
        parse_join_criteria(p, n);
    }
    return close_node(p, n);
}

struct sql_node *parse_relation_from(struct parser *p, uint32_t start, struct sql_node *primary)
{
    struct sql_node *n = parse_sampled_from(p, start, primary);

    while (at_join(p))
        n = parse_join(p, start, n);
    return n;
}

struct sql_node *parse_relation(struct parser *p)
{
    uint32_t start = p->token->start;
    struct sql_node *n = NULL;

    if (enter(p))
        n = parse_relation_from(p, start, parse_relation_primary(p));
    leave(p);
    return n;
}
