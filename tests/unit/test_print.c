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
#define REPORT_MAX 4000

/* -- round trips */

static void report(const char *what, struct str before, struct str after)
{
    before.n = before.n < REPORT_MAX ? before.n : REPORT_MAX;
    after.n = after.n < REPORT_MAX ? after.n : REPORT_MAX;
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

#define TREES 6000 /* of each dialect; SLEIPNIR_TREES asks for more */

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
    const char *more = getenv("SLEIPNIR_TREES");
    uint64_t trees = TREES;
    unsigned failed = 0, missing = 0;

    (void)state;
    if (more != NULL)
        str_to_u64(str_c(more), &trees);
    for (uint64_t i = 0; i < trees; i++) {
        failed += !generated_comes_back(&trino, 1 + (int)(i % 10));
        failed += !generated_comes_back(&presto, 1 + (int)(i % 10));
    }
    printf("generated: %llu trees, %u failed\n", 2 * (unsigned long long)trees, failed);
    for (int i = 0; i < SQL_KIND_COUNT; i++)
        if (trino.seen[i] + presto.seen[i] == 0 && ++missing > 0)
            printf("never generated: %s\n", sql_kinds[i].name);
    assert_int_equal(failed, 0);
    assert_int_equal(missing, 0);
}

/* -- what is written */

/* Prints `text`, parsed as `from`, in the words of `to`. */
static void check_print(enum dialect from, enum dialect to, bool pretty, const char *text,
                        const char *want)
{
    struct sql_print_options options = {to, pretty};
    struct arena a = {0};
    struct buf out = buf_make(TEXT_MAX);
    struct sql_statement s;

    if (sql_parse(&s, &a, str_c(text), from, NULL) != OK)
        fail_msg("does not parse: %s", text);
    assert_int_equal(sql_print(&out, s.root, &options, NULL), OK);
    buf_put_c(&out, '\0');
    assert_string_equal(out.p, want);
    buf_reset(&out);
    arena_reset(&a);
}

static const struct {
    enum dialect dialect;
    const char *text, *want;
} lines[] = {
    {DIALECT_TRINO, "select 1", "SELECT 1"},
    {DIALECT_TRINO, "select a b, \"C\" \"d e\", \"select\" from t x, u as y",
     "SELECT a AS b, \"C\" AS \"d e\", \"select\" FROM t AS x, u AS y"},
    {DIALECT_TRINO, "select a+b*c-d||e", "SELECT a + b * c - d || e"},
    {DIALECT_TRINO, "select (a+b)*(c-(d-e)), a-(b+c), (a||b)+c",
     "SELECT (a + b) * (c - (d - e)), a - (b + c), (a || b) + c"},
    {DIALECT_TRINO,
     "select -(1), - -1, -(-(-a)), +1, -(1)[2], -a[1], (-a)[1], -(1.5) at time zone 'x', -(a at "
     "time zone 'x'), (-a) at time zone 'x'",
     "SELECT -(1), - -1, - - -a, +1, -(1)[2], -a[1], (-a)[1], -(1.5) AT TIME ZONE 'x', -a AT TIME "
     "ZONE 'x', (-a) AT TIME ZONE 'x'"},
    {DIALECT_PRESTO, "select -1, - -1, (-1)[2]", "SELECT -1, - -1, (-1)[2]"},
    {DIALECT_TRINO,
     "select (1).a, 1.5, (1.).b, (a).b[(c).d], (array)[1], array[1], \"array\"[1], (f(x)).y",
     "SELECT (1).a, 1.5, (1.).b, a.b[c.d], (array)[1], ARRAY[1], \"array\"[1], f(x).y"},
    {DIALECT_TRINO,
     "select not a and not (b or c) or d and (e or f), not (not a), (not a) = b, (a = b) = (c = "
     "d), a = (b is null)",
     "SELECT NOT a AND NOT (b OR c) OR d AND (e OR f), NOT NOT a, (NOT a) = b, (a = b) = (c = d), "
     "a = (b IS NULL)"},
    {DIALECT_TRINO,
     "select a between b and c and d, a not between (b and c) and (d or e), (a in (1, 2)) is null, "
     "a in (select 1), a in ((select 1)), x like 'a' escape '!'",
     "SELECT a BETWEEN b AND c AND d, a NOT BETWEEN (b AND c) AND (d OR e), (a IN (1, 2)) IS NULL, "
     "a IN (SELECT 1), a IN ((SELECT 1)), x LIKE 'a' ESCAPE '!'"},
    {DIALECT_TRINO,
     "select (x -> x + 1), f(x -> (y, z) -> y), (x -> x) + 1, 1 + (() -> 2), x -> y and z",
     "SELECT x -> x + 1, f(x -> (y, z) -> y), (x -> x) + 1, 1 + (() -> 2), x -> y AND z"},
    {DIALECT_TRINO, "select (a, b), row(a), row(a, b), ((a)), ((a, b), c)",
     "SELECT (a, b), ROW(a), ROW(a, b), a, ((a, b), c)"},
    {DIALECT_TRINO,
     "select f(all a), f((all)), f((all) + 1), f(distinct a, b order by c desc nulls last) filter "
     "(where d) over (partition by e), count(*), count(a.*), f()",
     "SELECT f(ALL a), f((all)), f((all) + 1), f(DISTINCT a, b ORDER BY c DESC NULLS LAST) FILTER "
     "(WHERE d) OVER (PARTITION BY e), count(*), count(a.*), f()"},
    {DIALECT_TRINO, "select all a from t", "SELECT ALL a FROM t"},
    {DIALECT_TRINO, "select (all) + 1", "SELECT (all) + 1"},
    {DIALECT_TRINO, "select (all), b", "SELECT (all), b"},
    {DIALECT_TRINO,
     "select trim(both 'x' from a), trim(a), trim(leading from a), trim('x' from a), trim(a, 'x'), "
     "trim((both) from a)",
     "SELECT TRIM(BOTH 'x' FROM a), TRIM(a), TRIM(LEADING FROM a), TRIM('x' FROM a), TRIM(a, 'x'), "
     "TRIM((both) FROM a)"},
    {DIALECT_TRINO,
     "select json_object(key a value b, c : d), json_object((key) value b), json_array(returning "
     "varchar), json_array((returning))",
     "SELECT JSON_OBJECT(KEY a VALUE b, c: d), JSON_OBJECT((key) VALUE b), JSON_ARRAY(RETURNING "
     "varchar), JSON_ARRAY((returning))"},
    {DIALECT_TRINO,
     "select sum(a) over (rows between (unbounded) preceding and (b and c) following), sum(a) over "
     "w, sum(a) over (w order by b) from t window w as (partition by c)",
     "SELECT sum(a) OVER (ROWS BETWEEN (unbounded) PRECEDING AND (b AND c) FOLLOWING), sum(a) OVER "
     "w, sum(a) OVER (w ORDER BY b) FROM t WINDOW w AS (PARTITION BY c)"},
    {DIALECT_TRINO,
     "select 'it''s', U&'\\00e9\\\\\\+01f600', '\303\251', x'00 ff', 1e5, date '2020-01-01', "
     "interval -'1' day to second, ?",
     "SELECT 'it''s', U&'\\00E9\\\\\\+01F600', '\303\251', X'00ff', 1e5, date '2020-01-01', "
     "INTERVAL -'1' DAY TO SECOND, ?"},
    {DIALECT_TRINO,
     "select cast(a as row(x bigint, varchar(10), array<int>)), try_cast(b as bigint array[3] "
     "array), cast(c as time(3) with time zone), cast(d as map<int, double precision>)",
     "SELECT CAST(a AS ROW(x bigint, varchar(10), ARRAY<int>)), TRY_CAST(b AS bigint ARRAY[3] "
     "ARRAY), CAST(c AS TIME(3) WITH TIME ZONE), CAST(d AS MAP<int, DOUBLE PRECISION>)"},
    {DIALECT_PRESTO,
     "select cast(a as row(x bigint)), cast(b as map(int, array(varchar))), cast(c as double "
     "precision)",
     "SELECT CAST(a AS ROW(x bigint)), CAST(b AS map(int, ARRAY(varchar))), CAST(c AS DOUBLE "
     "PRECISION)"},
    {DIALECT_TRINO,
     "select * from a join b on x = y left join c using (d) cross join e natural full join f",
     "SELECT * FROM a JOIN b ON x = y LEFT JOIN c USING (d) CROSS JOIN e NATURAL FULL JOIN f"},
    {DIALECT_TRINO,
     "select * from a join (b join c on x) on y, (a cross join b) as z, (select 1) s (q), (t "
     "tablesample bernoulli (10)) as u tablesample system (1)",
     "SELECT * FROM a JOIN (b JOIN c ON x) ON y, (a CROSS JOIN b) AS z, (SELECT 1) AS s (q), (t "
     "TABLESAMPLE BERNOULLI (10)) AS u TABLESAMPLE SYSTEM (1)"},
    {DIALECT_TRINO,
     "(select 1) union all (select 2 order by 1 limit 3) intersect select 3 except (values 1, 2) "
     "order by 1 offset 2 rows fetch first 5 rows with ties",
     "(SELECT 1) UNION ALL (SELECT 2 ORDER BY 1 LIMIT 3) INTERSECT SELECT 3 EXCEPT (VALUES 1, 2) "
     "ORDER BY 1 OFFSET 2 FETCH FIRST 5 ROWS WITH TIES"},
    {DIALECT_TRINO,
     "with recursive a (n) as (select 1 union all select n + 1 from a) select * from a",
     "WITH RECURSIVE a (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM a) SELECT * FROM a"},
    {DIALECT_TRINO,
     "select a from t group by all a, (b, c), (), rollup (d, (e, f)), grouping sets ((a), b)",
     "SELECT a FROM t GROUP BY ALL a, (b, c), (), ROLLUP (d, (e, f)), GROUPING SETS ((a), b)"},
    {DIALECT_TRINO, "select a from t group by (all) + 1", "SELECT a FROM t GROUP BY (all) + 1"},
    {DIALECT_TRINO,
     "select * from t for version as of 5 as x, unnest(a, b) with ordinality as u (c, d), lateral "
     "(select 1) as l, table(f(a => 1, b => table(t) as q partition by x keep when empty order by "
     "y, c => descriptor(z int), (cast(null as descriptor))))",
     "SELECT * FROM t FOR VERSION AS OF 5 AS x, UNNEST(a, b) WITH ORDINALITY AS u (c, d), LATERAL "
     "(SELECT 1) AS l, TABLE(f(a => 1, b => TABLE(t) AS q PARTITION BY x KEEP WHEN EMPTY ORDER BY "
     "(y), c => DESCRIPTOR(z int), (CAST(NULL AS descriptor))))"},
    {DIALECT_PRESTO, "select * from t for system_time before a + 1, unnest(b)",
     "SELECT * FROM t FOR SYSTEM_TIME BEFORE a + 1, UNNEST(b)"},
    {DIALECT_TRINO, "set time zone local", "SET TIME ZONE LOCAL"},
    {DIALECT_TRINO, "set time zone (local)", "SET TIME ZONE (local)"},
    {DIALECT_TRINO, "explain analyze commit work", "EXPLAIN ANALYZE COMMIT WORK"},
    {DIALECT_TRINO, "with session a = (b) (select 1)", "WITH SESSION a = (b) (SELECT 1)"},
    {DIALECT_TRINO, "create table a with (b = (default), c = default) as select 1",
     "CREATE TABLE a WITH (b = (default), c = DEFAULT) AS SELECT 1"},
    {DIALECT_TRINO,
     "create table if not exists a.b.c (d int not null comment 'e', like f including properties) "
     "comment 'g' with (h = 1)",
     "CREATE TABLE IF NOT EXISTS a.b.c (d int NOT NULL COMMENT 'e', LIKE f INCLUDING PROPERTIES) "
     "COMMENT 'g' WITH (h = 1)"},
    {DIALECT_PRESTO,
     "create table a (b int, constraint c primary key (d, e) disabled not rely not enforced)",
     "CREATE TABLE a (b int, CONSTRAINT c PRIMARY KEY (d, e) DISABLED NOT RELY NOT ENFORCED)"},
    {DIALECT_TRINO, "grant select, insert on table a to role b with grant option",
     "GRANT SELECT, INSERT ON TABLE a TO ROLE b WITH GRANT OPTION"},
    {DIALECT_TRINO, "alter table a alter column b drop not null",
     "ALTER TABLE a ALTER COLUMN b DROP NOT NULL"},
    {DIALECT_PRESTO, "alter table a alter b drop not null", "ALTER TABLE a ALTER b DROP NOT NULL"},
    {DIALECT_PRESTO, "alter table a set properties (b = 1)",
     "ALTER TABLE a SET PROPERTIES (b = 1)"},
    {DIALECT_TRINO, "alter table a set properties b = 1, c = default",
     "ALTER TABLE a SET PROPERTIES b = 1, c = DEFAULT"},
    {DIALECT_TRINO, "show create materialized view a.b", "SHOW CREATE MATERIALIZED VIEW a.b"},
    {DIALECT_TRINO, "describe a", "DESCRIBE a"},
    {DIALECT_TRINO, "start transaction isolation level repeatable read, read only",
     "START TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"},
};

static void one_line_is_as_expected(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        check_print(lines[i].dialect, lines[i].dialect, false, lines[i].text, lines[i].want);
}

static const struct {
    enum dialect from;
    const char *text, *want;
} translations[] = {
    {DIALECT_TRINO, "SELECT [1, 2]", "SELECT ARRAY[1, 2]"},
    {DIALECT_TRINO, "SELECT -1[2], -1", "SELECT (-1)[2], -1"},
    {DIALECT_TRINO, "SELECT a FROM execute", "SELECT a FROM \"execute\""},
    {DIALECT_TRINO, "SELECT CASE a = b WHEN TRUE THEN 1 END",
     "SELECT CASE (a = b) WHEN TRUE THEN 1 END"},
    {DIALECT_TRINO, "ALTER TABLE a SET PROPERTIES b = 1", "ALTER TABLE a SET PROPERTIES (b = 1)"},
    {DIALECT_TRINO, "SELECT JSON_VALUE(a, '$')", "SELECT JSON_VALUE(a, '$')"},
    {DIALECT_PRESTO, "SELECT current_role, trim(a), listagg FROM skip",
     "SELECT \"current_role\", \"trim\"(a), \"listagg\" FROM \"skip\""},
    {DIALECT_PRESTO, "SELECT -1, -(1.5)", "SELECT -(1), -(1.5)"},
    {DIALECT_PRESTO, "ALTER TABLE a ALTER b DROP NOT NULL",
     "ALTER TABLE a ALTER COLUMN b DROP NOT NULL"},
    {DIALECT_PRESTO, "CREATE FUNCTION f() RETURNS int RETURN a AND b",
     "CREATE FUNCTION f() RETURNS int RETURN (a AND b)"},
};

static void each_dialect_has_its_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(translations); i++)
        check_print(translations[i].from,
                    translations[i].from == DIALECT_TRINO ? DIALECT_PRESTO : DIALECT_TRINO, false,
                    translations[i].text, translations[i].want);
}

static const struct {
    const char *text, *want;
} pretties[] = {
    {"select a, b from t where c = 1", "SELECT a, b\n"
                                       "FROM t\n"
                                       "WHERE c = 1"},
    {"select c.name, sum(l.extendedprice * (1 - l.discount)) revenue, rank() over (partition by "
     "n.name order by sum(l.price) desc) rk from customer c join orders o on c.custkey = o.custkey "
     "left join lineitem l on l.orderkey = o.orderkey where o.orderdate >= date '1994-01-01' and "
     "o.orderdate < date '1995-01-01' and (o.status = 'F' or o.status = 'O') group by c.name, "
     "n.name having sum(l.quantity) > 300 order by revenue desc limit 20",
     "SELECT\n"
     "    c.name,\n"
     "    sum(l.extendedprice * (1 - l.discount)) AS revenue,\n"
     "    rank() OVER (PARTITION BY n.name ORDER BY sum(l.price) DESC) AS rk\n"
     "FROM customer AS c\n"
     "    JOIN orders AS o ON c.custkey = o.custkey\n"
     "    LEFT JOIN lineitem AS l ON l.orderkey = o.orderkey\n"
     "WHERE o.orderdate >= date '1994-01-01'\n"
     "    AND o.orderdate < date '1995-01-01'\n"
     "    AND (o.status = 'F' OR o.status = 'O')\n"
     "GROUP BY c.name, n.name\n"
     "HAVING sum(l.quantity) > 300\n"
     "ORDER BY revenue DESC\n"
     "LIMIT 20"},
    {"with a as (select 1), b as (select xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx, "
     "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy from ttttttttttttttttttttttttttttttttttttttt) select * "
     "from a where x in "
     "(1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,"
     "34,35) or y = (select max(z) from b) union all select 1",
     "WITH\n"
     "    a AS (SELECT 1),\n"
     "    b AS (\n"
     "        SELECT xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx, yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\n"
     "        FROM ttttttttttttttttttttttttttttttttttttttt\n"
     "    )\n"
     "SELECT *\n"
     "FROM a\n"
     "WHERE x IN (\n"
     "    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, "
     "25,\n"
     "    26, 27, 28, 29, 30, 31, 32, 33, 34, 35\n"
     ")\n"
     "    OR y = (SELECT max(z) FROM b)\n"
     "UNION ALL\n"
     "SELECT 1"},
    {"create table t (a bigint not null, b row(x int)) with (format = 'ORC')",
     "CREATE TABLE t (\n"
     "    a bigint NOT NULL,\n"
     "    b ROW(x int)\n"
     ")\n"
     "WITH (format = 'ORC')"},
    {"create or replace view v security invoker as select case when a then 'x' else 'y' end from t",
     "CREATE OR REPLACE VIEW v\n"
     "SECURITY INVOKER\n"
     "AS\n"
     "SELECT CASE WHEN a THEN 'x' ELSE 'y' END\n"
     "FROM t"},
    {"merge into t using s on t.a = s.a when matched then delete when not matched then insert (a) "
     "values (1)",
     "MERGE INTO t\n"
     "USING s\n"
     "ON t.a = s.a\n"
     "    WHEN MATCHED THEN DELETE\n"
     "    WHEN NOT MATCHED THEN INSERT (a) VALUES (1)"},
    {"create function f(x bigint) returns bigint begin declare a int default 1; if x > 1 then "
     "return 1; elseif x < 0 then set a = 2; else return 3; end if; case x when 1 then return 1; "
     "else return 2; end case; l: loop leave l; end loop; return a; end",
     "CREATE FUNCTION f(x bigint)\n"
     "    RETURNS bigint\n"
     "    BEGIN\n"
     "        DECLARE a int DEFAULT 1;\n"
     "        IF x > 1 THEN\n"
     "            RETURN 1;\n"
     "        ELSEIF x < 0 THEN\n"
     "            SET a = 2;\n"
     "        ELSE\n"
     "            RETURN 3;\n"
     "        END IF;\n"
     "        CASE x\n"
     "            WHEN 1 THEN\n"
     "                RETURN 1;\n"
     "            ELSE\n"
     "                RETURN 2;\n"
     "        END CASE;\n"
     "        l: LOOP\n"
     "            LEAVE l;\n"
     "        END LOOP;\n"
     "        RETURN a;\n"
     "    END"},
    {"select * from t match_recognize (partition by aaaaaaaaaaaaaaaaaaaaa order by "
     "bbbbbbbbbbbbbbbb measures first(x.a) as f one row per match pattern (a b*) define a as x > "
     "1)",
     "SELECT *\n"
     "FROM t MATCH_RECOGNIZE (\n"
     "    PARTITION BY aaaaaaaaaaaaaaaaaaaaa\n"
     "    ORDER BY bbbbbbbbbbbbbbbb\n"
     "    MEASURES first(x.a) AS f\n"
     "    ONE ROW PER MATCH\n"
     "    PATTERN (a b*)\n"
     "    DEFINE a AS x > 1\n"
     ")"},
};

static void pretty_is_as_expected(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(pretties); i++)
        check_print(DIALECT_TRINO, DIALECT_TRINO, true, pretties[i].text, pretties[i].want);
}

/* -- depth */

#define LONG 100000

struct chain {
    const char *head, *link, *tail;
};

static void repeat(struct buf *out, const char *text, int n)
{
    for (int i = 0; i < n; i++)
        buf_put_str(out, str_c(text));
}

/* Chains lean left and may be as long as their text: nothing recurses along them. */
static void long_chains_come_back(void **state)
{
    static const struct chain chains[] = {
        {"SELECT a", " + b", ""},
        {"SELECT a", " - b * c || d", ""},
        {"SELECT a", " AT TIME ZONE 'x'", ""},
        {"SELECT a", "[1]", ""},
        {"SELECT a", "[1].b", ""},
        {"SELECT a", " AND b", ""},
        {"SELECT a", " OR b AND c", ""},
        {"SELECT CAST(a AS int", " ARRAY", ")"},
        {"SELECT 1", " UNION SELECT 2", ""},
        {"SELECT 1", " INTERSECT SELECT 2 EXCEPT SELECT 3", ""},
        {"SELECT 1 FROM a", " JOIN b ON c", ""},
        {"SELECT 1 FROM a", " CROSS JOIN b", ""},
        {"SELECT f(1", ", 2", ")"},
        {"SELECT 1 FROM t MATCH_RECOGNIZE (PATTERN (a", " b", ") DEFINE c AS d)"},
        {"SELECT 1 FROM t MATCH_RECOGNIZE (PATTERN (a", " | b", ") DEFINE c AS d)"},
    };
    struct counts c = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(chains); i++) {
        struct buf text = buf_make(TEXT_MAX);

        repeat(&text, chains[i].head, 1);
        repeat(&text, chains[i].link, LONG);
        repeat(&text, chains[i].tail, 1);
        round_trip(&c, buf_str(&text), DIALECT_TRINO);
        buf_reset(&text);
    }
    assert_int_equal(c.parsed, ARRAY_LEN(chains));
    assert_int_equal(c.failed, 0);
}

/* Whatever the parser lets nest, the printer prints. */
static void deep_nesting_comes_back(void **state)
{
    static const struct chain nests[] = {
        {"SELECT ", "(SELECT ", ")"},
        {"SELECT ", "1 + (", ")"},
        {"SELECT ", "NOT ", ""},
        {"SELECT ", "- ", ""},
        {"SELECT ", "f(", ")"},
        {"SELECT ", "x -> ", ""},
        {"SELECT ", "CASE WHEN TRUE THEN ", " END"},
        {"SELECT ", "JSON_VALUE(JSON_QUERY(", ", '$'), '$')"},
        {"SELECT ", "sum(1) OVER (PARTITION BY a ORDER BY ", ")"},
        {"SELECT ", "(SELECT 1 FROM b CROSS JOIN (SELECT ", ") AS c)"},
        {"SELECT ", "(WITH a AS (SELECT 1 UNION (SELECT ", ")) SELECT 1)"},
        {"SELECT ", "(SELECT 1 FROM TABLE(f(a => TABLE(SELECT ", "))))"},
        {"EXPLAIN ", "EXPLAIN SELECT ", ""},
    };
    struct counts c = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(nests); i++)
        for (int n = 1; n < 600; n += 19) {
            struct buf text = buf_make(TEXT_MAX);

            repeat(&text, nests[i].head, 1);
            repeat(&text, nests[i].link, n);
            repeat(&text, "1", 1);
            repeat(&text, nests[i].tail, n);
            round_trip(&c, buf_str(&text), DIALECT_TRINO);
            buf_reset(&text);
        }
    assert_true(c.parsed > 4 * ARRAY_LEN(nests));
    assert_int_equal(c.failed, 0);
}

static struct sql_node *negated(struct arena *a, struct sql_node *n, int times)
{
    struct sql_node * not ;

    for (int i = 0; i < times; i++) {
        not = sql_new(a, SQL_NOT, 1);
        not ->kid[0] = n;
        n = not ;
    }
    return n;
}

static void bad_trees_are_refused(void **state)
{
    struct sql_print_options options = {DIALECT_TRINO, true};
    struct arena a = {0};
    struct buf out = buf_make(TEXT_MAX), small = buf_make(10);
    struct error err;
    struct sql_node *null = sql_new(&a, SQL_NULL_LITERAL, 0);

    (void)state;
    assert_int_equal(sql_print(&out, sql_new(&a, SQL_NOT, 1), &options, &err), ERR_INVALID);
    assert_int_equal(sql_print(&out, sql_new(&a, SQL_RETURN, 0), &options, &err), ERR_INVALID);
    assert_int_equal(sql_print(&out, negated(&a, null, 100000), &options, &err), ERR_LIMIT);
    assert_int_equal(sql_print(&out, negated(&a, null, 3), &options, &err), OK);
    assert_true(str_eq(buf_str(&out), STR("NOT NOT NOT NULL")));
    assert_int_equal(sql_print(&small, negated(&a, null, 3), &options, &err), OK);
    assert_true(small.overflow);
    buf_reset(&small);
    buf_reset(&out);
    arena_reset(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_line_is_as_expected),    cmocka_unit_test(pretty_is_as_expected),
        cmocka_unit_test(each_dialect_has_its_words), cmocka_unit_test(long_chains_come_back),
        cmocka_unit_test(deep_nesting_comes_back),    cmocka_unit_test(bad_trees_are_refused),
        cmocka_unit_test(statements_come_back),       cmocka_unit_test(generated_trees_come_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
