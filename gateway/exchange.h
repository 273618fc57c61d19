/* SPDX-License-Identifier: Apache-2.0 */
/* exchange.h - one client request that a backend answers.
 *
 *   client ── struct http_request ── struct exchange ── struct engine_call ── backend
 *
 * The exchange streams the answer: decodes it where the cluster compressed it, scans or translates
 * it, codes it for the client, frames and sends it, with back-pressure from the client to the
 * backend. What is particular to a kind of request (a submission, a poll, any other resource) is in
 * its `struct exchange_ops`. It belongs to its lane's thread, and ends with the answer or with the
 * client's connection, whichever is first. */
#ifndef GATEWAY_EXCHANGE_H
#define GATEWAY_EXCHANGE_H

#include "gateway/coding.h"
#include "gateway/gateway.h"
#include "gateway/stmts.h"
#include "gateway/uri.h"
#include "protocol/response.h"

enum exchange_mode {
    MODE_PASS,      /* bytes as they are */
    MODE_SCAN,      /* a page in the client's dialect: URIs replaced on the way */
    MODE_TRANSLATE, /* a page in the other dialect: held whole, translated */
    MODE_COLLECT    /* held whole, handed to ops->on_text */
};

struct exchange;

struct exchange_ops {
    /* The backend's head is here. Sets x->mode and calls exchange_take_head(); or cancels the call
     * and does something else (another backend is tried, the exchange ends). */
    void (*on_head)(struct exchange *x, const struct engine_head *head);
    /* A page is complete and about to be sent; x->scan or x->facts say what it holds. Not for
     * MODE_PASS. */
    void (*on_page)(struct exchange *x);
    /* MODE_COLLECT: the whole text. Must answer and end the exchange. */
    void (*on_text)(struct exchange *x, struct str text);
    /* The backend failed before a byte went to the client. Must answer, or try again. */
    void (*on_fail)(struct exchange *x, const struct error *err);
    /* The exchange is over, answered or not (x->req is NULL when the client left). For accounting;
     * may be NULL. */
    void (*on_end)(struct exchange *x);
};

struct exchange {
    const struct exchange_ops *ops;
    struct lane *lane;
    struct http_request *req;
    struct arena arena;
    struct engine_call call;
    struct backend *backend;
    struct uri_maker uris; /* base, dialects, capabilities, backend, id */
    struct timer timer;
    uint64_t begun_us;
    void *kind; /* the ops' own data, in the arena */

    /* The answer. */
    enum exchange_mode mode;
    int status;
    struct str reason;
    struct buf lines;   /* header lines for the client */
    struct str warning; /* one more warning in the page, or empty */
    uint64_t length;    /* MODE_PASS, when `has_length` */
    bool has_length, fed, sent, chunked, close, head_request, is_http10;
    struct exchange *spare_next;
    bool relays_uris; /* URIs in the text are a cluster's resources, not pages */
    struct scan scan;
    struct page_facts facts; /* MODE_TRANSLATE */
    struct buf body;         /* MODE_TRANSLATE, MODE_COLLECT */
    uint64_t bytes_out;
    enum coding coding;
    struct encoder *encoder;
    struct decoder *decoder;
};

/* Binds a request; `base` and the client's coding are read from it. */
struct exchange *exchange_new(struct lane *l, struct http_request *r,
                              const struct exchange_ops *ops);

/* Sets who talks to whom, before a request is sent to `b`. */
void exchange_bind(struct exchange *x, struct backend *b, enum dialect client,
                   unsigned capabilities, struct str id);

struct engine_lane *exchange_lane(const struct exchange *x);

/* The request in the exchange's arena, for those who need it after on_request(). */
struct request_copy {
    struct str method, target, body, forwarded;
    struct header *headers;
    size_t header_count;
};
void exchange_copy_request(struct exchange *x, const struct http_request *r,
                           struct request_copy *out);

/* Prepares the answer's head from the backend's; ops->on_head calls it when it takes the answer. */
void exchange_take_head(struct exchange *x, const struct engine_head *head,
                        struct response_seen *seen);

/* Cancels what is under way upstream and frees everything. The request must have been answered (or
 * be gone). */
void exchange_end(struct exchange *x);

/* Frees what a lane keeps for exchanges to come. */
void exchange_free_spares(struct lane *l);

/* Takes the request from the exchange to answer it otherwise; the exchange ends. */
struct http_request *exchange_release(struct exchange *x);

#endif
