/* SPDX-License-Identifier: Apache-2.0 */
/* facts.c - the facts of one statement: gathers, then puts the lists in their order. */
#include "sql/facts.h"

#include "sql/gather.h"

const char *sql_type_name(enum sql_type type)
{
    static const char *const names[] = {
        [SQL_TYPE_UNKNOWN] = "UNKNOWN",
        [SQL_TYPE_SELECT] = "SELECT",
        [SQL_TYPE_EXPLAIN] = "EXPLAIN",
        [SQL_TYPE_DESCRIBE] = "DESCRIBE",
        [SQL_TYPE_INSERT] = "INSERT",
        [SQL_TYPE_UPDATE] = "UPDATE",
        [SQL_TYPE_DELETE] = "DELETE",
        [SQL_TYPE_MERGE] = "MERGE",
        [SQL_TYPE_ANALYZE] = "ANALYZE",
        [SQL_TYPE_ALTER_TABLE_EXECUTE] = "ALTER_TABLE_EXECUTE",
        [SQL_TYPE_DATA_DEFINITION] = "DATA_DEFINITION",
    };

    return names[type];
}

/* ---- order ---- */

/* Merges the runs [0, middle) and [middle, n) of `from` into `to`. */
static void merge(char *to, const char *from, size_t middle, size_t n, size_t size,
                  int (*compare)(const void *, const void *))
{
    size_t left = 0, right = middle;

    for (size_t i = 0; i < n; i++) {
        bool take_left =
            right == n || (left < middle && compare(from + left * size, from + right * size) <= 0);

        memcpy(to + i * size, from + (take_left ? left++ : right++) * size, size);
    }
}

/* As qsort(), which would allocate beside the arena. */
static void sort(struct arena *a, void *list, size_t n, size_t size,
                 int (*compare)(const void *, const void *))
{
    char *from = list, *to = n > 1 ? arena_alloc(a, n * size) : NULL, *swap;

    for (size_t run = 1; run < n; run *= 2) {
        for (size_t i = 0; i < n; i += 2 * run) {
            size_t left = n - i < run ? n - i : run, both = n - i < 2 * run ? n - i : 2 * run;

            merge(to + i * size, from + i * size, left, both, size, compare);
        }
        swap = from;
        from = to;
        to = swap;
    }
    if (n > 1 && from != list)
        memcpy(list, from, n * size);
}

static int compare_text(const void *a, const void *b)
{
    const struct str *x = a, *y = b;
    size_t n = x->n < y->n ? x->n : y->n;
    int c = n > 0 ? memcmp(x->p, y->p, n) : 0;

    return c != 0 ? c : (x->n > y->n) - (x->n < y->n);
}

static void sort_texts(struct arena *a, struct str *list, uint32_t count)
{
    sort(a, list, count, sizeof(*list), compare_text);
}

/* Something at a place of the text; ties stay as they were found. */
struct placed {
    uint32_t start, found;
};

static int compare_placed(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;

    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return (x->found > y->found) - (x->found < y->found);
}

/* Tables were found as scopes need them, FROM before the rest: now as they stand in the text. Gives
 * the new place of each. */
static const uint32_t *sort_tables(struct gather *g)
{
    struct sql_facts *f = g->out;
    uint32_t n = g->tables.count, *where = arena_alloc(g->arena, n * sizeof(*where));
    struct placed *order = arena_alloc(g->arena, n * sizeof(*order));
    struct sql_table_ref *sorted = arena_alloc(g->arena, n * sizeof(*sorted));
    bool moved = false;

    for (uint32_t i = 0; i < n; i++) {
        order[i] = (struct placed){f->tables[i].start, i};
        moved |= i > 0 && order[i].start < order[i - 1].start;
    }
    if (moved)
        sort(g->arena, order, n, sizeof(*order), compare_placed);
    for (uint32_t i = 0; i < n; i++) {
        sorted[i] = f->tables[order[i].found];
        where[order[i].found] = i;
    }
    f->tables = sorted;
    f->table_count = n;
    return where;
}

static void list_columns(struct gather *g, const uint32_t *where)
{
    struct sql_facts *f = g->out;
    uint32_t n = g->columns.count;
    struct placed *order = arena_alloc(g->arena, n * sizeof(*order));

    for (uint32_t i = 0; i < n; i++)
        order[i] = (struct placed){g->column_starts[i], i};
    if (n > 1)
        sort(g->arena, order, n, sizeof(*order), compare_placed);
    f->columns = arena_alloc(g->arena, n * sizeof(*f->columns));
    f->column_count = n;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t *key = g->columns.list[order[i].found];

        f->columns[i].table = key[0] == NO_TABLE ? UINT32_MAX : where[key[0]];
        f->columns[i].column = name_text(g, key[1]);
    }
}

static void list_places(struct gather *g)
{
    struct sql_facts *f = g->out;
    uint32_t n = g->places.count;

    f->catalogs = arena_alloc(g->arena, n * sizeof(*f->catalogs));
    f->schemas = arena_alloc(g->arena, n * sizeof(*f->schemas));
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t *key = g->places.list[i];
        struct str catalog = name_text(g, key[0]), schema = name_text(g, key[1]);

        if (key[1] == NO_NAME)
            f->catalogs[f->catalog_count++] = catalog;
        else
            f->schemas[f->schema_count++] =
                catalog.n == 0
                    ? schema
                    : arena_printf(g->arena, "%.*s.%.*s", STR_ARG(catalog), STR_ARG(schema));
    }
    sort_texts(g->arena, f->catalogs, f->catalog_count);
    sort_texts(g->arena, f->schemas, f->schema_count);
}

/* ---- one statement ---- */

static void gather(struct sql_facts *out, const struct sql_statement *s,
                   const struct sql_context *c, unsigned depth)
{
    struct gather g = {.s = s, .context = c, .arena = s->arena, .out = out, .depth = depth};

    *out = (struct sql_facts){.kind = "unknown", .deterministic = true};
    out->has_parameters = s->parameter_count > 0;
    names_init(&g);
    g.catalog = c->catalog.n > 0 ? name_of(&g, c->catalog) : NO_NAME;
    g.schema = c->schema.n > 0 ? name_of(&g, c->schema) : NO_NAME;
    if (s->root != NULL) {
        gather_statement(&g, s->root);
    } else {
        out->incomplete = true;
        guess_statement(&g);
    }
    if (g.taken)
        return; /* in order already */
    list_columns(&g, sort_tables(&g));
    list_places(&g);
    sort_texts(g.arena, out->functions, out->function_count);
}

void take_inner(struct gather *g, struct sql_statement *inner, bool same_text)
{
    struct sql_facts *f = g->out;
    struct sql_facts taken;
    struct str name = f->prepared_name;

    if (inner == NULL) {
        f->inner = NULL;
        return;
    }
    gather(&taken, inner, g->context, g->depth + 1);
    for (uint32_t i = 0; i < taken.table_count && !same_text; i++)
        taken.tables[i].start = taken.tables[i].end = 0;
    *f = taken;
    g->taken = true;
    f->inner = inner;
    if (name.n > 0)
        f->prepared_name = name;
}

void sql_facts(struct sql_facts *out, const struct sql_statement *s, const struct sql_context *c)
{
    static const struct sql_context none = {.prepared = NULL};

    gather(out, s, c != NULL ? c : &none, 0);
}
