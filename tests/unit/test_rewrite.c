/* SPDX-License-Identifier: Apache-2.0 */
/* Renaming of tables in whole statements, shown by what the printer writes afterwards. */
#include "sql/print.h"
#include "sql/rewrite.h"
#include "sql/sql.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct sql_node *name_of(struct arena *a, const char *dotted)
{
    struct str rest = str_c(dotted), parts[3];
    uint32_t n = 0;

    while (rest.p != NULL && n < 3)
        parts[n++] = str_split(&rest, '.');
    return sql_name(a, parts, n);
}

static const struct {
    const char *from, *to;
    uint32_t places;
    const char *text, *want;
} cases[] = {
    {"t", "s.v", 1, "SELECT t.x FROM t", "SELECT t.x FROM s.v AS t"},
    {"t", "s.t", 1, "SELECT t.x FROM t", "SELECT t.x FROM s.t"},
    {"t", "v", 0, "SELECT t FROM s.t, u AS t", "SELECT t FROM s.t, u AS t"},
    {"c.s.t", "v", 1, "SELECT t.x FROM C.\"S\".t", "SELECT t.x FROM v AS t"},
    {"t", "v", 2, "SELECT 1 FROM t AS a JOIN t ON a.x = t.x",
     "SELECT 1 FROM v AS a JOIN v AS t ON a.x = t.x"},
    {"t", "v", 1, "SELECT 1 FROM t FOR VERSION AS OF 3",
     "SELECT 1 FROM v FOR VERSION AS OF 3 AS t"},
    {"t", "v", 1, "SELECT 1 FROM t TABLESAMPLE SYSTEM (1)",
     "SELECT 1 FROM v AS t TABLESAMPLE SYSTEM (1)"},
    {"t", "v", 1, "SELECT 1 FROM TABLE(f(TABLE(t)))", "SELECT 1 FROM TABLE(f(TABLE(v) AS t))"},
    {"t", "v", 1, "TABLE t", "TABLE v"},
    {"t", "v", 1, "SELECT (SELECT max(x) FROM t)", "SELECT (SELECT max(x) FROM v AS t)"},
    {"t", "A b", 1, "INSERT INTO t SELECT 1", "INSERT INTO \"A b\" SELECT 1"},
    {"t", "v", 1, "DELETE FROM t WHERE x = 1", "DELETE FROM v WHERE x = 1"},
    {"t", "v", 2, "MERGE INTO t USING t ON a WHEN MATCHED THEN DELETE",
     "MERGE INTO v USING v AS t ON a WHEN MATCHED THEN DELETE"},
    /* common table expressions hide names behind their own query, or in it if recursive */
    {"t", "v", 1, "WITH t AS (SELECT 1 FROM t) SELECT 1 FROM t",
     "WITH t AS (SELECT 1 FROM v AS t) SELECT 1 FROM t"},
    {"t", "v", 0, "WITH RECURSIVE t AS (SELECT 1 UNION SELECT 2 FROM t) SELECT 1 FROM t",
     "WITH RECURSIVE t AS (SELECT 1 UNION SELECT 2 FROM t) SELECT 1 FROM t"},
    {"t", "v", 1, "SELECT 1 FROM (WITH t AS (SELECT 1) TABLE t) AS a, t",
     "SELECT 1 FROM (WITH t AS (SELECT 1) TABLE t) AS a, v AS t"},
    {"s.t", "v", 1, "WITH t AS (SELECT 1) SELECT 1 FROM s.t",
     "WITH t AS (SELECT 1) SELECT 1 FROM v AS t"},
    {"t", "t", 0, "SELECT 1 FROM t", "SELECT 1 FROM t"},
};

static void tables_are_renamed(void **state)
{
    struct sql_print_options options = {.dialect = DIALECT_TRINO};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena a = {0};
        struct buf out = buf_make(10000);
        struct sql_statement s;
        uint32_t places;

        assert_int_equal(sql_parse(&s, &a, str_c(cases[i].text), DIALECT_TRINO, NULL), OK);
        places = sql_rename_table(s.root, name_of(&a, cases[i].from), name_of(&a, cases[i].to), &a);
        assert_int_equal(sql_print(&out, s.root, &options, NULL), OK);
        buf_put_c(&out, '\0');
        assert_string_equal(out.p, cases[i].want);
        assert_int_equal(places, cases[i].places);
        buf_reset(&out);
        arena_reset(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_renamed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
