/* SPDX-License-Identifier: Apache-2.0 */
/* snapshot.c - see snapshot.h. */
#include "gateway/snapshot.h"

#include "base/tls.h"
#include "gateway/backends.h"
#include "gateway/gauges.h"

#include <stdlib.h>

/* ---- groups ---- */

static void make_group(struct snapshot *s, struct gateway *gateway, struct route_group *g,
                       const struct config_group *c)
{
    static const enum route_balance balances[] = {
        [BALANCE_LEAST_OUTSTANDING] = ROUTE_LEAST_OUTSTANDING,
        [BALANCE_WEIGHTED] = ROUTE_WEIGHTED,
        [BALANCE_ROUND_ROBIN] = ROUTE_ROUND_ROBIN,
        [BALANCE_RANDOM_TWO] = ROUTE_RANDOM_TWO,
        [BALANCE_STICKY_USER] = ROUTE_STICKY_USER,
    };

    g->name = c->name;
    g->accepted = gauges_count_group(gateway, c->name);
    g->balance = balances[c->balance];
    g->count = c->member_count;
    g->members = mem_alloc(c->member_count * sizeof(*g->members));
    for (size_t i = 0; i < c->member_count; i++) {
        g->members[i].backend = route_backend(&s->routes, str_c(c->members[i].backend));
        g->members[i].weight = c->members[i].weight;
    }
}

static void make_groups(struct snapshot *s, struct gateway *g)
{
    const struct config *c = s->config;
    struct route_table *t = &s->routes;

    t->groups = mem_zalloc(c->group_count * sizeof(*t->groups));
    t->group_count = c->group_count;
    for (size_t i = 0; i < c->group_count; i++) {
        make_group(s, g, &t->groups[i], &c->groups[i]);
        if (strcmp(c->groups[i].name, c->default_group) == 0)
            t->fallback = &t->groups[i];
    }
}

/* ---- listeners, networks ---- */

static int make_tls(struct snapshot *s, struct error *err)
{
    const struct config *c = s->config;

    s->listener_tls = mem_zalloc(c->listener_count * sizeof(struct tls_context *));
    for (size_t i = 0; i < c->listener_count; i++) {
        const struct config_listener *l = &c->listeners[i];
        struct tls_server_config tls = {l->certificate, l->key, l->client_ca};

        if (l->certificate != NULL)
            TRY(tls_server_new(&s->listener_tls[i], &tls, err)); /* freed with the snapshot */
    }
    return OK;
}

static int make_networks(struct snapshot *s, struct error *err)
{
    const struct config_strings *list = &s->config->trusted_proxies;

    s->trusted = mem_zalloc(list->count * sizeof(*s->trusted));
    for (; s->trusted_count < list->count; s->trusted_count++)
        TRY(network_parse(&s->trusted[s->trusted_count], str_c(list->items[s->trusted_count]),
                          err));
    return OK;
}

/* ---- the whole ---- */

static int build(struct snapshot *s, struct gateway *g, const struct snapshot *before,
                 struct error *err)
{
    const struct config *c = s->config;

    TRY(keys_load(&s->keys, &c->ticket_keys, c->data_dir, err));
    TRY(make_tls(s, err));
    TRY(make_networks(s, err));
    TRY(backends_open(&s->routes, g, c, before != NULL ? &before->routes : NULL, err));
    for (size_t i = 0; i < c->backend_count; i++)
        s->wants_forwarded |= s->routes.backends[i]->facts.wants_forwarded;
    make_groups(s, g);
    return OK;
}

int snapshot_new(struct snapshot **out, struct gateway *g, struct config *config,
                 const struct snapshot *before, struct error *err)
{
    struct snapshot *s = NEW(struct snapshot);
    int rc;

    s->config = config;
    s->refs = 1;
    s->generation = before != NULL ? before->generation + 1 : 1;
    rc = build(s, g, before, err);
    if (rc != OK) {
        snapshot_unref(s);
        return rc;
    }
    *out = s;
    return OK;
}

struct snapshot *snapshot_ref(struct snapshot *s)
{
    atomic_fetch_add(&s->refs, 1);
    return s;
}

void snapshot_unref(struct snapshot *s)
{
    if (s == NULL || atomic_fetch_sub(&s->refs, 1) != 1)
        return;
    for (size_t i = 0; s->listener_tls != NULL && i < s->config->listener_count; i++)
        tls_unref(s->listener_tls[i]);
    for (size_t i = 0; i < s->routes.group_count; i++)
        free(s->routes.groups[i].members);
    free(s->listener_tls);
    free(s->routes.groups);
    free(s->routes.backends);
    free(s->trusted);
    config_free(s->config);
    explicit_bzero(&s->keys, sizeof(s->keys));
    free(s);
}
