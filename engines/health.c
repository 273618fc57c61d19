/* SPDX-License-Identifier: Apache-2.0 */
/* health.c - the prober of one backend.
 *
 *   starting --up_after good probes--> up --down_after bad ones--> down --up_after good ones--> up
 *
 * "Starting" and "draining" are what the coordinator says of itself and hold at once. While a
 * backend is down the interval doubles up to backoff_max, with jitter, so that a fleet of gateways
 * does not knock in step; the first good probe brings the usual pace back. */
#include "engines/backend.h"

#include "base/mem.h"
#include "metrics/metrics.h"

#include <stddef.h>
#include <stdlib.h>

struct health {
    struct backend *backend;
    unsigned lane;
    struct loop *loop;
    struct health_config config;
    struct timer timer;
    struct engine_probe probe;
    uint64_t wait_ms;
    unsigned good, bad; /* probes in a row */
    unsigned seed;      /* of the jitter */
    bool probing;
};

static void schedule(struct health *h)
{
    uint64_t jitter = h->wait_ms / 5 + 1;

    timer_set(h->loop, &h->timer, h->wait_ms - jitter / 2 + (uint64_t)rand_r(&h->seed) % jitter);
}

static void on_good(struct health *h)
{
    h->bad = 0;
    h->good++;
    h->wait_ms = h->config.interval_ms;
    if (h->good >= h->config.up_after)
        backend_set_state(h->backend, BACKEND_UP, "");
}

static void on_bad(struct health *h, const char *reason)
{
    h->good = 0;
    h->bad++;
    counter_add(h->backend->metrics.probe_failures, 1);
    if (h->bad < h->config.down_after && h->backend->state == BACKEND_UP)
        return;
    backend_set_state(h->backend, BACKEND_DOWN, reason);
    h->wait_ms =
        h->wait_ms * 2 < h->config.backoff_max_ms ? h->wait_ms * 2 : h->config.backoff_max_ms;
}

static void on_probe(struct engine_probe *p, enum engine_probe_state state, const char *reason)
{
    struct health *h = (struct health *)((char *)p - offsetof(struct health, probe));

    h->probing = false;
    counter_add(h->backend->metrics.probes, 1);
    h->backend->probed = true;
    if (state == PROBE_UP) {
        on_good(h);
    } else if (state == PROBE_DOWN) {
        on_bad(h, reason);
    } else {
        h->good = h->bad = 0;
        h->wait_ms = h->config.interval_ms;
        backend_set_state(h->backend, state == PROBE_STARTING ? BACKEND_STARTING : BACKEND_DRAINING,
                          reason);
    }
    schedule(h);
}

static void on_timer(struct timer *t)
{
    struct health *h = (struct health *)((char *)t - offsetof(struct health, timer));

    h->probing = true;
    h->backend->ops->probe(backend_lane(h->backend, h->lane, h->loop), &h->probe);
}

struct health *health_start(struct backend *b, unsigned lane, struct loop *l,
                            const struct health_config *c)
{
    struct health *h = NEW(struct health);

    h->backend = b;
    h->lane = lane;
    h->loop = l;
    h->config = *c;
    h->wait_ms = c->interval_ms;
    h->seed = (unsigned)(uintptr_t)h;
    h->probe.done = on_probe;
    h->timer.on_timer = on_timer;
    timer_set(l, &h->timer, 0);
    return h;
}

void health_hurry(struct health *h)
{
    if (!h->probing)
        timer_set(h->loop, &h->timer, 0);
}

void health_stop(struct health *h)
{
    if (h == NULL)
        return;
    timer_clear(h->loop, &h->timer);
    if (h->probing)
        h->backend->ops->probe_cancel(&h->probe);
    free(h);
}
