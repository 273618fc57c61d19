/* SPDX-License-Identifier: Apache-2.0 */
/* facts_inner.c - see inner.h.
 *
 * What stands inside is a statement of its own: its facts are gathered anew and then become those
 * of the outer one. A prepared statement may execute another: that ends at INNER_DEPTH_MAX. */
#include "sql/inner.h"

/* A view of a part of the statement: same text, same tokens from its first one on. */
static struct sql_statement *inside(struct gather *g, struct sql_node *root)
{
    struct sql_statement *inner = arena_alloc(g->arena, sizeof(*inner));
    uint32_t low = 0, high = g->s->token_count - 1;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (g->s->tokens[middle].start < root->start)
            low = middle + 1;
        else
            high = middle;
    }
    *inner = *g->s;
    inner->root = root;
    inner->tokens += low;
    inner->token_count -= low;
    return inner;
}

static struct sql_statement *opened(struct gather *g, struct str sql)
{
    struct sql_statement *inner;

    if (g->depth >= INNER_DEPTH_MAX)
        return NULL;
    inner = arena_alloc(g->arena, sizeof(*inner));
    if (sql_parse(inner, g->arena, sql, g->s->dialect, NULL) == OK)
        return inner;
    inner->root = NULL; /* its facts will be incomplete */
    return inner;
}

/* The name is compared as it is written; then without its case, for what folds identifiers. */
static struct sql_statement *prepared(struct gather *g, struct str name)
{
    const struct sql_context *c = g->context;

    g->out->prepared_name = fold(g->arena, name);
    for (uint32_t i = 0; i < c->prepared_count; i++)
        if (str_eq(c->prepared[i].name, name))
            return opened(g, c->prepared[i].sql);
    for (uint32_t i = 0; i < c->prepared_count; i++)
        if (str_eq_nocase(c->prepared[i].name, name))
            return opened(g, c->prepared[i].sql);
    return NULL;
}

void gather_explain(struct gather *g, struct sql_node *n)
{
    take_inner(g, inside(g, n->kid[SQL_EXPLAIN_STATEMENT]), true);
    g->out->type = SQL_TYPE_EXPLAIN;
    g->out->reads = true;
    if (!(n->flags & SQL_F_ANALYZE))
        g->out->writes = g->out->changes_session = false;
}

void gather_prepare(struct gather *g, struct sql_node *n)
{
    g->out->prepared_name = fold(g->arena, n->kid[SQL_PREPARE_NAME]->text);
    g->out->inner = inside(g, n->kid[SQL_PREPARE_STATEMENT]);
}

void gather_deallocate(struct gather *g, struct sql_node *n)
{
    g->out->prepared_name = fold(g->arena, n->kid[SQL_DEALLOCATE_NAME]->text);
}

void gather_execute(struct gather *g, struct sql_node *n)
{
    take_inner(g, prepared(g, n->kid[SQL_EXECUTE_NAME]->text), false);
}

void gather_execute_immediate(struct gather *g, struct sql_node *n)
{
    take_inner(g, opened(g, n->kid[SQL_EXECUTE_IMMEDIATE_STATEMENT]->text), false);
}

/* The inner statement is analysed, not run. */
void gather_describe(struct gather *g, struct sql_node *n)
{
    take_inner(g, prepared(g, n->kid[SQL_DESCRIBE_NAME]->text), false);
    g->out->type = SQL_TYPE_DESCRIBE;
    g->out->reads = true;
    g->out->writes = g->out->changes_session = false;
}
