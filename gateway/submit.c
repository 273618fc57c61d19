/* SPDX-License-Identifier: Apache-2.0 */
/* submit.c - POST /v1/statement, and Presto's PUT /v1/statement/{id}: from the client's headers to
 * the first page.
 *
 *   ACCEPTED --session read--> ROUTING --owner looked up, candidates chosen--> SUBMITTING
 *   SUBMITTING --refused--> SUBMITTING (next candidate)      --page--> RUNNING (see stmts.h)
 *              --all refused--> FAILED
 *
 * Until a page came, nothing was sent to the client and a statement may go to another cluster: a
 * coordinator begins a query at the first GET, so that one which it accepted unheard never runs. */
#include "gateway/handlers.h"

#include "base/clock.h"
#include "base/log.h"
#include "gateway/answers.h"
#include "gateway/exchange.h"
#include "gateway/handover.h"
#include "gateway/judge.h"
#include "gateway/owner.h"
#include "protocol/session.h"
#include "protocol/sql_peek.h"
#include "sql/prepared.h"

#include <stdio.h>

struct submission {
    struct session session;
    struct request_copy request; /* a second candidate may need it */
    enum dialect dialect;        /* of the answers: the client's, Trino when it does not say */
    struct sql_peek peek;
    struct route route;
    size_t next; /* candidate to try */
    unsigned refusals;
    struct str last_refusal;
    struct owner_lookup *lookup;
    char id[QUERY_ID_MAX + 1]; /* of the gateway, until a cluster gave one */
};

static struct submission *submission_of(struct exchange *x)
{
    return x->kind;
}

/* ---- what is said when it fails ---- */

static void put_begin(struct exchange *x, struct str id, struct str group)
{
    struct submission *s = submission_of(x);
    struct gateway *g = x->lane->gateway;
    struct history_begin b = {
        .id = id,
        .user = s->session.user,
        .principal = s->session.original_user,
        .source = s->session.source,
        .client = s->session.user_agent,
        .client_tags = s->session.client_tags,
        .dialect = str_c(dialect_name(s->dialect)),
        .catalog = s->session.catalog,
        .schema = s->session.schema,
        .sql = s->request.body,
        .group = group,
        .backend = x->backend != NULL ? str_c(x->backend->name) : STR_NONE,
        .reason = str_c(s->route.reason),
        .hint = s->session.has_hint ? s->session.hint : s->session.routing_group,
        .trace_token = s->session.trace_token,
        .instance = str_c(g->instance),
        .created_ms = clock_wall_ms() - (clock_mono_us() - x->begun_us) / 1000,
        .retries = s->refusals,
    };

    if (g->history == NULL)
        return;
    if (sql_prepared_wanted(b.sql))
        b.prepared = sql_prepared_join(&x->arena, s->request.headers, s->request.header_count);
    history_begin(g->history, &b);
}

static void fail(struct exchange *x, const char *error_name, struct str message)
{
    struct submission *s = submission_of(x);
    struct gateway *g = x->lane->gateway;
    struct answer_failure f = {
        .uris = &x->uris,
        .error_name = error_name,
        .message = message,
    };
    struct history_end e = {
        .id = f.id,
        .state = STR("FAILED"),
        .error_name = str_c(error_name),
        .error_text = message,
        .ended_ms = clock_wall_ms(),
    };
    struct log_line l;

    x->uris.client = s->dialect; /* no cluster may have been bound yet */
    answer_new_id(x->lane, s->id);
    f.id = e.id = str_c(s->id);
    x->backend = NULL;
    put_begin(x, f.id, s->route.group);
    if (g->history != NULL)
        history_end(g->history, &e);
    counter_add(g->m.failed, 1);
    log_line_begin(&l, LOG_LEVEL_INFO, "statement", "refused");
    log_field_str(&l, "id", f.id);
    log_field_str(&l, "user", s->session.user);
    log_field_str(&l, "error", e.error_name);
    log_field_str(&l, "why", message);
    log_line_end(&l);
    answer_failure(exchange_release(x), &f);
    exchange_end(x);
}

static void refuse_http(struct exchange *x, int status, struct str text)
{
    struct submission *s = submission_of(x);

    counter_add(x->lane->gateway->m.refused_requests, 1);
    answer_http(exchange_release(x), s->dialect, status, text);
    exchange_end(x);
}

/* ---- trying one candidate after the other ---- */

static void try_next(struct exchange *x);

static void send_to(struct exchange *x, struct backend *b)
{
    struct submission *s = submission_of(x);
    struct engine_request r = {
        .method = s->request.method,
        .path = s->request.target,
        .sql = s->request.body,
        .headers = s->request.headers,
        .header_count = s->request.header_count,
        .client = s->session.dialect,
        .forwarded = s->request.forwarded,
        .plain = true,
    };
    struct buf execute = buf_make(s->request.body.n + 256);
    struct error err = {.code = OK};

    exchange_bind(x, b, s->dialect, s->session.capabilities, STR_NONE);
    if (s->peek.kind == PEEK_EXECUTE_IMMEDIATE && b->facts.dialect == DIALECT_PRESTO) {
        /* Presto has no EXECUTE IMMEDIATE: the text travels as one more prepared statement. */
        r.prepared_name = STR("gw_immediate");
        r.prepared_sql = s->peek.inner;
        buf_put_str(&execute, STR("EXECUTE gw_immediate "));
        buf_put_str(&execute, s->peek.rest);
        r.sql = buf_str(&execute);
    }
    counter_add(b->metrics.submitted, 1);
    b->ops->submit(exchange_lane(x), &r, &x->call, &err);
    buf_reset(&execute);
    if (err.code != OK)
        refuse_http(x, 400, str_c(err.text));
}

static void try_next(struct exchange *x)
{
    struct submission *s = submission_of(x);
    struct buf text = buf_make(2048);

    if (s->next < s->route.count) {
        send_to(x, s->route.candidates[s->next++]);
        return;
    }
    counter_add(x->lane->gateway->m.no_backend, 1);
    if (s->route.count == 0)
        buf_printf(&text,
                   "No cluster of '%.*s' takes statements now (all are down, starting or "
                   "draining); try again, or see /v1/backends of the gateway's admin listener",
                   STR_ARG(s->route.group));
    else
        buf_printf(&text, "No cluster of '%.*s' accepted the statement; the last one said: %.*s",
                   STR_ARG(s->route.group), STR_ARG(s->last_refusal));
    fail(x, "NO_NODES_AVAILABLE", arena_str(&x->arena, buf_str(&text)));
    buf_reset(&text);
}

static void refused(struct exchange *x, struct str why)
{
    struct submission *s = submission_of(x);

    counter_add(x->backend->metrics.refused, 1);
    counter_add(x->lane->gateway->m.retries, 1);
    log_info("submit", STR_NONE, "%s refused a statement: %.*s", x->backend->name, STR_ARG(why));
    s->last_refusal = arena_printf(&x->arena, "%s: %.*s", x->backend->name, STR_ARG(why));
    s->refusals++;
    try_next(x);
}

static void on_fail(struct exchange *x, const struct error *err)
{
    refused(x, str_c(err->text));
}

static void on_head(struct exchange *x, const struct engine_head *head)
{
    struct submission *s = submission_of(x);
    struct response_seen seen;
    struct error err;

    switch (judge_answer(x, head, &err)) {
    case JUDGE_FAIL:
        engine_call_cancel(&x->call);
        refused(x, str_c(err.text));
        return;
    case JUDGE_TEXT:
        judge_answer_text(x, head->status);
        return;
    case JUDGE_PAGE:
        x->mode = s->dialect != x->uris.cluster ? MODE_TRANSLATE
                  : x->warning.n > 0            ? MODE_COLLECT
                                                : MODE_SCAN;
        break;
    case JUDGE_PASS:
        x->mode = MODE_PASS;
        break;
    }
    exchange_take_head(x, head, &seen);
    if (head->status == 401)
        handlers_put_challenge(x, seen.token_challenge);
    handlers_put_location(x, seen.location);
}

/* The cluster accepted: from here on the statement has an id, an owner and a record. */
static void on_page(struct exchange *x)
{
    struct submission *s = submission_of(x);
    struct gateway *g = x->lane->gateway;
    struct str id = x->uris.id;
    struct state_entry e = {
        .id = id,
        .backend = str_c(x->backend->name),
        .user = s->session.user,
        .instance = str_c(g->instance),
        .dialect = (uint8_t)s->dialect,
        .since_ms = clock_wall_ms(),
    };

    if (id.n == 0)
        return; /* a page without id: the client will say what it thinks of it */
    stmts_begin(g->stmts, &(struct stmt_begin){id, s->session.user, s->session.source, x->backend,
                                               s->dialect, str_eq(s->request.method, STR("PUT"))});
    put_begin(x, id, s->route.group);
    state_put(x->lane->state, STATE_QUERY, &e);
    counter_add(g->m.statements[s->dialect], 1);
    if (s->route.from != NULL)
        counter_add(s->route.from->accepted, 1);
    histogram_record_us(g->m.post_seconds, clock_mono_us() - x->begun_us);
    if (x->facts.last)
        handover_end(x->lane, id, x->facts.error_name.n > 0 ? STMT_FAILED : STMT_FINISHED,
                     &x->facts);
}

/* The first page, with a warning of ours put in: "warnings" is its last member and has no rows
 * before it. */
static void on_text(struct exchange *x, struct str page)
{
    static const struct str key = {"\"warnings\":[", 12};
    struct str rest = str_skip(page, str_search(page, key) + key.n), whole;
    struct buf out = buf_make(page.n + 4096);

    if (rest.n > 0) {
        buf_put(&out, page.p, page.n - rest.n);
        buf_put_str(&out, STR("{\"warningCode\":{\"code\":16777216,\"name\":\"GATEWAY_WARNING\"},"
                              "\"message\":"));
        buf_put_json(&out, x->warning);
        buf_put_str(&out, rest.p[0] == ']' ? STR("}") : STR("},"));
        buf_put_str(&out, rest);
    } else {
        buf_put_str(&out, page);
    }
    whole = buf_str(&out);
    x->mode = MODE_SCAN;
    x->call.on_data(&x->call, &whole, 1, true);
    buf_reset(&out);
}

static void on_end(struct exchange *x)
{
    struct submission *s = submission_of(x);

    owner_cancel(s->lookup);
}

static const struct exchange_ops submit_ops = {
    .on_head = on_head,
    .on_page = on_page,
    .on_text = on_text,
    .on_fail = on_fail,
    .on_end = on_end,
};

/* ---- where it goes ---- */

/* Only Presto takes ids that a client made (PUT). */
static void keep_presto(struct route *r)
{
    size_t kept = 0;

    for (size_t i = 0; i < r->count; i++)
        if (r->candidates[i]->facts.dialect == DIALECT_PRESTO)
            r->candidates[kept++] = r->candidates[i];
    r->count = kept;
}

static void route_and_send(struct exchange *x)
{
    struct submission *s = submission_of(x);
    const struct snapshot *snap = x->lane->snapshot;
    struct route_query q = {
        .hint = s->session.has_hint ? s->session.hint : s->session.routing_group,
        .user = s->session.user,
        .random = lane_random(x->lane),
        .prefer = s->dialect,
    };
    struct buf names = buf_make(4096);

    route_choose(&snap->routes, &q, &s->route);
    if (str_eq(s->request.method, STR("PUT")))
        keep_presto(&s->route);
    if (s->route.unknown_hint && snap->config->unknown_hint == CONFIG_HINT_ERROR) {
        route_names(&snap->routes, &names);
        fail(x, "GENERIC_USER_ERROR",
             arena_printf(&x->arena, "Unknown routing hint '%.*s'; valid ones are: %.*s",
                          STR_ARG(q.hint), STR_ARG(buf_str(&names))));
        buf_reset(&names);
        return;
    }
    if (s->route.unknown_hint)
        x->warning =
            arena_printf(&x->arena, "Unknown routing hint '%.*s' was ignored", STR_ARG(q.hint));
    try_next(x);
}

/* A statement that belongs to one cluster: of a transaction, or about a query. */
static void on_owner(void *arg, struct backend *b)
{
    struct exchange *x = arg;
    struct submission *s = submission_of(x);

    s->lookup = NULL;
    if (b == NULL && s->session.transaction == SESSION_TRANSACTION_ID) {
        fail(x, "UNKNOWN_TRANSACTION",
             arena_printf(&x->arena, "Unknown transaction ID: %.*s. Possibly expired?",
                          STR_ARG(s->session.transaction_id)));
        return;
    }
    if (b == NULL) { /* the default cluster knows how to say that it has no such query */
        route_and_send(x);
        return;
    }
    s->route.group = str_c(b->name);
    snprintf(s->route.reason, sizeof(s->route.reason), "%s",
             s->session.transaction == SESSION_TRANSACTION_ID ? "transaction" : "kill_query");
    s->route.candidates[0] = b;
    s->route.count = 1;
    try_next(x);
}

static void start(struct exchange *x)
{
    struct submission *s = submission_of(x);

    if (s->session.transaction == SESSION_TRANSACTION_ID)
        s->lookup = owner_find(x->lane, STATE_TRANSACTION, s->session.transaction_id, on_owner, x);
    else if (s->peek.kind == PEEK_KILL_QUERY)
        s->lookup = owner_find(x->lane, STATE_QUERY, s->peek.query_id, on_owner, x);
    else
        route_and_send(x);
}

/* ---- the request ---- */

static bool is_blank(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (strchr(" \t\r\n", s.p[i]) == NULL || s.p[i] == '\0')
            return false;
    return true;
}

/* What a coordinator refuses before it looks at the SQL. */
static bool refuse_early(struct exchange *x, const struct http_request *r)
{
    struct submission *s = submission_of(x);
    const struct session *session = &s->session;
    bool authenticated = http_header(&r->head, STR("authorization")).n > 0;

    if (session->user.n == 0 && session->original_user.n == 0 && !authenticated && !r->tls) {
        if (s->dialect == DIALECT_PRESTO)
            refuse_http(x, 400, STR("User must be set"));
        else
            refuse_http(x, 401,
                        STR("Basic authentication or X-Trino-Original-User or X-Trino-User must "
                            "be sent"));
        return true;
    }
    if (r->body_too_large) {
        fail(x, "QUERY_TEXT_TOO_LARGE",
             arena_printf(&x->arena,
                          "Query text exceeds the maximum length of %zu bytes (limits.sql_max of "
                          "the gateway)",
                          x->lane->snapshot->config->limits.sql_max_bytes));
        return true;
    }
    if (is_blank(s->request.body)) {
        refuse_http(x, 400, STR("SQL statement is empty"));
        return true;
    }
    return false;
}

/* Trino is what a client without any header of either dialect gets. */
static enum dialect dialect_of(const struct request_copy *r)
{
    enum dialect d = DIALECT_NONE;

    if (session_dialect(&d, r->headers, r->header_count, NULL) != OK || d == DIALECT_NONE)
        return DIALECT_TRINO;
    return d;
}

void handle_submit(struct lane *l, struct http_request *r)
{
    struct exchange *x = exchange_new(l, r, &submit_ops);
    struct submission *s = arena_zalloc(&x->arena, sizeof(*s));
    struct error err;

    x->kind = s;
    exchange_copy_request(x, r, &s->request);
    if (session_read(&s->session, &x->arena, s->request.headers, s->request.header_count, &err) !=
        OK) {
        s->dialect = dialect_of(&s->request);
        refuse_http(x, 400, str_c(err.text));
        return;
    }
    s->dialect = s->session.dialect != DIALECT_NONE ? s->session.dialect : DIALECT_TRINO;
    if (s->dialect == DIALECT_PRESTO)
        uri_set_prefix(&x->uris, s->session.prefix_url);
    if (refuse_early(x, r))
        return;
    sql_peek(&s->peek, &x->arena, s->request.body);
    start(x);
}
