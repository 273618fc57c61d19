/* SPDX-License-Identifier: Apache-2.0 */
/* http_server_internal.h - what http_server.c (listeners, life and output of connections) and
 * http_server_input.c (requests) share; nobody else includes this. */
#ifndef BASE_HTTP_SERVER_INTERNAL_H
#define BASE_HTTP_SERVER_INTERNAL_H

#include "base/http_server.h"

#include <stdatomic.h>

#define HTTP_HEADERS_MAX 512
#define NO_DEADLINE UINT64_MAX

enum http_conn_phase { READING, BUSY, LINGER, CLOSED };

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

struct listener;

struct http_server {
    struct http_server_config config;
    struct loop *loop;
    struct listener **listeners;
    size_t listener_count;
    struct http_conn *conns;
    struct http_conn *dead; /* closed in this turn: freed at its end, somebody may look at them */
    struct task reap;
    struct header *headers; /* HTTP_HEADERS_MAX, shared: one head is parsed at a time */
    struct timer accept_timer;
    bool draining, accept_paused;
    atomic_ullong accepted, open, bad_requests, timeouts;
};

/* ---- http_server.c ---- */

/* The connection's deadline is `after_ms` from now. */
void http_conn_set_deadline(struct http_conn *c, uint64_t after_ms);

/* Closes; the struct is freed at the end of the turn and says CLOSED until then. */
void http_conn_close(struct http_conn *c);

/* The client is gone: tells the handler when a request is in progress, then closes. */
void http_conn_abort(struct http_conn *c);

/* The socket takes bytes again. */
void http_conn_write(struct http_conn *c);

/* ---- http_server_input.c ---- */

/* on_event of `conn`. */
void http_conn_on_event(struct conn *conn, unsigned events);

/* on_turn_end of `again`. */
void http_conn_go_on(struct task *t);

/* Answers with an error of the protocol and closes. */
void http_conn_refuse(struct http_conn *c, int status, const char *text);

#endif
