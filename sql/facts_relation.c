/* SPDX-License-Identifier: Apache-2.0 */
/* facts_relation.c - what stands in FROM: tables, and what hides them.
 *
 * Visitors of relations get the alias (a name, perhaps with RENAMED) or NO_NAME as `arg`. A
 * relation becomes a source of its scope after its own parts were visited, so that LATERAL and
 * UNNEST see what stands left of them and nothing else. */
#include "sql/gather.h"

void add_source(struct gather *g, uint32_t name, uint32_t table)
{
    struct seen *own = &g->scopes[g->scope_count - 1].own;

    own->sources++;
    if (table != NO_TABLE) {
        own->tables++;
        own->only = table;
    }
    if (name != NO_NAME)
        bind_name(g, NS_RELATION, name, table);
}

static uint32_t alias_name(uint32_t arg)
{
    return arg == NO_NAME ? NO_NAME : arg & ~RENAMED;
}

static void add_opaque(struct gather *g, struct sql_node *n, uint32_t arg)
{
    (void)n;
    add_source(g, alias_name(arg), NO_TABLE);
}

/* TABLE and TABLE_QUERY: both have the name first. */
void visit_table(struct gather *g, struct sql_node *n, uint32_t arg)
{
    const struct sql_node *name = n->kid[SQL_TABLE_NAME];
    uint32_t last = name_of(g, name->kid[name->count - 1]->text), table = NO_TABLE;

    if (name->count > 1 || bound(g, NS_CTE, last) == NULL)
        table = refer(g, n, SQL_ROLE_READ);
    if (arg != NO_NAME && (arg & RENAMED))
        table = NO_TABLE;
    if (n->kind == SQL_TABLE)
        visit_later(g, n->kid[SQL_TABLE_PERIOD]);
    add_source(g, arg == NO_NAME ? last : alias_name(arg), table);
}

void visit_aliased(struct gather *g, struct sql_node *n, uint32_t arg)
{
    struct sql_node *relation = n->kid[SQL_ALIASED_RELATION];
    uint32_t alias = name_of(g, n->kid[SQL_ALIASED_ALIAS]->text);

    (void)arg;
    if (n->kid[SQL_ALIASED_COLUMNS] != NULL)
        alias |= RENAMED;
    switch (relation->kind) {
    case SQL_JOIN: /* in brackets: the names inside are hidden */
    case SQL_ALIASED:
    case SQL_SAMPLED:
        later(g, add_opaque, n, alias);
        later(g, close_scope, NULL, 0);
        visit_later(g, relation);
        open_scope(g, false);
        break;
    default:
        later(g, visit, relation, alias);
    }
}

void visit_derived(struct gather *g, struct sql_node *n, uint32_t arg)
{
    later(g, add_opaque, n, arg);
    later(g, visit_query, n->kid[SQL_DERIVED_QUERY], 1);
}

void visit_lateral(struct gather *g, struct sql_node *n, uint32_t arg)
{
    later(g, add_opaque, n, arg);
    visit_later(g, n->kid[SQL_LATERAL_QUERY]);
}

void visit_unnest(struct gather *g, struct sql_node *n, uint32_t arg)
{
    later(g, add_opaque, n, arg);
    visit_kids(g, n, 0);
}

void visit_json_table(struct gather *g, struct sql_node *n, uint32_t arg)
{
    later(g, add_opaque, n, arg);
    later(g, visit_syntax, n, 0);
}

void visit_table_function(struct gather *g, struct sql_node *n, uint32_t arg)
{
    later(g, add_opaque, n, arg);
    later(g, visit_function, n, 0);
}

void visit_table_input(struct gather *g, struct sql_node *n, uint32_t arg)
{
    (void)arg;
    open_scope(g, true);
    later(g, close_scope, NULL, 0);
    visit_later(g, n->kid[SQL_TABLE_INPUT_ORDER]);
    visit_later(g, n->kid[SQL_TABLE_INPUT_PARTITION]);
    visit_later(g, n->kid[SQL_TABLE_INPUT_RELATION]);
}

void visit_join(struct gather *g, struct sql_node *n, uint32_t arg)
{
    (void)arg;
    g->out->has_join = true;
    visit_later(g, n->kid[SQL_JOIN_USING]);
    visit_later(g, n->kid[SQL_JOIN_ON]);
    visit_later(g, n->kid[SQL_JOIN_RIGHT]);
    visit_later(g, n->kid[SQL_JOIN_LEFT]);
}

void visit_sampled(struct gather *g, struct sql_node *n, uint32_t arg)
{
    g->out->deterministic = false;
    visit_later(g, n->kid[SQL_SAMPLED_PERCENTAGE]);
    later(g, visit, n->kid[SQL_SAMPLED_RELATION], arg);
}

/* ---- row pattern recognition: variables are names for rows of the input ---- */

void visit_match_recognize(struct gather *g, struct sql_node *n, uint32_t arg)
{
    later(g, add_opaque, n, arg);
    later(g, close_scope, NULL, 0);
    visit_later(g, n->kid[SQL_MATCH_RECOGNIZE_CLAUSES]);
    visit_later(g, n->kid[SQL_MATCH_RECOGNIZE_ORDER]);
    visit_later(g, n->kid[SQL_MATCH_RECOGNIZE_PARTITION]);
    visit_later(g, n->kid[SQL_MATCH_RECOGNIZE_INPUT]);
    open_scope(g, false);
}

void visit_pattern_clauses(struct gather *g, struct sql_node *n, uint32_t arg)
{
    (void)arg;
    visit_later(g, n->kid[SQL_PATTERN_CLAUSES_DEFINE]);
    visit_later(g, n->kid[SQL_PATTERN_CLAUSES_MEASURES]);
    visit_later(g, n->kid[SQL_PATTERN_CLAUSES_SUBSETS]);
    visit_later(g, n->kid[SQL_PATTERN_CLAUSES_PATTERN]);
}

static void bind_variable(struct gather *g, const struct sql_node *ident)
{
    const struct seen *own = &g->scopes[g->scope_count - 1].own;
    uint32_t table = own->sources == 1 && own->tables == 1 ? own->only : NO_TABLE;

    bind_name(g, NS_RELATION, name_of(g, ident->text), table);
}

void visit_pattern_variable(struct gather *g, struct sql_node *n, uint32_t arg)
{
    (void)arg;
    bind_variable(g, n->kid[SQL_PATTERN_VARIABLE_NAME]);
}

void visit_subset(struct gather *g, struct sql_node *n, uint32_t arg)
{
    (void)arg;
    bind_variable(g, n->kid[SQL_SUBSET_NAME]);
}
