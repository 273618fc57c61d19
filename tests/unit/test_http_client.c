/* SPDX-License-Identifier: Apache-2.0 */
/* test_http_client.c - the HTTP client against fake servers that cut, stall, lie and close. */
#include "http_box.h"

#include <fcntl.h>

#define REQUEST "GET /q HTTP/1.1\r\nHost: a\r\n\r\n"

/* ---- the caller ---- */

enum at { NEVER, ON_HEAD, ON_DATA, ON_LAST, ON_FAIL };

struct caller {
    struct http_call call; /* first: the callbacks cast */
    unsigned heads, datas, fails, lasts;
    int status;
    struct buf body;
    struct error err;
    enum at cancel, again, pause, drop_pool;
};

static struct http_pool *pool;
static uint16_t ports[3]; /* addresses of the pool, 0 = none */
static unsigned freed;

static void begin(struct caller *c)
{
    http_call_start(pool, &c->call, STR(REQUEST), STR_NONE);
}

/* What the test wants to happen inside a callback. */
static void act(struct caller *c, enum at now)
{
    if (c->pause == now)
        http_call_pause(&c->call);
    if (c->again == now) {
        c->again = NEVER;
        http_call_cancel(&c->call);
        begin(c);
    }
    if (c->drop_pool == now) {
        struct http_pool *p = pool;

        pool = NULL;
        http_pool_free(p);
    }
    if (c->cancel == now) {
        http_call_cancel(&c->call);
        buf_reset(&c->body);
        freed++;
        free(c); /* so that the sanitizer sees a later touch */
    }
}

static void on_head(struct http_call *call, const struct http_head *head)
{
    struct caller *c = (struct caller *)call;

    c->heads++;
    c->status = head->status;
    act(c, ON_HEAD);
}

static void on_data(struct http_call *call, const struct str *pieces, size_t n, bool last)
{
    struct caller *c = (struct caller *)call;

    c->datas++;
    c->lasts += last;
    for (size_t i = 0; i < n; i++)
        buf_put_str(&c->body, pieces[i]);
    act(c, last ? ON_LAST : ON_DATA);
}

static void on_fail(struct http_call *call, const struct error *err)
{
    struct caller *c = (struct caller *)call;

    c->fails++;
    c->err = *err;
    assert_false(http_call_active(call));
    act(c, ON_FAIL);
}

static struct caller *new_caller(void)
{
    struct caller *c = NEW(struct caller);

    c->call.on_head = on_head;
    c->call.on_data = on_data;
    c->call.on_fail = on_fail;
    c->body = buf_make(16 << 20);
    return c;
}

static void free_caller(struct caller *c)
{
    http_call_cancel(&c->call);
    buf_reset(&c->body);
    free(c);
}

static bool over(const struct caller *c)
{
    return c->lasts + c->fails > 0;
}

static bool has_body(const struct caller *c, const char *text)
{
    return str_eq(buf_str(&c->body), str_c(text));
}

/* ---- the fake server ---- */

static int listener;
static int peer = -1;  /* the connection last accepted */
static struct buf got; /* what it received */

static bool accept_peer(void)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0)
        return false;
    if (peer >= 0)
        close(peer);
    peer = fd;
    buf_clear(&got);
    return true;
}

static bool has_request(void)
{
    if (peer >= 0)
        raw_read(peer, &got);
    return buf_has(&got, "\r\n\r\n");
}

static void serve_request(void)
{
    SPIN(accept_peer());
    SPIN(has_request());
    buf_clear(&got);
}

static void drop_peer(void)
{
    close(peer);
    peer = -1;
}

static bool address(void *arg, unsigned attempt, struct sockaddr_storage *out, socklen_t *n)
{
    struct sockaddr_in a;

    (void)arg;
    if (attempt >= ARRAY_LEN(ports) || ports[attempt] == 0)
        return false;
    a = loopback(ports[attempt]);
    memset(out, 0, sizeof(*out));
    memcpy(out, &a, sizeof(a));
    *n = sizeof(a);
    return true;
}

static int start(void **state)
{
    struct http_pool_config c = {.address = address,
                                 .host = STR("localhost"),
                                 .connect_ms = 3000,
                                 .idle_max = 4,
                                 .idle_ms = 10000};

    if (open_loop(state) != OK)
        return -1;
    memset(ports, 0, sizeof(ports));
    listener = raw_listen(&ports[0]);
    got = buf_make(1 << 20);
    pool = http_pool_new(the_loop, &c);
    freed = 0;
    return 0;
}

static int stop(void **state)
{
    http_pool_free(pool);
    close(listener);
    if (peer >= 0)
        drop_peer();
    buf_reset(&got);
    return close_loop(state);
}

static struct http_pool_stats stats(void)
{
    struct http_pool_stats s;

    http_pool_stats(pool, &s);
    return s;
}

/* ---- answers cut short ---- */

static const struct {
    const char *answer, *body;
    bool to_end;
} framings[] = {
    {"HTTP/1.1 200 OK\r\nContent-Length: 11\r\nX: y\r\n\r\nhello world", "hello world", false},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x\r\n world\r\n0\r\nT: "
     "1\r\n\r\n",
     "hello world", false},
    {"HTTP/1.1 200 OK\r\nX: y\r\n\r\nhello world", "hello world", true},
    {"HTTP/1.0 200 OK\r\n\r\n", "", true},
    {"HTTP/1.1 102 Wait\r\n\r\nHTTP/1.1 204 No\r\n\r\n", "", false},
};

/* `pause`: the end of the stream comes in a later turn than the bytes. */
static void cut_at(size_t i, size_t cut, bool pause)
{
    struct str answer = str_c(framings[i].answer);
    size_t head = str_search(answer, STR("\r\n\r\n")) + 4;
    struct caller *c = new_caller();
    bool good = cut == answer.n || (framings[i].to_end && cut >= head);

    begin(c);
    serve_request();
    raw_send(peer, str_of(answer.p, cut));
    if (pause)
        turns(4);
    drop_peer();
    SPIN(over(c));
    if (c->lasts != good || c->fails == good)
        fail_msg("framing %zu cut at %zu: %u ends, %u failures", i, cut, c->lasts, c->fails);
    if (good && cut == answer.n)
        assert_true(has_body(c, framings[i].body));
    if (good && framings[i].to_end)
        assert_int_equal(c->body.n, cut - head);
    if (!good)
        assert_int_equal(c->err.code, ERR_UPSTREAM);
    free_caller(c);
    http_pool_flush(pool);
    while (accept_peer()) /* no second try on a fresh connection */
        fail_msg("framing %zu cut at %zu was sent again", i, cut);
}

static void test_cut_everywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(framings); i++)
        for (size_t cut = 0; cut <= strlen(framings[i].answer); cut++)
            for (int pause = 0; pause < 2; pause++)
                cut_at(i, cut, pause);
}

/* The same answers one byte at a time, on one kept connection. */
static void test_bytewise(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(framings); i++) {
        struct caller *c = new_caller();

        if (framings[i].to_end) {
            free_caller(c);
            continue;
        }
        begin(c);
        if (peer < 0)
            SPIN(accept_peer());
        SPIN(has_request());
        buf_clear(&got);
        for (const char *p = framings[i].answer; *p != '\0'; p++, turns(1))
            raw_send(peer, str_of(p, 1));
        SPIN(over(c));
        assert_int_equal(c->lasts, 1);
        assert_true(has_body(c, framings[i].body));
        free_caller(c);
    }
    assert_int_equal(stats().connects, 1);
    assert_int_equal(stats().reuses, 2);
    assert_int_equal(stats().idle, 1);
}

static void test_head_request(void **state)
{
    struct caller *c = new_caller();

    (void)state;
    c->call.head_request = true;
    begin(c);
    serve_request();
    raw_send(peer, STR("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n"));
    SPIN(over(c));
    assert_int_equal(c->lasts, 1);
    assert_int_equal(c->body.n, 0);
    assert_int_equal(stats().idle, 1);
    free_caller(c);
}

/* ---- kept connections ---- */

#define ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static void keep_one(void)
{
    struct caller *c = new_caller();

    begin(c);
    serve_request();
    raw_send(peer, STR(ANSWER));
    SPIN(over(c));
    assert_int_equal(stats().idle, 1);
    free_caller(c);
}

static void test_resent_once(void **state)
{
    struct caller *c = new_caller();

    (void)state;
    keep_one();
    begin(c); /* written before the loop sees the end */
    drop_peer();
    serve_request();
    raw_send(peer, STR(ANSWER));
    SPIN(over(c));
    assert_true(has_body(c, "ok"));
    assert_int_equal(stats().connects, 2);
    free_caller(c);
    c = new_caller();
    begin(c); /* the server closes the kept one and the new one: no third try */
    SPIN(has_request());
    drop_peer();
    serve_request();
    drop_peer();
    SPIN(over(c));
    assert_int_equal(c->fails, 1);
    turns(5);
    assert_false(accept_peer());
    free_caller(c);
}

static void test_not_resent_after_a_byte(void **state)
{
    struct caller *c = new_caller();

    (void)state;
    keep_one();
    begin(c);
    SPIN(has_request());
    raw_send(peer, STR("H"));
    turns(2);
    drop_peer();
    SPIN(over(c));
    assert_int_equal(c->fails, 1);
    turns(5);
    assert_false(accept_peer());
    free_caller(c);
}

static void test_idle_close_noticed(void **state)
{
    (void)state;
    keep_one();
    drop_peer();
    SPIN(stats().idle == 0);
    keep_one();
    raw_send(peer, STR("HTTP/1.1 408 Request Timeout\r\n\r\n")); /* unasked */
    SPIN(stats().idle == 0);
    keep_one();
    http_pool_flush(pool);
    assert_int_equal(stats().idle, 0);
}

/* Bytes behind an answer must never be taken for the next one. */
static void test_leftovers(void **state)
{
    struct buf exact = buf_make(1 << 20);

    (void)state;
    for (int full = 0; full < 2; full++) {
        struct caller *c = new_caller();
        size_t body = full ? LOOP_SCRATCH_BYTES - 43 : 2;

        buf_clear(&exact);
        buf_printf(&exact, "HTTP/1.1 200 OK\r\nContent-Length: %06zu\r\n\r\n", body);
        while (body-- > 0)
            buf_put_c(&exact, 'x');
        begin(c);
        serve_request();
        buf_put_str(&exact, STR("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"));
        raw_send(peer, buf_str(&exact));
        SPIN(over(c));
        assert_int_equal(c->lasts, 1);
        assert_false(buf_has(&c->body, "evil"));
        turns(3);
        assert_int_equal(stats().idle, 0);
        free_caller(c);
    }
    buf_reset(&exact);
}

/* ---- bad heads ---- */

static const struct {
    const char *answer;
    bool ok;
} heads[] = {
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n" ANSWER, true},
    {"HTTP/1.1 101 Switching Protocols\r\n\r\n", false},
    {"SSH-2.0-OpenSSH\r\n", false},
    {"HTTP/1.1 2OO OK\r\n\r\n", false},
    {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", false},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", false},
    {"HTTP/1.1 200 OK\r\nbroken\r\n\r\n", false},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", false},
};

static void test_bad_heads(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        struct caller *c = new_caller();

        begin(c);
        serve_request();
        raw_send(peer, str_c(heads[i].answer));
        SPIN(over(c));
        if (c->lasts != heads[i].ok)
            fail_msg("head %zu", i);
        free_caller(c);
        http_pool_flush(pool);
    }
}

static void send_much(const char *begin_with, const char *repeat, size_t n)
{
    struct buf text = buf_make(4 << 20);
    struct caller *c = new_caller();

    buf_put_str(&text, str_c(begin_with));
    while (text.n < n)
        buf_put_str(&text, str_c(repeat));
    begin(c);
    serve_request();
    raw_send(peer, buf_str(&text)); /* may end early: the client closes */
    SPIN(over(c));
    assert_int_equal(c->fails, 1);
    assert_int_equal(c->err.code, ERR_UPSTREAM);
    free_caller(c);
    buf_reset(&text);
}

static void test_huge_heads(void **state)
{
    (void)state;
    send_much("HTTP/1.1 200 OK\r\nA: ", "xxxxxxxxxxxxxxxxxxxx", 2 << 20);
    send_much("", "garbage without a line end ", 2 << 20);
    send_much("HTTP/1.1 200 OK\r\n", "A: b\r\n", 100000);
}

/* Thousands of interim answers in one read must not eat the stack. */
static void test_many_interim(void **state)
{
    struct buf text = buf_make(4 << 20);
    struct caller *c = new_caller();

    (void)state;
    while (text.n < 240000)
        buf_put_str(&text, STR("HTTP/1.1 100 \r\n\r\n"));
    buf_put_str(&text, STR(ANSWER));
    begin(c);
    serve_request();
    raw_send(peer, buf_str(&text));
    SPIN(over(c));
    assert_true(has_body(c, "ok"));
    free_caller(c);
    buf_reset(&text);
}

/* ---- time ---- */

static void test_first_byte_timeout(void **state)
{
    struct caller *c = new_caller();

    (void)state;
    c->call.first_byte_ms = 40;
    begin(c);
    serve_request();
    SPIN(over(c));
    assert_int_equal(c->err.code, ERR_TIMEOUT);
    free_caller(c);
    c = new_caller(); /* an answer in time, whose body takes longer */
    c->call.first_byte_ms = 600;
    begin(c);
    serve_request();
    raw_send(peer, STR("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"));
    turn_for(800);
    raw_send(peer, STR("ok"));
    SPIN(over(c));
    assert_true(has_body(c, "ok"));
    free_caller(c);
}

/* A listener whose backlog is full lets a connect hang. */
static void test_connect_timeout(void **state)
{
    struct http_pool_config config = {
        .address = address, .host = STR("x"), .connect_ms = 50, .idle_max = 1, .idle_ms = 1000};
    struct caller *c = new_caller();
    int fillers[8];

    (void)state;
    http_pool_free(pool);
    close(listener);
    listener = raw_listen(&ports[0]);
    assert_int_equal(listen(listener, 0), 0);
    for (size_t i = 0; i < ARRAY_LEN(fillers); i++)
        fillers[i] = raw_connect(ports[0]);
    turn_for(20);
    pool = http_pool_new(the_loop, &config);
    begin(c);
    SPIN(over(c));
    assert_int_equal(c->err.code, ERR_TIMEOUT);
    free_caller(c);
    for (size_t i = 0; i < ARRAY_LEN(fillers); i++)
        close(fillers[i]);
}

/* ---- addresses ---- */

static void test_addresses(void **state)
{
    struct caller *c = new_caller();
    uint16_t closed, alive = ports[0];
    int fd = raw_listen(&closed);

    (void)state;
    close(fd);
    ports[0] = closed;
    ports[1] = alive;
    begin(c);
    serve_request();
    raw_send(peer, STR(ANSWER));
    SPIN(over(c));
    assert_true(has_body(c, "ok"));
    free_caller(c);
    http_pool_flush(pool);
    ports[1] = closed;
    c = new_caller();
    begin(c);
    assert_int_equal(c->fails, 0); /* never inside http_call_start() */
    SPIN(over(c));
    assert_int_equal(c->err.code, ERR_UPSTREAM);
    assert_non_null(strstr(c->err.text, "refused"));
    free_caller(c);
    ports[0] = ports[1] = 0;
    c = new_caller();
    begin(c);
    assert_int_equal(c->fails, 0);
    SPIN(over(c));
    assert_non_null(strstr(c->err.text, "not known"));
    free_caller(c);
}

static bool no_route(void *arg, unsigned attempt, struct sockaddr_storage *out, socklen_t *n)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(1)};

    (void)arg;
    a.sin_addr.s_addr = htonl(INADDR_BROADCAST); /* connect() itself fails */
    memset(out, 0, sizeof(*out));
    memcpy(out, &a, sizeof(a));
    *n = sizeof(a);
    return attempt == 0;
}

static void test_connect_fails_at_once(void **state)
{
    struct http_pool_config config = {
        .address = no_route, .host = STR("x"), .connect_ms = 50, .idle_max = 1, .idle_ms = 1000};
    struct caller *c = new_caller();

    (void)state;
    http_pool_free(pool);
    pool = http_pool_new(the_loop, &config);
    begin(c);
    SPIN(over(c));
    assert_int_equal(c->err.code, ERR_UPSTREAM);
    assert_null(strstr(c->err.text, "not known")); /* the reason is the kernel's */
    free_caller(c);
}

/* ---- control ---- */

static const char *const shapes[] = {
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\n\r\nhello",
    "HTTP/1.1 204 No Content\r\n\r\n",
};

/* Ends in every callback by cancelling and freeing the call, and with the pool. */
static void test_cancel_inside(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
        for (enum at at = ON_HEAD; at <= ON_LAST; at++) {
            for (int split = 0; split < 2; split++) {
                struct caller *c = new_caller();
                struct str answer = str_c(shapes[i]);
                size_t half = split ? answer.n - 3 : answer.n;
                unsigned before = freed;

                if (at == ON_DATA && (i == 3 || !split))
                    at = ON_LAST; /* there is no such piece */
                c->cancel = at;
                begin(c);
                if (peer >= 0)
                    drop_peer();
                serve_request();
                raw_send(peer, str_of(answer.p, half));
                turns(3);
                raw_send(peer, str_skip(answer, half));
                drop_peer();
                SPIN(freed == before + 1);
                http_pool_flush(pool);
            }
        }
    }
    assert_int_equal(stats().active, 0);
}

static void test_cancel_on_fail_and_outside(void **state)
{
    struct caller *c = new_caller();

    (void)state;
    c->cancel = ON_FAIL;
    begin(c);
    serve_request();
    drop_peer();
    SPIN(freed == 1);
    c = new_caller();
    http_call_cancel(&c->call); /* not under way */
    begin(c);
    http_call_cancel(&c->call); /* not connected yet */
    SPIN(accept_peer());
    begin(c);
    serve_request();
    http_call_cancel(&c->call);
    SPIN(raw_read(peer, &got) != RAW_OPEN); /* the server hears of it */
    turns(3);
    assert_false(over(c));
    free_caller(c);
}

/* A call that is cancelled and started anew inside its callback. */
static void test_again_inside(void **state)
{
    (void)state;
    for (enum at at = ON_HEAD; at <= ON_FAIL; at++) {
        struct caller *c = new_caller();

        c->again = at;
        begin(c);
        serve_request();
        raw_send(peer, STR("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n"));
        turns(3);
        if (at == ON_LAST)
            raw_send(peer, STR("0\r\n\r\n"));
        turns(3);
        if (at != ON_LAST) {
            drop_peer();
            serve_request();
        } else {
            SPIN(has_request()); /* on the same connection */
        }
        buf_clear(&c->body);
        raw_send(peer, STR(ANSWER));
        SPIN(has_body(c, "ok"));
        assert_int_equal(c->lasts, at == ON_LAST ? 2 : 1);
        free_caller(c);
        http_pool_flush(pool);
        drop_peer();
    }
}

static void test_pool_freed_inside(void **state)
{
    for (enum at at = ON_HEAD; at <= ON_LAST; at++) {
        struct caller *c = new_caller(), *other = new_caller();

        c->drop_pool = at;
        begin(c);
        serve_request();
        begin(other);
        raw_send(peer, STR("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n"));
        turns(3);
        raw_send(peer, STR("0\r\n\r\n"));
        SPIN(pool == NULL);
        assert_int_equal(other->fails, 1);
        assert_int_equal(other->err.code, ERR_CANCELLED);
        assert_int_equal(c->fails, at != ON_LAST);
        free_caller(c);
        free_caller(other);
        stop(state);
        start(state);
    }
}

static void test_pool_freed_with_calls(void **state)
{
    struct caller *connecting = new_caller(), *waiting = new_caller(), *kept = new_caller();

    (void)state;
    keep_one();
    begin(kept);
    begin(waiting);
    SPIN(accept_peer());
    SPIN(has_request());
    begin(connecting);
    http_pool_free(pool);
    pool = NULL;
    assert_int_equal(connecting->err.code, ERR_CANCELLED);
    assert_int_equal(waiting->err.code, ERR_CANCELLED);
    assert_int_equal(kept->err.code, ERR_CANCELLED);
    free_caller(connecting);
    free_caller(waiting);
    free_caller(kept);
}

static void test_pause(void **state)
{
    struct buf much = buf_make(16 << 20);
    struct caller *c = new_caller();
    size_t before, sent = 0;

    (void)state;
    buf_printf(&much, "HTTP/1.1 200 OK\r\nContent-Length: %u\r\n\r\n", 15u << 20);
    memset(buf_reserve(&much, 15u << 20), 'x', 15u << 20);
    much.n += 15u << 20;
    c->pause = ON_HEAD;
    begin(c);
    serve_request();
    for (int idle = 0; idle < 20;) {
        ssize_t n = send(peer, much.p + sent, much.n - sent, MSG_NOSIGNAL);

        sent += n > 0 ? (size_t)n : 0;
        idle = n > 0 ? 0 : idle + 1;
        loop_turn(the_loop, 1);
    }
    assert_true(sent < much.n); /* the kernel's buffers are full */
    assert_true(c->body.n <= LOOP_SCRATCH_BYTES);
    before = c->body.n;
    c->pause = ON_DATA; /* from now on it stops after each piece */
    http_call_resume(&c->call);
    assert_int_equal(c->body.n, before); /* never inside */
    SPIN(c->body.n > before);
    turns(5);
    assert_true(c->body.n - before <= LOOP_SCRATCH_BYTES);
    while (!over(c)) {
        ssize_t n = send(peer, much.p + sent, much.n - sent, MSG_NOSIGNAL);

        sent += n > 0 ? (size_t)n : 0;
        http_call_resume(&c->call);
        http_call_resume(&c->call);
        loop_turn(the_loop, 1);
    }
    assert_int_equal(c->body.n, 15u << 20);
    free_caller(c);
    buf_reset(&much);
}

/* The end of the stream came while the call was paused. */
static void test_pause_over_the_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct caller *c = new_caller();

        c->pause = ON_HEAD;
        begin(c);
        serve_request();
        raw_send(peer, str_c(shapes[i]));
        if (i == 0)
            raw_send(peer, STR_NONE);
        drop_peer();
        turns(5);
        c->pause = NEVER;
        http_call_resume(&c->call);
        SPIN(over(c));
        assert_true(has_body(c, "hello"));
        free_caller(c);
    }
}

static void test_resume_inside(void **state)
{
    struct caller *c = new_caller();

    (void)state;
    c->pause = ON_DATA;
    begin(c);
    serve_request();
    raw_send(peer, STR("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n"));
    turns(3);
    http_call_resume(&c->call);
    http_call_pause(&c->call);
    raw_send(peer, STR("3\r\nllo\r\n0\r\n\r\n"));
    turns(5);
    assert_false(over(c));
    http_call_resume(&c->call);
    SPIN(over(c));
    assert_true(has_body(c, "hello"));
    free_caller(c);
}

/* The server answers and closes while the request is still being written. */
static void test_early_answer(void **state)
{
    struct buf body = buf_make(32 << 20);
    struct caller *c = new_caller();

    (void)state;
    memset(buf_reserve(&body, 32u << 20), 'x', 32u << 20);
    body.n = 32u << 20;
    http_call_start(pool, &c->call, STR("POST / HTTP/1.1\r\nContent-Length: 33554432\r\n\r\n"),
                    buf_str(&body));
    SPIN(accept_peer());
    SPIN((raw_read(peer, &got), got.n > 0));
    raw_send(peer, STR("HTTP/1.1 413 No\r\nContent-Length: 2\r\n\r\nno"));
    SPIN(over(c));
    assert_int_equal(c->status, 413);
    assert_true(has_body(c, "no"));
    assert_int_equal(stats().idle, 0); /* half a request lies on it */
    free_caller(c);
    buf_reset(&body);
}

#define WITH_POOL(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_POOL(test_cut_everywhere),
        WITH_POOL(test_bytewise),
        WITH_POOL(test_head_request),
        WITH_POOL(test_resent_once),
        WITH_POOL(test_not_resent_after_a_byte),
        WITH_POOL(test_idle_close_noticed),
        WITH_POOL(test_leftovers),
        WITH_POOL(test_bad_heads),
        WITH_POOL(test_huge_heads),
        WITH_POOL(test_many_interim),
        WITH_POOL(test_first_byte_timeout),
        WITH_POOL(test_connect_timeout),
        WITH_POOL(test_addresses),
        WITH_POOL(test_connect_fails_at_once),
        WITH_POOL(test_cancel_inside),
        WITH_POOL(test_cancel_on_fail_and_outside),
        WITH_POOL(test_again_inside),
        WITH_POOL(test_pool_freed_inside),
        WITH_POOL(test_pool_freed_with_calls),
        WITH_POOL(test_pause),
        WITH_POOL(test_pause_over_the_end),
        WITH_POOL(test_resume_inside),
        WITH_POOL(test_early_answer),
    };

    alarm(200);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
