/* SPDX-License-Identifier: Apache-2.0 */
/* handover.c - see handover.h. The shared state knows which instance accepted a statement. */
#include "gateway/handover.h"

#include "base/mem.h"

#include <stdlib.h>

#define NEWS_MAX 16000

struct handover {
    struct lane *lane;
    struct buf news;
};

static void on_entry(void *arg, const struct state_entry *e)
{
    struct handover *h = arg;
    struct lane *l = h->lane;

    if (e == NULL || str_eq(e->instance, str_c(l->gateway->instance)) ||
        !state_send(l->state, e->instance, buf_str(&h->news)))
        stmts_record(l->gateway->stmts, buf_str(&h->news));
    buf_reset(&h->news);
    free(h);
}

void handover_end(struct lane *l, struct str id, enum stmt_end how, const struct page_facts *facts)
{
    struct buf news = buf_make(NEWS_MAX);
    struct handover *h;

    if (!stmts_end(l->gateway->stmts, id, how, facts, &news)) {
        buf_reset(&news);
        return;
    }
    h = NEW(struct handover);
    h->lane = l;
    h->news = news;
    state_find(l->state, STATE_QUERY, id, on_entry, h);
}
