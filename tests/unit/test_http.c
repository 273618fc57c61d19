/* SPDX-License-Identifier: Apache-2.0 */
/* test_http.c - the HTTP server against raw sockets that behave and misbehave. */
#include "http_box.h"

#include <sys/resource.h>

#define BIG (8u << 20)

static struct http_server *server;
static uint16_t port;
static unsigned gone, drained, handled;
static struct http_request *held; /* waits for its answer */

static struct http_server_config config(void);

/* ---- the handler ---- */

static void on_gone(struct http_request *r)
{
    gone++;
    if (r == held)
        held = NULL;
}

static size_t big_left;

static void send_big(struct http_request *r)
{
    static char piece[65536];

    while (big_left > 0) {
        struct iovec iov = {piece, sizeof(piece) < big_left ? sizeof(piece) : big_left};

        big_left -= iov.iov_len;
        if (!http_send(r, &iov, 1))
            return;
    }
    held = NULL;
    http_finish(r, false);
}

static void on_drain(struct http_request *r)
{
    drained++;
    send_big(r);
}

static void begin_big(struct http_request *r)
{
    struct buf head = buf_make(200);
    struct iovec iov;

    http_put_status(&head, 200, STR_NONE);
    buf_printf(&head, "Content-Length: %u\r\n\r\n", BIG);
    iov = (struct iovec){head.p, head.n};
    r->on_gone = on_gone;
    r->on_drain = on_drain;
    held = r;
    big_left = BIG;
    http_send(r, &iov, 1);
    buf_reset(&head);
    send_big(r);
}

static void on_request(struct http_request *r)
{
    struct buf text = buf_make(1 << 20);

    handled++;
    assert_ptr_equal(r->loop, the_loop);
    if (str_eq(r->head.target, STR("/hold"))) {
        held = r;
        r->on_gone = on_gone;
    } else if (str_eq(r->head.target, STR("/big"))) {
        begin_big(r);
    } else if (str_eq(r->head.target, STR("/abort"))) {
        http_abort(r);
    } else if (r->body_too_large) {
        assert_int_equal(r->body.n, 0);
        http_reply(r, 413, STR("text/plain"), STR_NONE, STR("too large\n"));
    } else {
        buf_printf(&text, "<%.*s %.*s %.*s>", STR_ARG(r->head.method), STR_ARG(r->head.target),
                   STR_ARG(r->body));
        http_reply(r, 200, STR("text/plain"), STR("X-Test: 1\r\n"), buf_str(&text));
    }
    buf_reset(&text);
}

static struct http_server_config config(void)
{
    return (struct http_server_config){.on_request = on_request,
                                       .header_max = 2000,
                                       .body_max = 5000,
                                       .idle_ms = 10000,
                                       .request_ms = 10000,
                                       .send_ms = 10000};
}

static void start_with(const struct http_server_config *c)
{
    struct error err;

    gone = drained = handled = 0;
    held = NULL;
    assert_int_equal(http_server_new(&server, the_loop, c, &err), OK);
    assert_int_equal(http_server_listen(server, raw_listen(&port), NULL, &err), OK);
}

static int start(void **state)
{
    struct http_server_config c = config();

    if (open_loop(state) != OK)
        return -1;
    start_with(&c);
    return 0;
}

static int stop(void **state)
{
    http_server_free(server);
    return close_loop(state);
}

static void restart(const struct http_server_config *c)
{
    http_server_free(server);
    start_with(c);
}

static struct http_server_stats stats(void)
{
    struct http_server_stats s;

    http_server_stats(server, &s);
    return s;
}

/* Sends, waits until the server closed (or, with `until`, until that text came). */
static int exchange(int fd, struct str request, const char *until, struct buf *in)
{
    int state = RAW_OPEN;

    raw_send(fd, request);
    SPIN((state = raw_read(fd, in)) != RAW_OPEN || (until != NULL && buf_has(in, until)));
    return state;
}

/* ---- requests ---- */

static void test_pieces(void **state)
{
    static const char request[] = "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello "
                                  "world";
    static const char chunked[] = "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
                                  "chunked\r\n\r\n5;x\r\nhello\r\n6\r\n world\r\n"
                                  "0\r\nT: 1\r\n\r\n";

    (void)state;
    for (size_t step = 1; step < 40; step += step < 4 ? 1 : 9) {
        int fd = raw_connect(port);
        struct buf in = buf_make(10000);

        for (size_t at = 0; at < sizeof(request) - 1; at += step, turns(1))
            raw_send(fd, str_of(request + at,
                                sizeof(request) - 1 - at < step ? sizeof(request) - 1 - at : step));
        SPIN((raw_read(fd, &in), buf_has(&in, "<POST /p hello world>")));
        for (size_t at = 0; at < sizeof(chunked) - 1; at += step, turns(1))
            raw_send(fd, str_of(chunked + at,
                                sizeof(chunked) - 1 - at < step ? sizeof(chunked) - 1 - at : step));
        SPIN((raw_read(fd, &in), buf_has(&in, "<POST /c hello world>")));
        assert_int_equal(buf_count(&in, "HTTP/1.1 200 OK\r\n"), 2);
        close(fd);
        buf_reset(&in);
    }
    SPIN(stats().open == 0);
}

static void test_pipelined(void **state)
{
    struct buf out = buf_make(1 << 20), in = buf_make(1 << 20);
    int fd = raw_connect(port);

    (void)state;
    for (int i = 0; i < 200; i++) {
        buf_printf(&out, "GET /%d HTTP/1.1\r\nHost: a\r\n\r\n", i);
        buf_printf(&out, "POST /%d HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab", i);
        buf_printf(
            &out,
            "PUT /%d HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
            i);
    }
    raw_send(fd, buf_str(&out));
    SPIN((raw_read(fd, &in), buf_has(&in, "<PUT /199 a>")));
    assert_int_equal(buf_count(&in, "HTTP/1.1 200"), 600);
    assert_int_equal(handled, 600);
    close(fd);
    buf_reset(&out);
    buf_reset(&in);
}

/* More than one scratch is pipelined behind a request that waits, and more comes in the turn in
 * which it ends: nothing may be lost or mixed up. */
static void test_pipelined_behind_held(void **state)
{
    struct buf out = buf_make(16 << 20), in = buf_make(64 << 20);
    struct buf rest;
    int fd = raw_connect(port);

    (void)state;
    buf_put_str(&out, STR("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n"));
    for (int i = 0; i < 8000; i++)
        buf_printf(&out, "GET /%0300d HTTP/1.1\r\nHost: a\r\n\r\n", i);
    rest = out;
    while (rest.n > 0) { /* as much as the kernel takes */
        ssize_t n = send(fd, rest.p, rest.n, MSG_NOSIGNAL);

        if (n < 0) {
            loop_turn(the_loop, 5);
            if (held != NULL)
                break;
            continue;
        }
        rest.p += n, rest.n -= (size_t)n;
    }
    SPIN(held != NULL);
    http_reply(held, 200, STR_NONE, STR_NONE, STR("held"));
    while (rest.n > 0) {
        ssize_t n = send(fd, rest.p, rest.n, MSG_NOSIGNAL);

        loop_turn(the_loop, 0);
        raw_read(fd, &in);
        if (n > 0)
            rest.p += n, rest.n -= (size_t)n;
    }
    SPIN((raw_read(fd, &in), str_ends(buf_str(&in), STR("7999 >"))));
    assert_int_equal(buf_count(&in, "HTTP/1.1 200"), 8001);
    assert_int_equal(buf_count(&in, "HTTP/1.1 400"), 0);
    close(fd);
    buf_reset(&out);
    buf_reset(&in);
}

static void test_expect(void **state)
{
    struct buf in = buf_make(10000);
    int fd = raw_connect(port);

    (void)state;
    exchange(
        fd, STR("POST /e HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"),
        "100 Continue\r\n\r\n", &in);
    assert_int_equal(handled, 0);
    exchange(fd, STR("abc"), "<POST /e abc>", &in);
    assert_int_equal(buf_count(&in, "100 Continue"), 1);
    buf_clear(&in); /* the body came along: no 100 is needed */
    exchange(
        fd,
        STR("POST /f HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc"),
        "<POST /f abc>", &in);
    assert_int_equal(buf_count(&in, "100 Continue"), 0);
    close(fd);
    buf_reset(&in);
}

static const struct {
    const char *head;
    char fill; /* this many bytes of it follow */
    size_t filled;
    const char *status;
    bool closes;
} refused[] = {
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5001\r\n\r\n", 'x', 5001, "413", false},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 19999\r\n\r\n", 'x', 19999, "413", false},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n", 'x', 4000000, "413", true},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nf4240\r\n", 'x', 1000000,
     "413", true},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 'x', 100, "400",
     true},
    {"GET / HTTP/1.1\r\nHost: a\r\nA: ", 'x', 2000, "431", true},
    {"GET / HTTP/1.1\r\nHost: a\r\nA: ", 'x', 3000000, "431", true},
    {"GET /", 'x', 10000, "431", true},
    {"", '\n', 10000, "431", true},
    {"GET / HTTP/1.1\r\nHost: a\r\nA : b\r\n\r\n", 'x', 100000, "400", true},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", '0',
     10, "400", true},
    {"\x16\x03\x01\n\n", 'x', 0, "400", true},
};

static void test_refusals_arrive(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        int fd = raw_connect(port), end;
        struct buf out = buf_make(8 << 20), in = buf_make(100000);

        buf_put_str(&out, str_c(refused[i].head));
        for (size_t n = 0; n < refused[i].filled; n++)
            buf_put_c(&out, refused[i].fill);
        end = exchange(fd, buf_str(&out), refused[i].closes ? NULL : "too large\n", &in);
        if (!str_starts(buf_str(&in), STR("HTTP/1.1 ")) ||
            !str_starts(str_skip(buf_str(&in), 9), str_c(refused[i].status)))
            fail_msg("case %zu: %.*s", i, STR_ARG(buf_str(&in)));
        assert_int_equal(end, refused[i].closes ? RAW_EOF : RAW_OPEN);
        assert_int_equal(buf_has(&in, "Connection: close"), refused[i].closes);
        if (!refused[i].closes) { /* and the connection lives on */
            buf_clear(&in);
            exchange(fd, STR("GET /after HTTP/1.1\r\nHost: a\r\n\r\n"), "<GET /after >", &in);
        }
        close(fd);
        buf_reset(&out);
        buf_reset(&in);
    }
    SPIN(stats().open == 0);
}

static const struct {
    const char *request;
    bool keeps;
} keeping[] = {
    {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
    {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false},
    {"GET / HTTP/1.0\r\n\r\n", false},
    {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
    {"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", true},
};

static void test_keep_alive(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(keeping); i++) {
        int fd = raw_connect(port), end;
        struct buf in = buf_make(10000);
        bool head = keeping[i].request[0] == 'H';

        end = exchange(fd, str_c(keeping[i].request),
                       keeping[i].keeps ? head ? "\r\n\r\n" : "<GET / >" : NULL, &in);
        assert_int_equal(end, keeping[i].keeps ? RAW_OPEN : RAW_EOF);
        assert_true(buf_has(&in, "X-Test: 1\r\nContent-Length: "));
        assert_int_equal(buf_has(&in, "<"), !head);
        assert_int_equal(buf_has(&in, "Connection: close"), !keeping[i].keeps);
        close(fd);
        buf_reset(&in);
    }
}

/* ---- clients that leave ---- */

static void test_gone_while_waiting(void **state)
{
    int fd = raw_connect(port);

    (void)state;
    raw_send(fd, STR("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n"));
    SPIN(held != NULL);
    close(fd);
    SPIN(gone == 1);
    turns(2);
    assert_int_equal(stats().open, 0);
    fd = raw_connect(port); /* also with more input unread, and by a reset */
    raw_send(fd, STR("GET /hold HTTP/1.1\r\nHost: a\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n"));
    SPIN(held != NULL);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
    close(fd);
    SPIN(gone == 2);
    assert_int_equal(handled, 2);
}

static void test_gone_in_the_answer(void **state)
{
    struct buf in = buf_make(BIG);
    int fd = raw_connect(port);

    (void)state;
    raw_send(fd, STR("GET /big HTTP/1.1\r\nHost: a\r\n\r\n"));
    SPIN(held != NULL && big_left < BIG);
    turn_for(20);
    assert_true(big_left > 0); /* back-pressure: it did not pile up here */
    close(fd);
    SPIN(gone == 1);
    assert_true(big_left > 0);
    buf_reset(&in);
}

static void test_slow_reader(void **state)
{
    struct buf in = buf_make(2 * BIG);
    int fd = raw_socket(), small = 65536;
    size_t total = 0;

    (void)state;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    raw_connect_fd(fd, port);
    raw_send(fd, STR("GET /big HTTP/1.1\r\nHost: a\r\n\r\nGET /after HTTP/1.1\r\nHost: a\r\n\r\n"));
    SPIN(held != NULL);
    while (!buf_has(&in, "<GET /after >")) {
        char piece[20000];
        ssize_t n = recv(fd, piece, sizeof(piece), 0);

        if (in.n > 200000) /* zeros of the body */
            buf_consume(&in, in.n - 1000);
        if (n > 0)
            buf_put(&in, piece, (size_t)n);
        total += n > 0 ? (size_t)n : 0;
        loop_turn(the_loop, n > 0 ? 0 : 5);
    }
    assert_true(drained > 0);
    assert_true(total > BIG && total < BIG + 1000);
    assert_int_equal(gone, 0);
    close(fd);
    buf_reset(&in);
}

static void test_abort(void **state)
{
    struct buf in = buf_make(1000);
    int fd = raw_connect(port);

    (void)state;
    assert_int_not_equal(exchange(fd, STR("GET /abort HTTP/1.1\r\nHost: a\r\n\r\n"), NULL, &in),
                         RAW_OPEN);
    assert_int_equal(in.n, 0);
    close(fd);
    buf_reset(&in);
}

/* ---- time ---- */

static void test_idle_timeout(void **state)
{
    struct http_server_config c = config();
    struct buf in = buf_make(1000);
    int fd;

    (void)state;
    c.idle_ms = 40;
    restart(&c);
    fd = raw_connect(port);
    assert_int_equal(exchange(fd, STR_NONE, NULL, &in), RAW_EOF);
    assert_int_equal(in.n, 0);
    close(fd);
    fd = raw_connect(port); /* again after an answer */
    assert_int_equal(exchange(fd, STR("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), NULL, &in), RAW_EOF);
    assert_true(buf_has(&in, "<GET / >"));
    close(fd);
    fd = raw_connect(port); /* a waiting request is not idle */
    raw_send(fd, STR("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n"));
    turn_for(120);
    assert_int_equal(gone, 0);
    http_reply(held, 200, STR_NONE, STR_NONE, STR("late"));
    buf_clear(&in);
    SPIN((raw_read(fd, &in), buf_has(&in, "late")));
    close(fd);
    buf_reset(&in);
}

static void test_request_timeout(void **state)
{
    static const char *partial[] = {
        "GET / HT",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n",
    };
    struct http_server_config c = config();

    (void)state;
    c.request_ms = 40;
    restart(&c);
    for (size_t i = 0; i < ARRAY_LEN(partial); i++) {
        struct buf in = buf_make(10000);
        int fd = raw_connect(port);

        /* An earlier request in two pieces: its head lies in memory that is gone by then. */
        raw_send(fd, STR("HEAD / HTTP/1.1\r\nHost: a\r\nA: "));
        turns(3);
        exchange(fd, STR("b\r\n\r\n"), "\r\n\r\n", &in);
        buf_clear(&in);
        assert_int_equal(exchange(fd, str_c(partial[i]), NULL, &in), RAW_EOF);
        assert_true(buf_has(&in, "HTTP/1.1 408 "));
        assert_true(buf_has(&in, "did not arrive in time"));
        close(fd);
        buf_reset(&in);
    }
    assert_int_equal(stats().timeouts, ARRAY_LEN(partial));
}

static void test_send_timeout(void **state)
{
    struct http_server_config c = config();
    int fd;

    (void)state;
    c.send_ms = 60;
    restart(&c);
    fd = raw_connect(port);
    raw_send(fd, STR("GET /big HTTP/1.1\r\nHost: a\r\n\r\n"));
    SPIN(gone == 1); /* the client never reads */
    assert_int_equal(stats().timeouts, 1);
    close(fd);
}

/* ---- many ---- */

static void test_drain(void **state)
{
    struct buf in = buf_make(10000), in2 = buf_make(10000);
    int idle = raw_connect(port), busy = raw_connect(port), partial = raw_connect(port), late;

    (void)state;
    raw_send(busy, STR("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n"));
    raw_send(partial, STR("GET /partial HT"));
    SPIN(held != NULL && stats().open == 3);
    turns(3);
    http_server_drain(server);
    http_server_set_tls(server, 0, NULL); /* a reload now must do no harm */
    assert_int_equal(exchange(idle, STR_NONE, NULL, &in), RAW_EOF);
    assert_int_equal(exchange(partial, STR("TP/1.1\r\nHost: a\r\n\r\n"), NULL, &in2), RAW_EOF);
    assert_true(buf_has(&in2, "<GET /partial >"));
    http_reply(held, 200, STR_NONE, STR_NONE, STR("done"));
    assert_int_equal(exchange(busy, STR_NONE, NULL, &in), RAW_EOF);
    assert_true(buf_has(&in, "Connection: close\r\n\r\ndone"));
    close(idle);
    close(busy);
    close(partial);
    SPIN(stats().open == 0);
    late = raw_connect(port);
    turns(2);
    assert_int_not_equal(raw_read(late, &in), RAW_OPEN);
    close(late);
    buf_reset(&in);
    buf_reset(&in2);
}

static void test_connection_max(void **state)
{
    struct http_server_config c = config();
    struct buf in = buf_make(10000);
    int fd[4];

    (void)state;
    c.connection_max = 2;
    restart(&c);
    for (int i = 0; i < 4; i++) {
        fd[i] = raw_connect(port);
        raw_send(fd[i], STR("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    }
    turn_for(30);
    assert_int_equal(stats().open, 2);
    assert_int_equal(handled, 2);
    close(fd[0]);
    SPIN(handled == 3);
    c.connection_max = 3; /* a reload lets more in */
    http_server_configure(server, &c);
    SPIN(handled == 4);
    for (int i = 1; i < 4; i++)
        close(fd[i]);
    buf_reset(&in);
}

static void test_no_descriptors(void **state)
{
    struct buf in = buf_make(10000);
    struct rlimit before, now;
    int fd = raw_socket(), probe;

    (void)state;
    turns(1);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    probe = dup(fd);
    now = before;
    now.rlim_cur = (rlim_t)probe; /* all below are in use */
    close(probe);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &now), 0);
    raw_connect_fd(fd, port);
    raw_send(fd, STR("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    turn_for(30);
    assert_int_equal(stats().accepted, 0);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    SPIN((raw_read(fd, &in), buf_has(&in, "<GET / >")));
    close(fd);
    buf_reset(&in);
}

static void test_free_with_requests(void **state)
{
    struct sockaddr_storage peer;
    int fd = raw_connect(port), other = raw_connect(port);

    raw_send(fd, STR("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n"));
    raw_send(other, STR("GET /par"));
    SPIN(held != NULL && stats().open == 2);
    turns(3);
    http_peer(held, &peer);
    assert_int_equal(peer.ss_family, AF_INET);
    assert_int_equal(((struct sockaddr_in *)&peer)->sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    http_server_free(server);
    server = NULL;
    assert_int_equal(gone, 1);
    close(fd);
    close(other);
    http_server_free(NULL);
    (void)state;
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SERVER(test_pieces),
        WITH_SERVER(test_pipelined),
        WITH_SERVER(test_pipelined_behind_held),
        WITH_SERVER(test_expect),
        WITH_SERVER(test_refusals_arrive),
        WITH_SERVER(test_keep_alive),
        WITH_SERVER(test_gone_while_waiting),
        WITH_SERVER(test_gone_in_the_answer),
        WITH_SERVER(test_slow_reader),
        WITH_SERVER(test_abort),
        WITH_SERVER(test_idle_timeout),
        WITH_SERVER(test_request_timeout),
        WITH_SERVER(test_send_timeout),
        WITH_SERVER(test_drain),
        WITH_SERVER(test_connection_max),
        WITH_SERVER(test_no_descriptors),
        WITH_SERVER(test_free_with_requests),
    };

    alarm(200);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
