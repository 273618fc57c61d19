/* SPDX-License-Identifier: Apache-2.0 */
/* test_redact.c - no literal survives, nothing else is lost. */
#include "history/redact.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct {
    const char *sql, *redacted;
} cases[] = {
    {"", ""},
    {"SELECT a FROM t1 WHERE b = 'x'", "SELECT a FROM t1 WHERE b = ?"},
    {"'it''s' || ''", "? || ?"},
    {"''''", "?"},
    {"U&'\\0041' UESCAPE '!'", "? UESCAPE ?"},
    {"u&'a''b'", "?"},
    {"X'AB' x'cd'", "? ?"},
    {"DATE'2020-01-01', INTERVAL '1' DAY", "DATE?, INTERVAL ? DAY"},
    {"1 1.5 .5 1e-5 1E+5 0xFF 1_000 -3 1e", "? ? .? ? ? ? ? -? ?"},
    {"1-2+3", "?-?+?"},
    {"a1 + _1 + t.c2 + \xc3\xa9"
     "1",
     "a1 + _1 + t.c2 + \xc3\xa9"
     "1"},
    {"\"a'b\" = 'c'", "\"a'b\" = ?"},
    {"\"a\"\"1\" `b``2` U&\"x1\"", "\"a\"\"1\" `b``2` U&\"x1\""},
    {"a -- it's 1\n, 'b'", "a --?\n, ?"},
    {"a --\nb", "a --\nb"},
    {"/* it's 1 */ 'b' /**/ 2", "/*?*/ ? /**/ ?"},
    {"'-- no comment' 'a/*' b", "? ? b"},
    {"AS $$ return 'x' $$ b", "AS ? b"},
    {"? + ?", "? + ?"},
    {"TRUE AND NULL", "TRUE AND NULL"},
    {"'unterminated", "?"},
    {"'unterminated''", "?"},
    {"/* unterminated 1", "/*?"},
    {"\"unterminated 1", "\"unterminated 1"},
    {"-- unterminated", "--?"},
    {"/*/ 1", "/*?"},
    {"X", "X"},
    {"U&", "U&"},
    {"u&x", "u&x"},
};

static void redacts(void **state)
{
    struct buf out = buf_make(1000);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        buf_clear(&out);
        redact_sql(&out, str_c(cases[i].sql));
        if (!str_eq(buf_str(&out), str_c(cases[i].redacted)))
            fail_msg("%s: %.*s, not %s", cases[i].sql, STR_ARG(buf_str(&out)), cases[i].redacted);
    }
    buf_reset(&out);
}

/* Wherever a text was cut, nothing of a literal shows. */
static void cut_texts_show_nothing(void **state)
{
    struct str sql =
        STR("SELECT 'sec''ret', X'5ec7e7', U&'secret', 777, 7e-7, $$secret$$, /* secret */ "
            "'sec\xc3\xa9t' -- secret");
    struct buf out = buf_make(1000);

    (void)state;
    for (size_t n = 0; n <= sql.n; n++) {
        buf_clear(&out);
        redact_sql(&out, str_of(sql.p, n));
        assert_int_equal(str_search(buf_str(&out), STR("sec")), out.n);
        assert_int_equal(str_search(buf_str(&out), STR("5e")), out.n);
        assert_int_equal(str_find(buf_str(&out), '7'), out.n);
    }
    buf_reset(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(redacts),
        cmocka_unit_test(cut_texts_show_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
