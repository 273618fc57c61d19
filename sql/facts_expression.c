/* SPDX-License-Identifier: Apache-2.0 */
/* facts_expression.c - columns and functions.
 *
 * A column is told only where its table is plain without a catalog: t.c where t names a table, or c
 * where one table is all there is in sight. */
#include "sql/gather.h"

/* ---- columns ---- */

void add_column(struct gather *g, uint32_t table, uint32_t name, uint32_t start)
{
    bool added;
    uint32_t at = triple_add(g, &g->columns, table, name, 0, &added);

    if (!added) {
        if (start < g->column_starts[at])
            g->column_starts[at] = start;
        return;
    }
    if (at == g->column_cap)
        g->column_starts =
            gather_grow(g->arena, g->column_starts, sizeof(*g->column_starts), at, &g->column_cap);
    g->column_starts[at] = start;
}

/* A name without a qualifier. */
static void plain_column(struct gather *g, uint32_t name, uint32_t start)
{
    struct seen seen = seen_here(g);

    if (bound(g, NS_VARIABLE, name) != NULL || bound(g, NS_ALIAS, name) != NULL)
        return;
    if (seen.tables > 0)
        add_column(g, seen.sources == 1 ? seen.only : NO_TABLE, name, start);
}

/* Whether `table` was named with these, from its schema outwards. */
static bool is_named(const struct gather *g, uint32_t table, const uint32_t *parts, uint32_t count)
{
    const uint32_t *place = table == NO_TABLE ? NULL : g->tables.list[table];

    return place != NULL && place[1] == parts[count - 1] &&
           (count == 1 || place[0] == parts[count - 2]);
}

/* a.b.c: the longest qualifier that names a table wins; else `a` is a row. */
static void qualified_column(struct gather *g, const uint32_t *parts, uint32_t count,
                             uint32_t start)
{
    const struct binding *b;

    if (bound(g, NS_VARIABLE, parts[0]) != NULL)
        return;
    for (uint32_t i = count - 1; i-- > 0;) {
        b = bound(g, NS_RELATION, parts[i]);
        if (b == NULL || (i > 0 && (i > 2 || !is_named(g, b->payload, parts, i))))
            continue;
        if (b->payload != NO_TABLE)
            add_column(g, b->payload, parts[i + 1], start);
        return;
    }
    plain_column(g, parts[0], start);
}

void visit_ident(struct gather *g, struct sql_node *n, uint32_t arg)
{
    (void)arg;
    plain_column(g, name_of(g, n->text), n->start);
}

/* Fields of fields lean left and may be many: only the first parts name tables. */
void visit_deref(struct gather *g, struct sql_node *n, uint32_t arg)
{
    struct sql_node *last[NAME_PARTS_MAX] = {NULL}; /* the innermost ones, a ring */
    uint32_t parts[NAME_PARTS_MAX], count = 0, have;

    (void)arg;
    for (; n->kind == SQL_DEREF; n = n->kid[SQL_DEREF_BASE])
        last[count++ % NAME_PARTS_MAX] = n->kid[SQL_DEREF_FIELD];
    if (n->kind != SQL_IDENT) {
        visit_later(g, n);
        return;
    }
    have = 1 + (count < NAME_PARTS_MAX - 1 ? count : NAME_PARTS_MAX - 1);
    parts[0] = name_of(g, n->text);
    for (uint32_t i = 1; i < have; i++)
        parts[i] = name_of(g, last[(count - i) % NAME_PARTS_MAX]->text);
    qualified_column(g, parts, have, n->start);
}

void visit_grouping(struct gather *g, struct sql_node *n, uint32_t arg)
{
    const struct sql_node *names = n->kid[SQL_GROUPING_NAMES];

    (void)arg;
    for (uint32_t i = 0; i < names->count; i++) {
        uint32_t parts[NAME_PARTS_MAX], count = name_parts(g, names->kid[i], parts);

        if (count > NAME_PARTS_MAX)
            count = NAME_PARTS_MAX;
        if (count == 1)
            plain_column(g, parts[0], names->kid[i]->start);
        else if (count > 1)
            qualified_column(g, parts, count, names->kid[i]->start);
    }
}

static void end_lambda(struct gather *g, struct sql_node *n, uint32_t bindings)
{
    (void)n;
    unbind_to(g, bindings);
}

void visit_lambda(struct gather *g, struct sql_node *n, uint32_t arg)
{
    const struct sql_node *parameters = n->kid[SQL_LAMBDA_PARAMETERS];

    (void)arg;
    later(g, end_lambda, NULL, g->names.binding_count);
    for (uint32_t i = 0; i < parameters->count; i++)
        bind_name(g, NS_VARIABLE, name_of(g, parameters->kid[i]->text), NO_TABLE);
    visit_later(g, n->kid[SQL_LAMBDA_BODY]);
}

/* Variables of a routine: seen until its end, which is more than their block. */
void visit_declare(struct gather *g, struct sql_node *n, uint32_t arg)
{
    const struct sql_node *names = n->kid[SQL_DECLARE_NAMES];

    (void)arg;
    for (uint32_t i = 0; i < names->count; i++)
        bind_name(g, NS_VARIABLE, name_of(g, names->kid[i]->text), NO_TABLE);
    visit_later(g, n->kid[SQL_DECLARE_DEFAULT]);
}

/* ---- functions ---- */

static uint32_t list_function(struct gather *g, struct str folded, struct str built_in)
{
    struct sql_facts *f = g->out;
    uint32_t id = name_of(g, folded), flags = g->names.list[id].function;

    if (flags != 0)
        return flags;
    flags = FUNCTION_LISTED | function_flags(built_in);
    g->names.list[id].function = flags;
    if (f->function_count == g->function_cap)
        f->functions = gather_grow(g->arena, f->functions, sizeof(*f->functions), f->function_count,
                                   &g->function_cap);
    f->functions[f->function_count++] = g->names.list[id].text;
    return flags;
}

uint32_t add_function(struct gather *g, struct str folded, struct str built_in)
{
    uint32_t flags = list_function(g, folded, built_in);

    if (flags & FUNCTION_VOLATILE)
        g->out->deterministic = false;
    return flags;
}

/* a.b.c as one string, and what of it a built-in function is looked up by. */
static struct str function_name(struct gather *g, const struct sql_node *name, struct str *built_in)
{
    struct str joined = fold(g->arena, name->kid[0]->text);

    *built_in = joined;
    for (uint32_t i = 1; i < name->count; i++) {
        struct str part = fold(g->arena, name->kid[i]->text);

        joined = arena_printf(g->arena, "%.*s.%.*s", STR_ARG(joined), STR_ARG(part));
        *built_in = part;
    }
    if (name->count > 1 && !str_starts(joined, STR("system.builtin.")) &&
        !str_starts(joined, STR("presto.default.")))
        *built_in = STR_NONE;
    return joined;
}

static bool is_local(struct gather *g, const struct sql_node *name)
{
    return name->count == 1 && bound(g, NS_FUNCTION, name_of(g, name->kid[0]->text)) != NULL;
}

/* FUNCTION and TABLE_FUNCTION: both have the name first. */
void visit_function(struct gather *g, struct sql_node *n, uint32_t arg)
{
    const struct sql_node *name = n->kid[SQL_FUNCTION_NAME];
    uint32_t flags = 0;
    struct str built_in = STR_NONE;

    (void)arg;
    if (!is_local(g, name)) {
        struct str joined = function_name(g, name, &built_in);

        flags = add_function(g, joined, built_in);
    }
    if (n->kind == SQL_FUNCTION && n->kid[SQL_FUNCTION_OVER] != NULL)
        g->out->has_window = true;
    else if (n->kind == SQL_FUNCTION &&
             ((flags & FUNCTION_AGGREGATE) || n->op == SQL_W_DISTINCT ||
              n->kid[SQL_FUNCTION_FILTER] != NULL || n->kid[SQL_FUNCTION_ORDER] != NULL))
        g->out->has_aggregate = true;
    /* Arguments that are labels of row patterns: count(A.*), classifier(A). */
    if (n->kind != SQL_FUNCTION ||
        !((n->flags & SQL_F_STAR) || str_eq(built_in, STR("classifier"))))
        visit_kids(g, n, 0);
    else if (n->kid[SQL_FUNCTION_OVER] != NULL || n->kid[SQL_FUNCTION_FILTER] != NULL) {
        visit_later(g, n->kid[SQL_FUNCTION_OVER]);
        visit_later(g, n->kid[SQL_FUNCTION_FILTER]);
    }
}

/* CURRENT_USER and its like: the time, the session. */
void visit_special(struct gather *g, struct sql_node *n, uint32_t arg)
{
    struct str word = fold(g->arena, sql_token_text((enum sql_token_kind)n->op));

    (void)arg;
    add_function(g, word, word);
    g->out->deterministic = false;
}

/* Functions with a syntax of their own. */
void visit_syntax(struct gather *g, struct sql_node *n, uint32_t arg)
{
    struct str name = str_c(sql_kinds[n->kind].name);

    (void)arg;
    add_function(g, name, name);
    if (n->kind == SQL_MEASURE || (n->kind == SQL_LISTAGG && n->kid[SQL_LISTAGG_OVER] != NULL))
        g->out->has_window = true;
    else if (n->kind == SQL_LISTAGG)
        g->out->has_aggregate = true;
    visit_kids(g, n, 0);
}
