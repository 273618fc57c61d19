/* SPDX-License-Identifier: Apache-2.0 */
/* http_server.h - an HTTP/1.1 server on one loop (RFC 9110, 9112).
 *
 * A connection that waits (idle, or for its answer) owns no buffers: input is parsed in the loop's
 * scratch and kept only when a request is incomplete; output is kept only when the socket is full.
 * Request bodies are complete before the handler runs. One request a connection at a time;
 * pipelined ones wait. A client that closes its connection is noticed at once (EPOLLRDHUP), also
 * while nothing is written. All calls on the loop's thread. */
#ifndef BASE_HTTP_SERVER_H
#define BASE_HTTP_SERVER_H

#include "base/conn.h"
#include "base/http_head.h"

struct tls_context;
struct http_server;

struct http_request {
    /* For the handler; the views are valid only until on_request() returns. */
    struct http_head head;
    struct str body;
    bool body_too_large; /* the body was longer than body_max and is not here */
    bool tls;
    struct loop *loop;
    void *arg; /* of the server */

    /* Set by the handler before it returns, unless it finished already. */
    void *user;
    void (*on_gone)(
        struct http_request *r); /* the client left: the request is over, do not answer */
    void (*on_drain)(struct http_request *r); /* all that was sent is with the kernel: go on */
};

struct http_server_config {
    void (*on_request)(struct http_request *r); /* must lead to http_finish(), now or later */
    void *arg;
    size_t header_max; /* bytes of a request head */
    size_t body_max;   /* bytes of a body handed to the handler */
    uint64_t idle_ms, request_ms, send_ms;
    unsigned connection_max; /* 0 = no limit; beyond it new connections wait in the backlog */
};

/* Per-server figures; read by any thread. */
struct http_server_stats {
    uint64_t accepted, open, bad_requests, timeouts;
};

MUST_USE int http_server_new(struct http_server **out, struct loop *l,
                             const struct http_server_config *c, struct error *err);

/* Takes over the listening, non-blocking socket `fd`. `tls` (may be NULL) is referenced. */
MUST_USE int http_server_listen(struct http_server *s, int fd, struct tls_context *tls,
                                struct error *err);

/* New connections of listener `index` (in order of http_server_listen) use `tls` from now on. */
void http_server_set_tls(struct http_server *s, size_t index, struct tls_context *tls);

/* Limits for requests that come from now on. */
void http_server_configure(struct http_server *s, const struct http_server_config *c);

/* Stops accepting, closes idle connections now and the others after their answer. */
void http_server_drain(struct http_server *s);

void http_server_stats(const struct http_server *s, struct http_server_stats *out);

/* Closes everything; requests in progress get on_gone. NULL is a no-op. */
void http_server_free(struct http_server *s);

/* ---- answers ---- */

/* Sends raw bytes of the answer (head, framing and body are the caller's). What the socket does not
 * take is copied. False: the socket is full, wait for on_drain() before producing more. */
bool http_send(struct http_request *r, const struct iovec *iov, int n);

/* The answer is complete. The connection serves its next request or closes (`close`, or as the
 * request asked). `r` must not be used afterwards. */
void http_finish(struct http_request *r, bool close);

/* Gives up in the middle of an answer: closes the connection, so that the client sees that bytes
 * are missing. No callback. `r` must not be used afterwards. */
void http_abort(struct http_request *r);

/* A whole small answer in one call: head with Content-Length, `headers` ("Name: value\r\n"...),
 * body. HEAD requests get the head only. */
void http_reply(struct http_request *r, int status, struct str content_type, struct str headers,
                struct str body);

/* Appends "HTTP/1.1 200 OK\r\n". */
void http_put_status(struct buf *out, int status, struct str reason);

/* Peer address as text ("192.0.2.1"), and whether it is within one of the given networks. */
void http_peer(const struct http_request *r, struct sockaddr_storage *out);

#endif
