/* SPDX-License-Identifier: Apache-2.0 */
/* backends.c - see backends.h. */
#include "gateway/backends.h"

#include "base/log.h"
#include "engines/registry.h"
#include "gateway/gauges.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static void put_file_stamp(struct buf *out, const char *path)
{
    struct stat st;

    if (path != NULL && stat(path, &st) == 0)
        buf_printf(out, "%s:%lld:%lld.%ld;", path, (long long)st.st_size,
                   (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

/* All settings that need a new instance when they change. */
static void fingerprint(const struct config_backend *c, struct buf *out)
{
    buf_printf(out, "%d|%s|%d|%llu|%llu|%u|%u|%d|%s|%s|", (int)c->engine, c->url, (int)c->verify,
               (unsigned long long)c->connect_timeout_ms,
               (unsigned long long)c->first_byte_timeout_ms, c->idle_connections, c->compression,
               (int)c->spooling, c->health.statement != NULL ? c->health.statement : "",
               c->health.user);
    buf_printf(out, "%llu|%d|", (unsigned long long)c->health.timeout_ms, c->forwarded);
    for (size_t i = 0; i < c->drop_session_properties.count; i++)
        buf_printf(out, "-%s|", c->drop_session_properties.items[i]);
    for (size_t i = 0; i < c->rename_session_properties.count; i++)
        buf_printf(out, "%s|", c->rename_session_properties.items[i]);
    put_file_stamp(out, c->ca);
    put_file_stamp(out, c->certificate);
    put_file_stamp(out, c->key);
}

static void fill_settings(struct registry_settings *s, const struct config_backend *c)
{
    static const enum tls_verify verify[] = {
        [CONFIG_VERIFY_FULL] = TLS_VERIFY_FULL,
        [CONFIG_VERIFY_CA] = TLS_VERIFY_CA,
        [CONFIG_VERIFY_NONE] = TLS_VERIFY_NONE,
    };

    *s = (struct registry_settings){
        .engine = c->engine == CONFIG_ENGINE_TRINO ? "trino" : "presto",
        .name = c->name,
        .url = c->url,
        .ca = c->ca,
        .certificate = c->certificate,
        .key = c->key,
        .verify = verify[c->verify],
        .connect_ms = c->connect_timeout_ms,
        .first_byte_ms = c->first_byte_timeout_ms,
        .probe_timeout_ms = c->health.timeout_ms,
        .idle_connections = c->idle_connections,
        .gzip = c->compression != 0,
        .spooling = c->spooling == CONFIG_SPOOLING_PASS,
        .forwarded = c->forwarded,
        .drop_properties = c->drop_session_properties.items,
        .drop_count = c->drop_session_properties.count,
        .rename_properties = c->rename_session_properties.items,
        .rename_count = c->rename_session_properties.count,
        .probe_statement = c->health.statement,
        .probe_user = c->health.user,
    };
}

static int open_backend(struct backend **out, struct gateway *g, const struct config_backend *c,
                        struct str print, struct error *err)
{
    struct backend *b = NEW(struct backend);
    struct registry_settings settings;
    int rc;

    fill_settings(&settings, c);
    rc = registry_open(&settings, &b->settings, &b->engine, &b->ops, err);
    if (rc != OK) {
        arena_reset(&b->settings);
        free(b);
        return rc;
    }
    snprintf(b->name, sizeof(b->name), "%s", c->name);
    b->fingerprint = str_dup(print);
    b->ops->describe(b->engine, &b->facts);
    b->state = BACKEND_STARTING;
    pthread_mutex_init(&b->lock, NULL);
    gauges_count_backend(g, b);
    b->next_of_process = g->backends;
    g->backends = b;
    *out = b;
    return OK;
}

static void close_newest(struct gateway *g)
{
    struct backend *b = g->backends;

    g->backends = b->next_of_process;
    b->ops->close(b->engine);
    arena_reset(&b->settings);
    pthread_mutex_destroy(&b->lock);
    free(b->fingerprint);
    free(b);
}

/* The same backend as before, when its settings are. */
static struct backend *kept_backend(const struct route_table *before, const char *name,
                                    struct str print)
{
    struct backend *b = before != NULL ? route_backend(before, str_c(name)) : NULL;

    return b != NULL && !b->retired && str_eq(str_c(b->fingerprint), print) ? b : NULL;
}

static int keep_or_open(struct backend **out, struct gateway *g, const struct config_backend *c,
                        const struct route_table *before, struct error *err)
{
    struct buf print = buf_make(65536);
    int rc = OK;

    fingerprint(c, &print);
    *out = kept_backend(before, c->name, buf_str(&print));
    if (*out == NULL)
        rc = open_backend(out, g, c, buf_str(&print), err);
    buf_reset(&print);
    return rc;
}

static bool in_table(const struct route_table *t, const struct backend *b)
{
    for (size_t i = 0; i < t->backend_count; i++)
        if (t->backends[i] == b)
            return true;
    return false;
}

/* Behind those of the configuration, so that a name finds the living one first. */
static void retire_others(struct route_table *t, const struct route_table *before)
{
    for (size_t i = 0; i < before->backend_count; i++) {
        struct backend *b = before->backends[i];

        if (in_table(t, b))
            continue;
        if (!b->retired)
            log_info("config", STR_NONE, "backend %s retires with %u statements", b->name,
                     atomic_load(&b->outstanding));
        b->retired = true;
        t->backends[t->backend_count++] = b;
    }
}

int backends_open(struct route_table *t, struct gateway *g, const struct config *c,
                  const struct route_table *before, struct error *err)
{
    size_t old = before != NULL ? before->backend_count : 0;
    struct backend *last = g->backends;

    t->backends = mem_alloc((c->backend_count + old) * sizeof(struct backend *));
    for (; t->backend_count < c->backend_count; t->backend_count++) {
        int rc = keep_or_open(&t->backends[t->backend_count], g, &c->backends[t->backend_count],
                              before, err);

        if (rc == OK)
            continue;
        t->backend_count = 0;
        while (g->backends != last)
            close_newest(g);
        return rc;
    }
    for (size_t i = 0; i < c->backend_count; i++) {
        t->backends[i]->configured_draining = c->backends[i].draining;
        gauges_watch_backend(g, t->backends[i]);
    }
    if (before != NULL)
        retire_others(t, before);
    return OK;
}

void backends_close(struct gateway *g)
{
    while (g->backends != NULL)
        close_newest(g);
}
