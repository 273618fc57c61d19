/* SPDX-License-Identifier: Apache-2.0 */
/* test_json_scan.c - what the tokenizer accepts is what RFC 8259 says, compared with jansson too.
 */
#include "base/json_scan.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdlib.h>

static void accepts_and_rejects(void **state)
{
    static const struct {
        const char *text;
        bool ok;
    } cases[] = {
        {"null", true},
        {" true ", true},
        {"\t[1 , 2\r\n]", true},
        {"{}", true},
        {"[]", true},
        {"{\"a\" : [ {\"b\":null} ] }", true},
        {"-0", true},
        {"-0.5e+10", true},
        {"1E5", true},
        {"123456789012345678901234567890", true},
        {"\"\\u00e4\\n\\/\\\"\\\\\"", true},
        {"\"\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\"", true},
        {"\"0123456789abcdef\xC3\xA4 0123456789abcdef\"", true},
        {"", false},
        {"nul", false},
        {"nulll", false},
        {"tru", false},
        {"[1,]", false},
        {"[,1]", false},
        {"[1 2]", false},
        {"[1", false},
        {"[1}", false},
        {"{\"a\"}", false},
        {"{\"a\":}", false},
        {"{\"a\":1,}", false},
        {"{a:1}", false},
        {"{1:1}", false},
        {"01", false},
        {"1.", false},
        {".5", false},
        {"+1", false},
        {"-", false},
        {"1e", false},
        {"1e+", false},
        {"0x10", false},
        {"NaN", false},
        {"\"", false},
        {"\"abc", false},
        {"\"\\x\"", false},
        {"\"\\u12g4\"", false},
        {"\"\\u12", false},
        {"\"\\\"", false},
        {"\"a\tb\"", false},
        {"\"01234567\x1F\"", false},
        {"\"\xC3\"", false},
        {"\"\xC0\x80\"", false},
        {"\"\xED\xA0\x80\"", false},
        {"\"\xF4\x90\x80\x80\"", false},
        {"\"\xE0\x80\x80\"", false},
        {"\"\xFF\"", false},
        {"1 2", false},
        {"[] x", false},
        {"'a'", false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        json_t *j = json_loads(cases[i].text, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, NULL);

        if (jscan_is_valid(str_c(cases[i].text)) != cases[i].ok)
            fail_msg("%s: expected %d", cases[i].text, cases[i].ok);
        if ((j != NULL) != cases[i].ok)
            fail_msg("jansson disagrees with the test about %s", cases[i].text);
        json_decref(j);
    }
}

/* Every special byte at every place of a word must be found. */
static void finds_specials_at_every_place(void **state)
{
    char text[40];

    (void)state;
    for (size_t at = 1; at < 33; at++)
        for (int c = 1; c < 256; c++) {
            bool plain = c >= 0x20 && c < 0x80 && c != '\\' && c != '"';

            memset(text, 'x', sizeof(text));
            text[0] = '"';
            text[34] = '"';
            text[at] = (char)c;
            if (jscan_is_valid(str_of(text, 35)) != plain)
                fail_msg("byte %d at %zu", c, at);
        }
}

static void limits_depth(void **state)
{
    char deep[2 * (JSCAN_DEPTH_MAX + 1)];

    (void)state;
    memset(deep, '[', JSCAN_DEPTH_MAX);
    memset(deep + JSCAN_DEPTH_MAX, ']', JSCAN_DEPTH_MAX);
    assert_true(jscan_is_valid(str_of(deep, 2 * JSCAN_DEPTH_MAX)));
    memset(deep, '[', sizeof(deep));
    assert_false(jscan_is_valid(str_of(deep, sizeof(deep))));
}

static void pulls_values_and_offsets(void **state)
{
    struct jscan s = jscan_of(STR(" {\"a\\n\" : [1.50, \"x\\\"y\", true]} "));
    struct str key, text;

    (void)state;
    assert_int_equal(jscan_peek(&s), JSCAN_OBJECT);
    assert_true(jscan_enter(&s, '{'));
    assert_true(jscan_key(&s, &key));
    assert_true(str_eq(key, STR("a\\n")));
    assert_true(jscan_enter(&s, '['));
    assert_true(jscan_number(&s, &text));
    assert_true(str_eq(text, STR("1.50")));
    assert_true(jscan_more(&s, ']'));
    assert_true(jscan_string(&s, &text));
    assert_true(str_eq(text, STR("x\\\"y")));
    assert_true(jscan_more(&s, ']'));
    assert_true(jscan_literal(&s, JSCAN_TRUE));
    assert_false(jscan_more(&s, ']'));
    assert_false(jscan_more(&s, '}'));
    assert_true(jscan_end(&s));

    s = jscan_of(STR("[1, x]"));
    assert_false(jscan_skip(&s, NULL));
    assert_string_equal(s.error, "a value is expected");
    assert_int_equal(jscan_at(&s), 4);
    assert_int_equal(jscan_peek(&s), JSCAN_INVALID);
    assert_false(jscan_enter(&s, '['));
}

static void picks_members(void **state)
{
    static const char *const names[] = {"b", "c", "d"};
    struct jscan s = jscan_of(STR("{\"a\":{},\"c\":[1, 2],\"b\": \"x\",\"d\":null}"));
    struct str v[3];

    (void)state;
    assert_true(jscan_pick(&s, names, 3, v));
    assert_true(str_eq(v[0], STR("\"x\"")));
    assert_true(str_eq(v[1], STR("[1, 2]")));
    assert_int_equal(v[2].n, 0);
    s = jscan_of(STR("{\"b\":1,\"b\":2}"));
    assert_false(jscan_pick(&s, names, 3, v));
}

static void unescapes(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"plain", "plain"},
        {"\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t"},
        {"a\\u00e4\\u20AC", "a\xC3\xA4\xE2\x82\xAC"},
        {"\\ud83d\\ude00!", "\xF0\x9F\x98\x80!"},
        {"\\ud83d", "\xEF\xBF\xBD"},
        {"\\ude00x", "\xEF\xBF\xBDx"},
        {"\\ud83d\\u0041", "\xEF\xBF\xBD"
                           "A"},
        {"\\\\n", "\\n"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf out = buf_make(100);

        jscan_unescape(&out, str_c(cases[i].in));
        if (!str_eq(buf_str(&out), str_c(cases[i].out)))
            fail_msg("%s", cases[i].in);
        buf_reset(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_and_rejects), cmocka_unit_test(finds_specials_at_every_place),
        cmocka_unit_test(limits_depth),        cmocka_unit_test(pulls_values_and_offsets),
        cmocka_unit_test(picks_members),       cmocka_unit_test(unescapes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
