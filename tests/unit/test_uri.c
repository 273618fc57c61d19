/* SPDX-License-Identifier: Apache-2.0 */
/* test_uri.c - where the client thinks we are, the URIs it gets, and what comes back of them.
 * http_peer() is this file's own, so that any address can be the peer. */
#include "base/clock.h"
#include "base/mem.h"
#include "gateway/uri.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char *peer = "192.0.2.1";

void http_peer(const struct http_request *r, struct sockaddr_storage *out)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)out;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;

    (void)r;
    memset(out, 0, sizeof(*out));
    if (inet_pton(AF_INET, peer, &v4->sin_addr) == 1) {
        out->ss_family = AF_INET;
        return;
    }
    out->ss_family = AF_INET6;
    if (inet_pton(AF_INET6, peer, &v6->sin6_addr) != 1)
        out->ss_family = AF_UNSPEC;
}

struct bench {
    struct config config;
    struct snapshot snapshot;
    struct network trusted[2];
    struct lane lane;
    struct header headers[16];
    struct http_request r;
    struct buf out;
};

static void begin(struct bench *x)
{
    static const unsigned char keys[1][TICKET_KEY_BYTES] = {{1, 2, 3}};
    struct error err;

    memset(x, 0, sizeof(*x));
    peer = "192.0.2.1";
    assert_int_equal(network_parse(&x->trusted[0], STR("192.0.2.0/24"), &err), OK);
    assert_int_equal(network_parse(&x->trusted[1], STR("2001:db8::/32"), &err), OK);
    x->snapshot.config = &x->config;
    x->snapshot.trusted = x->trusted;
    x->snapshot.trusted_count = 2;
    x->lane.snapshot = &x->snapshot;
    assert_int_equal(ticket_box_new(&x->lane.tickets, keys, 1, 3600000, &err), OK);
    x->r.head.headers = x->headers;
    x->r.head.capacity = ARRAY_LEN(x->headers);
    x->out = buf_make(65536);
}

static void end(struct bench *x)
{
    ticket_box_free(x->lane.tickets);
    buf_reset(&x->out);
}

/* "Name: value" lines, taken apart without the parser's checks: worse than what can arrive. */
static void set_headers(struct bench *x, const char *lines)
{
    struct str rest = str_c(lines);

    x->r.head.count = 0;
    x->r.head.host = STR_NONE;
    while (rest.n > 0) {
        struct str line = str_split(&rest, '\n');

        x->headers[x->r.head.count].name = str_split(&line, ':');
        x->headers[x->r.head.count++].value = str_trim(line);
    }
    x->r.head.host = http_header(&x->r.head, STR("host"));
}

static void assert_text(struct str is, const char *wanted)
{
    if (!str_eq(is, str_c(wanted)))
        fail_msg("'%.*s' is not '%s'", STR_ARG(is), wanted);
}

/* ---- base ---- */

static void test_base(void **state)
{
    static const struct {
        const char *peer;
        bool tls;
        const char *headers, *wanted;
    } cases[] = {
        {"192.0.2.1", false, "Host:gw:8080", "http://gw:8080"},
        {"192.0.2.1", true, "Host:gw:8443", "https://gw:8443"},
        {"192.0.2.1", false, "Host:[::1]:8080", "http://[::1]:8080"},
        {"192.0.2.1", false, "", "http://localhost"},
        /* of a proxy */
        {"192.0.2.1", false, "Host:in:80\nX-Forwarded-Proto:https", "https://in:80"},
        {"192.0.2.1", true, "Host:in\nX-Forwarded-Proto:http", "http://in"},
        {"192.0.2.1", false, "Host:in\nX-Forwarded-Host:gw.example.com", "http://gw.example.com"},
        {"192.0.2.1", false, "Host:in\nX-Forwarded-Host:a.example , b", "http://a.example"},
        {"192.0.2.1", false, "Host:in\nX-Forwarded-Host:gw\nX-Forwarded-Port:8443",
         "http://gw:8443"},
        {"192.0.2.1", false, "Host:in\nX-Forwarded-Host:gw:99\nX-Forwarded-Port:8443",
         "http://gw:99"},
        {"192.0.2.1", false, "Host:in\nX-Forwarded-Host:[2001:db8::9]\nX-Forwarded-Port:81",
         "http://[2001:db8::9]:81"},
        {"192.0.2.1", false, "Host:in\nX-Forwarded-Host:[2001:db8::9]:82\nX-Forwarded-Port:81",
         "http://[2001:db8::9]:82"},
        {"192.0.2.1", false,
         "Host:in\nX-Forwarded-Host:gw\nX-Forwarded-Proto:https\nX-Forwarded-Port:443",
         "https://gw"},
        {"192.0.2.1", false, "Host:gw\nX-Forwarded-Port:8443\nX-Forwarded-Proto:https",
         "https://gw:8443"},
        {"192.0.2.1", false, "Host:gw:1\nX-Forwarded-Port:8443", "http://gw:1"},
        {"192.0.2.1", false, "Host:gw\nX-Forwarded-Prefix:/presto/", "http://gw/presto"},
        {"192.0.2.1", false, "Host:gw\nX-Forwarded-Prefix:/", "http://gw"},
        {"192.0.2.1", false, "Host:gw\nX-FORWARDED-PREFIX:/a/b", "http://gw/a/b"},
        {"2001:db8::7", false, "Host:in\nX-Forwarded-Host:gw", "http://gw"},
        {"::ffff:192.0.2.9", false, "Host:in\nX-Forwarded-Host:gw", "http://gw"},
        /* RFC 7239 */
        {"192.0.2.1", false, "Host:in\nForwarded:for=1.2.3.4;proto=https;host=gw", "https://gw"},
        {"192.0.2.1", false, "Host:in\nForwarded: Proto=HTTPS ; HOST=\"gw:8443\"",
         "https://gw:8443"},
        {"192.0.2.1", false, "Host:in\nForwarded:for=\"[2001:db8::1]:4711\";host=\"[::1]:80\"",
         "http://[::1]:80"},
        {"192.0.2.1", false, "Host:in\nForwarded:host=first;proto=https, host=second",
         "https://first"},
        {"192.0.2.1", false, "Host:in\nForwarded:host=gw\nX-Forwarded-Host:other", "http://gw"},
        {"192.0.2.1", false, "Host:in\nForwarded:proto=https\nX-Forwarded-Host:gw", "https://gw"},
        /* of anybody else */
        {"198.51.100.1", false, "Host:gw\nX-Forwarded-Host:evil\nX-Forwarded-Proto:https",
         "http://gw"},
        {"198.51.100.1", false, "Host:gw\nForwarded:host=evil;proto=https", "http://gw"},
        {"198.51.100.1", false, "Host:gw\nX-Forwarded-Prefix:/evil\nX-Forwarded-Port:1",
         "http://gw"},
        {"2001:db9::7", false, "Host:gw\nX-Forwarded-Host:evil", "http://gw"},
        {"gone", false, "Host:gw\nX-Forwarded-Host:evil", "http://gw"},
        /* hostile values */
        {"192.0.2.1", false, "Host:a\"b", "http://localhost"},
        {"192.0.2.1", false, "Host:a b", "http://localhost"},
        {"192.0.2.1", false, "Host:a\r\tb", "http://localhost"},
        {"192.0.2.1", false, "Host:gw/evil", "http://localhost"},
        {"192.0.2.1", false, "Host:user@gw", "http://localhost"},
        {"192.0.2.1", false, "Host:gw?x#y", "http://localhost"},
        {"192.0.2.1", false, "Host:\xc3\xa4", "http://localhost"},
        {"192.0.2.1", false, "Host:gw\nX-Forwarded-Host:a\"b", "http://gw"},
        {"192.0.2.1", false, "Host:gw\nX-Forwarded-Host:a/b", "http://gw"},
        {"192.0.2.1", false, "Host:gw\nX-Forwarded-Host:,a", "http://gw"},
        {"192.0.2.1", false, "Host:gw\nX-Forwarded-Host:", "http://gw"},
        {"192.0.2.1", false, "Host:gw\nX-Forwarded-Proto:javascript", "http://gw"},
        {"192.0.2.1", false, "Host:gw\nX-Forwarded-Port:99999", "http://gw"},
        {"192.0.2.1", false, "Host:gw\nX-Forwarded-Port:0", "http://gw"},
        {"192.0.2.1", false, "Host:gw\nX-Forwarded-Port:-1", "http://gw"},
        {"192.0.2.1", false, "Host:gw\nX-Forwarded-Port:80;x", "http://gw"},
        {"192.0.2.1", false, "Host:gw\nX-Forwarded-Prefix:evil", "http://gw"},
        {"192.0.2.1", false, "Host:gw\nX-Forwarded-Prefix:/a\"b", "http://gw"},
        {"192.0.2.1", false, "Host:gw\nX-Forwarded-Prefix:/a b", "http://gw"},
        {"192.0.2.1", false, "Host:gw\nX-Forwarded-Prefix:/a?b", "http://gw"},
        {"192.0.2.1", false, "Host:gw\nForwarded:", "http://gw"},
        {"192.0.2.1", false, "Host:gw\nForwarded:;;;,,,===\"", "http://gw"},
        {"192.0.2.1", false, "Host:gw\nForwarded:host=\";proto=\"", "http://gw"},
        {"192.0.2.1", false, "Host:gw\nForwarded:host;proto", "http://gw"},
        {"192.0.2.1", false, "Host:gw\nForwarded:host=\"a\\\"b\"", "http://gw"},
    };
    struct bench x;

    (void)state;
    begin(&x);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        set_headers(&x, cases[i].headers);
        x.r.tls = cases[i].tls;
        peer = cases[i].peer;
        buf_clear(&x.out);
        uri_base(&x.lane, &x.r, &x.out);
        if (!str_eq(buf_str(&x.out), str_c(cases[i].wanted)))
            fail_msg("'%s' of %s gives %.*s, not %s", cases[i].headers, cases[i].peer,
                     STR_ARG(buf_str(&x.out)), cases[i].wanted);
    }
    end(&x);
}

static void test_external_url(void **state)
{
    struct bench x;

    (void)state;
    begin(&x);
    set_headers(&x, "Host:gw\nX-Forwarded-Host:other");
    x.config.external_url = "https://sql.example.com/x/";
    uri_base(&x.lane, &x.r, &x.out);
    assert_text(buf_str(&x.out), "https://sql.example.com/x");
    end(&x);
}

static void test_forwarded_to_cluster(void **state)
{
    static const struct {
        const char *peer, *headers, *base, *wanted;
    } cases[] = {
#define AT_GW "X-Forwarded-Proto: http\r\nX-Forwarded-Host: gw\r\nX-Forwarded-Port: 80\r\n"
        {"192.0.2.1", "Host:gw", "http://gw", "X-Forwarded-For: 192.0.2.1\r\n" AT_GW},
        {"192.0.2.1", "X-Forwarded-For:203.0.113.9", "http://gw",
         "X-Forwarded-For: 203.0.113.9, 192.0.2.1\r\n" AT_GW},
        {"198.51.100.1", "X-Forwarded-For:203.0.113.9", "http://gw",
         "X-Forwarded-For: 198.51.100.1\r\n" AT_GW},
        {"::ffff:198.51.100.1", "", "http://gw", "X-Forwarded-For: 198.51.100.1\r\n" AT_GW},
        {"2001:db8::7", "X-Forwarded-For:a", "http://gw",
         "X-Forwarded-For: a, 2001:db8::7\r\n" AT_GW},
        {"gone", "X-Forwarded-For:a", "http://gw", ""},
        {"192.0.2.1", "", "https://gw.example.com",
         "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n"
         "X-Forwarded-Host: gw.example.com\r\nX-Forwarded-Port: 443\r\n"},
        {"192.0.2.1", "", "https://gw:8443/some/prefix:1",
         "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n"
         "X-Forwarded-Host: gw:8443\r\nX-Forwarded-Port: 8443\r\n"},
        {"192.0.2.1", "", "https://[2001:db8::9]",
         "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n"
         "X-Forwarded-Host: [2001:db8::9]\r\nX-Forwarded-Port: 443\r\n"},
        {"192.0.2.1", "", "http://[2001:db8::9]:81",
         "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: http\r\n"
         "X-Forwarded-Host: [2001:db8::9]:81\r\nX-Forwarded-Port: 81\r\n"},
    };
    struct bench x;

    (void)state;
    begin(&x);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        peer = cases[i].peer;
        set_headers(&x, cases[i].headers);
        buf_clear(&x.out);
        uri_forwarded(&x.lane, &x.r, str_c(cases[i].base), &x.out);
        assert_text(buf_str(&x.out), cases[i].wanted);
    }
    end(&x);
}

static void test_networks(void **state)
{
    static const struct {
        const char *network, *address;
        bool has;
    } cases[] = {
        {"10.0.0.0/8", "::ffff:10.255.0.1", true},
        {"10.0.0.0/8", "::ffff:11.0.0.1", false},
        {"10.0.0.0/8", "::10.0.0.1", false},
        {"0.0.0.0/0", "::ffff:203.0.113.1", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"192.0.2.128/25", "::ffff:192.0.2.127", false},
        {"192.0.2.128/25", "::ffff:192.0.2.200", true},
        {"192.0.2.77/25", "::ffff:192.0.2.1", true}, /* host bits do not count */
        {"192.0.2.1/32", "::ffff:192.0.2.1", true},
        {"192.0.2.1/32", "::ffff:192.0.2.2", false},
        {"::/0", "::ffff:192.0.2.2", true},
        {"::ffff:10.0.0.0/104", "::ffff:10.1.2.3", true},
        {"2001:db8::/33", "2001:db8:8000::", false},
        {"2001:db8::1/128", "2001:db8::1", true},
        {"fe80::/10", "febf::1", true},
        {"fe80::/10", "fec0::1", false},
    };
    static const char *const bad[] = {
        "",
        "/",
        "10.0.0.0",
        "10.0.0.0/",
        "10.0.0.0/33",
        "::/129",
        "10.0.0/8",
        "10.0.0.0/-1",
        "10.0.0.0/8/8",
        "10.0.0.0/ 8",
        "x/8",
        ":::/8",
        "10.0.0.0/4294967304",
        "00000000000000000000000000000000000000000000000000000000000010.0.0.0/8"};
    struct network n;
    struct in6_addr a;
    struct error err;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(network_parse(&n, str_c(cases[i].network), &err), OK);
        assert_int_equal(inet_pton(AF_INET6, cases[i].address, &a), 1);
        if (network_has(&n, &a) != cases[i].has)
            fail_msg("%s in %s", cases[i].address, cases[i].network);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (network_parse(&n, str_c(bad[i]), &err) != ERR_INVALID)
            fail_msg("'%s' is taken for a network", bad[i]);
}

/* ---- what a path names ---- */

#define ID "20261124_220828_00001_abcde"
#define ID64 "MjAyNjExMjRfMjIwODI4XzAwMDAxX2FiY2Rl" /* base64url of ID */

static void test_read_poll(void **state)
{
    static const struct {
        const char *target, *phase, *ticket, *token, *extra;
    } cases[] = {
        {"/v1/statement/queued/" ID "/TICKET/1", "queued", "TICKET", "1", ""},
        {"/v1/statement/executing/" ID "/TICKET/12?maxWait=1s", "executing", "TICKET", "12",
         "maxWait=1s"},
        {"/v1/statement/executing/" ID "/TICKET/12?", "executing", "TICKET", "12", ""},
        {"/v1/statement/queued/" ID "/1?slug=TICKET", "queued", "TICKET", "1", ""},
        {"/v1/statement/executing/" ID "/3?slug=TICKET&targetResultSize=1MB", "executing", "TICKET",
         "3", "targetResultSize=1MB"},
        {"/v1/statement/executing/" ID "/3?slug=TICKET&a=b&c=d", "executing", "TICKET", "3",
         "a=b&c=d"},
        {"/v1/statement/executing/" ID "/3?maxWait=1s&slug=TICKET", "executing", "TICKET", "3",
         "maxWait=1s"},
        {"/v1/statement/executing/" ID "/3?slug=TICKET&slug=OTHER", "executing", "TICKET", "3",
         "slug=OTHER"},
        {"/v1/statement/executing/partialCancel/" ID "/TICKET", "partialCancel", "TICKET", "0", ""},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct uri_target t;

        if (!uri_read_poll(str_c(cases[i].target), &t))
            fail_msg("%s is refused", cases[i].target);
        assert_text(t.phase, cases[i].phase);
        assert_text(t.id, ID);
        assert_text(t.ticket, cases[i].ticket);
        assert_text(t.token, cases[i].token);
        assert_text(t.extra, cases[i].extra);
    }
}

static void test_read_poll_hostile(void **state)
{
    static const char *const cases[] = {
        "",
        "/",
        "?",
        "//////",
        "/////",
        "/v1/statement/queued/" ID,
        "/v1/statement/queued/" ID "/1",
        "/v1/statement/queued/" ID "/1?slug=",
        "/v1/statement/queued/" ID "/1?slu=x",
        "/v1/statement/queued/" ID "/1?xslug=y",
        "/v1/statement/queued/" ID "/1?&&&",
        "/v1/statement/queued/" ID "/?slug=TICKET",
        "/v1/statement/queued/" ID "//1",
        "/v1/statement/queued/" ID "/TICKET/",
        "/v1/statement/queued/" ID "/TICKET/1/2",
        "/v1/statement/queued/" ID "/TICKET/1/2?slug=x",
        "/v1/statement/elsewhere/" ID "/TICKET/1",
        "/v1/statement/queued/" ID "/TICKET/1/2/3/4/5/6/7/8/9",
        "/v1/statement/queued//TICKET/1",
        "/v1/statement/queued/../TICKET/1",
        "/v1/statement/queued/%2e%2e/TICKET/1",
        "/v1/statement/queued/a b/TICKET/1",
        "/v1/statement/queued/A/TICKET/1",
        "/v1/statement/executing/partialCancel/" ID "/",
        "/v1/statement/executing/partialCancel//TICKET",
        "/v1/statement/executing/partialCancel/" ID,
    };
    struct buf text = buf_make(1 << 22);
    struct uri_target t;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (uri_read_poll(str_c(cases[i]), &t))
            fail_msg("'%s' is taken", cases[i]);
    buf_put_str(&text, STR("/v1/statement/queued/"));
    for (int i = 0; i <= QUERY_ID_MAX; i++)
        buf_put_c(&text, '1');
    buf_put_str(&text, STR("/TICKET/1"));
    assert_false(uri_read_poll(buf_str(&text), &t));
    buf_clear(&text);
    for (int i = 0; i < 1 << 20; i++)
        buf_put_str(&text, i % 2 ? STR("/") : STR("a"));
    assert_false(uri_read_poll(buf_str(&text), &t));
    buf_clear(&text);
    buf_put_str(&text, STR("/v1/statement/queued/" ID "/1?"));
    for (int i = 0; i < 1 << 18; i++)
        buf_put_str(&text, STR("a=b&"));
    buf_put_str(&text, STR("slug=T"));
    assert_true(uri_read_poll(buf_str(&text), &t)); /* long, but a path */
    assert_text(t.ticket, "T");
    buf_reset(&text);
}

static void test_query_id(void **state)
{
    static const char *const cases[][2] = {
        {"/v1/statement/queued/" ID "/y/1", ID},
        {"/v1/statement/executing/" ID "/1?slug=x", ID},
        {"/v1/statement/executing/" ID, ID},
        {"/v1/statement/executing/" ID "?x=/a/b", ID},
        {"/v1/statement/executing/partialCancel/" ID "/1", ""},
        {"/v1/statement/executing/", ""},
        {"/v1/statement/executing", ""},
        {"/v1/statement/../../" ID, ""},
        {"/v2/statement/queued/" ID, ""},
        {"/v1/statement/?/" ID, ""},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_text(uri_query_id(str_c(cases[i][0])), cases[i][1]);
    assert_text(uri_query_id(STR_NONE), "");
}

/* ---- there and back ---- */

static struct uri_maker maker(struct bench *x, enum dialect client, const char *id)
{
    return (struct uri_maker){
        .lane = &x->lane,
        .base = STR("http://gw:8080/pre"),
        .client = client,
        .cluster = DIALECT_TRINO,
        .capabilities = CAP_PARAMETRIC_DATETIME,
        .backend = STR("trino-a"),
        .id = str_c(id),
    };
}

/* What the client asks for when it has this URI. */
static struct str target_of(struct bench *x)
{
    struct str uri = buf_str(&x->out);

    assert_true(str_starts(uri, STR("http://gw:8080/pre/")));
    return str_skip(uri, strlen("http://gw:8080/pre"));
}

static void open_ticket(struct bench *x, struct str text, struct str id, enum ticket_kind kind,
                        enum dialect client, const char *path)
{
    struct ticket t;
    struct error err;

    assert_int_equal(ticket_open(x->lane.tickets, text, id, clock_wall_ms(), &t, &err), OK);
    assert_int_equal(t.kind, kind);
    assert_int_equal(t.client, client);
    assert_int_equal(t.cluster, DIALECT_TRINO);
    assert_int_equal(t.capabilities, CAP_PARAMETRIC_DATETIME);
    assert_text(t.backend, "trino-a");
    assert_text(t.path, path);
}

static void test_poll_round_trip(void **state)
{
    static const struct {
        const char *uri, *path, *phase, *token;
    } cases[] = {
        {"http://c:8080/v1/statement/queued/" ID "/yslug/1", "/v1/statement/queued/" ID "/yslug/1",
         "queued", "1"},
        {"https://c/v1/statement/executing/" ID "/yslug/22",
         "/v1/statement/executing/" ID "/yslug/22", "executing", "22"},
        {"http://c/v1/statement/executing/" ID "/3?slug=xslug",
         "/v1/statement/executing/" ID "/3?slug=xslug", "executing", "3"},
        {"/v1/statement/executing/" ID "/3?slug=xslug&a=/b/c",
         "/v1/statement/executing/" ID "/3?slug=xslug&a=/b/c", "executing", "3"},
    };
    static const enum dialect clients[] = {DIALECT_PRESTO, DIALECT_TRINO};
    struct bench x;

    (void)state;
    begin(&x);
    for (size_t i = 0; i < ARRAY_LEN(cases) * 4; i++) {
        enum dialect client = clients[i / 4 % 2];
        /* With the id known, and with that of the URI. */
        struct uri_maker m = maker(&x, client, i % 2 ? ID : "");
        struct uri_target t;
        size_t c = i % ARRAY_LEN(cases);

        buf_clear(&x.out);
        assert_true(uri_for_client(&m, SCAN_NEXT_URI, str_c(cases[c].uri), &x.out));
        assert_true(uri_read_poll(target_of(&x), &t));
        assert_text(t.id, ID);
        assert_text(t.phase, cases[c].phase);
        assert_text(t.token, cases[c].token);
        assert_int_equal(t.extra.n, 0);
        open_ticket(&x, t.ticket, t.id, TICKET_POLL, client, cases[c].path);
        /* As a client of that dialect parses it. */
        assert_int_equal(str_search(buf_str(&x.out), STR("?slug=")) < x.out.n,
                         client == DIALECT_PRESTO);
        /* With what Power BI's driver adds. */
        buf_put_str(&x.out, client == DIALECT_PRESTO ? STR("&targetResultSize=1MB")
                                                     : STR("?targetResultSize=1MB"));
        assert_true(uri_read_poll(target_of(&x), &t));
        assert_text(t.extra, "targetResultSize=1MB");
        open_ticket(&x, t.ticket, t.id, TICKET_POLL, client, cases[c].path);
    }
    end(&x);
}

static void test_other_round_trips(void **state)
{
    struct bench x;
    struct uri_maker m;
    struct uri_target t;

    (void)state;
    begin(&x);
    m = maker(&x, DIALECT_TRINO, ID);
    assert_true(uri_for_client(&m, SCAN_INFO_URI, STR("http://c/ui/query.html?" ID), &x.out));
    assert_text(buf_str(&x.out), "http://gw:8080/pre/ui/query.html?" ID);

    buf_clear(&x.out);
    assert_true(uri_for_client(
        &m, SCAN_PARTIAL_CANCEL_URI,
        STR("http://c/v1/statement/executing/partialCancel/" ID "/1/yslug/2"), &x.out));
    assert_true(uri_read_poll(target_of(&x), &t));
    assert_text(t.id, ID);
    open_ticket(&x, t.ticket, t.id, TICKET_PARTIAL_CANCEL, DIALECT_TRINO,
                "/v1/statement/executing/partialCancel/" ID "/1/yslug/2");

    buf_clear(&x.out);
    uri_relay(&m, TICKET_RELAY, STR("/v1/relay/"), STR("/oauth2/token/abc"), &x.out);
    assert_true(str_starts(target_of(&x), STR("/v1/relay/")));
    open_ticket(&x, str_skip(target_of(&x), strlen("/v1/relay/")), STR_NONE, TICKET_RELAY,
                DIALECT_TRINO, "/oauth2/token/abc");
    end(&x);
}

static void test_segments(void **state)
{
    static const char *const untouched[] = {
        "https://bucket.s3.amazonaws.com/v1/x?X-Amz-Signature=a%2Fb&X-Amz-Date=1",
        "http://minio:9000/spooling/01ABC.json?a=b",
        "https://storage.googleapis.com/v1/spooledx/y",
        "s3://bucket/key",
        "not a URI",
        "",
    };
    static const enum scan_uri kinds[] = {SCAN_SEGMENT_URI, SCAN_ACK_URI};
    struct bench x;
    struct uri_maker m;

    (void)state;
    begin(&x);
    m = maker(&x, DIALECT_TRINO, ID);
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < ARRAY_LEN(untouched); i++) {
            buf_clear(&x.out);
            assert_true(uri_for_client(&m, kinds[k], str_c(untouched[i]), &x.out));
            assert_text(buf_str(&x.out), untouched[i]);
        }
        buf_clear(&x.out);
        assert_true(
            uri_for_client(&m, kinds[k], STR("http://c:1/v1/spooled/download/abc==?x=y"), &x.out));
        assert_true(str_starts(target_of(&x), STR("/v1/spooled/")));
        open_ticket(&x, str_skip(target_of(&x), strlen("/v1/spooled/")), STR_NONE, TICKET_SEGMENT,
                    DIALECT_TRINO, "/v1/spooled/download/abc==?x=y");
    }
    end(&x);
}

/* A cluster's URIs may be anything: refused, or a URI that leads nowhere else. */
static void test_bad_cluster_uris(void **state)
{
    static const char *const cases[] = {"",
                                        "x",
                                        "ftp://c/v1/statement/queued/" ID "/y/1",
                                        "http://",
                                        "http://c/v1/statement/queued/A/y/1",
                                        "http://c/v1/statement/queued/../y/1",
                                        "http://c/",
                                        "http://c"};
    struct bench x;
    struct uri_maker m;
    struct buf longest = buf_make(1 << 16), small = buf_make(64);

    (void)state;
    begin(&x);
    m = maker(&x, DIALECT_TRINO, "");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        buf_clear(&x.out);
        if (uri_for_client(&m, SCAN_NEXT_URI, str_c(cases[i]), &x.out))
            fail_msg("'%s' is taken", cases[i]);
        assert_int_equal(x.out.n, 0);
    }
    m.id = STR(ID);
    assert_false(uri_for_client(&m, SCAN_NEXT_URI, STR("ftp://c/x"), &x.out));
    buf_put_str(&longest, STR("http://c/v1/statement/queued/" ID "/"));
    while (longest.n < 10000)
        buf_put_c(&longest, 'y');
    assert_false(uri_for_client(&m, SCAN_NEXT_URI, buf_str(&longest), &x.out));
    assert_false(
        uri_for_client(&m, SCAN_NEXT_URI, STR("http://c/v1/statement/queued/" ID "/y/1"), &small));
    buf_reset(&longest);
    buf_reset(&small);
    end(&x);
}

/* X-Presto-Prefix-Url: as Java's Base64.getUrlEncoder() writes it, with padding. */
static void test_prefix(void **state)
{
    static const struct {
        const char *prefix, *uri;
    } cases[] = {
        {"https://p/?u=", "https://p/?u=aHR0cDovL2d3OjgwODAvcHJlL3VpL3F1ZXJ5Lmh0bWw_" ID64},
        {"http://p:1/", "http://p:1/aHR0cDovL2d3OjgwODAvcHJlL3VpL3F1ZXJ5Lmh0bWw_" ID64},
        {"", "http://gw:8080/pre/ui/query.html?" ID},
        {"p", "http://gw:8080/pre/ui/query.html?" ID},
        {"ftp://p/", "http://gw:8080/pre/ui/query.html?" ID},
        {"http://p/\"", "http://gw:8080/pre/ui/query.html?" ID},
        {"http://p/\xc3\xa4", "http://gw:8080/pre/ui/query.html?" ID},
        {"http://p/ x", "http://gw:8080/pre/ui/query.html?" ID},
    };
    struct bench x;

    (void)state;
    begin(&x);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct uri_maker m = maker(&x, DIALECT_PRESTO, ID);

        buf_clear(&x.out);
        uri_set_prefix(&m, str_c(cases[i].prefix));
        assert_true(uri_for_client(&m, SCAN_INFO_URI, STR("http://c/ui/query.html?" ID), &x.out));
        assert_text(buf_str(&x.out), cases[i].uri);
        assert_false(uri_for_client(&m, SCAN_NEXT_URI, STR("no uri"), &x.out));
    }
    end(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base),
        cmocka_unit_test(test_external_url),
        cmocka_unit_test(test_forwarded_to_cluster),
        cmocka_unit_test(test_networks),
        cmocka_unit_test(test_read_poll),
        cmocka_unit_test(test_read_poll_hostile),
        cmocka_unit_test(test_query_id),
        cmocka_unit_test(test_poll_round_trip),
        cmocka_unit_test(test_other_round_trips),
        cmocka_unit_test(test_segments),
        cmocka_unit_test(test_bad_cluster_uris),
        cmocka_unit_test(test_prefix),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
