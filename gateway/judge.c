/* SPDX-License-Identifier: Apache-2.0 */
/* judge.c - see judge.h. */
#include "gateway/judge.h"

#include "gateway/answers.h"

static struct str header_of(const struct engine_head *head, struct str name)
{
    for (size_t i = 0; i < head->header_count; i++)
        if (str_eq_nocase(head->headers[i].name, name))
            return head->headers[i].value;
    return STR_NONE;
}

/* Does this URI lead to where the client believes to be? A cluster that is told so builds such. */
static bool is_ours(const struct exchange *x, const struct http_url *url)
{
    struct http_url base;

    return x->backend->facts.wants_forwarded && http_url_parse(&base, x->uris.base, NULL) == OK &&
           str_eq_nocase(base.host, url->host) && base.port == url->port;
}

bool judge_is_own(const struct exchange *x, struct str uri, struct str *path)
{
    struct buf authority = buf_make(1024);
    struct http_url url;
    bool own;

    if (uri.n > 0 && uri.p[0] == '/' && !str_starts(uri, STR("//"))) {
        *path = uri;
        return true;
    }
    if (http_url_parse(&url, uri, NULL) != OK)
        return false;
    x->backend->ops->authority(x->backend->engine, &authority);
    own = str_eq_nocase(buf_str(&authority), url.authority) || is_ours(x, &url);
    *path = url.path.n > 0 ? url.path : STR("/");
    buf_reset(&authority);
    return own;
}

enum judgement judge_answer(const struct exchange *x, const struct engine_head *head,
                            struct error *err)
{
    bool html = str_starts_nocase(header_of(head, STR("content-type")), STR("text/html"));
    struct str path;

    if (head->status == 200)
        return JUDGE_PAGE;
    if (head->status == 502 || head->status == 503 || head->status == 504 ||
        (head->status >= 500 && html)) {
        error_set(err, ERR_UPSTREAM, "HTTP %d", head->status);
        return JUDGE_FAIL;
    }
    if (head->status >= 300 && head->status < 400 &&
        !judge_is_own(x, header_of(head, STR("location")), &path)) {
        error_set(err, ERR_UPSTREAM, "HTTP %d that leads to another host", head->status);
        return JUDGE_FAIL;
    }
    return html ? JUDGE_TEXT : JUDGE_PASS;
}

void judge_answer_text(struct exchange *x, int status)
{
    struct str text = arena_printf(&x->arena, "The cluster %s answered HTTP %d %s\n",
                                   x->backend->name, status, http_reason(status));

    engine_call_cancel(&x->call);
    answer_http(exchange_release(x), x->uris.client, status, text);
    exchange_end(x);
}
