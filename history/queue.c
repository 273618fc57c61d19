/* SPDX-License-Identifier: Apache-2.0 */
/* queue.c - see queue.h. The lock is held for a few instructions; the writer is signalled for the
 * first record of a batch and when the batch is large enough, not for each. */
#include "history/queue.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define QUEUE_MAX_BYTES ((size_t)64 << 20)
#define BATCH_RECORDS 4096

void queue_init(struct queue *q, size_t max)
{
    pthread_condattr_t attr;

    *q = (struct queue){.max = max > 0 ? max : 1, .health = {.writing = true}};
    q->batch = q->max / 2 < BATCH_RECORDS ? (q->max + 1) / 2 : BATCH_RECORDS;
    q->tail = &q->first;
    pthread_mutex_init(&q->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&q->wake, &attr);
    pthread_condattr_destroy(&attr);
}

static void free_records(struct record *r)
{
    for (struct record *next; r != NULL; r = next) {
        next = r->next;
        free(r);
    }
}

void queue_reset(struct queue *q)
{
    free_records(q->first);
    pthread_cond_destroy(&q->wake);
    pthread_mutex_destroy(&q->lock);
}

static bool has_room(const struct queue *q, const struct record *r)
{
    return r != NULL && q->count < q->max && r->bytes <= QUEUE_MAX_BYTES - q->bytes;
}

bool queue_put(struct queue *q, struct record *r)
{
    bool taken;

    pthread_mutex_lock(&q->lock);
    taken = has_room(q, r);
    if (taken) {
        if (q->waiting++ == 0)
            q->first_us = clock_mono_us();
        q->count++;
        q->bytes += r->bytes;
        *q->tail = r;
        q->tail = &r->next;
        if (q->waiting == 1 || q->waiting == q->batch)
            pthread_cond_signal(&q->wake);
    } else {
        q->health.dropped++;
    }
    pthread_mutex_unlock(&q->lock);
    if (!taken)
        free(r);
    return taken;
}

/* False when the time has come. */
static bool wait_until(struct queue *q, uint64_t us)
{
    struct timespec ts = {.tv_sec = (time_t)(us / 1000000), .tv_nsec = (long)(us % 1000000) * 1000};

    return pthread_cond_timedwait(&q->wake, &q->lock, &ts) == 0;
}

bool queue_take(struct queue *q, uint64_t idle_ms, uint64_t flush_ms, struct batch *out)
{
    uint64_t idle_us = clock_mono_us() + idle_ms * 1000;
    bool open;

    pthread_mutex_lock(&q->lock);
    while (q->waiting == 0 && !q->stop && wait_until(q, idle_us))
        ;
    while (q->waiting > 0 && q->waiting < q->batch && !q->stop &&
           wait_until(q, q->first_us + flush_ms * 1000))
        ;
    *out = (struct batch){.first = q->first, .count = q->waiting};
    q->first = NULL;
    q->tail = &q->first;
    q->waiting = 0;
    open = !q->stop || out->first != NULL;
    pthread_mutex_unlock(&q->lock);
    for (const struct record *r = out->first; r != NULL; r = r->next)
        out->bytes += r->bytes;
    return open;
}

void queue_done(struct queue *q, struct batch *b, const char *reason)
{
    free_records(b->first);
    pthread_mutex_lock(&q->lock);
    q->count -= b->count;
    q->bytes -= b->bytes;
    q->health.writing = reason == NULL;
    snprintf(q->health.reason, sizeof(q->health.reason), "%s", reason != NULL ? reason : "");
    *(reason == NULL ? &q->health.written : &q->health.dropped) += b->count;
    pthread_mutex_unlock(&q->lock);
    *b = (struct batch){0};
}

void queue_stop(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->stop = true;
    pthread_cond_signal(&q->wake);
    pthread_mutex_unlock(&q->lock);
}
