/* SPDX-License-Identifier: Apache-2.0 */
/* The printer: what it writes, and that it parses to the same tree again, in both forms. */
#include "sql/print.h"
#include "sql/sql.h"
#include "sql/tree.h"
#include "tests/unit/sql_generate.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define TEXT_MAX (64u << 20)

/* -- round trips */

static void report(const char *what, struct str before, struct str after)
{
    fprintf(stderr, "%s\n  before: %.*s\n  after:  %.*s\n", what, STR_ARG(before), STR_ARG(after));
}

/* Prints the tree, parses that, compares; then the same of the pretty form, which must print as
 * itself again. True if all is well. */
static bool comes_back(const struct sql_node *root, struct str text, enum dialect dialect,
                       bool pretty)
{
    struct sql_print_options options = {dialect, pretty};
    struct buf out = buf_make(TEXT_MAX), again = buf_make(TEXT_MAX);
    struct arena a = {0};
    struct sql_statement s;
    struct error err;
    bool ok = false;

    if (sql_print(&out, root, &options, &err) != OK)
        report(err.text, text, STR(""));
    else if (sql_parse(&s, &a, buf_str(&out), dialect, NULL) != OK)
        report(arena_printf(&a, "does not parse: %u:%u: %.*s", s.error.line, s.error.column,
                            STR_ARG(s.error.message))
                   .p,
               text, buf_str(&out));
    else if (!sql_equal(root, s.root, &a))
        report("parses differently", text, buf_str(&out));
    else if (sql_print(&again, s.root, &options, &err) != OK ||
             !str_eq(buf_str(&out), buf_str(&again)))
        report("does not print as itself", buf_str(&out), buf_str(&again));
    else
        ok = true;
    if (getenv("SLEIPNIR_SHOW") != NULL)
        printf("%.*s;\n", STR_ARG(buf_str(&out)));
    buf_reset(&out);
    buf_reset(&again);
    arena_reset(&a);
    return ok;
}

struct counts {
    unsigned parsed, failed;
};

static void round_trip(struct counts *c, struct str text, enum dialect dialect)
{
    struct arena a = {0};
    struct sql_statement s;

    if (sql_parse(&s, &a, text, dialect, NULL) == OK) {
        c->parsed++;
        if (!comes_back(s.root, text, dialect, false) || !comes_back(s.root, text, dialect, true))
            c->failed++;
    }
    arena_reset(&a);
}

static struct str read_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct buf b = buf_make(TEXT_MAX);
    char *room;
    size_t n;

    if (f == NULL)
        return STR_NONE;
    do {
        room = buf_reserve(&b, 65536);
        n = room != NULL ? fread(room, 1, 65536, f) : 0;
        b.n += n;
    } while (n > 0);
    fclose(f);
    return buf_str(&b);
}

/* The next statement of a file of tests/data/sql: one a line, a line that begins with a blank goes
 * on with the one above, comments stand on lines of their own. */
static bool next_statement(struct str *rest, struct str *statement)
{
    *statement = STR_NONE;
    while (rest->n > 0) {
        struct str all = *rest, l = str_split(rest, '\n');
        bool more = rest->n > 0 && (rest->p[0] == ' ' || rest->p[0] == '\t');

        if (statement->p == NULL && (l.n == 0 || str_starts(l, STR("--"))))
            continue;
        if (statement->p == NULL)
            *statement = all;
        statement->n = (size_t)(l.p + l.n - statement->p);
        if (!more)
            return true;
    }
    return statement->p != NULL;
}

static void round_trip_file(struct counts *c, const char *path)
{
    struct str text = read_file(path), rest = text, statement;

    while (next_statement(&rest, &statement)) {
        round_trip(c, statement, DIALECT_TRINO);
        round_trip(c, statement, DIALECT_PRESTO);
    }
    free((char *)(uintptr_t)text.p);
}

static void statements_come_back(void **state)
{
    DIR *dir = opendir("tests/data/sql");
    struct dirent *e;
    struct counts c = {0};
    char path[512];

    (void)state;
    assert_non_null(dir);
    while ((e = readdir(dir)) != NULL) {
        if (!str_ends(str_c(e->d_name), STR(".sql")))
            continue;
        snprintf(path, sizeof(path), "tests/data/sql/%s", e->d_name);
        round_trip_file(&c, path);
    }
    closedir(dir);
    printf("round trips: %u statements, %u failed\n", c.parsed, c.failed);
    assert_true(c.parsed > 500);
    assert_int_equal(c.failed, 0);
}

/* -- generated trees */

#define TREES 50000 /* of each dialect */

static bool generated_comes_back(struct generator *g, int depth)
{
    struct arena a = {0};
    const struct sql_node *root;
    struct buf dump = buf_make(TEXT_MAX);
    bool ok;

    g->arena = &a;
    root = generate_statement(g, depth);
    assert_int_equal(sql_check(root, &a, NULL), OK);
    ok = comes_back(root, STR("(generated)"), g->dialect, false) &&
         comes_back(root, STR("(generated)"), g->dialect, true);
    if (!ok && getenv("SLEIPNIR_SHOW") != NULL) {
        sql_dump(&dump, root);
        printf("%.*s\n", STR_ARG(buf_str(&dump)));
    }
    buf_reset(&dump);
    arena_reset(&a);
    return ok;
}

static void generated_trees_come_back(void **state)
{
    struct generator trino = {.state = 20261125, .dialect = DIALECT_TRINO};
    struct generator presto = {.state = 8080, .dialect = DIALECT_PRESTO};
    unsigned failed = 0;

    (void)state;
    for (int i = 0; i < TREES; i++) {
        failed += !generated_comes_back(&trino, 1 + i % 8);
        failed += !generated_comes_back(&presto, 1 + i % 8);
    }
    printf("generated: %u trees, %u failed\n", 2 * TREES, failed);
    for (int i = 1; i < SQL_KIND_COUNT; i++)
        if (trino.seen[i] + presto.seen[i] == 0)
            printf("never generated: %s\n", sql_kinds[i].name);
    assert_int_equal(failed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statements_come_back),
        cmocka_unit_test(generated_trees_come_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
