/* SPDX-License-Identifier: Apache-2.0 */
/* queue.h - records on their way to the writer: bounded, any number of producers, one consumer. */
#ifndef HISTORY_QUEUE_H
#define HISTORY_QUEUE_H

#include "history/record.h"

#include <pthread.h>

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct record *first, **tail;
    size_t waiting;      /* in the list */
    size_t count, bytes; /* in the list and with the writer */
    size_t max, batch;   /* records; the writer is woken early at `batch` */
    uint64_t first_us;   /* when the first of the list came */
    bool stop;
    struct history_health health; /* `queued` is `count` */
};

void queue_init(struct queue *q, size_t max);
void queue_reset(struct queue *q); /* nobody else uses it any more */

/* Takes the record (NULL: there was no memory for it). When the queue is full, it is dropped and
 * counted, and the answer is false. */
bool queue_put(struct queue *q, struct record *r);

struct batch {
    struct record *first;
    size_t count, bytes;
};

/* Waits at most `idle_ms` for a first record, then at most until it has waited `flush_ms`, and
 * gives all there are (perhaps none). False when the queue is stopped and empty. */
bool queue_take(struct queue *q, uint64_t idle_ms, uint64_t flush_ms, struct batch *out);

/* Frees a batch and accounts for it; `reason` NULL: it was written. */
void queue_done(struct queue *q, struct batch *b, const char *reason);

void queue_stop(struct queue *q);

#endif
