/* SPDX-License-Identifier: Apache-2.0 */
/* test_stmts.c - the statements that run: counts, ends, news between instances, idle ones, threads.
 * history_end() is this file's own: it keeps what would be recorded. */
#include "base/clock.h"
#include "base/log.h"
#include "gateway/gateway.h"
#include "gateway/news.h"
#include "gateway/stmts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static struct {
    unsigned count; /* of records */
    struct history_end e;
    struct arena texts;
} recorded;

void history_end(struct history *h, const struct history_end *e)
{
    assert_non_null(h);
    recorded.count++;
    recorded.e = *e;
    recorded.e.id = arena_str(&recorded.texts, e->id);
    recorded.e.error_name = arena_str(&recorded.texts, e->error_name);
    recorded.e.error_type = arena_str(&recorded.texts, e->error_type);
    recorded.e.error_text = arena_str(&recorded.texts, e->error_text);
    recorded.e.update_type = arena_str(&recorded.texts, e->update_type);
}

/* One instance with two backends. */
struct bench {
    struct gateway g;
    struct backend backends[2];
};

static void begin(struct bench *x)
{
    struct metrics *m = metrics_new();

    memset(x, 0, sizeof(*x));
    x->g.metrics = m;
    x->g.history = (struct history *)&recorded; /* only its address counts */
    x->g.m.finished = metrics_counter(m, "ended", "", "state=\"finished\"");
    x->g.m.failed = metrics_counter(m, "ended", "", "state=\"failed\"");
    x->g.m.cancelled = metrics_counter(m, "ended", "", "state=\"canceled\"");
    x->g.m.abandoned = metrics_counter(m, "ended", "", "state=\"abandoned\"");
    x->g.m.statement_seconds = metrics_histogram(m, "s", "", "");
    x->g.m.queued_seconds = metrics_histogram(m, "q", "", "");
    for (size_t i = 0; i < 2; i++)
        x->backends[i].metrics.duration = metrics_histogram(m, "b", "", i ? "n=\"1\"" : "n=\"0\"");
    x->g.stmts = stmts_new(&x->g);
}

static void end(struct bench *x)
{
    stmts_free(x->g.stmts);
    metrics_free(x->g.metrics);
    arena_reset(&recorded.texts);
    memset(&recorded, 0, sizeof(recorded));
}

static void start(struct bench *x, const char *id, size_t backend)
{
    stmts_begin(x->g.stmts, &(struct stmt_begin){str_c(id), STR("alice"), STR("cli"),
                                                 &x->backends[backend], DIALECT_TRINO, true});
}

static void poll(struct bench *x, const char *id, uint64_t rows)
{
    char user[8];

    stmts_poll_begin(x->g.stmts, str_c(id), &x->backends[0], DIALECT_TRINO, user, sizeof(user));
    stmts_poll_end(x->g.stmts, str_c(id), &(struct stmt_page){rows, rows * 10, rows > 0});
}

static bool stop(struct bench *x, const char *id, enum stmt_end how)
{
    return stmts_end(x->g.stmts, str_c(id), how, NULL, NULL);
}

static void assert_text(struct str is, const char *wanted)
{
    if (!str_eq(is, str_c(wanted)))
        fail_msg("'%.*s' is not '%s'", STR_ARG(is), wanted);
}

static void test_life(void **state)
{
    const struct page_facts facts = {
        .last = true,
        .error_name = STR("SYNTAX_ERROR"),
        .error_type = STR("USER_ERROR"),
        .error_message = STR("line 1:8: \\u0027c\\u0027 \\\"x\\\"\\n\\u20ac"),
        .update_type = STR("INSERT"),
        .queued_ms = 5,
        .cpu_ms = 6,
        .processed_rows = 7,
        .processed_bytes = 8,
        .peak_memory_bytes = 9,
    };
    struct bench x;
    struct backend *owner = NULL;

    (void)state;
    begin(&x);
    start(&x, "id_1", 1);
    assert_int_equal(stmts_count(x.g.stmts), 1);
    assert_int_equal(x.backends[1].outstanding, 1);
    assert_true(stmts_owner(x.g.stmts, STR("id_1"), &owner));
    assert_ptr_equal(owner, &x.backends[1]);
    assert_false(stmts_owner(x.g.stmts, STR("id_2"), &owner));
    poll(&x, "id_1", 0);
    poll(&x, "id_1", 100);
    poll(&x, "id_1", 11);
    assert_false(stmts_end(x.g.stmts, STR("id_1"), STMT_FAILED, &facts, NULL));
    assert_int_equal(recorded.count, 1);
    assert_text(recorded.e.id, "id_1");
    assert_text(recorded.e.state, "FAILED");
    assert_text(recorded.e.error_name, "SYNTAX_ERROR");
    assert_text(recorded.e.error_type, "USER_ERROR");
    assert_text(recorded.e.error_text, "line 1:8: 'c' \"x\"\n\xe2\x82\xac");
    assert_text(recorded.e.update_type, "INSERT");
    assert_int_equal(recorded.e.rows, 111);
    assert_int_equal(recorded.e.bytes, 1110);
    assert_int_equal(recorded.e.queued_ms, 5);
    assert_int_equal(recorded.e.cpu_ms, 6);
    assert_int_equal(recorded.e.processed_rows, 7);
    assert_int_equal(recorded.e.processed_bytes, 8);
    assert_int_equal(recorded.e.peak_memory_bytes, 9);
    assert_true(recorded.e.ended_ms > 0);
    assert_int_equal(stmts_count(x.g.stmts), 0);
    assert_int_equal(x.backends[1].outstanding, 0);
    assert_int_equal(counter_value(x.g.m.failed), 1);
    end(&x);
}

/* A replayed last page, a late poll's end, a second start of the id: nothing counts twice. */
static void test_once(void **state)
{
    static const struct {
        enum stmt_end how;
        const char *state;
    } cases[] = {{STMT_FINISHED, "FINISHED"},
                 {STMT_FAILED, "FAILED"},
                 {STMT_CANCELED, "CANCELED"},
                 {STMT_ABANDONED, "ABANDONED"}};
    struct bench x;

    (void)state;
    begin(&x);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        start(&x, "id_1", 0);
        start(&x, "id_1", 1);
        assert_int_equal(x.backends[0].outstanding, 1);
        assert_int_equal(x.backends[1].outstanding, 0);
        assert_int_equal(stmts_count(x.g.stmts), 1);
        for (int twice = 0; twice < 2; twice++)
            assert_false(stop(&x, "id_1", cases[i].how));
        stmts_poll_end(x.g.stmts, STR("id_1"), &(struct stmt_page){1, 1, true});
        assert_int_equal(recorded.count, i + 1);
        assert_text(recorded.e.state, cases[i].state);
        assert_int_equal(x.backends[0].outstanding, 0);
        assert_int_equal(stmts_count(x.g.stmts), 0);
    }
    assert_int_equal(counter_value(x.g.m.finished), 1);
    assert_int_equal(counter_value(x.g.m.failed), 1);
    assert_int_equal(counter_value(x.g.m.cancelled), 1);
    assert_int_equal(counter_value(x.g.m.abandoned), 1);
    start(&x, "id_1", 0); /* handed over: its row says so, the end is somebody else's to count */
    assert_false(stop(&x, "id_1", STMT_HANDED_OVER));
    assert_int_equal(recorded.count, 5);
    assert_text(recorded.e.state, "HANDED_OVER");
    assert_int_equal(recorded.e.ended_ms, 0);
    assert_int_equal(counter_value(x.g.m.finished), 1);
    end(&x);
}

static void test_first_row(void **state)
{
    struct bench x;

    (void)state;
    begin(&x);
    start(&x, "id_1", 0);
    usleep(20000);
    poll(&x, "id_1", 5);
    usleep(20000);
    poll(&x, "id_1", 5);
    stop(&x, "id_1", STMT_FINISHED);
    assert_in_range(recorded.e.first_row_ms, 20, 10000);
    assert_true(recorded.e.total_ms >= recorded.e.first_row_ms + 20);
    start(&x, "id_2", 0);
    stop(&x, "id_2", STMT_FINISHED);
    assert_int_equal(recorded.e.first_row_ms, 0); /* no rows */
    end(&x);
}

static void test_user(void **state)
{
    struct bench x;
    char user[6], long_user[600];

    (void)state;
    begin(&x);
    start(&x, "id_1", 0);
    stmts_poll_begin(x.g.stmts, STR("id_1"), &x.backends[0], DIALECT_TRINO, user, sizeof(user));
    assert_string_equal(user, "alice");
    stmts_poll_begin(x.g.stmts, STR("id_1"), &x.backends[0], DIALECT_TRINO, user, 3);
    assert_string_equal(user, "al");
    stmts_poll_begin(x.g.stmts, STR("other"), &x.backends[0], DIALECT_TRINO, user, sizeof(user));
    assert_string_equal(user, "");
    memset(long_user, 'u', sizeof(long_user)); /* longer than is kept: cut, everywhere */
    stmts_begin(x.g.stmts,
                &(struct stmt_begin){STR("id_2"), str_of(long_user, 600), str_of(long_user, 600),
                                     &x.backends[0], DIALECT_TRINO, true});
    stmts_poll_begin(x.g.stmts, STR("id_2"), &x.backends[0], DIALECT_TRINO, long_user,
                     sizeof(long_user));
    assert_int_equal(strlen(long_user), 512);
    end(&x);
}

static void test_unreachable(void **state)
{
    struct bench x;

    (void)state;
    begin(&x);
    assert_int_equal(stmts_unreachable_ms(x.g.stmts, STR("none")), 0);
    start(&x, "id_1", 0);
    assert_int_equal(stmts_unreachable_ms(x.g.stmts, STR("id_1")), 0);
    usleep(15000);
    assert_in_range(stmts_unreachable_ms(x.g.stmts, STR("id_1")), 14, 10000);
    stmts_poll_end(x.g.stmts, STR("id_1"), NULL); /* a failed one */
    assert_in_range(stmts_unreachable_ms(x.g.stmts, STR("id_1")), 14, 10000);
    poll(&x, "id_1", 0); /* a good one */
    assert_int_equal(stmts_unreachable_ms(x.g.stmts, STR("id_1")), 0);
    end(&x);
}

/* ---- two instances ---- */

/* `b` serves the last pages of a statement that `a` accepted, and tells it. */
static void test_news(void **state)
{
    const struct page_facts facts = {
        .last = true,
        .error_name = STR("SYNTAX_ERROR"),
        .error_type = STR("USER_ERROR"),
        .error_message = STR("a \\\"quoted\\\" \\\\ text\\u0001\\n\\u20ac"),
        .update_type = STR("CREATE TABLE"),
        .queued_ms = 5,
        .cpu_ms = 6,
        .processed_rows = UINT64_MAX,
        .processed_bytes = 8,
        .peak_memory_bytes = 9,
    };
    struct bench a, b;
    struct buf news = buf_make(65536);
    struct ended ended;

    (void)state;
    begin(&a);
    begin(&b);
    start(&a, "id_1", 0);
    poll(&a, "id_1", 100);
    poll(&b, "id_1", 30);
    assert_int_equal(b.backends[0].outstanding, 1);
    assert_true(stmts_end(b.g.stmts, STR("id_1"), STMT_FAILED, &facts, &ended));
    news_write(&news, &ended);
    assert_int_equal(recorded.count, 0);
    assert_int_equal(counter_value(b.g.m.failed), 0);
    assert_int_equal(b.backends[0].outstanding, 0);
    assert_int_equal(stmts_count(b.g.stmts), 0);

    stmts_on_news(a.g.stmts, buf_str(&news));
    assert_int_equal(recorded.count, 1);
    assert_text(recorded.e.id, "id_1");
    assert_text(recorded.e.state, "FAILED");
    assert_text(recorded.e.error_name, "SYNTAX_ERROR");
    assert_text(recorded.e.error_type, "USER_ERROR");
    assert_text(recorded.e.error_text, "a \"quoted\" \\ text\x01\n\xe2\x82\xac");
    assert_text(recorded.e.update_type, "CREATE TABLE");
    assert_int_equal(recorded.e.rows, 130);
    assert_int_equal(recorded.e.bytes, 1300);
    assert_int_equal(recorded.e.queued_ms, 5);
    assert_int_equal(recorded.e.cpu_ms, 6);
    assert_true(recorded.e.processed_rows == UINT64_MAX);
    assert_int_equal(recorded.e.processed_bytes, 8);
    assert_int_equal(recorded.e.peak_memory_bytes, 9);
    assert_int_equal(counter_value(a.g.m.failed), 1);
    assert_int_equal(stmts_count(a.g.stmts), 0);
    assert_int_equal(a.backends[0].outstanding, 0);
    stmts_on_news(a.g.stmts, buf_str(&news)); /* told twice */
    assert_int_equal(recorded.count, 1);
    stmts_record(b.g.stmts, &ended); /* could not be told */
    assert_int_equal(recorded.count, 2);
    assert_int_equal(recorded.e.rows, 30);
    assert_text(recorded.e.error_text, "a \"quoted\" \\ text\x01\n\xe2\x82\xac");
    buf_reset(&news);
    arena_reset(&ended.kept);
    stmts_free(b.g.stmts);
    metrics_free(b.g.metrics);
    end(&a);
}

/* A message has a limit, and its cut splits no character. */
static void test_news_long(void **state)
{
    struct bench a, b;
    struct buf news = buf_make(65536), text = buf_make(1 << 20);
    struct page_facts facts = {.last = true, .error_name = STR("X")};
    struct ended ended;

    (void)state;
    begin(&a);
    begin(&b);
    buf_put_c(&text, 'x');
    for (int i = 0; i < 100000; i++)
        buf_put_str(&text, STR("\xe2\x82\xac"));
    facts.error_message = buf_str(&text);
    start(&a, "id_1", 0);
    poll(&b, "id_1", 1);
    assert_true(stmts_end(b.g.stmts, STR("id_1"), STMT_FAILED, &facts, &ended));
    news_write(&news, &ended);
    assert_in_range(news.n, 4000, 8000);
    stmts_on_news(a.g.stmts, buf_str(&news));
    assert_int_equal(recorded.count, 1);
    assert_int_equal(recorded.e.error_text.n, 1 + 3 * 1365);
    assert_true(str_starts(buf_str(&text), recorded.e.error_text));
    buf_reset(&news);
    arena_reset(&ended.kept);
    buf_reset(&text);
    stmts_free(b.g.stmts);
    metrics_free(b.g.metrics);
    end(&a);
}

/* Other instances may be of another version, or not be ours at all. */
static void test_news_hostile(void **state)
{
    static const char *const cases[] = {
        "",
        "null",
        "{}",
        "[]",
        "{\"id\":\"id_1\"}",
        "{\"how\":1}",
        "{\"id\":\"\",\"how\":1}",
        "{\"id\":\"id_1\",\"how\":5}",
        "{\"id\":\"id_1\",\"how\":-1}",
        "{\"id\":\"id_1\",\"how\":\"1\"}",
        "{\"id\":\"id_1\",\"how\":99999999999999999999999}",
        "{\"id\":\"id_1\",\"how\":1",
        "{\"id\":\"id_1\",\"how\":1,\"error_text\":\"x\\",
        "{\"id\":{\"a\":1},\"how\":1}",
    };
    struct bench x;

    (void)state;
    begin(&x);
    start(&x, "id_1", 0);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *exact = str_dup(str_c(cases[i])); /* for the address sanitizer */

        stmts_on_news(x.g.stmts, str_c(exact));
        if (stmts_count(x.g.stmts) != 1)
            fail_msg("%s ended a statement", cases[i]);
        free(exact);
    }
    assert_int_equal(recorded.count, 0);
    /* Fields that a version does not know, or not yet, do no harm. */
    stmts_on_news(x.g.stmts, STR("{\"new\":[1,{}],\"id\":\"id_1\",\"rows\":\"3\",\"how\":0}"));
    assert_int_equal(recorded.count, 1);
    assert_text(recorded.e.state, "FINISHED");
    /* It may have begun here before a restart. */
    stmts_on_news(x.g.stmts, STR("{\"id\":\"id_2\",\"how\":1}"));
    assert_int_equal(recorded.count, 2);
    assert_text(recorded.e.id, "id_2");
    end(&x);
}

/* ---- idle ---- */

static struct {
    unsigned count, bad;
    char last[32];
} idle;

static void on_idle(void *arg, struct str id, struct backend *b, struct str user)
{
    assert_non_null(arg);
    assert_non_null(b);
    idle.count++;
    idle.bad += !str_eq(user, STR("alice"));
    snprintf(idle.last, sizeof(idle.last), "%.*s", STR_ARG(id));
}

static void test_idle(void **state)
{
    struct bench x;
    char user[8];

    (void)state;
    begin(&x);
    memset(&idle, 0, sizeof(idle));
    start(&x, "polled", 0);
    start(&x, "waits", 0);
    start(&x, "left", 0);
    stmts_poll_begin(x.g.stmts, STR("waits"), &x.backends[0], DIALECT_TRINO, user, sizeof(user));
    stmts_idle(x.g.stmts, 300, on_idle, &x);
    assert_int_equal(idle.count, 0);
    usleep(400000);
    poll(&x, "polled", 0);
    stmts_idle(x.g.stmts, 300, on_idle, &x);
    assert_int_equal(idle.count, 1);
    assert_string_equal(idle.last, "left");
    stmts_idle(x.g.stmts, 300, on_idle, &x); /* once a period */
    assert_int_equal(idle.count, 1);
    stmts_poll_end(x.g.stmts, STR("waits"), NULL);
    usleep(400000);
    stmts_idle(x.g.stmts, 300, on_idle, &x);
    assert_int_equal(idle.count, 4);
    stmts_idle(x.g.stmts, UINT64_MAX / 2000, on_idle, &x);
    assert_int_equal(idle.count, 4);
    assert_int_equal(idle.bad, 0);
    end(&x);
}

/* Many of them: a few a call, each once. */
static void test_idle_many(void **state)
{
    struct bench x;
    char id[32];
    unsigned before;

    (void)state;
    begin(&x);
    memset(&idle, 0, sizeof(idle));
    for (int i = 0; i < 20000; i++) {
        snprintf(id, sizeof(id), "id_%d", i);
        start(&x, id, i % 2);
    }
    assert_int_equal(x.backends[0].outstanding, 10000);
    usleep(2000);
    do {
        before = idle.count;
        stmts_idle(x.g.stmts, 2000, on_idle, &x);
    } while (idle.count > before);
    assert_int_equal(idle.count, 0); /* none is that old */
    usleep(2100000);
    do {
        before = idle.count;
        stmts_idle(x.g.stmts, 2000, on_idle, &x);
    } while (idle.count > before);
    assert_int_equal(idle.count, 20000);
    for (int i = 0; i < 20000; i++) {
        snprintf(id, sizeof(id), "id_%d", i);
        stop(&x, id, STMT_ABANDONED);
    }
    assert_int_equal(stmts_count(x.g.stmts), 0);
    assert_int_equal(x.backends[0].outstanding, 0);
    assert_int_equal(x.backends[1].outstanding, 0);
    end(&x);
}

/* ---- threads ---- */

#define THREADS 4
#define ROUNDS 3000

struct worker {
    struct bench *x;
    unsigned index;
    pthread_t thread;
};

static void on_idle_nothing(void *arg, struct str id, struct backend *b, struct str user)
{
    (void)arg;
    (void)id;
    (void)b;
    (void)user;
}

/* Each with ids of its own and one that all share. */
static void *work(void *arg)
{
    struct worker *w = arg;
    char id[32];

    for (int i = 0; i < ROUNDS; i++) {
        snprintf(id, sizeof(id), "id_%u_%d", w->index, i);
        start(w->x, id, (size_t)i % 2);
        start(w->x, "shared", 1);
        poll(w->x, "shared", 1);
        poll(w->x, id, 1);
        if (i % 100 == 0)
            stmts_idle(w->x->g.stmts, 0, on_idle_nothing, NULL);
        if (i % 3 == 0)
            stop(w->x, "shared", STMT_CANCELED);
        stop(w->x, id, STMT_FINISHED);
    }
    return NULL;
}

static void test_threads(void **state)
{
    struct bench x;
    struct worker workers[THREADS];

    (void)state;
    begin(&x);
    x.g.history = NULL; /* this file's is for one thread */
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.x = &x, .index = i};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(workers[i].thread, NULL);
    stop(&x, "shared", STMT_CANCELED);
    assert_int_equal(stmts_count(x.g.stmts), 0);
    assert_int_equal(x.backends[0].outstanding, 0);
    assert_int_equal(x.backends[1].outstanding, 0);
    assert_int_equal(counter_value(x.g.m.finished), THREADS * ROUNDS);
    end(&x);
}

/* Freed with statements in it: nothing stays behind (address sanitizer). */
static void test_freed_whole(void **state)
{
    struct bench x;
    char id[32];

    (void)state;
    begin(&x);
    for (int i = 0; i < 1000; i++) {
        snprintf(id, sizeof(id), "id_%d", i);
        start(&x, id, 0);
    }
    end(&x);
    stmts_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_life),        cmocka_unit_test(test_once),
        cmocka_unit_test(test_first_row),   cmocka_unit_test(test_user),
        cmocka_unit_test(test_unreachable), cmocka_unit_test(test_news),
        cmocka_unit_test(test_news_long),   cmocka_unit_test(test_news_hostile),
        cmocka_unit_test(test_idle),        cmocka_unit_test(test_idle_many),
        cmocka_unit_test(test_threads),     cmocka_unit_test(test_freed_whole),
    };

    log_set(LOG_LOGFMT, LOG_LEVEL_ERROR, STDERR_FILENO); /* hostile news are the subject */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
