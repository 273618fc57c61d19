/* SPDX-License-Identifier: Apache-2.0 */
/* test_health.c - the prober against a scripted engine. The .c is included: the tests read when
 * its timer is due instead of waiting for it. */
#include "engines/health.c" /* NOLINT(bugprone-suspicious-include) */

#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

struct bench {
    struct loop *loop;
    struct metrics *metrics;
    struct backend backend;
    struct health *health;
    struct engine_probe *asked; /* the probe under way */
    unsigned probes, cancelled;
};

static struct bench *bench; /* of the running test: the vtable has no argument for it */

static void fake_probe(struct engine_lane *lane, struct engine_probe *p)
{
    assert_ptr_equal(lane, &bench->backend);
    assert_null(bench->asked);
    bench->probes++;
    bench->asked = p;
}

static void fake_cancel(struct engine_probe *p)
{
    assert_ptr_equal(p, bench->asked);
    bench->asked = NULL;
    bench->cancelled++;
}

static const struct engine_ops ops = {
    .name = "fake", .probe = fake_probe, .probe_cancel = fake_cancel};

static void begin(struct bench *x, const struct health_config *c)
{
    struct error err;

    memset(x, 0, sizeof(*x));
    bench = x;
    assert_int_equal(loop_new(&x->loop, &err), OK);
    x->metrics = metrics_new();
    snprintf(x->backend.name, sizeof(x->backend.name), "a");
    pthread_mutex_init(&x->backend.lock, NULL);
    x->backend.ops = &ops;
    x->backend.lanes[1] = (struct engine_lane *)&x->backend; /* only its address counts */
    x->backend.metrics.probes = metrics_counter(x->metrics, "probes", "", "");
    x->backend.metrics.probe_failures = metrics_counter(x->metrics, "failures", "", "");
    x->health = health_start(&x->backend, 1, x->loop, c);
}

static void end(struct bench *x)
{
    health_stop(x->health);
    assert_null(x->asked);
    pthread_mutex_destroy(&x->backend.lock);
    metrics_free(x->metrics);
    loop_free(x->loop);
}

/* Ends the probe under way, begins it if none is, and checks what follows: the state, and that the
 * next probe comes after `wait_ms`, give or take a tenth. */
static void probe(struct bench *x, enum engine_probe_state result, const char *reason,
                  enum backend_state wanted, uint64_t wait_ms)
{
    struct engine_probe *p;
    uint64_t due;

    if (x->asked == NULL) {
        health_hurry(x->health);
        loop_turn(x->loop, 0);
    }
    p = x->asked;
    assert_non_null(p);
    assert_false(timer_is_set(&x->health->timer));
    x->asked = NULL;
    p->done(p, result, reason);
    assert_int_equal(x->backend.state, wanted);
    assert_true(timer_is_set(&x->health->timer));
    due = x->health->timer.at_ms - loop_now_ms(x->loop);
    assert_in_range(due, wait_ms - wait_ms / 10 - 1, wait_ms + wait_ms / 10 + 1);
}

static const struct health_config usual = {
    .interval_ms = 1000, .backoff_max_ms = 10000, .up_after = 2, .down_after = 3};

static void test_first_probe_at_once(void **state)
{
    struct bench x;

    (void)state;
    begin(&x, &usual);
    loop_turn(x.loop, 0);
    assert_int_equal(x.probes, 1);
    assert_int_equal(x.backend.state, BACKEND_STARTING);
    loop_turn(x.loop, 0);
    assert_int_equal(x.probes, 1);
    end(&x);
    assert_int_equal(x.cancelled, 1);
}

static void test_thresholds(void **state)
{
    struct bench x;

    (void)state;
    begin(&x, &usual);
    probe(&x, PROBE_UP, "", BACKEND_STARTING, 1000);
    assert_false(backend_takes_statements(&x.backend));
    probe(&x, PROBE_UP, "", BACKEND_UP, 1000);
    assert_true(backend_takes_statements(&x.backend));
    probe(&x, PROBE_DOWN, "refused", BACKEND_UP, 1000);
    probe(&x, PROBE_DOWN, "refused", BACKEND_UP, 1000);
    probe(&x, PROBE_UP, "", BACKEND_UP, 1000); /* the count begins anew */
    probe(&x, PROBE_DOWN, "refused", BACKEND_UP, 1000);
    probe(&x, PROBE_DOWN, "refused", BACKEND_UP, 1000);
    probe(&x, PROBE_DOWN, "connection refused", BACKEND_DOWN, 2000);
    assert_string_equal(x.backend.reason, "connection refused");
    assert_true(x.backend.since_ms > 0);
    assert_int_equal(counter_value(x.backend.metrics.probes), 8);
    assert_int_equal(counter_value(x.backend.metrics.probe_failures), 5);
    end(&x);
}

/* A backend that was never up needs no patience. */
static void test_down_from_the_start(void **state)
{
    struct bench x;

    (void)state;
    begin(&x, &usual);
    probe(&x, PROBE_DOWN, "no such host", BACKEND_DOWN, 2000);
    end(&x);
}

static void test_backoff_and_recovery(void **state)
{
    static const uint64_t waits[] = {2000, 4000, 8000, 10000, 10000, 10000};
    struct bench x;

    (void)state;
    begin(&x, &usual);
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < ARRAY_LEN(waits); i++)
            probe(&x, PROBE_DOWN, "timeout", BACKEND_DOWN, waits[i]);
        probe(&x, PROBE_UP, "", BACKEND_DOWN, 1000); /* the usual pace at once */
        probe(&x, PROBE_UP, "", BACKEND_UP, 1000);
        assert_string_equal(x.backend.reason, "");
        probe(&x, PROBE_DOWN, "timeout", BACKEND_UP, 1000);
        probe(&x, PROBE_DOWN, "timeout", BACKEND_UP, 1000);
    }
    probe(&x, PROBE_DOWN, "timeout", BACKEND_DOWN, 2000);
    probe(&x, PROBE_UP, "", BACKEND_DOWN, 1000); /* one good, one bad: stays down */
    probe(&x, PROBE_DOWN, "timeout", BACKEND_DOWN, 2000);
    probe(&x, PROBE_UP, "", BACKEND_DOWN, 1000);
    probe(&x, PROBE_UP, "", BACKEND_UP, 1000);
    end(&x);
}

/* The waits differ from one another and use the whole range: gateways do not knock in step. */
static void test_jitter(void **state)
{
    struct bench x;
    uint64_t least = UINT64_MAX, most = 0;

    (void)state;
    begin(&x, &usual);
    for (int i = 0; i < 1000; i++) {
        uint64_t due;

        probe(&x, PROBE_UP, "", i > 0 ? BACKEND_UP : BACKEND_STARTING, 1000);
        due = x.health->timer.at_ms - loop_now_ms(x.loop);
        least = due < least ? due : least;
        most = due > most ? due : most;
    }
    assert_in_range(least, 900, 910);
    assert_in_range(most, 1090, 1100);
    end(&x);
}

/* What a coordinator says of itself holds at once, and takes the counts back to nothing. */
static void test_starting_and_draining(void **state)
{
    struct bench x;

    (void)state;
    begin(&x, &usual);
    probe(&x, PROBE_STARTING, "starting", BACKEND_STARTING, 1000);
    probe(&x, PROBE_UP, "", BACKEND_STARTING, 1000);
    probe(&x, PROBE_UP, "", BACKEND_UP, 1000);
    probe(&x, PROBE_DRAINING, "shutting down", BACKEND_DRAINING, 1000);
    assert_string_equal(x.backend.reason, "shutting down");
    probe(&x, PROBE_UP, "", BACKEND_DRAINING, 1000);
    probe(&x, PROBE_STARTING, "again", BACKEND_STARTING, 1000);
    probe(&x, PROBE_UP, "", BACKEND_STARTING, 1000);
    probe(&x, PROBE_UP, "", BACKEND_UP, 1000);
    probe(&x, PROBE_DRAINING, "", BACKEND_DRAINING, 1000);
    probe(&x, PROBE_DOWN, "gone", BACKEND_DOWN, 2000); /* it drained and ended */
    probe(&x, PROBE_DOWN, "gone", BACKEND_DOWN, 4000);
    probe(&x, PROBE_STARTING, "", BACKEND_STARTING, 1000);
    end(&x);
}

/* Draining by configuration or command shows as such whatever the probes say, unless it is worse.
 */
static void test_visible_state(void **state)
{
    struct bench x;

    (void)state;
    begin(&x, &usual);
    x.backend.configured_draining = true;
    assert_int_equal(backend_visible_state(&x.backend), BACKEND_STARTING);
    probe(&x, PROBE_UP, "", BACKEND_STARTING, 1000);
    probe(&x, PROBE_UP, "", BACKEND_UP, 1000);
    assert_int_equal(backend_visible_state(&x.backend), BACKEND_DRAINING);
    assert_false(backend_takes_statements(&x.backend));
    x.backend.configured_draining = false;
    assert_true(backend_takes_statements(&x.backend));
    for (int i = 0; i < 3; i++)
        probe(&x, PROBE_DOWN, "", i < 2 ? BACKEND_UP : BACKEND_DOWN, i < 2 ? 1000 : 2000);
    x.backend.admin_draining = true;
    assert_int_equal(backend_visible_state(&x.backend), BACKEND_DOWN);
    end(&x);
}

/* Reasons come from outside: longer than there is room they are cut. */
static void test_long_reason(void **state)
{
    struct bench x;
    char reason[4096];

    (void)state;
    memset(reason, 'x', sizeof(reason) - 1);
    reason[sizeof(reason) - 1] = '\0';
    begin(&x, &usual);
    probe(&x, PROBE_DOWN, reason, BACKEND_DOWN, 2000);
    assert_int_equal(strlen(x.backend.reason), sizeof(x.backend.reason) - 1);
    end(&x);
}

static void test_hurry_while_probing(void **state)
{
    struct bench x;

    (void)state;
    begin(&x, &usual);
    loop_turn(x.loop, 0);
    health_hurry(x.health); /* one is under way: no second one */
    loop_turn(x.loop, 0);
    assert_int_equal(x.probes, 1);
    end(&x);
    health_stop(NULL);
}

/* The real thing: short intervals, an engine that goes and comes back. */
static void test_real_time(void **state)
{
    const struct health_config c = {
        .interval_ms = 3, .backoff_max_ms = 12, .up_after = 2, .down_after = 2};
    static const enum engine_probe_state script[] = {PROBE_UP,   PROBE_UP,   PROBE_DOWN, PROBE_DOWN,
                                                     PROBE_DOWN, PROBE_DOWN, PROBE_UP,   PROBE_UP};
    static const enum backend_state after[] = {BACKEND_STARTING, BACKEND_UP,   BACKEND_UP,
                                               BACKEND_DOWN,     BACKEND_DOWN, BACKEND_DOWN,
                                               BACKEND_DOWN,     BACKEND_UP};
    struct bench x;

    (void)state;
    begin(&x, &c);
    for (size_t i = 0; i < ARRAY_LEN(script); i++) {
        struct engine_probe *p;

        while (x.asked == NULL)
            loop_turn(x.loop, 1000);
        p = x.asked;
        x.asked = NULL;
        p->done(p, script[i], "script");
        assert_int_equal(x.backend.state, after[i]);
    }
    assert_int_equal(x.probes, ARRAY_LEN(script));
    end(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_probe_at_once),
        cmocka_unit_test(test_thresholds),
        cmocka_unit_test(test_down_from_the_start),
        cmocka_unit_test(test_backoff_and_recovery),
        cmocka_unit_test(test_jitter),
        cmocka_unit_test(test_starting_and_draining),
        cmocka_unit_test(test_visible_state),
        cmocka_unit_test(test_long_reason),
        cmocka_unit_test(test_hurry_while_probing),
        cmocka_unit_test(test_real_time),
    };

    log_set(LOG_LOGFMT, LOG_LEVEL_ERROR, STDERR_FILENO); /* changes of state are the subject */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
