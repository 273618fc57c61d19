/* SPDX-License-Identifier: Apache-2.0 */
/* loop.c - see loop.h.
 *
 * One turn: wait in epoll until the next timer, deliver the events, fire due timers, run posted
 * messages, run deferred tasks. A watch is known to the kernel by slot and generation, not by
 * address: an event of a watch that was removed earlier in the same batch finds another generation
 * and is dropped, so that removal may free memory at once. Timers are a binary heap of pointers. */
#include "base/loop.h"

#include "base/mem.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_PER_TURN 256
#define LOAD_WINDOW_US 1000000

struct slot {
    struct watch *watch;
    unsigned generation;
    unsigned next_free; /* index + 1 */
};

struct message {
    struct message *next;
    void (*fn)(void *arg);
    void *arg;
};

struct loop {
    int epoll_fd, wake_fd;
    uint64_t now_us;
    char *scratch;
    struct slot *slots;
    unsigned slot_count, free_slot; /* free_slot: index + 1 */
    struct timer **heap;
    size_t heap_n, heap_cap;
    struct task *tasks, **tasks_tail;
    pthread_mutex_t lock; /* of messages */
    struct message *messages, **messages_tail;
    atomic_bool stop, woken;
    /* load of the running window, published once a second */
    uint64_t window_start_us, window_busy_us, window_longest_us;
    atomic_uint busy_permille, longest_us;
};

static uint64_t clock_us(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

int loop_new(struct loop **out, struct error *err)
{
    struct loop *l = NEW(struct loop);
    struct epoll_event ev = {.events = EPOLLIN, .data.u64 = UINT64_MAX};

    l->tasks_tail = &l->tasks;
    l->messages_tail = &l->messages;
    pthread_mutex_init(&l->lock, NULL);
    l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    l->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (l->epoll_fd < 0 || l->wake_fd < 0 ||
        epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, l->wake_fd, &ev) != 0) {
        int rc = error_set(err, ERR_LIMIT, "loop: %s", strerror(errno));

        loop_free(l);
        return rc;
    }
    l->now_us = l->window_start_us = clock_us();
    *out = l;
    return OK;
}

static void run_messages(struct loop *l)
{
    struct message *m;

    pthread_mutex_lock(&l->lock);
    m = l->messages;
    l->messages = NULL;
    l->messages_tail = &l->messages;
    pthread_mutex_unlock(&l->lock);
    while (m != NULL) {
        struct message *next = m->next;

        m->fn(m->arg);
        free(m);
        m = next;
    }
}

static void run_tasks(struct loop *l)
{
    /* A task may defer itself or another: those run in this same turn, at the end of the list. */
    while (l->tasks != NULL) {
        struct task *t = l->tasks;

        l->tasks = t->next;
        if (l->tasks == NULL)
            l->tasks_tail = &l->tasks;
        t->queued = false;
        t->on_turn_end(t);
    }
}

void loop_free(struct loop *l)
{
    if (l == NULL)
        return;
    while (l->messages != NULL || l->tasks != NULL) {
        run_messages(l);
        run_tasks(l);
    }
    if (l->epoll_fd >= 0)
        close(l->epoll_fd);
    if (l->wake_fd >= 0)
        close(l->wake_fd);
    pthread_mutex_destroy(&l->lock);
    free(l->scratch);
    free(l->slots);
    free(l->heap);
    free(l);
}

uint64_t loop_now_ms(const struct loop *l)
{
    return l->now_us / 1000;
}

void loop_load(const struct loop *l, unsigned *busy_permille, unsigned *longest_us)
{
    *busy_permille = atomic_load_explicit(&l->busy_permille, memory_order_relaxed);
    *longest_us = atomic_load_explicit(&l->longest_us, memory_order_relaxed);
}

char *loop_scratch(struct loop *l)
{
    if (l->scratch == NULL)
        l->scratch = mem_alloc(LOOP_SCRATCH_BYTES);
    return l->scratch;
}

static void wake(struct loop *l)
{
    uint64_t one = 1;

    /* EAGAIN means the counter is full: it is readable, which is all that is wanted. */
    if (!atomic_exchange(&l->woken, true) && write(l->wake_fd, &one, sizeof(one)) < 0 &&
        errno != EAGAIN)
        abort();
}

void loop_stop(struct loop *l)
{
    atomic_store(&l->stop, true);
    wake(l);
}

void loop_post(struct loop *l, void (*fn)(void *arg), void *arg)
{
    struct message *m = NEW(struct message);

    m->fn = fn;
    m->arg = arg;
    pthread_mutex_lock(&l->lock);
    *l->messages_tail = m;
    l->messages_tail = &m->next;
    pthread_mutex_unlock(&l->lock);
    wake(l);
}

/* ---- watches ---- */

static void grow_slots(struct loop *l)
{
    unsigned old = l->slot_count, count = old > 0 ? old * 2 : 64;

    l->slots = mem_resize(l->slots, count * sizeof(*l->slots));
    for (unsigned i = old; i < count; i++)
        l->slots[i] = (struct slot){.next_free = i + 1 < count ? i + 2 : 0};
    l->free_slot = old + 1;
    l->slot_count = count;
}

int watch_add(struct loop *l, struct watch *w, struct error *err)
{
    struct epoll_event ev = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET};
    struct slot *s;

    if (l->free_slot == 0)
        grow_slots(l);
    w->slot = l->free_slot - 1;
    s = &l->slots[w->slot];
    w->generation = s->generation;
    ev.data.u64 = (uint64_t)w->generation << 32 | w->slot;
    if (epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, w->fd, &ev) != 0)
        return error_set(err, ERR_LIMIT, "loop: cannot watch a file descriptor: %s",
                         strerror(errno));
    l->free_slot = s->next_free;
    s->watch = w;
    return OK;
}

void watch_remove(struct loop *l, struct watch *w)
{
    struct slot *s;

    if (w->slot >= l->slot_count || l->slots[w->slot].watch != w)
        return;
    s = &l->slots[w->slot];
    epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, w->fd, NULL);
    s->watch = NULL;
    s->generation++;
    s->next_free = l->free_slot;
    l->free_slot = w->slot + 1;
}

static void deliver(struct loop *l, const struct epoll_event *ev)
{
    unsigned index = (unsigned)ev->data.u64, generation = (unsigned)(ev->data.u64 >> 32);
    struct slot *s;
    unsigned events = 0;

    if (ev->data.u64 == UINT64_MAX) {
        uint64_t count;

        /* The counter first, then the mark, then the queue. A post before the mark falls is in the
         * queue, one after it writes the counter. The other way round a post in between would leave
         * the mark set and the counter empty, and no later post would wake the loop. */
        if (read(l->wake_fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
            abort();
        atomic_store(&l->woken, false);
        return;
    }
    s = &l->slots[index];
    if (s->watch == NULL || s->generation != generation)
        return;
    if (ev->events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        events |= WATCH_READ;
    if (ev->events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
        events |= WATCH_WRITE;
    if (ev->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        events |= WATCH_HANGUP;
    s->watch->on_event(s->watch, events);
}

/* ---- timers ---- */

static void place_timer(struct loop *l, size_t i, struct timer *t)
{
    l->heap[i] = t;
    t->place = i + 1;
}

static void sift_up(struct loop *l, size_t i, struct timer *t)
{
    while (i > 0 && l->heap[(i - 1) / 2]->at_ms > t->at_ms) {
        place_timer(l, i, l->heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    place_timer(l, i, t);
}

static void sift_down(struct loop *l, size_t i, struct timer *t)
{
    for (;;) {
        size_t child = 2 * i + 1;

        if (child >= l->heap_n)
            break;
        if (child + 1 < l->heap_n && l->heap[child + 1]->at_ms < l->heap[child]->at_ms)
            child++;
        if (l->heap[child]->at_ms >= t->at_ms)
            break;
        place_timer(l, i, l->heap[child]);
        i = child;
    }
    place_timer(l, i, t);
}

void timer_set(struct loop *l, struct timer *t, uint64_t after_ms)
{
    uint64_t before = t->at_ms;

    t->at_ms = l->now_us / 1000 + after_ms;
    if (t->place == 0) {
        if (l->heap_n == l->heap_cap) {
            l->heap_cap = l->heap_cap > 0 ? l->heap_cap * 2 : 64;
            l->heap = mem_resize(l->heap, l->heap_cap * sizeof(*l->heap));
        }
        sift_up(l, l->heap_n++, t);
    } else if (t->at_ms < before) {
        sift_up(l, t->place - 1, t);
    } else {
        sift_down(l, t->place - 1, t);
    }
}

void timer_clear(struct loop *l, struct timer *t)
{
    size_t i = t->place;
    struct timer *last;

    if (i-- == 0)
        return;
    t->place = 0;
    last = l->heap[--l->heap_n];
    if (last == t)
        return;
    if (i > 0 && l->heap[(i - 1) / 2]->at_ms > last->at_ms)
        sift_up(l, i, last);
    else
        sift_down(l, i, last);
}

/* At most as many as are set now: a timer that sets itself to "at once" must not hold up the loop.
 */
static void fire_timers(struct loop *l)
{
    uint64_t now_ms = l->now_us / 1000;

    for (size_t left = l->heap_n; left > 0 && l->heap_n > 0 && l->heap[0]->at_ms <= now_ms;
         left--) {
        struct timer *t = l->heap[0];

        timer_clear(l, t);
        t->on_timer(t);
    }
}

/* ---- end of turn ---- */

void loop_defer(struct loop *l, struct task *t)
{
    if (t->queued)
        return;
    t->queued = true;
    t->next = NULL;
    *l->tasks_tail = t;
    l->tasks_tail = &t->next;
}

void loop_undefer(struct loop *l, struct task *t)
{
    if (!t->queued)
        return;
    for (struct task **at = &l->tasks; *at != NULL; at = &(*at)->next) {
        if (*at != t)
            continue;
        *at = t->next;
        if (l->tasks_tail == &t->next)
            l->tasks_tail = at;
        break;
    }
    t->queued = false;
}

/* ---- turns ---- */

static int wait_ms(const struct loop *l, int max_wait_ms)
{
    uint64_t now_ms = l->now_us / 1000, at;
    int until;

    if (l->heap_n == 0)
        return max_wait_ms;
    at = l->heap[0]->at_ms;
    until = at <= now_ms ? 0 : at - now_ms > INT_MAX ? INT_MAX : (int)(at - now_ms);
    return max_wait_ms >= 0 && max_wait_ms < until ? max_wait_ms : until;
}

static void account(struct loop *l, uint64_t begin_us)
{
    uint64_t end_us = clock_us(), busy = end_us - begin_us, window;

    l->now_us = end_us;
    l->window_busy_us += busy;
    if (busy > l->window_longest_us)
        l->window_longest_us = busy;
    window = end_us - l->window_start_us;
    if (window < LOAD_WINDOW_US)
        return;
    atomic_store_explicit(&l->busy_permille, (unsigned)(l->window_busy_us * 1000 / window),
                          memory_order_relaxed);
    atomic_store_explicit(&l->longest_us, (unsigned)l->window_longest_us, memory_order_relaxed);
    l->window_start_us = end_us;
    l->window_busy_us = l->window_longest_us = 0;
}

void loop_turn(struct loop *l, int max_wait_ms)
{
    struct epoll_event events[EVENTS_PER_TURN];
    int n = epoll_wait(l->epoll_fd, events, EVENTS_PER_TURN, wait_ms(l, max_wait_ms));
    uint64_t begin_us = clock_us();

    l->now_us = begin_us;
    for (int i = 0; i < n; i++)
        deliver(l, &events[i]);
    fire_timers(l);
    run_messages(l);
    run_tasks(l);
    account(l, begin_us);
}

void loop_run(struct loop *l)
{
    while (!atomic_load_explicit(&l->stop, memory_order_relaxed))
        loop_turn(l, -1);
}
