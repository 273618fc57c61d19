/* SPDX-License-Identifier: Apache-2.0 */
/* admin.c - the admin listener (docs/operations.md "Admin listener"): metrics, health, backends,
 * statements. It has no authentication of its own: bind it to where only operators are. */
#include "gateway/handlers.h"

#include "base/clock.h"
#include "base/mem.h"
#include "gateway/stmts.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static void reply_json(struct http_request *r, int status, const struct buf *text)
{
    http_reply(r, status, STR("application/json"), STR_NONE, buf_str(text));
}

/* ---- metrics ---- */

static void on_metrics(struct lane *l, struct http_request *r, struct str rest)
{
    struct buf out = buf_make(64 << 20);
    bool open =
        str_search(http_header(&r->head, STR("accept")), STR("application/openmetrics-text")) <
        http_header(&r->head, STR("accept")).n;

    (void)rest;
    metrics_write(l->gateway->metrics, &out, open);
    http_reply(r, 200,
               open ? STR("application/openmetrics-text; version=1.0.0; charset=utf-8")
                    : STR("text/plain; version=0.0.4; charset=utf-8"),
               STR_NONE, buf_str(&out));
    buf_reset(&out);
}

/* ---- health ---- */

static void put_time(struct buf *out, uint64_t ms)
{
    char text[CLOCK_RFC3339_BYTES];

    clock_rfc3339(text, sizeof(text), ms);
    buf_put_json(out, str_c(text));
}

static bool put_state(struct lane *l, struct buf *out)
{
    struct state_health h;

    state_health(l->gateway->state, &h);
    buf_printf(out, "\"state\":{\"kind\":\"%s\",\"reachable\":%s,\"reason\":",
               h.kind == STATE_REDIS ? "redis" : "memory", h.reachable ? "true" : "false");
    buf_put_json(out, str_c(h.reason));
    buf_put_str(out, STR(",\"since\":"));
    put_time(out, h.since_ms);
    buf_printf(out, ",\"dropped_writes\":%llu}", (unsigned long long)h.dropped_writes);
    return h.reachable;
}

static bool put_history(struct lane *l, struct buf *out)
{
    struct history_health h = {.reason = "switched off or not opened, see the log"};

    if (l->gateway->history != NULL)
        history_health(l->gateway->history, &h);
    buf_printf(out, "\"history\":{\"writing\":%s,\"reason\":", h.writing ? "true" : "false");
    buf_put_json(out, str_c(h.reason));
    buf_printf(out, ",\"written\":%llu,\"dropped\":%llu,\"queued\":%llu}",
               (unsigned long long)h.written, (unsigned long long)h.dropped,
               (unsigned long long)h.queued);
    return h.writing || !l->snapshot->config->history.enabled;
}

static size_t backends_up(const struct lane *l)
{
    size_t n = 0;

    for (size_t i = 0; i < l->snapshot->routes.backend_count; i++)
        n += backend_takes_statements(l->snapshot->routes.backends[i]);
    return n;
}

/* Alive: 200 as long as the process serves; the text says what is not well. */
static void on_healthz(struct lane *l, struct http_request *r, struct str rest)
{
    struct buf parts = buf_make(65536), out = buf_make(65536);
    bool well = put_state(l, &parts);

    (void)rest;
    buf_put_c(&parts, ',');
    well = put_history(l, &parts) && well;
    well = backends_up(l) > 0 && well;
    buf_printf(&out, "{\"status\":\"%s\",\"version\":\"" SLEIPNIR_VERSION "\",\"instance\":",
               well ? "ok" : "degraded");
    buf_put_json(&out, str_c(l->gateway->instance));
    buf_printf(&out, ",\"backends_up\":%zu,\"statements\":%llu,%.*s}\n", backends_up(l),
               (unsigned long long)stmts_count(l->gateway->stmts), STR_ARG(buf_str(&parts)));
    reply_json(r, 200, &out);
    buf_reset(&parts);
    buf_reset(&out);
}

/* Would a statement be served now? For load balancers. */
static void on_readyz(struct lane *l, struct http_request *r, struct str rest)
{
    (void)rest;
    if (l->gateway->draining)
        http_reply(r, 503, STR("text/plain"), STR_NONE, STR("draining\n"));
    else if (backends_up(l) == 0)
        http_reply(r, 503, STR("text/plain"), STR_NONE, STR("no backend is up\n"));
    else
        http_reply(r, 200, STR("text/plain"), STR_NONE, STR("ready\n"));
}

/* ---- backends ---- */

static void put_backend(struct backend *b, struct buf *out)
{
    struct http_pool_stats pool;
    struct buf authority = buf_make(1024);
    char reason[160];
    uint64_t since;

    pthread_mutex_lock(&b->lock);
    memcpy(reason, b->reason, sizeof(reason));
    since = b->since_ms;
    pthread_mutex_unlock(&b->lock);
    backend_pools(b, &pool);
    b->ops->authority(b->engine, &authority);
    buf_printf(out, "{\"name\":\"%s\",\"engine\":\"%s\",\"address\":", b->name, b->facts.kind);
    buf_put_json(out, buf_str(&authority));
    buf_printf(out, ",\"state\":\"%s\",\"reason\":", backend_state_name(backend_visible_state(b)));
    buf_put_json(out, str_c(b->retired               ? "no longer configured"
                            : b->admin_draining      ? "drained by command"
                            : b->configured_draining ? "draining in the configuration"
                                                     : reason));
    buf_put_str(out, STR(",\"since\":"));
    put_time(out, since);
    buf_printf(out,
               ",\"outstanding\":%u,\"connections\":{\"active\":%llu,\"idle\":%llu,"
               "\"opened\":%llu,\"reused\":%llu,\"failed\":%llu}}",
               atomic_load(&b->outstanding), (unsigned long long)pool.active,
               (unsigned long long)pool.idle, (unsigned long long)pool.connects,
               (unsigned long long)pool.reuses, (unsigned long long)pool.failures);
    buf_reset(&authority);
}

static void on_backends(struct lane *l, struct http_request *r, struct str rest)
{
    const struct route_table *t = &l->snapshot->routes;
    struct buf out = buf_make(16 << 20);

    (void)rest;
    buf_put_str(&out, STR("{\"backends\":["));
    for (size_t i = 0; i < t->backend_count; i++) {
        buf_put_str(&out, i > 0 ? STR(",\n") : STR("\n"));
        put_backend(t->backends[i], &out);
    }
    buf_put_str(&out, STR("\n]}\n"));
    reply_json(r, 200, &out);
    buf_reset(&out);
}

/* POST /v1/backends/NAME/drain or /resume. */
static void on_backend_command(struct lane *l, struct http_request *r, struct str rest)
{
    struct str name = str_split(&rest, '/');
    struct backend *b = route_backend(&l->snapshot->routes, name);
    bool drains = str_eq(rest, STR("drain"));

    if (!str_eq(r->head.method, STR("POST"))) {
        http_reply(r, 405, STR("text/plain"), STR("Allow: POST\r\n"), STR("POST only\n"));
    } else if (b == NULL || (!drains && !str_eq(rest, STR("resume")))) {
        http_reply(r, 404, STR("text/plain"), STR_NONE,
                   STR("no such backend, or neither drain nor resume\n"));
    } else {
        b->admin_draining = drains;
        http_reply(r, 200, STR("text/plain"), STR_NONE, STR("done\n"));
    }
}

/* ---- statements ---- */

struct recent {
    struct job job;
    struct http_request *req; /* NULL: the client left */
    struct history *history;
    struct buf out;
    struct error err;
    char user[256], state[32];
    unsigned limit;
};

static void run_recent(struct job *j)
{
    struct recent *q = (struct recent *)j;

    q->err.code = (enum err)history_recent(q->history, str_c(q->user), str_c(q->state), q->limit,
                                           &q->out, &q->err);
}

static void on_recent(struct job *j)
{
    struct recent *q = (struct recent *)j;

    if (q->req != NULL && q->err.code == OK)
        reply_json(q->req, 200, &q->out);
    else if (q->req != NULL)
        http_reply(q->req, 500, STR("text/plain"), STR_NONE, str_c(q->err.text));
    buf_reset(&q->out);
    free(q);
}

static void on_recent_gone(struct http_request *r)
{
    struct recent *q = r->user;

    q->req = NULL;
}

static void copy_argument(struct str query, struct str name, char *out, size_t n)
{
    while (query.p != NULL) {
        struct str pair = str_split(&query, '&'), key = str_split(&pair, '=');

        if (str_eq(key, name) && pair.p != NULL) {
            size_t m = pair.n < n - 1 ? pair.n : n - 1;

            memcpy(out, pair.p, m);
            out[m] = '\0';
        }
    }
}

/* GET /v1/statements?user=&state=&limit= */
static void on_statements(struct lane *l, struct http_request *r, struct str rest)
{
    struct str query = str_skip(r->head.target, str_find(r->head.target, '?') + 1);
    char limit[16] = "100";
    struct recent *q;
    uint64_t n;

    (void)rest;
    if (l->gateway->history == NULL) {
        http_reply(r, 404, STR("text/plain"), STR_NONE, STR("history is switched off\n"));
        return;
    }
    q = NEW(struct recent);
    copy_argument(query, STR("user"), q->user, sizeof(q->user));
    copy_argument(query, STR("state"), q->state, sizeof(q->state));
    copy_argument(query, STR("limit"), limit, sizeof(limit));
    q->limit = str_to_u64(str_c(limit), &n) && n > 0 && n <= 10000 ? (unsigned)n : 100;
    q->out = buf_make(64 << 20);
    q->history = l->gateway->history;
    q->req = r;
    q->job = (struct job){.run = run_recent, .done = on_recent, .loop = l->loop};
    r->user = q;
    r->on_gone = on_recent_gone;
    workers_submit(l->gateway->workers, &q->job);
}

static void on_reload(struct lane *l, struct http_request *r, struct str rest)
{
    (void)l, (void)rest;
    if (!str_eq(r->head.method, STR("POST"))) {
        http_reply(r, 405, STR("text/plain"), STR("Allow: POST\r\n"), STR("POST only\n"));
        return;
    }
    kill(getpid(), SIGHUP); /* the main thread reads the file */
    http_reply(r, 202, STR("text/plain"), STR_NONE, STR("reloading; the log says how it went\n"));
}

void handle_admin(struct http_request *r)
{
    static const struct {
        struct str path;
        bool prefix;
        void (*fn)(struct lane *l, struct http_request *r, struct str rest);
    } routes[] = {
        {{"/metrics", 8}, false, on_metrics},
        {{"/healthz", 8}, false, on_healthz},
        {{"/readyz", 7}, false, on_readyz},
        {{"/v1/backends", 12}, false, on_backends},
        {{"/v1/backends/", 13}, true, on_backend_command},
        {{"/v1/statements", 14}, false, on_statements},
        {{"/v1/reload", 10}, false, on_reload},
    };
    struct str path = str_of(r->head.target.p, str_find(r->head.target, '?'));

    for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
        if (routes[i].prefix ? str_starts(path, routes[i].path) : str_eq(path, routes[i].path)) {
            routes[i].fn(r->arg, r, str_skip(path, routes[i].path.n));
            return;
        }
    }
    http_reply(r, 404, STR("text/plain"), STR_NONE,
               STR("This is the admin listener: /metrics /healthz /readyz /v1/backends "
                   "/v1/statements /v1/reload\n"));
}
