/* SPDX-License-Identifier: Apache-2.0 */
/* workers.h - threads for work that blocks (disk, files), so that loops do not. */
#ifndef BASE_WORKERS_H
#define BASE_WORKERS_H

#include "base/loop.h"

struct workers;

struct job {
    void (*run)(struct job *j);  /* on a worker */
    void (*done)(struct job *j); /* on `loop`, afterwards; may free the job */
    struct loop *loop;
    struct job *next;
};

MUST_USE int workers_new(struct workers **out, unsigned threads, struct error *err);

/* Queues the job. The struct stays the caller's until done(). Any thread. */
void workers_submit(struct workers *w, struct job *j);

/* Finishes what is queued, joins the threads. done() of the last jobs still reaches their loops, if
 * those run or are freed later. NULL is a no-op. */
void workers_free(struct workers *w);

#endif
