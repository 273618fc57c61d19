/* SPDX-License-Identifier: Apache-2.0 */
/* gauges.c - see gauges.h. */
#include "gateway/gauges.h"

#include "base/clock.h"
#include "gateway/stmts.h"

#include <stdio.h>

/* ---- the process ---- */

void gauges_count(struct gateway *g)
{
    struct metrics *m = g->metrics;

    g->m = (struct gateway_metrics){
        .statements =
            {metrics_counter(m, "sleipnir_statements_total",
                             "Statements accepted, by the client's dialect", "dialect=\"none\""),
             metrics_counter(m, "sleipnir_statements_total",
                             "Statements accepted, by the client's dialect", "dialect=\"presto\""),
             metrics_counter(m, "sleipnir_statements_total",
                             "Statements accepted, by the client's dialect", "dialect=\"trino\"")},
        .finished = metrics_counter(m, "sleipnir_statements_ended_total",
                                    "Statements ended, by how", "state=\"finished\""),
        .failed = metrics_counter(m, "sleipnir_statements_ended_total", "Statements ended, by how",
                                  "state=\"failed\""),
        .cancelled = metrics_counter(m, "sleipnir_statements_ended_total",
                                     "Statements ended, by how", "state=\"canceled\""),
        .abandoned = metrics_counter(m, "sleipnir_statements_ended_total",
                                     "Statements ended, by how", "state=\"abandoned\""),
        .polls = metrics_counter(m, "sleipnir_polls_total", "Requests for statement URIs", ""),
        .pages_same = metrics_counter(m, "sleipnir_pages_total",
                                      "Pages passed on in the client's dialect", "kind=\"passed\""),
        .pages_translated =
            metrics_counter(m, "sleipnir_pages_total", "Pages passed on in the client's dialect",
                            "kind=\"translated\""),
        .bytes_out = metrics_counter(m, "sleipnir_page_bytes_total",
                                     "Body bytes of clusters' answers given to clients", ""),
        .rows_out = metrics_counter(m, "sleipnir_rows_total", "Result rows given to clients", ""),
        .tickets_refused = metrics_counter(m, "sleipnir_tickets_refused_total",
                                           "URIs with a forged, foreign or expired ticket", ""),
        .no_backend =
            metrics_counter(m, "sleipnir_no_backend_total", "Statements that no backend took", ""),
        .refused_requests = metrics_counter(m, "sleipnir_requests_refused_total",
                                            "Submissions refused with an HTTP error", ""),
        .client_gone = metrics_counter(m, "sleipnir_clients_gone_total",
                                       "Clients that left while their answer was under way", ""),
        .retries = metrics_counter(m, "sleipnir_submit_retries_total",
                                   "Submissions refused by one backend and tried at the next", ""),
        .upstream_pauses = metrics_counter(m, "sleipnir_backpressure_total",
                                           "Times a slow client stopped the reading of a page", ""),
        .translation_errors = metrics_counter(m, "sleipnir_translation_errors_total",
                                              "Pages that could not be translated", ""),
        .poll_seconds = metrics_histogram(m, "sleipnir_poll_seconds",
                                          "From a poll to the end of its answer", ""),
        .post_seconds =
            metrics_histogram(m, "sleipnir_submit_seconds", "From POST to the first page", ""),
        .statement_seconds = metrics_histogram(m, "sleipnir_statement_seconds",
                                               "From POST to the end of a statement", ""),
        .queued_seconds = metrics_histogram(m, "sleipnir_statement_queued_seconds",
                                            "Time in the cluster's queue", ""),
    };
}

static double read_running(void *arg)
{
    return (double)stmts_count(((struct gateway *)arg)->stmts);
}

static double read_connections(void *arg)
{
    struct http_server_stats st;

    http_server_stats(((struct lane *)arg)->server, &st);
    return (double)st.open;
}

static double read_busy(void *arg)
{
    unsigned busy, longest;

    loop_load(((struct lane *)arg)->loop, &busy, &longest);
    return busy / 1000.0;
}

static double read_longest(void *arg)
{
    unsigned busy, longest;

    loop_load(((struct lane *)arg)->loop, &busy, &longest);
    return longest / 1e6;
}

static double read_one(void *arg)
{
    (void)arg;
    return 1;
}

static double read_uptime(void *arg)
{
    return (double)(clock_wall_ms() - ((struct gateway *)arg)->started_ms) / 1000;
}

void gauges_watch(struct gateway *g)
{
    struct metrics *m = g->metrics;

    metrics_callback(m, "sleipnir_build_info", "The running version",
                     "version=\"" SLEIPNIR_VERSION "\",revision=\"" SLEIPNIR_REVISION "\"", false,
                     read_one, NULL);
    metrics_callback(m, "sleipnir_uptime_seconds", "Since the start", "", false, read_uptime, g);
    metrics_callback(m, "sleipnir_statements_running", "Statements known to run", "", false,
                     read_running, g);
    for (unsigned i = 0; i < g->lane_count; i++) {
        char label[32];

        snprintf(label, sizeof(label), "loop=\"%u\"", i);
        metrics_callback(m, "sleipnir_client_connections", "Open connections of clients", label,
                         false, read_connections, &g->lanes[i]);
        metrics_callback(m, "sleipnir_loop_busy_ratio", "Share of the last second the loop worked",
                         label, false, read_busy, &g->lanes[i]);
        metrics_callback(m, "sleipnir_loop_lag_seconds", "Longest turn of the last second", label,
                         false, read_longest, &g->lanes[i]);
    }
}

/* ---- a backend ---- */

void gauges_count_backend(struct gateway *g, struct backend *b)
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

static double read_active(void *arg)
{
    struct http_pool_stats pool;

    backend_pools(arg, &pool);
    return (double)pool.active;
}

static double read_idle(void *arg)
{
    struct http_pool_stats pool;

    backend_pools(arg, &pool);
    return (double)pool.idle;
}

static double read_connects(void *arg)
{
    struct http_pool_stats pool;

    backend_pools(arg, &pool);
    return (double)pool.connects;
}

static double read_reuses(void *arg)
{
    struct http_pool_stats pool;

    backend_pools(arg, &pool);
    return (double)pool.reuses;
}

static const struct {
    const char *name, *help, *more; /* labels beside the backend's name */
    bool is_counter;
    double (*read)(void *arg);
} backend_figures[] = {
    {"sleipnir_backend_outstanding", "Statements that run on the backend, as this instance knows",
     "", false, read_outstanding},
    {"sleipnir_backend_state", "0 starting, 1 up, 2 draining, 3 down", "", false, read_state},
    {"sleipnir_backend_connections", "Connections to the backend, by use", ",use=\"active\"", false,
     read_active},
    {"sleipnir_backend_connections", "Connections to the backend, by use", ",use=\"idle\"", false,
     read_idle},
    {"sleipnir_backend_connects_total", "Connections begun to the backend", "", true,
     read_connects},
    {"sleipnir_backend_connection_reuses_total", "Requests sent on a kept connection", "", true,
     read_reuses},
};

void gauges_watch_backend(struct gateway *g, struct backend *b)
{
    struct buf labels = buf_make(256);

    for (size_t i = 0; i < ARRAY_LEN(backend_figures); i++) {
        buf_clear(&labels);
        metrics_label(&labels, "backend", str_c(b->name));
        buf_put_str(&labels, str_c(backend_figures[i].more));
        buf_put_c(&labels, '\0');
        metrics_callback(g->metrics, backend_figures[i].name, backend_figures[i].help, labels.p,
                         backend_figures[i].is_counter, backend_figures[i].read, b);
    }
    buf_reset(&labels);
}

/* ---- a group ---- */

struct counter *gauges_count_group(struct gateway *g, const char *name)
{
    struct buf labels = buf_make(256);
    struct counter *c;

    metrics_label(&labels, "group", str_c(name));
    buf_put_c(&labels, '\0');
    c = metrics_counter(g->metrics, "sleipnir_group_statements_total",
                        "Statements accepted, by the group that they were routed to", labels.p);
    buf_reset(&labels);
    return c;
}
