/* SPDX-License-Identifier: Apache-2.0 */
/* server.c - see server.h.
 *
 * The main thread opens everything, starts a thread a lane, and then only waits for signals: it is
 * free to block, so configuration files are read here. A reload builds a new snapshot and posts it
 * to every lane; a lane takes it between two turns. */
#include "gateway/server.h"

#include "base/clock.h"
#include "base/log.h"
#include "gateway/abandon.h"
#include "gateway/backends.h"
#include "gateway/gauges.h"
#include "gateway/lane.h"
#include "gateway/listen.h"
#include "gateway/notify.h"
#include "gateway/snapshot.h"
#include "gateway/stmts.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define WORKER_THREADS 1

/* ---- reload ---- */

static void apply_log(struct gateway *g, const struct config *c)
{
    static const enum log_level levels[] = {
        [CONFIG_LOG_DEBUG] = LOG_LEVEL_DEBUG,
        [CONFIG_LOG_INFO] = LOG_LEVEL_INFO,
        [CONFIG_LOG_WARN] = LOG_LEVEL_WARN,
        [CONFIG_LOG_ERROR] = LOG_LEVEL_ERROR,
    };

    log_set(c->log.format == CONFIG_LOG_JSON ? LOG_JSON : LOG_LOGFMT, levels[c->log.level],
            STDERR_FILENO);
    g->log_statements = c->log.statements;
}

static void make_folder(const char *path)
{
    char *copy = str_dup(str_c(path));

    for (char *p = copy + 1; *p != '\0'; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        mkdir(copy, 0755); /* what fails here shows at the last one */
        *p = '/';
    }
    if (mkdir(copy, 0700) != 0 && errno != EEXIST)
        log_error("main", STR_NONE, "cannot create data_dir %s: %m", path);
    free(copy);
}

static int load_snapshot(struct gateway *g, const char *file, struct snapshot **out)
{
    struct config *config;
    struct buf more = buf_make(65536);
    struct error err;
    int rc = config_load(&config, file, &more, &err);

    if (rc == OK) {
        make_folder(config->data_dir);
        rc = snapshot_new(out, g, config, g->snapshot, &err);
    }
    if (rc != OK) {
        log_error("config", STR_NONE, "%s", err.text);
        for (struct str rest = buf_str(&more); rest.n > 0;) {
            struct str line = str_split(&rest, '\n');

            if (line.n > 0)
                log_error("config", STR_NONE, "%.*s", STR_ARG(line));
        }
    }
    buf_reset(&more);
    return rc;
}

static void reload(struct gateway *g, const char *file)
{
    struct buf restart = buf_make(4096);
    struct snapshot *s;

    notify_reloading();
    if (load_snapshot(g, file, &s) != OK) {
        log_error("config", STR_NONE, "reload failed, the old configuration stays");
        notify("READY=1");
        return;
    }
    config_restart_needed(g->opened->config, s->config, &restart);
    if (restart.n > 0)
        log_warn("config", STR_NONE, "these settings need a restart: %.*s",
                 STR_ARG(buf_str(&restart)));
    buf_reset(&restart);
    apply_log(g, s->config);
    for (unsigned i = 0; i < g->lane_count; i++)
        lane_swap(&g->lanes[i], s);
    snapshot_unref(g->snapshot);
    g->snapshot = s;
    log_info("config", STR_NONE, "reloaded %s (generation %llu)", file,
             (unsigned long long)s->generation);
    notify("READY=1");
}

/* ---- start ---- */

static int load_first(struct gateway *g, const char *file)
{
    TRY(load_snapshot(g, file, &g->snapshot));
    g->opened = snapshot_ref(g->snapshot);
    apply_log(g, g->snapshot->config);
    return OK;
}

static int open_state(struct gateway *g, const struct config *c, struct error *err)
{
    struct state_config s = {
        .kind = c->state.kind == CONFIG_STATE_REDIS ? STATE_REDIS : STATE_MEMORY,
        .urls = c->state.urls.items,
        .url_count = c->state.urls.count,
        .prefix = c->state.prefix,
        .instance = c->instance,
        .ttl_ms = c->state.ttl_ms,
        .timeout_ms = c->state.timeout_ms,
        .tls_ca = c->state.ca,
        .tls_verify = c->state.verify,
        .memory_entries = c->state.memory_entries,
    };

    TRY(state_open(&g->state, &s, g->metrics, err));
    state_on_message(g->state, stmts_on_news, g->stmts);
    return OK;
}

/* Statements are more important than their record: without a database the gateway serves, and says
 * so. */
static void open_history(struct gateway *g, const struct config *c)
{
    struct buf path = buf_make(8192);
    struct history_config h = {
        .queue_max = c->history.queue_max,
        .sql_max_bytes = c->history.sql_max_bytes,
        .sql_nesting = c->limits.sql_nesting,
        .sql_tokens = c->limits.sql_tokens,
        .redact_literals = c->history.redact_literals,
        .retention_age_ms = c->history.retention_age_ms,
        .retention_size_bytes = c->history.retention_size_bytes,
        .flush_ms = c->history.flush_ms,
    };
    struct error err;

    if (!c->history.enabled)
        return;
    if (c->history.path != NULL)
        buf_put_str(&path, str_c(c->history.path));
    else
        buf_printf(&path, "%s/history.db", c->data_dir);
    buf_put_c(&path, '\0');
    h.path = path.p;
    if (history_open(&g->history, &h, g->metrics, &err) != OK) {
        log_error("history", STR_NONE, "statements are not recorded: %s", err.text);
        g->history = NULL;
    }
    buf_reset(&path);
}

static int open_all(struct gateway *g, struct listening *listening, struct error *err)
{
    const struct config *c = g->snapshot->config;

    g->instance = strdup(c->instance);
    g->stmts = stmts_new(g);
    open_history(g, c);
    TRY(workers_new(&g->workers, WORKER_THREADS, err));
    TRY(open_state(g, c, err));
    g->lanes = mem_zalloc(c->threads * sizeof(*g->lanes));
    while (g->lane_count < c->threads) {
        unsigned i = g->lane_count++; /* close_all() closes a half-open one as well */

        TRY(lane_open(&g->lanes[i], g, i, err));
    }
    TRY(listen_all(listening, g, err));
    gauges_watch(g);
    lane_start_healths(g, g->snapshot);
    g->abandon = abandon_start(&g->lanes[0]);
    return OK;
}

static void close_all(struct gateway *g)
{
    lane_stop_healths(g);
    abandon_stop(g->abandon);
    http_server_free(g->admin);
    workers_free(g->workers);
    for (unsigned i = 0; i < g->lane_count; i++)
        lane_close(&g->lanes[i]);
    snapshot_unref(g->opened);
    snapshot_unref(g->snapshot);
    backends_close(g);
    state_close(g->state);
    history_close(g->history);
    stmts_free(g->stmts);
    metrics_free(g->metrics);
    free(g->lanes);
    free((void *)(uintptr_t)g->instance);
}

static void write_ready(const char *file, const struct listening *l)
{
    struct buf text = buf_make(65536), temp = buf_make(8192);
    FILE *f;

    buf_printf(&text, "{\"pid\":%d,\"listeners\":[", (int)getpid());
    for (size_t i = 0; i < l->count; i++)
        buf_printf(&text, "%s\"%s\"", i > 0 ? "," : "", l->addresses[i]);
    buf_printf(&text, "],\"admin\":\"%s\"}\n", l->admin);
    buf_printf(&temp, "%s.tmp", file);
    buf_put_c(&temp, '\0');
    f = fopen(temp.p, "we");
    if (f == NULL || fwrite(text.p, 1, text.n, f) != text.n || fclose(f) != 0 ||
        rename(temp.p, file) != 0)
        log_error("main", STR_NONE, "cannot write the ready file %s: %m", file);
    buf_reset(&text);
    buf_reset(&temp);
}

/* ---- stop ---- */

static void on_drain(void *arg)
{
    http_server_drain(((struct lane *)arg)->server);
}

static uint64_t open_connections(const struct gateway *g)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < g->lane_count; i++) {
        struct http_server_stats st;

        http_server_stats(g->lanes[i].server, &st);
        n += st.open;
    }
    return n;
}

/* New statements are refused from now on. Polls are served until no statement is left that this
 * instance knows, or until the deadline; then connections end after their current answer. */
static void drain(struct gateway *g)
{
    uint64_t limit_ms = g->snapshot->config->drain_timeout_ms;
    uint64_t begin_us = clock_mono_us();

    g->draining = true;
    notify("STOPPING=1");
    log_info("main", STR_NONE, "draining: %llu statements run, at most %llu ms",
             (unsigned long long)stmts_count(g->stmts), (unsigned long long)limit_ms);
    while (stmts_count(g->stmts) > 0 && (clock_mono_us() - begin_us) / 1000 < limit_ms)
        usleep(20000);
    for (unsigned i = 0; i < g->lane_count; i++)
        loop_post(g->lanes[i].loop, on_drain, &g->lanes[i]);
    begin_us = clock_mono_us();
    while (open_connections(g) > 0 && clock_mono_us() - begin_us < 2000000)
        usleep(10000);
}

static void raise_file_limit(void)
{
    struct rlimit lim;

    if (getrlimit(RLIMIT_NOFILE, &lim) == 0 && lim.rlim_cur < lim.rlim_max) {
        lim.rlim_cur = lim.rlim_max;
        setrlimit(RLIMIT_NOFILE, &lim); /* the soft limit stays if this fails */
    }
}

/* Buffers of a page's size come and go all the time: from the heap they cost no page faults, as
 * fresh mappings would each time. */
static void tune_allocator(void)
{
    mallopt(M_MMAP_THRESHOLD, 4 << 20);
    mallopt(M_TRIM_THRESHOLD, 8 << 20);
}

static void serve(struct gateway *g, const char *file, const sigset_t *signals)
{
    int sig = 0;

    while (sigwait(signals, &sig) == 0 && sig == SIGHUP)
        reload(g, file);
    drain(g);
}

int server_run(const char *file, const char *ready_file)
{
    struct gateway g = {.started_ms = clock_wall_ms()};
    struct listening listening = {0};
    struct error err;
    sigset_t signals;
    int rc;

    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); /* inherited by all threads */
    raise_file_limit();
    tune_allocator();
    g.metrics = metrics_new();
    gauges_count(&g);
    rc = load_first(&g, file);
    if (rc == OK && (rc = open_all(&g, &listening, &err)) != OK)
        log_error("main", STR_NONE, "%s", err.text);
    for (unsigned i = 0; rc == OK && i < g.lane_count; i++)
        if ((rc = lane_start(&g.lanes[i], &err)) != OK)
            log_error("main", STR_NONE, "%s", err.text);
    if (rc == OK) {
        if (ready_file != NULL)
            write_ready(ready_file, &listening);
        for (size_t i = 0; i < listening.count; i++)
            log_info("main", STR_NONE, "serving on %s", listening.addresses[i]);
        notify("READY=1");
        serve(&g, file, &signals);
    }
    for (unsigned i = 0; i < g.lane_count; i++)
        lane_stop(&g.lanes[i]);
    close_all(&g);
    log_info("main", STR_NONE, "ended");
    return rc == OK ? 0 : 1;
}
