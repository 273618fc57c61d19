/* SPDX-License-Identifier: Apache-2.0 */
/* test_fingerprint.c - pairs of statements that must agree or differ, and the text itself. */
#include "sql/fingerprint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct sql_fingerprint make(struct arena *a, const char *text, enum dialect d, size_t max)
{
    struct sql_statement s = {.text = str_c(text), .dialect = d, .arena = a};
    struct sql_fingerprint f;

    /* Tokens alone: a fingerprint does not need a tree. */
    s.token_count = sql_lex(&s.tokens, a, s.text, d, sql_limits_default.tokens);
    assert_int_not_equal(s.token_count, 0);
    sql_fingerprint(&f, &s, max);
    return f;
}

struct pair {
    const char *a, *b;
};

static const struct pair same[] = {
    /* blanks, comments, case */
    {"SELECT 1", "select   1"},
    {"SELECT 1", "/* hi */ SELECT -- there\n 1"},
    {"SELECT 1", "SELECT\t\r\n1 ;"},
    {"SELECT 1", "SELECT 1;;"},
    {"SELECT a FROM t", "Select A From T"},
    {"SELECT a FROM t", "SELECT a/**/FROM/**/t"},
    {"SELECT a.b FROM c.s.t", "SELECT a . b FROM c . s . t"},
    {"SELECT f(a)", "SELECT f (a)"},
    {"SELECT f(a, b)", "SELECT f( a,b )"},
    {"SELECT a[1]", "SELECT a [ 2 ]"},
    /* values */
    {"SELECT 1", "SELECT 2"},
    {"SELECT 1", "SELECT 'x'"},
    {"SELECT 1", "SELECT 1.5"},
    {"SELECT 1", "SELECT 1e10"},
    {"SELECT 1", "SELECT .5"},
    {"SELECT 1", "SELECT X'00ff'"},
    {"SELECT 1", "SELECT U&'d\\0061t'"},
    {"SELECT 1", "SELECT U&'d!0061t' UESCAPE '!'"},
    {"SELECT 'it''s'", "SELECT ''"},
    {"SELECT 1", "SELECT ?"},
    {"SELECT 1", "SELECT DATE '2020-01-01'"},
    {"SELECT 1", "SELECT date'2020-01-01'"},
    {"SELECT 1", "SELECT TIMESTAMP '2020-01-01 00:00:00'"},
    {"SELECT 1", "SELECT TIME '10:00'"},
    {"SELECT 1", "SELECT DECIMAL '1.2'"},
    {"SELECT 1", "SELECT BIGINT '5'"},
    {"SELECT 1", "SELECT JSON '{}'"},
    {"SELECT 1", "SELECT CHAR 'x'"},
    {"SELECT 1", "SELECT IPADDRESS '::1'"},
    {"SELECT 1", "SELECT DOUBLE PRECISION '1'"},
    {"SELECT 1", "SELECT INTERVAL '1' DAY"},
    {"SELECT 1", "SELECT INTERVAL -'1-2' YEAR TO MONTH"},
    {"SELECT INTERVAL '1' DAY", "SELECT interval + '99' second"},
    {"SELECT * FROM t WHERE a = 1", "SELECT * FROM t WHERE a = 'x'"},
    {"SELECT * FROM t WHERE a LIKE 'x%'", "SELECT * FROM t WHERE a LIKE '%y'"},
    {"SELECT a AT TIME ZONE 'UTC'", "SELECT a AT TIME ZONE 'Europe/Berlin'"},
    {"SELECT * FROM t LIMIT 1", "SELECT * FROM t LIMIT 1000"},
    {"SELECT * FROM t OFFSET 5 LIMIT 1", "SELECT * FROM t OFFSET 6 LIMIT 2"},
    {"SELECT * FROM t FETCH FIRST 5 ROWS ONLY", "SELECT * FROM t FETCH FIRST 6 ROWS ONLY"},
    {"SELECT CAST(a AS varchar(10))", "SELECT CAST(a AS varchar(20))"},
    {"SELECT CAST(a AS decimal(10, 2))", "SELECT CAST(a AS decimal(12, 3))"},
    {"CREATE TABLE t (a varchar(10))", "CREATE TABLE t (a varchar(11))"},
    {"SELECT CURRENT_TIMESTAMP(3)", "SELECT current_timestamp(6)"},
    {"SELECT $$a$$", "SELECT $$b c$$"},
    {"SET SESSION a = 1", "SET SESSION a = 2"},
    {"EXECUTE p USING 1, 'a'", "EXECUTE p USING 2, 'b'"},
    {"CALL system.runtime.kill_query('a', 'b')", "CALL system.runtime.kill_query('c', 'd')"},
    {"SHOW TABLES LIKE 'a%'", "SHOW TABLES LIKE 'b'"},
    /* signs */
    {"SELECT * FROM t WHERE x > -1", "SELECT * FROM t WHERE x > 1"},
    {"SELECT -1", "SELECT 1"},
    {"SELECT +1", "SELECT 1"},
    {"SELECT a, -1", "SELECT a, 2"},
    {"SELECT f(-1)", "SELECT f(1)"},
    {"SELECT a BETWEEN -5 AND -1", "SELECT a BETWEEN 1 AND 5"},
    {"SELECT x - 1", "SELECT x -2"},
    {"SELECT x - -1", "SELECT x - 1"},
    {"SELECT 3 - 1", "SELECT 4 -2"},
    {"SELECT a[-1]", "SELECT a[1]"},
    {"SELECT CASE WHEN a THEN -1 ELSE -2 END", "SELECT CASE WHEN a THEN 1 ELSE 2 END"},
    {"UPDATE t SET a = -1", "UPDATE t SET a = 1"},
    /* lists */
    {"SELECT a IN (1)", "SELECT a IN (1, 2, 3)"},
    {"SELECT a IN (1, 2)", "SELECT a IN ('x', 'y', 'z')"},
    {"SELECT a IN (1, NULL)", "SELECT a IN (1)"},
    {"SELECT a IN (-1, +2)", "SELECT a IN (5)"},
    {"SELECT a NOT IN (1)", "SELECT a NOT IN (1, 2)"},
    {"SELECT a IN (DATE '2020-01-01', DATE '2020-01-02')", "SELECT a IN (DATE '2021-01-01')"},
    {"SELECT a IN (INTERVAL '1' DAY, INTERVAL '2' DAY)", "SELECT a IN (INTERVAL '1' DAY)"},
    {"SELECT a IN (?, ?, ?)", "SELECT a IN (?)"},
    {"SELECT a IN (TRUE, FALSE)", "SELECT a IN (TRUE)"},
    {"SELECT (a, b) IN ((1, 2), (3, 4))", "SELECT (a, b) IN ((1, 2))"},
    {"SELECT (a, b) IN (ROW(1, 2), ROW(3, 4))", "SELECT (a, b) IN (ROW(5, 6))"},
    {"SELECT a IN (CAST('1' AS bigint), CAST('2' AS bigint))", "SELECT a IN (CAST('1' AS bigint))"},
    {"SELECT a IN (1, 2) AND b IN (3)", "SELECT a IN (1) AND b IN (3, 4)"},
    {"SELECT a IN (b, 1, 2)", "SELECT a IN (b, 1, 2, 3)"},
    {"VALUES (1, 'a')", "VALUES (1, 'a'), (2, 'b')"},
    {"VALUES 1", "VALUES 1, 2, 3"},
    {"VALUES (1, NULL), (TRUE, -2)", "VALUES (1, 2)"},
    {"VALUES ROW(1, 2), ROW(3, 4)", "VALUES ROW(1, 2)"},
    {"INSERT INTO t VALUES (1, 'a')", "INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')"},
    {"INSERT INTO t (a, b) VALUES (1, now())",
     "INSERT INTO t (a, b) VALUES (1, now()), (2, now())"},
    {"VALUES (1, ARRAY[1]), (2, ARRAY[2])", "VALUES (1, ARRAY[3])"},
    {"SELECT * FROM (VALUES 1, 2) t (a)", "SELECT * FROM (VALUES 1) t (a)"},
    {"SELECT * FROM (VALUES (1), (2)) AS t (a) LIMIT 3",
     "SELECT * FROM (VALUES (3)) t (a) LIMIT 4"},
    {"VALUES 1, 2 ORDER BY 1", "VALUES 1 ORDER BY 1"},
    {"VALUES 1, 2 UNION ALL SELECT 3", "VALUES 1 UNION ALL SELECT 3"},
    /* spelling */
    {"SELECT a <> 1", "SELECT a != 1"},
    {"SELECT \"a\" FROM \"t\"", "SELECT a FROM t"},
    {"SELECT \"A\" FROM t", "SELECT a FROM t"},
    {"SELECT \"date\" FROM t", "SELECT date FROM t"},
    {"SELECT \"count\"(*) FROM t", "SELECT COUNT(*) FROM t"},
    {"SELECT \"limit\" FROM t", "SELECT limit FROM t"},
    {"SELECT \"A b\" FROM t", "SELECT \"a B\" FROM t"},
    {"SELECT a FROM \"c\".\"s\".\"t\"", "SELECT a FROM c.s.t"},
    {"SELECT \"order\" FROM t", "SELECT \"ORDER\" FROM t"},
    {"SELECT `a` FROM t", "SELECT a FROM t"},
    /* noise */
    {"SELECT * FROM a INNER JOIN b ON TRUE", "SELECT * FROM a JOIN b ON TRUE"},
    {"SELECT * FROM a LEFT OUTER JOIN b ON TRUE", "SELECT * FROM a LEFT JOIN b ON TRUE"},
    {"SELECT * FROM a RIGHT OUTER JOIN b ON TRUE", "SELECT * FROM a RIGHT JOIN b ON TRUE"},
    {"SELECT * FROM a FULL OUTER JOIN b ON TRUE", "SELECT * FROM a FULL JOIN b ON TRUE"},
    {"SELECT a AS b FROM t", "SELECT a b FROM t"},
    {"SELECT a AS \"b\" FROM t", "SELECT a b FROM t"},
    {"SELECT a FROM t AS x", "SELECT a FROM t x"},
    {"SELECT a FROM (SELECT 1) AS x (a)", "SELECT a FROM (SELECT 1) x (a)"},
    {"MERGE INTO t AS x USING u AS y ON TRUE WHEN MATCHED THEN DELETE",
     "MERGE INTO t x USING u y ON TRUE WHEN MATCHED THEN DELETE"},
    {"SELECT CAST(a AS bigint) AS b", "SELECT CAST(a AS bigint) b"},
    /* what is inside EXECUTE IMMEDIATE */
    {"EXECUTE IMMEDIATE 'SELECT 1'", "EXECUTE IMMEDIATE 'select  2'"},
    {"EXECUTE IMMEDIATE 'SELECT ''a'''", "EXECUTE IMMEDIATE 'SELECT ''b'' -- c'"},
    /* broken ones */
    {"SELEC 1 FROM", "selec 2 from"},
    {"SELECT (1", "SELECT (2"},
    {"SELECT 1)) FROM t", "SELECT 2 )) FROM t"},
    {"SELECT a IN (1, 2", "SELECT a IN (1"},
};

static const struct pair different[] = {
    {"SELECT a", "SELECT b"},
    {"SELECT a FROM t", "SELECT a FROM u"},
    {"SELECT a FROM t", "SELECT a FROM s.t"},
    {"SELECT a, b", "SELECT b, a"},
    {"SELECT a b", "SELECT a, b"},
    {"SELECT a.b", "SELECT a b"},
    {"SELECT ab", "SELECT a b"},
    {"SELECT 1, 1", "SELECT 1"},
    {"SELECT f(1, 2)", "SELECT f(1)"},
    {"SELECT f(a)", "SELECT f a"},
    {"SELECT a = 1", "SELECT a <> 1"},
    {"SELECT a < 1", "SELECT a <= 1"},
    {"SELECT a + 1", "SELECT a - 1"},
    {"SELECT x - 1", "SELECT x 1"},
    {"SELECT -a", "SELECT a"},
    {"SELECT - -1", "SELECT -1"},
    {"SELECT date - 1", "SELECT date + 1"},
    {"SELECT value - 1", "SELECT value + 1"},
    {"SELECT a[1]", "SELECT a"},
    {"SELECT (a)", "SELECT a"},
    {"SELECT NULL", "SELECT 1"},
    {"SELECT TRUE", "SELECT FALSE"},
    {"SELECT TRUE", "SELECT 1"},
    {"SELECT a IS NULL", "SELECT a IS NOT NULL"},
    {"SELECT a FROM t WHERE b = 1", "SELECT a FROM t WHERE c = 1"},
    {"SELECT a FROM t ORDER BY a", "SELECT a FROM t ORDER BY a DESC"},
    {"SELECT a FROM t LIMIT 1", "SELECT a FROM t"},
    {"SELECT a FROM t LIMIT ALL", "SELECT a FROM t LIMIT 1"},
    {"SELECT a AS b", "SELECT a AS c"},
    {"SELECT a AS b", "SELECT a"},
    {"SELECT * FROM a JOIN b ON TRUE", "SELECT * FROM a LEFT JOIN b ON TRUE"},
    {"SELECT * FROM a CROSS JOIN b", "SELECT * FROM a, b"},
    {"SELECT DISTINCT a", "SELECT a"},
    {"SELECT a UNION SELECT b", "SELECT a UNION ALL SELECT b"},
    {"SELECT a IN (1)", "SELECT a IN (b)"},
    {"SELECT a IN (b)", "SELECT a IN (b, c)"},
    {"SELECT a IN (b, b)", "SELECT a IN (b)"},
    {"SELECT a IN (1, 2)", "SELECT a IN (1 + 2)"},
    {"SELECT a IN ((1, 2))", "SELECT a IN (1, 2)"},
    {"SELECT a IN (SELECT 1)", "SELECT a IN (1)"},
    {"SELECT a IN (SELECT b, 1, 2)", "SELECT a IN (SELECT b, 1)"},
    {"SELECT a IN (1)", "SELECT a NOT IN (1)"},
    {"VALUES 1", "VALUES (1)"},
    {"VALUES (1, a), (2, b)", "VALUES (1, a)"},
    {"VALUES (a), (b)", "VALUES (a)"},
    {"VALUES (f(1))", "VALUES (1)"},
    {"VALUES ARRAY[1]", "VALUES 1"},
    {"SELECT ARRAY[1, 2]", "SELECT ARRAY[1]"},
    {"SELECT \"array\"[1]", "SELECT ARRAY[1]"},
    {"SELECT \"all\" x FROM t", "SELECT ALL x FROM t"},
    {"SELECT \"current_date\"", "SELECT CURRENT_DATE"},
    {"SELECT \"a.b\"", "SELECT a.b"},
    {"SELECT \"a b\"", "SELECT a b"},
    {"SELECT \"a\"\"b\"", "SELECT \"ab\""},
    {"SELECT \"1\"", "SELECT 1"},
    {"SELECT \"?\"", "SELECT ?"},
    {"SELECT CAST(a AS bigint)", "SELECT CAST(a AS integer)"},
    {"SELECT CAST(a AS varchar)", "SELECT CAST(a AS varchar(1))"},
    {"SELECT CAST(a AS bigint)", "SELECT TRY_CAST(a AS bigint)"},
    {"SELECT * FROM t FOR VERSION AS OF 1", "SELECT * FROM t"},
    {"DROP TABLE a", "DROP TABLE IF EXISTS a"},
    {"DROP TABLE a", "DROP VIEW a"},
    {"CREATE TABLE t AS SELECT 1", "CREATE VIEW t AS SELECT 1"},
    {"INSERT INTO t VALUES (1)", "INSERT INTO u VALUES (1)"},
    {"INSERT INTO t (a) VALUES (1)", "INSERT INTO t (b) VALUES (1)"},
    {"DELETE FROM t", "DELETE FROM t WHERE a = 1"},
    {"UPDATE t SET a = 1", "UPDATE t SET b = 1"},
    {"SHOW TABLES", "SHOW SCHEMAS"},
    {"EXECUTE p", "EXECUTE q"},
    {"EXECUTE IMMEDIATE 'SELECT a'", "EXECUTE IMMEDIATE 'SELECT b'"},
    {"EXECUTE IMMEDIATE 'SELECT ?' USING 1", "EXECUTE IMMEDIATE 'SELECT ?'"},
    {"PREPARE p FROM SELECT a", "PREPARE p FROM SELECT b"},
    {"EXPLAIN SELECT 1", "SELECT 1"},
    {"EXPLAIN SELECT 1", "EXPLAIN ANALYZE SELECT 1"},
    {"SET SESSION a = 1", "SET SESSION b = 1"},
    {"SELECT a FROM t TABLESAMPLE BERNOULLI (10)", "SELECT a FROM t TABLESAMPLE SYSTEM (10)"},
    {"SELECT 1 FROM", "SELECT 1 FRM"},
    {"SELECT (1", "SELECT 1"},
    {"SELECT 1 @", "SELECT 1"},
};

static void test_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(same); i++) {
        struct arena a = {0};
        struct sql_fingerprint x = make(&a, same[i].a, DIALECT_TRINO, 4096);
        struct sql_fingerprint y = make(&a, same[i].b, DIALECT_TRINO, 4096);

        if (!str_eq(x.text, y.text) || memcmp(x.hash, y.hash, sizeof(x.hash)) != 0)
            fail_msg("%s\n  %.*s\n%s\n  %.*s", same[i].a, STR_ARG(x.text), same[i].b,
                     STR_ARG(y.text));
        arena_reset(&a);
    }
    printf("%zu pairs agree\n", ARRAY_LEN(same));
}

static void test_different(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(different); i++) {
        struct arena a = {0};
        struct sql_fingerprint x = make(&a, different[i].a, DIALECT_TRINO, 4096);
        struct sql_fingerprint y = make(&a, different[i].b, DIALECT_TRINO, 4096);

        if (str_eq(x.text, y.text) || memcmp(x.hash, y.hash, sizeof(x.hash)) == 0)
            fail_msg("%s\n%s\n  %.*s", different[i].a, different[i].b, STR_ARG(x.text));
        arena_reset(&a);
    }
    printf("%zu pairs differ\n", ARRAY_LEN(different));
}

/* The dialects know different words; the fingerprint does not. */
static void test_dialects(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(same); i++) {
        struct arena a = {0};
        struct sql_fingerprint x = make(&a, same[i].a, DIALECT_TRINO, 4096);
        struct sql_fingerprint y = make(&a, same[i].a, DIALECT_PRESTO, 4096);

        bool trino = strstr(same[i].a, "IMMEDIATE") != NULL || strstr(same[i].a, "$$") != NULL;

        if (!trino && !str_eq(x.text, y.text))
            fail_msg("%s\n  %.*s\n  %.*s", same[i].a, STR_ARG(x.text), STR_ARG(y.text));
        arena_reset(&a);
    }
}

static const struct pair texts[] = {
    {"select Count ( * ) , \"Id\" from T as x inner join U on x . a!=-1 where b in (1,2)",
     "SELECT count(*), id FROM t x JOIN u ON x.a <> ? WHERE b IN (?)"},
    {"insert into t values (1,'a') , (2,'b');", "INSERT INTO t VALUES (?)"},
    {"select cast(a as varchar(5)) from t limit 5", "SELECT CAST(a AS varchar(?)) FROM t LIMIT ?"},
    {"select array[1,2][1], a [ 1 ] from t", "SELECT ARRAY[?, ?][?], a[?] FROM t"},
    {"execute immediate 'select ''x''' using 1", "EXECUTE IMMEDIATE (SELECT ?) USING ?"},
    {"select a -- c\nfrom t where d > date '2020-01-01' - interval '1' day",
     "SELECT a FROM t WHERE d > ? - ?"},
    {"with x as (select 1) select * from x", "WITH x AS (SELECT ?) SELECT * FROM x"},
    {"create table t as select 1", "CREATE TABLE t AS SELECT ?"},
    {"select sum(a) over (partition by b order by c rows unbounded preceding) from t",
     "SELECT sum(a) OVER (PARTITION BY b ORDER BY c ROWS UNBOUNDED PRECEDING) FROM t"},
};

static void test_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct arena a = {0};
        struct sql_fingerprint f = make(&a, texts[i].a, DIALECT_TRINO, 4096);

        if (!str_eq(f.text, str_c(texts[i].b)))
            fail_msg("%s\n  %.*s\n  %s", texts[i].a, STR_ARG(f.text), texts[i].b);
        arena_reset(&a);
    }
}

static void test_cut(void **state)
{
    struct arena a = {0};
    struct sql_fingerprint whole = make(&a, "SELECT abc FROM t", DIALECT_TRINO, 100);
    struct sql_fingerprint cut = make(&a, "SELECT abc FROM t", DIALECT_TRINO, 10);
    struct sql_fingerprint none = make(&a, "SELECT abc FROM t", DIALECT_TRINO, 0);
    char hex[33];

    (void)state;
    assert_int_equal(cut.text.n, 10);
    assert_memory_equal(cut.text.p, "SELECT ...", 10);
    assert_int_equal(none.text.n, 0);
    assert_memory_equal(whole.hash, cut.hash, 16);
    assert_memory_equal(whole.hash, none.hash, 16);
    /* Hashes are kept: this one must never change. */
    sql_fingerprint_hex(hex, &whole);
    assert_string_equal(hex, "a7ec13887d5ec1da8917cf6beb4a4eea");
    arena_reset(&a);
}

/* Deep and long input: linear, no recursion. */
static void test_large(void **state)
{
    struct buf b = buf_make(64 << 20);
    struct arena a = {0};
    struct sql_fingerprint f;

    (void)state;
    buf_printf(&b, "SELECT ");
    for (int i = 0; i < 200000; i++)
        buf_printf(&b, "x IN ((");
    buf_put_c(&b, '\0');
    make(&a, b.p, DIALECT_TRINO, 100);
    buf_clear(&b);
    buf_printf(&b, "INSERT INTO t VALUES (0, 'x')");
    for (int i = 0; i < 200000; i++)
        buf_printf(&b, ", (%d, 'abc')", i);
    buf_put_c(&b, '\0');
    f = make(&a, b.p, DIALECT_TRINO, 100);
    assert_int_equal(f.text.n, 24);
    arena_reset(&a);
    buf_reset(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same),     cmocka_unit_test(test_different),
        cmocka_unit_test(test_dialects), cmocka_unit_test(test_texts),
        cmocka_unit_test(test_cut),      cmocka_unit_test(test_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
