/* SPDX-License-Identifier: Apache-2.0 */
/* owner.c - see owner.h. */
#include "gateway/owner.h"

#include "base/mem.h"
#include "gateway/stmts.h"

#include <stddef.h>
#include <stdlib.h>

struct owner_lookup {
    struct lane *lane;
    enum state_entry_kind kind;
    void (*done)(void *arg, struct backend *b); /* NULL: cancelled */
    void *arg;
    struct state_lookup *state;
    struct task task; /* answers from memory come at the end of the turn */
    struct backend *found;
    struct job job; /* the history is read by a worker */
    bool in_worker;
    char backend[BACKEND_NAME_MAX + 1];
    size_t id_n;
    char id[256];
};

static void finish(struct owner_lookup *o, struct backend *b)
{
    void (*done)(void *arg, struct backend *b) = o->done;
    void *arg = o->arg;

    free(o);
    if (done != NULL)
        done(arg, b);
}

static void run_history(struct job *j)
{
    struct owner_lookup *o =
        (struct owner_lookup *)((char *)j - offsetof(struct owner_lookup, job));

    if (history_find_backend(o->lane->gateway->history, str_of(o->id, o->id_n), o->backend,
                             sizeof(o->backend), NULL) != OK)
        o->backend[0] = '\0';
}

static void on_history(struct job *j)
{
    struct owner_lookup *o =
        (struct owner_lookup *)((char *)j - offsetof(struct owner_lookup, job));

    finish(o, route_backend(&o->lane->snapshot->routes, str_c(o->backend)));
}

static void on_state(void *arg, const struct state_entry *e)
{
    struct owner_lookup *o = arg;
    struct gateway *g = o->lane->gateway;
    struct backend *b = NULL;

    o->state = NULL;
    if (e != NULL)
        b = route_backend(&o->lane->snapshot->routes, e->backend);
    if (b != NULL || o->kind != STATE_QUERY || g->history == NULL) {
        finish(o, b);
        return;
    }
    o->job.run = run_history;
    o->job.done = on_history;
    o->job.loop = o->lane->loop;
    o->in_worker = true;
    workers_submit(g->workers, &o->job);
}

static void on_known(struct task *t)
{
    struct owner_lookup *o =
        (struct owner_lookup *)((char *)t - offsetof(struct owner_lookup, task));

    finish(o, o->found);
}

struct owner_lookup *owner_find(struct lane *l, enum state_entry_kind kind, struct str id,
                                void (*done)(void *arg, struct backend *b), void *arg)
{
    struct owner_lookup *o = NEW(struct owner_lookup);

    o->lane = l;
    o->kind = kind;
    o->done = done;
    o->arg = arg;
    o->id_n = id.n < sizeof(o->id) ? id.n : sizeof(o->id);
    memcpy(o->id, id.p, o->id_n);
    if (id.n > 255 || (kind == STATE_QUERY && stmts_owner(l->gateway->stmts, id, &o->found))) {
        o->task.on_turn_end = on_known;
        loop_defer(l->loop, &o->task);
    } else {
        o->state = state_find(l->state, kind, str_of(o->id, o->id_n), on_state, o);
    }
    return o;
}

void owner_cancel(struct owner_lookup *o)
{
    if (o == NULL)
        return;
    if (o->in_worker) { /* the worker still uses it: on_history() frees it */
        o->done = NULL;
        return;
    }
    loop_undefer(o->lane->loop, &o->task);
    if (o->state != NULL)
        state_find_cancel(o->state);
    free(o);
}
