/* SPDX-License-Identifier: Apache-2.0 */
/* test_request.c - headers from a client to a cluster, in all four directions. */
#include "protocol/request.h"

#include "protocol/urlcode.h"
#include "tests/unit/header_text.h"

#include <zstd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const char *const drops[] = {"time_zone_id", "tpch.gone"};
static const char *const renames[] = {"query_max_run_time=max_run", "a=b"};

#define TO(d) .rules = {.to = DIALECT_##d, .strip_hint = true}

static const struct {
    const char *in, *out; /* lines; out NULL = ERR_INVALID with the text `error` */
    struct request_rules rules;
    const char *error;
} cases[] = {
    /* The same dialect: as it is, in order, less what ends here. */
    {"Host: gw\nX-Trino-User: a\nAccept: */*\nUser-Agent: x\nx-trino-new-thing: 1,2\nCookie: c=d\n"
     "Authorization: Basic x\nContent-Type: text/plain\nContent-Length: 8\nAccept-Encoding: gzip",
     "X-Trino-User: a\nAccept: */*\nUser-Agent: x\nx-trino-new-thing: 1,2\nCookie: c=d\n"
     "Authorization: Basic x\nContent-Type: text/plain\n",
     TO(TRINO), NULL},
    {"connection: keep-alive, x-hop\nKeep-Alive: 5\nTE: trailers\nTrailer: x\nUpgrade: h2c\n"
     "Transfer-Encoding: chunked\nProxy-Authorization: x\nproxy-connection: x\nExpect: "
     "100-continue\n"
     "X-Forwarded-For: x\nx-forwarded-anything: x\nForwarded: for=x\nVia: x\nX-Hop: gone\n"
     "X-Forwarder: stays\nProxys: stays",
     "X-Forwarder: stays\nProxys: stays\n", TO(PRESTO), NULL},
    {"X-Presto-Routing-Group: g\nx-presto-prefix-url: http://p/\nX-Trino-Routing-Group: "
     "g\nX-Presto-User: a",
     "X-Presto-User: a\n", TO(PRESTO), NULL},
    {"X-Trino-Query-Data-Encoding: json", "", TO(TRINO), NULL},
    {"X-Trino-Query-Data-Encoding: json", "X-Trino-Query-Data-Encoding: json\n",
     .rules = {.to = DIALECT_TRINO, .spooling = true}, NULL},
    {"X-Trino-Extra-Credential: routing=a\nX-Trino-Extra-Credential: token=YQ%3D%3d",
     "X-Trino-Extra-Credential: token=YQ%3D%3d\n", TO(TRINO), NULL},
    {"x-presto-Extra-Credential: token=YQ==,routing=a,,b = c",
     "x-presto-Extra-Credential: token=YQ==,b = c\n", TO(PRESTO), NULL},
    {"X-Presto-Extra-Credential: token=YQ==,,routings=a",
     "X-Presto-Extra-Credential: token=YQ==,,routings=a\n", TO(PRESTO), NULL},
    {"X-Presto-Extra-Credential: routing=a", "X-Presto-Extra-Credential: routing=a\n",
     .rules = {.to = DIALECT_PRESTO}, NULL},
    {"X-Trino-Session: a=%41, time_zone_id=x,query_max_run_time = 2s,c=%2b\nX-Trino-Session: "
     "tpch.gone=1\nX-Trino-Session:",
     "X-Trino-Session: b=%41,max_run= 2s,c=%2b\nX-Trino-Session: \n",
     .rules = {.to = DIALECT_TRINO,
               .drop_properties = drops,
               .drop_count = 2,
               .rename_properties = renames,
               .rename_count = 2},
     NULL},
    /* Trino client, Presto cluster. */
    {"x-trino-user: a\nX-Trino-Original-User: b\nX-Trino-Source: s\nX-Trino-Path: p\nX-Trino-New: "
     "x\n"
     "X-Trino-Client-Capabilities: PATH,PARAMETRIC_DATETIME\nX-Trino-Original-Roles: x\n"
     "X-Trino-Query-Data-Encoding: json\nX-Trino-Transaction-Id: NONE\nX-Trino-Client-Tags: a, b\n"
     "X-Trino-Time-Zone: UTC\nX-Trino-Language: en\nX-Trino-Client-Info: x=y,z\nAuthorization: B "
     "x\n"
     "X-Trino-Trace-Token: t\nX-Trino-Catalog: c\nX-Trino-Schema: s",
     "X-Presto-Source: s\nX-Presto-Transaction-Id: NONE\nX-Presto-Client-Tags: a, b\n"
     "X-Presto-Time-Zone: UTC\nX-Presto-Language: en\nX-Presto-Client-Info: x=y,z\n"
     "Authorization: B x\nX-Presto-Trace-Token: t\nX-Presto-Catalog: c\nX-Presto-Schema: s\n"
     "X-Presto-User: a\n",
     .rules = {.to = DIALECT_PRESTO, .spooling = true}, NULL},
    {"X-Trino-Original-User: b\nX-Trino-User:", "X-Presto-User: b\n", TO(PRESTO), NULL},
    {"X-Trino-Session: a=%c3%a4 x+y,cat.p=%0d%0aX%3A1,e=\nX-Trino-Session:",
     "X-Presto-Session: a=%C3%A4+x+y,cat.p=%0D%0AX%3A1,e=\n", TO(PRESTO), NULL},
    {"X-Trino-Session: time_zone_id=x,a=1,query_max_run_time=2s",
     "X-Presto-Session: b=1,max_run=2s\n",
     .rules = {.to = DIALECT_PRESTO,
               .drop_properties = drops,
               .drop_count = 2,
               .rename_properties = renames,
               .rename_count = 2},
     NULL},
    {"X-Trino-Session: a.b.c=1", NULL, TO(PRESTO), "Invalid X-Trino-Session header"},
    {"X-Trino-Session: a=1=2", NULL, TO(PRESTO), "Invalid X-Trino-Session header"},
    {"X-Trino-Session: a=%", NULL, TO(PRESTO), "Invalid X-Trino-Session header"},
    {"X-Trino-Role: System=ALL,tpch=ROLE%7Badmin%7D", "X-Presto-Role: tpch=ROLE%7Badmin%7D\n",
     TO(PRESTO), NULL},
    {"X-Trino-Role: system=ROLE%7Badmin%7D", "", TO(PRESTO), NULL},
    {"X-Trino-Resource-Estimate: EXECUTION_TIME=5m,PEAK_MEMORY=1%47B",
     "X-Presto-Resource-Estimate: EXECUTION_TIME=5m,PEAK_MEMORY=1GB\n", TO(PRESTO), NULL},
    {"X-Trino-Resource-Estimate: CPU_TIME=1%2C2", NULL, TO(PRESTO),
     "Invalid X-Trino-Resource-Estimate header"},
    {"X-Trino-Resource-Estimate: CPU_TIME=1%0d%0aX-Evil%3a1", NULL, TO(PRESTO),
     "Invalid X-Trino-Resource-Estimate header"},
    {"X-Trino-Extra-Credential: token=YWJjZA%3D%3D, routing=a+b,c=%2C",
     "X-Presto-Extra-Credential: token=YWJjZA%3D%3D,c=%2C\n", TO(PRESTO), NULL},
    {"X-Trino-Prepared-Statement: p%20=SELECT+%3f", "X-Presto-Prepared-Statement: p+=SELECT+%3F\n",
     TO(PRESTO), NULL},
    {"X-Trino-Prepared-Statement: p=%24zstd%3A%25%25", NULL, TO(PRESTO),
     "Invalid compressed prepared statement"},
    {"X-Trino-User: a\nX-Trino-Prepared-Statement: gw=x,p=y",
     "X-Presto-Prepared-Statement: p=y\nX-Presto-User: a\nX-Presto-Prepared-Statement: "
     "gw=SELECT+%27%3F%27\n",
     .rules = {.to = DIALECT_PRESTO,
               .add_prepared_name = {"gw", 2},
               .add_prepared_sql = {"SELECT '?'", 10}},
     NULL},
    /* Presto client, Trino cluster. */
    {"X-Presto-User: a\nX-Presto-Session-Function: x=y\nX-Presto-Retry-Query: "
     "true\nX-Presto-Prefix-Url: x\n"
     "X-Presto-Client-Capabilities: PARAMETRIC_DATETIME\nX-Presto-Transaction-Id: "
     "1-2\nX-Presto-Max-Wait: 1s",
     "X-Trino-Transaction-Id: 1-2\nX-Trino-User: a\n", TO(TRINO), NULL},
    {"X-Presto-Extra-Credential: token=YWJjZA==,routing=a,x=a+b%20c/d=e",
     "X-Trino-Extra-Credential: token=YWJjZA%3D%3D,x=a+b+c%2Fd%3De\n", TO(TRINO), NULL},
    {"X-Presto-Role: tpch=ROLE{admin},system=ALL",
     "X-Trino-Role: tpch=ROLE%7Badmin%7D,system=ALL\n", TO(TRINO), NULL},
    {"X-Presto-Resource-Estimate: EXECUTION_TIME=5 m,peak_task_memory=1GB",
     "X-Trino-Resource-Estimate: EXECUTION_TIME=5+m\n", TO(TRINO), NULL},
    {"X-Presto-Prepared-Statement: p=SELECT+%3F=1",
     "X-Trino-Prepared-Statement: p=SELECT+%3F%3D1\n", TO(TRINO), NULL},
    {"X-Presto-Session: a=b=c", NULL, TO(TRINO), "Invalid X-Presto-Session header"},
    /* Polls, and clients that do not name their user. */
    {"X-Trino-User: a\nX-Trino-Session: bad\nX-Trino-Source: s\nUser-Agent: x\nCookie: c=d",
     "User-Agent: x\nCookie: c=d\nX-Presto-User: a\n",
     .rules = {.to = DIALECT_PRESTO, .poll = true}, NULL},
    {"Accept: */*", "Accept: */*\nX-Presto-User: bob\n",
     .rules = {.to = DIALECT_PRESTO, .fallback_user = {"bob", 3}}, NULL},
    {"X-Trino-User:\nX-Trino-Source: s", "X-Trino-Source: s\nX-Trino-User: bob\n",
     .rules = {.to = DIALECT_TRINO, .fallback_user = {"bob", 3}}, NULL},
    {"X-Trino-User:\nX-Trino-Source: s", "X-Trino-User: \nX-Trino-Source: s\n",
     .rules = {.to = DIALECT_TRINO}, NULL},
    {"X-Trino-User:", "X-Presto-User: bob\n",
     .rules = {.to = DIALECT_PRESTO, .poll = true, .fallback_user = {"bob", 3}}, NULL},
    {"X-Presto-User: a", "X-Presto-User: a\n",
     .rules = {.to = DIALECT_PRESTO, .fallback_user = {"bob", 3}}, NULL},
    {"X-Presto-User: a", "X-Trino-User: a\n",
     .rules = {.to = DIALECT_TRINO, .fallback_user = {"bob", 3}}, NULL},
    {"X-Trino-Original-User: a", "X-Trino-Original-User: a\n",
     .rules = {.to = DIALECT_TRINO, .fallback_user = {"bob", 3}}, NULL},
};

/* "a\r\n" lines as "a\n". */
static struct str as_lines(struct buf *b)
{
    size_t n = 0;

    for (size_t i = 0; i < b->n; i++)
        if (b->p[i] != '\r')
            b->p[n++] = b->p[i];
    b->n = n;
    return buf_str(b);
}

static void follows_the_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct header_text h;
        struct arena a = {0};
        struct buf out = buf_make(4096);
        struct error err = {0};
        int rc;

        header_text_parse(&h, str_c(cases[i].in));
        rc = request_headers(&out, &a, h.items, h.count, &cases[i].rules, &err);
        if (cases[i].out == NULL) {
            assert_int_equal(rc, ERR_INVALID);
            assert_string_equal(err.text, cases[i].error);
        } else if (rc != OK || !str_eq(as_lines(&out), str_c(cases[i].out))) {
            fail_msg("%s\ngave: %s %.*s", cases[i].in, err.text, STR_ARG(buf_str(&out)));
        }
        arena_reset(&a);
        buf_reset(&out);
    }
}

static void unpacks_for_presto(void **state)
{
    static char sql[5000];
    char packed[ZSTD_COMPRESSBOUND(sizeof(sql))];
    struct buf coded = buf_make(20000), line = buf_make(20000), out = buf_make(20000),
               want = buf_make(20000);
    struct arena a = {0};
    struct request_rules r = {.to = DIALECT_PRESTO};
    struct header h = {.name = STR("X-Trino-Prepared-Statement")};
    size_t n;

    (void)state;
    for (size_t i = 0; i < sizeof(sql); i++)
        sql[i] = "SELECT ?, 'x' "[i % 14];
    n = ZSTD_compress(packed, sizeof(packed), sql, sizeof(sql), 3);
    buf_put_str(&coded, STR("$zstd:"));
    base64_encode(&coded, str_of(packed, n), BASE64_URL);
    buf_put_str(&line, STR("p="));
    url_encode(&line, buf_str(&coded));
    h.value = buf_str(&line);
    assert_int_equal(request_headers(&out, &a, &h, 1, &r, NULL), OK);
    buf_put_str(&want, STR("X-Presto-Prepared-Statement: p="));
    url_encode(&want, str_of(sql, sizeof(sql)));
    buf_put_str(&want, STR("\r\n"));
    assert_true(str_eq(buf_str(&out), buf_str(&want)));
    buf_reset(&coded);
    buf_reset(&line);
    buf_reset(&out);
    buf_reset(&want);
    arena_reset(&a);
}

/* A bomb of 64 MB does not get its memory. */
static void refuses_bombs(void **state)
{
    size_t size = 64u << 20, room = ZSTD_compressBound(size);
    char *zeros = mem_zalloc(size), *packed = mem_alloc(room);
    struct buf line = buf_make(1u << 20), out = buf_make(1u << 20);
    struct arena a = {0};
    struct request_rules r = {.to = DIALECT_PRESTO};
    struct header h = {.name = STR("X-Trino-Prepared-Statement")};
    struct buf coded = buf_make(1u << 20);
    struct error err;

    (void)state;
    base64_encode(&coded, str_of(packed, ZSTD_compress(packed, room, zeros, size, 1)), BASE64_URL);
    buf_put_str(&line, STR("p=%24zstd%3A"));
    url_encode(&line, buf_str(&coded));
    h.value = buf_str(&line);
    assert_int_equal(request_headers(&out, &a, &h, 1, &r, &err), ERR_LIMIT);
    free(zeros);
    free(packed);
    buf_reset(&coded);
    buf_reset(&line);
    buf_reset(&out);
    arena_reset(&a);
}

static void says_when_full(void **state)
{
    struct buf out = buf_make(10);
    struct arena a = {0};
    struct request_rules r = {.to = DIALECT_PRESTO};
    struct header h = {STR("X-Presto-Source"), STR("something")};

    (void)state;
    assert_int_equal(request_headers(&out, &a, &h, 1, &r, NULL), ERR_LIMIT);
    buf_reset(&out);
    arena_reset(&a);
}

/* ---- the recordings ---- */

static bool is_removed(struct header h)
{
    static const char *const names[] = {"Host", "Connection", "Content-Length", "Accept-Encoding",
                                        "X-Trino-Query-Data-Encoding"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_nocase(h.name, str_c(names[i])))
            return true;
    return str_search(h.name, STR("-Extra-Credential")) < h.name.n &&
           str_starts(h.value, STR("routing=")) && str_find(h.value, ',') == h.value.n;
}

static bool is_trino(const struct header_text *h)
{
    for (size_t i = 0; i < h->count; i++)
        if (str_starts_nocase(h->items[i].name, STR("X-Trino-")))
            return true;
    return false;
}

static struct str without_hint(struct str value)
{
    size_t at = str_search(value, STR(", "));

    return str_starts(value, STR("routing=")) ? str_skip(value, at + 2) : value;
}

static void replay_own(const struct header_text *h, json_t *exchange)
{
    struct request_rules r = {.to = is_trino(h) ? DIALECT_TRINO : DIALECT_PRESTO,
                              .strip_hint = true};
    struct buf out = buf_make(65536), want = buf_make(65536);
    struct arena a = {0};
    struct error err;

    (void)exchange;
    for (size_t i = 0; i < h->count; i++)
        if (!is_removed(h->items[i])) {
            struct str v = h->items[i].value;

            /* trino-js and a comma in the raw value: the recording that a coordinator refused. */
            if (str_search(h->items[i].name, STR("-Extra-Credential")) < h->items[i].name.n) {
                if (str_search(v, STR(",g")) < v.n || str_starts(v, STR("routing=a,b")))
                    goto done;
                v = without_hint(v);
            }
            buf_printf(&want, "%.*s: %.*s\r\n", STR_ARG(h->items[i].name), STR_ARG(v));
        }
    assert_int_equal(request_headers(&out, &a, h->items, h->count, &r, &err), OK);
    if (!str_eq(buf_str(&out), buf_str(&want)))
        fail_msg("want:\n%.*sgot:\n%.*s", STR_ARG(buf_str(&want)), STR_ARG(buf_str(&out)));
done:
    buf_reset(&out);
    buf_reset(&want);
    arena_reset(&a);
}

/* The target's own reading of a list, written anew: entries between commas, one '=' each, values
 * form-urlencoded (Presto's estimates are not). */
static void check_list(struct str name, struct str value)
{
    struct arena a = {0};
    bool raw = str_eq(name, STR("X-Presto-Resource-Estimate"));

    assert_true(value.n > 0);
    while (value.p != NULL) {
        struct str e = str_split(&value, ','), out;
        size_t at = str_find(e, '=');

        assert_true(at > 0 && at < e.n);
        assert_true(raw || str_find(str_skip(e, at + 1), '=') == e.n - at - 1);
        assert_true(url_decode(&out, &a, str_skip(e, at + 1)));
        assert_false(str_starts(e, STR("routing")));
    }
    arena_reset(&a);
}

static void check_crossed(struct header h, enum dialect to)
{
    static const char *const lists[] = {"Session", "Role", "Prepared-Statement", "Extra-Credential",
                                        "Resource-Estimate"};
    static const char *const texts[] = {
        "User",     "Source",      "Catalog",     "Schema",      "Time-Zone",
        "Language", "Client-Info", "Client-Tags", "Trace-Token", "Transaction-Id"};
    struct str other = to == DIALECT_TRINO ? STR("X-Presto-") : STR("X-Trino-");
    struct str own = to == DIALECT_TRINO ? STR("X-Trino-") : STR("X-Presto-"), suffix;

    assert_false(str_starts_nocase(h.name, other));
    assert_false(is_removed(h));
    if (!str_starts(h.name, own))
        return;
    suffix = str_skip(h.name, own.n);
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        if (str_eq(suffix, str_c(lists[i]))) {
            check_list(h.name, h.value);
            assert_true(to == DIALECT_TRINO || i != 1 || !str_starts(h.value, STR("system")));
            return;
        }
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (str_eq(suffix, str_c(texts[i])))
            return;
    fail_msg("unknown to the cluster: %.*s", STR_ARG(h.name));
}

static void replay_crossed(const struct header_text *h, json_t *exchange)
{
    struct request_rules r = {.to = is_trino(h) ? DIALECT_PRESTO : DIALECT_TRINO,
                              .strip_hint = true};
    struct buf out = buf_make(65536);
    struct arena a = {0};
    struct error err;
    struct header_text got;

    if (request_headers(&out, &a, h->items, h->count, &r, &err) != OK) {
        /* only where the client's own coordinator refused the header, too */
        assert_int_equal(json_integer_value(json_object_get(exchange, "status")), 400);
    } else {
        header_text_parse(&got, buf_str(&out));
        for (size_t i = 0; i < got.count; i++)
            check_crossed(got.items[i], r.to);
    }
    buf_reset(&out);
    arena_reset(&a);
}

static void passes_recorded_requests(void **state)
{
    const char *root = wire_root();

    (void)state;
    if (root == NULL)
        return;
    assert_true(wire_each(root, "*/*/*.jsonl", "request_headers", replay_own) > 2000);
    assert_true(wire_each(root, "*/*/*.jsonl", "request_headers", replay_crossed) > 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_the_rules),
        cmocka_unit_test(unpacks_for_presto),
        cmocka_unit_test(refuses_bombs),
        cmocka_unit_test(says_when_full),
        cmocka_unit_test(passes_recorded_requests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
