/* SPDX-License-Identifier: Apache-2.0 */
/* cluster.c - see cluster.h. A continuation is the path and query of the cluster's own URI, so a
 * request is its method, that path and the client's headers as protocol/request.h writes them. */
#include "engines/cluster/internal.h"

#include "base/mem.h"
#include "base/resolve.h"
#include "protocol/request.h"

#include <stddef.h>
#include <stdlib.h>

#define HEAD_MAX (2 << 20)

static struct engine_call *call_of(struct http_call *h)
{
    return (struct engine_call *)((char *)h - offsetof(struct engine_call, http));
}

static void on_head(struct http_call *h, const struct http_head *head)
{
    struct engine_call *c = call_of(h);
    struct engine_head out = {
        .status = head->status,
        .reason = head->reason,
        .headers = head->headers,
        .header_count = head->count,
        .has_length = head->body == HTTP_BODY_LENGTH || head->body == HTTP_BODY_NONE,
        .length = head->body == HTTP_BODY_LENGTH ? head->length : 0,
    };

    c->on_head(c, &out);
}

static void on_data(struct http_call *h, const struct str *pieces, size_t n, bool last)
{
    struct engine_call *c = call_of(h);

    c->on_data(c, pieces, n, last);
}

static void on_fail(struct http_call *h, const struct error *err)
{
    struct engine_call *c = call_of(h);

    c->on_fail(c, err);
}

/* Request line and Host into lane->request; header lines follow. */
static void begin_request(struct engine_lane *lane, struct str method, struct str path)
{
    struct engine *e = lane->engine;
    struct buf *b = &lane->request;

    buf_clear(b);
    buf_put_str(b, method);
    buf_put_c(b, ' ');
    buf_put_str(b, e->prefix);
    buf_put_str(b, path);
    buf_put_str(b, STR(" HTTP/1.1\r\nHost: "));
    buf_put_str(b, e->url.authority);
    buf_put_str(b, STR("\r\n"));
}

static void finish_request(struct engine_lane *lane, struct str method, struct str body,
                           uint64_t first_byte_ms, struct engine_call *c)
{
    struct buf *b = &lane->request;

    if (body.n > 0 || str_eq(method, STR("POST")) || str_eq(method, STR("PUT"))) {
        buf_put_str(b, STR("Content-Length: "));
        buf_put_u64(b, body.n);
        buf_put_str(b, STR("\r\n"));
    }
    buf_put_str(b, STR("\r\n"));
    c->http.on_head = on_head;
    c->http.on_data = on_data;
    c->http.on_fail = on_fail;
    c->http.head_request = str_eq(method, STR("HEAD"));
    c->http.first_byte_ms = first_byte_ms;
    http_call_start(lane->pool, &c->http, buf_str(b), body);
}

void cluster_send(struct engine_lane *lane, struct str method, struct str path, struct str headers,
                  struct str body, uint64_t first_byte_ms, struct engine_call *c)
{
    begin_request(lane, method, path);
    buf_put_str(&lane->request, headers);
    finish_request(lane, method, body, first_byte_ms, c);
}

static void send_request(struct engine_lane *lane, const struct engine_request *r,
                         uint64_t first_byte_ms, struct engine_call *c, struct error *err)
{
    const struct cluster_config *config = &lane->engine->config;
    struct request_rules rules = {
        .to = config->dialect,
        .spooling = config->spooling,
        .strip_hint = true,
        .poll = r->poll,
        .drop_properties = config->drop_properties,
        .drop_count = config->drop_count,
        .rename_properties = config->rename_properties,
        .rename_count = config->rename_count,
        .fallback_user = r->user,
        .add_prepared_name = r->prepared_name,
        .add_prepared_sql = r->prepared_sql,
    };
    struct buf *b = &lane->request;
    struct arena a = {0};

    err->code = OK;
    begin_request(lane, r->method, r->path);
    if (request_headers(b, &a, r->headers, r->header_count, &rules, err) == OK) {
        buf_put_str(b, config->gzip && !r->plain ? STR("Accept-Encoding: gzip\r\n")
                                                 : STR("Accept-Encoding: identity\r\n"));
        if (config->forwarded)
            buf_put_str(b, r->forwarded);
        finish_request(lane, r->method, r->sql, first_byte_ms, c);
    }
    arena_reset(&a);
}

static void cluster_submit(struct engine_lane *lane, const struct engine_request *r,
                           struct engine_call *c, struct error *err)
{
    send_request(lane, r, lane->engine->config.first_byte_ms, c, err);
}

/* No deadline on the first byte of a long poll: it takes as long as the coordinator likes. */
static void cluster_fetch(struct engine_lane *lane, const struct engine_request *r,
                          struct engine_call *c, struct error *err)
{
    send_request(lane, r, r->poll || r->waits ? 0 : lane->engine->config.first_byte_ms, c, err);
}

static void cluster_describe(const struct engine *e, struct engine_facts *out)
{
    out->dialect = e->config.dialect;
    out->kind = dialect_name(e->config.dialect);
    out->wants_forwarded = e->config.forwarded;
}

static bool address(void *arg, unsigned attempt, struct sockaddr_storage *out, socklen_t *n)
{
    struct engine *e = arg;

    return resolve_address(e->resolve, attempt, out, n);
}

static struct engine_lane *cluster_attach(struct engine *e, struct loop *l)
{
    struct engine_lane *lane = NEW(struct engine_lane);
    struct http_pool_config pool = {
        .address = address,
        .arg = e,
        .host = e->url.host,
        .tls = e->url.tls ? e->config.tls : NULL,
        .connect_ms = e->config.connect_ms,
        .idle_max = e->config.idle_connections,
        .idle_ms = 60000,
    };

    lane->engine = e;
    lane->loop = l;
    lane->request = buf_make(HEAD_MAX);
    lane->pool = http_pool_new(l, &pool);
    return lane;
}

static void cluster_detach(struct engine_lane *lane)
{
    http_pool_free(lane->pool);
    buf_reset(&lane->request);
    free(lane);
}

static void cluster_pools(struct engine_lane *lane, struct http_pool_stats *out)
{
    http_pool_stats(lane->pool, out);
}

static void cluster_info(struct engine *e, struct buf *out)
{
    pthread_mutex_lock(&e->info_lock);
    buf_put_str(out, buf_str(&e->info));
    pthread_mutex_unlock(&e->info_lock);
}

static void cluster_authority(const struct engine *e, struct buf *out)
{
    buf_put_str(out, e->url.authority);
}

static void cluster_close(struct engine *e)
{
    resolve_free(e->resolve);
    tls_unref(e->config.tls);
    pthread_mutex_destroy(&e->info_lock);
    buf_reset(&e->info);
    free(e->text);
    free(e);
}

static const struct engine_ops cluster_ops = {
    .name = "cluster",
    .close = cluster_close,
    .describe = cluster_describe,
    .attach = cluster_attach,
    .detach = cluster_detach,
    .probe = cluster_probe,
    .probe_cancel = cluster_probe_cancel,
    .submit = cluster_submit,
    .fetch = cluster_fetch,
    .pools = cluster_pools,
    .authority = cluster_authority,
    .info = cluster_info,
};

int cluster_open(struct engine **out, const struct engine_ops **ops, const struct cluster_config *c,
                 struct error *err)
{
    struct engine *e = NEW(struct engine);
    int rc;

    e->config = *c;
    e->config.tls = c->tls != NULL ? tls_ref(c->tls) : NULL;
    e->text = str_dup(c->url);
    e->info = buf_make(65536);
    pthread_mutex_init(&e->info_lock, NULL);
    rc = http_url_parse(&e->url, str_c(e->text), err);
    if (rc != OK) {
        cluster_close(e);
        return rc;
    }
    e->prefix = e->url.path;
    while (e->prefix.n > 0 && e->prefix.p[e->prefix.n - 1] == '/')
        e->prefix.n--;
    e->resolve = resolve_new(e->url.host, e->url.port);
    *out = e;
    *ops = &cluster_ops;
    return OK;
}
