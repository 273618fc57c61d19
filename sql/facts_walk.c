/* SPDX-License-Identifier: Apache-2.0 */
/* facts_walk.c - the stack of tasks, the scopes, and who visits which kind of node.
 *
 * A kind without a visitor of its own has its children visited, but those slots that hold names of
 * things that are no columns. */
#include "sql/gather.h"

void later(struct gather *g, task_fn *run, struct sql_node *n, uint32_t arg)
{
    if (g->task_count == g->task_cap)
        g->tasks = gather_grow(g->arena, g->tasks, sizeof(*g->tasks), g->task_count, &g->task_cap);
    g->tasks[g->task_count++] = (struct task){run, n, arg};
}

void visit_later(struct gather *g, struct sql_node *n)
{
    if (n != NULL)
        later(g, visit, n, NO_NAME);
}

void run_tasks(struct gather *g)
{
    while (g->task_count > 0) {
        struct task t = g->tasks[--g->task_count];

        t.run(g, t.node, t.arg);
    }
}

/* ---- scopes ---- */

static struct seen add_seen(struct seen a, struct seen b)
{
    return (struct seen){.sources = a.sources + b.sources,
                         .tables = a.tables + b.tables,
                         .only = b.tables > 0 ? b.only : a.only};
}

struct seen seen_here(const struct gather *g)
{
    const struct scope *s = &g->scopes[g->scope_count - 1];

    return add_seen(s->outer, s->own);
}

void open_scope(struct gather *g, bool hidden)
{
    struct scope s = {.bindings = g->names.binding_count};

    if (g->scope_count > 0)
        s.outer = hidden ? g->scopes[g->scope_count - 1].outer : seen_here(g);
    if (g->scope_count == g->scope_cap)
        g->scopes =
            gather_grow(g->arena, g->scopes, sizeof(*g->scopes), g->scope_count, &g->scope_cap);
    g->scopes[g->scope_count++] = s;
}

void close_scope(struct gather *g, struct sql_node *n, uint32_t arg)
{
    (void)n;
    (void)arg;
    unbind_to(g, g->scopes[--g->scope_count].bindings);
}

/* ---- visitors ---- */

static void visit_nothing(struct gather *g, struct sql_node *n, uint32_t arg)
{
    (void)g;
    (void)n;
    (void)arg;
}

static task_fn *const visitors[SQL_KIND_COUNT] = {
    [SQL_IDENT] = visit_ident,
    [SQL_DEREF] = visit_deref,
    [SQL_GROUPING] = visit_grouping,
    [SQL_FUNCTION] = visit_function,
    [SQL_SPECIAL] = visit_special,
    [SQL_LISTAGG] = visit_syntax,
    [SQL_MEASURE] = visit_syntax,
    [SQL_EXTRACT] = visit_syntax,
    [SQL_SUBSTRING] = visit_syntax,
    [SQL_POSITION] = visit_syntax,
    [SQL_TRIM] = visit_syntax,
    [SQL_NORMALIZE] = visit_syntax,
    [SQL_JSON_EXISTS] = visit_syntax,
    [SQL_JSON_VALUE] = visit_syntax,
    [SQL_JSON_QUERY] = visit_syntax,
    [SQL_JSON_OBJECT] = visit_syntax,
    [SQL_JSON_ARRAY] = visit_syntax,
    [SQL_LAMBDA] = visit_lambda,
    [SQL_QUERY] = visit_query,
    [SQL_SELECT] = visit_select,
    [SQL_TABLE_QUERY] = visit_table,
    [SQL_TABLE] = visit_table,
    [SQL_ALIASED] = visit_aliased,
    [SQL_DERIVED] = visit_derived,
    [SQL_LATERAL] = visit_lateral,
    [SQL_UNNEST] = visit_unnest,
    [SQL_TABLE_FUNCTION] = visit_table_function,
    [SQL_TABLE_INPUT] = visit_table_input,
    [SQL_JSON_TABLE] = visit_json_table,
    [SQL_MATCH_RECOGNIZE] = visit_match_recognize,
    [SQL_JOIN] = visit_join,
    [SQL_SAMPLED] = visit_sampled,
    [SQL_PATTERN_CLAUSES] = visit_pattern_clauses,
    [SQL_PATTERN_VARIABLE] = visit_pattern_variable,
    [SQL_SUBSET] = visit_subset,
    [SQL_FUNCTION_SPEC] = visit_function_spec,
    [SQL_DECLARE] = visit_declare,
    [SQL_NAME] = visit_nothing,
    [SQL_TYPED] = visit_nothing,
    [SQL_TYPE] = visit_nothing,
    [SQL_ROW_TYPE] = visit_nothing,
    [SQL_ARRAY_TYPE] = visit_nothing,
    [SQL_MAP_TYPE] = visit_nothing,
    [SQL_STAR] = visit_nothing,
    [SQL_CORRESPONDING] = visit_nothing,
    [SQL_WINDOW_NAME] = visit_nothing,
    [SQL_DESCRIPTOR] = visit_nothing,
    [SQL_SKIP_TO] = visit_nothing,
    [SQL_JSON_PLAN] = visit_nothing,
    [SQL_CHARACTERISTIC] = visit_nothing,
    [SQL_EXTERNAL] = visit_nothing,
    [SQL_ITERATE] = visit_nothing,
    [SQL_LEAVE] = visit_nothing,
};

#define SLOT(kind, slot) (1u << SQL_##kind##_##slot)

/* Slots with names. */
static const uint8_t names_in[SQL_KIND_COUNT] = {
    [SQL_ITEM] = SLOT(ITEM, ALIAS),
    [SQL_JSON_PATH] = SLOT(JSON_PATH, NAME),
    [SQL_JSON_ARGUMENT] = SLOT(JSON_ARGUMENT, NAME),
    [SQL_WINDOW_DEFINITION] = SLOT(WINDOW_DEFINITION, NAME),
    [SQL_WINDOW] = SLOT(WINDOW, EXISTING),
    [SQL_TABLE_ARGUMENT] = SLOT(TABLE_ARGUMENT, NAME),
    [SQL_NAMED_VALUE] = SLOT(NAMED_VALUE, NAME),
    [SQL_JSON_ORDINALITY] = SLOT(JSON_ORDINALITY, NAME),
    [SQL_JSON_VALUE_COLUMN] = SLOT(JSON_VALUE_COLUMN, NAME),
    [SQL_JSON_QUERY_COLUMN] = SLOT(JSON_QUERY_COLUMN, NAME),
    [SQL_JSON_NESTED] = SLOT(JSON_NESTED, NAME),
    [SQL_PROPERTY] = SLOT(PROPERTY, NAME),
    [SQL_ARGUMENT] = SLOT(ARGUMENT, NAME),
    [SQL_ASSIGNMENT] = SLOT(ASSIGNMENT, NAME),
    [SQL_MERGE_INSERT] = SLOT(MERGE_INSERT, COLUMNS),
    [SQL_EXTRACT] = SLOT(EXTRACT, FIELD),
    [SQL_MEASURE] = SLOT(MEASURE, NAME),
    [SQL_LOOP] = SLOT(LOOP, LABEL),
    [SQL_WHILE] = SLOT(WHILE, LABEL),
    [SQL_REPEAT] = SLOT(REPEAT, LABEL),
};

/* Literals and the like have nothing to tell. */
static bool is_silent(const struct sql_node *n)
{
    return n->count == 0 && visitors[n->kind] == NULL;
}

void visit_kids(struct gather *g, struct sql_node *n, uint32_t arg)
{
    uint32_t skipped = names_in[n->kind];

    (void)arg;
    for (uint32_t i = n->count; i-- > 0;)
        if (n->kid[i] != NULL && !is_silent(n->kid[i]) && !(i < 8 && (skipped >> i & 1)))
            visit_later(g, n->kid[i]);
}

void visit(struct gather *g, struct sql_node *n, uint32_t arg)
{
    task_fn *own = visitors[n->kind];

    if (own != NULL)
        own(g, n, arg);
    else
        visit_kids(g, n, arg);
}
