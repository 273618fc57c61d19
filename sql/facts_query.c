/* SPDX-License-Identifier: Apache-2.0 */
/* facts_query.c - queries: common table expressions, SELECT, routines in WITH.
 *
 * A common table expression is bound once its own query was visited (before it if RECURSIVE), so
 * that a table of the same name can be read in it, and for the rest of the query it belongs to. */
#include "sql/gather.h"

static void bind_cte(struct gather *g, struct sql_node *cte, uint32_t arg)
{
    (void)arg;
    bind_name(g, NS_CTE, name_of(g, cte->kid[SQL_CTE_NAME]->text), NO_TABLE);
}

static void visit_with(struct gather *g, struct sql_node *with)
{
    struct sql_node *list;

    if (with == NULL)
        return;
    list = with->kid[SQL_WITH_QUERIES];
    for (uint32_t i = list->count; i-- > 0;) {
        struct sql_node *cte = list->kid[i];
        bool recursive = with->flags & SQL_F_RECURSIVE;

        if (!recursive)
            later(g, bind_cte, cte, 0);
        visit_later(g, cte->kid[SQL_CTE_QUERY]);
        if (recursive)
            later(g, bind_cte, cte, 0);
    }
}

/* ORDER BY sees the names of the results, which hide columns. */
static void visit_order(struct gather *g, struct sql_node *query, uint32_t arg)
{
    const struct sql_node *body = query->kid[SQL_QUERY_BODY];
    const struct sql_node *items = body->kind == SQL_SELECT ? body->kid[SQL_SELECT_ITEMS] : NULL;

    (void)arg;
    for (uint32_t i = 0; items != NULL && i < items->count; i++) {
        const struct sql_node *item = items->kid[i];

        if (item->kind == SQL_ITEM && item->kid[SQL_ITEM_ALIAS] != NULL)
            bind_name(g, NS_ALIAS, name_of(g, item->kid[SQL_ITEM_ALIAS]->text), NO_TABLE);
    }
    visit_later(g, query->kid[SQL_QUERY_ORDER]);
}

static bool limits(const struct sql_node *limit)
{
    if (limit == NULL)
        return false;
    return limit->kind == SQL_FETCH || limit->kid[SQL_LIMIT_COUNT] != NULL;
}

/* A body that is a SELECT shares the query's scope, for ORDER BY. */
void visit_query(struct gather *g, struct sql_node *n, uint32_t hidden)
{
    struct sql_node *body = n->kid[SQL_QUERY_BODY];

    open_scope(g, hidden == 1);
    g->out->has_order_by |= n->kid[SQL_QUERY_ORDER] != NULL;
    g->out->has_limit |= limits(n->kid[SQL_QUERY_LIMIT]);
    later(g, close_scope, NULL, 0);
    visit_later(g, n->kid[SQL_QUERY_LIMIT]);
    visit_later(g, n->kid[SQL_QUERY_OFFSET]);
    if (n->kid[SQL_QUERY_ORDER] != NULL)
        later(g, visit_order, n, 0);
    later(g, visit, body, body->kind == SQL_SELECT ? 1 : NO_NAME);
    visit_with(g, n->kid[SQL_QUERY_WITH]);
    visit_later(g, n->kid[SQL_QUERY_FUNCTIONS]);
    visit_later(g, n->kid[SQL_QUERY_SESSION]);
}

void visit_select(struct gather *g, struct sql_node *n, uint32_t in_place)
{
    struct sql_node *from = n->kid[SQL_SELECT_FROM];

    if (in_place != 1) {
        open_scope(g, false);
        later(g, close_scope, NULL, 0);
    }
    g->out->has_join |= from != NULL && from->count > 1;
    g->out->has_aggregate |= n->kid[SQL_SELECT_GROUP] != NULL;
    visit_later(g, n->kid[SQL_SELECT_WINDOWS]);
    visit_later(g, n->kid[SQL_SELECT_HAVING]);
    visit_later(g, n->kid[SQL_SELECT_GROUP]);
    visit_later(g, n->kid[SQL_SELECT_WHERE]);
    visit_later(g, n->kid[SQL_SELECT_ITEMS]);
    visit_later(g, from);
}

/* A routine sees its parameters and variables, and no relation. In WITH its name hides that of a
 * built-in function. */
void visit_function_spec(struct gather *g, struct sql_node *n, uint32_t arg)
{
    const struct sql_node *name = n->kid[SQL_FUNCTION_SPEC_NAME];
    const struct sql_node *parameters = n->kid[SQL_FUNCTION_SPEC_PARAMETERS];

    (void)arg;
    if (name->count == 1)
        bind_name(g, NS_FUNCTION, name_of(g, name->kid[0]->text), NO_TABLE);
    open_scope(g, true);
    g->scopes[g->scope_count - 1].outer = (struct seen){.sources = 0};
    for (uint32_t i = 0; parameters != NULL && i < parameters->count; i++) {
        const struct sql_node *p = parameters->kid[i]->kid[SQL_PARAMETER_SPEC_NAME];

        if (p != NULL)
            bind_name(g, NS_VARIABLE, name_of(g, p->text), NO_TABLE);
    }
    later(g, close_scope, NULL, 0);
    visit_later(g, n->kid[SQL_FUNCTION_SPEC_BODY]);
}
