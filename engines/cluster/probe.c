/* SPDX-License-Identifier: Apache-2.0 */
/* probe.c - is a coordinator ready? GET /v1/info says whether it is starting, GET /v1/info/state
 * whether it shuts down; a configured statement is then run to its end, which shows that workers
 * are there. One step after another, each with the probe's time-out. */
#include "engines/cluster/internal.h"

#include "base/mem.h"
#include "protocol/scan.h"

#include <stddef.h>
#include <stdlib.h>

#define TEXT_MAX (1 << 20)
#define PAGES_MAX 200

enum step { STEP_INFO, STEP_STATE, STEP_STATEMENT };

static void request(struct engine_probe *p, struct str method, struct str path, struct str body);

static struct engine_probe *probe_of(struct engine_call *c)
{
    return (struct engine_probe *)((char *)c - offsetof(struct engine_probe, call));
}

static void clear(struct engine_probe *p)
{
    buf_reset(&p->text);
    free((void *)(uintptr_t)p->next_path.p);
    p->next_path = STR_NONE;
}

static void finish(struct engine_probe *p, enum engine_probe_state state, const char *reason)
{
    clear(p);
    p->done(p, state, reason);
}

static void on_fail(struct engine_call *c, const struct error *err)
{
    finish(probe_of(c), PROBE_DOWN, err->text);
}

static void on_head(struct engine_call *c, const struct engine_head *head)
{
    struct engine_probe *p = probe_of(c);

    p->status = head->status;
}

/* Blanks removed, so that `"starting" : false` is found as well. */
static bool says(struct str text, struct str what)
{
    struct buf dense = buf_make(TEXT_MAX);
    bool found;

    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] != ' ' && text.p[i] != '\n')
            buf_put_c(&dense, text.p[i]);
    found = str_search(buf_str(&dense), what) < dense.n;
    buf_reset(&dense);
    return found;
}

static void on_info(struct engine_probe *p)
{
    struct engine *e = p->lane->engine;
    struct str text = buf_str(&p->text);

    if (says(text, STR("\"starting\":true"))) {
        finish(p, PROBE_STARTING, "the coordinator is starting");
        return;
    }
    if (!says(text, STR("\"starting\":false"))) {
        finish(p, PROBE_DOWN, "/v1/info is not that of a coordinator");
        return;
    }
    pthread_mutex_lock(&e->info_lock);
    buf_clear(&e->info);
    buf_put_str(&e->info, text);
    pthread_mutex_unlock(&e->info_lock);
    p->step = STEP_STATE;
    request(p, STR("GET"), STR("/v1/info/state"), STR_NONE);
}

static void on_state(struct engine_probe *p)
{
    struct str text = buf_str(&p->text);

    if (says(text, STR("SHUTTING_DOWN")) || says(text, STR("DRAIN"))) {
        finish(p, PROBE_DRAINING, "the coordinator shuts down");
    } else if (says(text, STR("INACTIVE"))) {
        finish(p, PROBE_STARTING, "the coordinator is inactive");
    } else if (p->lane->engine->config.probe_statement == NULL) {
        finish(p, PROBE_UP, "");
    } else {
        p->step = STEP_STATEMENT;
        request(p, STR("POST"), STR("/v1/statement"),
                str_c(p->lane->engine->config.probe_statement));
    }
}

static void keep_next(void *ctx, enum scan_uri kind, struct str uri, struct buf *out)
{
    struct engine_probe *p = ctx;
    struct http_url url;

    (void)out;
    if (kind == SCAN_NEXT_URI && http_url_parse(&url, uri, NULL) == OK)
        p->next_path = str_c(str_dup(url.path));
}

static void on_page(struct engine_probe *p)
{
    struct scan_out out = {0};
    struct scan s;
    struct error err;
    bool failed;

    free((void *)(uintptr_t)p->next_path.p);
    p->next_path = STR_NONE;
    scan_init(&s, keep_next, p);
    failed = scan_feed(&s, buf_str(&p->text), true, &out, &err) != OK || s.has_error;
    scan_out_reset(&out);
    scan_reset(&s);
    if (failed || ++p->pages > PAGES_MAX)
        finish(p, PROBE_DOWN, "health.statement failed");
    else if (p->next_path.n > 0)
        request(p, STR("GET"), p->next_path, STR_NONE);
    else
        finish(p, PROBE_UP, "");
}

static void on_data(struct engine_call *c, const struct str *pieces, size_t n, bool last)
{
    struct engine_probe *p = probe_of(c);

    for (size_t i = 0; i < n; i++)
        buf_put_str(&p->text, pieces[i]);
    if (!last)
        return;
    if (p->text.overflow) {
        finish(p, PROBE_DOWN, "the answer is too long for a health check");
    } else if (p->step == STEP_STATE && p->status == 404) {
        buf_clear(&p->text); /* old coordinators have no such resource */
        on_state(p);
    } else if (p->status != 200) {
        finish(p, p->status == 503 ? PROBE_STARTING : PROBE_DOWN,
               p->step == STEP_STATEMENT ? "health.statement was refused"
                                         : "/v1/info did not answer 200");
    } else if (p->step == STEP_INFO) {
        on_info(p);
    } else if (p->step == STEP_STATE) {
        on_state(p);
    } else {
        on_page(p);
    }
}

static void request(struct engine_probe *p, struct str method, struct str path, struct str body)
{
    const struct cluster_config *config = &p->lane->engine->config;
    struct str prefix = dialect_prefix(config->dialect);
    struct buf lines = buf_make(4096);

    buf_clear(&p->text);
    buf_printf(&lines,
               "%.*sUser: %s\r\n%.*sSource: sleipnir-health\r\nAccept-Encoding: identity\r\n",
               STR_ARG(prefix), config->probe_user, STR_ARG(prefix));
    p->call.on_head = on_head;
    p->call.on_data = on_data;
    p->call.on_fail = on_fail;
    cluster_send(p->lane, method, path, buf_str(&lines), body, config->probe_timeout_ms, &p->call);
    buf_reset(&lines);
}

void cluster_probe(struct engine_lane *lane, struct engine_probe *p)
{
    p->lane = lane;
    p->step = STEP_INFO;
    p->pages = 0;
    p->text = buf_make(TEXT_MAX);
    p->next_path = STR_NONE;
    request(p, STR("GET"), STR("/v1/info"), STR_NONE);
}

void cluster_probe_cancel(struct engine_probe *p)
{
    engine_call_cancel(&p->call);
    clear(p);
}
