/* SPDX-License-Identifier: Apache-2.0 */
/* state_impl.h - inside of state/: what state.c (dispatch, health) and redis.c (commands) share. */
#ifndef STATE_STATE_IMPL_H
#define STATE_STATE_IMPL_H

#include "base/mem.h"
#include "metrics/metrics.h"
#include "state/memory.h"
#include "state/redis_link.h"
#include "state/state.h"

#include <pthread.h>
#include <stdatomic.h>

enum { STATE_MESSAGE_MAX = 16384, STATE_PREFIX_MAX = 128 };

struct redis_client;

struct state_metrics {
    struct counter *commands, *errors, *reconnects, *dropped;
    struct gauge *reachable;
    struct histogram *round_trip;
};

struct state {
    struct arena arena; /* of all strings below */
    enum state_kind kind;
    struct str prefix, instance;
    uint64_t ttl_ms;
    struct memory *memory[2]; /* by enum state_entry_kind: statements never push out transactions */
    struct redis_link_config redis;
    struct state_metrics metrics;
    atomic_ullong dropped_writes;
    _Atomic(struct redis_client *) drainer; /* fetches messages; NULL = nobody does */

    pthread_mutex_t lock; /* of all below */
    size_t attached, up;  /* links */
    bool reachable;
    char reason[160];
    uint64_t since_ms;
    void (*on_message)(void *arg, struct str message);
    void *on_message_arg;
};

/* A look-up is in one list of its client until `done` was called: `waiting` for Redis, or
 * `answered`. */
struct lookup_list {
    struct state_lookup *first, *last;
};

struct state_lookup {
    struct state_client *client;
    struct lookup_list *list;
    struct state_lookup *before, *after;
    void (*done)(void *arg, const struct state_entry *e); /* NULL = cancelled */
    void *arg;
    bool found;
    struct buf value;
    size_t id_n;
    char id[255];
};

struct state_message {
    struct state_message *next;
    size_t n;
    char bytes[];
};

struct state_client {
    struct state *state;
    struct loop *loop;
    struct redis_client *redis; /* NULL with STATE_MEMORY */
    struct lookup_list waiting, answered;
    struct state_message *messages, **messages_tail;
    struct task deliver;
    bool delivering, detached;
};

/* ---- state.c, called by redis.c. None of these calls foreign code: that waits for the end of the
 * turn, so that nothing is freed under the feet of the reader. ---- */

void state_lookup_answer(struct state_lookup *lookup, struct str value); /* .p == NULL: not found */
void state_deliver_message(struct state_client *c, struct str message);
bool state_has_handler(struct state *s);
void state_count_dropped(struct state *s);

enum link_mark { MARK_ATTACHED, MARK_UP, MARK_DOWN, MARK_DETACHED };
/* `was_up`: the link was up until now. */
void state_mark_link(struct state *s, enum link_mark mark, bool was_up, const char *reason);
/* Something is wrong although Redis is reachable; "" = not any more. */
void state_note(struct state *s, const char *reason);

/* ---- redis.c, called by state.c on the client's loop ---- */

struct redis_client *redis_client_new(struct state_client *c);
void redis_client_free(struct redis_client *r); /* answers all waiting look-ups with nothing */
void redis_client_put(struct redis_client *r, enum state_entry_kind kind, struct str id,
                      struct str value);
void redis_client_remove(struct redis_client *r, enum state_entry_kind kind, struct str id);
/* False when Redis cannot be asked. */
bool redis_client_find(struct redis_client *r, enum state_entry_kind kind,
                       struct state_lookup *lookup);
bool redis_client_send(struct redis_client *r, struct str instance, struct str message);

#endif
