/* SPDX-License-Identifier: Apache-2.0 */
/* front.c - which handler serves a request of a client listener. */
#include "gateway/handlers.h"

static bool is(const struct http_request *r, struct str method)
{
    return str_eq(r->head.method, method);
}

static void not_allowed(struct http_request *r, struct str allow)
{
    struct buf line = buf_make(128);

    buf_printf(&line, "Allow: %.*s\r\n", STR_ARG(allow));
    http_reply(r, 405, STR("text/plain;charset=utf-8"), buf_str(&line), STR("Method not allowed"));
    buf_reset(&line);
}

static void on_statement(struct lane *l, struct http_request *r)
{
    if (is(r, STR("HEAD"))) {
        handle_resource(l, r);
    } else if (!is(r, STR("POST"))) {
        not_allowed(r, STR("HEAD,POST"));
    } else if (l->gateway->draining) {
        /* Not accepted: clients try again, and find another instance or the next start. */
        http_reply(r, 503, STR("text/plain;charset=utf-8"), STR("Retry-After: 1\r\n"),
                   STR("The gateway is shutting down"));
    } else {
        handle_submit(l, r);
    }
}

/* Presto's PUT /v1/statement/{id}?slug=…: one segment behind the resource. */
static bool is_client_made(struct str rest)
{
    return str_find(str_of(rest.p, str_find(rest, '?')), '/') ==
           str_find(rest, '?'); /* no further slash */
}

void handle_front(struct http_request *r)
{
    struct lane *l = r->arg;
    struct str target = r->head.target, rest;

    if (!str_starts(target, STR("/v1/statement"))) {
        handle_resource(l, r);
        return;
    }
    rest = str_skip(target, 13);
    if (rest.n == 0 || rest.p[0] == '?')
        on_statement(l, r);
    else if (is(r, STR("PUT")) && is_client_made(str_skip(rest, 1)))
        handle_submit(l, r);
    else if (is(r, STR("GET")) || is(r, STR("DELETE")) || is(r, STR("HEAD")))
        handle_poll(l, r);
    else
        not_allowed(r, STR("DELETE,GET,HEAD"));
}
