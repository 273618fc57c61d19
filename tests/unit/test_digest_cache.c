/* SPDX-License-Identifier: Apache-2.0 */
#include "history/digest_cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct digest_request request(const char *sql)
{
    return (struct digest_request){
        .sql = str_c(sql), .dialect = STR("trino"), .catalog = STR("c"), .schema = STR("s")};
}

/* The texts of a digest stay what digest_sql() says, however often it is asked for. */
static void check(struct digest_cache *c, const struct digest_request *r)
{
    struct arena a = {0};
    struct digest fresh;
    uint64_t misses = digest_cache_misses(c);
    bool text_due;
    const struct digest *d = digest_cache_get(c, r, &text_due);

    digest_sql(&fresh, &a, r);
    assert_string_equal(d->hash, fresh.hash);
    if (digest_cache_misses(c) > misses)
        assert_true(text_due);
    assert_true(str_eq(d->fingerprint, fresh.fingerprint));
    assert_true(str_eq(d->tables, fresh.tables));
    assert_int_equal(d->dialect, fresh.dialect);
    assert_int_equal(d->failed, fresh.failed);
    arena_reset(&a);
}

static void test_repeats(void **state)
{
    struct digest_cache *c = digest_cache_new(64);
    struct digest_request r = request("SELECT a FROM t WHERE b = 1"),
                          broken = request("SELECT FROM");

    (void)state;
    for (int i = 0; i < 3; i++) {
        check(c, &r);
        check(c, &broken);
    }
    assert_int_equal(digest_cache_misses(c), 2);
    digest_cache_free(c);
    digest_cache_free(NULL);
}

/* Whatever a digest depends on makes another entry. */
static void test_differences(void **state)
{
    struct digest_cache *c = digest_cache_new(1024);
    struct digest_request r[] = {
        request("EXECUTE p"), request("EXECUTE p"), request("EXECUTE p"), request("EXECUTE p"),
        request("EXECUTE p"), request("EXECUTE p"), request("EXECUTE q"),
    };

    (void)state;
    r[1].catalog = STR("d");
    r[2].schema = STR("sc"); /* ... whose bytes are those of r[0] with another border */
    r[2].catalog = STR("");
    r[3].prepared = STR("p=SELECT%20a%20FROM%20u");
    r[4].cut = true;
    r[5].dialect = STR("presto");
    for (size_t i = 0; i < ARRAY_LEN(r); i++) {
        check(c, &r[i]);
        assert_int_equal(digest_cache_misses(c), i + 1);
    }
    r[0].redact = true;
    check(c, &r[0]);
    assert_int_equal(digest_cache_misses(c), ARRAY_LEN(r) + 1);
    digest_cache_free(c);
}

/* Beyond the limits a statement is not parsed, its tables are a guess. */
static void test_limits(void **state)
{
    struct digest_request r = request("SELECT ((((((((((((a)))))))))))) FROM t");
    struct arena a = {0};
    struct digest d;

    (void)state;
    digest_sql(&d, &a, &r);
    assert_false(d.failed);
    r.nesting = 10;
    digest_sql(&d, &a, &r);
    assert_true(d.failed);
    assert_true(str_eq(d.tables, STR("{\"c.s.t\":\"r\"}")));
    r.nesting = 0;
    r.tokens = 12;
    digest_sql(&d, &a, &r);
    assert_true(d.failed);
    arena_reset(&a);
}

/* The text is due with the first of 256 rows. */
static void test_text_due(void **state)
{
    struct digest_cache *c = digest_cache_new(64);
    struct digest_request r = request("SELECT a FROM t");
    bool due;

    (void)state;
    for (int i = 0; i < 600; i++) {
        digest_cache_get(c, &r, &due);
        assert_int_equal(due, i % 256 == 0);
    }
    digest_cache_free(c);
}

/* More statements than slots: the newer one stays, and every answer is right. */
static void test_replacement(void **state)
{
    struct digest_cache *c = digest_cache_new(8);
    char sql[64];

    (void)state;
    for (int i = 0; i < 200; i++) {
        struct digest_request r;

        snprintf(sql, sizeof(sql), "SELECT c%d FROM t%d", i % 50, i % 50);
        r = request(sql);
        check(c, &r);
        check(c, &r);
    }
    assert_true(digest_cache_misses(c) > 50 && digest_cache_misses(c) <= 200);
    digest_cache_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_repeats),     cmocka_unit_test(test_differences),
        cmocka_unit_test(test_limits),      cmocka_unit_test(test_text_due),
        cmocka_unit_test(test_replacement),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
