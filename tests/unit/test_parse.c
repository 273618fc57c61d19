/* SPDX-License-Identifier: Apache-2.0 */
/* The parser's machinery, queries and expressions: trees as sql_dump() writes them, errors in the
 * coordinators' words (asked of Trino 476 and Presto 0.296), limits and time. */
#include "sql/sql.h"
#include "sql/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define T DIALECT_TRINO
#define P DIALECT_PRESTO
#define BOTH DIALECT_NONE

struct row {
    enum dialect dialect;
    const char *sql, *expected;
};

/* -- trees: of an expression, the item's value alone */

static const struct row expressions[] = {
    {BOTH, "1 + 2 * 3 - 4",
     "(arithmetic - (arithmetic + (integer \"1\") (arithmetic * (integer \"2\") (integer \"3\"))) "
     "(integer \"4\"))"},
    {BOTH, "a || b + c AT TIME ZONE 'x'",
     "(arithmetic || (identifier \"a\") (arithmetic + (identifier \"b\") (at time zone (identifier "
     "\"c\") (string \"x\"))))"},
    {BOTH, "(a + b) * c",
     "(arithmetic * (arithmetic + (identifier \"a\") (identifier \"b\")) (identifier \"c\"))"},
    {T, "-1", "(integer #4 \"1\")"},
    {P, "-1", "(unary - (integer \"1\"))"},
    {BOTH, "NOT a AND b OR c",
     "(or (list (and (list (not (identifier \"a\")) (identifier \"b\"))) (identifier \"c\")))"},
    {BOTH, "a BETWEEN 1 AND 2 AND b",
     "(and (list (between (identifier \"a\") (integer \"1\") (integer \"2\")) (identifier "
     "\"b\")))"},
    {T, "a BETWEEN () -> b AND c",
     "(between (identifier \"a\") (lambda (list) (identifier \"b\")) (identifier \"c\"))"},
    {BOTH, "a NOT IN (1, 2)",
     "(in list #2 (identifier \"a\") (list (integer \"1\") (integer \"2\")))"},
    {BOTH, "a IN ((TABLE t))",
     "(in list (identifier \"a\") (list (subquery (query - - - (table query (name (identifier "
     "\"t\"))) - - -))))"},
    {BOTH, "a IN ((TABLE t) UNION TABLE u)",
     "(in query (identifier \"a\") (query - - - (set operation UNION (nested query (query - - - "
     "(table query (name (identifier \"t\"))) - - -)) (table query (name (identifier \"u\"))) -) - "
     "- -))"},
    {BOTH, "((TABLE t), 1)",
     "(row (list (subquery (query - - - (table query (name (identifier \"t\"))) - - -)) (integer "
     "\"1\")))"},
    {BOTH, "((TABLE t) LIMIT 1)",
     "(subquery (query - - - (nested query (query - - - (table query (name (identifier \"t\"))) - "
     "- "
     "-)) - - (limit (integer \"1\"))))"},
    {BOTH, "((TABLE t) + 1)",
     "(arithmetic + (subquery (query - - - (table query (name (identifier \"t\"))) - - -)) "
     "(integer "
     "\"1\"))"},
    {BOTH, "a = ALL (TABLE t)",
     "(quantified comparison = /ALL (identifier \"a\") (query - - - (table query (name (identifier "
     "\"t\"))) - - -))"},
    {BOTH, "a = ALL (b)",
     "(comparison = (identifier \"a\") (function call (name (identifier \"ALL\")) (list "
     "(identifier "
     "\"b\")) - - -))"},
    {BOTH, "x -> x", "(lambda (list (identifier \"x\")) (identifier \"x\"))"},
    {BOTH, "(x, y) -> x",
     "(lambda (list (identifier \"x\") (identifier \"y\")) (identifier \"x\"))"},
    {BOTH, "(x, y)", "(row (list (identifier \"x\") (identifier \"y\")))"},
    {BOTH, "ROW(x)", "(row #20 (list (identifier \"x\")))"},
    {BOTH, "a.b.c",
     "(dereference (dereference (identifier \"a\") (identifier \"b\")) (identifier \"c\"))"},
    {BOTH, "a.b(c)[1].d",
     "(dereference (subscript (function call (name (identifier \"a\") (identifier \"b\")) (list "
     "(identifier \"c\")) - - -) (integer \"1\")) (identifier \"d\"))"},
    {BOTH, "DATE '2020-01-01'",
     "(typed literal (type (name (identifier \"DATE\")) -) (string \"2020-01-01\"))"},
    {BOTH, "INTERVAL '1' DAY", "(interval DAY (string \"1\"))"},
    {BOTH, "INTERVAL '1'",
     "(typed literal (type (name (identifier \"INTERVAL\")) -) (string \"1\"))"},
    {BOTH, "interval + 1", "(arithmetic + (identifier \"interval\") (integer \"1\"))"},
    {BOTH, "POSITION(a IN b)", "(position (identifier \"a\") (identifier \"b\"))"},
    {BOTH, "position(a, b)",
     "(function call (name (identifier \"position\")) (list (identifier \"a\") (identifier \"b\")) "
     "- - -)"},
    {BOTH, "U&'d\\0061t\\+000061'", "(string #10 \"data\")"},
    {BOTH, "U&'!0061!!' UESCAPE '!'", "(string #10 \"a!\")"},
    {BOTH, "X'0a Ff'", "(binary \"0aFf\")"},
    {T, "f(*)", "(function call #200 (name (identifier \"f\")) (list) - - -)"},
    {T, "a OVER w", "(measure (identifier \"a\") (window name (identifier \"w\")))"},
    {T, "trim(LEADING 'x' FROM y)", "(trim LEADING (identifier \"y\") (string \"x\"))"},
    {P, "trim(x)", "(function call (name (identifier \"trim\")) (list (identifier \"x\")) - - -)"},
    {BOTH, "CAST(a AS ROW(x bigint))",
     "(cast (identifier \"a\") (row type (list (row field (identifier \"x\") (type (name "
     "(identifier \"bigint\")) -)))))"},
    {T, "CAST(a AS TIMESTAMP(3) WITH TIME ZONE)",
     "(cast (identifier \"a\") (time type TIMESTAMP #40000 (integer \"3\")))"},
    {P, "CAST(a AS timestamp with time zone)",
     "(cast (identifier \"a\") (time type TIMESTAMP #40000 -))"},
};

static char *dump(struct arena *a, const struct sql_node *n)
{
    struct buf out = buf_make(65536);
    struct str copy;

    sql_dump(&out, n);
    copy = arena_str(a, buf_str(&out));
    buf_reset(&out);
    return (char *)(uintptr_t)copy.p;
}

/* The value of the only item of "SELECT ..." */
static void check_expression(const struct row *row, enum dialect dialect)
{
    struct arena a = {0};
    struct sql_statement s;
    struct str sql = arena_printf(&a, "SELECT %s", row->sql);
    const struct sql_node *items;

    if (sql_parse(&s, &a, sql, dialect, NULL) != OK)
        fail_msg("%s: %u: %.*s", row->sql, s.error.column, STR_ARG(s.error.message));
    items = s.root->kid[SQL_QUERY_BODY]->kid[SQL_SELECT_ITEMS];
    assert_int_equal(items->count, 1);
    assert_null(items->kid[0]->kid[SQL_ITEM_ALIAS]);
    assert_string_equal(dump(&a, items->kid[0]->kid[SQL_ITEM_VALUE]), row->expected);
    assert_int_equal(items->kid[0]->end, sql.n);
    arena_reset(&a);
}

static void test_expressions(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(expressions); i++) {
        if (expressions[i].dialect != P)
            check_expression(&expressions[i], T);
        if (expressions[i].dialect != T)
            check_expression(&expressions[i], P);
    }
}

/* -- words that are not reserved, as names and as more; whole statements */

static const struct row accepted[] = {
    {BOTH, "SELECT all FROM t LIMIT 5", ""},
    {BOTH, "SELECT ALL a, b limit FROM t offset", ""},
    {BOTH, "SELECT a at FROM t at", ""},
    {BOTH, "SELECT a over, b filter FROM t tablesample", ""},
    {T, "SELECT a window FROM t window WINDOW w AS ()", ""},
    {T, "SELECT a FROM t match_recognize (a, b)", ""},
    {T, "SELECT x OVER limit FROM t", ""},
    {T, "SELECT a over LIMIT 5", ""},
    {T, "WITH function AS (TABLE t) TABLE function", ""},
    {T, "WITH session AS (TABLE t) TABLE session", ""},
    {BOTH, "SELECT * FROM a JOIN b JOIN c ON true ON true", ""},
    {BOTH, "SELECT * FROM ((TABLE a) b CROSS JOIN c)", ""},
    {BOTH, "SELECT * FROM ((TABLE a) UNION TABLE b)", ""},
    {BOTH, "SELECT * FROM lateral", ""},
    {BOTH, "SELECT 1 GROUP BY (a), (a, b), (a) + 1, (), ROLLUP (a), GROUPING SETS ((a), ())", ""},
    {T, "SELECT t.*, (f(x)).* AS (a, b) FROM t", ""},
    {T, "SELECT json_object(key : 1, KEY a VALUE b, value value value)", ""},
    {T, "SELECT f(a) OVER (rows ROWS CURRENT ROW), f(b) OVER (partition PARTITION BY c)", ""},
    {BOTH, "SELECT \xc3\xa4 FROM t", NULL},
    {T, "SELECT (a).*, b FROM t", ""},
    {P, "SELECT (a).*, b FROM t", NULL},
    {BOTH, "SELECT 1 + a.* FROM t", NULL},
};

static void check_accepted(const struct row *row, enum dialect dialect)
{
    struct arena a = {0};
    struct sql_statement s;
    int rc = sql_parse(&s, &a, str_c(row->sql), dialect, NULL);

    if ((rc == OK) != (row->expected != NULL))
        fail_msg("%s: %u: %.*s", row->sql, s.error.column, STR_ARG(s.error.message));
    arena_reset(&a);
}

static void test_accepted(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(accepted); i++) {
        if (accepted[i].dialect != P)
            check_accepted(&accepted[i], T);
        if (accepted[i].dialect != T)
            check_accepted(&accepted[i], P);
    }
}

/* -- errors: "line:column: message" */

static const struct row errors[] = {
    {T, "SELECT a FROM",
     "1:14: mismatched input '<EOF>'. Expecting: '(', 'JSON_TABLE', 'LATERAL', 'TABLE', 'UNNEST', "
     "<identifier>"},
    {T, "SELECT a FROM t WHERE", "1:22: mismatched input '<EOF>'. Expecting: <expression>"},
    {T, "SELECT a b c",
     "1:12: mismatched input 'c'. Expecting: ',', 'EXCEPT', 'FETCH', 'FROM', 'GROUP', 'HAVING', "
     "'INTERSECT', 'LIMIT', 'OFFSET', 'ORDER', 'UNION', 'WHERE', 'WINDOW', <EOF>"},
    {T, "SELECT a FROM t WHERE a IN (1, )",
     "1:25: mismatched input 'IN'. Expecting: 'AND', 'EXCEPT', 'FETCH', 'GROUP', 'HAVING', "
     "'INTERSECT', 'LIMIT', 'OFFSET', 'OR', 'ORDER', 'UNION', 'WINDOW', <EOF>"},
    {T, "SELECT a FROM t ORDER BY a b",
     "1:28: mismatched input 'b'. Expecting: '%', '*', '+', ',', '-', '.', '/', 'AND', 'ASC', "
     "'AT', 'DESC', 'FETCH', 'LIMIT', 'NULLS', 'OFFSET', 'OR', '[', '||', <EOF>, <predicate>"},
    {T, "SELECT\n  1a",
     "2:3: identifiers must not start with a digit; surround the identifier with double quotes"},
    {T, "SELECT `a`",
     "1:8: backquoted identifiers are not supported; use double quotes to quote identifiers"},
    {T, "SELECT \"\"", "1:8: Zero-length delimited identifier not allowed"},
    {T, "SELECT 'abc",
     "1:8: mismatched input '''. Expecting: '*', 'ALL', 'DISTINCT', <expression>"},
    {T, "SELECT X'0'", "1:8: Binary literal must contain an even number of digits"},
    {T, "SELECT X'0g'", "1:8: Binary literal can only contain hexadecimal digits"},
    {T, "SELECT U&'\\00'", "1:8: Incomplete escape sequence: 00"},
    {T, "SELECT U&'\\d800'",
     "1:8: Invalid escaped character: d800. Escaped character is a surrogate. Use '\\+123456' "
     "instead."},
    {T, "SELECT U&'x' UESCAPE ''", "1:8: Empty Unicode escape character"},
    {T, "SELECT 99999999999999999999", "1:8: Invalid numeric literal: 99999999999999999999"},
    {T, "SELECT CAST(a AS )", "1:18: mismatched input ')'. Expecting: <type>"},
    {T, "SELECT f(a b)",
     "1:12: mismatched input 'b'. Expecting: '%', '(', ')', '*', '+', ',', '-', '->', '.', '/', "
     "'AND', 'AT', 'OR', 'ORDER', 'OVER', '[', '||', <predicate>, <string>"},
    {T, "SELECT CASE a END",
     "1:15: mismatched input 'END'. Expecting: '%', '(', '*', '+', '-', '->', '.', '/', 'AND', "
     "'AT', 'OR', 'OVER', 'WHEN', '[', '||', <predicate>, <string>"},
    {T, "SELECT EXTRACT(CENTURY FROM d)",
     "1:8: Invalid EXTRACT field CENTURY, valid fields are: YEAR, QUARTER, MONTH, WEEK, DAY, "
     "DAY_OF_MONTH, DAY_OF_WEEK, DOW, DAY_OF_YEAR, DOY, YEAR_OF_WEEK, YOW, HOUR, MINUTE, SECOND, "
     "TIMEZONE_MINUTE, TIMEZONE_HOUR"},
    {T, "SELECT trim(FROM a)",
     "1:8: The 'trim' function must have specification, char or both arguments when it takes FROM"},
    {T, "SELECT if(a)", "1:8: Invalid number of arguments for 'if' function"},
    {T, "SELECT coalesce(a)", "1:8: The 'coalesce' function must have at least two arguments"},
    {T, "SELECT nullif(a, b, c)", "1:8: Invalid number of arguments for 'nullif' function"},
    {T, "SELECT x 'a'",
     "1:8: Spaces are not allowed between 'X' and the starting quote of a binary literal"},
    {T, "SELECT f(*) FILTER (x)", "1:21: mismatched input 'x'. Expecting: 'WHERE'"},
    {T, "SELECT * FROM t JOIN u", "1:23: mismatched input '<EOF>'. Expecting: 'ON', 'USING'"},
    {T, "SELECT * FROM t LIMIT x y",
     "1:23: mismatched input 'x'. Expecting: '(', ',', 'CROSS', 'EXCEPT', 'FETCH', 'FULL', "
     "'GROUP', 'HAVING', 'INNER', 'INTERSECT', 'JOIN', 'LEFT', 'LIMIT', 'MATCH_RECOGNIZE', "
     "'NATURAL', 'OFFSET', 'ORDER', 'RIGHT', 'TABLESAMPLE', 'UNION', 'WHERE', 'WINDOW', <EOF>"},
    {T, "SELECT (1",
     "1:10: mismatched input '<EOF>'. Expecting: '%', ')', '*', '+', ',', '-', '.', '/', 'AND', "
     "'AT', 'OR', '[', '||', <predicate>"},
    {T, "(SELECT 1",
     "1:10: mismatched input '<EOF>'. Expecting: '%', ')', '*', '+', ',', '-', '.', '/', 'AND', "
     "'AS', 'AT', 'EXCEPT', 'FETCH', 'FROM', 'GROUP', 'HAVING', 'INTERSECT', 'LIMIT', 'OFFSET', "
     "'OR', 'ORDER', 'UNION', 'WHERE', 'WINDOW', '[', '||', <identifier>, <predicate>"},
    {T, "SELECT 1;",
     "1:9: mismatched input ';'. Expecting: '%', '*', '+', ',', '-', '.', '/', 'AND', 'AS', 'AT', "
     "'EXCEPT', 'FETCH', 'FROM', 'GROUP', 'HAVING', 'INTERSECT', 'LIMIT', 'OFFSET', 'OR', 'ORDER', "
     "'UNION', 'WHERE', 'WINDOW', '[', '||', <EOF>, <identifier>, <predicate>"},
    {T, "",
     "1:1: mismatched input '<EOF>'. Expecting: 'ALTER', 'ANALYZE', 'CALL', 'COMMENT', 'COMMIT', "
     "'CREATE', 'DEALLOCATE', 'DELETE', 'DENY', 'DESC', 'DESCRIBE', 'DROP', 'EXECUTE', 'EXPLAIN', "
     "'GRANT', 'INSERT', 'MERGE', 'PREPARE', 'REFRESH', 'RESET', 'REVOKE', 'ROLLBACK', 'SET', "
     "'SHOW', 'START', 'TRUNCATE', 'UPDATE', 'USE', 'WITH', <query>"},
    {T, "SELECT '\303\244', b c d",
     "1:17: mismatched input 'd'. Expecting: ',', 'EXCEPT', 'FETCH', 'FROM', 'GROUP', 'HAVING', "
     "'INTERSECT', 'LIMIT', 'OFFSET', 'ORDER', 'UNION', 'WHERE', 'WINDOW', <EOF>"},
    {T, "SELECT a FROM t GROUP", "1:22: mismatched input '<EOF>'. Expecting: 'BY'"},
    {T, "SELECT * FROM UNNEST(a) WITH x",
     "1:25: mismatched input 'WITH'. Expecting: ',', 'AS', 'CROSS', 'EXCEPT', 'FETCH', 'FULL', "
     "'GROUP', 'HAVING', 'INNER', 'INTERSECT', 'JOIN', 'LEFT', 'LIMIT', 'MATCH_RECOGNIZE', "
     "'NATURAL', 'OFFSET', 'ORDER', 'RIGHT', 'TABLESAMPLE', 'UNION', 'WHERE', 'WINDOW', <EOF>, "
     "<identifier>"},
    {T, "SELECT a = ANY (SELECT b FROM) FROM t",
     "1:16: mismatched input '('. Expecting: '%', '*', '+', ',', '-', '.', '/', 'AND', 'AS', 'AT', "
     "'EXCEPT', 'FETCH', 'FROM', 'GROUP', 'HAVING', 'INTERSECT', 'LIMIT', 'OFFSET', 'OR', 'ORDER', "
     "'UNION', 'WHERE', 'WINDOW', '[', '||', <EOF>, <identifier>"},
    {P, "SELECT a@b", "1:8: identifiers must not contain '@'"},
    {P, "SELECT a:b", "1:8: identifiers must not contain ':'"},
    {P, "SELECT a FROM t..u",
     "1:16: mismatched input '.'. Expecting: ',', 'AS', 'CROSS', 'EXCEPT', 'FETCH', 'FOR', 'FULL', "
     "'GROUP', 'HAVING', 'INNER', 'INTERSECT', 'JOIN', 'LEFT', 'LIMIT', 'NATURAL', 'OFFSET', "
     "'ORDER', 'RIGHT', 'TABLESAMPLE', 'UNION', 'WHERE', <EOF>, <identifier>"},
    {P, "SELECT 99999999999999999999", "1:1: Invalid numeric literal: 99999999999999999999"},
    {P, "SELECT f(a) OVER (w)",
     "1:18: mismatched input '('. Expecting: ',', 'EXCEPT', 'FETCH', 'FROM', 'GROUP', 'HAVING', "
     "'INTERSECT', 'LIMIT', 'OFFSET', 'ORDER', 'UNION', 'WHERE', <EOF>"},
};

static void test_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
        struct arena a = {0};
        struct sql_statement s;
        struct str got;

        assert_int_equal(sql_parse(&s, &a, str_c(errors[i].sql), errors[i].dialect, NULL),
                         ERR_INVALID);
        assert_null(s.root);
        got =
            arena_printf(&a, "%u:%u: %.*s", s.error.line, s.error.column, STR_ARG(s.error.message));
        assert_string_equal(got.p, errors[i].expected);
        arena_reset(&a);
    }
}

/* -- limits */

static struct str repeat(struct arena *a, const char *before, const char *piece, size_t count,
                         const char *after)
{
    size_t n = strlen(piece), first = strlen(before), last = strlen(after);
    char *text = arena_alloc(a, first + n * count + last);

    memcpy(text, before, first);
    for (size_t i = 0; i < count; i++)
        memcpy(text + first + i * n, piece, n);
    memcpy(text + first + n * count, after, last);
    return str_of(text, first + n * count + last);
}

static void test_limits(void **state)
{
    struct arena a = {0};
    struct sql_statement s;
    struct sql_limits few = sql_limits_default;

    (void)state;
    few.tokens = 4;
    assert_int_equal(sql_parse(&s, &a, STR("SELECT 1, 2"), T, &few), OK);
    assert_int_equal(sql_parse(&s, &a, STR("SELECT 1, 2 a"), T, &few), ERR_LIMIT);
    assert_int_equal(s.tokens[s.token_count - 1].kind, SQL_T_EOF);
    few = sql_limits_default;
    few.bytes = 8;
    assert_int_equal(sql_parse(&s, &a, STR("SELECT 1"), T, &few), OK);
    assert_int_equal(sql_parse(&s, &a, STR("SELECT 12"), T, &few), ERR_LIMIT);
    assert_int_equal(s.tokens[s.token_count - 1].kind, SQL_T_EOF);
    arena_reset(&a);
}

/* All that nests, one deeper than allowed and far deeper. */
static void test_depth(void **state)
{
    static const char *const nests[] = {
        "(",          "NOT ",
        "- ",         "f(",
        "a[",         "ARRAY[",
        "(SELECT ",   "EXISTS (SELECT ",
        "CASE WHEN ", "x -> ",
        "POSITION(",  "a IN (",
        "CAST(",      "a = ALL (SELECT ",
        "TRIM(",      "((SELECT ",
    };
    static const size_t depths[] = {10, 600, 100000};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(nests); i++) {
        for (size_t k = 0; k < ARRAY_LEN(depths); k++) {
            struct arena a = {0};
            struct sql_statement s;
            struct str sql = repeat(&a, "SELECT ", nests[i], depths[k], "1");
            int rc = sql_parse(&s, &a, sql, T, NULL);

            if (rc == ERR_LIMIT)
                assert_true(depths[k] > 10);
            arena_reset(&a);
        }
    }
}

static void test_utf8(void **state)
{
    static const struct {
        const char *sql;
        bool valid;
    } texts[] = {
        {"SELECT '\xc3\xa4 \xe2\x82\xac \xf0\x9f\x8e\x89'", true},
        {"SELECT '\xc3'", false},
        {"SELECT '\x80'", false},
        {"SELECT '\xc0\x80'", false},
        {"SELECT '\xed\xa0\x80'", false},
        {"SELECT '\xf4\x90\x80\x80'", false},
        {"SELECT '\xe0\x80\x80'", false},
        {"SELECT 'abcdefghijklmnop\xff'", false},
    };
    struct arena a = {0};
    struct sql_statement s;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        assert_int_equal(sql_parse(&s, &a, str_c(texts[i].sql), T, NULL),
                         texts[i].valid ? OK : ERR_INVALID);
        assert_int_equal(s.error.line, texts[i].valid ? 0 : 1);
    }
    arena_reset(&a);
}

/* Chains as long as the text, and readings that are tried and taken back. */
static void test_long_statements(void **state)
{
    static const struct {
        const char *before, *piece, *after;
        size_t count;
        int rc;
    } texts[] = {
        {"SELECT a", " + a", "", 300000, OK},
        {"SELECT a", "[1]", "", 300000, OK},
        {"SELECT a", ".b", "", 300000, OK},
        {"SELECT a", " AND b", " OR c", 300000, OK},
        {"SELECT a", " AT TIME ZONE 'x'", "", 100000, OK},
        {"SELECT 1", " UNION SELECT 1", "", 100000, OK},
        {"SELECT * FROM a", " CROSS JOIN b", "", 200000, OK},
        {"SELECT * FROM t WHERE a IN (1", ", 2", ")", 1000000, OK},
        {"VALUES (1, 'a')", ", (1, 'a')", "", 200000, OK},
        {"SELECT CAST(a AS b", " ARRAY", ")", 300000, OK},
        {"SELECT * FROM t MATCH_RECOGNIZE (PATTERN (a", " | a", ") DEFINE a AS true)", 100000, OK},
        {"SELECT 1", ", position(a, b), substring(a, b)", "", 100000, OK},
        {"SELECT 1 FROM t WHERE ", "a = ALL ((SELECT 1 FROM t WHERE ", "1", 60, ERR_INVALID},
        {"SELECT 1 FROM t WHERE ", "a BETWEEN b IN (1) -> ", "1", 100, ERR_INVALID},
        {"SELECT ", "position(a IN (", "1", 100, ERR_INVALID},
        {"SELECT ", "substring(", "1", 100, ERR_INVALID},
        {"SELECT ", "json_object(KEY (", "1", 100, ERR_INVALID},
        {"SELECT * FROM t WHERE ", "a IN (SELECT b FROM t WHERE ", "1", 100, ERR_INVALID},
        {"SELECT a", " + + a", " x y z", 300000, ERR_INVALID},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct arena a = {0};
        struct sql_statement s;
        struct str sql =
            repeat(&a, texts[i].before, texts[i].piece, texts[i].count, texts[i].after);

        assert_int_equal(sql_parse(&s, &a, sql, T, NULL), texts[i].rc);
        arena_reset(&a);
    }
}

/* Each level would read all of the next one twice. */
static void test_tries_are_bounded(void **state)
{
    struct arena a = {0};
    struct sql_statement s;
    struct str inner = repeat(&a, "1", " + 1", 500000, "");
    struct str outer = repeat(&a, "SELECT ", "trim(leading (", 100, "");
    struct str sql = arena_printf(&a, "%.*s%.*s", STR_ARG(outer), STR_ARG(inner));

    (void)state;
    assert_int_equal(sql_parse(&s, &a, sql, T, NULL), ERR_LIMIT);
    sql = arena_printf(&a, "%.*s%.*s%.*s", STR_ARG(outer), STR_ARG(inner),
                       STR_ARG(repeat(&a, "", "))", 100, "")));
    assert_int_equal(sql_parse(&s, &a, sql, T, NULL), ERR_LIMIT);
    arena_reset(&a);
}

static void test_parameters_count_in_order(void **state)
{
    struct arena a = {0};
    struct sql_statement s;

    (void)state;
    assert_int_equal(sql_parse(&s, &a,
                               STR("SELECT ?, position(? , ?), substring(?, 1) FROM t LIMIT ?"), T,
                               NULL),
                     OK);
    assert_int_equal(s.parameter_count, 5);
    arena_reset(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expressions),
        cmocka_unit_test(test_accepted),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_long_statements),
        cmocka_unit_test(test_tries_are_bounded),
        cmocka_unit_test(test_parameters_count_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
