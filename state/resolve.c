/* SPDX-License-Identifier: Apache-2.0 */
/* resolve.c - see resolve.h.
 *
 * getaddrinfo() cannot be interrupted, so that its thread may outlive the loop that asked. Both
 * sides hold one reference to the job; `loop` in it is NULL once nobody waits. The thread posts
 * with the job's lock held, so that resolve_cancel() returns only when the loop will not be touched
 * any more (or the post is already queued, in which case the loop delivers it and finds it
 * cancelled). */
#include "state/resolve.h"

#include "base/mem.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS_MAX 16 /* a process */
#define STACK_BYTES (512 * 1024)

struct resolve {
    pthread_mutex_t lock;
    struct loop *loop; /* borrowed; NULL = cancelled */
    bool posted;
    atomic_int refs;
    void (*done)(void *arg, const struct resolved *r, const char *reason);
    void *arg;
    uint16_t port;
    struct resolved result;
    char reason[96];
    char host[];
};

static atomic_int threads;

static void unref(struct resolve *r)
{
    if (atomic_fetch_sub(&r->refs, 1) != 1)
        return;
    pthread_mutex_destroy(&r->lock);
    free(r);
}

static void add_address(struct resolved *out, const struct sockaddr *addr, socklen_t len,
                        uint16_t port)
{
    struct resolved_address *a = &out->list[out->count];

    if (out->count == RESOLVE_MAX || len > sizeof(a->addr))
        return;
    memcpy(&a->addr, addr, len);
    a->len = len;
    if (addr->sa_family == AF_INET)
        ((struct sockaddr_in *)&a->addr)->sin_port = htons(port);
    else if (addr->sa_family == AF_INET6)
        ((struct sockaddr_in6 *)&a->addr)->sin6_port = htons(port);
    else
        return;
    out->count++;
}

bool resolve_numeric(const char *host, uint16_t port, struct resolved *out)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

    out->count = 0;
    if (inet_pton(AF_INET, host, &v4.sin_addr) == 1)
        add_address(out, (struct sockaddr *)&v4, sizeof(v4), port);
    else if (inet_pton(AF_INET6, host, &v6.sin6_addr) == 1)
        add_address(out, (struct sockaddr *)&v6, sizeof(v6), port);
    return out->count > 0;
}

static void look_up(struct resolve *r)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *list = NULL;
    int rc = getaddrinfo(r->host, NULL, &hints, &list);

    if (rc == 0)
        for (struct addrinfo *at = list; at != NULL; at = at->ai_next)
            add_address(&r->result, at->ai_addr, at->ai_addrlen, r->port);
    else
        snprintf(r->reason, sizeof(r->reason), "%s", gai_strerror(rc));
    if (rc == 0 && r->result.count == 0)
        snprintf(r->reason, sizeof(r->reason), "the name has no address");
    if (list != NULL)
        freeaddrinfo(list);
}

/* On the loop's thread. The loop's reference ends here. */
static void on_posted(void *arg)
{
    struct resolve *r = arg;
    bool wanted;

    pthread_mutex_lock(&r->lock);
    wanted = r->loop != NULL;
    pthread_mutex_unlock(&r->lock);
    if (wanted)
        r->done(r->arg, r->result.count > 0 ? &r->result : NULL, r->reason);
    unref(r);
}

static void *run_thread(void *arg)
{
    struct resolve *r = arg;

    look_up(r);
    pthread_mutex_lock(&r->lock);
    if (r->loop != NULL) {
        r->posted = true;
        loop_post(r->loop, on_posted, r);
    }
    pthread_mutex_unlock(&r->lock);
    unref(r);
    atomic_fetch_sub(&threads, 1);
    return NULL;
}

static int start_thread(struct resolve *r)
{
    pthread_attr_t attr;
    pthread_t thread;
    sigset_t all, before;
    int rc;

    if (atomic_fetch_add(&threads, 1) >= THREADS_MAX) {
        atomic_fetch_sub(&threads, 1);
        return ERR_BUSY;
    }
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals belong to the main thread */
    rc = pthread_create(&thread, &attr, run_thread, r);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    if (rc != 0)
        atomic_fetch_sub(&threads, 1);
    return rc == 0 ? OK : ERR_BUSY;
}

int resolve_start(struct resolve **out, struct loop *l, const char *host, uint16_t port,
                  void (*done)(void *arg, const struct resolved *r, const char *reason), void *arg,
                  struct error *err)
{
    size_t n = strlen(host) + 1;
    struct resolve *r = mem_zalloc(sizeof(*r) + n);

    pthread_mutex_init(&r->lock, NULL);
    r->loop = l;
    r->done = done;
    r->arg = arg;
    r->port = port;
    atomic_init(&r->refs, 2);
    memcpy(r->host, host, n);
    if (start_thread(r) != OK) {
        atomic_store(&r->refs, 1);
        unref(r);
        return error_set(err, ERR_BUSY, "too many name look-ups hang");
    }
    *out = r;
    return OK;
}

void resolve_cancel(struct resolve *r)
{
    bool posted;

    if (r == NULL)
        return;
    pthread_mutex_lock(&r->lock);
    posted = r->posted;
    r->loop = NULL;
    pthread_mutex_unlock(&r->lock);
    if (!posted) /* else on_posted() drops the loop's reference */
        unref(r);
}
