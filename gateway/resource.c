/* SPDX-License-Identifier: Apache-2.0 */
/* resource.c - everything of a coordinator that is not a statement: its state, its queries by id,
 * its UI, OAuth2 flows, spooled segments.
 *
 * What names a query goes to that query's cluster. What carries a ticket goes where the ticket
 * says. A browser stays with one cluster by a cookie, set when it first meets one. The rest is
 * answered here, or by a cluster that the default group would choose. */
#include "gateway/handlers.h"

#include "base/clock.h"
#include "base/log.h"
#include "gateway/answers.h"
#include "gateway/handover.h"
#include "gateway/judge.h"
#include "gateway/owner.h"
#include "protocol/session.h"

#include <stdlib.h>

#define COOKIE "Sleipnir-Backend"

struct resource {
    struct request_copy request;
    struct str path; /* of the cluster */
    struct owner_lookup *lookup;
    struct str query_id; /* the request is about this query */
    bool sticky;         /* tell the browser which cluster it has met */
    bool deletes;
    /* /v1/query: the lists of all clusters, one after the other */
    struct buf list;
    size_t next_backend;
    bool listing;
};

static struct resource *resource_of(struct exchange *x)
{
    return x->kind;
}

/* ---- URIs in headers ---- */

/* The quoted value of `name="…"` in a challenge. */
static struct str challenge_uri(struct str challenge, struct str name)
{
    size_t at = str_search(challenge, name);
    struct str rest = str_skip(challenge, at + name.n);

    if (at == challenge.n)
        return STR_NONE;
    return str_of(rest.p, str_find(rest, '"'));
}

static void put_relayed(struct exchange *x, const char *name, struct str uri, bool comma)
{
    struct http_url url;
    struct buf text = buf_make(TICKET_PATH_MAX * 3);

    if (uri.n > 0 && http_url_parse(&url, uri, NULL) == OK) {
        uri_relay(&x->uris, TICKET_RELAY, STR("/v1/relay/"), url.path, &text);
        buf_printf(&x->lines, "%s %s=\"%.*s\"", comma ? "," : "", name, STR_ARG(buf_str(&text)));
    }
    buf_reset(&text);
}

void handlers_put_challenge(struct exchange *x, struct str challenge)
{
    struct str redirect = challenge_uri(challenge, STR("x_redirect_server=\""));
    struct str token = challenge_uri(challenge, STR("x_token_server=\""));

    if (token.n == 0)
        return;
    buf_put_str(&x->lines, STR("WWW-Authenticate: Bearer"));
    put_relayed(x, "x_redirect_server", redirect, false);
    put_relayed(x, "x_token_server", token, redirect.n > 0);
    buf_put_str(&x->lines, STR("\r\n"));
}

/* A redirect within the cluster leads to the same place of the gateway; elsewhere (an identity
 * provider, an object store) it stays. */
void handlers_put_location(struct exchange *x, struct str location)
{
    struct buf uri = buf_make(TICKET_PATH_MAX * 3);
    struct str path;

    if (location.n == 0)
        return;
    if (!judge_is_own(x, location, &path)) {
        buf_put_str(&uri, location);
    } else if (str_starts(path, STR("/v1/spooled/"))) {
        uri_relay(&x->uris, TICKET_SEGMENT, STR("/v1/spooled/"), path, &uri);
    } else if (uri_query_id(path).n == 0 || !uri_for_client(&x->uris, SCAN_NEXT_URI, path, &uri)) {
        buf_clear(&uri);
        buf_put_str(&uri, x->uris.base);
        buf_put_str(&uri, path);
    }
    buf_printf(&x->lines, "Location: %.*s\r\n", STR_ARG(buf_str(&uri)));
    buf_reset(&uri);
}

/* ---- passing on ---- */

static void send_on(struct exchange *x, struct backend *b)
{
    struct resource *rs = resource_of(x);
    struct engine_request q = {
        .method = rs->request.method,
        .path = rs->path,
        .sql = rs->request.body,
        .headers = rs->request.headers,
        .header_count = rs->request.header_count,
        .forwarded = rs->request.forwarded,
        .waits = x->relays_uris, /* OAuth2: until somebody has logged in */
        .plain = true,
    };
    struct error err = {.code = OK};

    exchange_bind(x, b, b->facts.dialect, 0, rs->query_id);
    b->ops->fetch(exchange_lane(x), &q, &x->call, &err);
    if (err.code != OK) {
        answer_http(exchange_release(x), DIALECT_NONE, 400, str_c(err.text));
        exchange_end(x);
    }
}

static void list_next(struct exchange *x);

static void on_head(struct exchange *x, const struct engine_head *head)
{
    struct resource *rs = resource_of(x);
    struct response_seen seen;

    x->mode = rs->listing ? MODE_COLLECT : MODE_PASS;
    /* The token server of an OAuth2 flow says where to ask next. */
    if (x->relays_uris && head->status == 200)
        x->mode = MODE_SCAN;
    if (rs->listing && head->status != 200) { /* this cluster has nothing to tell */
        engine_call_cancel(&x->call);
        list_next(x);
        return;
    }
    if (rs->query_id.n > 0 && !rs->deletes && !rs->sticky && head->status == 200)
        x->mode = MODE_COLLECT; /* QueryInfo holds addresses */
    exchange_take_head(x, head, &seen);
    if (x->mode == MODE_SCAN && !str_starts_nocase(seen.content_type, STR("application/json")))
        x->mode = MODE_PASS;
    if (rs->sticky)
        buf_printf(&x->lines, "Set-Cookie: " COOKIE "=%s; Path=/; HttpOnly; SameSite=Lax%s\r\n",
                   x->backend->name, str_starts(x->uris.base, STR("https:")) ? "; Secure" : "");
    handlers_put_challenge(x, seen.token_challenge);
    handlers_put_location(x, seen.location);
}

static void on_page(struct exchange *x)
{
    (void)x;
}

static void on_fail(struct exchange *x, const struct error *err)
{
    struct resource *rs = resource_of(x);
    struct str text = arena_printf(&x->arena, "The cluster %s cannot be reached: %s\n",
                                   x->backend->name, err->text);

    log_info("resource", rs->query_id, "%s: %s", x->backend->name, err->text);
    if (rs->listing) {
        list_next(x);
        return;
    }
    /* About an accepted statement a client never hears 502. */
    answer_http(exchange_release(x), DIALECT_NONE, rs->query_id.n > 0 ? 500 : 502, text);
    exchange_end(x);
}

static void on_end(struct exchange *x)
{
    struct resource *rs = resource_of(x);

    owner_cancel(rs->lookup);
    buf_reset(&rs->list);
    if (rs->deletes && x->status == 204)
        handover_end(x->lane, rs->query_id, STMT_CANCELED, NULL);
}

/* ---- the list of all clusters' queries ---- */

/* "self" and the like: addresses of the cluster become the gateway's. */
static void put_without_address(struct exchange *x, struct str text, struct buf *out)
{
    struct buf address = buf_make(1024);
    size_t at;

    buf_put_str(&address, STR("http://"));
    x->backend->ops->authority(x->backend->engine, &address);
    while ((at = str_search(text, buf_str(&address))) < text.n) {
        buf_put(out, text.p, at);
        buf_put_str(out, x->uris.base);
        text = str_skip(text, at + address.n);
    }
    buf_put_str(out, text);
    buf_reset(&address);
}

static void answer_collected(struct exchange *x, struct str text)
{
    struct buf out = buf_make(x->lane->snapshot->config->limits.page_max_bytes + 4096);

    put_without_address(x, text, &out);
    http_reply(exchange_release(x), x->status, STR_NONE, buf_str(&x->lines), buf_str(&out));
    buf_reset(&out);
    exchange_end(x);
}

static void on_text(struct exchange *x, struct str text)
{
    struct resource *rs = resource_of(x);

    if (!rs->listing) {
        answer_collected(x, text);
        return;
    }

    while (text.n > 0 && strchr(" \r\n\t", text.p[text.n - 1]) != NULL)
        text.n--;
    if (text.n > 2 && text.p[0] == '[' && text.p[text.n - 1] == ']') {
        if (rs->list.n > 0)
            buf_put_c(&rs->list, ',');
        put_without_address(x, str_of(text.p + 1, text.n - 2), &rs->list);
    }
    list_next(x);
}

static void list_next(struct exchange *x)
{
    struct resource *rs = resource_of(x);
    const struct route_table *t = &x->lane->snapshot->routes;
    struct buf all = buf_make(rs->list.n + 16);

    buf_reset(&x->body);
    buf_reset(&x->lines);
    while (rs->next_backend < t->backend_count) {
        struct backend *b = t->backends[rs->next_backend++];

        if (backend_visible_state(b) == BACKEND_UP ||
            backend_visible_state(b) == BACKEND_DRAINING) {
            buf_reset(&all);
            send_on(x, b);
            return;
        }
    }
    buf_put_c(&all, '[');
    buf_put_str(&all, buf_str(&rs->list));
    buf_put_c(&all, ']');
    http_reply(exchange_release(x), 200, STR("application/json"), STR_NONE, buf_str(&all));
    buf_reset(&all);
    exchange_end(x);
}

static const struct exchange_ops resource_ops = {
    .on_head = on_head,
    .on_page = on_page,
    .on_text = on_text,
    .on_fail = on_fail,
    .on_end = on_end,
};

static struct exchange *begin(struct lane *l, struct http_request *r)
{
    struct exchange *x = exchange_new(l, r, &resource_ops);
    struct resource *rs = arena_zalloc(&x->arena, sizeof(*rs));

    x->kind = rs;
    exchange_copy_request(x, r, &rs->request);
    rs->path = rs->request.target;
    rs->list = buf_make(l->snapshot->config->limits.page_max_bytes);
    return x;
}

static void on_owner(void *arg, struct backend *b)
{
    struct exchange *x = arg;
    struct resource *rs = resource_of(x);

    rs->lookup = NULL;
    if (b == NULL) {
        answer_http(exchange_release(x), DIALECT_NONE, 404, STR("Query not found"));
        exchange_end(x);
        return;
    }
    send_on(x, b);
}

static void by_query(struct lane *l, struct http_request *r, struct str id, bool sticky)
{
    struct exchange *x = begin(l, r);
    struct resource *rs = resource_of(x);

    rs->query_id = arena_str(&x->arena, id);
    rs->sticky = sticky;
    rs->deletes = str_eq(r->head.method, STR("DELETE"));
    rs->lookup = owner_find(l, STATE_QUERY, rs->query_id, on_owner, x);
}

static void by_ticket(struct lane *l, struct http_request *r, struct str text)
{
    struct ticket t;
    struct backend *b;
    struct exchange *x;

    text.n = str_find(text, '?');
    if (ticket_open(l->tickets, text, STR_NONE, clock_wall_ms(), &t, NULL) != OK ||
        (t.kind != TICKET_SEGMENT && t.kind != TICKET_RELAY) ||
        (b = route_backend(&l->snapshot->routes, t.backend)) == NULL) {
        counter_add(l->gateway->m.tickets_refused, 1);
        http_reply(r, 404, STR("text/plain;charset=utf-8"), STR_NONE, STR("Not found"));
        return;
    }
    x = begin(l, r);
    resource_of(x)->path = arena_str(&x->arena, t.path);
    resource_of(x)->sticky = t.kind == TICKET_RELAY;
    x->relays_uris = t.kind == TICKET_RELAY;
    send_on(x, b);
}

/* The cluster that the default group would choose, of the client's dialect if there is one. */
static struct backend *default_backend(struct lane *l, enum dialect d, struct str user)
{
    struct route_query q = {.user = user, .random = lane_random(l), .prefer = d};
    struct route route;

    route_choose(&l->snapshot->routes, &q, &route);
    for (size_t i = 0; i < route.count; i++)
        if (route.candidates[i]->facts.dialect == d)
            return route.candidates[i];
    return route.count > 0 ? route.candidates[0] : NULL;
}

static struct backend *cookie_backend(struct lane *l, const struct http_request *r)
{
    struct str cookies = http_header(&r->head, STR("cookie"));

    while (cookies.p != NULL) {
        struct str pair = str_split(&cookies, ';'), name = str_trim(str_split(&pair, '='));

        if (str_eq(name, STR(COOKIE)) && pair.p != NULL)
            return route_backend(&l->snapshot->routes, str_trim(pair));
    }
    return NULL;
}

static void to_default(struct lane *l, struct http_request *r, bool sticky)
{
    enum dialect d = DIALECT_NONE;
    struct backend *b = sticky ? cookie_backend(l, r) : NULL;
    struct exchange *x;

    if (session_dialect(&d, r->head.headers, r->head.count, NULL) != OK)
        d = DIALECT_NONE;
    if (b == NULL)
        b = default_backend(l, d, STR_NONE);
    if (b == NULL) {
        answer_http(r, d, 503, STR("No cluster is up\n"));
        return;
    }
    x = begin(l, r);
    resource_of(x)->sticky = sticky;
    send_on(x, b);
}

/* ---- answered here ---- */

static void answer_info(struct lane *l, struct http_request *r)
{
    enum dialect d = DIALECT_NONE;
    struct backend *b;
    struct buf text = buf_make(65536);

    if (session_dialect(&d, r->head.headers, r->head.count, NULL) != OK)
        d = DIALECT_NONE;
    if (d == DIALECT_NONE && str_starts(http_header(&r->head, STR("user-agent")), STR("Presto")))
        d = DIALECT_PRESTO; /* presto-jdbc asks for the version without any header of its own */
    b = default_backend(l, d, STR_NONE);
    if (b != NULL)
        b->ops->info(b->engine, &text);
    if (b != NULL && text.n == 0) { /* no probe has ended yet */
        send_on(begin(l, r), b);
        return;
    }
    if (text.n == 0)
        buf_put_str(&text, STR("{\"nodeVersion\":{\"version\":\"sleipnir-" SLEIPNIR_VERSION
                               "\"},\"environment\":\"sleipnir\",\"coordinator\":true,"
                               "\"starting\":true,\"uptime\":\"0.00s\"}"));
    http_reply(r, 200, STR("application/json"), STR_NONE, buf_str(&text));
    buf_reset(&text);
}

static void answer_state(struct lane *l, struct http_request *r)
{
    http_reply(r, 200, STR("application/json"), STR_NONE,
               l->gateway->draining ? STR("\"SHUTTING_DOWN\"") : STR("\"ACTIVE\""));
}

/* HEAD /v1/statement: the question of trino-jdbc's validateConnection, of nobody else. A Trino
 * answers itself; in front of Presto clusters the answer is what a Trino would say. */
static void answer_validate(struct lane *l, struct http_request *r)
{
    enum dialect d = DIALECT_NONE;
    struct backend *b;
    bool named;

    if (session_dialect(&d, r->head.headers, r->head.count, NULL) != OK)
        d = DIALECT_NONE;
    b = default_backend(l, DIALECT_TRINO, STR_NONE);
    named = http_header(&r->head, STR("x-trino-user")).n > 0 ||
            http_header(&r->head, STR("x-trino-original-user")).n > 0 ||
            http_header(&r->head, STR("authorization")).n > 0;
    if (d == DIALECT_PRESTO) /* its coordinators do not know the method */
        http_reply(r, 405, STR_NONE, STR("Allow: POST\r\n"), STR_NONE);
    else if (b != NULL && b->facts.dialect == DIALECT_TRINO)
        send_on(begin(l, r), b);
    else if (named)
        http_reply(r, 200, STR_NONE, STR_NONE, STR_NONE);
    else
        http_reply(r, 401, STR_NONE, STR("WWW-Authenticate: Basic realm=\"Trino\"\r\n"), STR_NONE);
}

/* ---- dispatch ---- */

/* The query id that a UI address names: /ui/query.html?ID, /ui/api/query/ID. */
static struct str ui_query(struct str target)
{
    struct str id = STR_NONE;

    if (str_starts(target, STR("/ui/query.html?")))
        id = str_skip(target, 15);
    else if (str_starts(target, STR("/ui/api/query/")))
        id = str_skip(target, 14);
    for (size_t i = 0; i < id.n; i++)
        if (strchr("/?&#", id.p[i]) != NULL)
            id.n = i;
    return id;
}

static bool one_of(struct str path, const struct str *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(path, list[i]))
            return true;
    return false;
}

void handle_resource(struct lane *l, struct http_request *r)
{
    static const struct str of_default[] = {{"/v1/status", 10},
                                            {"/v1/cluster", 11},
                                            {"/v1/node", 8},
                                            {"/v1/queryState", 14},
                                            {"/v1/resourceGroupState", 22}};
    struct str target = r->head.target, path = str_of(target.p, str_find(target, '?'));
    struct str id;

    if (str_eq(path, STR("/v1/statement"))) {
        answer_validate(l, r);
    } else if (str_eq(path, STR("/v1/info"))) {
        answer_info(l, r);
    } else if (str_eq(path, STR("/v1/info/state"))) {
        answer_state(l, r);
    } else if (str_eq(path, STR("/v1/info/coordinator"))) {
        http_reply(r, 200, STR_NONE, STR_NONE, STR_NONE);
    } else if (str_eq(path, STR("/v1/query"))) {
        struct exchange *x = begin(l, r);

        resource_of(x)->listing = true;
        list_next(x);
    } else if (str_starts(path, STR("/v1/query/"))) {
        id = str_skip(path, 10);
        id.n = str_find(id, '/');
        by_query(l, r, id, false);
    } else if (str_starts(path, STR("/v1/spooled/"))) {
        by_ticket(l, r, str_skip(path, 12));
    } else if (str_starts(path, STR("/v1/relay/"))) {
        by_ticket(l, r, str_skip(path, 10));
    } else if ((id = ui_query(target)).n > 0) {
        by_query(l, r, id, true);
    } else if (str_starts(path, STR("/ui")) || str_starts(path, STR("/oauth2/")) ||
               str_eq(path, STR("/logout"))) {
        to_default(l, r, true);
    } else if (str_eq(path, STR("/"))) {
        http_reply(r, 303, STR_NONE, STR("Location: /ui/\r\n"), STR_NONE);
    } else if (one_of(path, of_default, ARRAY_LEN(of_default))) {
        to_default(l, r, false);
    } else {
        http_reply(r, 404, STR("text/plain;charset=utf-8"), STR_NONE, STR("Not found"));
    }
}
