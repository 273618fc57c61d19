/* SPDX-License-Identifier: Apache-2.0 */
/* backend.h - one place that runs statements: an engine, its health and its load.
 *
 * A backend outlives every reload that keeps its settings; one whose settings change is replaced
 * and its old object retired: it takes no new statements but still answers for those it has. State
 * and load are atomics, read by any thread; only the prober changes the state. */
#ifndef ENGINES_BACKEND_H
#define ENGINES_BACKEND_H

#include "base/mem.h"
#include "engines/engine.h"

#include <pthread.h>
#include <stdatomic.h>

#define BACKEND_NAME_MAX 64
#define BACKEND_LANES_MAX 64

enum backend_state { BACKEND_STARTING, BACKEND_UP, BACKEND_DRAINING, BACKEND_DOWN };

struct counter;
struct histogram;

struct backend_metrics {
    struct counter *submitted, *refused, *polls, *poll_failures, *bytes, *probes, *probe_failures;
    struct histogram *duration;
};

struct backend {
    char name[BACKEND_NAME_MAX + 1];
    const struct engine_ops *ops;
    struct engine *engine;
    struct engine_facts facts;
    /* By lane index. Its loop attaches and uses it; others may read its figures. */
    _Atomic(struct engine_lane *) lanes[BACKEND_LANES_MAX];
    struct arena settings; /* what the engine keeps of its configuration */
    char *fingerprint;     /* of the settings: a change makes a new backend */
    struct backend *next_of_process;

    atomic_int state;        /* enum backend_state */
    atomic_uint outstanding; /* statements accepted and not ended, as this instance knows */
    atomic_bool configured_draining, admin_draining, retired;
    atomic_bool probed;   /* until the first probe ended nobody knows: it gets statements */
    pthread_mutex_t lock; /* of the two below */
    char reason[160];
    uint64_t since_ms; /* wall clock of the last change of state */
    struct backend_metrics metrics;
};

const char *backend_state_name(enum backend_state s);

/* Takes new statements now? (up, not draining, not retired) */
bool backend_takes_statements(const struct backend *b);

/* The state as people see it: draining by configuration or command shows as draining. */
enum backend_state backend_visible_state(const struct backend *b);

/* The engine's part on a loop, attached at the first use. On that loop's thread. */
struct engine_lane *backend_lane(struct backend *b, unsigned index, struct loop *l);
void backend_detach(struct backend *b, unsigned index);

/* Connections of all loops together. Any thread, while the loops have not ended. */
void backend_pools(struct backend *b, struct http_pool_stats *out);

void backend_set_state(struct backend *b, enum backend_state s, const char *reason);

/* ---- health ---- */

struct health_config {
    uint64_t interval_ms, backoff_max_ms;
    unsigned up_after, down_after;
};

struct health; /* the prober of one backend, on one loop */

/* Begins to probe at once, then every interval (with jitter; ever slower while it is down). */
struct health *health_start(struct backend *b, unsigned lane, struct loop *l,
                            const struct health_config *c);
void health_stop(struct health *h); /* on its loop; NULL is a no-op */

/* A statement's failure to connect is a hint to probe now rather than later. On the health's loop.
 */
void health_hurry(struct health *h);

#endif
