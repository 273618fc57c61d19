/* SPDX-License-Identifier: Apache-2.0 */
/* config_complete.c - defaults that depend on the machine, and settings that must agree.
 *
 * Runs after the walk even when that found problems, so that all are seen at once: a value may be
 * missing here although the table demands it. Places come from the tree. */
#include "gateway/config_table.h"

#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

static const struct config_place top = {1, 1};

static void set_data_dir(struct config *c, const struct config_node *root, struct config_report *r)
{
    const char *xdg = getenv("XDG_DATA_HOME"), *home = getenv("HOME");

    if (c->data_dir != NULL || config_node_get(root, "data_dir") != NULL)
        return;
    if (xdg != NULL && xdg[0] == '/')
        c->data_dir = arena_printf(&c->arena, "%s/sleipnir", xdg).p;
    else if (home != NULL && home[0] == '/')
        c->data_dir = arena_printf(&c->arena, "%s/.local/share/sleipnir", home).p;
    else
        config_problem(r, top, "'data_dir' is needed: neither XDG_DATA_HOME nor HOME is set");
}

static void set_instance(struct config *c)
{
    char host[HOST_NAME_MAX + 1] = "localhost";

    if (c->instance != NULL)
        return;
    if (gethostname(host, sizeof(host)) != 0)
        memcpy(host, "localhost", sizeof("localhost"));
    host[sizeof(host) - 1] = '\0';
    for (char *p = host; *p != '\0'; p++)
        if (!config_is_name(str_of(p, 1), 1))
            *p = '-';
    c->instance = arena_printf(&c->arena, "%s-%ld", host, (long)getpid()).p;
}

static void set_threads(struct config *c)
{
    cpu_set_t cores;

    if (c->threads == 0)
        c->threads = sched_getaffinity(0, sizeof(cores), &cores) == 0 && CPU_COUNT(&cores) > 0
                         ? (unsigned)CPU_COUNT(&cores)
                         : 1;
    if (c->threads > CONFIG_THREADS_MAX)
        c->threads = CONFIG_THREADS_MAX;
}

static void set_listeners(struct config *c, const struct config_node *root)
{
    if (config_node_get(root, "listeners") != NULL)
        return;
    c->listeners = arena_zalloc(&c->arena, sizeof(*c->listeners));
    c->listeners[0].address = "127.0.0.1:8080";
    c->listener_count = 1;
}

/* A certificate is of no use without its key, nor the other way round. */
static void check_pair(const struct config_node *tls, const char *where, const char *name,
                       struct config_report *r)
{
    const struct config_node *certificate = config_node_get(tls, "certificate");
    const struct config_node *key = config_node_get(tls, "key");

    if ((certificate == NULL) != (key == NULL))
        config_problem(r, tls->key_place, "%s%s: 'tls.certificate' and 'tls.key' go together",
                       where, name);
}

static bool ends_with_port_0(const char *address)
{
    return address != NULL && str_ends(str_c(address), STR(":0"));
}

static bool same_address(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0 && !ends_with_port_0(a);
}

static void check_listeners(const struct config *c, const struct config_node *root,
                            struct config_report *r)
{
    const struct config_node *list = config_node_get(root, "listeners");
    const struct config_node *admin = config_node_at(root, "admin.address");
    const struct config_node *node = list != NULL && c->listener_count > 0 ? list->first : NULL;

    for (size_t i = 0; i < c->listener_count; i++) {
        const struct config_node *tls = config_node_get(node, "tls");
        struct config_place at = node != NULL ? node->place : top;

        if (tls != NULL && config_node_get(tls, "certificate") == NULL &&
            config_node_get(tls, "key") == NULL)
            config_problem(r, tls->key_place,
                           "listeners: 'tls' needs 'tls.certificate' and 'tls.key'");
        else if (tls != NULL)
            check_pair(tls, "listeners", "", r);
        for (size_t j = 0; j < i; j++)
            if (same_address(c->listeners[i].address, c->listeners[j].address))
                config_problem(r, at, "listeners: two on %s", c->listeners[i].address);
        if (same_address(c->listeners[i].address, c->admin_address))
            config_problem(r, admin != NULL ? admin->place : at,
                           "admin.address: %s is a listener of clients", c->admin_address);
        node = node != NULL ? node->next : NULL;
    }
}

static void check_state(const struct config *c, const struct config_node *root,
                        struct config_report *r)
{
    const struct config_node *state = config_node_get(root, "state");
    const struct config_node *url = config_node_get(state, "url");
    const struct config_node *urls = config_node_get(state, "urls");
    const struct config_node *any = url != NULL ? url : urls;
    const struct config_node *kind = config_node_get(state, "kind");

    if (url != NULL && urls != NULL)
        config_problem(r, urls->key_place, "state: 'url' or 'urls', not both");
    if (c->state.kind == CONFIG_STATE_REDIS && kind != NULL &&
        (any == NULL || (any->kind == CONFIG_NODE_LIST && any->count == 0)))
        config_problem(r, kind->place, "state: kind redis needs 'state.url' or 'state.urls'");
    if (c->state.kind == CONFIG_STATE_MEMORY && any != NULL && (kind == NULL || !kind->broken))
        config_problem(r, any->key_place, "state: '%.*s' needs 'kind: redis'", STR_ARG(any->key));
}

static void check_times(const struct config *c, const struct config_node *root,
                        struct config_report *r)
{
    const struct config_node *abandon = config_node_at(root, "statements.abandon_after");
    const struct config_node *ttl = config_node_at(root, "tickets.ttl");
    const struct config_node *at = ttl != NULL ? ttl : abandon;

    if (at != NULL && c->ticket_ttl_ms < c->abandon_after_ms)
        config_problem(r, at->place,
                       "tickets.ttl is shorter than statements.abandon_after: waiting clients "
                       "would lose their statements");
}

static void check_backend(const struct config_backend *b, const struct config_node *node,
                          struct config_report *r)
{
    const struct config_node *tls = config_node_get(node, "tls");
    const struct config_node *health = config_node_get(node, "health");
    struct config_quote q;

    config_quote(&q, str_c(b->name));
    if (tls != NULL)
        check_pair(tls, "backends.", q.text, r);
    if (tls != NULL && b->url != NULL && str_starts_nocase(str_c(b->url), STR("http://")))
        config_problem(r, tls->key_place, "backends.%s: 'tls' is set, but the url is http://",
                       q.text);
    if (health != NULL && b->health.backoff_max_ms < b->health.interval_ms)
        config_problem(r, health->key_place,
                       "backends.%s: health.backoff_max is shorter than health.interval", q.text);
}

void config_complete(struct config *c, const struct config_node *root, struct config_report *r)
{
    const struct config_node *backends = config_node_get(root, "backends");
    const struct config_node *node = backends != NULL ? backends->first : NULL;

    set_data_dir(c, root, r);
    set_instance(c);
    set_threads(c);
    set_listeners(c, root);
    check_listeners(c, root, r);
    check_state(c, root, r);
    check_times(c, root, r);
    for (size_t i = 0; i < c->backend_count && node != NULL; i++, node = node->next)
        check_backend(&c->backends[i], node, r);
}
