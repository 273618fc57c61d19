/* SPDX-License-Identifier: Apache-2.0 */
/* http_client.c - see http_client.h.
 *
 * An upstream connection:  CONNECTING -> SENDING -> WAITING -> BODY -> IDLE (kept) or closed.
 * The request is kept until the first byte of the answer, so that it can be sent again when a kept
 * connection turns out to be closed by the server. Failures found inside http_call_start() are
 * reported at the end of the turn. */
#include "base/http_client.h"

#include "base/mem.h"
#include "base/tls.h"

#include <limits.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#define HEADERS_MAX 256
#define RESPONSE_HEAD_MAX (1 << 20)
#define PIECES_MAX 64
#define SWEEP_MS 5000

enum phase { CONNECTING, SENDING, WAITING, BODY, IDLE };

struct http_upstream {
    struct conn conn;                  /* first: the watch's callback casts */
    struct http_upstream *prev, *next; /* in pool->busy or pool->idle */
    struct http_pool *pool;
    struct http_call *call; /* NULL when idle */
    struct buf request;     /* until the answer begins */
    size_t request_sent;
    struct buf in; /* an incomplete response head */
    enum http_body body;
    uint64_t body_left;
    struct http_chunks chunks;
    struct timer timer; /* connect, first byte */
    uint64_t idle_since_ms;
    struct task failure; /* an error to be reported at the end of the turn */
    struct task resume;  /* reads at the end of the turn: the scratch may be in use now */
    bool *gone;          /* of whoever is in a callback of the call; set when `u` is freed */
    unsigned attempt;    /* which address of the host */
    uint8_t phase;
    bool keep_alive, paused, reused, retire;
    bool readable; /* the socket may hold more */
    bool hangup;   /* the server closed its side: no event will say so again */
};

/* Written by the loop's thread alone, read by any: no read-modify-write is needed. */
struct pool_counts {
    atomic_ullong connects, reuses, failures, active, idle;
};

struct http_pool {
    struct loop *loop;
    struct http_pool_config config;
    char *host;
    struct http_upstream *busy, *idle; /* idle: newest first */
    struct header *headers;            /* HEADERS_MAX, shared */
    struct timer sweep;
    struct pool_counts counts;
};

static void count(atomic_ullong *c, long long n)
{
    atomic_store_explicit(c, atomic_load_explicit(c, memory_order_relaxed) + (unsigned long long)n,
                          memory_order_relaxed);
}

/* ---- lists and life ---- */

static void link_in(struct http_upstream **list, struct http_upstream *u)
{
    u->prev = NULL;
    u->next = *list;
    if (*list != NULL)
        (*list)->prev = u;
    *list = u;
}

static void unlink_from(struct http_upstream **list, struct http_upstream *u)
{
    if (u->prev != NULL)
        u->prev->next = u->next;
    else
        *list = u->next;
    if (u->next != NULL)
        u->next->prev = u->prev;
}

static void upstream_free(struct http_upstream *u)
{
    struct http_pool *p = u->pool;

    if (u->phase == IDLE) {
        unlink_from(&p->idle, u);
        count(&p->counts.idle, -1);
    } else {
        unlink_from(&p->busy, u);
        count(&p->counts.active, -1);
    }
    if (u->gone != NULL)
        *u->gone = true;
    conn_close(&u->conn);
    timer_clear(p->loop, &u->timer);
    loop_undefer(p->loop, &u->failure);
    loop_undefer(p->loop, &u->resume);
    buf_reset(&u->request);
    buf_reset(&u->in);
    free(u);
}

#define KEPT UINT_MAX /* for start_on(): a kept connection if there is one */
static void start_on(struct http_pool *p, struct http_call *c, struct buf request,
                     unsigned attempt);

/* The same request once more: on a new connection when a kept one was closed before any answer, on
 * the host's next address when this one takes no connections. */
static bool try_again(struct http_upstream *u, enum err code)
{
    struct http_pool *p = u->pool;
    struct http_call *c = u->call;
    struct buf request = u->request;
    struct sockaddr_storage addr;
    socklen_t addr_len;
    unsigned attempt = 0;

    if (u->phase == CONNECTING) {
        attempt = u->attempt + 1;
        if (code == ERR_CANCELLED || !p->config.address(p->config.arg, attempt, &addr, &addr_len))
            return false;
    } else if (!u->reused || c->got_bytes || code != ERR_UPSTREAM) {
        return false;
    }
    u->request = buf_make(0);
    c->upstream = NULL;
    upstream_free(u);
    start_on(p, c, request, attempt);
    return true;
}

/* Ends the call with an error, or tries it anew. */
static void fail(struct http_upstream *u, enum err code, const char *text)
{
    struct http_pool *p = u->pool;
    struct http_call *c = u->call;
    struct error err;

    if (try_again(u, code))
        return;
    count(&p->counts.failures, 1);
    error_set(&err, code, "%s", text);
    c->upstream = NULL;
    upstream_free(u);
    c->on_fail(c, &err);
}

static void fail_conn(struct http_upstream *u, const char *when)
{
    char reason[200], text[240];

    snprintf(text, sizeof(text), "%s: %s", when, conn_error_text(&u->conn, reason, sizeof(reason)));
    fail(u, ERR_UPSTREAM, text);
}

static void on_failure_task(struct task *t)
{
    struct http_upstream *u =
        (struct http_upstream *)((char *)t - offsetof(struct http_upstream, failure));

    if (u->conn.error != 0 || u->conn.tls_error != NULL)
        fail_conn(u, "connect");
    else
        fail(u, ERR_UPSTREAM, "the address of the server is not known");
}

static void on_timer(struct timer *t)
{
    struct http_upstream *u =
        (struct http_upstream *)((char *)t - offsetof(struct http_upstream, timer));

    fail(u, ERR_TIMEOUT,
         u->phase == CONNECTING ? "no connection within timeouts.connect"
                                : "no answer within timeouts.first_byte");
}

/* ---- sending ---- */

static void send_request(struct http_upstream *u)
{
    while (u->request_sent < u->request.n) {
        struct iovec iov = {u->request.p + u->request_sent, u->request.n - u->request_sent};
        ssize_t n = conn_writev(&u->conn, &iov, 1);

        if (n == CONN_AGAIN)
            return;
        if (n < 0) { /* the server may have answered and closed: reading will tell */
            u->phase = WAITING;
            return;
        }
        u->request_sent += (size_t)n;
    }
    u->phase = WAITING;
    if (u->call->first_byte_ms > 0)
        timer_set(u->pool->loop, &u->timer, u->call->first_byte_ms);
}

static void on_upstream_event(struct conn *conn, unsigned events);
static void on_resume(struct task *t);

static struct http_upstream *connect_new(struct http_pool *p, unsigned attempt)
{
    struct http_upstream *u = NEW(struct http_upstream);
    struct sockaddr_storage addr;
    socklen_t addr_len = 0;
    struct error err;

    u->pool = p;
    u->conn.on_event = on_upstream_event;
    u->timer.on_timer = on_timer;
    u->failure.on_turn_end = on_failure_task;
    u->resume.on_turn_end = on_resume;
    u->in = buf_make(RESPONSE_HEAD_MAX + LOOP_SCRATCH_BYTES);
    u->phase = CONNECTING;
    u->attempt = attempt;
    count(&p->counts.connects, 1);
    if (!p->config.address(p->config.arg, attempt, &addr, &addr_len) ||
        conn_connect(&u->conn, p->loop, (struct sockaddr *)&addr, addr_len, p->config.tls,
                     str_c(p->host), &err) != OK) {
        loop_defer(p->loop, &u->failure);
    } else {
        timer_set(p->loop, &u->timer, p->config.connect_ms);
    }
    return u;
}

static struct http_upstream *take_idle(struct http_pool *p)
{
    struct http_upstream *u = p->idle;

    if (u == NULL)
        return NULL;
    unlink_from(&p->idle, u);
    count(&p->counts.idle, -1);
    count(&p->counts.reuses, 1);
    u->reused = true;
    u->phase = SENDING;
    return u;
}

static void begin_call(struct http_upstream *u, struct http_call *c)
{
    u->call = c;
    u->paused = u->readable = false;
    c->upstream = u;
    c->got_bytes = false;
    link_in(&u->pool->busy, u);
    count(&u->pool->counts.active, 1);
}

/* Takes over `request`. */
static void start_on(struct http_pool *p, struct http_call *c, struct buf request, unsigned attempt)
{
    struct http_upstream *u = attempt == KEPT ? take_idle(p) : NULL;

    if (u == NULL)
        u = connect_new(p, attempt == KEPT ? 0 : attempt);
    begin_call(u, c);
    u->request = request;
    u->request_sent = 0;
    if (u->phase == SENDING)
        send_request(u);
}

void http_call_start(struct http_pool *p, struct http_call *c, struct str head, struct str body)
{
    struct buf request = buf_make(head.n + body.n + 1);

    buf_reserve(&request, head.n + body.n + 1);
    buf_put_str(&request, head);
    buf_put_str(&request, body);
    start_on(p, c, request, KEPT);
}

/* ---- receiving ---- */

static void keep_or_free(struct http_upstream *u)
{
    struct http_pool *p = u->pool;

    u->call = NULL;
    timer_clear(p->loop, &u->timer);
    loop_undefer(p->loop, &u->resume);
    buf_reset(&u->request);
    buf_reset(&u->in);
    if (!u->keep_alive || u->retire || p->counts.idle >= p->config.idle_max) {
        upstream_free(u);
        return;
    }
    unlink_from(&p->busy, u);
    count(&p->counts.active, -1);
    u->phase = IDLE;
    u->reused = false;
    u->idle_since_ms = loop_now_ms(p->loop);
    link_in(&p->idle, u);
    count(&p->counts.idle, 1);
    if (!timer_is_set(&p->sweep))
        timer_set(p->loop, &p->sweep, SWEEP_MS);
}

/* Whether the socket holds more than the answer that just ended, as far as that is known without
 * asking the kernel each time. */
static bool has_leftover(struct http_upstream *u)
{
    char c;

    return u->hangup || (u->readable && conn_read(&u->conn, &c, 1) != CONN_AGAIN);
}

/* The answer is complete: the connection is free before the caller hears of it, so that it can
 * start its next call on it. */
static void complete(struct http_upstream *u, const struct str *pieces, size_t n, struct str rest)
{
    struct http_call *c = u->call;

    if (rest.n > 0 || (u->keep_alive && has_leftover(u))) /* bytes that nobody asked for */
        u->keep_alive = false;
    c->upstream = NULL;
    keep_or_free(u);
    c->on_data(c, pieces, n, true);
}

/* Hands pieces on. The caller may cancel the call and free it inside: false then. */
static bool hand_on(struct http_upstream *u, const struct str *pieces, size_t n)
{
    bool gone = false;

    u->gone = &gone; /* cppcheck-suppress autoVariables ; only during the callback */
    u->call->on_data(u->call, pieces, n, false);
    if (!gone)
        u->gone = NULL;
    return !gone;
}

/* True when the call goes on and more bytes are wanted. */
static bool on_plain_body(struct http_upstream *u, struct str data)
{
    size_t n = u->body == HTTP_BODY_TO_END || data.n < u->body_left ? data.n : (size_t)u->body_left;
    struct str piece = str_of(data.p, n);

    if (u->body != HTTP_BODY_TO_END) {
        u->body_left -= n;
        if (u->body_left == 0) {
            complete(u, &piece, n > 0 ? 1 : 0, str_skip(data, n));
            return false;
        }
    }
    return n == 0 || hand_on(u, &piece, 1);
}

static bool on_chunked_body(struct http_upstream *u, struct str data)
{
    struct str pieces[PIECES_MAX];
    size_t n = 0;

    while (data.n > 0 && !u->chunks.done) {
        struct error err;

        if (http_chunks_next(&u->chunks, &data, &pieces[n], &err) != OK) {
            fail(u, ERR_UPSTREAM, err.text);
            return false;
        }
        if (pieces[n].n > 0 && ++n == PIECES_MAX && data.n > 0) {
            if (!hand_on(u, pieces, n))
                return false;
            n = 0;
        }
    }
    if (u->chunks.done) {
        complete(u, pieces, n, data);
        return false;
    }
    return n == 0 || hand_on(u, pieces, n);
}

static bool on_body(struct http_upstream *u, struct str data)
{
    return u->body == HTTP_BODY_CHUNKED ? on_chunked_body(u, data) : on_plain_body(u, data);
}

static bool on_final_head(struct http_upstream *u, const struct http_head *h, struct str rest)
{
    bool gone = false;

    u->keep_alive = h->keep_alive && u->request_sent == u->request.n;
    u->body = h->body;
    u->body_left = h->length;
    u->chunks = (struct http_chunks){0};
    u->phase = BODY;
    timer_clear(u->pool->loop, &u->timer);
    buf_reset(&u->request);
    u->gone = &gone; /* cppcheck-suppress autoVariables ; only during the callback */
    u->call->on_head(u->call, h);
    if (gone)
        return false;
    u->gone = NULL;
    if (h->body == HTTP_BODY_NONE) {
        complete(u, NULL, 0, rest);
        return false;
    }
    return rest.n == 0 || on_body(u, rest);
}

/* `data` is the scratch, or all of a copy of what came so far. */
static bool parse_head(struct http_upstream *u, struct str data)
{
    struct http_head h = {.headers = u->pool->headers, .capacity = HEADERS_MAX};
    struct error err;
    int rc;

    do { /* any number of interim answers comes first */
        rc = http_parse_response(&h, data, u->call->head_request, &err);
        if (rc == OK && h.status < 200)
            data = str_skip(data, h.used);
    } while (rc == OK && h.status < 200 && h.status != 101);
    if ((rc == ERR_BUSY ? data.n : h.used) > RESPONSE_HEAD_MAX) {
        fail(u, ERR_UPSTREAM, "the head of the answer is too long");
        return false;
    }
    if (rc == ERR_BUSY) {
        buf_clear(&u->in);
        buf_put_str(&u->in, data);
        return true;
    }
    if (rc != OK) {
        fail(u, ERR_UPSTREAM, err.text);
        return false;
    }
    if (h.status == 101) {
        fail(u, ERR_UPSTREAM, "the server switched protocols");
        return false;
    }
    return on_final_head(u, &h, str_skip(data, h.used));
}

static bool on_head_bytes(struct http_upstream *u, struct str data)
{
    struct buf whole = u->in;
    bool more;

    u->call->got_bytes = true;
    if (whole.n == 0)
        return parse_head(u, data);
    u->in = buf_make(whole.max);
    buf_put_str(&whole, data);
    more = parse_head(u, buf_str(&whole));
    buf_reset(&whole);
    return more;
}

static void on_end_of_stream(struct http_upstream *u, ssize_t n)
{
    if (n == CONN_EOF && u->phase == BODY && u->body == HTTP_BODY_TO_END)
        complete(u, NULL, 0, STR_NONE);
    else if (u->phase == BODY)
        fail_conn(u, "the answer broke off");
    else
        fail_conn(u, "no answer");
}

static void read_answer(struct http_upstream *u)
{
    char *scratch = loop_scratch(u->pool->loop);

    while (!u->paused) {
        ssize_t n = conn_read(&u->conn, scratch, LOOP_SCRATCH_BYTES);
        bool more, full = n == LOOP_SCRATCH_BYTES || u->conn.ssl != NULL || u->hangup;

        if (n == CONN_AGAIN) {
            u->readable = false;
            return;
        }
        if (n <= 0) {
            on_end_of_stream(u, n);
            return;
        }
        u->readable = full;
        more = u->phase == BODY ? on_body(u, str_of(scratch, (size_t)n))
                                : on_head_bytes(u, str_of(scratch, (size_t)n));
        if (!more || !full)
            return;
    }
}

static void on_upstream_event(struct conn *conn, unsigned events)
{
    struct http_upstream *u = (struct http_upstream *)conn;

    if (u->phase == IDLE) { /* the server closed it, or speaks out of turn */
        if (events & (WATCH_READ | WATCH_HANGUP))
            upstream_free(u);
        return;
    }
    if (u->phase == CONNECTING) {
        if (!conn_is_open(conn)) {
            fail_conn(u, "connect");
            return;
        }
        timer_clear(u->pool->loop, &u->timer);
        u->phase = SENDING;
    }
    if (u->phase == SENDING && (events & WATCH_WRITE))
        send_request(u);
    if (events & (WATCH_READ | WATCH_HANGUP)) {
        u->readable = true;
        u->hangup = u->hangup || (events & WATCH_HANGUP);
        read_answer(u);
    }
}

/* ---- control ---- */

void http_call_cancel(struct http_call *c)
{
    struct http_upstream *u = c->upstream;

    if (u == NULL)
        return;
    c->upstream = NULL;
    upstream_free(u);
}

void http_call_pause(struct http_call *c)
{
    if (c->upstream != NULL)
        c->upstream->paused = true;
}

void http_call_resume(struct http_call *c)
{
    struct http_upstream *u = c->upstream;

    if (u == NULL || !u->paused)
        return;
    u->paused = false;
    if (u->readable)
        loop_defer(u->pool->loop, &u->resume);
}

static void on_resume(struct task *t)
{
    struct http_upstream *u =
        (struct http_upstream *)((char *)t - offsetof(struct http_upstream, resume));

    read_answer(u);
}

static void on_sweep(struct timer *t)
{
    struct http_pool *p = (struct http_pool *)((char *)t - offsetof(struct http_pool, sweep));
    uint64_t now = loop_now_ms(p->loop);

    for (struct http_upstream *u = p->idle, *next; u != NULL; u = next) {
        next = u->next;
        if (now - u->idle_since_ms >= p->config.idle_ms)
            upstream_free(u);
    }
    if (p->idle != NULL)
        timer_set(p->loop, t, SWEEP_MS);
}

struct http_pool *http_pool_new(struct loop *l, const struct http_pool_config *c)
{
    struct http_pool *p = NEW(struct http_pool);

    p->loop = l;
    p->config = *c;
    p->host = str_dup(c->host);
    p->config.tls = c->tls != NULL ? tls_ref(c->tls) : NULL;
    p->headers = mem_alloc(HEADERS_MAX * sizeof(*p->headers));
    p->sweep.on_timer = on_sweep;
    return p;
}

void http_pool_flush(struct http_pool *p)
{
    while (p->idle != NULL)
        upstream_free(p->idle);
    for (struct http_upstream *u = p->busy; u != NULL; u = u->next)
        u->retire = true;
}

void http_pool_free(struct http_pool *p)
{
    if (p == NULL)
        return;
    http_pool_flush(p);
    while (p->busy != NULL) {
        struct http_upstream *u = p->busy;

        u->reused = false;
        fail(u, ERR_CANCELLED, "the backend was removed");
    }
    timer_clear(p->loop, &p->sweep);
    tls_unref(p->config.tls);
    free(p->headers);
    free(p->host);
    free(p);
}

void http_pool_stats(const struct http_pool *p, struct http_pool_stats *out)
{
    const struct pool_counts *c = &p->counts;

    *out = (struct http_pool_stats){
        .connects = atomic_load_explicit(&c->connects, memory_order_relaxed),
        .reuses = atomic_load_explicit(&c->reuses, memory_order_relaxed),
        .failures = atomic_load_explicit(&c->failures, memory_order_relaxed),
        .active = atomic_load_explicit(&c->active, memory_order_relaxed),
        .idle = atomic_load_explicit(&c->idle, memory_order_relaxed),
    };
}
