/* SPDX-License-Identifier: Apache-2.0 */
/* http_server.c - see http_server.h.
 *
 * A connection:   READING --request complete--> BUSY --http_finish--> READING (keep-alive)
 *                    |                            |                 \-> LINGER (close) -> closed
 *                    \--timeout, EOF, bad--> LINGER/closed <--client left--/
 *
 * One timer a connection serves all deadlines. It is not moved with every request: `deadline_ms`
 * says what holds now, and a timer that fires early sets itself again. */
#include "base/http_server_internal.h"

#include "base/mem.h"
#include "base/tls.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#define LINGER_MS 1000
#define ACCEPT_PAUSE_MS 100

struct listener {
    struct watch watch;
    struct http_server *server;
    struct tls_context *tls;
};

/* ---- life of a connection ---- */

void http_conn_set_deadline(struct http_conn *c, uint64_t after_ms)
{
    uint64_t now = loop_now_ms(c->server->loop);

    c->deadline_ms = now + after_ms;
    if (!timer_is_set(&c->timer) || c->timer.at_ms > c->deadline_ms)
        timer_set(c->server->loop, &c->timer, after_ms);
}

void http_conn_close(struct http_conn *c)
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
void http_conn_abort(struct http_conn *c)
{
    if (c->phase == BUSY && !c->finishing && c->req.on_gone != NULL) {
        void (*on_gone)(struct http_request *) = c->req.on_gone;

        c->req.on_gone = NULL;
        on_gone(&c->req);
    }
    http_conn_close(c);
}

/* Closes after the client has had a chance to read what was sent: closing at once with unread input
 * would make the kernel send a reset that can overtake the answer. */
static void linger(struct http_conn *c)
{
    c->phase = LINGER;
    conn_finish(&c->conn);
    http_conn_set_deadline(c, LINGER_MS);
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
    http_conn_abort(c);
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
    http_conn_set_deadline(c, s->config.idle_ms);
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
            http_conn_abort(c);
            return false;
        }
        c->out_sent += (size_t)n;
        http_conn_set_deadline(c, c->server->config.send_ms);
    }
    buf_reset(&c->out);
    c->out_sent = 0;
    c->deadline_ms = NO_DEADLINE;
    return true;
}

void http_conn_write(struct http_conn *c)
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
        http_conn_set_deadline(c, c->server->config.send_ms);
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
    http_conn_close(conn_of(r));
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

/* ---- listening ---- */

static void add_conn(struct http_server *s, int fd, struct tls_context *tls)
{
    struct http_conn *c = NEW(struct http_conn);
    struct error err;

    c->server = s;
    c->conn.on_event = http_conn_on_event;
    c->timer.on_timer = on_timer;
    c->again.on_turn_end = http_conn_go_on;
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
    http_conn_set_deadline(c, s->config.idle_ms);
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
            s->accept_paused = true; /* http_conn_close() goes on */
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
    s->headers = mem_alloc(HTTP_HEADERS_MAX * sizeof(*s->headers));
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
            http_conn_close(c);
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
        http_conn_abort(s->conns);
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
