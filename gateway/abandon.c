/* SPDX-License-Identifier: Apache-2.0 */
/* abandon.c - see abandon.h.
 *
 * This instance not having seen a poll does not mean that no instance has. The cluster knows: its
 * QueryInfo tells when it last heard of the client. Heard of lately, the statement is another
 * instance's (HANDED_OVER); unknown to the cluster, it is over; otherwise it is cancelled. */
#include "gateway/abandon.h"

#include "base/clock.h"
#include "base/log.h"
#include "gateway/handover.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define LOOK_MS 1000
#define INFO_MAX (64 << 20)

struct check {
    struct check *prev, *next;
    struct abandon *owner;
    struct backend *backend;
    struct engine_call call;
    struct buf text;
    int status;
    bool deleting;
    char id[QUERY_ID_MAX + 1], user[513];
};

struct abandon {
    struct lane *lane;
    struct timer timer;
    struct check *checks; /* under way */
};

static void check_free(struct check *c)
{
    if (c->prev != NULL)
        c->prev->next = c->next;
    else
        c->owner->checks = c->next;
    if (c->next != NULL)
        c->next->prev = c->prev;
    engine_call_cancel(&c->call);
    buf_reset(&c->text);
    free(c);
}

static void conclude(struct check *c, enum stmt_end how)
{
    struct page_facts facts = {
        .error_name = STR("ABANDONED_QUERY"),
        .error_type = STR("USER_ERROR"),
        .error_message = STR("No client polled the statement within statements.abandon_after"),
    };

    if (how == STMT_ABANDONED)
        log_info("abandon", str_c(c->id), "cancelled on %s: no client polls it", c->backend->name);
    handover_end(c->owner->lane, str_c(c->id), how, how == STMT_ABANDONED ? &facts : NULL);
    check_free(c);
}

static void ask(struct check *c, struct str method)
{
    struct lane *l = c->owner->lane;
    struct buf path = buf_make(256), name = buf_make(64);
    struct header user;
    struct engine_request q = {
        .method = method, .plain = true, .headers = &user, .header_count = 1};
    struct error err = {.code = OK};

    buf_printf(&path, "/v1/query/%s", c->id);
    buf_put_str(&name, dialect_prefix(c->backend->facts.dialect));
    buf_put_str(&name, STR("User"));
    user = (struct header){buf_str(&name), str_c(c->user[0] != '\0' ? c->user : "sleipnir")};
    q.path = buf_str(&path);
    buf_clear(&c->text);
    c->backend->ops->fetch(backend_lane(c->backend, l->index, l->loop), &q, &c->call, &err);
    buf_reset(&path);
    buf_reset(&name);
    if (err.code != OK)
        check_free(c); /* looked at again after another abandon_after */
}

/* "lastHeartbeat":"2026-11-24T22:08:28.123Z" -> how long ago; UINT64_MAX when it is not there. */
static uint64_t heartbeat_age_ms(struct str info)
{
    static const struct str key = {"\"lastHeartbeat\"", 15};
    struct str rest = str_skip(info, str_search(info, key) + key.n);
    uint64_t now = clock_wall_ms(), then;
    char text[32];
    struct tm tm = {0};

    rest = str_skip(rest, str_find(rest, '"') + 1);
    snprintf(text, sizeof(text), "%.*s", rest.n < 31 ? (int)rest.n : 31, rest.n > 0 ? rest.p : "");
    if (strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) == NULL)
        return UINT64_MAX;
    then = (uint64_t)timegm(&tm) * 1000;
    return then < now ? now - then : 0;
}

static bool is_over(struct str info)
{
    struct str state = str_skip(info, str_search(info, STR("\"state\"")) + 7);

    state = str_skip(state, str_find(state, '"'));
    return str_starts(state, STR("\"FINISHED\"")) || str_starts(state, STR("\"FAILED\""));
}

static void on_answer(struct check *c)
{
    uint64_t limit = c->owner->lane->snapshot->config->abandon_after_ms;
    struct str info = buf_str(&c->text);

    if (c->deleting) {
        conclude(c, c->status < 300 ? STMT_ABANDONED : STMT_HANDED_OVER);
    } else if (c->status == 404 || c->status == 410 || (c->status == 200 && is_over(info))) {
        conclude(c, STMT_HANDED_OVER);
    } else if (c->status == 200 && heartbeat_age_ms(info) < limit) {
        conclude(c, STMT_HANDED_OVER);
    } else {
        c->deleting = true;
        ask(c, STR("DELETE"));
    }
}

static struct check *check_of(struct engine_call *call)
{
    return (struct check *)((char *)call - offsetof(struct check, call));
}

static void on_head(struct engine_call *call, const struct engine_head *head)
{
    check_of(call)->status = head->status;
}

static void on_data(struct engine_call *call, const struct str *pieces, size_t n, bool last)
{
    struct check *c = check_of(call);

    for (size_t i = 0; i < n; i++)
        buf_put_str(&c->text, pieces[i]);
    if (last)
        on_answer(c);
}

static void on_fail(struct engine_call *call, const struct error *err)
{
    struct check *c = check_of(call);

    log_info("abandon", str_c(c->id), "cannot ask %s: %s", c->backend->name, err->text);
    check_free(c);
}

/* With its own memory and its own key no other instance can serve this one's statements. */
static bool is_alone(const struct lane *l)
{
    const struct config *c = l->snapshot->config;

    return c->state.kind == CONFIG_STATE_MEMORY && c->ticket_keys.count == 0;
}

static void on_idle(void *arg, struct str id, struct backend *b, struct str user)
{
    struct abandon *a = arg;
    struct check *c = NEW(struct check);

    c->owner = a;
    c->backend = b;
    c->text = buf_make(INFO_MAX);
    c->call.on_head = on_head;
    c->call.on_data = on_data;
    c->call.on_fail = on_fail;
    snprintf(c->id, sizeof(c->id), "%.*s", STR_ARG(id));
    snprintf(c->user, sizeof(c->user), "%.*s", STR_ARG(user));
    c->next = a->checks;
    if (a->checks != NULL)
        a->checks->prev = c;
    a->checks = c;
    c->deleting = is_alone(a->lane);
    ask(c, c->deleting ? STR("DELETE") : STR("GET"));
}

static void on_timer(struct timer *t)
{
    struct abandon *a = (struct abandon *)((char *)t - offsetof(struct abandon, timer));
    struct lane *l = a->lane;

    stmts_idle(l->gateway->stmts, l->snapshot->config->abandon_after_ms, on_idle, a);
    timer_set(l->loop, t, LOOK_MS);
}

struct abandon *abandon_start(struct lane *l)
{
    struct abandon *a = NEW(struct abandon);

    a->lane = l;
    a->timer.on_timer = on_timer;
    timer_set(l->loop, &a->timer, LOOK_MS);
    return a;
}

void abandon_stop(struct abandon *a)
{
    if (a == NULL)
        return;
    while (a->checks != NULL)
        check_free(a->checks);
    timer_clear(a->lane->loop, &a->timer);
    free(a);
}
