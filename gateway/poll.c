/* SPDX-License-Identifier: Apache-2.0 */
/* poll.c - GET, HEAD and DELETE of statement URIs. The ticket in the URI says everything: nothing
 * is looked up, any instance can answer.
 *
 * A coordinator that cannot be reached never becomes a 502: the statement was accepted, and the
 * same token gives the same page later. The client gets a page that says "ask again" after a short
 * wait, until abandon_after has passed; then the statement has failed. */
#include "gateway/handlers.h"

#include "base/clock.h"
#include "base/log.h"
#include "gateway/answers.h"
#include "gateway/handover.h"
#include "gateway/judge.h"

#include <stddef.h>
#include <stdio.h>

#define AGAIN_AFTER_MS 250
#define MOVE_AFTER_MS 5000 /* a retired backend is away: was it the same cluster's old address? */

struct poll {
    struct str target; /* of the request, to be asked again */
    bool get, cancel, queued;
    bool counted; /* stmts_poll_begin() was called */
    struct stmt_page page;
    bool good; /* the cluster answered */
};

static struct poll *poll_of(struct exchange *x)
{
    return x->kind;
}

static void on_head(struct exchange *x, const struct engine_head *head)
{
    struct poll *p = poll_of(x);
    struct response_seen seen;
    struct error err;

    switch (judge_answer(x, head, &err)) {
    case JUDGE_FAIL:
        engine_call_cancel(&x->call);
        x->ops->on_fail(x, &err);
        return;
    case JUDGE_TEXT:
        judge_answer_text(x, head->status);
        return;
    case JUDGE_PAGE:
        x->mode = !p->get                             ? MODE_PASS
                  : x->uris.client == x->uris.cluster ? MODE_SCAN
                                                      : MODE_TRANSLATE;
        break;
    case JUDGE_PASS:
        x->mode = MODE_PASS;
        break;
    }
    p->good = true;
    exchange_take_head(x, head, &seen);
    if (head->status == 401)
        handlers_put_challenge(x, seen.token_challenge);
    handlers_put_location(x, seen.location);
    if (seen.started_transaction_id.n > 0) {
        struct state_entry e = {
            .id = seen.started_transaction_id,
            .backend = str_c(x->backend->name),
            .instance = str_c(x->lane->gateway->instance),
            .dialect = (uint8_t)x->uris.client,
            .since_ms = clock_wall_ms(),
        };

        state_put(x->lane->state, STATE_TRANSACTION, &e);
    }
}

static void on_page(struct exchange *x)
{
    struct poll *p = poll_of(x);
    struct gateway *g = x->lane->gateway;

    p->page.rows = x->facts.rows;
    p->page.has_data = x->facts.rows > 0 || x->scan.has_data;
    counter_add(g->m.rows_out, x->facts.rows);
    if (x->mode == MODE_SCAN)
        counter_add(g->m.pages_same, 1);
    if (!x->facts.last)
        return;
    p->counted = false; /* the statement is forgotten: there is no poll to end */
    p->page.bytes = x->bytes_out + x->lane->out.bytes;
    stmts_poll_end(g->stmts, x->uris.id, &p->page);
    handover_end(x->lane, x->uris.id,
                 x->facts.error_name.n == 0                            ? STMT_FINISHED
                 : str_eq(x->facts.error_name, STR("USER_CANCELED"))   ? STMT_CANCELED
                 : str_eq(x->facts.error_name, STR("ABANDONED_QUERY")) ? STMT_ABANDONED
                                                                       : STMT_FAILED,
                 &x->facts);
}

static void on_again(struct timer *t)
{
    struct exchange *x = (struct exchange *)((char *)t - offsetof(struct exchange, timer));
    struct poll *p = poll_of(x);
    struct buf next = buf_make(TICKET_PATH_MAX * 3);

    buf_put_str(&next, x->uris.base);
    buf_put_str(&next, p->target);
    answer_again(exchange_release(x), &x->uris, buf_str(&next), p->queued);
    buf_reset(&next);
    exchange_end(x);
}

static void give_up(struct exchange *x, const struct error *err)
{
    bool gone = err->code != ERR_CORRUPT && err->code != ERR_LIMIT;
    const char *name = gone ? "NO_NODES_AVAILABLE" : answer_error_name(err->code);
    struct answer_failure f = {
        .uris = &x->uris,
        .id = x->uris.id,
        .error_name = name,
        .message = arena_printf(&x->arena, "%s: %s: %s",
                                gone ? "The cluster that runs this statement cannot be reached"
                                     : "The cluster that runs this statement gave no valid page",
                                x->backend->name, err->text),
    };
    struct page_facts facts = {
        .last = true,
        .error_name = str_c(name),
    };
    struct buf escaped = buf_make(65536);

    buf_put_json(&escaped, f.message);
    facts.error_message = str_of(escaped.p + 1, escaped.n - 2); /* without the quotes */
    handover_end(x->lane, x->uris.id, STMT_FAILED, &facts);
    buf_reset(&escaped);
    answer_failure(exchange_release(x), &f);
    exchange_end(x);
}

static void on_fail(struct exchange *x, const struct error *err)
{
    struct poll *p = poll_of(x);
    struct stmts *stmts = x->lane->gateway->stmts;
    uint64_t abandon_ms = x->lane->snapshot->config->abandon_after_ms, unreachable_ms;

    counter_add(x->backend->metrics.poll_failures, 1);
    log_info("poll", x->uris.id, "%s: %s", x->backend->name, err->text);
    if (!p->get) { /* a DELETE that did not arrive: the client may send it again */
        answer_http(exchange_release(x), x->uris.client, 500,
                    STR("The cluster cannot be reached now, try again"));
        exchange_end(x);
        return;
    }
    /* What is no page, or too large a one, will not become better by asking again. */
    unreachable_ms = stmts_unreachable_ms(stmts, x->uris.id);
    if (err->code == ERR_CORRUPT || err->code == ERR_LIMIT || unreachable_ms > abandon_ms) {
        give_up(x, err);
        return;
    }
    if (x->backend->retired && unreachable_ms > MOVE_AFTER_MS)
        stmts_move(stmts, x->uris.id,
                   route_backend(&x->lane->snapshot->routes, str_c(x->backend->name)));
    x->timer.on_timer = on_again;
    timer_set(x->lane->loop, &x->timer, AGAIN_AFTER_MS);
}

static void on_end(struct exchange *x)
{
    struct poll *p = poll_of(x);
    struct gateway *g = x->lane->gateway;

    if (x->backend == NULL)
        return;
    p->page.bytes = x->bytes_out;
    if (p->counted)
        stmts_poll_end(g->stmts, x->uris.id, p->good ? &p->page : NULL);
    counter_add(x->backend->metrics.bytes, x->bytes_out);
    if (p->cancel && p->good && (x->status == 204 || x->status == 200))
        handover_end(x->lane, x->uris.id, STMT_CANCELED, NULL);
    histogram_record_us(g->m.poll_seconds, clock_mono_us() - x->begun_us);
}

static const struct exchange_ops poll_ops = {
    .on_head = on_head,
    .on_page = on_page,
    .on_fail = on_fail,
    .on_end = on_end,
};

static void refuse(struct lane *l, struct http_request *r)
{
    counter_add(l->gateway->m.tickets_refused, 1);
    http_reply(r, 404, STR("text/plain;charset=utf-8"), STR_NONE, STR("Query not found"));
}

/* The cluster's path with what the client added (targetResultSize, maxWait). */
static struct str path_with(struct exchange *x, struct str path, struct str extra)
{
    if (extra.n == 0)
        return path;
    return arena_printf(&x->arena, "%.*s%c%.*s", STR_ARG(path),
                        str_find(path, '?') < path.n ? '&' : '?', STR_ARG(extra));
}

static void send_poll(struct exchange *x, const struct http_request *r, const struct ticket *t,
                      struct str extra)
{
    struct lane *l = x->lane;
    struct poll *p = poll_of(x);
    char user[512];
    struct engine_request q = {
        .method = r->head.method,
        .path = path_with(x, t->path, extra),
        .headers = r->head.headers,
        .header_count = r->head.count,
        .client = t->client,
        .poll = true,
        .plain = false,
    };
    struct buf forwarded = buf_make(8192);
    struct backend *began_on;
    struct error err = {.code = OK};

    began_on =
        stmts_poll_begin(l->gateway->stmts, x->uris.id, x->backend, t->client, user, sizeof(user));
    if (began_on != x->backend && strcmp(began_on->name, x->backend->name) == 0)
        exchange_bind(x, began_on, t->client, t->capabilities, x->uris.id);
    p->counted = true;
    q.user = str_c(user);
    if (x->backend->facts.wants_forwarded)
        uri_forwarded(l, r, x->uris.base, &forwarded);
    q.forwarded = buf_str(&forwarded);
    counter_add(x->backend->metrics.polls, 1);
    x->backend->ops->fetch(exchange_lane(x), &q, &x->call, &err);
    buf_reset(&forwarded);
    if (err.code != OK) {
        answer_http(exchange_release(x), t->client, 400, str_c(err.text));
        exchange_end(x);
    }
}

void handle_poll(struct lane *l, struct http_request *r)
{
    struct uri_target target;
    struct ticket t;
    struct backend *b;
    struct exchange *x;
    struct poll *p;

    counter_add(l->gateway->m.polls, 1);
    if (!uri_read_poll(r->head.target, &target) ||
        ticket_open(l->tickets, target.ticket, target.id, clock_wall_ms(), &t, NULL) != OK ||
        (t.kind != TICKET_POLL && t.kind != TICKET_PARTIAL_CANCEL) ||
        (b = route_backend(&l->snapshot->routes, t.backend)) == NULL) {
        refuse(l, r);
        return;
    }
    if (t.client == DIALECT_PRESTO && str_eq(r->head.method, STR("HEAD"))) {
        http_reply(r, 405, STR_NONE, STR("Allow: GET,DELETE\r\n"), STR_NONE);
        return;
    }
    x = exchange_new(l, r, &poll_ops);
    x->kind = p = arena_zalloc(&x->arena, sizeof(*p));
    exchange_bind(x, b, t.client, t.capabilities, target.id);
    if (t.client == DIALECT_PRESTO)
        uri_set_prefix(&x->uris,
                       arena_str(&x->arena, http_header(&r->head, STR("x-presto-prefix-url"))));
    p->get = str_eq(r->head.method, STR("GET"));
    p->cancel = str_eq(r->head.method, STR("DELETE")) && t.kind == TICKET_POLL;
    p->queued = str_eq(target.phase, STR("queued"));
    p->target = arena_str(&x->arena, r->head.target);
    send_poll(x, r, &t, target.extra);
}
