/* SPDX-License-Identifier: Apache-2.0 */
/* print_statement.c - statements, and parts of them, that no template can say. */
#include "sql/printer.h"

/* -- SHOW */

static struct str preposition(uint16_t op)
{
    return op == SQL_W_STATS ? STR("FOR") : op == SQL_W_GRANTS ? STR("ON") : STR("FROM");
}

static void print_show_head(struct printer *p, const struct sql_node *n)
{
    SAY(p, "SHOW");
    if (n->flags & SQL_F_CURRENT)
        SAY(p, "CURRENT");
    put_op(p, n->op);
    if (n->op == SQL_W_ROLE)
        SAY(p, "GRANTS");
    if (n->kid[SQL_SHOW_NAME] != NULL || n->kid[SQL_SHOW_QUERY] != NULL)
        put(p, preposition(n->op));
}

void print_show(struct printer *p, const struct sql_node *n)
{
    if (n->op == SQL_W_COLUMNS && (n->flags & SQL_F_WORD))
        SAY(p, "DESCRIBE");
    else
        print_show_head(p, n);
    if (n->kid[SQL_SHOW_NAME] != NULL)
        print_any(p, n->kid[SQL_SHOW_NAME]);
    if (n->kid[SQL_SHOW_LIKE] != NULL) {
        SAY(p, "LIKE");
        print_any(p, n->kid[SQL_SHOW_LIKE]);
    }
    if (n->kid[SQL_SHOW_ESCAPE] != NULL) {
        SAY(p, "ESCAPE");
        print_any(p, n->kid[SQL_SHOW_ESCAPE]);
    }
    if (n->kid[SQL_SHOW_QUERY] != NULL)
        print_block(p, n->kid[SQL_SHOW_QUERY], false);
}

/* -- functions */

void print_characteristic(struct printer *p, const struct sql_node *n)
{
    const struct sql_node *value = n->kid[SQL_CHARACTERISTIC_VALUE];

    if (n->flags & SQL_F_NOT)
        SAY(p, "NOT");
    put_op(p, n->op);
    if (n->op == SQL_W_RETURNS)
        SAY(p, "NULL");
    if (n->op == SQL_W_RETURNS || n->op == SQL_W_CALLED)
        SAY(p, "ON NULL INPUT");
    if (n->op2 != 0)
        put_op(p, n->op2);
    if (value != NULL && value->kind == SQL_LIST)
        print_bracketed(p, value, false, false);
    else if (value != NULL)
        print_any(p, value);
}

/* -- tables */

void print_constraint(struct printer *p, const struct sql_node *n)
{
    static const struct {
        uint32_t flag;
        struct str words;
    } qualifiers[] = {
        {SQL_F_ENABLED, {"ENABLED", 7}},   {SQL_F_DISABLED, {"DISABLED", 8}},
        {SQL_F_RELY, {"RELY", 4}},         {SQL_F_NOT_RELY, {"NOT RELY", 8}},
        {SQL_F_ENFORCED, {"ENFORCED", 8}}, {SQL_F_NOT_ENFORCED, {"NOT ENFORCED", 12}},
    };

    if (n->kid[SQL_CONSTRAINT_NAME] != NULL) {
        SAY(p, "CONSTRAINT");
        print_any(p, n->kid[SQL_CONSTRAINT_NAME]);
    }
    put_op(p, n->op);
    if (n->op == SQL_W_PRIMARY)
        SAY(p, "KEY");
    print_bracketed(p, n->kid[SQL_CONSTRAINT_COLUMNS], false, false);
    for (size_t i = 0; i < ARRAY_LEN(qualifiers); i++)
        if (n->flags & qualifiers[i].flag)
            put(p, qualifiers[i].words);
}

/* -- transactions */

void print_transaction_mode(struct printer *p, const struct sql_node *n)
{
    if (n->op == SQL_W_READ) {
        SAY(p, "READ");
        put_op(p, n->op2);
        return;
    }
    SAY(p, "ISOLATION LEVEL");
    if (n->op2 == SQL_W_COMMITTED || n->op2 == SQL_W_UNCOMMITTED)
        SAY(p, "READ");
    put_op(p, n->op2);
    if (n->op2 == SQL_W_REPEATABLE)
        SAY(p, "READ");
}

/* Behind EXPLAIN ANALYZE the word alone would be a table's name. */
void print_commit(struct printer *p, const struct sql_node *n)
{
    bool work = (p->guard & GUARD_ANALYZE) != 0;

    put(p, n->kind == SQL_COMMIT ? STR("COMMIT") : STR("ROLLBACK"));
    if (work)
        SAY(p, "WORK");
}
