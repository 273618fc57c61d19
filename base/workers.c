/* SPDX-License-Identifier: Apache-2.0 */
/* workers.c - see workers.h. One list, one lock, one condition. */
#include "base/workers.h"

#include "base/mem.h"

#include <pthread.h>
#include <stdlib.h>

struct workers {
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct job *first, **last;
    pthread_t *threads;
    unsigned count;
    bool stop;
};

static void on_done(void *arg)
{
    struct job *j = arg;

    j->done(j);
}

static void *run(void *arg)
{
    struct workers *w = arg;

    pthread_mutex_lock(&w->lock);
    for (;;) {
        struct job *j = w->first;

        if (j == NULL && w->stop)
            break;
        if (j == NULL) {
            pthread_cond_wait(&w->work, &w->lock);
            continue;
        }
        w->first = j->next;
        if (w->first == NULL)
            w->last = &w->first;
        pthread_mutex_unlock(&w->lock);
        j->run(j);
        loop_post(j->loop, on_done, j);
        pthread_mutex_lock(&w->lock);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

int workers_new(struct workers **out, unsigned threads, struct error *err)
{
    struct workers *w = NEW(struct workers);

    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->work, NULL);
    w->last = &w->first;
    w->threads = mem_alloc(threads * sizeof(*w->threads));
    for (; w->count < threads; w->count++) {
        if (pthread_create(&w->threads[w->count], NULL, run, w) != 0) {
            workers_free(w);
            return error_set(err, ERR_LIMIT, "cannot start a worker thread");
        }
    }
    *out = w;
    return OK;
}

void workers_submit(struct workers *w, struct job *j)
{
    j->next = NULL;
    pthread_mutex_lock(&w->lock);
    *w->last = j;
    w->last = &j->next;
    pthread_cond_signal(&w->work);
    pthread_mutex_unlock(&w->lock);
}

void workers_free(struct workers *w)
{
    if (w == NULL)
        return;
    pthread_mutex_lock(&w->lock);
    w->stop = true;
    pthread_cond_broadcast(&w->work);
    pthread_mutex_unlock(&w->lock);
    for (unsigned i = 0; i < w->count; i++)
        pthread_join(w->threads[i], NULL);
    pthread_cond_destroy(&w->work);
    pthread_mutex_destroy(&w->lock);
    free(w->threads);
    free(w);
}
