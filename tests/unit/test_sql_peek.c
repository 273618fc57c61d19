/* SPDX-License-Identifier: Apache-2.0 */
/* test_sql_peek.c - statements that the gateway acts upon. */
#include "protocol/sql_peek.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

static const struct {
    const char *sql;
    enum sql_peek_kind kind;
    const char *first, *second; /* inner and rest, or query id and its literal */
} cases[] = {
    {"", PEEK_OTHER, NULL, NULL},
    {"   -- nothing", PEEK_OTHER, NULL, NULL},
    {"SELECT 1", PEEK_OTHER, NULL, NULL},
    {"EXECUTE p USING 1", PEEK_OTHER, NULL, NULL},
    {"EXECUTE IMMEDIATE 'SELECT 1'", PEEK_EXECUTE_IMMEDIATE, "SELECT 1", ""},
    {"execute\n immediate/**/'SELECT ''a'' ||?'USING 'it''s', DATE '2020-01-01' -- x",
     PEEK_EXECUTE_IMMEDIATE, "SELECT 'a' ||?", "USING 'it''s', DATE '2020-01-01' -- x"},
    {"/* c */ -- d\r\nEXECUTE IMMEDIATE '' -- end", PEEK_EXECUTE_IMMEDIATE, "", ""},
    {"EXECUTE IMMEDIATE 'SELECT 1' USING", PEEK_OTHER, NULL, NULL},
    {"EXECUTE IMMEDIATE 'SELECT 1' USINGX 1", PEEK_OTHER, NULL, NULL},
    {"EXECUTE IMMEDIATE 'SELECT 1';", PEEK_OTHER, NULL, NULL},
    {"EXECUTE IMMEDIATE 'SELECT 1", PEEK_OTHER, NULL, NULL},
    {"EXECUTE IMMEDIATE 'SELECT 1''", PEEK_OTHER, NULL, NULL},
    {"EXECUTE IMMEDIATE U&'SELECT 1'", PEEK_OTHER, NULL, NULL},
    {"EXECUTE IMMEDIATE x", PEEK_OTHER, NULL, NULL},
    {"CALL system.runtime.kill_query('20261124_1_2_abc')", PEEK_KILL_QUERY, "20261124_1_2_abc",
     "'20261124_1_2_abc'"},
    {"call System . \"RUNTIME\".kill_query ( 'i''d', 'why' )", PEEK_KILL_QUERY, "i'd", "'i''d'"},
    {"CALL system.runtime.kill_query(query_id => 'a', message => 'b')", PEEK_KILL_QUERY, "a",
     "'a'"},
    {"CALL system.runtime.kill_query(message=>'b',\"query_id\"=>'a')", PEEK_KILL_QUERY, "a", "'a'"},
    {"CALL system.runtime.kill_query('a', NULL)", PEEK_KILL_QUERY, "a", "'a'"},
    {"CALL system.runtime.kill_query('a', message => 'b')", PEEK_KILL_QUERY, "a", "'a'"},
    {"CALL system.runtime.kill_query()", PEEK_OTHER, NULL, NULL},
    {"CALL system.runtime.kill_query('a' || 'b')", PEEK_OTHER, NULL, NULL},
    {"CALL system.runtime.kill_query('a', 'b', 'c')", PEEK_OTHER, NULL, NULL},
    {"CALL system.runtime.kill_query('a') x", PEEK_OTHER, NULL, NULL},
    {"CALL system.runtime.kill_query(message => 'b')", PEEK_OTHER, NULL, NULL},
    {"CALL system.runtime.kill_query('a', query_id => 'b')", PEEK_OTHER, NULL, NULL},
    {"CALL system.runtime.kill_queryx('a')", PEEK_OTHER, NULL, NULL},
    {"CALL tpch.runtime.kill_query('a')", PEEK_OTHER, NULL, NULL},
    {"CALL system.runtime.kill_query('a", PEEK_OTHER, NULL, NULL},
    {"START TRANSACTION", PEEK_START_TRANSACTION, NULL, NULL},
    {"start transaction ISOLATION LEVEL READ UNCOMMITTED, READ WRITE", PEEK_START_TRANSACTION, NULL,
     NULL},
    {"STARTTRANSACTION", PEEK_OTHER, NULL, NULL},
    {"COMMIT", PEEK_COMMIT, NULL, NULL},
    {" commit work -- x", PEEK_COMMIT, NULL, NULL},
    {"COMMIT;", PEEK_OTHER, NULL, NULL},
    {"ROLLBACK /* x */ WORK", PEEK_ROLLBACK, NULL, NULL},
    {"\"COMMIT\"", PEEK_OTHER, NULL, NULL},
    {"'COMMIT'", PEEK_OTHER, NULL, NULL},
    {"/* COMMIT", PEEK_OTHER, NULL, NULL},
    {"/*/ COMMIT", PEEK_OTHER, NULL, NULL},
    {"/**/ COMMIT", PEEK_COMMIT, NULL, NULL},
};

static void recognises(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct sql_peek p;
        struct arena a = {0};

        sql_peek(&p, &a, str_c(cases[i].sql));
        if (p.kind != cases[i].kind)
            fail_msg("%s: got kind %d", cases[i].sql, p.kind);
        if (p.kind == PEEK_EXECUTE_IMMEDIATE) {
            assert_true(str_eq(p.inner, str_c(cases[i].first)));
            assert_true(str_eq(p.rest, str_c(cases[i].second)));
        } else if (p.kind == PEEK_KILL_QUERY) {
            assert_true(str_eq(p.query_id, str_c(cases[i].first)));
            assert_true(str_eq(p.query_id_literal, str_c(cases[i].second)));
        }
        arena_reset(&a);
    }
}

/* Nothing is read beyond the text, wherever it is cut. */
static void survives_every_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (size_t n = 0; n <= strlen(cases[i].sql); n++) {
            struct sql_peek p;
            struct arena a = {0};
            char *copy = mem_alloc(n);

            memcpy(copy, cases[i].sql, n);
            sql_peek(&p, &a, str_of(copy, n));
            free(copy);
            arena_reset(&a);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recognises),
        cmocka_unit_test(survives_every_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
