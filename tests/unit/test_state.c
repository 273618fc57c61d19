/* SPDX-License-Identifier: Apache-2.0 */
/* test_state.c - what of state/ needs no Redis: values, URLs, memory, look-ups, names. */
#include "tests/unit/state_box.h"

#include "state/memory.h"
#include "state/redis_reply.h"
#include "state/redis_url.h"
#include "state/resolve.h"
#include "state/value.h"

#include <pthread.h>

/* ---- values ---- */

static void test_value_round_trip(void **state)
{
    struct state_entry e = box_entry("q1", "trino-a"), got = {.id = STR("q1")};
    struct buf b = buf_make(VALUE_MAX_BYTES);

    (void)state;
    assert_int_equal(value_encode(&b, &e, NULL), OK);
    assert_int_equal(value_decode(buf_str(&b), &got, NULL), OK);
    assert_true(str_eq(got.backend, e.backend) && str_eq(got.cluster_id, e.cluster_id));
    assert_true(str_eq(got.user, e.user) && str_eq(got.instance, e.instance));
    assert_int_equal(got.dialect, 2);
    assert_int_equal(got.since_ms, 1764000000123);
    for (size_t n = 0; n < b.n; n++) /* cut anywhere it is no value */
        assert_int_equal(value_decode(str_of(b.p, n), &got, NULL), ERR_CORRUPT);
    buf_put_c(&b, 'x');
    assert_int_equal(value_decode(buf_str(&b), &got, NULL), ERR_CORRUPT);
    buf_reset(&b);
}

static void test_value_limits(void **state)
{
    static char big[VALUE_USER_MAX + 1];
    struct state_entry e = box_entry("q1", "trino-a");
    struct buf b = buf_make(VALUE_MAX_BYTES);

    (void)state;
    memset(big, 'u', sizeof(big));
    e.user = str_of(big, VALUE_USER_MAX);
    e.backend = e.cluster_id = e.instance = str_of(big, VALUE_NAME_MAX);
    assert_int_equal(value_encode(&b, &e, NULL), OK); /* the largest value fits */
    buf_clear(&b);
    e.user = str_of(big, VALUE_USER_MAX + 1);
    assert_int_equal(value_encode(&b, &e, NULL), ERR_LIMIT);
    e.user = STR("two\nlines");
    assert_int_equal(value_encode(&b, &e, NULL), ERR_LIMIT);
    e.user = STR_NONE;
    e.backend = STR_NONE;
    assert_int_equal(value_encode(&b, &e, NULL), ERR_LIMIT);
    e.backend = STR("a");
    e.dialect = 3;
    assert_int_equal(value_encode(&b, &e, NULL), ERR_INVALID);
    assert_int_equal(b.n, 0);
    buf_reset(&b);
}

static void test_value_hostile(void **state)
{
    static const struct {
        const char *why, *bytes;
        size_t n;
    } cases[] = {
#define CASE(why, bytes) {why, bytes, sizeof(bytes) - 1}
        CASE("empty", ""),
        CASE("another version", "\2\1........\1\0a\0\0\0\0\0\0"),
        CASE("dialect out of range", "\1\3........\1\0a\0\0\0\0\0\0"),
        CASE("no backend", "\1\1........\0\0\0\0\0\0\0\0"),
        CASE("length beyond the end", "\1\1........\377\377a\0\0\0\0\0\0"),
        CASE("control character", "\1\1........\1\0\n\0\0\0\0\0\0"),
        CASE("bytes behind", "\1\1........\1\0a\0\0\0\0\0\0x"),
#undef CASE
    };
    struct state_entry e = {0};

    (void)state;
    assert_int_equal(value_decode(STR("\1\1........\1\0a\0\0\0\0\0\0"), &e, NULL), OK);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (value_decode(str_of(cases[i].bytes, cases[i].n), &e, NULL) != ERR_CORRUPT)
            fail_msg("%s was taken", cases[i].why);
}

/* ---- URLs ---- */

static void show_targets(const struct redis_target *t, char *out, size_t size)
{
    size_t n = 0;

    out[0] = '\0';
    for (; t != NULL && n < size; t = t->next)
        n += (size_t)snprintf(out + n, size - n, "%s%s|%u|%s|%s|%s|%u%s", t->tls ? "tls " : "",
                              t->host, t->port, t->user ? t->user : "-",
                              t->password ? t->password : "-", t->master ? t->master : "-", t->db,
                              t->next ? " " : "");
}

static void test_urls(void **state)
{
    static const struct {
        const char *url, *want; /* NULL = refused */
    } cases[] = {
        {"redis://h", "h|6379|-|-|-|0"},
        {"REDIS://h:1/3", "h|1|-|-|-|3"},
        {"redis://h/", "h|6379|-|-|-|0"},
        {"rediss://u:p@h:6380/15", "tls h|6380|u|p|-|15"},
        {"redis://:p@h", "h|6379|-|p|-|0"},
        {"redis://u@h", "h|6379|u||-|0"},
        {"redis://u:p%40%2Fx@h", "h|6379|u|p@/x|-|0"},
        {"redis://u:p@q@h", "h|6379|u|p@q|-|0"},
        {"redis://[::1]:7", "::1|7|-|-|-|0"},
        {"redis://[fe80::1]", "fe80::1|6379|-|-|-|0"},
        {"redis+sentinel://a,b:1/m", "a|26379|-|-|m|0 b|1|-|-|m|0"},
        {"redis+sentinel://u:p@a:5/m/2", "a|5|u|p|m|2"},
        {"rediss+sentinel://a/m", "tls a|26379|-|-|m|0"},
        {"", NULL},
        {"http://h", NULL},
        {"redis://", NULL},
        {"redis:///0", NULL},
        {"redis://@h", NULL},
        {"redis://h:0", NULL},
        {"redis://h:65536", NULL},
        {"redis://h:x", NULL},
        {"redis://h/x", NULL},
        {"redis://h/70000", NULL},
        {"redis://h/1/2", NULL},
        {"redis://a,b", NULL},
        {"redis://[::1", NULL},
        {"redis://[::1]x", NULL},
        {"redis://u:%zz@h", NULL},
        {"redis://u:%00@h", NULL},
        {"redis+sentinel://a", NULL},
        {"redis+sentinel://a,/m", NULL},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct redis_target *first = NULL, **tail = &first;
        struct arena a = {0};
        struct error err;
        char got[256];
        int rc = redis_url_parse(&a, cases[i].url, &tail, &err);

        show_targets(first, got, sizeof(got));
        if ((rc == OK) != (cases[i].want != NULL))
            fail_msg("%s: %s", cases[i].url, rc == OK ? "taken" : err.text);
        if (rc == OK)
            assert_string_equal(got, cases[i].want);
        arena_reset(&a);
    }
}

static void test_open_refuses(void **state)
{
    static const char *const bad[] = {"redis://user:geheim@h:nope"};
    static const char *const good[] = {"redis://h"};
    struct state_config c = box_config(bad, 1, "one");
    struct error err;
    struct state *s;

    (void)state;
    assert_int_equal(state_open(&s, &c, NULL, &err), ERR_INVALID);
    assert_null(strstr(err.text, "geheim")); /* no secret in an error */
    c = box_config(good, 1, "");
    assert_int_equal(state_open(&s, &c, NULL, &err), ERR_INVALID);
    c = box_config(good, 1, "one");
    c.timeout_ms = 0;
    assert_int_equal(state_open(&s, &c, NULL, &err), ERR_INVALID);
    c = box_config(good, 1, "one");
    c.url_count = 0;
    assert_int_equal(state_open(&s, &c, NULL, &err), ERR_INVALID);
}

/* ---- memory ---- */

static bool has(struct memory *m, const char *id, uint64_t now_ms, const char *want)
{
    struct buf b = buf_make(100);
    bool found = memory_get(m, str_c(id), now_ms, &b);
    bool right = found && str_eq(buf_str(&b), str_c(want));

    assert_true(right || !found);
    buf_reset(&b);
    return found;
}

static void test_memory(void **state)
{
    struct memory *m;

    (void)state;
    m = memory_new(10, 1000);
    memory_put(m, STR("a"), STR("1"), 0);
    assert_true(has(m, "a", 999, "1"));
    assert_false(has(m, "a", 1000, "1")); /* the end of its life */
    assert_false(has(m, "b", 0, ""));
    memory_put(m, STR("a"), STR("2"), 500);
    assert_true(has(m, "a", 1499, "2")); /* lives from the last put on */
    assert_int_equal(memory_count(m), 1);
    memory_remove(m, STR("a"));
    memory_remove(m, STR("a"));
    assert_false(has(m, "a", 500, ""));
    assert_int_equal(memory_count(m), 0);
    memory_put(m, STR("a"), STR("2"), 500);
    memory_put(m, STR("b"), STR("3"), 5000); /* the expired one goes */
    assert_int_equal(memory_count(m), 1);
    memory_free(m);
}

static void test_memory_evicts_oldest(void **state)
{
    struct memory *m;
    char id[16];

    (void)state;
    m = memory_new(3, 1000);
    for (int i = 0; i < 3; i++) {
        snprintf(id, sizeof(id), "%d", i);
        memory_put(m, str_c(id), STR("v"), (uint64_t)i);
    }
    memory_put(m, STR("0"), STR("v"), 3); /* 1 is the oldest now */
    assert_int_equal(memory_count(m), 3);
    memory_put(m, STR("3"), STR("v"), 4);
    assert_int_equal(memory_count(m), 3);
    assert_false(has(m, "1", 5, "v"));
    assert_true(has(m, "0", 5, "v") && has(m, "2", 5, "v") && has(m, "3", 5, "v"));
    memory_free(m);
}

static void test_memory_large(void **state)
{
    struct memory *m;
    char id[16];
    unsigned found = 0;

    (void)state;
    m = memory_new(20000, 1000);
    for (unsigned i = 0; i < 50000; i++) {
        snprintf(id, sizeof(id), "id-%u", i);
        memory_put(m, str_c(id), str_c(id), 1);
    }
    assert_true(memory_count(m) <= 20000 && memory_count(m) > 19000);
    for (unsigned i = 0; i < 50000; i++) {
        snprintf(id, sizeof(id), "id-%u", i);
        found += has(m, id, 2, id);
    }
    assert_int_equal(found, memory_count(m));
    memory_free(m);
}

static void *hammer(void *arg)
{
    struct memory *m = arg;
    unsigned seed = (unsigned)(uintptr_t)pthread_self();
    char id[16];

    for (int i = 0; i < 20000; i++) {
        struct buf b = buf_make(100);

        seed = seed * 1103515245 + 12345;
        snprintf(id, sizeof(id), "id-%u", seed >> 16 & 2047);
        if (seed >> 8 & 1)
            memory_put(m, str_c(id), str_c(id), (uint64_t)i);
        else if (seed >> 9 & 7)
            (void)(memory_get(m, str_c(id), (uint64_t)i, &b) &&
                   (str_eq(buf_str(&b), str_c(id)) || (abort(), 0)));
        else
            memory_remove(m, str_c(id));
        buf_reset(&b);
    }
    return NULL;
}

static void test_memory_threads(void **state)
{
    pthread_t threads[4];
    struct memory *m;

    (void)state;
    m = memory_new(1000, 5000);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, hammer, m), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        pthread_join(threads[i], NULL);
    assert_true(memory_count(m) <= 1000);
    memory_free(m);
}

/* ---- look-ups ---- */

static void test_find_in_memory(void **state)
{
    static char long_id[300];
    struct answer a;
    struct box b;

    (void)state;
    box_open(&b, NULL, "one");
    box_put(&b, STATE_QUERY, "q1", "trino-a");
    a = box_find(&b, STATE_QUERY, "q1");
    assert_true(a.found);
    assert_string_equal(a.backend, "trino-a");
    assert_string_equal(a.user, "alice");
    assert_false(box_find(&b, STATE_TRANSACTION, "q1").found);
    assert_false(box_find(&b, STATE_QUERY, "").found);
    memset(long_id, 'x', sizeof(long_id) - 1);
    box_put(&b, STATE_QUERY, long_id, "trino-a");
    assert_false(box_find(&b, STATE_QUERY, long_id).found);
    state_remove(b.client, STATE_QUERY, STR("q1"));
    assert_false(box_find(&b, STATE_QUERY, "q1").found);
    assert_false(state_send(b.client, STR("one"), STR("hello")));
    assert_true(box_health(&b, true, ""));
    box_close(&b);
}

/* Statements come and go by the thousand; a transaction stays. */
static void test_statements_push_out_no_transaction(void **state)
{
    char id[32];
    struct box b;

    (void)state;
    box_open(&b, NULL, "one");
    box_put(&b, STATE_TRANSACTION, "t1", "trino-a");
    box_put(&b, STATE_QUERY, "first", "trino-a");
    for (int i = 0; i < 50000; i++) { /* more than are kept */
        snprintf(id, sizeof(id), "q%d", i);
        box_put(&b, STATE_QUERY, id, "trino-a");
    }
    assert_false(box_find(&b, STATE_QUERY, "first").found);
    assert_true(box_find(&b, STATE_QUERY, "q49999").found);
    assert_true(box_find(&b, STATE_TRANSACTION, "t1").found);
    box_close(&b);
}

static void test_find_cancel(void **state)
{
    struct answer a = {0}, other = {0};
    struct state_lookup *lookup;
    struct box b;

    (void)state;
    box_open(&b, NULL, "one");
    box_put(&b, STATE_QUERY, "q1", "trino-a");
    lookup = state_find(b.client, STATE_QUERY, STR("q1"), box_on_answer, &a);
    state_find(b.client, STATE_QUERY, STR("q1"), box_on_answer, &other);
    state_find_cancel(lookup);
    box_turns(&b, 10);
    assert_int_equal(a.calls, 0);
    assert_int_equal(other.calls, 1);
    state_find(b.client, STATE_QUERY, STR("q1"), box_on_answer, &a);
    box_close(&b); /* answers what is left */
    assert_int_equal(a.calls, 1);
}

static void detach_on_answer(void *arg, const struct state_entry *e)
{
    struct box *b = arg;

    assert_non_null(e);
    state_detach(b->client);
    b->client = NULL;
}

static void test_detach_in_answer(void **state)
{
    struct answer a = {0};
    struct box b;

    (void)state;
    box_open(&b, NULL, "one");
    box_put(&b, STATE_QUERY, "q1", "trino-a");
    state_find(b.client, STATE_QUERY, STR("q1"), detach_on_answer, &b);
    state_find(b.client, STATE_QUERY, STR("q1"), box_on_answer, &a);
    box_turns(&b, 10);
    assert_null(b.client);
    assert_int_equal(a.calls, 1);
    box_close(&b);
}

/* ---- names ---- */

struct resolution {
    unsigned calls, count;
};

static void on_resolved(void *arg, const struct resolved *r, const char *reason)
{
    struct resolution *to = arg;

    assert_true(r != NULL || reason[0] != '\0');
    to->calls++;
    to->count = r != NULL ? r->count : 0;
}

static void test_resolve(void **state)
{
    struct resolution got = {0}, cancelled = {0};
    struct resolve *r;
    struct resolved numeric;
    struct loop *l;

    (void)state;
    assert_true(resolve_numeric("127.0.0.1", 1, &numeric) && numeric.count == 1);
    assert_true(resolve_numeric("::1", 1, &numeric) && numeric.count == 1);
    assert_false(resolve_numeric("localhost", 1, &numeric));
    assert_int_equal(loop_new(&l, NULL), OK);
    assert_int_equal(resolve_start(&r, l, "localhost", 80, on_resolved, &cancelled, NULL), OK);
    resolve_cancel(r);
    assert_int_equal(resolve_start(&r, l, "localhost", 80, on_resolved, &got, NULL), OK);
    for (int i = 0; i < 500 && got.calls == 0; i++)
        loop_turn(l, 10);
    assert_int_equal(got.calls, 1);
    assert_true(got.count >= 1);
    assert_int_equal(cancelled.calls, 0);
    /* The loop may go while the thread still asks. */
    assert_int_equal(resolve_start(&r, l, "localhost", 80, on_resolved, &cancelled, NULL), OK);
    resolve_cancel(r);
    loop_free(l);
    usleep(50000);
    assert_int_equal(cancelled.calls, 0);
}

/* ---- replies ---- */

static int read_reply(struct str bytes, size_t step, struct redis_reply **out)
{
    struct redis_reader *r = redis_reader_new();
    int rc = OK;

    *out = NULL;
    for (size_t at = 0; rc == OK && *out == NULL && at < bytes.n; at += step) {
        size_t n = bytes.n - at < step ? bytes.n - at : step;

        rc = redis_reader_feed(r, bytes.p + at, n, NULL);
        if (rc == OK)
            rc = redis_reader_next(r, out, NULL);
    }
    redis_reader_free(r);
    return rc;
}

static void test_replies(void **state)
{
    static const struct {
        const char *bytes;
        int rc;
        unsigned type; /* 0 = incomplete */
    } cases[] = {
        {"+OK\r\n", OK, REPLY_STATUS},
        {"-ERR x\r\n", OK, REPLY_ERROR},
        {":7\r\n", OK, REPLY_INTEGER},
        {"$2\r\nhi\r\n", OK, REPLY_STRING},
        {"$-1\r\n", OK, REPLY_NIL},
        {"*-1\r\n", OK, REPLY_NIL},
        {"*0\r\n", OK, REPLY_ARRAY},
        {"*2\r\n$1\r\na\r\n*1\r\n:1\r\n", OK, REPLY_ARRAY},
        {"$10\r\nhi", OK, 0},
        {"*3\r\n:1\r\n", OK, 0},
        {"hello\r\n", ERR_UPSTREAM, 0},
        {"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", ERR_UPSTREAM,
         0},
        {"*2147483647\r\n", ERR_LIMIT, 0},
        {"*1025\r\n", ERR_LIMIT, 0},
        {"*2\r\n*600\r\n", OK, 0},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (size_t step = 1; step < 100; step += 98) { /* byte by byte, and at once */
            struct redis_reply *reply;
            int rc = read_reply(str_c(cases[i].bytes), step, &reply);

            if (rc != cases[i].rc || (reply != NULL ? reply->type : 0) != cases[i].type)
                fail_msg("%s: rc %d", cases[i].bytes, rc);
            redis_reply_free(reply);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_value_round_trip),
        cmocka_unit_test(test_value_limits),
        cmocka_unit_test(test_value_hostile),
        cmocka_unit_test(test_urls),
        cmocka_unit_test(test_open_refuses),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_memory_evicts_oldest),
        cmocka_unit_test(test_memory_large),
        cmocka_unit_test(test_memory_threads),
        cmocka_unit_test(test_find_in_memory),
        cmocka_unit_test(test_statements_push_out_no_transaction),
        cmocka_unit_test(test_find_cancel),
        cmocka_unit_test(test_detach_in_answer),
        cmocka_unit_test(test_resolve),
        cmocka_unit_test(test_replies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
