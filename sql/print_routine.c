/* SPDX-License-Identifier: Apache-2.0 */
/* print_routine.c - the bodies of functions. */
#include "sql/printer.h"

/* Each statement on a line of its own, with its ';'. An assignment is called SET here. */
void print_statements(struct printer *p, const struct sql_node *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        line(p, 1);
        if (list->kid[i]->kind == SQL_ASSIGNMENT)
            SAY(p, "SET");
        print_any(p, list->kid[i]);
        GLUE(p, ";");
    }
}

/* ELSE and its statements, one step in from its own line. */
static void print_else(struct printer *p, const struct sql_node *list, unsigned indent)
{
    if (list == NULL)
        return;
    line(p, indent);
    open_group(p, true);
    SAY(p, "ELSE");
    print_statements(p, list);
    close_group(p);
}

void print_case_statement(struct printer *p, const struct sql_node *n)
{
    const struct sql_node *whens = n->kid[SQL_CASE_STATEMENT_WHENS];

    open_group(p, true);
    SAY(p, "CASE");
    if (n->kid[SQL_CASE_STATEMENT_OPERAND] != NULL)
        print_any(p, n->kid[SQL_CASE_STATEMENT_OPERAND]);
    for (uint32_t i = 0; i < whens->count; i++) {
        line(p, 1);
        print_any(p, whens->kid[i]);
    }
    print_else(p, n->kid[SQL_CASE_STATEMENT_ELSE], 1);
    line(p, 0);
    SAY(p, "END CASE");
    close_group(p);
}

void print_if(struct printer *p, const struct sql_node *n)
{
    const struct sql_node *whens = n->kid[SQL_IF_STATEMENT_WHENS];

    open_group(p, true);
    for (uint32_t i = 0; i < whens->count; i++) {
        const struct sql_node *when = whens->kid[i];

        if (i > 0)
            line(p, 0);
        put(p, i > 0 ? STR("ELSEIF") : STR("IF"));
        print_any(p, when->kid[SQL_WHEN_STATEMENT_CONDITION]);
        SAY(p, "THEN");
        print_statements(p, when->kid[SQL_WHEN_STATEMENT_STATEMENTS]);
    }
    print_else(p, n->kid[SQL_IF_STATEMENT_ELSE], 0);
    line(p, 0);
    SAY(p, "END IF");
    close_group(p);
}
