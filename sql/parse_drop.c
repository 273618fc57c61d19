/* SPDX-License-Identifier: Apache-2.0 */
/* parse_drop.c - DROP of catalogs, schemas, tables, views and roles. */
#include "sql/statement.h"

/* DROP object, read up to its name. */
static struct sql_node *open_drop(struct parser *p, const struct opening *o,
                                  enum sql_token_kind object, bool if_exists)
{
    struct sql_node *n = open_statement(p, o, SQL_DROP);

    n->op = object;
    if (if_exists)
        n->flags |= accept_if_exists(p, SQL_F_IF_EXISTS);
    return n;
}

static enum sql_token_kind accept_behaviour(struct parser *p)
{

    return accept_any(p, KINDS(SQL_W_CASCADE, SQL_W_RESTRICT));
}

static struct sql_node *parse_drop_catalog(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_drop(p, o, SQL_W_CATALOG, true);

    n->kid[SQL_DROP_NAME] = parse_identifier(p);
    n->op2 = accept_behaviour(p);
    return close_node(p, n);
}

static struct sql_node *parse_drop_schema(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_drop(p, o, SQL_W_SCHEMA, true);

    n->kid[SQL_DROP_NAME] = parse_qualified_name(p);
    n->op2 = accept_behaviour(p);
    return close_node(p, n);
}

static struct sql_node *parse_drop_named(struct parser *p, const struct opening *o,
                                         enum sql_token_kind object)
{
    struct sql_node *n = open_drop(p, o, object, true);

    n->kid[SQL_DROP_NAME] = parse_qualified_name(p);
    return close_node(p, n);
}

static struct sql_node *parse_drop_table(struct parser *p, const struct opening *o)
{
    return parse_drop_named(p, o, SQL_W_TABLE);
}

static struct sql_node *parse_drop_view(struct parser *p, const struct opening *o)
{
    return parse_drop_named(p, o, SQL_W_VIEW);
}

static struct sql_node *parse_drop_materialized(struct parser *p, const struct opening *o)
{
    expect(p, SQL_W_VIEW);
    return parse_drop_named(p, o, SQL_W_MATERIALIZED);
}

static struct sql_node *parse_drop_role(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_drop(p, o, SQL_W_ROLE, p->trino);

    n->kid[SQL_DROP_NAME] = parse_identifier(p);
    if (p->trino && accept(p, SQL_W_IN))
        n->kid[SQL_DROP_CATALOG] = parse_identifier(p);
    return close_node(p, n);
}

struct sql_node *parse_drop(struct parser *p, const struct opening *o)
{
    static const struct branch branches[] = {
        {SQL_W_CATALOG, IN_TRINO, parse_drop_catalog},
        {SQL_W_FUNCTION, IN_BOTH, parse_drop_function},
        {SQL_W_MATERIALIZED, IN_BOTH, parse_drop_materialized},
        {SQL_W_ROLE, IN_BOTH, parse_drop_role},
        {SQL_W_SCHEMA, IN_BOTH, parse_drop_schema},
        {SQL_W_TABLE, IN_BOTH, parse_drop_table},
        {SQL_W_TEMPORARY, IN_PRESTO, parse_drop_temporary},
        {SQL_W_VIEW, IN_BOTH, parse_drop_view},
    };

    return PARSE_BRANCH(p, o, branches);
}
