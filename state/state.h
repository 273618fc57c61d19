/* SPDX-License-Identifier: Apache-2.0 */
/* state.h - what instances must agree on: which backend owns a statement or a transaction, and who
 * finished what. One interface, two implementations: memory (default) and Redis.
 *
 * Nothing here is needed to answer a poll: tickets say all. The state serves the paths without a
 * ticket (/v1/query/{id}, kill_query, transactions), looked up in memory first, then in Redis.
 * No secret and no SQL text is ever stored.
 *
 * Threads: one `struct state` a process; every loop has its own `struct state_client` (and, with
 * Redis, its own connection), used only on that loop. Nothing blocks. When Redis is away every call
 * still works on this instance's memory; writes that could not be sent are counted and dropped, and
 * state_health() says so. */
#ifndef STATE_STATE_H
#define STATE_STATE_H

#include "base/loop.h"
#include "base/str.h"

struct state;
struct state_client;
struct metrics;

enum state_kind { STATE_MEMORY, STATE_REDIS };
enum state_entry_kind { STATE_QUERY, STATE_TRANSACTION };

struct state_config {
    enum state_kind kind;
    const char *const
        *urls;            /* redis://[user[:password]@]host[:port][/db], rediss:// for TLS,
                           * redis+sentinel://[user:password@]host:port[,host:port]/master[/db] */
    size_t url_count;     /* several: tried in order until one is a writable master */
    const char *prefix;   /* of all keys, "sleipnir:" */
    const char *instance; /* name of this instance, unique among those that share Redis */
    uint64_t ttl_ms;      /* life of an entry since it was last put */
    uint64_t timeout_ms;  /* a command older than this fails and the connection is made anew */
    const char *tls_ca;   /* for rediss://, NULL = the system's */
    bool tls_verify;
    size_t memory_entries; /* of each kind in this instance's memory; the oldest make room */
};

struct state_entry {
    struct str id;         /* public query id or transaction id, at most 255 bytes */
    struct str backend;    /* name of the backend that owns it */
    struct str cluster_id; /* the engine's own id where it differs from `id`, else empty */
    struct str user;
    struct str instance; /* the instance that accepted the statement */
    uint8_t dialect;     /* enum dialect of the client */
    uint64_t since_ms;   /* wall clock, Unix epoch */
};

/* Opens the state; with Redis connections are made when clients attach. `m` may be NULL. */
MUST_USE int state_open(struct state **out, const struct state_config *c, struct metrics *m,
                        struct error *err);
void state_close(struct state *s); /* after all clients detached; NULL is a no-op */

MUST_USE int state_attach(struct state_client **out, struct state *s, struct loop *l,
                          struct error *err);
/* On its loop's thread; look-ups under way are answered with NULL first. NULL is a no-op. */
void state_detach(struct state_client *c);

/* Stores or replaces. Copied at once; sent to Redis in one pipeline at the end of the turn. */
void state_put(struct state_client *c, enum state_entry_kind kind, const struct state_entry *e);
void state_remove(struct state_client *c, enum state_entry_kind kind, struct str id);

/* Looks up in memory, then Redis. `done` is called exactly once, never before state_find()
 * returned, on the loop's thread, with the entry (valid during the call) or NULL. `lookup` is
 * cancelled by state_find_cancel(), after which `done` is not called. */
struct state_lookup;
struct state_lookup *state_find(struct state_client *c, enum state_entry_kind kind, struct str id,
                                void (*done)(void *arg, const struct state_entry *e), void *arg);
void state_find_cancel(struct state_lookup *lookup);

/* Sends `message` (at most 16 KiB) to another instance through Redis; false when there is no way
 * (memory state, Redis away). Received messages go to the handler, on the receiving loop's thread.
 */
bool state_send(struct state_client *c, struct str instance, struct str message);
void state_on_message(struct state *s, void (*fn)(void *arg, struct str message), void *arg);

struct state_health {
    enum state_kind kind;
    bool reachable;          /* memory: always; Redis: from every attached loop */
    char reason[160];        /* why not; or what Redis refuses although it is reachable, or "" */
    uint64_t since_ms;       /* wall clock of the last change of `reachable` */
    uint64_t dropped_writes; /* since the start; writes without Redis' word for it */
};
void state_health(const struct state *s, struct state_health *out); /* any thread */

#endif
