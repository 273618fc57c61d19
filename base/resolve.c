/* SPDX-License-Identifier: Apache-2.0 */
/* resolve.c - see resolve.h. One thread serves all names; it sleeps on a condition between rounds
 * and ends with the process. The list is guarded by one lock that is never held during a look-up.
 */
#include "base/resolve.h"

#include "base/mem.h"

#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ADDRESSES_MAX 8

struct resolve {
    struct resolve *next;
    char *host, port[6];
    bool literal, fresh, free_me;
    unsigned count;
    struct sockaddr_storage addresses[ADDRESSES_MAX];
    socklen_t lengths[ADDRESSES_MAX];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work = PTHREAD_COND_INITIALIZER;
static struct resolve *names;
static struct resolve *looking_up; /* its memory is in use without the lock */
static bool thread_runs;

static void add_family(struct resolve *r, const struct addrinfo *list, int family)
{
    for (const struct addrinfo *a = list; a != NULL; a = a->ai_next) {
        if (a->ai_family != family || r->count == ADDRESSES_MAX)
            continue;
        memcpy(&r->addresses[r->count], a->ai_addr, a->ai_addrlen);
        r->lengths[r->count++] = a->ai_addrlen;
    }
}

static void take_result(struct resolve *r, const struct addrinfo *list)
{
    r->count = 0;
    add_family(r, list, AF_INET);
    add_family(r, list, AF_INET6);
}

static struct addrinfo *look_up(const struct resolve *r, int flags)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV | flags};
    struct addrinfo *list = NULL;

    return getaddrinfo(r->host, r->port, &hints, &list) == 0 ? list : NULL;
}

static void destroy(struct resolve *r)
{
    free(r->host);
    free(r);
}

/* With the lock held; released during the look-up. */
static void refresh(struct resolve *r)
{
    struct addrinfo *list;

    looking_up = r;
    pthread_mutex_unlock(&lock);
    list = look_up(r, 0);
    pthread_mutex_lock(&lock);
    looking_up = NULL;
    if (r->free_me) {
        destroy(r);
    } else {
        r->fresh = true;
        if (list != NULL)
            take_result(r, list);
    }
    if (list != NULL)
        freeaddrinfo(list);
}

static struct resolve *next_stale(void)
{
    for (struct resolve *r = names; r != NULL; r = r->next)
        if (!r->fresh)
            return r;
    return NULL;
}

static void *run(void *arg)
{
    (void)arg;
    pthread_mutex_lock(&lock);
    for (;;) {
        struct resolve *r;
        struct timespec until;

        while ((r = next_stale()) != NULL)
            refresh(r);
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += RESOLVE_INTERVAL_MS / 1000;
        if (pthread_cond_timedwait(&work, &lock, &until) != 0)
            for (r = names; r != NULL; r = r->next)
                r->fresh = false;
    }
    return NULL;
}

static void start_thread(void)
{
    pthread_t thread;

    if (!thread_runs && pthread_create(&thread, NULL, run, NULL) == 0) {
        pthread_detach(thread);
        thread_runs = true;
    }
    pthread_cond_signal(&work);
}

struct resolve *resolve_new(struct str host, uint16_t port)
{
    struct resolve *r = NEW(struct resolve);
    struct addrinfo *list;

    r->host = str_dup(host);
    snprintf(r->port, sizeof(r->port), "%u", port);
    list = look_up(r, AI_NUMERICHOST);
    if (list != NULL) {
        r->literal = true;
        take_result(r, list);
        freeaddrinfo(list);
        return r;
    }
    pthread_mutex_lock(&lock);
    r->next = names;
    names = r;
    start_thread();
    pthread_mutex_unlock(&lock);
    return r;
}

void resolve_free(struct resolve *r)
{
    bool busy = false;

    if (r == NULL)
        return;
    if (!r->literal) {
        pthread_mutex_lock(&lock);
        for (struct resolve **at = &names; *at != NULL; at = &(*at)->next) {
            if (*at == r) {
                *at = r->next;
                break;
            }
        }
        busy = looking_up == r;
        r->free_me = busy;
        pthread_mutex_unlock(&lock);
    }
    if (!busy)
        destroy(r);
}

bool resolve_address(struct resolve *r, unsigned n, struct sockaddr_storage *out, socklen_t *len)
{
    bool found;

    if (!r->literal)
        pthread_mutex_lock(&lock);
    found = n < r->count;
    if (found) {
        *out = r->addresses[n];
        *len = r->lengths[n];
    }
    if (!r->literal)
        pthread_mutex_unlock(&lock);
    return found;
}
