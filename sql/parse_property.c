/* SPDX-License-Identifier: Apache-2.0 */
/* parse_property.c - properties of catalogs, schemas, tables, views and functions. */
#include "sql/statement.h"

/* DEFAULT is an identifier, too: the whole value it is only where the value ends after it. */
static bool at_default(struct parser *p)
{
    enum sql_token_kind next = peek(p, 1);

    return p->trino && at(p, SQL_W_DEFAULT) &&
           (next == SQL_T_COMMA || next == SQL_T_RIGHT_PAREN || next == SQL_T_EOF);
}

static struct sql_node *parse_property_value(struct parser *p)
{
    struct sql_node *n;

    if (!at_default(p))
        return parse_expression(p);
    n = open_node(p, SQL_DEFAULT);
    expect(p, SQL_W_DEFAULT);
    return close_node(p, n);
}

static struct sql_node *parse_property(struct parser *p)
{
    struct sql_node *n = open_node(p, SQL_PROPERTY);

    n->kid[SQL_PROPERTY_NAME] = parse_identifier(p);
    expect(p, SQL_T_EQ);
    n->kid[SQL_PROPERTY_VALUE] = parse_property_value(p);
    if (!p->trino)
        ask_anew(p);
    return close_node(p, n);
}

struct sql_node *parse_property_list(struct parser *p)
{
    return comma_list(p, parse_property);
}

struct sql_node *parse_properties(struct parser *p)
{
    return paren_list(p, parse_property);
}
