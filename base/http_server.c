/* SPDX-License-Identifier: Apache-2.0 */
/* http_server.c - see http_server.h.
 *
 * A connection:   READING --request complete--> BUSY --http_finish--> READING (keep-alive)
 *                    |                            |                 \-> LINGER (close) -> closed
 *                    \--timeout, EOF, bad--> LINGER/closed <--client left--/
 *
 * One timer a connection serves all deadlines. It is not moved with every request: `deadline_ms`
 * says what holds now, and a timer that fires early sets itself again. */
#include "base/http_server.h"

#include "base/mem.h"
#include "base/tls.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LINGER_MS 1000
#define ACCEPT_PAUSE_MS 100
#define NO_DEADLINE UINT64_MAX
#define HEADERS_MAX 512
/* A body beyond body_max is still read (and dropped) up to this many times body_max, so that a
 * client which writes everything before it reads gets its answer. */
#define DISCARD_FACTOR 4

enum phase { READING, BUSY, LINGER, CLOSED };

struct listener {
    struct watch watch;
    struct http_server *server;
    struct tls_context *tls;
};

struct http_conn {
    struct conn conn; /* first: the watch's callback casts */
    struct http_conn *prev, *next;
    struct http_server *server;
    struct http_request req;
    struct buf in;  /* an incomplete request, or the next one */
    struct buf out; /* what the socket did not take */
    size_t out_sent;
    struct buf body;    /* of a request whose body did not come with its head */
    uint64_t body_left; /* bytes to come; of a chunked body the bytes so far */
    struct http_chunks chunks;
    uint64_t deadline_ms;
    struct timer timer;
    struct task again; /* goes on with the next request at the end of the turn */
    uint8_t phase;
    bool readable, finishing, closing, collecting;
};

struct http_server {
    struct http_server_config config;
    struct loop *loop;
    struct listener **listeners;
    size_t listener_count;
    struct http_conn *conns;
    struct http_conn *dead; /* closed in this turn: freed at its end, somebody may look at them */
    struct task reap;
    struct header *headers; /* HEADERS_MAX, shared: one head is parsed at a time */
    struct timer accept_timer;
    bool draining, accept_paused;
    atomic_ullong accepted, open, bad_requests, timeouts;
};

/* ---- life of a connection ---- */

static void set_deadline(struct http_conn *c, uint64_t after_ms)
{
    uint64_t now = loop_now_ms(c->server->loop);

    c->deadline_ms = now + after_ms;
    if (!timer_is_set(&c->timer) || c->timer.at_ms > c->deadline_ms)
        timer_set(c->server->loop, &c->timer, after_ms);
}

static void close_conn(struct http_conn *c)
{
    struct http_server *s = c->server;

    conn_close(&c->conn);
    timer_clear(s->loop, &c->timer);
    loop_undefer(s->loop, &c->again);
    if (c->prev != NULL)
        c->prev->next = c->next;
    else
        s->conns = c->next;
    if (c->next != NULL)
        c->next->prev = c->prev;
    buf_reset(&c->in);
    buf_reset(&c->out);
    buf_reset(&c->body);
    c->phase = CLOSED;
    c->next = s->dead;
    s->dead = c;
    loop_defer(s->loop, &s->reap);
    atomic_fetch_sub_explicit(&s->open, 1, memory_order_relaxed);
    if (s->accept_paused && !s->draining)
        timer_set(s->loop, &s->accept_timer, 0);
}

static void free_dead(struct http_server *s)
{
    while (s->dead != NULL) {
        struct http_conn *c = s->dead;

        s->dead = c->next;
        free(c);
    }
}

static void on_reap(struct task *t)
{
    free_dead((struct http_server *)((char *)t - offsetof(struct http_server, reap)));
}

/* The client is gone: tells the handler when a request is in progress, then closes. */
static void abort_conn(struct http_conn *c)
{
    if (c->phase == BUSY && !c->finishing && c->req.on_gone != NULL) {
        void (*on_gone)(struct http_request *) = c->req.on_gone;

        c->req.on_gone = NULL;
        on_gone(&c->req);
    }
    close_conn(c);
}

/* Closes after the client has had a chance to read what was sent: closing at once with unread input
 * would make the kernel send a reset that can overtake the answer. */
static void linger(struct http_conn *c)
{
    c->phase = LINGER;
    conn_finish(&c->conn);
    set_deadline(c, LINGER_MS);
    if (c->readable)
        loop_defer(c->server->loop, &c->again);
}

static void on_timer(struct timer *t)
{
    struct http_conn *c = (struct http_conn *)((char *)t - offsetof(struct http_conn, timer));
    uint64_t now = loop_now_ms(c->server->loop);

    if (c->deadline_ms == NO_DEADLINE)
        return;
    if (c->deadline_ms > now) {
        timer_set(c->server->loop, t, c->deadline_ms - now);
        return;
    }
    if (c->phase == READING && (c->in.n > 0 || c->collecting)) {
        atomic_fetch_add_explicit(&c->server->timeouts, 1, memory_order_relaxed);
        c->phase = BUSY;
        c->closing = true;
        c->readable = true;
        c->req.head.method = STR("GET"); /* the views of an earlier request are stale */
        http_reply(&c->req, 408, STR("text/plain; charset=utf-8"), STR_NONE,
                   STR("The request did not arrive in time (limits.request)\n"));
        return;
    }
    if (c->phase == BUSY)
        atomic_fetch_add_explicit(&c->server->timeouts, 1, memory_order_relaxed);
    abort_conn(c);
}

/* ---- output ---- */

static void finish_now(struct http_conn *c)
{
    struct http_server *s = c->server;

    c->finishing = false;
    c->req.on_gone = NULL;
    c->req.on_drain = NULL;
    c->req.user = NULL;
    if (c->closing || s->draining) {
        linger(c);
        return;
    }
    c->phase = READING;
    c->req.body_too_large = false;
    set_deadline(c, s->config.idle_ms);
    if (c->in.n > 0 || c->readable)
        loop_defer(s->loop, &c->again);
}

/* True when everything is out. */
static bool flush(struct http_conn *c)
{
    while (c->out_sent < c->out.n) {
        struct iovec iov = {c->out.p + c->out_sent, c->out.n - c->out_sent};
        ssize_t n = conn_writev(&c->conn, &iov, 1);

        if (n == CONN_AGAIN)
            return false;
        if (n < 0) {
            abort_conn(c);
            return false;
        }
        c->out_sent += (size_t)n;
        set_deadline(c, c->server->config.send_ms);
    }
    buf_reset(&c->out);
    c->out_sent = 0;
    c->deadline_ms = NO_DEADLINE;
    return true;
}

static void on_writable(struct http_conn *c)
{
    if (c->out.n == 0 || !flush(c))
        return;
    if (c->finishing)
        finish_now(c);
    else if (c->req.on_drain != NULL)
        c->req.on_drain(&c->req);
}

static struct http_conn *conn_of(struct http_request *r)
{
    return (struct http_conn *)((char *)r - offsetof(struct http_conn, req));
}

bool http_send(struct http_request *r, const struct iovec *iov, int n)
{
    struct http_conn *c = conn_of(r);
    ssize_t sent = 0;

    if (c->out.n == 0)
        sent = conn_writev(&c->conn, iov, n);
    if (sent == CONN_ERROR)
        return true; /* the hang-up event follows and ends the request */
    if (sent < 0)
        sent = 0;
    for (int i = 0; i < n; i++) {
        size_t skip = (size_t)sent < iov[i].iov_len ? (size_t)sent : iov[i].iov_len;

        sent -= (ssize_t)skip;
        buf_put(&c->out, (const char *)iov[i].iov_base + skip, iov[i].iov_len - skip);
    }
    if (c->out.n == 0)
        return true;
    if (c->deadline_ms == NO_DEADLINE)
        set_deadline(c, c->server->config.send_ms);
    return false;
}

void http_finish(struct http_request *r, bool close_it)
{
    struct http_conn *c = conn_of(r);

    if (close_it || !r->head.keep_alive)
        c->closing = true;
    c->finishing = true;
    c->req.on_gone = NULL;
    if (c->out.n == 0)
        finish_now(c);
}

void http_abort(struct http_request *r)
{
    r->on_gone = NULL;
    close_conn(conn_of(r));
}

void http_put_status(struct buf *out, int status, struct str reason)
{
    buf_put(out, "HTTP/1.1 ", 9);
    buf_put_u64(out, (uint64_t)status);
    buf_put_c(out, ' ');
    buf_put_str(out, reason.n > 0 ? reason : str_c(http_reason(status)));
    buf_put(out, "\r\n", 2);
}

void http_reply(struct http_request *r, int status, struct str content_type, struct str headers,
                struct str body)
{
    struct buf head = buf_make(1 << 20);
    bool keep = r->head.keep_alive && !conn_of(r)->closing && !conn_of(r)->server->draining;
    bool bodyless = status == 204 || status == 304;
    struct iovec iov[2];

    http_put_status(&head, status, STR_NONE);
    if (content_type.n > 0)
        buf_printf(&head, "Content-Type: %.*s\r\n", STR_ARG(content_type));
    buf_put_str(&head, headers);
    if (!bodyless)
        buf_printf(&head, "Content-Length: %zu\r\n", body.n);
    buf_put_str(&head, keep ? STR("\r\n") : STR("Connection: close\r\n\r\n"));
    iov[0] = (struct iovec){head.p, head.n};
    memcpy(&iov[1].iov_base, &body.p, sizeof(body.p));
    iov[1].iov_len = body.n;
    http_send(r, iov, body.n > 0 && !bodyless && !str_eq(r->head.method, STR("HEAD")) ? 2 : 1);
    buf_reset(&head);
    http_finish(r, !keep);
}

/* ---- input ---- */

static void refuse(struct http_conn *c, int status, const char *text)
{
    atomic_fetch_add_explicit(&c->server->bad_requests, 1, memory_order_relaxed);
    c->phase = BUSY;
    c->closing = true;
    c->readable = true;
    c->req.head.method = STR("GET");
    http_reply(&c->req, status, STR("text/plain; charset=utf-8"), STR_NONE, str_c(text));
}

static void set_rest(struct http_conn *c, struct str rest)
{
    c->in = buf_make(c->server->config.header_max + LOOP_SCRATCH_BYTES);
    buf_put_str(&c->in, rest);
}

/* Runs the handler. Its views point into memory that must outlive the call, while `rest`, what
 * follows the request, must be put aside before: the handler may finish and free the connection. */
static void dispatch(struct http_conn *c, struct str body, struct str rest)
{
    struct buf head = c->in;

    set_rest(c, rest);
    c->phase = BUSY;
    c->deadline_ms = NO_DEADLINE;
    c->req.body = body;
    c->server->config.on_request(&c->req); /* `c` may be gone after this */
    buf_reset(&head);
}

static int parse_head(struct http_conn *c, struct str data, size_t from, struct error *err)
{
    c->req.head.headers = c->server->headers;
    c->req.head.capacity = HEADERS_MAX;
    return http_parse_request(&c->req.head, data, from, err);
}

/* The body is complete: the head, kept in c->in, is read once more for its views. */
static void finish_body(struct http_conn *c, struct str rest)
{
    struct buf body = c->body;
    struct error err;

    c->body = buf_make(0);
    c->collecting = false;
    if (parse_head(c, buf_str(&c->in), 0, &err) == OK)
        dispatch(c, c->req.body_too_large ? STR_NONE : buf_str(&body), rest);
    else
        refuse(c, 400, "Bad request\n"); /* it parsed before: cannot happen */
    buf_reset(&body);
}

static void collect_plain(struct http_conn *c, struct str data)
{
    size_t n = data.n < c->body_left ? data.n : (size_t)c->body_left;

    if (!c->req.body_too_large)
        buf_put(&c->body, data.p, n);
    c->body_left -= n;
    if (c->body_left == 0)
        finish_body(c, str_skip(data, n));
}

static void collect_chunked(struct http_conn *c, struct str data)
{
    uint64_t limit = c->server->config.body_max;

    while (data.n > 0 && !c->chunks.done) {
        struct str piece;
        struct error err;

        if (http_chunks_next(&c->chunks, &data, &piece, &err) != OK) {
            refuse(c, 400, "Malformed chunked request body\n");
            return;
        }
        c->body_left += piece.n; /* counts up: chunked bodies do not say their length */
        if (c->body_left > limit * DISCARD_FACTOR) {
            refuse(c, 413, "The request body is larger than limits.sql_max\n");
            return;
        }
        if (c->body_left > limit)
            c->req.body_too_large = true;
        else
            buf_put_str(&c->body, piece);
    }
    if (c->chunks.done)
        finish_body(c, data);
}

static void collect(struct http_conn *c, struct str data)
{
    if (c->req.head.body == HTTP_BODY_CHUNKED)
        collect_chunked(c, data);
    else
        collect_plain(c, data);
}

/* The head is complete, the body is not: keeps the head in c->in and collects the body. */
static void begin_body(struct http_conn *c, struct str data)
{
    static char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    struct http_head *h = &c->req.head;
    struct buf old = c->in;

    c->req.body_too_large = h->body == HTTP_BODY_LENGTH && h->length > c->server->config.body_max;
    c->body_left = h->length;
    c->chunks = (struct http_chunks){0};
    c->body = buf_make(c->server->config.body_max + 1);
    c->collecting = true;
    set_rest(c, str_of(data.p, h->used));
    if (h->expect_continue) {
        http_send(&c->req, &(struct iovec){go_on, sizeof(go_on) - 1}, 1);
        set_deadline(c, c->server->config.request_ms);
    }
    collect(c, str_skip(data, h->used));
    buf_reset(&old);
}

static void on_head(struct http_conn *c, struct str data)
{
    struct http_head *h = &c->req.head;
    struct str body = str_skip(data, h->used);

    if (h->body == HTTP_BODY_NONE)
        dispatch(c, STR_NONE, body);
    else if (h->body == HTTP_BODY_LENGTH && h->length <= c->server->config.body_max &&
             h->length <= body.n)
        dispatch(c, str_of(body.p, (size_t)h->length), str_skip(body, (size_t)h->length));
    else if (h->body == HTTP_BODY_LENGTH && h->length / DISCARD_FACTOR > c->server->config.body_max)
        refuse(c, 413, "The request body is larger than limits.sql_max\n");
    else
        begin_body(c, data);
}

/* New bytes of a head: `data` is the scratch, or all of c->in of which `known` bytes hold no end.
 */
static void read_head(struct http_conn *c, struct str data, size_t known)
{
    struct error err;
    int rc = parse_head(c, data, known, &err);

    if ((rc == ERR_BUSY ? data.n : c->req.head.used) > c->server->config.header_max) {
        refuse(c, 431, "The request headers are larger than limits.headers_max\n");
    } else if (rc == ERR_BUSY) {
        if (data.p != c->in.p)
            set_rest(c, data);
    } else if (rc == ERR_LIMIT) {
        refuse(c, 431, "Too many request header fields\n");
    } else if (rc != OK) {
        char text[300];

        snprintf(text, sizeof(text), "Bad request: %s\n", err.text);
        refuse(c, 400, text);
    } else {
        on_head(c, data);
    }
}

static void on_input(struct http_conn *c, struct str data)
{
    size_t known = c->in.n;

    if (c->collecting) {
        collect(c, data);
        return;
    }
    if (known == 0) {
        set_deadline(c, c->server->config.request_ms);
        read_head(c, data, 0);
        return;
    }
    buf_put_str(&c->in, data);
    read_head(c, buf_str(&c->in), known);
}

/* Reads until the socket is empty or a request is complete. */
static void on_readable(struct http_conn *c)
{
    char *scratch = loop_scratch(c->server->loop);

    while (c->phase == READING && !c->again.queued) { /* what is kept for on_again() comes first */
        ssize_t n = conn_read(&c->conn, scratch, LOOP_SCRATCH_BYTES);

        if (n == CONN_AGAIN) {
            c->readable = false;
            return;
        }
        if (n <= 0) {
            close_conn(c);
            return;
        }
        c->readable = c->conn.ssl != NULL || n == LOOP_SCRATCH_BYTES;
        on_input(c, str_of(scratch, (size_t)n));
        if (!c->readable)
            return;
    }
}

static void drop_input(struct http_conn *c)
{
    char *scratch = loop_scratch(c->server->loop);

    for (;;) {
        ssize_t n = conn_read(&c->conn, scratch, LOOP_SCRATCH_BYTES);

        if (n == CONN_AGAIN)
            return;
        if (n <= 0) {
            close_conn(c);
            return;
        }
    }
}

static void on_again(struct task *t)
{
    struct http_conn *c = (struct http_conn *)((char *)t - offsetof(struct http_conn, again));

    if (c->phase == LINGER) {
        drop_input(c);
        return;
    }
    if (c->phase != READING)
        return;
    if (c->in.n > 0) {
        struct buf held = c->in;

        /* Pipelined: the rest of the last read is the beginning of this one. */
        c->in = buf_make(held.max);
        on_input(c, buf_str(&held));
        buf_reset(&held);
    }
    if (c->readable)
        on_readable(c);
}

static void on_conn_event(struct conn *conn, unsigned events)
{
    struct http_conn *c = (struct http_conn *)conn;

    if (events & WATCH_READ)
        c->readable = true;
    if (events & WATCH_WRITE)
        on_writable(c);
    if (c->phase == LINGER) {
        drop_input(c);
        return;
    }
    if (c->phase == READING && (events & WATCH_READ))
        on_readable(c);
    if (c->phase != CLOSED && (events & WATCH_HANGUP))
        abort_conn(c);
}

/* ---- listening ---- */

static void add_conn(struct http_server *s, int fd, struct tls_context *tls)
{
    struct http_conn *c = NEW(struct http_conn);
    struct error err;

    c->server = s;
    c->conn.on_event = on_conn_event;
    c->timer.on_timer = on_timer;
    c->again.on_turn_end = on_again;
    c->req.loop = s->loop;
    c->req.arg = s->config.arg;
    c->req.tls = tls != NULL;
    c->out = buf_make(SIZE_MAX / 2); /* bounded by the producer, who stops when told to */
    if (conn_accept(&c->conn, s->loop, fd, tls, &err) != OK) {
        free(c);
        return;
    }
    c->next = s->conns;
    if (s->conns != NULL)
        s->conns->prev = c;
    s->conns = c;
    atomic_fetch_add_explicit(&s->accepted, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&s->open, 1, memory_order_relaxed);
    set_deadline(c, s->config.idle_ms);
}

static void pause_accept(struct http_server *s, uint64_t ms)
{
    s->accept_paused = true;
    timer_set(s->loop, &s->accept_timer, ms);
}

static void accept_from(struct listener *ln)
{
    struct http_server *s = ln->server;

    while (!s->draining && !s->accept_paused) {
        int fd;

        if (s->config.connection_max > 0 && s->open >= s->config.connection_max) {
            s->accept_paused = true; /* close_conn() goes on */
            return;
        }
        fd = accept4(ln->watch.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            add_conn(s, fd, ln->tls);
        else if (errno == EAGAIN)
            return;
        else if (errno != EINTR && errno != ECONNABORTED) /* no descriptors, no memory */
            pause_accept(s, ACCEPT_PAUSE_MS);
    }
}

static void accept_more(struct http_server *s)
{
    for (size_t i = 0; i < s->listener_count; i++)
        accept_from(s->listeners[i]);
}

static void on_accept_again(struct timer *t)
{
    struct http_server *s =
        (struct http_server *)((char *)t - offsetof(struct http_server, accept_timer));

    s->accept_paused = false;
    accept_more(s);
}

static void on_acceptable(struct watch *w, unsigned events)
{
    (void)events;
    accept_from((struct listener *)((char *)w - offsetof(struct listener, watch)));
}

int http_server_new(struct http_server **out, struct loop *l, const struct http_server_config *c,
                    struct error *err)
{
    struct http_server *s = NEW(struct http_server);

    (void)err;
    s->loop = l;
    s->config = *c;
    s->headers = mem_alloc(HEADERS_MAX * sizeof(*s->headers));
    s->accept_timer.on_timer = on_accept_again;
    s->reap.on_turn_end = on_reap;
    *out = s;
    return OK;
}

int http_server_listen(struct http_server *s, int fd, struct tls_context *tls, struct error *err)
{
    struct listener *ln = NEW(struct listener);
    int rc;

    ln->server = s;
    ln->tls = tls != NULL ? tls_ref(tls) : NULL;
    ln->watch.fd = fd;
    ln->watch.on_event = on_acceptable;
    rc = watch_add(s->loop, &ln->watch, err);
    if (rc != OK) {
        close(fd);
        tls_unref(ln->tls);
        free(ln);
        return rc;
    }
    s->listeners = mem_resize(s->listeners, (s->listener_count + 1) * sizeof(struct listener *));
    s->listeners[s->listener_count++] = ln;
    return OK;
}

void http_server_set_tls(struct http_server *s, size_t index, struct tls_context *tls)
{
    struct listener *ln;

    if (index >= s->listener_count) /* they are closed while the server drains */
        return;
    ln = s->listeners[index];
    tls_unref(ln->tls);
    ln->tls = tls != NULL ? tls_ref(tls) : NULL;
}

void http_server_configure(struct http_server *s, const struct http_server_config *c)
{
    s->config = *c;
    if (s->accept_paused && !s->draining)
        timer_set(s->loop, &s->accept_timer, 0); /* connection_max may have risen */
}

static void close_listeners(struct http_server *s)
{
    for (size_t i = 0; i < s->listener_count; i++) {
        struct listener *ln = s->listeners[i];

        watch_remove(s->loop, &ln->watch);
        close(ln->watch.fd);
        tls_unref(ln->tls);
        free(ln);
    }
    free(s->listeners);
    s->listeners = NULL;
    s->listener_count = 0;
}

void http_server_drain(struct http_server *s)
{
    s->draining = true;
    timer_clear(s->loop, &s->accept_timer);
    close_listeners(s);
    for (struct http_conn *c = s->conns, *next; c != NULL; c = next) {
        next = c->next;
        if (c->phase == READING && c->in.n == 0 && !c->collecting)
            close_conn(c);
    }
}

void http_server_stats(const struct http_server *s, struct http_server_stats *out)
{
    out->accepted = atomic_load_explicit(&s->accepted, memory_order_relaxed);
    out->open = atomic_load_explicit(&s->open, memory_order_relaxed);
    out->bad_requests = atomic_load_explicit(&s->bad_requests, memory_order_relaxed);
    out->timeouts = atomic_load_explicit(&s->timeouts, memory_order_relaxed);
}

void http_server_free(struct http_server *s)
{
    if (s == NULL)
        return;
    s->draining = true;
    timer_clear(s->loop, &s->accept_timer);
    close_listeners(s);
    while (s->conns != NULL)
        abort_conn(s->conns);
    loop_undefer(s->loop, &s->reap);
    free_dead(s);
    free(s->headers);
    free(s);
}

void http_peer(const struct http_request *r, struct sockaddr_storage *out)
{
    const struct http_conn *c =
        (const struct http_conn *)((const char *)r - offsetof(struct http_conn, req));
    socklen_t n = sizeof(*out);

    memset(out, 0, sizeof(*out));
    if (getpeername(c->conn.watch.fd, (struct sockaddr *)out, &n) != 0)
        out->ss_family = AF_UNSPEC;
}
