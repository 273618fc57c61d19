/* SPDX-License-Identifier: Apache-2.0 */
/* test_loop.c - watches, timers, messages and tasks of one loop, threads where the contract allows
 * them. */
#include "base/loop.h"

#include "base/mem.h"
#include "base/workers.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static struct loop *new_loop(void)
{
    struct loop *l = NULL;
    struct error err;

    assert_int_equal(loop_new(&l, &err), OK);
    return l;
}

/* ---- watches ---- */

struct seen {
    struct watch watch; /* first: the callback casts */
    struct loop *loop;
    int peer;
    unsigned calls, events;
    struct seen *remove_too; /* and free, when an event comes */
};

static void on_seen(struct watch *w, unsigned events)
{
    struct seen *s = (struct seen *)w;

    s->calls++;
    s->events |= events;
    if (s->remove_too != NULL) {
        struct seen *other = s->remove_too;

        watch_remove(s->loop, &other->watch);
        close(other->watch.fd);
        other->watch.fd = -1;
        other->events = 0;
        s->remove_too = NULL;
    }
}

static void open_seen(struct seen *s, struct loop *l)
{
    int fds[2];
    struct error err;

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    *s = (struct seen){.watch = {.fd = fds[0], .on_event = on_seen}, .loop = l, .peer = fds[1]};
    assert_int_equal(watch_add(l, &s->watch, &err), OK);
}

static void close_seen(struct seen *s)
{
    watch_remove(s->loop, &s->watch);
    if (s->watch.fd >= 0)
        close(s->watch.fd);
    if (s->peer >= 0)
        close(s->peer);
}

static void test_edges(void **state)
{
    struct loop *l = new_loop();
    struct seen s;
    char c;

    (void)state;
    open_seen(&s, l);
    loop_turn(l, 1000);
    assert_int_equal(s.events, WATCH_WRITE);
    s.calls = 0;
    loop_turn(l, 0);
    assert_int_equal(s.calls, 0); /* still writable, but no edge */
    assert_int_equal(write(s.peer, "ab", 2), 2);
    loop_turn(l, 1000);
    assert_true(s.events & WATCH_READ);
    assert_int_equal(read(s.watch.fd, &c, 1), 1);
    s.calls = 0;
    loop_turn(l, 0);
    assert_int_equal(s.calls, 0); /* one byte is left, but no edge */
    close(s.peer);
    s.peer = -1;
    loop_turn(l, 1000);
    assert_true(s.events & WATCH_HANGUP);
    close_seen(&s);
    loop_free(l);
}

/* Both are ready in one batch: whichever comes first removes the other, which must hear nothing,
 * not even through a new watch that took its slot. */
static void test_remove_within_batch(void **state)
{
    struct loop *l = new_loop();
    struct seen a, b;

    (void)state;
    open_seen(&a, l);
    open_seen(&b, l);
    loop_turn(l, 1000);
    a.calls = b.calls = 0;
    assert_int_equal(write(a.peer, "x", 1), 1);
    assert_int_equal(write(b.peer, "x", 1), 1);
    a.remove_too = &b;
    b.remove_too = &a;
    loop_turn(l, 1000);
    assert_int_equal(a.calls + b.calls, 1);
    close_seen(&a);
    close_seen(&b);
    loop_free(l);
}

static struct seen heir, *survivor;

static void on_replace(struct watch *w, unsigned events)
{
    struct seen *s = (struct seen *)w, *victim = s->remove_too;

    s->calls++;
    s->events |= events;
    if (victim == NULL)
        return;
    survivor = s;
    s->remove_too = victim->remove_too = NULL;
    watch_remove(s->loop, &victim->watch);
    open_seen(&heir, s->loop);
    heir.events = 0;
    assert_int_equal(heir.watch.slot, victim->watch.slot);
    free(victim);
}

static void test_slot_reuse_within_batch(void **state)
{
    struct loop *l = new_loop();
    struct seen *both[2];
    int fds[2], peers[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        both[i] = NEW(struct seen);
        open_seen(both[i], l);
        fds[i] = both[i]->watch.fd;
        peers[i] = both[i]->peer;
        both[i]->watch.on_event = on_replace;
    }
    loop_turn(l, 1000);
    both[0]->remove_too = both[1];
    both[1]->remove_too = both[0];
    for (int i = 0; i < 2; i++)
        assert_int_equal(write(peers[i], "x", 1), 1);
    loop_turn(l, 1000);
    assert_int_equal(heir.calls, 0); /* the freed one's event was not given to its heir */
    loop_turn(l, 1000);
    assert_int_equal(heir.events, WATCH_WRITE);
    close_seen(&heir);
    loop_free(l);
    for (int i = 0; i < 2; i++) {
        close(fds[i]);
        close(peers[i]);
    }
    free(survivor);
}

static void test_many_watches(void **state)
{
    struct loop *l = new_loop();
    struct seen *s = mem_zalloc(200 * sizeof(*s));
    struct watch never = {.fd = -1};

    (void)state;
    watch_remove(l, &never); /* was never added: no slot exists yet */
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 200; i++)
            open_seen(&s[i], l);
        loop_turn(l, 1000);
        loop_turn(l, 0);
        for (int i = 0; i < 200; i++) {
            assert_int_equal(s[i].events, WATCH_WRITE);
            close_seen(&s[i]);
            watch_remove(l, &s[i].watch); /* twice is a no-op */
        }
    }
    free(s);
    loop_free(l);
}

static void test_bad_fd(void **state)
{
    struct loop *l = new_loop();
    struct watch w = {.fd = open("/dev/null", O_RDONLY)};
    struct error err;

    (void)state;
    assert_int_equal(watch_add(l, &w, &err), ERR_LIMIT); /* epoll takes no plain files */
    watch_remove(l, &w);
    close(w.fd);
    loop_free(l);
}

/* ---- timers ---- */

struct bell {
    struct timer timer; /* first */
    struct loop *loop;
    struct bell *clear, *again;
    unsigned rung, id;
    uint64_t at_ms;
};

static unsigned rings;
static unsigned order[2048];

static void on_bell(struct timer *t)
{
    struct bell *b = (struct bell *)t;

    assert_false(timer_is_set(t));
    b->rung++;
    b->at_ms = loop_now_ms(b->loop);
    if (rings < ARRAY_LEN(order))
        order[rings] = b->id;
    rings++;
    if (b->clear != NULL)
        timer_clear(b->loop, &b->clear->timer);
    if (b->again != NULL)
        timer_set(b->loop, &b->again->timer, 0);
}

static struct bell bell(struct loop *l, unsigned id)
{
    return (struct bell){.timer.on_timer = on_bell, .loop = l, .id = id};
}

static void run_for(struct loop *l, uint64_t ms)
{
    uint64_t end = loop_now_ms(l) + ms;

    while (loop_now_ms(l) < end)
        loop_turn(l, (int)(end - loop_now_ms(l)));
}

static void test_timer_order(void **state)
{
    struct loop *l = new_loop();
    struct bell b[5];

    (void)state;
    rings = 0;
    for (unsigned i = 0; i < 5; i++)
        b[i] = bell(l, i);
    timer_set(l, &b[0].timer, 30);
    timer_set(l, &b[1].timer, 10);
    timer_set(l, &b[2].timer, 20);
    timer_set(l, &b[3].timer, 5);
    timer_set(l, &b[4].timer, 5000);
    timer_set(l, &b[3].timer, 40); /* later */
    timer_set(l, &b[4].timer, 1);  /* earlier */
    timer_clear(l, &b[2].timer);
    timer_clear(l, &b[2].timer);
    run_for(l, 50);
    assert_int_equal(rings, 4);
    assert_int_equal(order[0], 4);
    assert_int_equal(order[1], 1);
    assert_int_equal(order[2], 0);
    assert_int_equal(order[3], 3);
    loop_free(l);
}

/* Two are due at once, each clears the other: only one rings. */
static void test_timer_clear_inside(void **state)
{
    struct loop *l = new_loop();
    struct bell a = bell(l, 0), b = bell(l, 1);

    (void)state;
    a.clear = &b;
    b.clear = &a;
    timer_set(l, &a.timer, 1);
    timer_set(l, &b.timer, 1);
    run_for(l, 5);
    assert_int_equal(a.rung + b.rung, 1);
    loop_free(l);
}

static void test_timer_sets_itself(void **state)
{
    struct loop *l = new_loop();
    struct bell a = bell(l, 0);

    (void)state;
    a.again = &a;
    timer_set(l, &a.timer, 0);
    loop_turn(l, 1000);
    assert_int_equal(a.rung, 1); /* once a turn: the loop gets to other things */
    loop_turn(l, 1000);
    assert_int_equal(a.rung, 2);
    timer_clear(l, &a.timer);
    loop_free(l);
}

/* Sets, moves and clears hundreds at random; the model is what each was told last. */
static void test_timer_model(void **state)
{
    enum { COUNT = 600 };
    struct loop *l = new_loop();
    struct bell *b = mem_zalloc(COUNT * sizeof(*b));
    uint64_t *due = mem_zalloc(COUNT * sizeof(*due)), before = 0, end;
    unsigned expected = 0, seed = 42;

    (void)state;
    rings = 0;
    for (unsigned i = 0; i < COUNT; i++)
        b[i] = bell(l, i);
    for (unsigned step = 0; step < 5 * COUNT; step++) {
        unsigned i = (unsigned)rand_r(&seed) % COUNT, after = 1 + (unsigned)rand_r(&seed) % 120;

        if (rand_r(&seed) % 4 == 0) {
            timer_clear(l, &b[i].timer);
            due[i] = 0;
        } else {
            timer_set(l, &b[i].timer, after);
            due[i] = loop_now_ms(l) + after;
        }
        assert_int_equal(timer_is_set(&b[i].timer), due[i] != 0);
    }
    for (end = loop_now_ms(l) + 125; loop_now_ms(l) < end;)
        loop_turn(l, 10);
    for (unsigned i = 0; i < COUNT; i++) {
        expected += due[i] != 0;
        assert_int_equal(b[i].rung, due[i] != 0);
        assert_true(due[i] == 0 || b[i].at_ms >= due[i]);
    }
    assert_int_equal(rings, expected);
    for (unsigned i = 0; i < rings; i++) { /* in the order of the model */
        assert_true(due[order[i]] >= before);
        before = due[order[i]];
    }
    free(due);
    free(b);
    loop_free(l);
}

/* ---- messages ---- */

enum { POSTERS = 4, POSTS = 2000 };

static atomic_uint delivered;
static unsigned last_of[POSTERS];

struct note {
    struct loop *loop;
    unsigned poster, n;
};

static void on_note(void *arg)
{
    struct note *note = arg;

    assert_int_equal(last_of[note->poster] + 1, note->n); /* in order of posting */
    last_of[note->poster] = note->n;
    if (atomic_fetch_add(&delivered, 1) + 1 == POSTERS * POSTS)
        loop_stop(note->loop);
    free(note);
}

struct poster {
    pthread_t thread;
    struct loop *loop;
    unsigned id;
};

static void *post_many(void *arg)
{
    struct poster *p = arg;

    for (unsigned n = 1; n <= POSTS; n++) {
        struct note *note = NEW(struct note);

        *note = (struct note){p->loop, p->id, n};
        loop_post(p->loop, on_note, note);
    }
    return NULL;
}

static void test_posts(void **state)
{
    struct poster posters[POSTERS];
    struct loop *l = new_loop();

    (void)state;
    atomic_store(&delivered, 0);
    memset(last_of, 0, sizeof(last_of));
    for (unsigned i = 0; i < POSTERS; i++) {
        posters[i] = (struct poster){.loop = l, .id = i};
        assert_int_equal(pthread_create(&posters[i].thread, NULL, post_many, &posters[i]), 0);
    }
    loop_run(l);
    for (unsigned i = 0; i < POSTERS; i++)
        pthread_join(posters[i].thread, NULL);
    assert_int_equal(atomic_load(&delivered), POSTERS * POSTS);
    loop_free(l);
}

/* Two posters that wait for each answer before the next: a wake-up lost for ever between the loop's
 * steps would let them wait for ever. */
static void on_ping(void *arg)
{
    atomic_store((atomic_uint *)arg, 1);
}

struct pinger {
    pthread_t thread;
    struct loop *loop;
    atomic_uint answered, done;
};

static void *ping(void *arg)
{
    struct pinger *p = arg;
    time_t deadline = time(NULL) + 20;

    for (unsigned i = 0; i < 10000; i++) {
        atomic_store(&p->answered, 0);
        loop_post(p->loop, on_ping, &p->answered);
        for (unsigned spins = 0; !atomic_load(&p->answered); spins++) {
            if (spins > 100 && time(NULL) > deadline)
                return NULL; /* lost */
            if (spins % 64 == 63)
                sched_yield();
        }
    }
    atomic_store(&p->done, 1);
    return NULL;
}

static void *run_loop(void *arg)
{
    loop_run(arg);
    return NULL;
}

static void test_no_wakeup_is_lost(void **state)
{
    struct pinger p[3] = {0};
    struct loop *l = new_loop();
    pthread_t runner;
    unsigned done = 0;

    (void)state;
    assert_int_equal(pthread_create(&runner, NULL, run_loop, l), 0);
    for (int i = 0; i < 3; i++) {
        p[i].loop = l;
        assert_int_equal(pthread_create(&p[i].thread, NULL, ping, &p[i]), 0);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(p[i].thread, NULL);
        done += atomic_load(&p[i].done);
    }
    loop_stop(l);
    pthread_join(runner, NULL);
    assert_int_equal(done, 3);
    loop_free(l);
}

static void count_up(void *arg)
{
    ++*(unsigned *)arg;
}

static struct loop *post_again_to;
static void post_another(void *arg)
{
    loop_post(post_again_to, count_up, arg);
}

static void test_free_runs_messages(void **state)
{
    struct loop *l = new_loop();
    unsigned n = 0;

    (void)state;
    post_again_to = l;
    loop_post(l, count_up, &n);
    loop_post(l, post_another, &n);
    loop_free(l);
    assert_int_equal(n, 2);
}

static void test_stop(void **state)
{
    struct loop *l = new_loop();
    unsigned n = 0;

    (void)state;
    loop_post(l, count_up, &n);
    loop_stop(l);
    loop_run(l); /* returns at once: stopped before it ran */
    loop_turn(l, 0);
    assert_int_equal(n, 1);
    loop_free(l);
}

/* ---- tasks ---- */

struct chore {
    struct task task; /* first */
    struct loop *loop;
    unsigned ran, again;
    struct chore *defer_too, *undefer;
};

static void on_chore(struct task *t)
{
    struct chore *c = (struct chore *)t;

    c->ran++;
    if (c->again > 0) {
        c->again--;
        loop_defer(c->loop, t);
    }
    if (c->defer_too != NULL)
        loop_defer(c->loop, &c->defer_too->task);
    if (c->undefer != NULL)
        loop_undefer(c->loop, &c->undefer->task);
}

static struct chore chore(struct loop *l)
{
    return (struct chore){.task.on_turn_end = on_chore, .loop = l};
}

static void test_tasks(void **state)
{
    struct loop *l = new_loop();
    struct chore a = chore(l), b = chore(l), c = chore(l), d = chore(l);

    (void)state;
    a.again = 2;
    a.defer_too = &b;
    b.undefer = &c;
    loop_defer(l, &a.task);
    loop_defer(l, &a.task); /* twice is once */
    loop_defer(l, &c.task);
    loop_defer(l, &d.task);
    loop_undefer(l, &d.task); /* the last: the tail must follow */
    loop_undefer(l, &d.task);
    loop_turn(l, 0);
    assert_int_equal(a.ran, 3);
    assert_int_equal(b.ran, 1 + 1); /* deferred while it waited: once; and after it ran: again */
    assert_int_equal(c.ran, 1);
    assert_int_equal(d.ran, 0);
    loop_defer(l, &d.task);
    loop_turn(l, 0);
    assert_int_equal(d.ran, 1);
    loop_free(l);
}

static void test_undefer_inside(void **state)
{
    struct loop *l = new_loop();
    struct chore a = chore(l), b = chore(l), c = chore(l);

    (void)state;
    a.undefer = &b;
    loop_defer(l, &a.task);
    loop_defer(l, &b.task);
    loop_defer(l, &c.task);
    loop_free(l); /* runs what is left */
    assert_int_equal(a.ran, 1);
    assert_int_equal(b.ran, 0);
    assert_int_equal(c.ran, 1);
}

/* ---- workers ---- */

struct sum {
    struct job job; /* first */
    unsigned value;
    pthread_t ran_on;
};

static unsigned total, jobs_done;

static void run_sum(struct job *j)
{
    struct sum *s = (struct sum *)j;

    s->value *= 2;
    s->ran_on = pthread_self();
}

static void sum_done(struct job *j)
{
    struct sum *s = (struct sum *)j;

    assert_false(pthread_equal(s->ran_on, pthread_self()));
    total += s->value;
    if (++jobs_done == 100)
        loop_stop(j->loop);
    free(s);
}

static void submit(struct workers *w, struct loop *l, unsigned value)
{
    struct sum *s = NEW(struct sum);

    s->job = (struct job){.run = run_sum, .done = sum_done, .loop = l};
    s->value = value;
    workers_submit(w, &s->job);
}

static void test_workers(void **state)
{
    struct loop *l = new_loop();
    struct workers *w;
    struct error err;

    (void)state;
    total = jobs_done = 0;
    assert_int_equal(workers_new(&w, 3, &err), OK);
    for (unsigned i = 1; i <= 100; i++)
        submit(w, l, i);
    loop_run(l);
    assert_int_equal(total, 10100);
    for (unsigned i = 1; i <= 10; i++)
        submit(w, l, i);
    workers_free(w); /* finishes what is queued */
    loop_free(l);    /* and this calls done() */
    assert_int_equal(jobs_done, 110);
    workers_free(NULL);
}

static void test_load(void **state)
{
    struct loop *l = new_loop();
    unsigned busy, longest;

    (void)state;
    loop_load(l, &busy, &longest);
    assert_int_equal(busy, 0);
    assert_ptr_equal(loop_scratch(l), loop_scratch(l));
    loop_free(l);
    loop_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_remove_within_batch),
        cmocka_unit_test(test_slot_reuse_within_batch),
        cmocka_unit_test(test_many_watches),
        cmocka_unit_test(test_bad_fd),
        cmocka_unit_test(test_timer_order),
        cmocka_unit_test(test_timer_clear_inside),
        cmocka_unit_test(test_timer_sets_itself),
        cmocka_unit_test(test_timer_model),
        cmocka_unit_test(test_posts),
        cmocka_unit_test(test_no_wakeup_is_lost),
        cmocka_unit_test(test_free_runs_messages),
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_tasks),
        cmocka_unit_test(test_undefer_inside),
        cmocka_unit_test(test_workers),
        cmocka_unit_test(test_load),
    };

    alarm(120);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
