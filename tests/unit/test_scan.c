/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void to_gateway(void *ctx, enum scan_uri kind, struct str uri, struct buf *out)
{
    (void)ctx;
    buf_printf(out, "http://gw/%d?%.*s", (int)kind, STR_ARG(uri));
}

/* Feeds `doc` in pieces of `step` bytes and joins the runs. */
static int pass(struct scan *s, struct str doc, size_t step, struct buf *joined)
{
    struct scan_out out = {0};
    struct error err;
    int rc = OK;

    scan_init(s, to_gateway, NULL);
    for (size_t at = 0; at < doc.n && rc == OK; at += step) {
        size_t n = doc.n - at < step ? doc.n - at : step;
        /* An exact heap copy: reading past the piece is caught by the sanitizer. */
        char *copy = malloc(n);

        memcpy(copy, doc.p + at, n);
        scan_out_clear(&out, 0);
        rc = scan_feed(s, str_of(copy, n), n == doc.n, &out, &err);
        for (size_t i = 0; i < out.n; i++)
            buf_put(joined, out.iov[i].iov_base, out.iov[i].iov_len);
        free(copy);
    }
    scan_out_reset(&out);
    return rc;
}

static const struct {
    const char *in, *out, *facts;
    unsigned rows;
    bool next, complete;
} cases[] = {
    {"{\"id\":\"a_1\",\"infoUri\":\"http://c/ui\",\"nextUri\":\"http://c/v1/1?slug\\u003dx\","
     "\"data\":[[1,\"]}\"],[2,\"\\\"[[\"]],\"stats\":{\"nextUri\":\"no\",\"a\":[{},[[]]]}}",
     "{\"id\":\"a_1\",\"infoUri\":\"http://gw/0?http://c/ui\",\"nextUri\":\"http://gw/1?http://c/"
     "v1/1?"
     "slug=x\",\"data\":[[1,\"]}\"],[2,\"\\\"[[\"]],\"stats\":{\"nextUri\":\"no\",\"a\":[{},[[]]]}"
     "}",
     "", 2, true, true},
    {"{\"id\":\"a\",\"data\":[[[1],[2]],[[],null],[{}]],\"stats\":{\"s\":\"}\"},\"error\":{\"m\":1}"
     "}\n",
     "{\"id\":\"a\",\"data\":[[[1],[2]],[[],null],[{}]],\"stats\":{\"s\":\"}\"},\"error\":{\"m\":1}"
     "}\n",
     "{\"id\":\"a\",\"data\":[],\"stats\":{\"s\":\"}\"},\"error\":{\"m\":1}}\n", 3, false, true},
    {"{\"data\":[[1]],\"nextUri\":\"late\",\"partialCancelUri\":\"p\"}",
     "{\"data\":[[1]],\"nextUri\":\"http://gw/1?late\",\"partialCancelUri\":\"http://gw/2?p\"}", "",
     1, true, true},
    {"{\"data\":{\"encoding\":\"json\",\"segments\":[{\"type\":\"spooled\",\"uri\":\"u\","
     "\"ackUri\":\"a\","
     "\"metadata\":{\"rowsCount\":[1]}}]},\"nextUri\":\"n\"}",
     "{\"data\":{\"encoding\":\"json\",\"segments\":[{\"type\":\"spooled\",\"uri\":\"http://gw/"
     "3?u\","
     "\"ackUri\":\"http://gw/4?a\",\"metadata\":{\"rowsCount\":[1]}}]},\"nextUri\":\"http://gw/"
     "1?n\"}",
     "", 0, true, true},
    {"{\"rowsCount\":9,\"data\":{\"rowsCount\":\"7\",\"segments\":[{\"metadata\":{\"rowsCount\":12,"
     "\"n\":5}},{\"metadata\":{\"x\":3,\"rowsCount\" : 30 }},{\"rowsCount\":{\"a\":1},\"b\":2}]},"
     "\"nextUri\":\"n\"}",
     "{\"rowsCount\":9,\"data\":{\"rowsCount\":\"7\",\"segments\":[{\"metadata\":{\"rowsCount\":12,"
     "\"n\":5}},{\"metadata\":{\"x\":3,\"rowsCount\" : 30 }},{\"rowsCount\":{\"a\":1},\"b\":2}]},"
     "\"nextUri\":\"http://gw/1?n\"}",
     "", 42, true, true},
    {"{\"uri\":\"not mine\",\"x\":\"data\",\"data\":null,\"id\":\"z\"}",
     "{\"uri\":\"not mine\",\"x\":\"data\",\"data\":null,\"id\":\"z\"}",
     "{\"uri\":\"not mine\",\"x\":\"data\",\"data\":null,\"id\":\"z\"}", 0, false, true},
    {"{\"data\":[[\"cut", "{\"data\":[[\"cut", "{\"data\":[", 1, false, false},
};

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct str doc = str_c(cases[i].in);

        for (size_t step = 1; step <= doc.n; step++) {
            struct buf joined = buf_make(1 << 20);
            struct scan s;

            assert_int_equal(pass(&s, doc, step, &joined), OK);
            buf_put_c(&joined, '\0');
            assert_string_equal(joined.p, cases[i].out);
            assert_int_equal(s.rows, cases[i].rows);
            assert_int_equal(s.has_next, cases[i].next);
            assert_int_equal(s.complete, cases[i].complete);
            if (step < doc.n) {
                buf_put_c(&s.facts, '\0');
                assert_string_equal(s.facts.p, cases[i].facts);
            }
            scan_reset(&s);
            buf_reset(&joined);
        }
    }
}

/* Long rows with every kind of byte: the block walk agrees with the byte walk at every offset. */
static void test_blocks(void **state)
{
    struct buf doc = buf_make(1 << 20);
    unsigned rows = 0;

    (void)state;
    buf_put_str(&doc, STR("{\"nextUri\":\"u\",\"data\":["));
    srand(7);
    for (; rows < 2000; rows++) {
        buf_printf(&doc, "%s[", rows ? "," : "");
        for (int n = rand() % 9; n >= 0; n--) {
            static const char *const parts[] = {
                "\"a]b[{}\",",  "12.5,", "\"\\\\\",", "\"\\\"\",", "[[\"x\"],{\"k\":\"}\"}],",
                "\"\303\244\","};

            buf_put_str(&doc, str_c(parts[rand() % 6]));
        }
        buf_put_str(&doc, STR("null]"));
    }
    buf_put_str(&doc, STR("],\"stats\":{}}"));
    for (size_t step = 1; step < 400; step += step < 140 ? 1 : 37) {
        struct buf joined = buf_make(1 << 20);
        struct scan s;

        assert_int_equal(pass(&s, buf_str(&doc), step, &joined), OK);
        assert_int_equal(s.rows, rows);
        assert_true(s.complete);
        scan_reset(&s);
        buf_reset(&joined);
    }
    buf_reset(&doc);
}

static void test_garbage(void **state)
{
    static const char *const bad[] = {"[]", "x",     "<html>",        "}", "{}x", "{}{}",
                                      "]",  "\"a\"", "{\"data\":[]}]"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct buf joined = buf_make(4096);
        struct scan s;

        assert_int_equal(pass(&s, str_c(bad[i]), 1, &joined), ERR_CORRUPT);
        scan_reset(&s);
        buf_reset(&joined);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_garbage),
    };

    return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
