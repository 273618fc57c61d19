/* SPDX-License-Identifier: Apache-2.0 */
/* exchange.c - see exchange.h. Stages, each handing runs of bytes to the next:
 *
 *   pieces -> decode() -> feed(): pass | scan | hold and translate -> send(): encode, frame
 *
 * Nothing is copied between the socket of the cluster and that of the client unless it must change.
 */
#include "gateway/exchange.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/json_scan.h"
#include "protocol/facts.h"
#include "protocol/page.h"

#include <stddef.h>
#include <stdlib.h>

/* Run 0 of lane->out is kept free for the head and the size of a chunk. */
#define RESERVED 1
#define ENCODED_MAX (512 << 20)
#define SPARE_MAX 128
#define SPARE_LINES_MAX 4096

static struct exchange *exchange_of(struct engine_call *c)
{
    return (struct exchange *)((char *)c - offsetof(struct exchange, call));
}

static void replace_uri(void *ctx, enum scan_uri kind, struct str uri, struct buf *out)
{
    struct exchange *x = ctx;

    if (x->relays_uris) {
        struct http_url url;

        if (http_url_parse(&url, uri, NULL) == OK)
            uri_relay(&x->uris, TICKET_RELAY, STR("/v1/relay/"), url.path, out);
        return;
    }
    if (x->uris.id.n == 0 && x->scan.id.n > 0)
        x->uris.id = arena_str(&x->arena, buf_str(&x->scan.id));
    if (!uri_for_client(&x->uris, kind, uri, out))
        log_warn("exchange", x->uris.id, "%s sent a URI that is none: %.*s", x->backend->name,
                 STR_ARG(uri));
}

/* ---- the end ---- */

static void release_answer(struct exchange *x)
{
    scan_restart(&x->scan);
    buf_clear(&x->lines);
    buf_reset(&x->body);
    encoder_free(x->encoder);
    decoder_free(x->decoder);
    x->encoder = NULL;
    x->decoder = NULL;
}

static void destroy(struct exchange *x)
{
    scan_reset(&x->scan);
    buf_reset(&x->lines);
    arena_reset(&x->arena);
    free(x);
}

/* A lane ends thousands of exchanges a second: some are kept with their small buffers. */
static void keep_or_destroy(struct exchange *x)
{
    struct lane *l = x->lane;

    if (l->spare_count == SPARE_MAX || x->lines.cap > SPARE_LINES_MAX) {
        destroy(x);
        return;
    }
    arena_clear(&x->arena);
    x->spare_next = l->spare;
    l->spare = x;
    l->spare_count++;
}

static struct exchange *take_spare(struct lane *l)
{
    struct exchange *x = l->spare, fresh = {0};

    if (x == NULL) {
        x = NEW(struct exchange);
        scan_init(&x->scan, replace_uri, x);
        return x;
    }
    l->spare = x->spare_next;
    l->spare_count--;
    fresh.scan = x->scan;
    fresh.lines = x->lines;
    fresh.arena = x->arena;
    *x = fresh;
    return x;
}

void exchange_free_spares(struct lane *l)
{
    while (l->spare != NULL)
        destroy(take_spare(l));
}

void exchange_end(struct exchange *x)
{
    engine_call_cancel(&x->call);
    timer_clear(x->lane->loop, &x->timer);
    if (x->ops->on_end != NULL)
        x->ops->on_end(x);
    release_answer(x);
    keep_or_destroy(x);
}

struct http_request *exchange_release(struct exchange *x)
{
    struct http_request *r = x->req;

    r->user = NULL;
    r->on_gone = NULL;
    r->on_drain = NULL;
    return r;
}

static void on_gone(struct http_request *r)
{
    struct exchange *x = r->user;

    counter_add(x->lane->gateway->m.client_gone, 1);
    x->req = NULL;
    exchange_end(x);
}

static void on_drain(struct http_request *r)
{
    struct exchange *x = r->user;

    engine_call_resume(&x->call);
}

/* The answer cannot be completed. Before its first byte the ops decide; afterwards only a broken
 * connection tells the client the truth. */
static void broken(struct exchange *x, const struct error *err)
{
    engine_call_cancel(&x->call);
    if (!x->sent) {
        release_answer(x);
        x->ops->on_fail(x, err);
        return;
    }
    log_warn("exchange", x->uris.id, "answer of %s broke off: %s", x->backend->name, err->text);
    http_abort(exchange_release(x));
    x->req = NULL;
    exchange_end(x);
}

/* ---- sending ---- */

static void put_framing(struct exchange *x, struct buf *head, bool last, uint64_t bytes)
{
    bool bodyless = x->status == 204 || x->status == 304;

    if (x->encoder != NULL)
        buf_printf(head, "Content-Encoding: %.*s\r\n", STR_ARG(coding_name(x->coding)));
    if (x->lane->snapshot->config->compression.clients != 0)
        buf_put_str(head, STR("Vary: Accept-Encoding\r\n"));
    if (bodyless)
        return;
    if (last || x->has_length) {
        buf_put_str(head, STR("Content-Length: "));
        buf_put_u64(head, last ? bytes : x->length);
        buf_put_str(head, STR("\r\n"));
    } else if (x->is_http10) {
        x->close = true;
    } else {
        buf_put_str(head, STR("Transfer-Encoding: chunked\r\n"));
        x->chunked = true;
    }
}

static void put_head(struct exchange *x, struct buf *head, bool last, uint64_t bytes)
{
    http_put_status(head, x->status, x->reason);
    buf_put_str(head, buf_str(&x->lines));
    put_framing(x, head, last, bytes);
    if (x->close || !x->req->head.keep_alive || x->lane->gateway->draining) {
        buf_put_str(head, STR("Connection: close\r\n"));
        x->close = true;
    }
    buf_put_str(head, STR("\r\n"));
}

static void encode(struct exchange *x, struct scan_out *out, bool last, struct buf *coded)
{
    encoder_feed(x->encoder, out->iov + RESERVED, out->n - RESERVED, last, coded);
    scan_out_clear(out, RESERVED);
    scan_out_add(out, buf_str(coded));
}

static void finish(struct exchange *x)
{
    http_finish(exchange_release(x), x->close);
    exchange_end(x);
}

/* Sends the runs of lane->out; with `last` the answer is complete and the exchange over. */
static void send_runs(struct exchange *x, bool last)
{
    struct scan_out *out = &x->lane->out;
    struct buf *head = &x->lane->head, coded = buf_make(ENCODED_MAX);
    uint64_t bytes;
    bool room;

    if (x->encoder != NULL)
        encode(x, out, last, &coded);
    bytes = out->bytes;
    x->bytes_out += bytes;
    buf_clear(head);
    if (!x->sent)
        put_head(x, head, last, bytes);
    x->sent = true;
    if (x->head_request)
        scan_out_clear(out, RESERVED);
    if (x->chunked && bytes > 0) {
        buf_printf(head, "%zx\r\n", (size_t)bytes);
        scan_out_add(out, STR("\r\n"));
    }
    if (x->chunked && last)
        scan_out_add(out, STR("0\r\n\r\n"));
    out->iov[0] = (struct iovec){head->p, head->n};
    room = http_send(x->req, out->iov, (int)out->n);
    buf_reset(&coded);
    counter_add(x->lane->gateway->m.bytes_out, bytes);
    if (last) {
        finish(x);
    } else if (!room) {
        counter_add(x->lane->gateway->m.upstream_pauses, 1);
        engine_call_pause(&x->call);
    }
}

/* ---- feeding ---- */

/* Every page names its statement. */
static int check_id(const struct exchange *x, struct str id, struct error *err)
{
    if (x->relays_uris || uri_is_query_id(id))
        return OK;
    return error_set(err, ERR_CORRUPT, "the cluster's answer is no page: it has no query id");
}

static bool feed_scan(struct exchange *x, const struct str *pieces, size_t n, bool last)
{
    struct scan_out *out = &x->lane->out;
    bool whole = last && n == 1 && !x->fed;
    struct error err;

    for (size_t i = 0; i < n; i++) {
        if (scan_feed(&x->scan, pieces[i], whole, out, &err) != OK) {
            broken(x, &err);
            return false;
        }
    }
    /* As early as can be: before the first byte it is still an error page. */
    if ((last || x->scan.id.n > 0) && check_id(x, buf_str(&x->scan.id), &err) != OK) {
        broken(x, &err);
        return false;
    }
    if (!last)
        return true;
    if (!x->scan.complete) {
        error_set(&err, ERR_UPSTREAM, "the cluster's answer is incomplete");
        broken(x, &err);
        return false;
    }
    if (!x->scan.has_next)
        page_read_facts(&x->facts, whole ? pieces[0] : buf_str(&x->scan.facts));
    x->facts.rows = x->scan.rows;
    x->facts.last = !x->scan.has_next;
    x->ops->on_page(x);
    return true;
}

static void translated_uri(void *ctx, enum page_uri kind, struct str uri, struct buf *out)
{
    static const enum scan_uri kinds[] = {
        [PAGE_URI_INFO] = SCAN_INFO_URI,
        [PAGE_URI_NEXT] = SCAN_NEXT_URI,
        [PAGE_URI_PARTIAL_CANCEL] = SCAN_PARTIAL_CANCEL_URI,
    };
    struct exchange *x = ctx;

    uri_for_client(&x->uris, kinds[kind], uri, out);
}

static struct str id_of_page(struct str page)
{
    static const char *const names[] = {"id"};
    struct jscan s = jscan_of(page);
    struct str token = STR_NONE;

    if (!jscan_pick(&s, names, 1, &token) || token.n < 2)
        return STR_NONE;
    return str_of(token.p + 1, token.n - 2);
}

static void translate(struct exchange *x)
{
    struct gateway *g = x->lane->gateway;
    struct buf page = buf_make(x->lane->snapshot->config->limits.page_max_bytes);
    struct page_translation how = {
        .from = x->uris.cluster,
        .to = x->uris.client,
        .capabilities = x->uris.capabilities,
        .warning = x->warning,
        .uri = translated_uri,
        .ctx = x,
    };
    struct error err;
    int rc;

    if (x->uris.id.n == 0)
        x->uris.id = arena_str(&x->arena, id_of_page(buf_str(&x->body)));
    how.id = x->uris.id;
    rc = check_id(x, how.id, &err);
    if (rc == OK)
        rc = page_translate(&page, buf_str(&x->body), &how, &x->facts, &err);
    if (rc != OK) {
        counter_add(g->m.translation_errors, 1);
        buf_reset(&page);
        err.code = rc == ERR_UPSTREAM ? ERR_CORRUPT : err.code;
        broken(x, &err);
        return;
    }
    counter_add(g->m.pages_translated, 1);
    scan_out_clear(&x->lane->out, RESERVED);
    scan_out_add(&x->lane->out, buf_str(&page));
    x->ops->on_page(x);
    send_runs(x, true);
    buf_reset(&page);
}

static void hold(struct exchange *x, const struct str *pieces, size_t n, bool last)
{
    struct error err;

    for (size_t i = 0; i < n; i++)
        buf_put_str(&x->body, pieces[i]);
    if (x->body.overflow) {
        error_set(&err, ERR_LIMIT, "a page of the cluster is larger than limits.page_max");
        broken(x, &err);
    } else if (last && x->mode == MODE_TRANSLATE) {
        translate(x);
    } else if (last) {
        decoder_free(x->decoder); /* what on_text() feeds anew is plain */
        x->decoder = NULL;
        x->ops->on_text(x, buf_str(&x->body));
    }
}

/* Decoded pieces of the answer. The exchange may be gone when this returns false. */
static bool feed(struct exchange *x, const struct str *pieces, size_t n, bool last)
{
    struct scan_out *out = &x->lane->out;

    if (x->mode == MODE_TRANSLATE || x->mode == MODE_COLLECT) {
        hold(x, pieces, n, last);
        return false;
    }
    scan_out_clear(out, RESERVED);
    if (x->mode == MODE_SCAN) {
        if (!feed_scan(x, pieces, n, last))
            return false;
    } else {
        for (size_t i = 0; i < n; i++)
            scan_out_add(out, pieces[i]);
    }
    x->fed = true;
    if (out->bytes > 0 || last)
        send_runs(x, last);
    return !last;
}

struct decoding {
    struct exchange *x;
    bool alive;
};

static bool on_decoded(void *arg, struct str run)
{
    struct decoding *d = arg;

    if (d->x->mode == MODE_TRANSLATE || d->x->mode == MODE_COLLECT) {
        buf_put_str(&d->x->body, run);
        d->alive = !d->x->body.overflow;
    } else {
        d->alive = feed(d->x, &run, 1, false);
    }
    return d->alive;
}

static void decode(struct exchange *x, const struct str *pieces, size_t n, bool last)
{
    struct decoding d = {x, true};
    bool held = x->mode == MODE_TRANSLATE || x->mode == MODE_COLLECT;
    struct error err;

    for (size_t i = 0; i < n; i++) {
        if (decoder_feed(x->decoder, pieces[i], on_decoded, &d, &err) != OK) {
            broken(x, &err);
            return;
        }
        if (!d.alive && !held)
            return; /* the exchange is over */
    }
    if (last && !decoder_done(x->decoder)) {
        error_set(&err, ERR_UPSTREAM, "the cluster's gzip data is cut short");
        broken(x, &err);
        return;
    }
    if (last || x->body.overflow)
        feed(x, NULL, 0, last);
}

static void on_data(struct engine_call *c, const struct str *pieces, size_t n, bool last)
{
    struct exchange *x = exchange_of(c);

    if (x->decoder != NULL)
        decode(x, pieces, n, last);
    else
        feed(x, pieces, n, last);
}

static void on_head(struct engine_call *c, const struct engine_head *head)
{
    struct exchange *x = exchange_of(c);

    x->ops->on_head(x, head);
}

static void on_fail(struct engine_call *c, const struct error *err)
{
    broken(exchange_of(c), err);
}

/* ---- set-up ---- */

/* What passes as it is may stay compressed where the client would have it so, too. */
static bool must_decode(const struct exchange *x, const struct engine_head *head, struct str coding)
{
    if (!str_eq_nocase(coding, STR("gzip")) || (head->has_length && head->length == 0))
        return false;
    return x->mode != MODE_PASS || x->coding != CODING_GZIP;
}

void exchange_take_head(struct exchange *x, const struct engine_head *head,
                        struct response_seen *seen)
{
    const struct config *config = x->lane->snapshot->config;

    x->status = head->status;
    x->reason = head->reason.n > 0 ? arena_str(&x->arena, head->reason) : STR_NONE;
    x->lines.max = config->limits.header_max_bytes * 4;
    buf_clear(&x->lines);
    response_headers(&x->lines, &x->arena, head->headers, head->header_count, x->uris.cluster,
                     x->uris.client, seen);
    x->body = buf_make(config->limits.page_max_bytes);
    if (must_decode(x, head, seen->content_encoding))
        x->decoder = decoder_new();
    if (x->mode == MODE_PASS && x->decoder == NULL) {
        if (seen->content_encoding.n > 0)
            buf_printf(&x->lines, "Content-Encoding: %.*s\r\n", STR_ARG(seen->content_encoding));
        x->has_length = head->has_length;
        x->length = head->length;
    } else if (x->mode != MODE_PASS && x->coding != CODING_IDENTITY &&
               !(head->has_length && head->length < config->compression.min_bytes)) {
        x->encoder = encoder_new(x->coding, config->compression.level);
    }
}

struct exchange *exchange_new(struct lane *l, struct http_request *r,
                              const struct exchange_ops *ops)
{
    unsigned codings = l->snapshot->config->compression.clients;
    struct exchange *x = take_spare(l);

    x->ops = ops;
    x->lane = l;
    x->req = r;
    x->begun_us = clock_mono_us();
    x->call.on_head = on_head;
    x->call.on_data = on_data;
    x->call.on_fail = on_fail;
    x->head_request = str_eq(r->head.method, STR("HEAD"));
    x->is_http10 = r->head.minor == 0;
    if (codings != 0)
        x->coding = coding_choose(codings, http_header(&r->head, STR("accept-encoding")));
    buf_clear(&l->text);
    uri_base(l, r, &l->text);
    x->uris.lane = l;
    x->uris.base = arena_str(&x->arena, buf_str(&l->text));
    r->user = x;
    r->on_gone = on_gone;
    r->on_drain = on_drain;
    return x;
}

void exchange_bind(struct exchange *x, struct backend *b, enum dialect client,
                   unsigned capabilities, struct str id)
{
    x->backend = b;
    x->uris.client = client;
    x->uris.cluster = b->facts.dialect;
    x->uris.capabilities = capabilities;
    x->uris.backend = str_c(b->name);
    x->uris.id = id.n > 0 ? arena_str(&x->arena, id) : STR_NONE;
}

void exchange_copy_request(struct exchange *x, const struct http_request *r,
                           struct request_copy *out)
{
    struct buf forwarded = buf_make(8192);

    out->header_count = r->head.count;
    out->headers = arena_alloc(&x->arena, r->head.count * sizeof(*out->headers));
    for (size_t i = 0; i < r->head.count; i++) {
        out->headers[i].name = arena_str(&x->arena, r->head.headers[i].name);
        out->headers[i].value = arena_str(&x->arena, r->head.headers[i].value);
    }
    out->method = arena_str(&x->arena, r->head.method);
    out->target = arena_str(&x->arena, r->head.target);
    out->body = arena_str(&x->arena, r->body);
    if (x->lane->snapshot->wants_forwarded)
        uri_forwarded(x->lane, r, x->uris.base, &forwarded);
    out->forwarded = arena_str(&x->arena, buf_str(&forwarded));
    buf_reset(&forwarded);
}

struct engine_lane *exchange_lane(const struct exchange *x)
{
    return backend_lane(x->backend, x->lane->index, x->lane->loop);
}
