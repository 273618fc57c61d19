/* SPDX-License-Identifier: Apache-2.0 */
/* print_expression.c - operators, constructors and calls. */
#include "sql/printer.h"

/* -- operators */

void print_infix_tail(struct printer *p, const struct sql_node *n)
{
    line(p, 1);
    put_op(p, n->op);
    print_node(p, n->kid[SQL_ARITHMETIC_RIGHT], print_level_of(p, n) + 1);
}

/* Trino reads -1 as a number, so that minus 1 has to be -(1). */
void print_unary(struct printer *p, const struct sql_node *n)
{
    put_op(p, n->op);
    put_open(p);
    if (p->trino && n->op == SQL_T_MINUS)
        p->guard = GUARD_NUMBER;
    print_node(p, n->kid[SQL_UNARY_VALUE], BIND_UNARY);
}

void print_conjunction(struct printer *p, const struct sql_node *n)
{
    const struct sql_node *list = n->kid[SQL_AND_OPERANDS];
    bool and = n->kind == SQL_AND;

    open_group(p, false);
    for (uint32_t i = 0; i < list->count; i++) {
        if (i > 0) {
            line(p, 1);
            put(p, and? STR("AND") : STR("OR"));
        }
        print_node(p, list->kid[i], and? BIND_NOT : BIND_AND);
    }
    close_group(p);
}

/* -- constructors */

/* One value alone in brackets would be that value. */
void print_row(struct printer *p, const struct sql_node *n)
{
    const struct sql_node *items = n->kid[SQL_ROW_ITEMS];
    bool word = (n->flags & SQL_F_WORD) || items->count < 2;

    if (word)
        SAY(p, "ROW");
    p->guard = word ? GUARD_ALL : 0;
    print_bracketed(p, items, word, false);
}

/* Presto knows the form with the word only. */
void print_array(struct printer *p, const struct sql_node *n)
{
    if ((n->flags & SQL_F_WORD) || !p->trino) {
        SAY(p, "ARRAY");
        put_open(p);
    }
    SAY(p, "[");
    put_open(p);
    print_list(p, n->kid[SQL_ARRAY_ITEMS]);
    GLUE(p, "]");
}

void print_lambda(struct printer *p, const struct sql_node *n)
{
    const struct sql_node *parameters = n->kid[SQL_LAMBDA_PARAMETERS];

    if (parameters->count == 1)
        print_any(p, parameters->kid[0]);
    else
        print_bracketed(p, parameters, false, false);
    SAY(p, "->");
    print_any(p, n->kid[SQL_LAMBDA_BODY]);
}

/* -- calls */

static void print_filter(struct printer *p, const struct sql_node *condition)
{
    if (condition == NULL)
        return;
    SAY(p, "FILTER (WHERE");
    print_any(p, condition);
    GLUE(p, ")");
}

static void print_over(struct printer *p, const struct sql_node *window)
{
    if (window == NULL)
        return;
    SAY(p, "OVER");
    print_any(p, window);
}

static void print_arguments(struct printer *p, const struct sql_node *n)
{
    const struct sql_node *list = n->kid[SQL_FUNCTION_ARGUMENTS];

    if (n->op != 0)
        put_op(p, n->op);
    else
        p->guard = GUARD_ALL;
    for (uint32_t i = 0; i < list->count; i++) {
        if (i > 0) {
            GLUE(p, ",");
            line(p, 1);
        }
        print_any(p, list->kid[i]);
    }
    p->guard = 0;
    if ((n->flags & SQL_F_STAR) && list->count > 0)
        GLUE(p, ".*");
    else if (n->flags & SQL_F_STAR)
        SAY(p, "*");
    if (n->kid[SQL_FUNCTION_ORDER] != NULL) {
        if (list->count > 0)
            line(p, 1);
        print_order(p, n->kid[SQL_FUNCTION_ORDER]);
    }
}

void print_call(struct printer *p, const struct sql_node *n)
{
    bool some = n->kid[SQL_FUNCTION_ARGUMENTS]->count > 0;

    if (n->flags & (SQL_F_RUNNING | SQL_F_FINAL))
        put(p, n->flags & SQL_F_FINAL ? STR("FINAL") : STR("RUNNING"));
    print_any(p, n->kid[SQL_FUNCTION_NAME]);
    open_group(p, false);
    GLUE(p, "(");
    put_open(p);
    if (some)
        soft(p, 1);
    print_arguments(p, n);
    if (some)
        soft(p, 0);
    GLUE(p, ")");
    close_group(p);
    print_filter(p, n->kid[SQL_FUNCTION_FILTER]);
    if (n->op2 != 0) {
        put_op(p, n->op2);
        SAY(p, "NULLS");
    }
    print_over(p, n->kid[SQL_FUNCTION_OVER]);
}

void print_listagg(struct printer *p, const struct sql_node *n)
{
    SAY(p, "LISTAGG(");
    put_open(p);
    if (n->op != 0)
        put_op(p, n->op);
    else
        p->guard = GUARD_ALL;
    print_any(p, n->kid[SQL_LISTAGG_VALUE]);
    if (n->kid[SQL_LISTAGG_SEPARATOR] != NULL) {
        GLUE(p, ",");
        print_any(p, n->kid[SQL_LISTAGG_SEPARATOR]);
    }
    if (n->kid[SQL_LISTAGG_ON_OVERFLOW] != NULL) {
        SAY(p, "ON OVERFLOW");
        print_any(p, n->kid[SQL_LISTAGG_ON_OVERFLOW]);
    }
    GLUE(p, ")");
    SAY(p, "WITHIN GROUP (");
    put_open(p);
    print_order(p, n->kid[SQL_LISTAGG_ORDER]);
    GLUE(p, ")");
    print_filter(p, n->kid[SQL_LISTAGG_FILTER]);
    print_over(p, n->kid[SQL_LISTAGG_OVER]);
}

void print_trim(struct printer *p, const struct sql_node *n)
{
    const struct sql_node *source = n->kid[SQL_TRIM_SOURCE], *c = n->kid[SQL_TRIM_CHARACTER];
    bool comma = (n->flags & SQL_F_COMMA) != 0;

    SAY(p, "TRIM(");
    put_open(p);
    if (n->op != 0)
        put_op(p, n->op);
    else
        p->guard = GUARD_TRIM;
    if (c != NULL && !comma)
        print_node(p, c, BIND_CONCAT);
    if ((c != NULL && !comma) || n->op != 0)
        SAY(p, "FROM");
    print_node(p, source, BIND_CONCAT);
    if (c != NULL && comma) {
        GLUE(p, ",");
        print_node(p, c, BIND_CONCAT);
    }
    GLUE(p, ")");
}

/* -- CASE */

void print_case(struct printer *p, const struct sql_node *n)
{
    const struct sql_node *whens = n->kid[SQL_CASE_WHENS];

    open_group(p, false);
    SAY(p, "CASE");
    if (n->kid[SQL_CASE_OPERAND] != NULL)
        print_node(p, n->kid[SQL_CASE_OPERAND], p->trino ? BIND_ANY : BIND_CONCAT);
    for (uint32_t i = 0; i < whens->count; i++) {
        line(p, 1);
        print_any(p, whens->kid[i]);
    }
    if (n->kid[SQL_CASE_ELSE] != NULL) {
        line(p, 1);
        SAY(p, "ELSE");
        print_any(p, n->kid[SQL_CASE_ELSE]);
    }
    line(p, 0);
    SAY(p, "END");
    close_group(p);
}
