/* SPDX-License-Identifier: Apache-2.0 */
/* Statements: which dialect accepts what, where what is refused and in which words, and the trees.
 *
 * tests/data/sql/statements.sql has every production, verdicts.tsv what the real parsers said of
 * the edges. Deletions, doublings and swaps of words of all of these never break the parser. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sql/sql.h"
#include "sql/tree.h"

#define STATEMENTS "tests/data/sql/statements.sql"
#define VERDICTS "tests/data/sql/verdicts.tsv"

/* -- the file of statements */

struct reader {
    FILE *file;
    char *line;
    size_t cap;
    ssize_t n;            /* of the line that waits, -1 at the end */
    enum dialect dialect; /* of the section; DIALECT_NONE: both */
    char statement[8192];
};

static void read_line(struct reader *r)
{
    r->n = getline(&r->line, &r->cap, r->file);
    while (r->n > 0 && r->line[r->n - 1] == '\n')
        r->line[--r->n] = '\0';
}

static void open_reader(struct reader *r)
{
    *r = (struct reader){.file = fopen(STATEMENTS, "r")};
    assert_non_null(r->file);
    read_line(r);
}

static void close_reader(struct reader *r)
{
    fclose(r->file);
    free(r->line);
}

static void note_section(struct reader *r)
{
    if (strcmp(r->line, "-- both") == 0)
        r->dialect = DIALECT_NONE;
    else if (strcmp(r->line, "-- trino") == 0)
        r->dialect = DIALECT_TRINO;
    else if (strcmp(r->line, "-- presto") == 0)
        r->dialect = DIALECT_PRESTO;
}

/* The next statement, with the lines that go on with it. */
static bool next_statement(struct reader *r)
{
    size_t n;

    for (; r->n == 0 || (r->n > 0 && strncmp(r->line, "--", 2) == 0); read_line(r))
        note_section(r);
    if (r->n < 0)
        return false;
    n = (size_t)snprintf(r->statement, sizeof(r->statement), "%s", r->line);
    for (read_line(r); r->n > 0 && (r->line[0] == ' ' || r->line[0] == '\t'); read_line(r))
        n += (size_t)snprintf(r->statement + n, sizeof(r->statement) - n, "\n%s", r->line);
    assert_true(n < sizeof(r->statement));
    return true;
}

/* -- trees */

struct positions {
    const struct sql_node *stack[1000];
    unsigned depth;
    uint32_t end; /* of the statement */
    bool ok;
};

static enum sql_visit enter_node(void *ctx, struct sql_node *n)
{
    struct positions *p = ctx;
    const struct sql_node *parent = p->depth > 0 ? p->stack[p->depth - 1] : NULL;

    if (n->start > n->end || n->end > p->end)
        p->ok = false;
    if (parent != NULL && (n->start < parent->start || n->end > parent->end))
        p->ok = false;
    assert_true(p->depth < 1000);
    p->stack[p->depth++] = n;
    return SQL_VISIT_INTO;
}

static void leave_node(void *ctx, struct sql_node *n)
{
    (void)n;
    ((struct positions *)ctx)->depth--;
}

/* Children lie within their parents, and the root is the whole statement, without the blanks and
 * the comment that check_statement() puts around it. */
static bool positions_fit(const struct sql_statement *s)
{
    struct positions p = {.end = (uint32_t)s->text.n, .ok = true};
    struct sql_visitor v = {enter_node, leave_node, &p};

    sql_walk(s->root, &v, s->arena);
    return p.ok && s->root->start == 2 && s->root->end == s->text.n - 7;
}

static void check_statement(const char *text, enum dialect dialect, bool accepted)
{
    struct arena a = {0};
    struct sql_statement s;
    struct error err = {0};
    int rc = sql_parse(&s, &a, arena_printf(&a, "  %s -- it ", text), dialect, NULL);

    if ((rc == OK) != accepted || (rc == OK && sql_check(s.root, &a, &err) != OK) ||
        (rc == OK && !positions_fit(&s)))
        fail_msg("%s, %s: %u:%u: %.*s%s", dialect_name(dialect), text, s.error.line, s.error.column,
                 STR_ARG(s.error.message), err.text);
    arena_reset(&a);
}

static void test_every_production(void **state)
{
    struct reader r;
    unsigned count = 0;

    (void)state;
    open_reader(&r);
    for (; next_statement(&r); count++) {
        check_statement(r.statement, DIALECT_TRINO, r.dialect != DIALECT_PRESTO);
        check_statement(r.statement, DIALECT_PRESTO, r.dialect != DIALECT_TRINO);
    }
    close_reader(&r);
    assert_true(count >= 370);
}

/* -- verdicts of the real parsers */

static size_t unescape(char *text)
{
    char *to = text;

    for (const char *from = text; *from != '\0'; from++) {
        bool newline = from[0] == '\\' && from[1] == 'n';

        *to++ = newline ? '\n' : *from;
        from += newline;
    }
    *to = '\0';
    return (size_t)(to - text);
}

/* dialect, place, mark, message, statement */
static void check_verdict(char *const column[5])
{
    enum dialect dialect = column[0][0] == 't' ? DIALECT_TRINO : DIALECT_PRESTO;
    struct str text = {column[4], unescape(column[4])};
    struct arena a = {0};
    struct sql_statement s;
    char place[32];

    if (sql_parse(&s, &a, text, dialect, NULL) == OK)
        snprintf(place, sizeof(place), "ok");
    else
        snprintf(place, sizeof(place), "%u:%u", s.error.line, s.error.column);
    if (strcmp(place, column[1]) != 0 ||
        (column[2][0] == '=' &&
         !str_eq(s.error.message, (struct str){column[3], strlen(column[3])})))
        fail_msg("%s, %s: %s %.*s, not %s %s", column[0], column[4], place,
                 STR_ARG(s.error.message), column[1], column[3]);
    arena_reset(&a);
}

static void test_verdicts(void **state)
{
    FILE *f = fopen(VERDICTS, "r");
    char *line = NULL, *rest, *column[5];
    size_t cap = 0;
    unsigned count = 0;

    (void)state;
    assert_non_null(f);
    while (getline(&line, &cap, f) > 0) {
        if (line[0] == '#')
            continue;
        line[strcspn(line, "\n")] = '\0';
        rest = line;
        for (unsigned i = 0; i < 5; i++)
            assert_non_null(column[i] = strsep(&rest, "\t"));
        check_verdict(column);
        count++;
    }
    assert_true(count >= 800);
    free(line);
    fclose(f);
}

/* -- shapes of trees */

#define BOTH DIALECT_NONE

static const struct {
    enum dialect dialect;
    const char *statement, *tree;
} trees[] = {
    {BOTH, "USE c.s", "(use (identifier \"c\") (identifier \"s\"))"},
    {DIALECT_TRINO,
     "CREATE CATALOG IF NOT EXISTS c USING k COMMENT 'x' AUTHORIZATION ROLE r WITH (a = 1)",
     "(create catalog #4000000 (identifier \"c\") (identifier \"k\") (string \"x\") (principal "
     "ROLE (identifier \"r\")) (list (property (identifier \"a\") (integer \"1\"))))"},
    {DIALECT_TRINO, "DROP CATALOG c CASCADE", "(drop CATALOG /CASCADE (identifier \"c\") - -)"},
    {DIALECT_TRINO, "CREATE SCHEMA c.s AUTHORIZATION u WITH (p = DEFAULT)",
     "(create schema (name (identifier \"c\") (identifier \"s\")) (principal (identifier \"u\")) "
     "(list (property (identifier \"p\") (default))))"},
    {BOTH, "ALTER SCHEMA c.s RENAME TO d",
     "(rename SCHEMA (name (identifier \"c\") (identifier \"s\")) (identifier \"d\"))"},
    {DIALECT_TRINO, "ALTER SCHEMA s SET AUTHORIZATION ROLE r",
     "(set authorization (identifier SCHEMA \"SCHEMA\") (name (identifier \"s\")) (principal ROLE "
     "(identifier \"r\")))"},
    {DIALECT_TRINO, "CREATE OR REPLACE TABLE t (a.b integer)",
     "(create table #1000000 (name (identifier \"t\")) (list (column definition (name (identifier "
     "\"a\") (identifier \"b\")) (type (name (identifier \"integer\")) -) - -)) - -)"},
    {BOTH,
     "CREATE TABLE IF NOT EXISTS t (a date NOT NULL COMMENT 'x' WITH (p = 1), LIKE u EXCLUDING "
     "PROPERTIES) COMMENT 'y' WITH (q = 2)",
     "(create table #4000000 (name (identifier \"t\")) (list (column definition #800000 (name "
     "(identifier \"a\")) (type (name (identifier \"date\")) -) (string \"x\") (list (property "
     "(identifier \"p\") (integer \"1\")))) (like clause EXCLUDING (table (name (identifier "
     "\"u\")) -))) (string \"y\") (list (property (identifier \"q\") (integer \"2\"))))"},
    {DIALECT_PRESTO,
     "CREATE TABLE t (a date, CONSTRAINT k PRIMARY KEY (a) ENABLED NOT RELY, UNIQUE (a, b) NOT "
     "ENFORCED)",
     "(create table (name (identifier \"t\")) (list (column definition (name (identifier \"a\")) "
     "(type (name (identifier \"date\")) -) - -) (constraint PRIMARY #11 (identifier \"k\") (list "
     "(identifier \"a\"))) (constraint UNIQUE #40 - (list (identifier \"a\") (identifier \"b\")))) "
     "- -)"},
    {BOTH, "CREATE TABLE t (a) COMMENT 'x' WITH (q = 2) AS TABLE u WITH NO DATA",
     "(create table as #4 (name (identifier \"t\")) (list (identifier \"a\")) (string \"x\") (list "
     "(property (identifier \"q\") (integer \"2\"))) (query - - - (table query (name (identifier "
     "\"u\"))) - - -))"},
    {BOTH, "CREATE TABLE t AS (WITH a AS (TABLE u) TABLE a) WITH DATA",
     "(create table as #81 (name (identifier \"t\")) - - - (query - - (with (list (named query "
     "(identifier \"a\") - (query - - - (table query (name (identifier \"u\"))) - - -)))) (table "
     "query (name (identifier \"a\"))) - - -))"},
    {BOTH, "CREATE OR REPLACE VIEW v SECURITY INVOKER AS TABLE u",
     "(create view /INVOKER #1000000 (name (identifier \"v\")) - - (query - - - (table query (name "
     "(identifier \"u\"))) - - -))"},
    {DIALECT_TRINO, "CREATE VIEW v COMMENT 'x' WITH (p = 1) AS TABLE u",
     "(create view (name (identifier \"v\")) (string \"x\") (list (property (identifier \"p\") "
     "(integer \"1\"))) (query - - - (table query (name (identifier \"u\"))) - - -))"},
    {DIALECT_TRINO,
     "CREATE OR REPLACE MATERIALIZED VIEW v GRACE PERIOD INTERVAL '1' DAY COMMENT 'x' AS TABLE u",
     "(create materialized view #1000000 (name (identifier \"v\")) (interval DAY (string \"1\")) "
     "(string \"x\") - (query - - - (table query (name (identifier \"u\"))) - - -))"},
    {DIALECT_PRESTO, "CREATE MATERIALIZED VIEW IF NOT EXISTS v SECURITY DEFINER AS TABLE u",
     "(create materialized view /DEFINER #4000000 (name (identifier \"v\")) - - - (query - - - "
     "(table query (name (identifier \"u\"))) - - -))"},
    {BOTH, "ALTER TABLE IF EXISTS c.t RENAME TO d.u",
     "(rename TABLE #2000000 (name (identifier \"c\") (identifier \"t\")) (name (identifier \"d\") "
     "(identifier \"u\")))"},
    {BOTH, "ALTER TABLE t RENAME COLUMN IF EXISTS a TO b",
     "(rename column #8000000 (table (name (identifier \"t\")) -) (name (identifier \"a\")) "
     "(identifier \"b\"))"},
    {BOTH, "ALTER TABLE IF EXISTS t ADD COLUMN IF NOT EXISTS a date",
     "(add column #12000000 (table (name (identifier \"t\")) -) (column definition (name "
     "(identifier \"a\")) (type (name (identifier \"date\")) -) - -) -)"},
    {DIALECT_TRINO, "ALTER TABLE t ADD COLUMN a.b date AFTER c",
     "(add column AFTER (table (name (identifier \"t\")) -) (column definition (name (identifier "
     "\"a\") (identifier \"b\")) (type (name (identifier \"date\")) -) - -) (identifier \"c\"))"},
    {BOTH, "ALTER TABLE t DROP COLUMN IF EXISTS a.b",
     "(drop column #8000000 (table (name (identifier \"t\")) -) (name (identifier \"a\") "
     "(identifier \"b\")))"},
    {DIALECT_TRINO, "ALTER TABLE t ALTER COLUMN a.b SET DATA TYPE date",
     "(set column type (table (name (identifier \"t\")) -) (name (identifier \"a\") (identifier "
     "\"b\")) (type (name (identifier \"date\")) -))"},
    {BOTH, "ALTER TABLE t ALTER COLUMN a DROP NOT NULL",
     "(alter not null DROP #20 (table (name (identifier \"t\")) -) (identifier \"a\"))"},
    {DIALECT_PRESTO, "ALTER TABLE t ALTER a SET NOT NULL",
     "(alter not null SET (table (name (identifier \"t\")) -) (identifier \"a\"))"},
    {DIALECT_PRESTO, "ALTER TABLE t ADD UNIQUE (a)",
     "(add constraint (table (name (identifier \"t\")) -) (constraint UNIQUE - (list (identifier "
     "\"a\"))))"},
    {DIALECT_PRESTO, "ALTER TABLE t DROP CONSTRAINT IF EXISTS k",
     "(drop constraint #8000000 (table (name (identifier \"t\")) -) (identifier \"k\"))"},
    {DIALECT_TRINO, "ALTER TABLE t SET PROPERTIES a = DEFAULT, b = 1",
     "(set properties TABLE (name (identifier \"t\")) (list (property (identifier \"a\") "
     "(default)) (property (identifier \"b\") (integer \"1\"))))"},
    {DIALECT_PRESTO, "ALTER TABLE IF EXISTS t SET PROPERTIES (a = 1)",
     "(set properties TABLE #2000000 (name (identifier \"t\")) (list (property (identifier \"a\") "
     "(integer \"1\"))))"},
    {DIALECT_TRINO, "ALTER TABLE t SET AUTHORIZATION USER u",
     "(set authorization (identifier TABLE \"TABLE\") (name (identifier \"t\")) (principal USER "
     "(identifier \"u\")))"},
    {DIALECT_TRINO, "ALTER TABLE t EXECUTE p",
     "(alter table execute (table (name (identifier \"t\")) -) (identifier \"p\") - -)"},
    {DIALECT_TRINO, "ALTER TABLE t EXECUTE p() WHERE a",
     "(alter table execute (table (name (identifier \"t\")) -) (identifier \"p\") (list) "
     "(identifier \"a\"))"},
    {DIALECT_TRINO, "ALTER TABLE t EXECUTE p(1, a => 2)",
     "(alter table execute (table (name (identifier \"t\")) -) (identifier \"p\") (list (argument "
     "- (integer \"1\")) (argument (identifier \"a\") (integer \"2\"))) -)"},
    {DIALECT_TRINO, "ALTER thing t SET AUTHORIZATION u",
     "(set authorization (identifier \"thing\") (name (identifier \"t\")) (principal (identifier "
     "\"u\")))"},
    {DIALECT_TRINO, "ALTER MATERIALIZED VIEW IF EXISTS v RENAME TO c.w",
     "(rename MATERIALIZED #2000000 (name (identifier \"v\")) (name (identifier \"c\") (identifier "
     "\"w\")))"},
    {DIALECT_TRINO, "ALTER MATERIALIZED VIEW v SET PROPERTIES a = 1",
     "(set properties MATERIALIZED (name (identifier \"v\")) (list (property (identifier \"a\") "
     "(integer \"1\"))))"},
    {DIALECT_TRINO, "ALTER materialized view SET AUTHORIZATION u",
     "(set authorization (identifier \"materialized\") (name (identifier \"view\")) (principal "
     "(identifier \"u\")))"},
    {DIALECT_PRESTO, "ALTER VIEW IF EXISTS v RENAME TO c.w",
     "(rename VIEW #2000000 (name (identifier \"v\")) (name (identifier \"c\") (identifier "
     "\"w\")))"},
    {DIALECT_TRINO, "COMMENT ON COLUMN t.a IS NULL",
     "(comment COLUMN (name (identifier \"t\") (identifier \"a\")) (null))"},
    {DIALECT_TRINO, "COMMENT ON TABLE t IS 'x'",
     "(comment TABLE (name (identifier \"t\")) (string \"x\"))"},
    {BOTH, "DROP MATERIALIZED VIEW IF EXISTS c.v",
     "(drop MATERIALIZED #2000000 (name (identifier \"c\") (identifier \"v\")) - -)"},
    {DIALECT_TRINO, "DROP ROLE IF EXISTS r IN c",
     "(drop ROLE #2000000 (identifier \"r\") - (identifier \"c\"))"},
    {BOTH, "INSERT INTO t (a, b) TABLE u",
     "(insert (table (name (identifier \"t\")) -) (list (identifier \"a\") (identifier \"b\")) "
     "(query - - - (table query (name (identifier \"u\"))) - - -))"},
    {BOTH, "INSERT INTO t (TABLE u)",
     "(insert (table (name (identifier \"t\")) -) - (query - - - (nested query (query - - - (table "
     "query (name (identifier \"u\"))) - - -)) - - -))"},
    {BOTH, "DELETE FROM t WHERE a",
     "(delete (table (name (identifier \"t\")) -) (identifier \"a\"))"},
    {BOTH, "UPDATE t SET a = 1, b = 2 WHERE c",
     "(update (table (name (identifier \"t\")) -) (list (assignment (identifier \"a\") (integer "
     "\"1\")) (assignment (identifier \"b\") (integer \"2\"))) (identifier \"c\"))"},
    {DIALECT_TRINO,
     "MERGE INTO t AS x USING u ON a WHEN MATCHED AND b THEN UPDATE SET c = 1 WHEN MATCHED THEN "
     "DELETE WHEN NOT MATCHED AND d THEN INSERT (e) VALUES (2)",
     "(merge (table (name (identifier \"t\")) -) (identifier \"x\") (table (name (identifier "
     "\"u\")) -) (identifier \"a\") (list (merge update (identifier \"b\") (list (assignment "
     "(identifier \"c\") (integer \"1\")))) (merge delete -) (merge insert (identifier \"d\") "
     "(list (identifier \"e\")) (list (integer \"2\")))))"},
    {BOTH, "MERGE INTO t USING u v ON a WHEN NOT MATCHED THEN INSERT VALUES (1, 2)",
     "(merge (table (name (identifier \"t\")) -) - (aliased relation (table (name (identifier "
     "\"u\")) -) (identifier \"v\") -) (identifier \"a\") (list (merge insert - - (list (integer "
     "\"1\") (integer \"2\")))))"},
    {BOTH, "TRUNCATE TABLE t", "(truncate (table (name (identifier \"t\")) -))"},
    {BOTH, "ANALYZE t WITH (a = 1)",
     "(analyze (table (name (identifier \"t\")) -) (list (property (identifier \"a\") (integer "
     "\"1\"))))"},
    {BOTH, "CALL c.p(1, a => 2)",
     "(call (name (identifier \"c\") (identifier \"p\")) (list (argument - (integer \"1\")) "
     "(argument (identifier \"a\") (integer \"2\"))))"},
    {DIALECT_PRESTO, "REFRESH MATERIALIZED VIEW v WHERE a",
     "(refresh materialized view (name (identifier \"v\")) (identifier \"a\"))"},
    {DIALECT_TRINO, "SHOW FUNCTIONS FROM c.s LIKE 'a' ESCAPE 'b'",
     "(show FUNCTIONS (name (identifier \"c\") (identifier \"s\")) (string \"a\") (string \"b\") "
     "-)"},
    {BOTH, "SHOW SCHEMAS IN c", "(show SCHEMAS (identifier \"c\") - - -)"},
    {BOTH, "SHOW CURRENT ROLES FROM c", "(show ROLES #1 (identifier \"c\") - - -)"},
    {DIALECT_TRINO, "SHOW GRANTS ON SCHEMA s",
     "(show GRANTS (grant object (identifier SCHEMA \"SCHEMA\") (name (identifier \"s\"))) - - -)"},
    {DIALECT_TRINO, "SHOW GRANTS ON thing c.s",
     "(show GRANTS (grant object (identifier \"thing\") (name (identifier \"c\") (identifier "
     "\"s\"))) - - -)"},
    {BOTH, "SHOW STATS FOR (SELECT a)",
     "(show STATS - - - (query - - - (select (list (select item (identifier \"a\") -)) - - - - -) "
     "- - -))"},
    {DIALECT_PRESTO, "SHOW CREATE FUNCTION f(date, varchar(3))",
     "(show create FUNCTION (name (identifier \"f\")) (list (type (name (identifier \"date\")) -) "
     "(type (name (identifier \"varchar\")) (list (integer \"3\")))))"},
    {BOTH, "DESC t", "(show COLUMNS #20 (name (identifier \"t\")) - - -)"},
    {BOTH, "DESCRIBE INPUT p", "(describe prepared INPUT (identifier \"p\"))"},
    {BOTH, "EXPLAIN (TYPE IO, FORMAT JSON) TABLE t",
     "(explain (list (explain option TYPE /IO) (explain option FORMAT /JSON)) (query - - - (table "
     "query (name (identifier \"t\"))) - - -))"},
    {BOTH, "EXPLAIN ANALYZE VERBOSE TABLE t",
     "(explain #5 - (query - - - (table query (name (identifier \"t\"))) - - -))"},
    {DIALECT_PRESTO, "EXPLAIN ANALYZE VERBOSE (TYPE IO) TABLE t",
     "(explain #5 (list (explain option TYPE /IO)) (query - - - (table query (name (identifier "
     "\"t\"))) - - -))"},
    {DIALECT_TRINO, "EXPLAIN ANALYZE commit",
     "(explain - (analyze (table (name (identifier \"commit\")) -) -))"},
    {DIALECT_PRESTO, "EXPLAIN ANALYZE commit", "(explain #1 - (commit))"},
    {BOTH, "SET SESSION c.a = 1",
     "(set session (name (identifier \"c\") (identifier \"a\")) (integer \"1\"))"},
    {DIALECT_TRINO, "SET SESSION AUTHORIZATION 'x'", "(set session authorization (string \"x\"))"},
    {DIALECT_TRINO, "RESET SESSION AUTHORIZATION", "(reset session authorization)"},
    {DIALECT_PRESTO, "RESET SESSION AUTHORIZATION",
     "(reset session (name (identifier \"AUTHORIZATION\")))"},
    {DIALECT_TRINO, "SET PATH a.b, c",
     "(set path (list (name (identifier \"a\") (identifier \"b\")) (name (identifier \"c\"))))"},
    {DIALECT_TRINO, "SET TIME ZONE LOCAL", "(set time zone -)"},
    {DIALECT_TRINO, "SET TIME ZONE LOCAL || 'x'",
     "(set time zone (arithmetic || (identifier \"LOCAL\") (string \"x\")))"},
    {BOTH, "START TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
     "(start transaction (list (transaction mode ISOLATION /REPEATABLE) (transaction mode READ "
     "/ONLY)))"},
    {BOTH, "PREPARE p FROM DELETE FROM t WHERE a = ?",
     "(prepare (identifier \"p\") (delete (table (name (identifier \"t\")) -) (comparison = "
     "(identifier \"a\") (parameter 0))))"},
    {BOTH, "EXECUTE p USING 1, 2",
     "(execute (identifier \"p\") (list (integer \"1\") (integer \"2\")))"},
    {DIALECT_TRINO, "EXECUTE IMMEDIATE 'SELECT ?' USING 1",
     "(execute immediate (string \"SELECT ?\") (list (integer \"1\")))"},
    {BOTH, "GRANT SELECT, x ON TABLE t TO ROLE r WITH GRANT OPTION",
     "(grant #1 (list (identifier SELECT \"SELECT\") (identifier \"x\")) (grant object (identifier "
     "TABLE \"TABLE\") (name (identifier \"t\"))) (list (principal ROLE (identifier \"r\"))))"},
    {DIALECT_TRINO, "GRANT CREATE ON SCHEMA s TO u",
     "(grant (list (identifier CREATE \"CREATE\")) (grant object (identifier SCHEMA \"SCHEMA\") "
     "(name (identifier \"s\"))) (list (principal (identifier \"u\"))))"},
    {BOTH, "GRANT ALL PRIVILEGES ON t TO u",
     "(grant - (grant object - (name (identifier \"t\"))) (list (principal (identifier \"u\"))))"},
    {DIALECT_TRINO, "GRANT r, s TO USER u WITH ADMIN OPTION GRANTED BY CURRENT_USER IN c",
     "(grant roles #1 (list (identifier \"r\") (identifier \"s\")) (list (principal USER "
     "(identifier \"u\"))) (principal CURRENT_USER -) (identifier \"c\"))"},
    {BOTH, "REVOKE GRANT OPTION FOR SELECT ON t FROM u",
     "(revoke #1 (list (identifier SELECT \"SELECT\")) (grant object - (name (identifier \"t\"))) "
     "(list (principal (identifier \"u\"))))"},
    {BOTH, "REVOKE ADMIN OPTION FOR r FROM u",
     "(revoke roles #1 (list (identifier \"r\")) (list (principal (identifier \"u\"))) - -)"},
    {DIALECT_TRINO, "DENY UPDATE ON t TO u",
     "(deny (list (identifier UPDATE \"UPDATE\")) (grant object - (name (identifier \"t\"))) (list "
     "(principal (identifier \"u\"))))"},
    {BOTH, "CREATE ROLE r WITH ADMIN CURRENT_ROLE",
     "(create role (identifier \"r\") (principal CURRENT_ROLE -) -)"},
    {BOTH, "SET ROLE NONE", "(set role NONE - -)"},
    {DIALECT_TRINO,
     "CREATE FUNCTION f(a date, double precision) RETURNS date LANGUAGE SQL NOT DETERMINISTIC "
     "RETURNS NULL ON NULL INPUT SECURITY DEFINER COMMENT 'x' WITH (p = 1) RETURN a",
     "(create function (function (name (identifier \"f\")) (list (parameter declaration "
     "(identifier \"a\") (type (name (identifier \"date\")) -)) (parameter declaration (identifier "
     "\"double\") (type (name (identifier \"precision\")) -))) (type (name (identifier \"date\")) "
     "-) - (list (routine characteristic LANGUAGE (identifier \"SQL\")) (routine characteristic "
     "DETERMINISTIC #2 -) (routine characteristic RETURNS -) (routine characteristic SECURITY "
     "/DEFINER -) (routine characteristic COMMENT (string \"x\")) (routine characteristic WITH "
     "(list (property (identifier \"p\") (integer \"1\"))))) (return (identifier \"a\"))))"},
    {DIALECT_PRESTO,
     "CREATE OR REPLACE TEMPORARY FUNCTION f(a date) RETURNS date COMMENT 'x' CALLED ON NULL INPUT "
     "EXTERNAL NAME g",
     "(create function #1400000 (function (name (identifier \"f\")) (list (parameter declaration "
     "(identifier \"a\") (type (name (identifier \"date\")) -))) (type (name (identifier "
     "\"date\")) -) (string \"x\") (list (routine characteristic CALLED -)) (external body "
     "(identifier \"g\"))))"},
    {DIALECT_PRESTO, "ALTER FUNCTION f(date) CALLED ON NULL INPUT",
     "(alter function (name (identifier \"f\")) (list (type (name (identifier \"date\")) -)) (list "
     "(routine characteristic CALLED -)))"},
    {DIALECT_TRINO, "DROP FUNCTION IF EXISTS f(date)",
     "(drop FUNCTION #2000000 (name (identifier \"f\")) (list (parameter declaration - (type (name "
     "(identifier \"date\")) -))) -)"},
    {DIALECT_PRESTO, "DROP FUNCTION IF EXISTS f(date)",
     "(drop FUNCTION #2000000 (name (identifier \"f\")) (list (type (name (identifier \"date\")) "
     "-)) -)"},
    {DIALECT_PRESTO, "DROP TEMPORARY FUNCTION f",
     "(drop FUNCTION #400000 (name (identifier \"f\")) - -)"},
    {DIALECT_PRESTO, "CREATE TYPE t AS (a date)",
     "(create type (name (identifier \"t\")) (list (parameter declaration (identifier \"a\") (type "
     "(name (identifier \"date\")) -))) -)"},
    {DIALECT_PRESTO, "CREATE TYPE t AS date",
     "(create type (name (identifier \"t\")) - (type (name (identifier \"date\")) -))"},
    {DIALECT_TRINO,
     "CREATE FUNCTION f() RETURNS date BEGIN DECLARE a, b date DEFAULT c; SET a = b; RETURN a; END",
     "(create function (function (name (identifier \"f\")) (list) (type (name (identifier "
     "\"date\")) -) - (list) (block (list (declare (list (identifier \"a\") (identifier \"b\")) "
     "(type (name (identifier \"date\")) -) (identifier \"c\"))) (list (assignment (identifier "
     "\"a\") (identifier \"b\")) (return (identifier \"a\"))))))"},
    {DIALECT_TRINO,
     "CREATE FUNCTION f() RETURNS date BEGIN IF a THEN RETURN 1; ELSEIF b THEN RETURN 2; ELSE "
     "RETURN 3; END IF; END",
     "(create function (function (name (identifier \"f\")) (list) (type (name (identifier "
     "\"date\")) -) - (list) (block (list) (list (if statement (list (when clause (identifier "
     "\"a\") (list (return (integer \"1\")))) (when clause (identifier \"b\") (list (return "
     "(integer \"2\"))))) (list (return (integer \"3\"))))))))"},
    {DIALECT_TRINO,
     "CREATE FUNCTION f() RETURNS date BEGIN CASE a WHEN 1 THEN RETURN 1; ELSE RETURN 2; END CASE; "
     "CASE WHEN a THEN RETURN 3; END CASE; END",
     "(create function (function (name (identifier \"f\")) (list) (type (name (identifier "
     "\"date\")) -) - (list) (block (list) (list (case statement (identifier \"a\") (list (when "
     "clause (integer \"1\") (list (return (integer \"1\"))))) (list (return (integer \"2\")))) "
     "(case statement - (list (when clause (identifier \"a\") (list (return (integer \"3\"))))) "
     "-)))))"},
    {DIALECT_TRINO,
     "CREATE FUNCTION f() RETURNS date BEGIN x: LOOP ITERATE x; LEAVE x; END LOOP; WHILE a DO "
     "BEGIN END; END WHILE; y: REPEAT SET a = 1; UNTIL b END REPEAT; END",
     "(create function (function (name (identifier \"f\")) (list) (type (name (identifier "
     "\"date\")) -) - (list) (block (list) (list (loop (identifier \"x\") (list (iterate "
     "(identifier \"x\")) (leave (identifier \"x\")))) (while - (identifier \"a\") (list (block "
     "(list) (list)))) (repeat (identifier \"y\") (list (assignment (identifier \"a\") (integer "
     "\"1\"))) (identifier \"b\"))))))"},
    {DIALECT_TRINO, "WITH SESSION c.a = 1 WITH FUNCTION f() RETURNS date RETURN a TABLE t",
     "(query (list (property (name (identifier \"c\") (identifier \"a\")) (integer \"1\"))) (list "
     "(function (name (identifier \"f\")) (list) (type (name (identifier \"date\")) -) - (list) "
     "(return (identifier \"a\")))) - (table query (name (identifier \"t\"))) - - -)"},
};

static void check_tree(const char *text, enum dialect dialect, const char *tree)
{
    struct buf out = buf_make(1 << 20);
    struct arena a = {0};
    struct sql_statement s;

    assert_int_equal(sql_parse(&s, &a, (struct str){text, strlen(text)}, dialect, NULL), OK);
    sql_dump(&out, s.root);
    if (!str_eq(buf_str(&out), (struct str){tree, strlen(tree)}))
        fail_msg("%s, %s: %.*s", dialect_name(dialect), text, STR_ARG(buf_str(&out)));
    buf_reset(&out);
    arena_reset(&a);
}

static void test_trees(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++) {
        if (trees[i].dialect != DIALECT_PRESTO)
            check_tree(trees[i].statement, DIALECT_TRINO, trees[i].tree);
        if (trees[i].dialect != DIALECT_TRINO)
            check_tree(trees[i].statement, DIALECT_PRESTO, trees[i].tree);
    }
}

/* -- broken statements */

/* Parses a statement of which the tokens from..to are left out, or written twice, and checks that
 * an error lies within the text. */
static void parse_broken(const struct sql_statement *s, uint32_t token, bool twice)
{
    const struct sql_token *t = &s->tokens[token];
    char text[2 * 8192];
    struct arena a = {0};
    struct sql_statement broken;
    int n =
        snprintf(text, sizeof(text), "%.*s %.*s %s", (int)(twice ? t->end : t->start), s->text.p,
                 (int)(twice ? t->end - t->start : 0), s->text.p + t->start, s->text.p + t->end);

    if (sql_parse(&broken, &a, (struct str){text, (size_t)n}, s->dialect, NULL) == OK)
        assert_non_null(broken.root);
    else
        assert_true(broken.error.line > 0 && broken.error.offset <= (uint32_t)n &&
                    broken.error.message.n > 0);
    arena_reset(&a);
}

static void test_broken(void **state)
{
    struct reader r;

    (void)state;
    open_reader(&r);
    while (next_statement(&r)) {
        for (enum dialect d = DIALECT_PRESTO; d <= DIALECT_TRINO; d++) {
            struct str text = {r.statement, strlen(r.statement)};
            struct arena a = {0};
            struct sql_statement s;

            assert_true(sql_parse(&s, &a, text, d, NULL) == OK || s.error.line > 0);
            for (uint32_t i = 0; i + 1 < s.token_count; i++) {
                parse_broken(&s, i, false);
                parse_broken(&s, i, true);
            }
            arena_reset(&a);
        }
    }
    close_reader(&r);
}

/* -- depth */

static void test_depth(void **state)
{
    static char text[64 * 1024];
    struct arena a = {0};
    struct sql_statement s;
    size_t n = 0;

    (void)state;
    while (n + 16 < sizeof(text))
        n += (size_t)snprintf(text + n, sizeof(text) - n, "EXPLAIN ");
    assert_int_equal(sql_parse(&s, &a, (struct str){text, n}, DIALECT_TRINO, NULL), ERR_LIMIT);
    n = (size_t)snprintf(text, sizeof(text), "CREATE FUNCTION f() RETURNS x ");
    while (n + 16 < sizeof(text))
        n += (size_t)snprintf(text + n, sizeof(text) - n, "BEGIN ");
    assert_int_equal(sql_parse(&s, &a, (struct str){text, n}, DIALECT_TRINO, NULL), ERR_LIMIT);
    arena_reset(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_production),
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_trees),
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_depth),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
