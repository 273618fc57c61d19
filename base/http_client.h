/* SPDX-License-Identifier: Apache-2.0 */
/* http_client.h - HTTP/1.1 requests to one server, over connections that are kept alive.
 *
 * A pool belongs to one loop and one server. A waiting call owns no input buffer: answers are read
 * into the loop's scratch and handed on from there. All calls on the loop's thread. */
#ifndef BASE_HTTP_CLIENT_H
#define BASE_HTTP_CLIENT_H

#include "base/conn.h"
#include "base/http_head.h"

struct tls_context;
struct http_pool;
struct http_upstream;

struct http_call {
    /* Set by the caller before http_call_start(); the struct must live until the call ended. */
    void *user;
    /* The head of the final answer (1xx are skipped). The views are valid during this call and the
     * first on_data() after it, which follows at once, in the same turn, when body bytes or the end
     * came in the same read. */
    void (*on_head)(struct http_call *c, const struct http_head *head);
    /* Pieces of the body in order (views of the scratch; `n` may be 0). `last`: the answer is
     * complete and the call over; the struct may be reused or freed inside. */
    void (*on_data)(struct http_call *c, const struct str *pieces, size_t n, bool last);
    /* The call failed and is over. ERR_UPSTREAM: connection refused, broken or nonsense;
     * ERR_TIMEOUT: no connection or no first byte in time. */
    void (*on_fail)(struct http_call *c, const struct error *err);
    bool head_request;      /* the answer has no body (HEAD) */
    uint64_t first_byte_ms; /* 0 = as long as it takes (long polls) */

    /* The client's own. */
    struct http_upstream *upstream;
    bool sent_on_reused, got_bytes;
};

struct http_pool_config {
    /* Fills the address to connect to in the given attempt (0, 1, …: a host may have several);
     * false when there is none (yet). Called on the loop. */
    bool (*address)(void *arg, unsigned attempt, struct sockaddr_storage *out, socklen_t *n);
    void *arg;
    struct str host;         /* for TLS; copied */
    struct tls_context *tls; /* NULL = plain; referenced */
    uint64_t connect_ms;     /* TCP and TLS together */
    unsigned idle_max;       /* connections kept */
    uint64_t idle_ms;        /* for this long */
};

struct http_pool_stats {
    uint64_t connects, reuses, failures, active, idle;
};

struct http_pool *http_pool_new(struct loop *l, const struct http_pool_config *c);
/* Calls under way fail with ERR_CANCELLED. NULL is a no-op. */
void http_pool_free(struct http_pool *p);
/* Idle connections close now, others when their call ends: after an address or TLS change. */
void http_pool_flush(struct http_pool *p);
/* From any thread, as long as the pool lives. */
void http_pool_stats(const struct http_pool *p, struct http_pool_stats *out);

/* Sends `head` and `body` (both copied when they cannot be written at once). Callbacks come later,
 * never inside this function. A call that was sent on a kept connection and met a closed socket
 * before any byte of an answer is sent once more on a new connection: the caller only starts
 * requests which that suits. */
void http_call_start(struct http_pool *p, struct http_call *c, struct str head, struct str body);

/* Ends the call without a callback and closes its connection. A call that is not under way is a
 * no-op. */
void http_call_cancel(struct http_call *c);

/* Stops reading (the kernel's buffer fills, the server waits), and goes on. */
void http_call_pause(struct http_call *c);
void http_call_resume(struct http_call *c);

static inline bool http_call_active(const struct http_call *c)
{
    return c->upstream != NULL;
}

#endif
