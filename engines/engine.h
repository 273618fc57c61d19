/* SPDX-License-Identifier: Apache-2.0 */
/* engine.h - the contract between the gateway and whatever runs statements.
 *
 * An engine is a const vtable; one instance of it serves one backend. Every loop of the process has
 * its own lane of an instance (connections live there); calls on a lane are made and answered on
 * its loop's thread. All are asynchronous: they never call back before they returned, and end
 * exactly once, with on_data(last) or on_fail, unless cancelled. A page arrives as bytes of
 * protocol JSON in the engine's dialect, streamed as they come. */
#ifndef ENGINES_ENGINE_H
#define ENGINES_ENGINE_H

#include "base/http_client.h"
#include "base/loop.h"
#include "protocol/session.h"

struct engine;      /* one backend's instance */
struct engine_lane; /* its part on one loop */

/* What the gateway asks. Everything is borrowed until the function returns. */
struct engine_request {
    struct str method;
    struct str path; /* submit: "/v1/statement" or a PUT's path; else the engine's continuation */
    struct str sql;  /* submit; of other requests the body, if any */
    const struct header *headers; /* the client's, as received */
    size_t header_count;
    enum dialect client;  /* DIALECT_NONE: headers pass as they are */
    struct str user;      /* remembered user for polls that name none */
    struct str forwarded; /* header lines about the client ("X-Forwarded-For: …CRLF"), or empty */
    bool poll;            /* a continuation of a statement, not a submission */
    bool waits;           /* fetch: the answer may take long, as a poll's does */
    bool plain;           /* ask for an uncompressed answer: its text will be read */
    struct str prepared_name, prepared_sql; /* one more prepared statement, or empty */
};

struct engine_head {
    int status;
    struct str reason;
    const struct header *headers;
    size_t header_count;
    bool has_length; /* the body is `length` bytes */
    uint64_t length;
};

struct engine_call {
    void (*on_head)(struct engine_call *c, const struct engine_head *head);
    void (*on_data)(struct engine_call *c, const struct str *pieces, size_t n, bool last);
    void (*on_fail)(struct engine_call *c, const struct error *err);
    struct http_call http; /* the cluster engine's; its user field points back here */
};

struct engine_facts {
    enum dialect dialect; /* of its pages */
    const char *kind;     /* "trino", "presto" */
    bool wants_forwarded; /* header lines about the client */
};

enum engine_probe_state { PROBE_UP, PROBE_STARTING, PROBE_DRAINING, PROBE_DOWN };

struct engine_probe {
    void (*done)(struct engine_probe *p, enum engine_probe_state state, const char *reason);
    void *user;
    struct engine_call call; /* the engine's own from here on */
    struct engine_lane *lane;
    struct buf text;
    struct str next_path; /* malloc'ed */
    int status;
    unsigned pages;
    uint8_t step;
};

struct engine_ops {
    const char *name;
    void (*close)(struct engine *e); /* after all lanes are detached */
    void (*describe)(const struct engine *e, struct engine_facts *out);
    struct engine_lane *(*attach)(struct engine *e, struct loop *l);
    void (*detach)(struct engine_lane *lane);
    /* Is it there and ready? Runs the configured test statement if there is one. */
    void (*probe)(struct engine_lane *lane, struct engine_probe *p);
    void (*probe_cancel)(struct engine_probe *p);
    /* Hands a statement over; the answer is its first page. */
    void (*submit)(struct engine_lane *lane, const struct engine_request *r, struct engine_call *c,
                   struct error *err);
    /* Any later request about a statement: the next page, its state, its end. */
    void (*fetch)(struct engine_lane *lane, const struct engine_request *r, struct engine_call *c,
                  struct error *err);
    /* Any thread, until the lane is detached. */
    void (*pools)(struct engine_lane *lane, struct http_pool_stats *out);
    /* Appends host[:port] of the backend, as its own URIs name it. */
    void (*authority)(const struct engine *e, struct buf *out);
    /* Text of the last /v1/info that a probe saw (copied to `out`), or nothing. Any thread. */
    void (*info)(struct engine *e, struct buf *out);
};

static inline void engine_call_cancel(struct engine_call *c)
{
    http_call_cancel(&c->http);
}
static inline void engine_call_pause(struct engine_call *c)
{
    http_call_pause(&c->http);
}
static inline void engine_call_resume(struct engine_call *c)
{
    http_call_resume(&c->http);
}

#endif
