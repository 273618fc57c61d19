/* SPDX-License-Identifier: Apache-2.0 */
/* backend.c - see backend.h. */
#include "engines/backend.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdio.h>

const char *backend_state_name(enum backend_state s)
{
    static const char *const names[] = {
        [BACKEND_STARTING] = "starting",
        [BACKEND_UP] = "up",
        [BACKEND_DRAINING] = "draining",
        [BACKEND_DOWN] = "down",
    };

    return names[s];
}

enum backend_state backend_visible_state(const struct backend *b)
{
    enum backend_state s = (enum backend_state)atomic_load(&b->state);

    if (s == BACKEND_UP && (b->configured_draining || b->admin_draining || b->retired))
        return BACKEND_DRAINING;
    return s;
}

bool backend_takes_statements(const struct backend *b)
{
    if (!b->probed && atomic_load(&b->state) == BACKEND_STARTING)
        return !b->configured_draining && !b->admin_draining && !b->retired;
    return backend_visible_state(b) == BACKEND_UP;
}

struct engine_lane *backend_lane(struct backend *b, unsigned index, struct loop *l)
{
    struct engine_lane *lane = atomic_load_explicit(&b->lanes[index], memory_order_relaxed);

    if (lane == NULL) {
        lane = b->ops->attach(b->engine, l);
        atomic_store_explicit(&b->lanes[index], lane, memory_order_release);
    }
    return lane;
}

void backend_detach(struct backend *b, unsigned index)
{
    struct engine_lane *lane = atomic_exchange(&b->lanes[index], NULL);

    if (lane != NULL)
        b->ops->detach(lane);
}

void backend_pools(struct backend *b, struct http_pool_stats *out)
{
    *out = (struct http_pool_stats){0};
    for (unsigned i = 0; i < BACKEND_LANES_MAX; i++) {
        struct engine_lane *lane = atomic_load_explicit(&b->lanes[i], memory_order_acquire);
        struct http_pool_stats part;

        if (lane == NULL)
            continue;
        b->ops->pools(lane, &part);
        out->connects += part.connects;
        out->reuses += part.reuses;
        out->failures += part.failures;
        out->active += part.active;
        out->idle += part.idle;
    }
}

void backend_set_state(struct backend *b, enum backend_state s, const char *reason)
{
    enum backend_state before = (enum backend_state)atomic_load(&b->state);

    pthread_mutex_lock(&b->lock);
    snprintf(b->reason, sizeof(b->reason), "%s", reason);
    if (before != s || b->since_ms == 0)
        b->since_ms = clock_wall_ms();
    pthread_mutex_unlock(&b->lock);
    atomic_store(&b->state, (int)s);
    if (before == s)
        return;
    log_write(s == BACKEND_UP ? LOG_LEVEL_INFO : LOG_LEVEL_WARN, "health", STR_NONE,
              "backend %s is %s%s%s", b->name, backend_state_name(s), *reason ? ": " : "", reason);
}
