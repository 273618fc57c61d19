/* SPDX-License-Identifier: Apache-2.0 */
/* gateway.h - what the files of this folder share: the process, its lanes, its snapshot.
 *
 *   struct gateway   one a process: state, history, metrics, statements, workers
 *   struct snapshot  what a configuration file became; immutable, swapped whole on reload
 *   struct lane      one a thread: loop, HTTP server, connections, cipher contexts, scratch buffers
 *
 * A lane's fields belong to its thread. */
#ifndef GATEWAY_GATEWAY_H
#define GATEWAY_GATEWAY_H

#include "base/http_server.h"
#include "base/workers.h"
#include "gateway/config.h"
#include "gateway/keys.h"
#include "gateway/network.h"
#include "history/history.h"
#include "metrics/metrics.h"
#include "protocol/scan.h"
#include "protocol/ticket.h"
#include "routing/route.h"
#include "state/state.h"

#define QUERY_ID_MAX 128

struct snapshot {
    struct config *config;
    struct route_table routes;
    struct keys keys;
    struct tls_context **listener_tls; /* NULL entries: plain */
    struct network *trusted;
    size_t trusted_count;
    bool wants_forwarded; /* some backend is told the client's address */
    uint64_t generation;
    atomic_uint refs;
};

struct gateway_metrics {
    struct counter *statements[3]; /* by dialect of the client: none, presto, trino */
    struct counter *finished, *failed, *cancelled, *abandoned;
    struct counter *polls, *pages_same, *pages_translated, *bytes_out, *rows_out;
    struct counter *tickets_refused, *no_backend, *refused_requests, *client_gone;
    struct counter *retries, *upstream_pauses, *translation_errors;
    struct histogram *poll_seconds, *post_seconds, *statement_seconds, *queued_seconds;
};

struct lane {
    struct gateway *gateway;
    unsigned index;
    struct loop *loop;
    struct http_server *server;
    struct state_client *state;
    struct ticket_box *tickets;
    struct snapshot *snapshot;
    struct scan_out out;    /* runs of the piece being passed on */
    struct buf head;        /* scratch for heads */
    struct buf text;        /* scratch for URIs */
    struct exchange *spare; /* ended ones, kept for their memory */
    unsigned spare_count;
    uint64_t random;
    pthread_t thread;
    bool started;
};

struct stmts;

struct gateway {
    struct snapshot *snapshot; /* the newest; the main thread's */
    struct snapshot *opened;   /* the first, whose listeners are open */
    struct lane *lanes;
    unsigned lane_count;
    struct metrics *metrics;
    struct gateway_metrics m;
    struct state *state;
    struct history *history; /* NULL when switched off */
    struct workers *workers;
    struct stmts *stmts;
    struct backend *backends; /* all that ever were, by next_of_process */
    const char *instance;
    uint64_t started_ms;
    atomic_bool draining, log_statements;
    struct health **healths; /* lane 0 */
    size_t health_count;
    struct http_server *admin; /* on lane 0's loop */
    struct abandon *abandon;   /* on lane 0's loop */
};

static inline uint64_t lane_random(struct lane *l)
{
    l->random ^= l->random << 13;
    l->random ^= l->random >> 7;
    l->random ^= l->random << 17;
    return l->random;
}

#endif
