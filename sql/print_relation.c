/* SPDX-License-Identifier: Apache-2.0 */
/* print_relation.c - joins and table functions. */
#include "sql/printer.h"

/* -- joins */

void print_join_tail(struct printer *p, const struct sql_node *n)
{
    line(p, 1);
    if (n->flags & SQL_F_NATURAL)
        SAY(p, "NATURAL");
    if (n->op != SQL_W_INNER && n->op != 0)
        put_op(p, n->op);
    SAY(p, "JOIN");
    print_node(p, n->kid[SQL_JOIN_RIGHT], BIND_SAMPLED);
    if (n->kid[SQL_JOIN_ON] != NULL) {
        SAY(p, "ON");
        print_any(p, n->kid[SQL_JOIN_ON]);
    }
    if (n->kid[SQL_JOIN_USING] != NULL) {
        SAY(p, "USING");
        print_bracketed(p, n->kid[SQL_JOIN_USING], false, false);
    }
}

void print_period(struct printer *p, const struct sql_node *n)
{
    SAY(p, "FOR");
    put_op(p, n->op);
    put(p, n->op2 == SQL_W_BEFORE ? STR("BEFORE") : STR("AS OF"));
    print_node(p, n->kid[SQL_PERIOD_VALUE], BIND_CONCAT);
}

/* -- table functions */

static void print_copartition(struct printer *p, const struct sql_node *sets)
{
    SAY(p, "COPARTITION");
    for (uint32_t i = 0; i < sets->count; i++) {
        if (i > 0)
            GLUE(p, ",");
        print_bracketed(p, sets->kid[i], false, false);
    }
}

void print_table_function(struct printer *p, const struct sql_node *n)
{
    const struct sql_node *arguments = n->kid[SQL_TABLE_FUNCTION_ARGUMENTS];

    SAY(p, "TABLE(");
    put_open(p);
    print_any(p, n->kid[SQL_TABLE_FUNCTION_NAME]);
    open_group(p, false);
    GLUE(p, "(");
    soft(p, 1);
    print_list(p, arguments);
    if (n->kid[SQL_TABLE_FUNCTION_COPARTITION] != NULL) {
        if (arguments->count > 0)
            line(p, 1);
        print_copartition(p, n->kid[SQL_TABLE_FUNCTION_COPARTITION]);
    }
    soft(p, 0);
    GLUE(p, "))");
    close_group(p);
}

/* CAST(NULL AS DESCRIPTOR) as an expression: without brackets it would be a descriptor. */
static bool looks_like_descriptor(const struct sql_node *n)
{
    const struct sql_node *type;

    if (n->kind != SQL_CAST || (n->flags & SQL_F_TRY) || n->kid[0]->kind != SQL_NULL_LITERAL)
        return false;
    type = n->kid[SQL_CAST_TYPE];
    return type->kind == SQL_TYPE && type->kid[0]->kind == SQL_NAME &&
           str_eq_nocase(type->kid[0]->kid[0]->text, STR("descriptor"));
}

void print_table_argument(struct printer *p, const struct sql_node *n)
{
    const struct sql_node *value = n->kid[SQL_TABLE_ARGUMENT_VALUE];

    if (n->kid[SQL_TABLE_ARGUMENT_NAME] != NULL) {
        print_any(p, n->kid[SQL_TABLE_ARGUMENT_NAME]);
        SAY(p, "=>");
    }
    if (looks_like_descriptor(value)) {
        print_block(p, value, false);
        return;
    }
    p->guard = value->kind == SQL_IDENT ? 0 : GUARD_ARGUMENT;
    print_any(p, value);
}

/* TABLE(name) or TABLE(query), and its alias. */
static void print_input_relation(struct printer *p, const struct sql_node *n)
{
    bool aliased = n->kind == SQL_ALIASED;
    const struct sql_node *relation = aliased ? n->kid[SQL_ALIASED_RELATION] : n;

    SAY(p, "TABLE");
    print_block(p, relation->kind == SQL_DERIVED ? relation->kid[SQL_DERIVED_QUERY] : relation,
                true);
    if (!aliased)
        return;
    SAY(p, "AS");
    print_any(p, n->kid[SQL_ALIASED_ALIAS]);
    if (n->kid[SQL_ALIASED_COLUMNS] != NULL)
        print_bracketed(p, n->kid[SQL_ALIASED_COLUMNS], false, false);
}

/* ORDER BY has brackets always: those of (a, b) would be taken for its own. */
void print_table_input(struct printer *p, const struct sql_node *n)
{
    const struct sql_node *partition = n->kid[SQL_TABLE_INPUT_PARTITION];

    print_input_relation(p, n->kid[SQL_TABLE_INPUT_RELATION]);
    if (partition != NULL) {
        SAY(p, "PARTITION BY");
        if ((n->flags & SQL_F_PARTITION_PAREN) || partition->count != 1)
            print_bracketed(p, partition, false, false);
        else
            print_node(p, partition->kid[0], BIND_OR); /* no () -> x: it begins like none */
    }
    if (n->op != 0) {
        put_op(p, n->op);
        SAY(p, "WHEN EMPTY");
    }
    if (n->kid[SQL_TABLE_INPUT_ORDER] != NULL) {
        SAY(p, "ORDER BY");
        print_bracketed(p, n->kid[SQL_TABLE_INPUT_ORDER], false, false);
    }
}
