/* SPDX-License-Identifier: Apache-2.0 */
/* test_response.c - headers from a cluster to a client, in all four directions. */
#include "protocol/response.h"

#include "protocol/urlcode.h"
#include "tests/unit/header_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const struct {
    enum dialect from, to;
    const char *in, *out;
} cases[] = {
    {DIALECT_TRINO, DIALECT_TRINO,
     "Date: x\nContent-Type: application/json\nContent-Length: 1\nContent-Encoding: gzip\nServer: "
     "x\n"
     "X-Trino-Set-Path: a,b\nx-trino-new: 1\nSet-Cookie: a=b\nVary: Accept-Encoding\nVia: x\n"
     "Transfer-Encoding: chunked\nConnection: close, X-Hop\nX-Hop: x\nRetry-After: 1\n"
     "X-Trino-Query-Data-Encoding: json\nWWW-Authenticate: Basic realm=\"Trino\"\nLocation: "
     "http://c",
     "Content-Type: application/json\nX-Trino-Set-Path: a,b\nx-trino-new: 1\nSet-Cookie: a=b\n"
     "Vary: Accept-Encoding\nRetry-After: 1\nX-Trino-Query-Data-Encoding: json\n"
     "WWW-Authenticate: Basic realm=\"Trino\"\n"},
    {DIALECT_TRINO, DIALECT_NONE, "X-Trino-Set-Path: a", "X-Trino-Set-Path: a\n"},
    {DIALECT_TRINO, DIALECT_PRESTO,
     "x-trino-set-catalog: c\nX-Trino-Set-Schema: s\nX-Trino-Set-Path: p\nX-Trino-Set-Role: "
     "system=ALL\n"
     "X-Trino-Set-Session: a=%41,b=1\nX-Trino-Clear-Session: a\nX-Trino-Deallocated-Prepare: p+q\n"
     "X-Trino-Started-Transaction-Id: 1\nX-Trino-Clear-Transaction-Id: true\n"
     "X-Trino-Set-Authorization-User: u\nX-Trino-Reset-Authorization-User: true\n"
     "X-Trino-Set-Original-Roles: x\nX-Trino-Query-Data-Encoding: json\nX-Trino-New: x\n"
     "X-Trino-Added-Prepare: p=SELECT+%3F%0A\nX-Presto-Set-Catalog: alien",
     "X-Presto-Set-Catalog: c\nX-Presto-Set-Schema: s\nX-Presto-Set-Role: system=ALL\n"
     "X-Presto-Set-Session: a=%41,b=1\nX-Presto-Clear-Session: a\nX-Presto-Deallocated-Prepare: "
     "p+q\n"
     "X-Presto-Started-Transaction-Id: 1\nX-Presto-Clear-Transaction-Id: true\n"
     "X-Presto-Added-Prepare: p=SELECT+%3F%0A\n"},
    {DIALECT_TRINO, DIALECT_PRESTO, "X-Trino-Added-Prepare: p=%24zstd%3AAAAA,q=1",
     "X-Presto-Added-Prepare: p=%24zstd%3AAAAA,q=1\n"},
    {DIALECT_PRESTO, DIALECT_TRINO,
     "Cache-Control: max-age=300\nX-Presto-Added-Session-Functions: x\nX-Presto-Set-Role: "
     "tpch=ALL\n"
     "X-Presto-Removed-Session-Function: x\nX-Presto-Added-Prepare: p=a\nX-Presto-Page-Token: 1",
     "Cache-Control: max-age=300\nX-Trino-Set-Role: tpch=ALL\nX-Trino-Added-Prepare: p=a\n"},
    {DIALECT_TRINO, DIALECT_TRINO,
     "www-authenticate: Bearer x_redirect_server=\"https://c/oauth2/token/initiate/1\", "
     "x_token_server=\"https://c/oauth2/token/1\"\nWWW-Authenticate: Basic realm=\"x\"",
     "WWW-Authenticate: Basic realm=\"x\"\n"},
};

static void unfold(struct buf *b)
{
    size_t n = 0;

    for (size_t i = 0; i < b->n; i++)
        if (b->p[i] != '\r')
            b->p[n++] = b->p[i];
    b->n = n;
}

static void follows_the_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct header_text h;
        struct arena a = {0};
        struct buf out = buf_make(4096);
        struct response_seen seen;

        header_text_parse(&h, str_c(cases[i].in));
        response_headers(&out, &a, h.items, h.count, cases[i].from, cases[i].to, &seen);
        unfold(&out);
        if (!str_eq(buf_str(&out), str_c(cases[i].out)))
            fail_msg("%s\ngave:\n%.*s", cases[i].in, STR_ARG(buf_str(&out)));
        arena_reset(&a);
        buf_reset(&out);
    }
}

static void notes_what_it_sees(void **state)
{
    struct header_text h;
    struct arena a = {0};
    struct buf out = buf_make(4096);
    struct response_seen seen;

    (void)state;
    header_text_parse(&h, STR("X-Trino-Started-Transaction-Id: 12-3\nLocation: http://c/\n"
                              "Content-Type: text/plain\nContent-Encoding: gzip\n"
                              "cache-control: max-age=9\nX-Trino-Clear-Transaction-Id: true\n"
                              "WWW-Authenticate: Bearer x_token_server=\"u\""));
    response_headers(&out, &a, h.items, h.count, DIALECT_TRINO, DIALECT_PRESTO, &seen);
    assert_true(str_eq(seen.started_transaction_id, STR("12-3")));
    assert_true(seen.clear_transaction);
    assert_true(str_eq(seen.location, STR("http://c/")));
    assert_true(str_eq(seen.content_type, STR("text/plain")));
    assert_true(str_eq(seen.content_encoding, STR("gzip")));
    assert_true(str_eq(seen.cache_control, STR("max-age=9")));
    assert_true(str_eq(seen.token_challenge, STR("Bearer x_token_server=\"u\"")));
    response_headers(&out, &a, NULL, 0, DIALECT_TRINO, DIALECT_PRESTO, &seen);
    assert_false(seen.clear_transaction);
    assert_int_equal(seen.location.n, 0);
    arena_reset(&a);
    buf_reset(&out);
}

/* ---- the recordings ---- */

static size_t packed_seen;

static bool is_removed(struct str name)
{
    static const char *const names[] = {"Content-Length", "Content-Encoding", "Transfer-Encoding",
                                        "Location"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_nocase(name, str_c(names[i])))
            return true;
    return false;
}

static enum dialect dialect_of(const struct header_text *h)
{
    for (size_t i = 0; i < h->count; i++)
        if (str_starts(h->items[i].name, STR("X-Presto-")))
            return DIALECT_PRESTO;
    return DIALECT_TRINO;
}

static void replay_own(const struct header_text *h, json_t *exchange)
{
    enum dialect d = dialect_of(h);
    struct buf out = buf_make(1u << 20), want = buf_make(1u << 20);
    struct arena a = {0};
    struct response_seen seen;

    (void)exchange;
    for (size_t i = 0; i < h->count; i++)
        if (!is_removed(h->items[i].name))
            buf_printf(&want, "%.*s: %.*s\r\n", STR_ARG(h->items[i].name),
                       STR_ARG(h->items[i].value));
    response_headers(&out, &a, h->items, h->count, d, d, &seen);
    assert_true(str_eq(buf_str(&out), buf_str(&want)));
    buf_reset(&out);
    buf_reset(&want);
    arena_reset(&a);
}

/* A packed statement that a server of today sent comes out as the SQL. */
static void check_prepare(struct str before, struct str after, enum dialect to)
{
    struct arena a = {0};
    struct str sql = str_skip(after, str_find(after, '=') + 1);

    assert_true(url_decode(&sql, &a, sql));
    if (to == DIALECT_PRESTO) {
        assert_true(str_starts(sql, STR("SELECT")) || str_starts(sql, STR("INSERT")));
        packed_seen += str_search(before, STR("%24zstd")) < before.n;
    }
    arena_reset(&a);
}

static void replay_crossed(const struct header_text *h, json_t *exchange)
{
    enum dialect from = dialect_of(h), to = from == DIALECT_TRINO ? DIALECT_PRESTO : DIALECT_TRINO;
    struct buf out = buf_make(1u << 20);
    struct arena a = {0};
    struct response_seen seen;
    struct header_text got;

    (void)exchange;
    response_headers(&out, &a, h->items, h->count, from, to, &seen);
    header_text_parse(&got, buf_str(&out));
    for (size_t i = 0; i < got.count; i++) {
        assert_false(str_starts(got.items[i].name,
                                from == DIALECT_TRINO ? STR("X-Trino-") : STR("X-Presto-")));
        assert_true(str_search(got.items[i].name, STR("Authorization")) == got.items[i].name.n);
        if (!str_ends(got.items[i].name, STR("-Added-Prepare")))
            continue;
        for (size_t k = 0; k < h->count; k++)
            if (str_ends(h->items[k].name, STR("-Added-Prepare")))
                check_prepare(h->items[k].value, got.items[i].value, to);
    }
    buf_reset(&out);
    arena_reset(&a);
}

static void passes_recorded_responses(void **state)
{
    const char *root = wire_root();

    (void)state;
    if (root == NULL)
        return;
    assert_true(wire_each(root, "*/*/*.jsonl", "response_headers", replay_own) > 2000);
    assert_true(wire_each(root, "*/*/*.jsonl", "response_headers", replay_crossed) > 2000);
    assert_true(packed_seen > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_the_rules),
        cmocka_unit_test(notes_what_it_sees),
        cmocka_unit_test(passes_recorded_responses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
