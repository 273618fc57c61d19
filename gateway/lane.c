/* SPDX-License-Identifier: Apache-2.0 */
/* lane.c - see lane.h. */
#include "gateway/lane.h"

#include "base/clock.h"
#include "base/log.h"
#include "gateway/exchange.h"
#include "gateway/handlers.h"
#include "gateway/snapshot.h"

#include <stdlib.h>
#include <sys/random.h>

_Static_assert(CONFIG_THREADS_MAX <= BACKEND_LANES_MAX, "a backend has a lane for every thread");

#define HEAD_SCRATCH_MAX (4 << 20)

static void server_config(const struct config *c, void *arg, struct http_server_config *out)
{
    *out = (struct http_server_config){
        .on_request = handle_front,
        .arg = arg,
        .header_max = c->limits.header_max_bytes,
        .body_max = c->limits.sql_max_bytes,
        .idle_ms = c->limits.idle_ms,
        .request_ms = c->limits.request_ms,
        .send_ms = c->limits.send_ms,
        .connection_max =
            c->limits.connections > 0 ? (c->limits.connections + c->threads - 1) / c->threads : 0,
    };
}

static int make_tickets(struct lane *l, const struct snapshot *s, struct error *err)
{
    struct ticket_box *box;

    TRY(ticket_box_new(&box, (const unsigned char(*)[TICKET_KEY_BYTES])s->keys.key, s->keys.count,
                       s->config->ticket_ttl_ms, err));
    ticket_box_free(l->tickets);
    l->tickets = box;
    return OK;
}

int lane_open(struct lane *l, struct gateway *g, unsigned index, struct error *err)
{
    struct http_server_config config;

    l->gateway = g;
    l->index = index;
    l->head = buf_make(HEAD_SCRATCH_MAX);
    l->text = buf_make(65536);
    if (getrandom(&l->random, sizeof(l->random), 0) != sizeof(l->random) || l->random == 0)
        l->random = clock_mono_us() | 1;
    TRY(loop_new(&l->loop, err));
    server_config(g->snapshot->config, l, &config);
    TRY(http_server_new(&l->server, l->loop, &config, err));
    TRY(state_attach(&l->state, g->state, l->loop, err));
    TRY(make_tickets(l, g->snapshot, err));
    l->snapshot = snapshot_ref(g->snapshot);
    return OK;
}

static void *run(void *arg)
{
    loop_run(((struct lane *)arg)->loop);
    return NULL;
}

int lane_start(struct lane *l, struct error *err)
{
    if (pthread_create(&l->thread, NULL, run, l) != 0)
        return error_set(err, ERR_LIMIT, "cannot start a thread");
    l->started = true;
    return OK;
}

void lane_stop(struct lane *l)
{
    if (!l->started)
        return;
    loop_stop(l->loop);
    pthread_join(l->thread, NULL);
    l->started = false;
    loop_turn(l->loop, 0); /* messages that came too late, while all that they need is there */
}

void lane_close(struct lane *l)
{
    struct gateway *g = l->gateway;

    if (l->loop == NULL)
        return;
    http_server_free(l->server);
    for (struct backend *b = g->backends; b != NULL; b = b->next_of_process)
        backend_detach(b, l->index);
    state_detach(l->state);
    ticket_box_free(l->tickets);
    exchange_free_spares(l);
    scan_out_reset(&l->out);
    buf_reset(&l->head);
    buf_reset(&l->text);
    loop_free(l->loop);
    snapshot_unref(l->snapshot);
}

/* ---- health checks, lane 0 ---- */

void lane_stop_healths(struct gateway *g)
{
    for (size_t i = 0; i < g->health_count; i++)
        health_stop(g->healths[i]);
    free(g->healths);
    g->healths = NULL;
    g->health_count = 0;
}

void lane_start_healths(struct gateway *g, const struct snapshot *s)
{
    g->healths = mem_alloc(s->config->backend_count * sizeof(struct health *));
    for (; g->health_count < s->config->backend_count; g->health_count++) {
        const struct config_health *h = &s->config->backends[g->health_count].health;
        struct health_config c = {h->interval_ms, h->backoff_max_ms, h->up_after, h->down_after};

        g->healths[g->health_count] =
            health_start(s->routes.backends[g->health_count], 0, g->lanes[0].loop, &c);
    }
}

/* ---- a new snapshot ---- */

struct swap {
    struct lane *lane;
    struct snapshot *snapshot;
};

/* The place in `c` of the listener `address`: at `i` if it is there, or anywhere. */
static size_t find_listener(const struct config *c, const char *address, size_t i)
{
    if (i < c->listener_count && strcmp(c->listeners[i].address, address) == 0)
        return i;
    for (i = 0; i < c->listener_count; i++)
        if (strcmp(c->listeners[i].address, address) == 0)
            break;
    return i;
}

/* Which addresses are open, and whether for TLS, was decided at the start: of those only the
 * certificates may change. */
static void renew_tls(struct lane *l, const struct snapshot *s)
{
    const struct config *opened = l->gateway->opened->config;

    for (size_t i = 0; i < opened->listener_count; i++) {
        size_t at = find_listener(s->config, opened->listeners[i].address, i);

        if (at < s->config->listener_count && s->listener_tls[at] != NULL &&
            opened->listeners[i].certificate != NULL)
            http_server_set_tls(l->server, i, s->listener_tls[at]);
    }
}

static void on_swap(void *arg)
{
    struct swap *swap = arg;
    struct lane *l = swap->lane;
    struct snapshot *s = swap->snapshot, *old = l->snapshot;
    struct http_server_config config;
    struct error err;

    if (make_tickets(l, s, &err) != OK)
        log_error("config", STR_NONE, "tickets: %s", err.text);
    server_config(s->config, l, &config);
    http_server_configure(l->server, &config);
    renew_tls(l, s);
    l->snapshot = s;
    if (l->index == 0) {
        lane_stop_healths(l->gateway);
        lane_start_healths(l->gateway, s);
    }
    snapshot_unref(old);
    free(swap);
}

void lane_swap(struct lane *l, struct snapshot *s)
{
    struct swap *swap = NEW(struct swap);

    *swap = (struct swap){l, snapshot_ref(s)};
    loop_post(l->loop, on_swap, swap);
}
