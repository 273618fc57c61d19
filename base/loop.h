/* SPDX-License-Identifier: Apache-2.0 */
/* loop.h - the reactor: one epoll loop a thread, with watches, timers and messages.
 *
 * A loop and everything registered with it belong to the thread that runs it; only loop_post() and
 * loop_stop() may be called from elsewhere. Nothing called from a loop may block: no DNS, no disk,
 * no lock that is held across a system call.
 *
 * Watches are edge-triggered and registered once for reading and writing alike: after a callback
 * the owner must read (or write) until it sees EAGAIN, or remember by itself that it stopped early.
 * That costs one epoll_ctl in a connection's whole life instead of two a request. */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop; /* opaque */

MUST_USE int loop_new(struct loop **out, struct error *err);

/* Frees a loop that is not running. Messages still queued are run first. NULL is a no-op. */
void loop_free(struct loop *l);

/* Runs until loop_stop(). */
void loop_run(struct loop *l);

/* One turn: waits at most `max_wait_ms` (-1 = until something happens). For tests. */
void loop_turn(struct loop *l, int max_wait_ms);

/* Any thread, also a signal handler. Makes loop_run() return after the current turn. */
void loop_stop(struct loop *l);

/* Any thread: runs `fn(arg)` on the loop's thread in one of its next turns, in order of posting. */
void loop_post(struct loop *l, void (*fn)(void *arg), void *arg);

/* Milliseconds of the monotonic clock, read once a turn. */
uint64_t loop_now_ms(const struct loop *l);

/* A buffer of LOOP_SCRATCH_BYTES for the callback that runs now: what is in it is gone when the
 * callback returns. Sockets are read into it, so that a waiting connection owns no memory for
 * input. */
#define LOOP_SCRATCH_BYTES (768 * 1024)
char *loop_scratch(struct loop *l);

/* Share of the last second that callbacks took, in 1/1000, and the longest turn in it
 * (microseconds). Any thread. */
void loop_load(const struct loop *l, unsigned *busy_permille, unsigned *longest_us);

/* ---- watches ---- */

enum { WATCH_READ = 1, WATCH_WRITE = 2, WATCH_HANGUP = 4 /* the peer closed its side or broke */ };

struct watch {
    int fd;
    void (*on_event)(struct watch *w, unsigned events);
    unsigned generation; /* the loop's own */
    unsigned slot;       /* the loop's own */
};

/* Registers w->fd (non-blocking) with w->on_event. `w` stays with the caller and must live until
 * watch_remove(). The fd is never closed by the loop. */
MUST_USE int watch_add(struct loop *l, struct watch *w, struct error *err);

/* No event for `w` is delivered after this, even one that the current batch holds already: the
 * memory may be freed at once. Call before close(fd). */
void watch_remove(struct loop *l, struct watch *w);

/* ---- timers ---- */

struct timer {
    void (*on_timer)(struct timer *t);
    uint64_t at_ms; /* the loop's own */
    size_t place;   /* 0 = not set; the loop's own */
};

/* Sets or moves `t` to fire once, `after_ms` from now. O(log n). */
void timer_set(struct loop *l, struct timer *t, uint64_t after_ms);

/* Takes `t` out; a no-op when it is not set. */
void timer_clear(struct loop *l, struct timer *t);

static inline bool timer_is_set(const struct timer *t)
{
    return t->place != 0;
}

/* ---- end of turn ---- */

/* A task that runs once at the end of the current turn: deferred frees, one flush of many writes.
 * Setting it twice in a turn runs it once. */
struct task {
    void (*on_turn_end)(struct task *t);
    struct task *next;
    bool queued;
};
void loop_defer(struct loop *l, struct task *t);
void loop_undefer(struct loop *l, struct task *t);

#endif
