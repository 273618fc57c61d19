/* SPDX-License-Identifier: Apache-2.0 */
/* handover.c - see handover.h. The shared state knows which instance accepted a statement, and
 * when.
 */
#include "gateway/handover.h"

#include "base/mem.h"
#include "gateway/news.h"

#include <stdlib.h>

#define MESSAGE_BUF_MAX 65536 /* state_send() refuses what is too long for it */

struct handover {
    struct lane *lane;
    struct ended ended;
};

static bool tell(struct lane *l, const struct state_entry *e, const struct ended *d)
{
    struct buf message = buf_make(MESSAGE_BUF_MAX);
    bool told;

    if (str_eq(e->instance, str_c(l->gateway->instance)))
        return false;
    news_write(&message, d);
    told = state_send(l->state, e->instance, buf_str(&message));
    buf_reset(&message);
    return told;
}

static void on_entry(void *arg, const struct state_entry *e)
{
    struct handover *h = arg;
    struct ended *d = &h->ended;

    if (e != NULL && e->since_ms > 0 && d->e.ended_ms > e->since_ms)
        d->e.total_ms = d->e.ended_ms - e->since_ms;
    if (e != NULL && d->user.n == 0)
        d->user = e->user;
    if (e == NULL || !tell(h->lane, e, d))
        stmts_record(h->lane->gateway->stmts, d);
    arena_reset(&h->ended.kept);
    free(h);
}

void handover_end(struct lane *l, struct str id, enum stmt_end how, const struct page_facts *facts)
{
    struct handover *h = NEW(struct handover);

    h->lane = l;
    if (!stmts_end(l->gateway->stmts, id, how, facts, &h->ended)) {
        arena_reset(&h->ended.kept);
        free(h);
        return;
    }
    state_find(l->state, STATE_QUERY, h->ended.e.id, on_entry, h);
}
