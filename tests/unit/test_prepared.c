/* SPDX-License-Identifier: Apache-2.0 */
/* test_prepared.c - prepared statements out of headers and bodies. */
#include "sql/prepared.h"

#include "protocol/urlcode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <zstd.h>

#include <cmocka.h>

static void expect(const struct sql_context *c, uint32_t i, const char *name, const char *sql)
{
    assert_true(i < c->prepared_count);
    if (!str_eq(c->prepared[i].name, str_c(name)) || !str_eq(c->prepared[i].sql, str_c(sql)))
        fail_msg("%u: %.*s = %.*s", i, STR_ARG(c->prepared[i].name), STR_ARG(c->prepared[i].sql));
}

static void test_headers(void **state)
{
    static const struct header h[] = {
        {STR("X-Trino-User"), STR("alice=1")},
        {STR("x-trino-prepared-statement"), STR("a=SELECT+1, b+c=SELECT+%27x%2Cy%27")},
        {STR("X-Trino-Prepared-Statement"), STR("broken, d=SELECT+2,bad=%zz,z=$zstd:@@")},
    };
    static const struct sql_prepared given[] = {{STR("g"), STR("SELECT 0")}};
    struct sql_context c = {.prepared = given, .prepared_count = 1};
    struct arena a = {0};

    (void)state;
    sql_prepared_add_headers(&c, &a, h, ARRAY_LEN(h));
    expect(&c, 0, "g", "SELECT 0");
    expect(&c, 1, "a", "SELECT 1");
    expect(&c, 2, "b c", "SELECT 'x,y'");
    expect(&c, 3, "d", "SELECT 2");
    assert_int_equal(c.prepared_count, 4);
    arena_reset(&a);
}

/* Long ones come packed: both of one list. */
static void test_packed(void **state)
{
    struct buf sql = buf_make(1 << 20), list = buf_make(1 << 20), value = buf_make(1 << 20);
    struct sql_context c = {.prepared = NULL};
    struct arena a = {0};
    char packed[4096];
    size_t n;

    (void)state;
    buf_printf(&sql, "SELECT a FROM t WHERE b IN (0");
    for (int i = 1; i < 1000; i++)
        buf_printf(&sql, ", %d", i);
    buf_printf(&sql, ")");
    n = ZSTD_compress(packed, sizeof(packed), sql.p, sql.n, 3);
    assert_false(ZSTD_isError(n));
    buf_printf(&value, "$zstd:");
    base64_encode(&value, str_of(packed, n), BASE64_URL);
    for (int i = 0; i < 2; i++) {
        buf_printf(&list, "%sp%d=", i > 0 ? "," : "", i);
        url_encode(&list, buf_str(&value));
    }
    buf_put_c(&sql, '\0');
    sql_prepared_add_list(&c, &a, buf_str(&list), DIALECT_TRINO);
    expect(&c, 0, "p0", sql.p);
    expect(&c, 1, "p1", sql.p);
    arena_reset(&a);
    buf_reset(&sql);
    buf_reset(&list);
    buf_reset(&value);
}

static void test_many(void **state)
{
    struct buf list = buf_make(1 << 20);
    struct sql_context c = {.prepared = NULL};
    struct arena a = {0};

    (void)state;
    for (int i = 0; i < SQL_PREPARED_MAX + 10; i++)
        buf_printf(&list, "p%d=SELECT+%d,", i, i);
    sql_prepared_add_list(&c, &a, buf_str(&list), DIALECT_PRESTO);
    assert_int_equal(c.prepared_count, SQL_PREPARED_MAX);
    expect(&c, 0, "p0", "SELECT 0");
    expect(&c, 999, "p999", "SELECT 999");
    arena_reset(&a);
    buf_reset(&list);
}

static void test_bodies(void **state)
{
    static const struct {
        const char *body, *query; /* NULL: none */
        uint32_t count;
    } cases[] = {
        {"{\"query\":\"SELECT 1\"}", "SELECT 1", 0},
        {" { \"preparedStatements\" : {\"p\":\"SELECT 1\",\"q\":\"x\\ny\"}, \"query\":\"EXECUTE "
         "p\" } ",
         "EXECUTE p", 2},
        {"{\"query\":\"SELECT \\\"a\\u0062\\\"\",\"more\":[1,{}],\"preparedStatements\":null}",
         "SELECT \"ab\"", 0},
        {"SELECT 1", NULL, 0},
        {"{\"preparedStatements\":{}}", NULL, 0},
        {"{\"query\":1}", NULL, 0},
        {"{\"query\":\"a\"", NULL, 0},
        {"{\"query\":\"a\"} x", NULL, 0},
        {"{\"query\":\"a\",\"preparedStatements\":{\"p\":1}}", NULL, 0},
        {"", NULL, 0},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct sql_context c = {.prepared = NULL};
        struct str query = STR_NONE;
        struct arena a = {0};
        bool read = sql_prepared_read_body(&c, &query, &a, str_c(cases[i].body));

        assert_int_equal(read, cases[i].query != NULL);
        if (read && !str_eq(query, str_c(cases[i].query)))
            fail_msg("%s: %.*s", cases[i].body, STR_ARG(query));
        assert_int_equal(c.prepared_count, cases[i].count);
        if (cases[i].count == 2)
            expect(&c, 1, "q", "x\ny");
        arena_reset(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_packed),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_bodies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
