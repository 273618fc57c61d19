/* SPDX-License-Identifier: Apache-2.0 */
/* test_http_head.c - tables of heads, chunked bodies and URLs. Every input lies in a heap copy of
 * its exact size, so that the sanitizer sees a read beyond it. */
#include "base/http_head.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define HEADERS 16

static struct header fields[HEADERS];
static char *held; /* what the views of the last head point into */

static int parse(struct http_head *h, struct str bytes, bool request, bool head_request)
{
    struct error err;

    free(held);
    held = malloc(bytes.n > 0 ? bytes.n : 1);
    memcpy(held, bytes.p, bytes.n);
    *h = (struct http_head){.headers = fields, .capacity = HEADERS};
    bytes.p = held;
    return request ? http_parse_request(h, bytes, 0, &err)
                   : http_parse_response(h, bytes, head_request, &err);
}

enum { KEEP = 1, CONTINUE = 2 };

#define H11 " HTTP/1.1\r\nHost: x\r\n"
#define TXT(lit)                                                                                   \
    {                                                                                              \
        "" lit, sizeof(lit) - 1                                                                    \
    } /* may hold NULs */

static const struct {
    struct str bytes;
    int rc;
    enum http_body body;
    uint64_t length;
    unsigned flags;
    size_t fields; /* besides Host, which HTTP/1.1 must have */
} requests[] = {
    {TXT("GET /" H11 "\r\n"), OK, HTTP_BODY_NONE, 0, KEEP, 0},
    {TXT("\r\n\nGET /" H11 "Hosts: a\r\n\r\n"), OK, HTTP_BODY_NONE, 0, KEEP, 1},
    {TXT("GET / HTTP/1.1\nHost: x\n\n"), OK, HTTP_BODY_NONE, 0, KEEP, 0},
    {TXT("GET / HTTP/1.0\r\n\r\n"), OK, HTTP_BODY_NONE, 0, 0, 0},
    {TXT("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"), OK, HTTP_BODY_NONE, 0, KEEP, 1},
    {TXT("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n"), OK, HTTP_BODY_NONE, 0, 0, 1},
    {TXT("GET /" H11 "connection: Close\r\n\r\n"), OK, HTTP_BODY_NONE, 0, 0, 1},
    {TXT("GET /" H11 "Connection: te, CLOSE ;x\r\n\r\n"), OK, HTTP_BODY_NONE, 0, 0, 1},
    {TXT("GET /" H11 "Connection: close\r\nConnection: keep-alive\r\n\r\n"), OK, HTTP_BODY_NONE, 0,
     0, 2},
    {TXT("GET /" H11 "Connection: upgrade\r\n\r\n"), OK, HTTP_BODY_NONE, 0, KEEP, 1},
    {TXT("POST /" H11 "Content-Length: 5\r\n\r\nSELEC"), OK, HTTP_BODY_LENGTH, 5, KEEP, 1},
    {TXT("POST /" H11 "Content-Length: 0\r\n\r\n"), OK, HTTP_BODY_NONE, 0, KEEP, 1},
    {TXT("POST /" H11 "Content-Length:\t 5 \t\r\ncontent-length: 5\r\n\r\n"), OK, HTTP_BODY_LENGTH,
     5, KEEP, 2},
    {TXT("POST /" H11 "Transfer-Encoding: Chunked\r\n\r\n"), OK, HTTP_BODY_CHUNKED, 0, KEEP, 1},
    {TXT("POST /" H11 "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\n"), OK, HTTP_BODY_LENGTH, 1,
     KEEP | CONTINUE, 2},
    {TXT("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"), OK,
     HTTP_BODY_LENGTH, 1, 0, 2},
    {TXT("POST /" H11 "Content-Length: 18446744073709551615\r\n\r\n"), OK, HTTP_BODY_LENGTH,
     UINT64_MAX, KEEP, 1},
    {TXT("GET /" H11 "X:\r\nY: \r\n\r\n"), OK, HTTP_BODY_NONE, 0, KEEP, 2},
    /* more is needed */
    {.bytes = TXT(""), .rc = ERR_BUSY},
    {.bytes = TXT("\r\n\r\n"), .rc = ERR_BUSY},
    {.bytes = TXT("\r\n\r\nGET /" H11), .rc = ERR_BUSY},
    {.bytes = TXT("GET /" H11 "Hosts: a\r\n"), .rc = ERR_BUSY},
    {.bytes = TXT("GET /" H11 "Hosts: a\r\n\r"), .rc = ERR_BUSY},
    /* request lines */
    {.bytes = TXT("GET  /" H11 "\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT(" GET /" H11 "\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("GET / \r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("GET\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("GET / HTTP/2.0\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("GET / HTTP/1.2\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("GET / HTTP/1.1 \r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("GET / http/1.1\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("GET /a b" H11 "\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("GET /\rb" H11 "\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("GET /\0b" H11 "\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("GE(T /" H11 "\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("\x16\x03\x01\x02\n\n"), .rc = ERR_INVALID},   /* TLS on a plain port */
    {.bytes = TXT("GET / HTTP/1.1\r\n\r\n"), .rc = ERR_INVALID}, /* no Host */
    {.bytes = TXT("GET /" H11 "Host: x\r\n\r\n"), .rc = ERR_INVALID},
    /* smuggling */
    {.bytes = TXT("POST /" H11 "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"),
     .rc = ERR_INVALID},
    {.bytes = TXT("POST /" H11 "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"),
     .rc = ERR_INVALID},
    {.bytes = TXT("POST /" H11 "Content-Length: 5\r\nContent-Length: 6\r\n\r\n"),
     .rc = ERR_INVALID},
    {.bytes = TXT("POST /" H11 "Content-Length: 5, 5\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("POST /" H11 "Content-Length: +5\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("POST /" H11 "Content-Length: -5\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("POST /" H11 "Content-Length: 0x5\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("POST /" H11 "Content-Length: 5 5\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("POST /" H11 "Content-Length:\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("POST /" H11 "Content-Length: 18446744073709551616\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("POST /" H11 "Content-Length : 5\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("POST /" H11 "Transfer-Encoding\t: chunked\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("POST /" H11 "Transfer-Encoding: gzip, chunked\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("POST /" H11 "Transfer-Encoding: gzip\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("POST /" H11 "Transfer-Encoding: identity\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("POST /" H11 "Transfer-Encoding: chunked, chunked\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("POST /" H11 "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"),
     .rc = ERR_INVALID},
    {.bytes = TXT("POST /" H11 "Transfer-Encoding: \x0b"
                  "chunked\r\n\r\n"),
     .rc = ERR_INVALID},
    {.bytes = TXT("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("GET /" H11 "A: b\r\n c\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("GET /" H11 " A: b\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("GET /" H11 "A: b\rC: d\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("GET /" H11 "A: b\r\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("GET /" H11 "A: b\0c\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("GET /" H11 "A: b\x7f\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("GET /" H11 "A\0: b\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("GET /" H11 ": b\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("GET /" H11 "no colon\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("GET /" H11 "\r\r\n\r\n"), .rc = ERR_INVALID},
};

static void test_requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
        struct http_head h;
        int rc = parse(&h, requests[i].bytes, true, false);

        if (rc != requests[i].rc)
            fail_msg("request %zu: %s", i, error_name((enum err)rc));
        if (rc != OK)
            continue;
        assert_int_equal(h.body, requests[i].body);
        assert_int_equal(h.length, requests[i].length);
        if ((h.keep_alive ? KEEP : 0u) + (h.expect_continue ? CONTINUE : 0u) != requests[i].flags)
            fail_msg("request %zu: flags", i);
        assert_int_equal(h.count, requests[i].fields + (size_t)h.minor);
        assert_int_equal(h.used, requests[i].bytes.n - (size_t)(h.body == HTTP_BODY_LENGTH &&
                                                                        requests[i].fields == 1 &&
                                                                        h.length == 5
                                                                    ? 5
                                                                    : 0));
    }
}

static void test_request_views(void **state)
{
    struct http_head h;

    (void)state;
    assert_int_equal(
        parse(&h, STR("PUT /a?b HTTP/1.1\r\nHost: h\r\nOne:  x y \t\r\nTWO: z\r\none: w\r\n\r\nZ"),
              true, false),
        OK);
    assert_true(str_eq(h.method, STR("PUT")));
    assert_true(str_eq(h.target, STR("/a?b")));
    assert_int_equal(h.minor, 1);
    assert_true(str_eq(http_header(&h, STR("oNE")), STR("x y")));
    assert_true(str_eq(http_header(&h, STR("two")), STR("z")));
    assert_null(http_header(&h, STR("three")).p);
    assert_int_equal(held[h.used], 'Z');
}

/* As the server does it: more bytes each time, `from` = what is known to hold no end. */
static void test_request_grows(void **state)
{
    static const char text[] = "\r\nGET / HTTP/1.1\r\nHost: h\r\nA: b\r\nContent-Length: 3\r\n\r\n";

    (void)state;
    for (size_t step = 1; step < 8; step++) {
        struct http_head h = {.headers = fields, .capacity = HEADERS};
        size_t known = 0, n = 0;
        int rc = ERR_BUSY;

        while (rc == ERR_BUSY && n < sizeof(text) - 1) {
            n = n + step < sizeof(text) - 1 ? n + step : sizeof(text) - 1;
            rc = http_parse_request(&h, str_of(text, n), known, NULL);
            known = n;
        }
        assert_int_equal(rc, OK);
        assert_int_equal(h.used, sizeof(text) - 1);
        assert_int_equal(h.length, 3);
    }
}

static void test_field_limit(void **state)
{
    struct buf b = buf_make(10000);
    struct http_head h;

    (void)state;
    buf_put_str(&b, STR("GET / HTTP/1.0\r\n"));
    for (int i = 0; i < HEADERS; i++)
        buf_printf(&b, "A%d: x\r\n", i);
    buf_put_str(&b, STR("\r\n"));
    assert_int_equal(parse(&h, buf_str(&b), true, false), OK);
    b.n -= 2;
    buf_put_str(&b, STR("Last: x\r\n\r\n"));
    assert_int_equal(parse(&h, buf_str(&b), true, false), ERR_LIMIT);
    buf_reset(&b);
}

static const struct {
    struct str bytes;
    int rc;
    bool head;
    int status;
    enum http_body body;
    uint64_t length;
    bool keep;
} responses[] = {
    {TXT("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"), OK, false, 200, HTTP_BODY_LENGTH, 3,
     true},
    {TXT("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"), OK, false, 200, HTTP_BODY_NONE, 0, true},
    {TXT("HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n"), OK, false, 200, HTTP_BODY_CHUNKED,
     0, true},
    {TXT("HTTP/1.1 200 All is well\r\n\r\n"), OK, false, 200, HTTP_BODY_TO_END, 0, false},
    {TXT("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\n"), OK, false, 200, HTTP_BODY_LENGTH, 3,
     false},
    {TXT("HTTP/1.0 200 OK\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\n"), OK, false, 200,
     HTTP_BODY_LENGTH, 3, true},
    {TXT("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\n"), OK, false, 200,
     HTTP_BODY_LENGTH, 3, false},
    {TXT("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"), OK, true, 200, HTTP_BODY_NONE, 3, true},
    {TXT("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), OK, true, 200, HTTP_BODY_NONE, 0,
     true},
    {TXT("HTTP/1.1 204 No Content\r\n\r\n"), OK, false, 204, HTTP_BODY_NONE, 0, true},
    {TXT("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"), OK, false, 304, HTTP_BODY_NONE,
     9, true},
    {TXT("HTTP/1.1 100 Continue\r\n\r\n"), OK, false, 100, HTTP_BODY_NONE, 0, true},
    {TXT("HTTP/1.1 503 X\nRetry-After: 1\n\n"), OK, false, 503, HTTP_BODY_TO_END, 0, false},
    {.bytes = TXT(""), .rc = ERR_BUSY},
    {.bytes = TXT("HTTP/1.1 200 OK\r"), .rc = ERR_BUSY},
    {.bytes = TXT("HTTP/1.1 200 OK\r\nA: b\r\n"), .rc = ERR_BUSY},
    {.bytes = TXT("HTTP/1.1 20 OK\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("HTTP/1.1 099 OK\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("HTTP/1.1 2000 OK\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("HTTP/1.1 2x0 OK\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("HTTP/1.1  200 OK\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("HTTP/1.1\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("HTTP/2 200 OK\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("SSH-2.0-OpenSSH_9.2\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("HTTP/1.1 200 O\rK\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("HTTP/1.1 200 O\0K\r\n\r\n"), .rc = ERR_INVALID},
    {.bytes = TXT("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"),
     .rc = ERR_INVALID},
    {.bytes = TXT("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"),
     .rc = ERR_INVALID},
    {.bytes = TXT("HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n"), .rc = ERR_INVALID},
};

static void test_responses(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(responses); i++) {
        struct http_head h;
        int rc = parse(&h, responses[i].bytes, false, responses[i].head);

        if (rc != responses[i].rc)
            fail_msg("response %zu: %s", i, error_name((enum err)rc));
        if (rc != OK)
            continue;
        assert_int_equal(h.status, responses[i].status);
        assert_int_equal(h.body, responses[i].body);
        assert_int_equal(h.length, responses[i].length);
        if (h.keep_alive != responses[i].keep)
            fail_msg("response %zu: keep-alive", i);
        assert_int_equal(h.used, responses[i].bytes.n);
    }
}

/* ---- chunked ---- */

/* Feeds `in` cut in two at `split`, each part in a copy of its own. */
static int unchunk(struct str in, size_t split, struct buf *out, struct str *rest)
{
    struct http_chunks d = {0};
    size_t used = 0;
    int rc = OK;

    for (int part = 0; part < 2 && rc == OK && !d.done; part++) {
        struct str s = part == 0 ? str_of(in.p, split) : str_skip(in, split), piece;
        char *copy = malloc(s.n > 0 ? s.n : 1);

        memcpy(copy, s.p, s.n);
        s.p = copy;
        used += s.n;
        while (rc == OK && s.n > 0 && !d.done) {
            rc = http_chunks_next(&d, &s, &piece, NULL);
            if (rc == OK)
                buf_put_str(out, piece);
        }
        used -= s.n;
        free(copy);
    }
    *rest = str_skip(in, used);
    return rc != OK ? rc : d.done ? OK : ERR_BUSY;
}

static const struct {
    struct str in;
    int rc;
    const char *out;
    size_t left; /* bytes that follow the body */
} bodies[] = {
    {TXT("0\r\n\r\n"), OK, "", 0},
    {TXT("3\r\nabc\r\n0\r\n\r\n"), OK, "abc", 0},
    {TXT("00000003\r\nabc\r\nA\r\n0123456789\r\n000\r\n\r\nGET /"), OK, "abc0123456789", 5},
    {TXT("a;x=\"y z\";q\r\n0123456789\r\n0;last\r\n\r\n"), OK, "0123456789", 0},
    {TXT("3 ; x\r\na\r\n\r\n0\r\nTrailer: 1\r\nOther: 2\r\n\r\nX"), OK, "a\r\n", 1},
    {TXT("3\r\nabc\r\n"), ERR_BUSY, "abc", 0},
    {TXT("fffffffffffffff\r\nabc"), ERR_BUSY, "abc", 0},
    {TXT("0\r\nTrailer: 1\r\n"), ERR_BUSY, "", 0},
    {TXT("\r\nabc"), ERR_INVALID, "", 0},
    {TXT("-3\r\nabc"), ERR_INVALID, "", 0},
    {TXT("0x3\r\nabc"), ERR_INVALID, "", 0},
    {TXT("g\r\nabc"), ERR_INVALID, "", 0},
    {TXT(" 3\r\nabc"), ERR_INVALID, "", 0},
    {TXT(";x\r\n"), ERR_INVALID, "", 0},
    {TXT("3\nabc\n0\n\n"), ERR_INVALID, "", 0},
    {TXT("3;x\nabc\r\n"), ERR_INVALID, "", 0},
    {TXT("3;x\ry\r\nabc\r\n"), ERR_INVALID, "", 0},
    {TXT("3\rabc"), ERR_INVALID, "", 0},
    {TXT("3\r\nabcd\r\n"), ERR_INVALID, "abc", 0},
    {TXT("3\r\nabc\n0\r\n\r\n"), ERR_INVALID, "abc", 0},
    {TXT("3\r\nabc\rX0\r\n\r\n"), ERR_INVALID, "abc", 0},
    {TXT("0\r\n\rX"), ERR_INVALID, "", 0},
    {TXT("0\r\n\n"), ERR_INVALID, "", 0},
    {TXT("0\r\nA: b\n\r\n"), ERR_INVALID, "", 0},
    {TXT("0\r\nA: b\rc\r\n\r\n"), ERR_INVALID, "", 0},
    {TXT("1000000000000000\r\n"), ERR_INVALID, "", 0},
    {TXT("ffffffffffffffffffff\r\n"), ERR_INVALID, "", 0},
};

static void test_chunks_at_every_split(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        for (size_t split = 0; split <= bodies[i].in.n; split++) {
            struct buf out = buf_make(1000);
            struct str rest;
            int rc = unchunk(bodies[i].in, split, &out, &rest);

            if (rc != bodies[i].rc)
                fail_msg("body %zu cut at %zu: %s", i, split, error_name((enum err)rc));
            assert_true(str_eq(buf_str(&out), str_c(bodies[i].out)));
            assert_true(rc == ERR_INVALID || rest.n == bodies[i].left);
            buf_reset(&out);
        }
    }
}

/* Neither extensions nor trailers may go on for ever. */
static void test_chunk_limits(void **state)
{
    static const struct {
        const char *begin, *repeat;
        int rc;
    } cases[] = {
        {"3;", "x", ERR_INVALID},          {"0\r\nA: ", "x", ERR_INVALID},
        {"0\r\n", "A:b\r\n", ERR_INVALID}, {"0\r\n", "a\r\n", ERR_INVALID},
        {"", "1;x\r\nz\r\n", ERR_INVALID}, {"", "1\r\nz\r\n", ERR_BUSY},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf in = buf_make(1 << 20), out = buf_make(1 << 20);
        struct str rest;
        int rc;

        buf_put_str(&in, str_c(cases[i].begin));
        while (in.n < 100000)
            buf_put_str(&in, str_c(cases[i].repeat));
        rc = unchunk(buf_str(&in), in.n / 2, &out, &rest);
        if (rc != cases[i].rc)
            fail_msg("case %zu: %s", i, error_name((enum err)rc));
        buf_reset(&in);
        buf_reset(&out);
    }
}

/* ---- small things ---- */

static void test_lists(void **state)
{
    (void)state;
    assert_true(http_list_has(STR("a, B ;q=1,c"), STR("b")));
    assert_true(http_list_has(STR("b"), STR("B")));
    assert_false(http_list_has(STR("bb, c"), STR("b")));
    assert_false(http_list_has(STR(""), STR("b")));
    assert_false(http_list_has(STR_NONE, STR("b")));
    assert_string_equal(http_reason(200), "OK");
    assert_string_equal(http_reason(299), "");
}

static const struct {
    const char *url;
    bool ok, tls;
    const char *host, *authority, *path;
    unsigned port;
} urls[] = {
    {"http://a", true, false, "a", "a", "", 80},
    {"HTTPS://a.b/", true, true, "a.b", "a.b", "/", 443},
    {"http://a:8080/x?y#z", true, false, "a", "a:8080", "/x?y#z", 8080},
    {"http://a:/x", true, false, "a", "a:", "/x", 80},
    {"http://a?q=/", true, false, "a", "a", "?q=/", 80},
    {"https://[::1]:8443/v1", true, true, "::1", "[::1]:8443", "/v1", 8443},
    {"http://[fe80::1]", true, false, "fe80::1", "[fe80::1]", "", 80},
    {.url = "ftp://a"},
    {.url = "a:80"},
    {.url = ""},
    {.url = "http://"},
    {.url = "http:///x"},
    {.url = "http://:80"},
    {.url = "http://a:0"},
    {.url = "http://a:65536"},
    {.url = "http://a:8x"},
    {.url = "http://a:80:80"},
    {.url = "http://[::1"},
    {.url = "http://[]"},
    {.url = "http://[::1]8080"},
    {.url = "http://user@a"},
    {.url = "http://a\r\nb/"},
    {.url = "http://a b/"},
};

static void test_urls(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
        struct http_url u;
        int rc = http_url_parse(&u, str_c(urls[i].url), NULL);

        if ((rc == OK) != urls[i].ok)
            fail_msg("%s: %s", urls[i].url, error_name((enum err)rc));
        if (rc != OK)
            continue;
        assert_int_equal(u.tls, urls[i].tls);
        assert_int_equal(u.port, urls[i].port);
        assert_true(str_eq(u.host, str_c(urls[i].host)));
        assert_true(str_eq(u.authority, str_c(urls[i].authority)));
        assert_true(str_eq(u.path, str_c(urls[i].path)));
    }
}

static int free_held(void **state)
{
    (void)state;
    free(held);
    held = NULL;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests),      cmocka_unit_test(test_request_views),
        cmocka_unit_test(test_request_grows), cmocka_unit_test(test_field_limit),
        cmocka_unit_test(test_responses),     cmocka_unit_test(test_chunks_at_every_split),
        cmocka_unit_test(test_chunk_limits),  cmocka_unit_test(test_lists),
        cmocka_unit_test(test_urls),
    };

    return cmocka_run_group_tests(tests, NULL, free_held);
}
