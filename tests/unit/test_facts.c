/* SPDX-License-Identifier: Apache-2.0 */
/* test_facts.c - the facts of the statements in tests/data/sql/facts.txt, and of huge ones.
 *
 * The file has a statement a line, then a line "= facts". Lines "@ dialect catalog schema" set what
 * follows ("-": no default), "@ prepared NAME SQL" adds a prepared statement, "@ end" forgets both.
 * Facts: kind, type, letters (r reads, w writes, s changes the session, n not deterministic, i
 * incomplete; j join, a aggregate, o window, b order by, l limit, p parameters), then t[...] tables
 * with their roles, c[...] columns (? = no one table), f[...] functions, and schemas and catalogs
 * that no table tells of. */
#include "sql/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define FILE_NAME "tests/data/sql/facts.txt"
#define ROWS_MIN 400

struct rows {
    struct arena names; /* of the prepared statements */
    struct sql_prepared prepared[16];
    struct sql_context context;
    enum dialect dialect;
    size_t count, wrong;
};

static void put_flags(struct buf *out, const struct sql_facts *f)
{
    const struct {
        char letter;
        bool set;
    } flags[] = {
        {'r', f->reads},          {'w', f->writes},         {'s', f->changes_session},
        {'n', !f->deterministic}, {'i', f->incomplete},     {'j', f->has_join},
        {'a', f->has_aggregate},  {'o', f->has_window},     {'b', f->has_order_by},
        {'l', f->has_limit},      {'p', f->has_parameters},
    };
    size_t before = out->n;

    for (size_t i = 0; i < ARRAY_LEN(flags); i++)
        if (flags[i].set)
            buf_put_c(out, flags[i].letter);
    if (out->n == before)
        buf_put_c(out, '-');
}

static void put_table(struct buf *out, const struct sql_table_ref *t)
{
    static const char letters[] = "rwcd";

    if (t->catalog.n > 0)
        buf_printf(out, "%.*s.", STR_ARG(t->catalog));
    if (t->schema.n > 0)
        buf_printf(out, "%.*s.", STR_ARG(t->schema));
    buf_printf(out, "%.*s:", STR_ARG(t->table));
    for (unsigned i = 0; i < 4; i++)
        if (t->roles >> i & 1)
            buf_put_c(out, letters[i]);
}

static void put_texts(struct buf *out, char letter, const struct str *list, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        buf_printf(out, i == 0 ? " %c[%.*s" : "%c%.*s", i == 0 ? letter : ' ', STR_ARG(list[i]));
    if (count > 0)
        buf_put_c(out, ']');
}

static void put_facts(struct buf *out, const struct sql_facts *f)
{
    buf_printf(out, "%s %s ", f->kind, sql_type_name(f->type));
    put_flags(out, f);
    for (uint32_t i = 0; i < f->table_count; i++) {
        buf_printf(out, i == 0 ? " t[" : " ");
        put_table(out, &f->tables[i]);
    }
    buf_printf(out, f->table_count > 0 ? "]" : "");
    for (uint32_t i = 0; i < f->column_count; i++) {
        const struct sql_column_ref *c = &f->columns[i];
        struct str table = c->table == UINT32_MAX ? STR("?") : f->tables[c->table].table;

        buf_printf(out, i == 0 ? " c[%.*s.%.*s" : " %.*s.%.*s", STR_ARG(table), STR_ARG(c->column));
    }
    buf_printf(out, f->column_count > 0 ? "]" : "");
    put_texts(out, 'f', f->functions, f->function_count);
    if (f->table_count == 0)
        put_texts(out, 's', f->schemas, f->schema_count);
    if (f->schema_count == 0)
        put_texts(out, 'k', f->catalogs, f->catalog_count);
    if (f->procedure.n > 0)
        buf_printf(out, " call=%.*s", STR_ARG(f->procedure));
    if (f->kill_query_id.n > 0)
        buf_printf(out, " kill=%.*s", STR_ARG(f->kill_query_id));
    if (f->prepared_name.n > 0)
        buf_printf(out, " prepared=%.*s", STR_ARG(f->prepared_name));
}

static void check(struct rows *r, struct str sql, struct str want)
{
    struct buf got = buf_make(65536);
    struct arena a = {0};
    struct sql_statement s;
    struct sql_facts f;
    int rc = sql_parse(&s, &a, sql, r->dialect, NULL);

    assert_int_equal(rc == OK, s.root != NULL);
    sql_facts(&f, &s, &r->context);
    put_facts(&got, &f);
    r->count++;
    if (!str_eq(buf_str(&got), want)) {
        r->wrong++;
        printf("%.*s\n  want %.*s\n  got  %.*s\n", STR_ARG(sql), STR_ARG(want),
               STR_ARG(buf_str(&got)));
    }
    for (uint32_t i = 0; i < f.table_count; i++) /* where it stands it is named */
        if (f.tables[i].end > 0)
            assert_true(f.tables[i].start < f.tables[i].end && f.tables[i].end <= sql.n);
    buf_reset(&got);
    arena_reset(&a);
}

static struct str word(struct str *rest)
{
    struct str w = str_split(rest, ' ');

    return str_eq(w, STR("-")) ? STR_NONE : w;
}

static void set(struct rows *r, struct str line)
{
    struct str what = word(&line);

    if (str_eq(what, STR("end"))) {
        r->context = (struct sql_context){.prepared = r->prepared};
    } else if (str_eq(what, STR("prepared"))) {
        struct sql_prepared *p = &r->prepared[r->context.prepared_count++];

        assert_true(r->context.prepared_count <= ARRAY_LEN(r->prepared));
        p->name = arena_str(&r->names, word(&line));
        p->sql = arena_str(&r->names, line);
    } else {
        r->dialect = str_eq(what, STR("presto")) ? DIALECT_PRESTO : DIALECT_TRINO;
        r->context.catalog = arena_str(&r->names, word(&line));
        r->context.schema = arena_str(&r->names, word(&line));
    }
}

static struct str read_file(struct buf *b)
{
    FILE *f = fopen(FILE_NAME, "r");
    size_t n;

    if (f == NULL)
        fail_msg("no %s here", FILE_NAME);
    while ((n = fread(buf_reserve(b, 65536), 1, 65536, f)) > 0)
        b->n += n;
    fclose(f);
    return buf_str(b);
}

static void test_rows(void **state)
{
    struct buf file = buf_make(1 << 20);
    struct rows r = {.dialect = DIALECT_TRINO};
    struct str rest = read_file(&file), sql = STR_NONE;

    (void)state;
    r.context.prepared = r.prepared;
    while (rest.p != NULL) {
        struct str line = str_split(&rest, '\n');

        if (line.n == 0 || line.p[0] == '#')
            continue;
        if (str_starts(line, STR("@ ")))
            set(&r, str_skip(line, 2));
        else if (str_starts(line, STR("= ")))
            check(&r, sql, str_skip(line, 2));
        else
            sql = line;
    }
    printf("%zu rows\n", r.count);
    arena_reset(&r.names);
    buf_reset(&file);
    assert_int_equal(r.wrong, 0);
    assert_true(r.count >= ROWS_MIN);
}

/* ---- size: nothing is quadratic, nothing recurses ---- */

static void gather_large(struct buf *b, struct sql_facts *f, struct arena *a)
{
    static const struct sql_context none = {.prepared = NULL};
    struct sql_statement s;

    if (sql_parse(&s, a, buf_str(b), DIALECT_TRINO, NULL) != OK)
        fail_msg("line %u:%u: %.*s", s.error.line, s.error.column, STR_ARG(s.error.message));
    sql_facts(f, &s, &none);
}

static void test_many_tables(void **state)
{
    struct buf b = buf_make(64 << 20);
    struct arena a = {0};
    struct sql_facts f;

    (void)state;
    buf_printf(&b, "SELECT ");
    for (int i = 0; i < 100000; i++)
        buf_printf(&b, "t%d.c%d, ", i, i);
    buf_printf(&b, "x FROM t");
    for (int i = 0; i < 100000; i++)
        buf_printf(&b, ", t%d", i);
    gather_large(&b, &f, &a);
    assert_int_equal(f.table_count, 100001);
    assert_int_equal(f.column_count, 100001);
    arena_reset(&a);
    buf_reset(&b);
}

static void test_long_chains(void **state)
{
    static const struct {
        const char *first, *more;
        uint32_t tables;
    } cases[] = {
        {"SELECT * FROM t0", " JOIN t%d ON TRUE", 100001},
        {"SELECT * FROM t0", " UNION ALL SELECT * FROM t%d", 100001},
        {"SELECT a FROM t WHERE a = 1", " OR a = %d", 1},
        {"SELECT a FROM t WHERE a = 1", " + %d", 1},
        {"SELECT a", ".b%d", 0},
        {"WITH x AS (SELECT 1)", ", x%d AS (SELECT * FROM x)", 0},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf b = buf_make(64 << 20);
        struct arena a = {0};
        struct sql_facts f;

        buf_printf(&b, "%s", cases[i].first);
        for (int k = 0; k < 100000; k++) {
            char more[64];

            /* the formats are the table's */
            for (const char *p = cases[i].more; *p != '\0'; p++) {
                if (*p == '%') {
                    snprintf(more, sizeof(more), "%d", k + 1);
                    buf_put_str(&b, str_c(more));
                    p++;
                } else {
                    buf_put_c(&b, *p);
                }
            }
        }
        if (i == 5)
            buf_printf(&b, " SELECT * FROM x");
        gather_large(&b, &f, &a);
        assert_int_equal(f.table_count, cases[i].tables);
        arena_reset(&a);
        buf_reset(&b);
    }
}

/* A prepared statement that executes itself ends. */
static void test_prepared_loop(void **state)
{
    static const struct sql_prepared prepared[] = {{STR("p"), STR("EXECUTE p")}};
    struct sql_context c = {.prepared = prepared, .prepared_count = 1};
    struct arena a = {0};
    struct sql_statement s;
    struct sql_facts f;

    (void)state;
    assert_int_equal(sql_parse(&s, &a, STR("EXECUTE p"), DIALECT_TRINO, NULL), OK);
    sql_facts(&f, &s, &c);
    assert_string_equal(f.kind, "execute");
    assert_int_equal(f.type, SQL_TYPE_UNKNOWN);
    assert_non_null(f.inner);
    arena_reset(&a);
}

/* The inner statement can be worked on as any other. */
static void test_inner(void **state)
{
    static const struct sql_context none = {.prepared = NULL};
    struct arena a = {0};
    struct sql_statement s;
    struct sql_facts f, g;

    (void)state;
    assert_int_equal(sql_parse(&s, &a, STR("EXPLAIN ANALYZE INSERT INTO t SELECT * FROM u"),
                               DIALECT_TRINO, NULL),
                     OK);
    sql_facts(&f, &s, &none);
    assert_non_null(f.inner);
    sql_facts(&g, f.inner, &none);
    assert_string_equal(g.kind, "insert");
    assert_int_equal(f.inner->tokens[0].start, 16);
    assert_int_equal(g.tables[0].start, 28);
    assert_int_equal(f.tables[1].start, 44);
    arena_reset(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),        cmocka_unit_test(test_many_tables),
        cmocka_unit_test(test_long_chains), cmocka_unit_test(test_prepared_loop),
        cmocka_unit_test(test_inner),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
