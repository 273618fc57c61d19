/* SPDX-License-Identifier: Apache-2.0 */
/* Where scripts are cut into statements. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sql/sql.h"

#define BOTH DIALECT_NONE

/* The statements that a script is cut into, shown as "a|b|c". */
static const struct {
    enum dialect dialect;
    const char *script, *statements;
} rows[] = {
    {BOTH, "", ""},
    {BOTH, " \n\t\r ", ""},
    {BOTH, ";", ""},
    {BOTH, ";;\n ; -- nothing\n;", ""},
    {BOTH, "-- only a comment", ""},
    {BOTH, "/* only a comment */", ""},
    {BOTH, "SELECT 1", "SELECT 1"},
    {BOTH, "SELECT 1;", "SELECT 1"},
    {BOTH, "SELECT 1;SELECT 2", "SELECT 1|SELECT 2"},
    {BOTH, "  SELECT 1 ;\n\n; SELECT 2 ; ", "SELECT 1|SELECT 2"},
    {BOTH, "SELECT ';'; SELECT 2", "SELECT ';'|SELECT 2"},
    {BOTH, "SELECT 'it''s;'; SELECT 2", "SELECT 'it''s;'|SELECT 2"},
    {BOTH, "SELECT \";\"\";\"; SELECT 2", "SELECT \";\"\";\"|SELECT 2"},
    {BOTH, "SELECT `;`; SELECT 2", "SELECT `;`|SELECT 2"},
    {BOTH, "SELECT U&'\\003b;'; SELECT 2", "SELECT U&'\\003b;'|SELECT 2"},
    {BOTH, "SELECT 1 -- a;b\n; SELECT 2", "SELECT 1|SELECT 2"},
    {BOTH, "SELECT 1 -- a;b\r; SELECT 2", "SELECT 1|SELECT 2"},
    {BOTH, "SELECT 1 -- a;b", "SELECT 1"},
    {BOTH, "SELECT -- ;\n 1; SELECT 2", "SELECT -- ;\n 1|SELECT 2"},
    {BOTH, "SELECT 1 /* a;\nb */; SELECT 2", "SELECT 1|SELECT 2"},
    {BOTH, "SELECT /* ; */ 1; SELECT 2", "SELECT /* ; */ 1|SELECT 2"},
    {BOTH, "-- first\nSELECT 1; -- second\nSELECT 2", "SELECT 1|SELECT 2"},
    {BOTH, "SELECT 1 - -1; SELECT 4 / 2", "SELECT 1 - -1|SELECT 4 / 2"},
    {BOTH, "SELECT '--'; SELECT '/*'; SELECT '*/'", "SELECT '--'|SELECT '/*'|SELECT '*/'"},
    {BOTH, "SELECT 'never closed; SELECT 2", "SELECT 'never closed; SELECT 2"},
    {BOTH, "SELECT 1 /* never closed; SELECT 2", "SELECT 1"},
    {BOTH, "SELECT case when a then b else c end; SELECT 2",
     "SELECT case when a then b else c end|SELECT 2"},
    {BOTH, "SELECT case; SELECT if(a, b, c); SELECT begin",
     "SELECT case|SELECT if(a, b, c)|SELECT begin"},
    {BOTH, "START TRANSACTION; BEGIN; COMMIT", "START TRANSACTION|BEGIN|COMMIT"},
    {BOTH, "CREATE FUNCTION f() RETURNS integer RETURN 1; SELECT 2",
     "CREATE FUNCTION f() RETURNS integer RETURN 1|SELECT 2"},
    {BOTH,
     "CREATE FUNCTION f() RETURNS integer RETURN CASE x WHEN 1 THEN if(a, 1, 2) END; SELECT 2",
     "CREATE FUNCTION f() RETURNS integer RETURN CASE x WHEN 1 THEN if(a, 1, 2) END|SELECT 2"},
    {BOTH, "CREATE FUNCTION if() RETURNS integer; SELECT 2",
     "CREATE FUNCTION if() RETURNS integer|SELECT 2"},
    {BOTH, "DROP FUNCTION f(); SHOW CREATE FUNCTION f; SHOW FUNCTIONS; SELECT if(a, b)",
     "DROP FUNCTION f()|SHOW CREATE FUNCTION f|SHOW FUNCTIONS|SELECT if(a, b)"},
    {BOTH, "WITH function AS (SELECT 1) SELECT if(a, b, c), repeat(x, 2); SELECT 2",
     "WITH function AS (SELECT 1) SELECT if(a, b, c), repeat(x, 2)|SELECT 2"},
    {BOTH, "WITH function (a) AS (SELECT 1) SELECT if(a, b, c); SELECT 2",
     "WITH function (a) AS (SELECT 1) SELECT if(a, b, c)|SELECT 2"},
    {BOTH, "SELECT a, function FROM t WHERE if(a, b, c); SELECT 2",
     "SELECT a, function FROM t WHERE if(a, b, c)|SELECT 2"},
    /* bodies */
    {DIALECT_TRINO, "CREATE FUNCTION f() RETURNS integer BEGIN RETURN 1; END; SELECT 2",
     "CREATE FUNCTION f() RETURNS integer BEGIN RETURN 1; END|SELECT 2"},
    {DIALECT_PRESTO, "CREATE FUNCTION f() RETURNS integer BEGIN RETURN 1; END; SELECT 2",
     "CREATE FUNCTION f() RETURNS integer BEGIN RETURN 1|END|SELECT 2"},
    {DIALECT_TRINO, "CREATE FUNCTION c.begin(if integer) RETURNS integer BEGIN END; SELECT 2",
     "CREATE FUNCTION c.begin(if integer) RETURNS integer BEGIN END|SELECT 2"},
    {DIALECT_TRINO,
     "CREATE OR REPLACE FUNCTION f() RETURNS integer BEGIN DECLARE a, b bigint; "
     "IF if(a, b, c) THEN SET a = if(1, 2, 3); ELSEIF x THEN SET a = 1; ELSE SET b = 1; END IF; "
     "RETURN CASE WHEN a THEN if(a, b) ELSE c END; END; SELECT 2",
     "CREATE OR REPLACE FUNCTION f() RETURNS integer BEGIN DECLARE a, b bigint; "
     "IF if(a, b, c) THEN SET a = if(1, 2, 3); ELSEIF x THEN SET a = 1; ELSE SET b = 1; END IF; "
     "RETURN CASE WHEN a THEN if(a, b) ELSE c END; END|SELECT 2"},
    {DIALECT_TRINO,
     "CREATE FUNCTION f() RETURNS integer BEGIN a: LOOP b: REPEAT SET x = repeat(y, 3); "
     "UNTIL repeat(z, 3) END REPEAT; c: WHILE x DO SET y = 1; END WHILE; END LOOP; END; SELECT 2",
     "CREATE FUNCTION f() RETURNS integer BEGIN a: LOOP b: REPEAT SET x = repeat(y, 3); "
     "UNTIL repeat(z, 3) END REPEAT; c: WHILE x DO SET y = 1; END WHILE; END LOOP; END|SELECT 2"},
    {DIALECT_TRINO,
     "CREATE FUNCTION f() RETURNS integer BEGIN CASE CASE WHEN a THEN b END WHEN 1 THEN "
     "CASE WHEN x THEN RETURN 1; END CASE; ELSE BEGIN RETURN 2; END; END CASE; END; SELECT 2",
     "CREATE FUNCTION f() RETURNS integer BEGIN CASE CASE WHEN a THEN b END WHEN 1 THEN "
     "CASE WHEN x THEN RETURN 1; END CASE; ELSE BEGIN RETURN 2; END; END CASE; END|SELECT 2"},
    {DIALECT_TRINO,
     "CREATE FUNCTION f() RETURNS integer COMMENT 'begin' WITH (a = if(1, 2)) "
     "CASE x WHEN 1 THEN RETURN 1; END CASE; SELECT 2",
     "CREATE FUNCTION f() RETURNS integer COMMENT 'begin' WITH (a = if(1, 2)) "
     "CASE x WHEN 1 THEN RETURN 1; END CASE|SELECT 2"},
    {DIALECT_TRINO,
     "WITH FUNCTION f() RETURNS integer BEGIN RETURN 1; END, "
     "FUNCTION g() RETURNS integer RETURN 1, "
     "FUNCTION h() RETURNS integer BEGIN RETURN 2; END SELECT if(f(), g()); SELECT 2",
     "WITH FUNCTION f() RETURNS integer BEGIN RETURN 1; END, "
     "FUNCTION g() RETURNS integer RETURN 1, "
     "FUNCTION h() RETURNS integer BEGIN RETURN 2; END SELECT if(f(), g())|SELECT 2"},
    {DIALECT_TRINO,
     "EXPLAIN WITH SESSION a = 1 WITH FUNCTION f() RETURNS integer BEGIN RETURN 1; END "
     "SELECT 1; SELECT 2",
     "EXPLAIN WITH SESSION a = 1 WITH FUNCTION f() RETURNS integer BEGIN RETURN 1; END "
     "SELECT 1|SELECT 2"},
    {DIALECT_TRINO,
     "CREATE FUNCTION f() RETURNS integer LANGUAGE PYTHON AS $$\na; '\nb; $$; SELECT 2",
     "CREATE FUNCTION f() RETURNS integer LANGUAGE PYTHON AS $$\na; '\nb; $$|SELECT 2"},
    {DIALECT_TRINO,
     "CREATE FUNCTION f() RETURNS integer BEGIN RETURN 'END;'; /* END; */ END; SELECT 2",
     "CREATE FUNCTION f() RETURNS integer BEGIN RETURN 'END;'; /* END; */ END|SELECT 2"},
    {DIALECT_TRINO, "CREATE FUNCTION f() RETURNS integer BEGIN RETURN 1; SELECT 2",
     "CREATE FUNCTION f() RETURNS integer BEGIN RETURN 1; SELECT 2"},
};

static void join(char *out, size_t size, const char *script, enum dialect dialect)
{
    struct str rest = {script, strlen(script)}, statement;
    size_t n = 0;

    out[0] = '\0';
    while (sql_split(&rest, &statement, dialect))
        n += (size_t)snprintf(out + n, size - n, "%s%.*s", n > 0 ? "|" : "", (int)statement.n,
                              statement.p);
}

static void test_scripts(void **state)
{
    char found[2000];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (enum dialect d = DIALECT_PRESTO; d <= DIALECT_TRINO; d++) {
            if (rows[i].dialect != BOTH && rows[i].dialect != d)
                continue;
            join(found, sizeof(found), rows[i].script, d);
            if (strcmp(found, rows[i].statements) != 0)
                print_error("row %zu, %s: %s\n", i, dialect_name(d), rows[i].script);
            assert_string_equal(found, rows[i].statements);
        }
    }
}

/* Bodies deeper than any limit, and words in any order, end the walk all the same. */
static void test_hostile(void **state)
{
    static const char *const words[] = {"FUNCTION ", "CREATE ", "BEGIN ", "END ", "CASE ", "IF ",
                                        "; ",        "( ",      "' ",     "$$ ",  "/* ",   "ELSE ",
                                        "LOOP ",     ") ",      "-- ",    "\" ",  ": ",    "THEN "};
    static char script[64 * 1024];
    struct str rest, statement;
    uint32_t seed = 1;

    (void)state;
    for (unsigned round = 0; round < 200; round++) {
        size_t n = (size_t)snprintf(script, sizeof(script), "CREATE FUNCTION f() RETURNS x ");

        while (n + 16 < sizeof(script) / (1 + round % 16)) {
            seed = seed * 1103515245u + 12345u;
            n += (size_t)snprintf(script + n, sizeof(script) - n, "%s",
                                  round == 0 ? "BEGIN " : words[(seed >> 16) % 18]);
        }
        rest = (struct str){script, n};
        while (sql_split(&rest, &statement, DIALECT_TRINO))
            assert_true(statement.p + statement.n <= script + n);
        assert_int_equal(rest.n, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scripts),
        cmocka_unit_test(test_hostile),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
