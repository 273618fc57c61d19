/* SPDX-License-Identifier: Apache-2.0 */
/* test_urlcode.c - form-urlencoding and base64. */
#include "protocol/urlcode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void encodes_as_java(void **state)
{
    static const struct {
        const char *plain, *coded;
    } cases[] = {
        {"", ""},
        {"azAZ09.*_-", "azAZ09.*_-"},
        {"a b", "a+b"},
        {"a+b%c", "a%2Bb%25c"},
        {"\xc3\xa4", "%C3%A4"},
        {"~!'()/=,:", "%7E%21%27%28%29%2F%3D%2C%3A"},
        {"x\r\ny", "x%0D%0Ay"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf b = buf_make(100);
        struct arena a = {0};
        struct str back;

        url_encode(&b, str_c(cases[i].plain));
        assert_true(str_eq(buf_str(&b), str_c(cases[i].coded)));
        assert_true(url_decode(&back, &a, buf_str(&b)));
        assert_true(str_eq(back, str_c(cases[i].plain)));
        buf_reset(&b);
        arena_reset(&a);
    }
}

static void decodes_strictly(void **state)
{
    static const struct {
        const char *coded, *plain; /* NULL = an error */
    } cases[] = {
        {"%c3%A4+", "\xc3\xa4 "},
        {"a=b~", "a=b~"},
        {"%", NULL},
        {"%4", NULL},
        {"%4g", NULL},
        {"%g4", NULL},
        {"a%", NULL},
        {"%%41", NULL},
        {"%41", "A"},
        {"+%+", NULL},
        {"% 1", NULL},
    };
    struct arena a = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct str out;
        bool good = url_decode(&out, &a, str_c(cases[i].coded));

        assert_int_equal(good, cases[i].plain != NULL);
        assert_true(!good || str_eq(out, str_c(cases[i].plain)));
    }
    arena_reset(&a);
}

static void decodes_plain_text_without_copy(void **state)
{
    struct arena a = {0};
    struct str s = STR("athena"), out;

    (void)state;
    assert_true(url_decode(&out, &a, s));
    assert_ptr_equal(out.p, s.p);
    assert_int_equal(a.used_bytes, 0);
}

static void base64_round_trip(void **state)
{
    static const struct {
        struct str bytes;
        const char *plain, *url;
    } cases[] = {
        {{"", 0}, "", ""},
        {{"f", 1}, "Zg==", "Zg=="},
        {{"fo", 2}, "Zm8=", "Zm8="},
        {{"foo", 3}, "Zm9v", "Zm9v"},
        {{"\xfb\xef\xff\x00", 4}, "++//AA==", "--__AA=="},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (int kind = BASE64_PLAIN; kind <= BASE64_URL; kind++) {
            const char *want = kind == BASE64_PLAIN ? cases[i].plain : cases[i].url;
            struct buf b = buf_make(100), back = buf_make(100);

            base64_encode(&b, cases[i].bytes, (enum base64_kind)kind);
            assert_true(str_eq(buf_str(&b), str_c(want)));
            assert_true(base64_decode(&back, buf_str(&b), (enum base64_kind)kind));
            assert_true(str_eq(buf_str(&back), cases[i].bytes));
            while (b.n > 0 && b.p[b.n - 1] == '=')
                b.n--;
            buf_clear(&back);
            assert_true(base64_decode(&back, buf_str(&b), (enum base64_kind)kind));
            assert_true(str_eq(buf_str(&back), cases[i].bytes));
            buf_reset(&b);
            buf_reset(&back);
        }
}

static void base64_refuses(void **state)
{
    static const char *const bad[] = {"Z",    "Zm9vZ",    "Zg=",       "Zg===", "=",
                                      "====", "Z===",     "Zm 9v",     "Zm-_",  "Zh==",
                                      "Zm9=", "Zg==Zg==", "\xc3\xa4=="};
    struct buf b = buf_make(100), small = buf_make(2);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_false(base64_decode(&b, str_c(bad[i]), BASE64_PLAIN));
        assert_int_equal(b.n, 0);
    }
    assert_false(base64_decode(&b, STR("++//"), BASE64_URL));
    assert_false(base64_decode(&small, STR("Zm9v"), BASE64_PLAIN));
    buf_reset(&b);
    buf_reset(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes_as_java),
        cmocka_unit_test(decodes_strictly),
        cmocka_unit_test(decodes_plain_text_without_copy),
        cmocka_unit_test(base64_round_trip),
        cmocka_unit_test(base64_refuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
