/* SPDX-License-Identifier: Apache-2.0 */
/* parse_alter_table.c - ALTER TABLE: columns, constraints, properties, procedures. */
#include "sql/alter.h"

/* -- RENAME */

static struct sql_node *parse_rename(struct parser *p, const struct opening *o,
                                     const struct altered *what)
{
    struct sql_node *n;

    if (!accept(p, SQL_W_COLUMN))
        return parse_rename_to(p, o, what);
    n = open_statement(p, o, SQL_RENAME_COLUMN);
    n->kid[SQL_RENAME_COLUMN_TABLE] = what->table;
    n->flags |= accept_if_exists(p, SQL_F_COLUMN_IF_EXISTS);
    n->kid[SQL_RENAME_COLUMN_COLUMN] = parse_column_name(p);
    expect(p, SQL_W_TO);
    n->kid[SQL_RENAME_COLUMN_TO] = parse_identifier(p);
    return close_node(p, n);
}

/* -- ADD */

static struct sql_node *parse_add_constraint(struct parser *p, const struct opening *o,
                                             const struct altered *what)
{
    struct sql_node *n = open_statement(p, o, SQL_ADD_CONSTRAINT);

    n->kid[SQL_ADD_CONSTRAINT_TABLE] = what->table;
    n->kid[SQL_ADD_CONSTRAINT_CONSTRAINT] = parse_constraint(p);
    return close_node(p, n);
}

static struct sql_node *parse_add(struct parser *p, const struct opening *o,
                                  const struct altered *what)
{
    struct sql_node *n;

    if (!accept(p, SQL_W_COLUMN)) {
        if (!p->trino)
            return parse_add_constraint(p, o, what);
        fail_here(p);
    }
    n = open_statement(p, o, SQL_ADD_COLUMN);
    n->kid[SQL_ADD_COLUMN_TABLE] = what->table;
    n->flags |= accept_if_not_exists(p, SQL_F_COLUMN_IF_NOT_EXISTS);
    n->kid[SQL_ADD_COLUMN_COLUMN] = parse_column_definition(p);
    if (p->trino)
        n->op = accept_any(p, KINDS(SQL_W_AFTER, SQL_W_FIRST, SQL_W_LAST));
    if (n->op == SQL_W_AFTER)
        n->kid[SQL_ADD_COLUMN_AFTER] = parse_identifier(p);
    return close_node(p, n);
}

/* -- DROP */

static struct sql_node *parse_drop_column(struct parser *p, const struct opening *o,
                                          const struct altered *what)
{
    struct sql_node *n = open_statement(p, o, SQL_DROP_COLUMN);

    n->kid[SQL_DROP_COLUMN_TABLE] = what->table;
    n->flags |= accept_if_exists(p, SQL_F_COLUMN_IF_EXISTS);
    n->kid[SQL_DROP_COLUMN_COLUMN] = parse_qualified_name(p);
    return close_node(p, n);
}

static struct sql_node *parse_drop_part(struct parser *p, const struct opening *o,
                                        const struct altered *what)
{
    struct sql_node *n;

    if (accept(p, SQL_W_COLUMN))
        return parse_drop_column(p, o, what);
    if (p->trino || !accept(p, SQL_W_CONSTRAINT)) {
        fail_here(p);
        return NULL;
    }
    n = open_statement(p, o, SQL_DROP_CONSTRAINT);
    n->kid[SQL_DROP_CONSTRAINT_TABLE] = what->table;
    n->flags |= accept_if_exists(p, SQL_F_COLUMN_IF_EXISTS);
    n->kid[SQL_DROP_CONSTRAINT_NAME] = parse_identifier(p);
    return close_node(p, n);
}

/* -- ALTER */

/* After DROP or SET. */
static struct sql_node *parse_alter_not_null(struct parser *p, struct sql_node *n)
{
    expect(p, SQL_W_NOT);
    expect(p, SQL_W_NULL);
    return close_node(p, n);
}

static struct sql_node *parse_column_type(struct parser *p, const struct opening *o,
                                          const struct altered *what, struct sql_node *column)
{
    struct sql_node *n = open_statement(p, o, SQL_SET_COLUMN_TYPE);

    n->kid[SQL_SET_COLUMN_TYPE_TABLE] = what->table;
    n->kid[SQL_SET_COLUMN_TYPE_COLUMN] = column;
    expect(p, SQL_W_SET);
    expect(p, SQL_W_DATA);
    expect(p, SQL_W_TYPE);
    n->kid[SQL_SET_COLUMN_TYPE_TYPE] = parse_type(p);
    return close_node(p, n);
}

/* Trino: a column of one part may lose its NOT NULL, any column may change its type. */
static struct sql_node *parse_alter_column(struct parser *p, const struct opening *o,
                                           const struct altered *what)
{
    struct sql_node *n, *column;

    expect(p, SQL_W_COLUMN);
    column = parse_qualified_name(p);
    if (column == NULL || column->count != 1 || !accept(p, SQL_W_DROP))
        return parse_column_type(p, o, what, column);
    n = open_statement(p, o, SQL_ALTER_NOT_NULL);
    n->op = SQL_W_DROP;
    n->flags |= SQL_F_WORD;
    n->kid[SQL_ALTER_NOT_NULL_TABLE] = what->table;
    n->kid[SQL_ALTER_NOT_NULL_COLUMN] = column->kid[0];
    return parse_alter_not_null(p, n);
}

/* Presto: the word COLUMN may be left out, or be the column's name. */
static struct sql_node *parse_alter_presto_column(struct parser *p, const struct opening *o,
                                                  const struct altered *what)
{
    struct sql_node *n = open_statement(p, o, SQL_ALTER_NOT_NULL);

    n->kid[SQL_ALTER_NOT_NULL_TABLE] = what->table;
    if (at(p, SQL_W_COLUMN) && (peek(p, 1) != SQL_W_SET || peek(p, 2) != SQL_W_NOT) &&
        peek(p, 1) != SQL_W_DROP && accept(p, SQL_W_COLUMN))
        n->flags |= SQL_F_WORD;
    n->kid[SQL_ALTER_NOT_NULL_COLUMN] = parse_identifier(p);
    n->op = expect_any(p, KINDS(SQL_W_DROP, SQL_W_SET));
    return parse_alter_not_null(p, n);
}

static struct sql_node *parse_alter_part(struct parser *p, const struct opening *o,
                                         const struct altered *what)
{
    return p->trino ? parse_alter_column(p, o, what) : parse_alter_presto_column(p, o, what);
}

/* -- SET, EXECUTE */

static struct sql_node *parse_set_part(struct parser *p, const struct opening *o,
                                       const struct altered *what)
{
    if (p->trino && at(p, SQL_W_AUTHORIZATION))
        return parse_set_authorization(p, o, what);
    return parse_set_properties(p, o, what);
}

static struct sql_node *parse_table_execute(struct parser *p, const struct opening *o,
                                            const struct altered *what)
{
    struct sql_node *n = open_statement(p, o, SQL_TABLE_EXECUTE);

    n->kid[SQL_TABLE_EXECUTE_TABLE] = what->table;
    n->kid[SQL_TABLE_EXECUTE_PROCEDURE] = parse_identifier(p);
    if (at(p, SQL_T_LEFT_PAREN))
        n->kid[SQL_TABLE_EXECUTE_ARGUMENTS] = paren_list_or_none(p, parse_argument);
    n->kid[SQL_TABLE_EXECUTE_WHERE] = accept_where(p);
    return close_node(p, n);
}

/* -- ALTER TABLE */

static const struct {
    uint16_t word;
    uint16_t dialects, after_if_exists; /* who knows it, also after IF EXISTS */
    alter_parser *parse;
} parts[] = {
    {SQL_W_ADD, IN_BOTH, IN_BOTH, parse_add},
    {SQL_W_ALTER, IN_BOTH, IN_BOTH, parse_alter_part},
    {SQL_W_DROP, IN_BOTH, IN_BOTH, parse_drop_part},
    {SQL_W_EXECUTE, IN_TRINO, 0, parse_table_execute},
    {SQL_W_RENAME, IN_BOTH, IN_BOTH, parse_rename},
    {SQL_W_SET, IN_BOTH, IN_PRESTO, parse_set_part},
};

struct sql_node *parse_alter_table(struct parser *p, const struct opening *o)
{
    struct altered what = {.object = SQL_W_TABLE, .kind = parse_grammar_word(p)};
    uint16_t dialect = p->trino ? IN_TRINO : IN_PRESTO;
    struct opening here = *o;

    here.flags |= accept_if_exists(p, SQL_F_IF_EXISTS);
    what.table = open_node(p, SQL_TABLE);
    what.name = what.table->kid[SQL_TABLE_NAME] = parse_undecided_name(p);
    close_node(p, what.table);
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        uint16_t known = here.flags ? parts[i].after_if_exists : parts[i].dialects;

        if ((known & dialect) && accept(p, parts[i].word))
            /* cppcheck-suppress returnDanglingLifetime ; the tree lies in the arena */
            return parts[i].parse(p, &here, &what);
    }
    fail_here(p);
    return NULL;
}
