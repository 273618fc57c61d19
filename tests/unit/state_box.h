/* SPDX-License-Identifier: Apache-2.0 */
/* state_box.h - a loop with one state client on it, for the tests of state/. */
#ifndef TESTS_UNIT_STATE_BOX_H
#define TESTS_UNIT_STATE_BOX_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/loop.h"
#include "state/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct box {
    struct loop *loop;
    struct state *state;
    struct state_client *client;
};

struct answer {
    unsigned calls;
    bool found;
    char backend[256], user[256];
    uint64_t since_ms;
};

static inline uint64_t box_now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static inline struct state_config box_config(const char *const *urls, size_t url_count,
                                             const char *instance)
{
    return (struct state_config){
        .kind = url_count > 0 ? STATE_REDIS : STATE_MEMORY,
        .urls = urls,
        .url_count = url_count,
        .prefix = "test:",
        .instance = instance,
        .ttl_ms = 60000,
        .timeout_ms = 1000,
        .tls_verify = true,
        .memory_entries = 1000,
    };
}

static inline void box_open_config(struct box *b, const struct state_config *c)
{
    struct error err = {0};

    if (loop_new(&b->loop, &err) != OK || state_open(&b->state, c, NULL, &err) != OK ||
        state_attach(&b->client, b->state, b->loop, &err) != OK)
        fail_msg("%s", err.text);
}

static inline void box_open(struct box *b, const char *url, const char *instance)
{
    const char *const urls[] = {url};
    struct state_config c = box_config(urls, url != NULL, instance);

    box_open_config(b, &c);
}

static inline void box_close(struct box *b)
{
    state_detach(b->client);
    loop_turn(b->loop, 0);
    state_close(b->state);
    loop_free(b->loop);
}

static inline void box_turns(struct box *b, unsigned ms)
{
    uint64_t end = box_now_ms() + ms;

    do
        loop_turn(b->loop, 5);
    while (box_now_ms() < end);
}

static inline bool box_health(struct box *b, bool reachable, const char *reason)
{
    struct state_health h;

    state_health(b->state, &h);
    return h.reachable == reachable && strstr(h.reason, reason) != NULL;
}

/* Turns until the health is as wanted. */
static inline void box_expect_health(struct box *b, bool reachable, const char *reason)
{
    uint64_t end = box_now_ms() + 8000;
    struct state_health h;

    while (!box_health(b, reachable, reason)) {
        if (box_now_ms() > end) {
            state_health(b->state, &h);
            fail_msg("wanted reachable=%d \"%s\", is reachable=%d \"%s\"", reachable, reason,
                     h.reachable, h.reason);
        }
        loop_turn(b->loop, 5);
    }
}

static inline struct state_entry box_entry(const char *id, const char *backend)
{
    return (struct state_entry){
        .id = str_c(id),
        .backend = str_c(backend),
        .cluster_id = STR("20261124_000000_00001_abcde"),
        .user = STR("alice"),
        .instance = STR("one"),
        .dialect = 2,
        .since_ms = 1764000000123,
    };
}

static inline void box_put(struct box *b, enum state_entry_kind kind, const char *id,
                           const char *backend)
{
    struct state_entry e = box_entry(id, backend);

    state_put(b->client, kind, &e);
}

static inline void box_on_answer(void *arg, const struct state_entry *e)
{
    struct answer *a = arg;

    a->calls++;
    a->found = e != NULL;
    if (e == NULL)
        return;
    snprintf(a->backend, sizeof(a->backend), "%.*s", STR_ARG(e->backend));
    snprintf(a->user, sizeof(a->user), "%.*s", STR_ARG(e->user));
    a->since_ms = e->since_ms;
}

/* Asks and turns until the answer is there. */
static inline struct answer box_find(struct box *b, enum state_entry_kind kind, const char *id)
{
    uint64_t end = box_now_ms() + 8000;
    struct answer a = {0};

    state_find(b->client, kind, str_c(id), box_on_answer, &a);
    assert_int_equal(a.calls, 0);
    while (a.calls == 0 && box_now_ms() < end)
        loop_turn(b->loop, 5);
    assert_int_equal(a.calls, 1);
    return a;
}

/* Everything sent before was executed: replies come in order. */
static inline void box_sync(struct box *b)
{
    loop_turn(b->loop, 0);
    box_find(b, STATE_QUERY, "sync");
}

/* Turns both until `seeker` finds what `owner` put: the write needs its time. */
static inline bool box_finds_soon(struct box *seeker, struct box *owner, enum state_entry_kind kind,
                                  const char *id)
{
    uint64_t end = box_now_ms() + 4000;

    do {
        loop_turn(owner->loop, 1);
        if (box_find(seeker, kind, id).found)
            return true;
    } while (box_now_ms() < end);
    return false;
}

struct inbox {
    unsigned count;
    size_t bytes;
    char last[32];
};

static inline void box_on_message(void *arg, struct str message)
{
    struct inbox *in = arg;

    in->count++;
    in->bytes += message.n;
    snprintf(in->last, sizeof(in->last), "%.*s", (int)(message.n < 31 ? message.n : 31), message.p);
}

static inline void box_wait_for_messages(struct box *b, struct inbox *in, unsigned count)
{
    uint64_t end = box_now_ms() + 5000;

    while (in->count < count && box_now_ms() < end)
        loop_turn(b->loop, 5);
    assert_int_equal(in->count, count);
}

#endif
