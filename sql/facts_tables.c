/* SPDX-License-Identifier: Apache-2.0 */
/* facts_tables.c - tables, schemas and catalogs: names completed by the defaults, each kept once.
 *
 * Names stay as they are written: "t$snapshots" is a table of that name. Of a name with more than
 * three parts, which no coordinator takes, all but the last two are the catalog. */
#include "sql/gather.h"

uint32_t name_parts(struct gather *g, const struct sql_node *n, uint32_t parts[NAME_PARTS_MAX])
{
    if (n->kind == SQL_IDENT) {
        parts[0] = name_of(g, n->text);
        return 1;
    }
    for (uint32_t i = 0; i < n->count && i < NAME_PARTS_MAX; i++)
        parts[i] = name_of(g, n->kid[i]->text);
    return n->count;
}

static uint32_t part(struct gather *g, const struct sql_node *name, uint32_t i)
{
    return name_of(g, name->kind == SQL_IDENT ? name->text : name->kid[i]->text);
}

/* The parts before `end` as one name. */
static uint32_t joined(struct gather *g, const struct sql_node *name, uint32_t end)
{
    struct buf all = buf_make(SIZE_MAX / 2);
    uint32_t id;

    if (end == 1)
        return part(g, name, 0);
    for (uint32_t i = 0; i < end; i++) {
        if (i > 0)
            buf_put_c(&all, '.');
        buf_put_str(&all, name->kid[i]->text);
    }
    id = name_of(g, arena_str(g->arena, buf_str(&all)));
    buf_reset(&all);
    return id;
}

/* The place that a name means, without its last `drop` parts. */
struct place table_place(struct gather *g, const struct sql_node *name, uint32_t drop)
{
    uint32_t count = name->kind == SQL_IDENT ? 1 : name->count;
    struct place p = {g->catalog, g->schema, NO_NAME};

    if (count <= drop)
        return p;
    count -= drop;
    p.table = part(g, name, count - 1);
    if (count > 1)
        p.schema = part(g, name, count - 2);
    if (count > 2)
        p.catalog = joined(g, name, count - 2);
    return p;
}

void add_schema(struct gather *g, uint32_t catalog, uint32_t schema)
{
    bool added;

    if (catalog != NO_NAME)
        triple_add(g, &g->places, catalog, NO_NAME, 0, &added);
    if (schema != NO_NAME)
        triple_add(g, &g->places, catalog, schema, 1, &added);
}

void refer_catalog(struct gather *g, const struct sql_node *name)
{
    add_schema(g, name != NULL ? part(g, name, 0) : g->catalog, NO_NAME);
}

void refer_schema(struct gather *g, const struct sql_node *name)
{
    struct place p;

    if (name == NULL) {
        add_schema(g, g->catalog, g->schema);
        return;
    }
    p = table_place(g, name, 0); /* a.b: the parts stand one place further right */
    add_schema(g, name->kind == SQL_NAME && name->count > 1 ? p.schema : g->catalog, p.table);
}

uint32_t add_table(struct gather *g, struct place p, uint32_t roles, uint32_t start, uint32_t end)
{
    struct sql_facts *f = g->out;
    bool added;
    uint32_t at = triple_add(g, &g->tables, p.catalog, p.schema, p.table, &added);

    if (added) {
        if (at == g->table_cap)
            f->tables = gather_grow(g->arena, f->tables, sizeof(*f->tables), at, &g->table_cap);
        f->tables[at] = (struct sql_table_ref){.catalog = name_text(g, p.catalog),
                                               .schema = name_text(g, p.schema),
                                               .table = name_text(g, p.table),
                                               .start = start,
                                               .end = end};
        add_schema(g, p.catalog, p.schema);
    }
    f->tables[at].roles |= roles;
    if (start < f->tables[at].start) {
        f->tables[at].start = start;
        f->tables[at].end = end;
    }
    return at;
}

uint32_t refer(struct gather *g, const struct sql_node *node, uint32_t roles)
{
    const struct sql_node *name =
        node->kind == SQL_NAME || node->kind == SQL_IDENT ? node : node->kid[SQL_TABLE_NAME];

    return add_table(g, table_place(g, name, 0), roles, name->start, name->end);
}
