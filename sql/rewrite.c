/* SPDX-License-Identifier: Apache-2.0 */
/* rewrite.c - see rewrite.h. Tables are renamed from their parents, which alone know whether an
 * alias may stand there; a table already renamed does not match again. */
#include "sql/rewrite.h"

#include "sql/token.h"
#include "sql/tree.h"

static bool is_plain(struct str s)
{
    if (s.n == 0 || (s.p[0] >= '0' && s.p[0] <= '9'))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') ||
              s.p[i] == '_'))
            return false;
    return sql_word_find(s, DIALECT_TRINO) == SQL_T_IDENTIFIER &&
           sql_word_find(s, DIALECT_PRESTO) == SQL_T_IDENTIFIER;
}

struct sql_node *sql_name(struct arena *a, const struct str *parts, uint32_t count)
{
    struct sql_node *name = sql_new(a, SQL_NAME, count);

    for (uint32_t i = 0; i < count; i++) {
        name->kid[i] = sql_new(a, SQL_IDENT, 0);
        name->kid[i]->text = arena_str(a, parts[i]);
        name->kid[i]->flags = is_plain(parts[i]) ? 0 : SQL_F_QUOTED;
    }
    return name;
}

bool sql_name_eq(const struct sql_node *x, const struct sql_node *y)
{
    if (x->count != y->count)
        return false;
    for (uint32_t i = 0; i < x->count; i++)
        if (!str_eq_nocase(x->kid[i]->text, y->kid[i]->text))
            return false;
    return true;
}

struct renaming {
    const struct sql_node *from;
    struct sql_node *to;
    struct arena *arena;
    uint32_t hidden; /* by how many common table expressions in scope */
    uint32_t done;
};

static struct sql_node *aliased(struct renaming *r, struct sql_node *table,
                                const struct sql_node *name)
{
    struct sql_node *n = sql_new(r->arena, SQL_ALIASED, 3);

    n->start = table->start;
    n->end = table->end;
    n->kid[SQL_ALIASED_RELATION] = table;
    n->kid[SQL_ALIASED_ALIAS] = name->kid[name->count - 1];
    return n;
}

/* Renames `*slot` if it is the table; `alias`: one may stand here. */
static void rename_slot(struct renaming *r, struct sql_node **slot, bool alias)
{
    struct sql_node *table = *slot, *old;

    if (table == NULL || table->kind != SQL_TABLE || r->hidden > 0)
        return;
    old = table->kid[SQL_TABLE_NAME];
    if (!sql_name_eq(old, r->from) || sql_name_eq(r->from, r->to))
        return;
    table->kid[SQL_TABLE_NAME] = r->to;
    r->done++;
    if (alias && !str_eq_nocase(old->kid[old->count - 1]->text, r->to->kid[r->to->count - 1]->text))
        *slot = aliased(r, table, old);
}

static bool takes_alias(const struct sql_node *parent, uint32_t slot)
{
    switch (parent->kind) {
    case SQL_JOIN:
        return slot == SQL_JOIN_LEFT || slot == SQL_JOIN_RIGHT;
    case SQL_MERGE:
        return slot == SQL_MERGE_SOURCE;
    case SQL_SAMPLED:
    case SQL_MATCH_RECOGNIZE:
    case SQL_TABLE_INPUT:
        return slot == 0;
    default:
        return false;
    }
}

/* One part alone can be hidden: the name of a common table expression has no schema. */
static bool hides(const struct renaming *r, const struct sql_node *cte)
{
    return r->from->count == 1 &&
           str_eq_nocase(cte->kid[SQL_CTE_NAME]->text, r->from->kid[0]->text);
}

static bool is_recursive(const struct sql_node *query)
{
    const struct sql_node *with = query->kid[SQL_QUERY_WITH];

    return with != NULL && (with->flags & SQL_F_RECURSIVE) != 0;
}

/* How many of a query's own common table expressions hide the table. */
static uint32_t hiding(const struct renaming *r, const struct sql_node *query)
{
    const struct sql_node *with = query->kid[SQL_QUERY_WITH];
    uint32_t n = 0;

    for (uint32_t i = 0; with != NULL && i < with->kid[SQL_WITH_QUERIES]->count; i++)
        n += hides(r, with->kid[SQL_WITH_QUERIES]->kid[i]);
    return n;
}

static enum sql_visit enter_node(void *ctx, struct sql_node *n)
{
    struct renaming *r = ctx;

    if (n->kind == SQL_QUERY && is_recursive(n))
        r->hidden += hiding(r, n);
    if (n->kind == SQL_SELECT && n->kid[SQL_SELECT_FROM] != NULL)
        for (uint32_t i = 0; i < n->kid[SQL_SELECT_FROM]->count; i++)
            rename_slot(r, &n->kid[SQL_SELECT_FROM]->kid[i], true);
    for (uint32_t i = 0; i < n->count; i++)
        rename_slot(r, &n->kid[i], takes_alias(n, i));
    if (n->kind == SQL_TABLE_QUERY && n->kid[0]->kind == SQL_NAME && r->hidden == 0 &&
        sql_name_eq(n->kid[0], r->from)) {
        n->kid[0] = r->to;
        r->done++;
    }
    return SQL_VISIT_INTO;
}

/* Without RECURSIVE a name is in scope behind its own query only. */
static void leave_node(void *ctx, struct sql_node *n)
{
    struct renaming *r = ctx;

    if (n->kind == SQL_QUERY)
        r->hidden -= hiding(r, n) * (is_recursive(n) ? 2 : 1);
    if (n->kind == SQL_CTE)
        r->hidden += hides(r, n);
}

uint32_t sql_rename_table(struct sql_node *root, const struct sql_node *from, struct sql_node *to,
                          struct arena *a)
{
    struct renaming r = {.from = from, .to = to, .arena = a};
    struct sql_visitor v = {.enter = enter_node, .leave = leave_node, .ctx = &r};

    sql_walk(root, &v, a);
    return r.done;
}
