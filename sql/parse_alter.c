/* SPDX-License-Identifier: Apache-2.0 */
/* parse_alter.c - ALTER of schemas and views, and of whatever has an owner; COMMENT ON.
 * ALTER TABLE is in parse_alter_table.c. */
#include "sql/alter.h"

/* -- what several ALTERs have */

struct sql_node *parse_rename_to(struct parser *p, const struct opening *o,
                                 const struct altered *what)
{
    struct sql_node *n = open_statement(p, o, SQL_RENAME);

    n->op = what->object;
    n->kid[SQL_RENAME_NAME] = what->name;
    expect(p, SQL_W_TO);
    n->kid[SQL_RENAME_TO] =
        what->object == SQL_W_SCHEMA ? parse_identifier(p) : parse_qualified_name(p);
    return close_node(p, n);
}

struct sql_node *parse_set_authorization(struct parser *p, const struct opening *o,
                                         const struct altered *what)
{
    struct sql_node *n = open_statement(p, o, SQL_SET_AUTHORIZATION);

    n->kid[SQL_SET_AUTHORIZATION_KIND] = what->kind;
    n->kid[SQL_SET_AUTHORIZATION_NAME] = what->name;
    expect(p, SQL_W_AUTHORIZATION);
    n->kid[SQL_SET_AUTHORIZATION_OWNER] = parse_principal(p);
    return close_node(p, n);
}

struct sql_node *parse_set_properties(struct parser *p, const struct opening *o,
                                      const struct altered *what)
{
    struct sql_node *n = open_statement(p, o, SQL_SET_PROPERTIES);

    n->op = what->object;
    n->kid[SQL_SET_PROPERTIES_NAME] = what->name;
    expect(p, SQL_W_PROPERTIES);
    n->kid[SQL_SET_PROPERTIES_PROPERTIES] = p->trino ? parse_property_list(p) : parse_properties(p);
    return close_node(p, n);
}

/* -- schemas, views, owners */

static struct sql_node *fail_null(struct parser *p)
{
    fail_here(p);
    return NULL;
}

static struct sql_node *parse_alter_schema(struct parser *p, const struct opening *o)
{
    struct altered what = {.object = SQL_W_SCHEMA, .kind = parse_grammar_word(p)};

    what.name = parse_qualified_name(p);
    if (accept(p, SQL_W_RENAME))
        return parse_rename_to(p, o, &what);
    if (p->trino && accept(p, SQL_W_SET))
        return parse_set_authorization(p, o, &what);
    return fail_null(p);
}

static struct sql_node *parse_alter_view(struct parser *p, const struct opening *o)
{
    struct altered what = {.object = SQL_W_VIEW, .kind = parse_grammar_word(p)};
    struct opening here = *o;

    if (!p->trino)
        here.flags |= accept_if_exists(p, SQL_F_IF_EXISTS);
    what.name = parse_qualified_name(p);
    if (accept(p, SQL_W_RENAME))
        return parse_rename_to(p, &here, &what);
    if (p->trino && accept(p, SQL_W_SET))
        return parse_set_authorization(p, o, &what);
    return fail_null(p);
}

static struct sql_node *parse_alter_materialized(struct parser *p, const struct opening *o)
{
    struct altered what = {.object = SQL_W_MATERIALIZED};
    struct opening here = *o;

    accept_two(p, SQL_W_MATERIALIZED, SQL_W_VIEW);
    here.flags |= accept_if_exists(p, SQL_F_IF_EXISTS);
    what.name = parse_qualified_name(p);
    if (accept(p, SQL_W_RENAME))
        return parse_rename_to(p, &here, &what);
    if (here.flags == 0 && accept(p, SQL_W_SET))
        return parse_set_properties(p, o, &what);
    return fail_null(p);
}

/* Of any other kind of object: only the owner can be changed. */
static struct sql_node *parse_alter_owned(struct parser *p, const struct opening *o)
{
    struct altered what = {.kind = parse_identifier(p)};

    what.name = parse_qualified_name(p);
    expect(p, SQL_W_SET);
    return parse_set_authorization(p, o, &what);
}

/* MATERIALIZED may be a kind of object with an owner, and VIEW its name. */
static bool at_materialized_view(struct parser *p)
{
    return at(p, SQL_W_MATERIALIZED) && peek(p, 1) == SQL_W_VIEW && peek(p, 2) != SQL_T_DOT &&
           (peek(p, 2) != SQL_W_SET || peek(p, 3) != SQL_W_AUTHORIZATION);
}

struct sql_node *parse_alter(struct parser *p, const struct opening *o)
{
    if (!p->trino && accept(p, SQL_W_FUNCTION))
        return parse_alter_function(p, o);
    if (at(p, SQL_W_SCHEMA))
        return parse_alter_schema(p, o);
    if (at(p, SQL_W_TABLE))
        return parse_alter_table(p, o);
    if (at(p, SQL_W_VIEW))
        return parse_alter_view(p, o);
    if (p->trino && at_materialized_view(p))
        return parse_alter_materialized(p, o);
    return p->trino ? parse_alter_owned(p, o) : fail_null(p);
}

/* -- COMMENT ON */

struct sql_node *parse_comment(struct parser *p, const struct opening *o)
{
    struct sql_node *n = open_statement(p, o, SQL_COMMENT), *null;

    expect(p, SQL_W_ON);
    n->op = expect_any(p, KINDS(SQL_W_COLUMN, SQL_W_TABLE, SQL_W_VIEW));
    n->kid[SQL_COMMENT_NAME] = parse_qualified_name(p);
    expect(p, SQL_W_IS);
    null = open_node(p, SQL_NULL_LITERAL);
    n->kid[SQL_COMMENT_VALUE] = accept(p, SQL_W_NULL) ? close_node(p, null) : parse_string(p);
    return close_node(p, n);
}
