/* SPDX-License-Identifier: Apache-2.0 */
/* parse_create.c - CREATE of catalogs, schemas, views and materialized views. */
#include "sql/statement.h"

struct sql_node *parse_create_catalog(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_statement(p, o, SQL_CREATE_CATALOG);

    n->flags |= accept_if_not_exists(p, SQL_F_IF_NOT_EXISTS);
    n->kid[SQL_CREATE_CATALOG_NAME] = parse_identifier(p);
    expect(p, SQL_W_USING);
    n->kid[SQL_CREATE_CATALOG_CONNECTOR] = parse_identifier(p);
    n->kid[SQL_CREATE_CATALOG_COMMENT] = accept_comment(p);
    if (accept(p, SQL_W_AUTHORIZATION))
        n->kid[SQL_CREATE_CATALOG_OWNER] = parse_principal(p);
    n->kid[SQL_CREATE_CATALOG_PROPERTIES] = accept_properties(p);
    return close_node(p, n);
}

struct sql_node *parse_create_schema(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_statement(p, o, SQL_CREATE_SCHEMA);

    n->flags |= accept_if_not_exists(p, SQL_F_IF_NOT_EXISTS);
    n->kid[SQL_CREATE_SCHEMA_NAME] = parse_qualified_name(p);
    if (p->trino && accept(p, SQL_W_AUTHORIZATION))
        n->kid[SQL_CREATE_SCHEMA_OWNER] = parse_principal(p);
    n->kid[SQL_CREATE_SCHEMA_PROPERTIES] = accept_properties(p);
    return close_node(p, n);
}

struct sql_node *parse_create_view(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_statement(p, o, SQL_CREATE_VIEW);

    n->kid[SQL_CREATE_VIEW_NAME] = parse_qualified_name(p);
    ask_anew(p);
    if (p->trino)
        n->kid[SQL_CREATE_VIEW_COMMENT] = accept_comment(p);
    n->op2 = accept_security(p);
    if (p->trino)
        n->kid[SQL_CREATE_VIEW_PROPERTIES] = accept_properties(p);
    expect(p, SQL_W_AS);
    n->kid[SQL_CREATE_VIEW_QUERY] = parse_root_query(p);
    return close_node(p, n);
}

static struct sql_node *accept_grace_period(struct parser *p)
{
    if (!p->trino || !accept(p, SQL_W_GRACE))
        return NULL;
    expect(p, SQL_W_PERIOD);
    return parse_interval(p);
}

struct sql_node *parse_create_materialized(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_statement(p, o, SQL_CREATE_MATERIALIZED_VIEW);

    expect(p, SQL_W_VIEW);
    n->flags |= accept_if_not_exists(p, SQL_F_IF_NOT_EXISTS);
    n->kid[SQL_CREATE_MATERIALIZED_VIEW_NAME] = parse_qualified_name(p);
    ask_anew(p);
    n->kid[SQL_CREATE_MATERIALIZED_VIEW_GRACE] = accept_grace_period(p);
    n->kid[SQL_CREATE_MATERIALIZED_VIEW_COMMENT] = accept_comment(p);
    if (!p->trino)
        n->op2 = accept_security(p);
    n->kid[SQL_CREATE_MATERIALIZED_VIEW_PROPERTIES] = accept_properties(p);
    if (p->trino) {
        expect(p, SQL_W_AS);
        n->kid[SQL_CREATE_MATERIALIZED_VIEW_QUERY] = parse_root_query(p);
    } else {
        n->kid[SQL_CREATE_MATERIALIZED_VIEW_QUERY] = parse_as_query(p, n);
    }
    return close_node(p, n);
}
