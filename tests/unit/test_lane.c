/* SPDX-License-Identifier: Apache-2.0 */
/* test_lane.c - a lane takes new snapshots: listeners stay as they were opened, whatever a reload
 * says, and nothing is left behind when it ends (address sanitizer). */
#include "base/log.h"
#include "gateway/backends.h"
#include "gateway/gauges.h"
#include "gateway/lane.h"
#include "gateway/listen.h"
#include "gateway/snapshot.h"
#include "gateway/stmts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define KEY "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

struct bench {
    struct gateway g;
    struct listening listening;
};

/* A snapshot of these listeners and backends, the newest of the gateway. */
static void load(struct bench *x, const char *listeners, const char *backends)
{
    struct buf yaml = buf_make(65536);
    struct snapshot *s = NULL;
    struct config *c;
    struct error err;

    buf_printf(&yaml,
               "data_dir: /nonexistent\ntickets: {keys: [" KEY "]}\nlisteners: %s\nbackends: %s\n"
               "admin: {address: '127.0.0.1:0'}\nthreads: 1\n",
               listeners, backends);
    if (config_parse(&c, "test.yaml", buf_str(&yaml), NULL, &err) != OK ||
        snapshot_new(&s, &x->g, c, x->g.snapshot, &err) != OK)
        fail_msg("%s", err.text);
    snapshot_unref(x->g.snapshot);
    x->g.snapshot = s;
    buf_reset(&yaml);
}

#define FIRST "[{address: '127.0.0.1:0'}, {address: 'localhost:0'}]"
#define ONE "{a: {engine: trino, url: 'http://127.0.0.1:1'}}"
#define TWO                                                                                        \
    "{b: {engine: presto, url: 'http://127.0.0.1:2'}, "                                            \
    "a: {engine: trino, url: 'http://127.0.0.1:1'}}"

static void begin(struct bench *x)
{
    struct state_config state = {
        .kind = STATE_MEMORY, .instance = "i", .ttl_ms = 1000, .memory_entries = 100};
    struct error err;

    memset(x, 0, sizeof(*x));
    x->g.metrics = metrics_new();
    gauges_count(&x->g);
    load(x, FIRST, ONE);
    x->g.opened = snapshot_ref(x->g.snapshot);
    x->g.stmts = stmts_new(&x->g);
    assert_int_equal(state_open(&x->g.state, &state, x->g.metrics, &err), OK);
    x->g.lanes = mem_zalloc(sizeof(*x->g.lanes));
    x->g.lane_count = 1;
    assert_int_equal(lane_open(&x->g.lanes[0], &x->g, 0, &err), OK);
    assert_int_equal(listen_all(&x->listening, &x->g, &err), OK);
    gauges_watch(&x->g);
    lane_start_healths(&x->g, x->g.snapshot);
}

static void end(struct bench *x)
{
    lane_stop(&x->g.lanes[0]);
    lane_stop_healths(&x->g);
    http_server_free(x->g.admin);
    lane_close(&x->g.lanes[0]);
    snapshot_unref(x->g.opened);
    snapshot_unref(x->g.snapshot);
    backends_close(&x->g);
    state_close(x->g.state);
    stmts_free(x->g.stmts);
    metrics_free(x->g.metrics);
    free(x->g.lanes);
}

static void test_reloads(void **state)
{
    static const struct {
        const char *listeners, *backends;
        size_t healths;
    } cases[] = {
        {FIRST, ONE, 1},
        {"[{address: '127.0.0.1:0'}]", TWO, 2},
        {"[{address: '127.0.0.1:0'}, {address: 'localhost:0'}, {address: '127.0.0.1:9'}]", TWO, 2},
        {"[{address: '127.0.0.1:7'}, {address: '127.0.0.1:8'}, {address: '127.0.0.1:0'}]", ONE, 1},
        {"[{address: 'localhost:0'}, {address: '127.0.0.1:0'}]", TWO, 2},
    };
    struct bench x;
    struct lane *l;

    (void)state;
    begin(&x);
    l = &x.g.lanes[0];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct snapshot *before = snapshot_ref(l->snapshot);

        load(&x, cases[i].listeners, cases[i].backends);
        lane_swap(l, x.g.snapshot);
        assert_ptr_equal(l->snapshot, before); /* between two turns, not now */
        loop_turn(l->loop, 0);
        assert_ptr_equal(l->snapshot, x.g.snapshot);
        assert_int_equal(x.g.health_count, cases[i].healths);
        for (size_t k = 0; k < l->snapshot->routes.backend_count; k++)
            assert_non_null(backend_lane(l->snapshot->routes.backends[k], 0, l->loop));
        snapshot_unref(before);
    }
    end(&x);
}

/* Tickets of before are opened as long as their key is there. */
static void test_tickets_stay(void **state)
{
    struct bench x;
    struct lane *l;
    struct buf text = buf_make(4096);
    const struct ticket t = {.kind = TICKET_POLL, .backend = STR("a"), .path = STR("/p")};
    struct ticket back;
    struct error err;

    (void)state;
    begin(&x);
    l = &x.g.lanes[0];
    ticket_seal(l->tickets, &t, STR("id"), 1000000000, &text);
    load(&x, FIRST, TWO);
    lane_swap(l, x.g.snapshot);
    loop_turn(l->loop, 0);
    assert_int_equal(ticket_open(l->tickets, buf_str(&text), STR("id"), 1000000000, &back, &err),
                     OK);
    buf_reset(&text);
    end(&x);
}

/* A reload and the end at once, from another thread: the message is run or freed, never lost. */
static void test_reload_at_the_end(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++) {
        struct bench x;
        struct error err;

        begin(&x);
        assert_int_equal(lane_start(&x.g.lanes[0], &err), OK);
        if (i % 2)
            usleep(200);
        load(&x, FIRST, i % 3 ? TWO : ONE);
        lane_swap(&x.g.lanes[0], x.g.snapshot);
        lane_swap(&x.g.lanes[0], x.g.snapshot);
        end(&x);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reloads),
        cmocka_unit_test(test_tickets_stay),
        cmocka_unit_test(test_reload_at_the_end),
    };

    log_set(LOG_LOGFMT, LOG_LEVEL_ERROR, STDERR_FILENO);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
