/* SPDX-License-Identifier: Apache-2.0 */
/* registry.c - see registry.h. */
#include "engines/registry.h"

#include "engines/cluster/cluster.h"

static const char *keep(struct arena *a, const char *text)
{
    return text != NULL ? arena_str(a, str_c(text)).p : NULL;
}

static const char *const *keep_all(struct arena *a, const char *const *list, size_t n)
{
    const char **copy = arena_alloc(a, n * sizeof(char *));

    for (size_t i = 0; i < n; i++)
        copy[i] = keep(a, list[i]);
    return copy;
}

static int open_cluster(const struct registry_settings *s, enum dialect d, struct arena *kept,
                        struct engine **out, const struct engine_ops **ops, struct error *err)
{
    struct tls_client_config tls = {s->ca, s->certificate, s->key, s->verify};
    struct cluster_config c = {
        .name = keep(kept, s->name),
        .dialect = d,
        .url = str_c(s->url),
        .connect_ms = s->connect_ms,
        .first_byte_ms = s->first_byte_ms,
        .idle_connections = s->idle_connections,
        .gzip = s->gzip,
        .spooling = s->spooling,
        .forwarded = s->forwarded,
        .drop_properties = keep_all(kept, s->drop_properties, s->drop_count),
        .drop_count = s->drop_count,
        .rename_properties = keep_all(kept, s->rename_properties, s->rename_count),
        .rename_count = s->rename_count,
        .probe_timeout_ms = s->probe_timeout_ms,
        .probe_statement = keep(kept, s->probe_statement),
        .probe_user = keep(kept, s->probe_user),
    };
    int rc;

    if (str_starts_nocase(c.url, STR("https://")))
        TRY(tls_client_new(&c.tls, &tls, err));
    rc = cluster_open(out, ops, &c, err);
    tls_unref(c.tls);
    return rc;
}

static int open_trino(const struct registry_settings *s, struct arena *kept, struct engine **out,
                      const struct engine_ops **ops, struct error *err)
{
    return open_cluster(s, DIALECT_TRINO, kept, out, ops, err);
}

static int open_presto(const struct registry_settings *s, struct arena *kept, struct engine **out,
                       const struct engine_ops **ops, struct error *err)
{
    return open_cluster(s, DIALECT_PRESTO, kept, out, ops, err);
}

static const struct {
    const char *engine;
    int (*open)(const struct registry_settings *s, struct arena *kept, struct engine **out,
                const struct engine_ops **ops, struct error *err);
} engines[] = {
    {"trino", open_trino},
    {"presto", open_presto},
};

int registry_open(const struct registry_settings *s, struct arena *kept, struct engine **out,
                  const struct engine_ops **ops, struct error *err)
{
    for (size_t i = 0; i < ARRAY_LEN(engines); i++)
        if (strcmp(engines[i].engine, s->engine) == 0)
            return engines[i].open(s, kept, out, ops, err);
    return error_set(err, ERR_INVALID, "backend %s: unknown engine '%s'", s->name, s->engine);
}
