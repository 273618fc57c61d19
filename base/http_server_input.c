/* SPDX-License-Identifier: Apache-2.0 */
/* http_server_input.c - from the bytes of a connection to calls of the handler; see http_server.c.
 *
 * Bytes are read into the loop's scratch and parsed there. What is left over, an incomplete head or
 * the next requests, is kept in `in` and comes first, in http_conn_go_on(), before more is read. */
#include "base/http_server_internal.h"

#include "base/mem.h"

#include <stddef.h>
#include <stdio.h>

/* A body beyond body_max is still read (and dropped) up to this many times body_max, so that a
 * client which writes everything before it reads gets its answer. */
#define DISCARD_FACTOR 4

void http_conn_refuse(struct http_conn *c, int status, const char *text)
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
    c->req.head.capacity = HTTP_HEADERS_MAX;
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
        http_conn_refuse(c, 400, "Bad request\n"); /* it parsed before: cannot happen */
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
            http_conn_refuse(c, 400, "Malformed chunked request body\n");
            return;
        }
        c->body_left += piece.n; /* counts up: chunked bodies do not say their length */
        if (c->body_left > limit * DISCARD_FACTOR) {
            http_conn_refuse(c, 413, "The request body is larger than limits.sql_max\n");
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
        http_conn_set_deadline(c, c->server->config.request_ms);
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
        http_conn_refuse(c, 413, "The request body is larger than limits.sql_max\n");
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
        http_conn_refuse(c, 431, "The request headers are larger than limits.headers_max\n");
    } else if (rc == ERR_BUSY) {
        if (data.p != c->in.p)
            set_rest(c, data);
    } else if (rc == ERR_LIMIT) {
        http_conn_refuse(c, 431, "Too many request header fields\n");
    } else if (rc != OK) {
        char text[300];

        snprintf(text, sizeof(text), "Bad request: %s\n", err.text);
        http_conn_refuse(c, 400, text);
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
        http_conn_set_deadline(c, c->server->config.request_ms);
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

    /* What is kept for http_conn_go_on() comes first. */
    while (c->phase == READING && !c->again.queued) {
        ssize_t n = conn_read(&c->conn, scratch, LOOP_SCRATCH_BYTES);

        if (n == CONN_AGAIN) {
            c->readable = false;
            return;
        }
        if (n <= 0) {
            http_conn_close(c);
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
            http_conn_close(c);
            return;
        }
    }
}

void http_conn_go_on(struct task *t)
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

void http_conn_on_event(struct conn *conn, unsigned events)
{
    struct http_conn *c = (struct http_conn *)conn;

    if (events & WATCH_READ)
        c->readable = true;
    if (events & WATCH_WRITE)
        http_conn_write(c);
    if (c->phase == LINGER) {
        drop_input(c);
        return;
    }
    if (c->phase == READING && (events & WATCH_READ))
        on_readable(c);
    if (c->phase != CLOSED && (events & WATCH_HANGUP))
        http_conn_abort(c);
}
