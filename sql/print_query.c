/* SPDX-License-Identifier: Apache-2.0 */
/* print_query.c - queries and their clauses. A query that no brackets enclose has each clause on a
 * line of its own in the pretty form; others only when they do not fit into a line. */
#include "sql/printer.h"

static bool is_outermost(const struct printer *p)
{
    return p->queries == 0;
}

/* -- QUERY */

static void print_functions(struct printer *p, const struct sql_node *list)
{
    SAY(p, "WITH");
    print_list(p, list);
    line(p, 0);
}

static void print_session(struct printer *p, const struct sql_node *list)
{
    SAY(p, "WITH SESSION");
    print_list(p, list);
    line(p, 0);
}

static bool starts_with_bracket(const struct sql_node *query)
{
    const struct sql_node *body = query->kid[SQL_QUERY_BODY];

    while (body->kind == SQL_SET_OPERATION)
        body = body->kid[SQL_SET_OPERATION_LEFT];
    return query->kid[SQL_QUERY_WITH] == NULL && body->kind == SQL_NESTED;
}

/* The value that stands right before the query: of its last function, or session property. */
static const struct sql_node *value_before(const struct sql_node *query)
{
    const struct sql_node *list = query->kid[SQL_QUERY_FUNCTIONS], *last;

    if (list == NULL)
        list = query->kid[SQL_QUERY_SESSION];
    if (list == NULL || list->count == 0)
        return NULL;
    last = list->kid[list->count - 1];
    if (last->kind == SQL_FUNCTION_SPEC)
        last = last->kid[SQL_FUNCTION_SPEC_BODY];
    last = last->kind == SQL_PROPERTY ? last->kid[SQL_PROPERTY_VALUE]
           : last->kind == SQL_RETURN ? last->kid[SQL_RETURN_VALUE]
                                      : NULL;
    return last != NULL && last->kind != SQL_SUBQUERY ? last : NULL;
}

static void print_part(struct printer *p, const struct sql_node *part)
{
    if (part == NULL)
        return;
    line(p, 0);
    print_any(p, part);
}

void print_query(struct printer *p, const struct sql_node *n)
{
    open_group(p, is_outermost(p));
    if (starts_with_bracket(n) && value_before(n) != NULL) /* not to call it: a (SELECT 1) */
        p->bracketed = value_before(n);
    if (n->kid[SQL_QUERY_SESSION] != NULL)
        print_session(p, n->kid[SQL_QUERY_SESSION]);
    if (n->kid[SQL_QUERY_FUNCTIONS] != NULL)
        print_functions(p, n->kid[SQL_QUERY_FUNCTIONS]);
    if (n->kid[SQL_QUERY_WITH] != NULL) {
        print_any(p, n->kid[SQL_QUERY_WITH]);
        line(p, 0);
    }
    print_any(p, n->kid[SQL_QUERY_BODY]);
    if (n->kid[SQL_QUERY_ORDER] != NULL) {
        line(p, 0);
        print_order(p, n->kid[SQL_QUERY_ORDER]);
    }
    print_part(p, n->kid[SQL_QUERY_OFFSET]);
    print_part(p, n->kid[SQL_QUERY_LIMIT]);
    close_group(p);
}

void print_order(struct printer *p, const struct sql_node *list)
{
    SAY(p, "ORDER BY");
    print_list(p, list);
}

/* -- lists of clauses: on the clause's line, or one item a line below it */

static void print_indented(struct printer *p, const struct sql_node *list, bool force,
                           uint32_t guard)
{
    open_group(p, force && list->count > 1);
    for (uint32_t i = 0; i < list->count; i++) {
        if (i > 0)
            GLUE(p, ",");
        if (list->count > 1)
            line(p, 1);
        p->guard = i == 0 ? guard : 0;
        print_any(p, list->kid[i]);
    }
    close_group(p);
}

void print_with(struct printer *p, const struct sql_node *n)
{
    SAY(p, "WITH");
    if (n->flags & SQL_F_RECURSIVE)
        SAY(p, "RECURSIVE");
    print_indented(p, n->kid[SQL_WITH_QUERIES], is_outermost(p), 0);
}

void print_values(struct printer *p, const struct sql_node *n)
{
    SAY(p, "VALUES");
    print_indented(p, n->kid[SQL_VALUES_ROWS], false, 0);
}

/* -- SELECT */

static void print_clause(struct printer *p, struct str words, const struct sql_node *n)
{
    if (n == NULL)
        return;
    line(p, 0);
    put(p, words);
    if (n->kind == SQL_LIST)
        print_indented(p, n, false, 0);
    else
        print_any(p, n);
}

void print_select(struct printer *p, const struct sql_node *n)
{
    open_group(p, is_outermost(p));
    SAY(p, "SELECT");
    if (n->op != 0)
        put_op(p, n->op);
    print_indented(p, n->kid[SQL_SELECT_ITEMS], false, n->op == 0 ? GUARD_ALL : 0);
    print_clause(p, STR("FROM"), n->kid[SQL_SELECT_FROM]);
    print_clause(p, STR("WHERE"), n->kid[SQL_SELECT_WHERE]);
    print_clause(p, STR("GROUP BY"), n->kid[SQL_SELECT_GROUP]);
    print_clause(p, STR("HAVING"), n->kid[SQL_SELECT_HAVING]);
    print_clause(p, STR("WINDOW"), n->kid[SQL_SELECT_WINDOWS]);
    close_group(p);
}

/* t.* or *; the table of a number would be a fraction. */
void print_star(struct printer *p, const struct sql_node *n)
{
    if (n->kid[SQL_STAR_TARGET] == NULL) {
        SAY(p, "*");
    } else {
        p->guard = p->trino ? p->guard | GUARD_NUMBER_DOT : 0; /* Presto has a name here */
        print_node(p, n->kid[SQL_STAR_TARGET], BIND_PRIMARY);
        GLUE(p, ".*");
    }
    if (n->kid[SQL_STAR_ALIASES] != NULL) {
        SAY(p, "AS");
        print_bracketed(p, n->kid[SQL_STAR_ALIASES], false, false);
    }
}

void print_set_tail(struct printer *p, const struct sql_node *n)
{
    line(p, 0);
    put_op(p, n->op);
    if (n->op2 != 0)
        put_op(p, n->op2);
    if (n->kid[SQL_SET_OPERATION_CORRESPONDING] != NULL)
        print_any(p, n->kid[SQL_SET_OPERATION_CORRESPONDING]);
    line(p, 0);
    print_node(p, n->kid[SQL_SET_OPERATION_RIGHT], print_level_of(p, n) + 1);
}

/* -- GROUP BY */

/* A single identifier: brackets around it would be a set of their own. */
static bool is_plain(const struct sql_node *element)
{
    return element->kind == SQL_GROUPING_SET && (element->flags & SQL_F_PAREN) == 0 &&
           element->kid[0]->count == 1 && element->kid[0]->kid[0]->kind == SQL_IDENT;
}

void print_group_by(struct printer *p, const struct sql_node *n)
{
    const struct sql_node *list = n->kid[SQL_GROUP_BY_ELEMENTS];
    bool guarded = n->op == 0 && list->count > 0 && !is_plain(list->kid[0]);

    if (n->op != 0)
        put_op(p, n->op);
    print_indented(p, list, false, guarded ? GUARD_ALL : 0);
}

void print_grouping_set(struct printer *p, const struct sql_node *n)
{
    const struct sql_node *items = n->kid[SQL_GROUPING_SET_ITEMS];

    if ((n->flags & SQL_F_PAREN) || items->count != 1)
        print_bracketed(p, items, false, false);
    else
        print_any(p, items->kid[0]);
}
