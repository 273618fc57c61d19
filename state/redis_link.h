/* SPDX-License-Identifier: Apache-2.0 */
/* redis_link.h - one loop's connection to Redis: found, greeted, kept, made anew.
 *
 *                    timer                  address found            connected (and TLS)
 *      PAUSED ───────────────▶ RESOLVING ───────────────▶ CONNECTING ──────────────────▶ GREETING
 *        ▲  ▲                   │  ▲ ▲                        │  │ next address              │ │
 *        │  │ no target left    │  │ └────────────────────────┼──┘                           │ │
 *        │  └───────────────────┴──┼──────────────────────────┴── (any failure: next target) ┘ │
 *        │                         └────────── a Sentinel named the master ────────────────────┤
 *        └──────────────────────────── READY ◀─── a master, logged in ─────────────────────────┘
 *             lost, timed out, refused
 *
 * All on the loop's thread; nothing blocks; the owner's callbacks never free the link. */
#ifndef STATE_REDIS_LINK_H
#define STATE_REDIS_LINK_H

#include "base/conn.h"
#include "base/tls.h"
#include "state/redis_queue.h"
#include "state/redis_url.h"
#include "state/resolve.h"

enum link_state { LINK_PAUSED, LINK_RESOLVING, LINK_CONNECTING, LINK_GREETING, LINK_READY };

struct redis_link_config {
    const struct redis_target *targets; /* borrowed, at least one */
    struct tls_context *tls;            /* borrowed; needed when a target has tls */
    uint64_t timeout_ms;
    const char *client_name;
};

struct redis_link;

struct redis_link_owner {
    /* The reply to `cmd`, round_trip_us after it was sent. ERR_* breaks the connection, with the
     * reason in `err`. */
    int (*on_reply)(void *arg, const struct link_command *cmd, const struct redis_reply *reply,
                    uint64_t round_trip_us, struct error *err);
    /* There will be no reply to `cmd`: the connection broke, or there is none. */
    void (*on_lost)(void *arg, const struct link_command *cmd);
    void (*on_up)(void *arg);
    /* After on_up(), and after every round of vain attempts. */
    void (*on_down)(void *arg, const char *reason);
    void *arg;
};

enum greet_step { GREET_AUTH, GREET_NAME, GREET_SELECT, GREET_ROLE, GREET_MASTER };
enum { GREET_STEPS_MAX = 8 };

struct redis_link {
    struct conn conn;
    struct loop *loop;
    const struct redis_link_config *config; /* borrowed */
    struct redis_link_owner owner;
    enum link_state state;
    struct timer timer; /* pause, deadline of an attempt's stage, deadline of commands */
    struct task flush;
    uint64_t backoff_ms, random, ready_since_ms;
    unsigned epoch; /* counts closed connections */

    const struct redis_target *target;
    char master_host[256]; /* second hop behind a Sentinel; "" = at the target itself */
    uint16_t master_port;
    struct resolve *resolve;
    struct resolved addresses;
    unsigned address;
    char reason[160]; /* of the last failure */
    bool down;        /* a whole round failed since the link was last ready */

    enum greet_step steps[GREET_STEPS_MAX];
    size_t step_count, step;

    struct redis_reader *reader;
    struct redis_outbox greeting; /* to be sent before the link is READY */
    struct redis_queue queue;     /* of commands, sent when it is */
};

/* Starts to connect in the next turn. */
void redis_link_init(struct redis_link *l, struct loop *loop, const struct redis_link_config *c,
                     const struct redis_link_owner *owner);

/* Sends what the socket takes at once, closes, and gives up all commands (on_lost). */
void redis_link_reset(struct redis_link *l);

bool redis_link_is_ready(const struct redis_link *l);

/* Queues a command; it leaves at the end of the turn, or when the link becomes ready. False when
 * the queue is full, or when Redis is known to be away. */
bool redis_link_send(struct redis_link *l, unsigned kind, void *arg, size_t argc,
                     const struct str *argv);

/* `commands` commands of `bytes` together will be accepted. */
bool redis_link_has_room(const struct redis_link *l, size_t commands, size_t bytes);

/* ---- between redis_link.c and redis_greet.c ---- */

enum greet_result { GREET_GO_ON, GREET_READY, GREET_HOP, GREET_AGAIN, GREET_FAILED };

/* Chooses the steps for the place the link is connected to, and writes them to l->greeting. */
void redis_greet_begin(struct redis_link *l);

/* Takes the reply to the current step. GREET_HOP: master_host and master_port were filled in.
 * GREET_AGAIN: more was written to l->greeting. GREET_FAILED: l->reason says why. */
enum greet_result redis_greet_reply(struct redis_link *l, const struct redis_reply *reply);

/* l->reason = the formatted text, behind the address in use. */
void redis_link_blame(struct redis_link *l, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Text of the other side for people: printable ASCII only, cut. */
const char *redis_clean_text(struct str s, char *out, size_t size);

#endif
