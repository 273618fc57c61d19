/* SPDX-License-Identifier: Apache-2.0 */
/* test_tls.c - TLS through our connections, server and client, with certificates of the openssl
 * command, which also plays the old and the foreign peer. */
#include "http_box.h"

#include "base/tls.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/wait.h>

static char folder[] = "/tmp/sleipnir-tls-XXXXXX";

/* ---- certificates ---- */

static const char make_all[] =
    "set -e; cd %s; exec >log 2>&1\n"
    "key() { openssl ecparam -name prime256v1 -genkey -noout -out $1.key; }\n"
    "ca() { key $1; openssl req -x509 -new -key $1.key -subj /CN=$1 -days 2 -out $1.pem; }\n"
    "leaf() { key $1; openssl req -new -key $1.key -subj /CN=$1 -out $1.csr\n"
    "  printf 'subjectAltName=%%s\\n' \"$3\" >$1.ext\n"
    "  openssl x509 -req -in $1.csr -CA $2.pem -CAkey $2.key -CAcreateserial $4 -extfile $1.ext\\\n"
    "    -out $1.pem; cat $1.key $1.pem >$1.both; }\n"
    "ca ca; ca foreign\n"
    "leaf server ca DNS:gateway.test '-days 2'\n"
    "leaf second ca DNS:gateway.test '-days 2'\n"
    "leaf byip ca IP:127.0.0.1 '-days 2'\n"
    "leaf expired ca DNS:gateway.test '-days -1'\n"
    "leaf client ca DNS:client.test '-days 2'\n"
    "leaf stranger foreign DNS:gateway.test '-days 2'\n";

static int make_certificates(void **state)
{
    char script[2000];

    (void)state;
    signal(SIGPIPE, SIG_IGN);
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(script, sizeof(script), make_all, folder);
    return system(script); /* NOLINT(cert-env33-c): a test, with fixed text */
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *place)
{
    (void)st, (void)kind, (void)place;
    return remove(path);
}

static int remove_certificates(void **state)
{
    (void)state;
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* The path of a file there; four may be in use at a time. NULL stays NULL. */
static const char *file(const char *name)
{
    static char paths[4][100];
    static unsigned next;
    char *path = paths[next++ % 4];

    if (name == NULL)
        return NULL;
    snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

static struct tls_context *server_context(const char *both, const char *client_ca)
{
    struct tls_server_config c = {.certificate = file(both), .client_ca = file(client_ca)};
    struct tls_context *t = NULL;
    struct error err;

    if (tls_server_new(&t, &c, &err) != OK)
        fail_msg("%s", err.text);
    return t;
}

static struct tls_context *client_context(const char *ca, const char *both, enum tls_verify verify)
{
    struct tls_client_config c = {.ca = file(ca), .certificate = file(both), .verify = verify};
    struct tls_context *t = NULL;
    struct error err;

    if (tls_client_new(&t, &c, &err) != OK)
        fail_msg("%s", err.text);
    return t;
}

/* ---- server and caller ---- */

#define BIG (6u << 20)

static struct http_server *server;
static uint16_t port;
static uint64_t connect_ms = 20000;
static size_t big_left;

static void send_big(struct http_request *r)
{
    static char piece[50000];

    while (big_left > 0) {
        struct iovec iov = {piece, sizeof(piece) < big_left ? sizeof(piece) : big_left};

        big_left -= iov.iov_len;
        if (!http_send(r, &iov, 1))
            return;
    }
    http_finish(r, false);
}

static void on_request(struct http_request *r)
{
    struct buf head = buf_make(200);

    assert_true(r->tls);
    if (r->body_too_large) {
        http_reply(r, 413, STR_NONE, STR_NONE, STR("too large"));
    } else if (!str_eq(r->head.target, STR("/big"))) {
        http_reply(r, 200, STR_NONE, STR_NONE, r->body.n > 0 ? r->body : STR("hello"));
    } else {
        http_put_status(&head, 200, STR_NONE);
        buf_printf(&head, "Content-Length: %u\r\n\r\n", BIG);
        r->on_drain = send_big;
        big_left = BIG;
        http_send(r, &(struct iovec){head.p, head.n}, 1);
        send_big(r);
    }
    buf_reset(&head);
}

static void serve(struct tls_context *t)
{
    struct http_server_config c = {.on_request = on_request,
                                   .header_max = 10000,
                                   .body_max = 8u << 20,
                                   .idle_ms = 3000,
                                   .request_ms = 3000,
                                   .send_ms = 3000};
    struct error err;

    assert_int_equal(http_server_new(&server, the_loop, &c, &err), OK);
    assert_int_equal(http_server_listen(server, raw_listen(&port), t, &err), OK);
    tls_unref(t);
}

static int stop(void **state)
{
    http_server_free(server);
    server = NULL;
    return close_loop(state);
}

struct caller {
    struct http_call call; /* first */
    int status;
    bool over;
    size_t bytes;
    struct error err;
};

static void on_head(struct http_call *call, const struct http_head *head)
{
    ((struct caller *)call)->status = head->status;
}

static void on_data(struct http_call *call, const struct str *pieces, size_t n, bool last)
{
    struct caller *c = (struct caller *)call;

    for (size_t i = 0; i < n; i++)
        c->bytes += pieces[i].n;
    c->over = last;
}

static void on_fail(struct http_call *call, const struct error *err)
{
    struct caller *c = (struct caller *)call;

    c->err = *err;
    c->over = true;
}

static bool address(void *arg, unsigned attempt, struct sockaddr_storage *out, socklen_t *n)
{
    struct sockaddr_in a = loopback(port);

    (void)arg;
    memset(out, 0, sizeof(*out));
    memcpy(out, &a, sizeof(a));
    *n = sizeof(a);
    return attempt == 0;
}

static struct http_pool *new_pool(struct tls_context *t, const char *host)
{
    struct http_pool_config c = {.address = address,
                                 .host = str_c(host),
                                 .tls = t,
                                 .connect_ms = connect_ms,
                                 .idle_max = 2,
                                 .idle_ms = 3000};
    struct http_pool *p = http_pool_new(the_loop, &c);

    tls_unref(t);
    return p;
}

static void call(struct http_pool *p, struct caller *c, const char *head, struct str body)
{
    *c = (struct caller){.call = {.on_head = on_head, .on_data = on_data, .on_fail = on_fail}};
    http_call_start(p, &c->call, str_c(head), body);
    SPIN(c->over);
}

/* ---- who trusts whom ---- */

static const struct {
    const char *server, *client_ca; /* of the server */
    const char *ca, *client;        /* of the client */
    enum tls_verify verify;
    const char *host;
    const char *error; /* in the text of the failure; NULL = it works */
} trust[] = {
    {"server.both", NULL, "ca.pem", NULL, TLS_VERIFY_FULL, "gateway.test", NULL},
    {"server.both", NULL, "ca.pem", NULL, TLS_VERIFY_FULL, "other.test", "ostname mismatch"},
    {"server.both", NULL, "ca.pem", NULL, TLS_VERIFY_FULL, "127.0.0.1", "IP address mismatch"},
    {"server.both", NULL, "ca.pem", NULL, TLS_VERIFY_CA, "other.test", NULL},
    {"server.both", NULL, "ca.pem", NULL, TLS_VERIFY_CA, "127.0.0.1", NULL},
    {"server.both", NULL, "foreign.pem", NULL, TLS_VERIFY_NONE, "other.test", NULL},
    {"server.both", NULL, "foreign.pem", NULL, TLS_VERIFY_CA, "gateway.test",
     "unable to get local issuer certificate"},
    {"server.both", NULL, NULL, NULL, TLS_VERIFY_FULL, "gateway.test",
     "unable to get local issuer certificate"},
    {"byip.both", NULL, "ca.pem", NULL, TLS_VERIFY_FULL, "127.0.0.1", NULL},
    {"byip.both", NULL, "ca.pem", NULL, TLS_VERIFY_FULL, "::1", "IP address mismatch"},
    {"expired.both", NULL, "ca.pem", NULL, TLS_VERIFY_FULL, "gateway.test", "expired"},
    {"expired.both", NULL, "ca.pem", NULL, TLS_VERIFY_NONE, "gateway.test", NULL},
    {"server.both", "ca.pem", "ca.pem", "client.both", TLS_VERIFY_FULL, "gateway.test", NULL},
    {"server.both", "ca.pem", "ca.pem", NULL, TLS_VERIFY_FULL, "gateway.test",
     "certificate required"},
    {"server.both", "ca.pem", "ca.pem", "stranger.both", TLS_VERIFY_FULL, "gateway.test", ""},
};

static void test_trust(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(trust); i++) {
        struct http_pool *p;
        struct caller c;

        assert_int_equal(open_loop(state), OK);
        serve(server_context(trust[i].server, trust[i].client_ca));
        p = new_pool(client_context(trust[i].ca, trust[i].client, trust[i].verify), trust[i].host);
        call(p, &c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", STR_NONE);
        if ((c.err.code == OK) != (trust[i].error == NULL) ||
            (trust[i].error != NULL && strstr(c.err.text, trust[i].error) == NULL))
            fail_msg("case %zu: %s", i, c.err.text);
        if (c.err.code == OK)
            assert_int_equal(c.bytes, 5);
        http_pool_free(p);
        stop(state);
    }
}

static void test_bad_files(void **state)
{
    static const struct {
        const char *certificate, *key, *ca, *text;
    } cases[] = {
        {"none.pem", NULL, NULL, "none.pem"},
        {"server.pem", NULL, NULL, "server.pem"},
        {"server.pem", "client.key", NULL, "client.key"},
        {"log", "server.key", NULL, "log"},
        {"server.both", NULL, "none.pem", "none.pem"},
        {"server.both", NULL, "log", "log"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct tls_server_config s = {file(cases[i].certificate), file(cases[i].key),
                                      file(cases[i].ca)};
        struct tls_client_config c = {
            .certificate = s.certificate, .key = s.key, .ca = s.client_ca};
        struct tls_context *t = NULL;
        struct error err;

        assert_int_equal(tls_server_new(&t, &s, &err), ERR_INVALID);
        assert_non_null(strstr(err.text, cases[i].text));
        assert_int_equal(tls_client_new(&t, &c, &err), ERR_INVALID);
        assert_non_null(strstr(err.text, cases[i].text));
        assert_null(t);
    }
    tls_unref(NULL);
}

/* ---- the openssl command as client ---- */

/* Runs `openssl s_client` with `options` against the server and gives what it printed. */
static void s_client(const char *options, struct buf *out)
{
    char line[600];
    int from[2];
    pid_t pid;
    int end = 0;

    snprintf(
        line, sizeof(line),
        "{ printf 'GET / HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n'; sleep 0.3; } | "
        "exec timeout 5 openssl s_client -connect 127.0.0.1:%u -CAfile %s %s 2>&1",
        port, file("ca.pem"), options);
    assert_int_equal(pipe2(from, O_CLOEXEC | O_NONBLOCK), 0);
    pid = fork();
    if (pid == 0) {
        dup2(from[1], STDOUT_FILENO);
        execl("/bin/sh", "sh", "-c", line, (char *)NULL);
        _exit(127);
    }
    close(from[1]);
    do {
        char text[4096];
        ssize_t n;

        loop_turn(the_loop, 5);
        while ((n = read(from[0], text, sizeof(text))) > 0)
            buf_put(out, text, (size_t)n);
        end = n == 0;
    } while (!end);
    close(from[0]);
    waitpid(pid, NULL, 0);
}

static const struct {
    const char *options, *text;
    bool answered;
} offers[] = {
    {"-tls1_3 -alpn h2,http/1.1", "ALPN protocol: http/1.1", true},
    {"-tls1_2 -alpn http/1.1", "ALPN protocol: http/1.1", true},
    {"-tls1_2", "No ALPN negotiated", true},
    {"-alpn h2", "No ALPN negotiated", true},
    {"-tls1_1 -cipher DEFAULT:@SECLEVEL=0", "alert protocol version", false},
    {"-tls1_2 -servername gateway.test", "Verify return code: 0 (ok)", true},
};

static void test_offers(void **state)
{
    assert_int_equal(open_loop(state), OK);
    serve(server_context("server.both", NULL));
    for (size_t i = 0; i < ARRAY_LEN(offers); i++) {
        struct buf out = buf_make(1 << 20);

        s_client(offers[i].options, &out);
        if (!buf_has(&out, offers[i].text) || buf_has(&out, "hello") != offers[i].answered)
            fail_msg("offer %zu: %.*s", i, STR_ARG(buf_str(&out)));
        buf_reset(&out);
    }
    stop(state);
}

/* ---- life ---- */

static void test_reload(void **state)
{
    struct buf before = buf_make(1 << 20), after = buf_make(1 << 20);
    struct tls_context *second = server_context("second.both", NULL);
    struct http_pool *p;
    struct caller c;

    assert_int_equal(open_loop(state), OK);
    serve(server_context("server.both", NULL));
    p = new_pool(client_context("ca.pem", NULL, TLS_VERIFY_FULL), "gateway.test");
    call(p, &c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", STR_NONE);
    s_client("", &before);
    http_server_set_tls(server, 0, second);
    tls_unref(second);
    s_client("", &after);
    assert_true(buf_has(&before, "CN = server") && !buf_has(&before, "CN = second"));
    assert_true(buf_has(&after, "CN = second") && !buf_has(&after, "CN = server"));
    call(p, &c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", STR_NONE); /* the old connection lives on */
    assert_int_equal(c.bytes, 5);
    http_pool_free(p);
    buf_reset(&before);
    buf_reset(&after);
    stop(state);
}

static void test_large_both_ways(void **state)
{
    struct buf body = buf_make(BIG), head = buf_make(200);
    struct http_pool *p;
    struct http_pool_stats stats;
    struct caller c;

    assert_int_equal(open_loop(state), OK);
    serve(server_context("server.both", NULL));
    p = new_pool(client_context("ca.pem", NULL, TLS_VERIFY_FULL), "gateway.test");
    memset(buf_reserve(&body, BIG), 'x', BIG);
    body.n = BIG;
    buf_printf(&head, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %u\r\n\r\n%c", BIG, '\0');
    for (int i = 0; i < 2; i++) { /* twice: on the kept connection */
        call(p, &c, head.p, buf_str(&body));
        assert_int_equal(c.status, 200);
        assert_int_equal(c.bytes, BIG);
        call(p, &c, "GET /big HTTP/1.1\r\nHost: a\r\n\r\n", STR_NONE);
        assert_int_equal(c.bytes, BIG);
    }
    http_pool_stats(p, &stats);
    assert_int_equal(stats.connects, 1);
    assert_int_equal(stats.reuses, 3);
    http_pool_free(p);
    buf_reset(&body);
    buf_reset(&head);
    stop(state);
}

/* An answer that ends the connection reaches a client that is still writing. */
static void test_refusal_arrives(void **state)
{
    struct buf body = buf_make(64u << 20);
    struct http_pool *p;
    struct caller c;

    assert_int_equal(open_loop(state), OK);
    serve(server_context("server.both", NULL));
    p = new_pool(client_context("ca.pem", NULL, TLS_VERIFY_FULL), "gateway.test");
    memset(buf_reserve(&body, 1 << 20), 'x', 1 << 20);
    body.n = 1 << 20;
    call(p, &c, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n", buf_str(&body));
    assert_int_equal(c.status, 413);
    http_pool_free(p);
    buf_reset(&body);
    stop(state);
}

/* The peer accepts and then says nothing, or plain text. */
static void test_stopped_handshake(void **state)
{
    struct http_pool *p;
    struct caller c;
    int listener, fd = -1;

    assert_int_equal(open_loop(state), OK);
    listener = raw_listen(&port);
    connect_ms = 1000;
    p = new_pool(client_context("ca.pem", NULL, TLS_VERIFY_FULL), "gateway.test");
    call(p, &c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", STR_NONE);
    assert_int_equal(c.err.code, ERR_TIMEOUT);
    close(accept(listener, NULL, NULL));
    c = (struct caller){.call = {.on_head = on_head, .on_data = on_data, .on_fail = on_fail}};
    http_call_start(p, &c.call, STR("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), STR_NONE);
    SPIN((fd = accept(listener, NULL, NULL)) >= 0);
    raw_send(fd, STR("HTTP/1.1 400 Bad Request\r\n\r\n"));
    SPIN(c.over);
    assert_int_equal(c.err.code, ERR_UPSTREAM);
    assert_non_null(strstr(c.err.text, "wrong version number"));
    close(fd);
    fd = -1;
    http_call_start(p, &c.call, STR("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), STR_NONE);
    c.over = false;
    SPIN((fd = accept(listener, NULL, NULL)) >= 0);
    turns(3);
    close(fd); /* in the middle of the handshake */
    SPIN(c.over);
    assert_int_equal(c.err.code, ERR_UPSTREAM);
    assert_non_null(strstr(c.err.text, "connect: "));
    connect_ms = 20000;
    close(listener);
    http_pool_free(p);
    close_loop(state);
}

/* A client that stops in the handshake is held no longer than an idle one; plain text is cut off.
 */
static void test_server_handshakes(void **state)
{
    struct http_server_stats stats;
    struct buf in = buf_make(1000);
    int silent, plain;

    assert_int_equal(open_loop(state), OK);
    serve(server_context("server.both", NULL));
    silent = raw_connect(port);
    plain = raw_connect(port);
    raw_send(silent, STR("\x16\x03\x01"));
    raw_send(plain, STR("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    SPIN(raw_read(plain, &in) != RAW_OPEN);
    SPIN(raw_read(silent, &in) != RAW_OPEN);
    http_server_stats(server, &stats);
    assert_int_equal(stats.open, 0);
    assert_int_equal(stats.accepted, 2);
    close(silent);
    close(plain);
    buf_reset(&in);
    stop(state);
}

/* An answer without a length must not end by a mere close: somebody may have cut it off. */
static void test_truncation(void **state)
{
    static const char script[] =
        "cd %s && { printf 'HTTP/1.1 200 OK\\r\\n\\r\\nhello'; sleep 0.4; } | "
        "exec openssl s_server -quiet -accept 127.0.0.1:%u -cert server.pem -key server.key "
        "-naccept 1 %s >s_server.log 2>&1";

    for (int cut = 0; cut < 2; cut++) {
        char line[600];
        struct http_pool *p;
        struct caller c;
        pid_t pid;

        assert_int_equal(open_loop(state), OK);
        close(raw_listen(&port));
        snprintf(line, sizeof(line), script, folder, port, "");
        pid = fork();
        if (pid == 0) {
            setpgid(0, 0);
            execl("/bin/sh", "sh", "-c", line, (char *)NULL);
            _exit(127);
        }
        p = new_pool(client_context("ca.pem", NULL, TLS_VERIFY_FULL), "gateway.test");
        do { /* until it listens */
            turn_for(30);
            c = (struct caller){
                .call = {.on_head = on_head, .on_data = on_data, .on_fail = on_fail}};
            http_call_start(p, &c.call, STR("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), STR_NONE);
            SPIN(c.over || c.bytes == 5);
        } while (c.err.code == ERR_UPSTREAM && c.status == 0);
        if (cut)
            kill(-pid, SIGKILL); /* the kernel closes, no close_notify comes */
        SPIN(c.over);
        assert_int_equal(c.bytes, 5);
        assert_int_equal(c.err.code, cut ? ERR_UPSTREAM : OK);
        kill(-pid, SIGKILL);
        waitpid(pid, NULL, 0);
        http_pool_free(p);
        close_loop(state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trust),
        cmocka_unit_test(test_bad_files),
        cmocka_unit_test(test_offers),
        cmocka_unit_test(test_reload),
        cmocka_unit_test(test_large_both_ways),
        cmocka_unit_test(test_refusal_arrives),
        cmocka_unit_test(test_stopped_handshake),
        cmocka_unit_test(test_server_handshakes),
        cmocka_unit_test(test_truncation),
    };

    alarm(200);
    return cmocka_run_group_tests(tests, make_certificates, remove_certificates);
}
