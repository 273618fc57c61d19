/* SPDX-License-Identifier: Apache-2.0 */
/* snapshot.c - see snapshot.h. */
#include "gateway/snapshot.h"

#include "base/log.h"
#include "base/tls.h"
#include "engines/registry.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- backends ---- */

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

static void make_metrics(struct gateway *g, struct backend *b)
{
    struct buf labels = buf_make(256);
    struct metrics *m = g->metrics;
    const char *l;

    metrics_label(&labels, "backend", str_c(b->name));
    buf_put_c(&labels, '\0');
    l = labels.p;
    b->metrics = (struct backend_metrics){
        .submitted = metrics_counter(m, "sleipnir_backend_submitted_total",
                                     "Statements sent to the backend, accepted or not", l),
        .refused = metrics_counter(m, "sleipnir_backend_refused_total",
                                   "Statements that the backend did not accept", l),
        .polls =
            metrics_counter(m, "sleipnir_backend_polls_total", "Polls passed to the backend", l),
        .poll_failures = metrics_counter(m, "sleipnir_backend_poll_failures_total",
                                         "Polls that the backend did not answer", l),
        .bytes = metrics_counter(m, "sleipnir_backend_bytes_total",
                                 "Bytes of the backend's pages given to clients", l),
        .probes = metrics_counter(m, "sleipnir_backend_probes_total", "Health checks", l),
        .probe_failures =
            metrics_counter(m, "sleipnir_backend_probe_failures_total", "Failed health checks", l),
        .duration = metrics_histogram(m, "sleipnir_backend_statement_seconds",
                                      "From POST to the end of a statement", l),
    };
    buf_reset(&labels);
}

static double read_outstanding(void *arg)
{
    return atomic_load(&((struct backend *)arg)->outstanding);
}

static double read_state(void *arg)
{
    return backend_visible_state(arg);
}

static void make_callbacks(struct gateway *g, struct backend *b)
{
    struct buf labels = buf_make(256);

    metrics_label(&labels, "backend", str_c(b->name));
    buf_put_c(&labels, '\0');
    metrics_callback(g->metrics, "sleipnir_backend_outstanding",
                     "Statements that run on the backend, as this instance knows", labels.p, false,
                     read_outstanding, b);
    metrics_callback(g->metrics, "sleipnir_backend_state", "0 starting, 1 up, 2 draining, 3 down",
                     labels.p, false, read_state, b);
    buf_reset(&labels);
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
    make_metrics(g, b);
    b->next_of_process = g->backends;
    g->backends = b;
    *out = b;
    return OK;
}

/* The same backend as before, when its settings are. */
static struct backend *kept_backend(const struct snapshot *before, const char *name,
                                    struct str print)
{
    for (size_t i = 0; before != NULL && i < before->routes.backend_count; i++) {
        struct backend *b = before->routes.backends[i];

        if (!b->retired && str_eq(str_c(b->name), str_c(name)) &&
            str_eq(str_c(b->fingerprint), print))
            return b;
    }
    return NULL;
}

static int make_backends(struct snapshot *s, struct gateway *g, const struct snapshot *before,
                         struct error *err)
{
    struct route_table *t = &s->routes;
    size_t old = before != NULL ? before->routes.backend_count : 0;

    t->backends = mem_alloc((s->config->backend_count + old) * sizeof(struct backend *));
    for (size_t i = 0; i < s->config->backend_count; i++) {
        const struct config_backend *c = &s->config->backends[i];
        struct buf print = buf_make(65536);
        struct backend *b;
        int rc = OK;

        fingerprint(c, &print);
        b = kept_backend(before, c->name, buf_str(&print));
        if (b == NULL)
            rc = open_backend(&b, g, c, buf_str(&print), err);
        buf_reset(&print);
        if (rc != OK)
            return rc;
        t->backends[t->backend_count++] = b;
    }
    return OK;
}

static bool in_table(const struct route_table *t, const struct backend *b)
{
    for (size_t i = 0; i < t->backend_count; i++)
        if (t->backends[i] == b)
            return true;
    return false;
}

/* Behind those of the configuration, so that a name finds the living one first. */
static void retire_others(struct snapshot *s, const struct snapshot *before)
{
    struct route_table *t = &s->routes;

    for (size_t i = 0; before != NULL && i < before->routes.backend_count; i++) {
        struct backend *b = before->routes.backends[i];

        if (in_table(t, b))
            continue;
        if (!b->retired)
            log_info("config", STR_NONE, "backend %s retires with %u statements", b->name,
                     atomic_load(&b->outstanding));
        b->retired = true;
        t->backends[t->backend_count++] = b;
    }
}

/* ---- groups ---- */

static void make_group(struct snapshot *s, struct route_group *g, const struct config_group *c)
{
    static const enum route_balance balances[] = {
        [BALANCE_LEAST_OUTSTANDING] = ROUTE_LEAST_OUTSTANDING,
        [BALANCE_WEIGHTED] = ROUTE_WEIGHTED,
        [BALANCE_ROUND_ROBIN] = ROUTE_ROUND_ROBIN,
        [BALANCE_RANDOM_TWO] = ROUTE_RANDOM_TWO,
        [BALANCE_STICKY_USER] = ROUTE_STICKY_USER,
    };

    g->name = c->name;
    g->balance = balances[c->balance];
    g->count = c->member_count;
    g->members = mem_alloc(c->member_count * sizeof(*g->members));
    for (size_t i = 0; i < c->member_count; i++) {
        g->members[i].backend = route_backend(&s->routes, str_c(c->members[i].backend));
        g->members[i].weight = c->members[i].weight;
    }
}

static void make_groups(struct snapshot *s)
{
    const struct config *c = s->config;
    struct route_table *t = &s->routes;

    t->groups = mem_zalloc(c->group_count * sizeof(*t->groups));
    t->group_count = c->group_count;
    for (size_t i = 0; i < c->group_count; i++) {
        make_group(s, &t->groups[i], &c->groups[i]);
        if (strcmp(c->groups[i].name, c->default_group) == 0)
            t->fallback = &t->groups[i];
    }
}

/* ---- keys ---- */

static bool hex_key(const char *text, unsigned char key[TICKET_KEY_BYTES])
{
    for (size_t i = 0; i < TICKET_KEY_BYTES; i++)
        if (sscanf(text + 2 * i, "%2hhx", &key[i]) != 1)
            return false;
    return true;
}

static int read_key_file(const char *path, unsigned char key[TICKET_KEY_BYTES])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char text[2 * TICKET_KEY_BYTES + 1] = "";
    ssize_t n;

    if (fd < 0)
        return ERR_NOT_FOUND;
    n = read(fd, text, sizeof(text) - 1);
    close(fd);
    return n == 2 * TICKET_KEY_BYTES && hex_key(text, key) ? OK : ERR_CORRUPT;
}

/* Two instances that start on one folder at once must agree: O_EXCL, the loser reads. */
static int make_key_file(const char *path, unsigned char key[TICKET_KEY_BYTES], struct error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    struct buf text = buf_make(256);
    bool written;

    if (fd < 0)
        return error_set(err, ERR_INVALID, "cannot create %s: %m", path);
    if (getrandom(key, TICKET_KEY_BYTES, 0) != TICKET_KEY_BYTES)
        abort();
    for (size_t i = 0; i < TICKET_KEY_BYTES; i++)
        buf_printf(&text, "%02x", key[i]);
    buf_put_c(&text, '\n');
    written = write(fd, text.p, text.n) == (ssize_t)text.n && fsync(fd) == 0;
    buf_reset(&text);
    close(fd);
    if (written)
        return OK;
    unlink(path);
    return error_set(err, ERR_INVALID, "cannot write %s: %m", path);
}

static int own_key(struct snapshot *s, struct error *err)
{
    struct buf path = buf_make(8192);
    int rc;

    buf_printf(&path, "%s/ticket.key", s->config->data_dir);
    buf_put_c(&path, '\0');
    rc = read_key_file(path.p, s->keys[0]);
    if (rc == ERR_NOT_FOUND) {
        rc = make_key_file(path.p, s->keys[0], err);
        for (int i = 0; rc != OK && i < 50; i++) { /* another instance is writing it */
            usleep(10000);
            rc = read_key_file(path.p, s->keys[0]);
        }
    } else if (rc == ERR_CORRUPT) {
        error_set(err, ERR_INVALID, "%s is not a key of 64 hexadecimal digits", path.p);
    }
    s->key_count = 1;
    buf_reset(&path);
    return rc;
}

static int make_keys(struct snapshot *s, struct error *err)
{
    const struct config_strings *keys = &s->config->ticket_keys;

    if (keys->count == 0)
        return own_key(s, err);
    if (keys->count > TICKET_KEYS_MAX)
        return error_set(err, ERR_INVALID, "tickets.keys: more than %d keys", TICKET_KEYS_MAX);
    for (size_t i = 0; i < keys->count; i++)
        if (!hex_key(keys->items[i], s->keys[i]))
            return error_set(err, ERR_INVALID, "tickets.keys: not 64 hexadecimal digits");
    s->key_count = keys->count;
    return OK;
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
    TRY(make_keys(s, err));
    TRY(make_tls(s, err));
    TRY(make_networks(s, err));
    TRY(make_backends(s, g, before, err));
    for (size_t i = 0; i < s->config->backend_count; i++) {
        struct backend *b = s->routes.backends[i];

        b->configured_draining = s->config->backends[i].draining;
        s->wants_forwarded = s->wants_forwarded || b->facts.wants_forwarded;
        make_callbacks(g, b); /* of the same labels: the newest backend of a name is shown */
    }
    retire_others(s, before);
    make_groups(s);
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
    explicit_bzero(s->keys, sizeof(s->keys));
    free(s);
}

void snapshot_close_backends(struct gateway *g)
{
    for (struct backend *b = g->backends, *next; b != NULL; b = next) {
        next = b->next_of_process;
        b->ops->close(b->engine);
        arena_reset(&b->settings);
        pthread_mutex_destroy(&b->lock);
        free(b->fingerprint);
        free(b);
    }
    g->backends = NULL;
}
