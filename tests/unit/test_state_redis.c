/* SPDX-License-Identifier: Apache-2.0 */
/* test_state_redis.c - state/ against real Redis servers that the tests start, kill and
 * reconfigure, and against a fake one that answers what no Redis would. */
#include "tests/unit/redis_server.h"
#include "tests/unit/state_box.h"

#include "metrics/metrics.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>

static unsigned long long dropped(struct box *b)
{
    struct state_health h;

    state_health(b->state, &h);
    return h.dropped_writes;
}

/* Turns until the server's answer holds `want`. */
static void expect_answer(struct box *b, const struct server *s, const char *command,
                          const char *want)
{
    uint64_t end_ms = box_now_ms() + 10000;

    while (strstr(tell(s, "%s", command), want) == NULL) {
        if (box_now_ms() > end_ms)
            fail_msg("%s: wanted %s, got %s", command, want, tell(s, "%s", command));
        box_turns(b, 20);
    }
}

/* ---- entries ---- */

static void test_two_instances(void **state)
{
    struct server s = start_redis();
    struct box one, two;
    struct answer a;

    (void)state;
    box_open(&one, url_of(&s), "one");
    box_open(&two, url_of(&s), "two");
    assert_true(box_health(&one, false, "not connected yet"));
    box_put(&one, STATE_QUERY, "early", "trino-a"); /* waits for the connection */
    box_expect_health(&one, true, "");
    box_expect_health(&two, true, "");
    assert_true(box_finds_soon(&two, &one, STATE_QUERY, "early"));
    box_put(&one, STATE_TRANSACTION, "t1", "presto-b");
    assert_true(box_finds_soon(&two, &one, STATE_TRANSACTION, "t1"));
    a = box_find(&two, STATE_TRANSACTION, "t1");
    assert_string_equal(a.backend, "presto-b");
    assert_string_equal(a.user, "alice");
    assert_int_equal(a.since_ms, 1764000000123);
    assert_false(box_find(&two, STATE_QUERY, "t1").found);
    assert_non_null(strstr(tell(&s, "PTTL test:t:t1"), ":5")); /* 59xxx of 60000 */
    assert_non_null(strstr(tell(&s, "CLIENT LIST"), "name=sleipnir-"));
    state_remove(one.client, STATE_TRANSACTION, STR("t1"));
    box_sync(&one);
    assert_false(box_find(&two, STATE_TRANSACTION, "t1").found);
    assert_int_equal(dropped(&one), 0);
    box_close(&one);
    box_close(&two);
    stop(&s);
}

static void test_values_of_strangers(void **state)
{
    struct server s = start_redis();
    struct box b;

    (void)state;
    box_open(&b, url_of(&s), "one");
    box_expect_health(&b, true, "");
    tell(&s, "SET test:q:garbage hello");
    tell(&s, "SET test:q:empty \"\"");
    tell(&s, "RPUSH test:q:list a");
    tell(&s, "SETRANGE test:q:huge 8000 x");
    assert_false(box_find(&b, STATE_QUERY, "garbage").found);
    assert_false(box_find(&b, STATE_QUERY, "empty").found);
    assert_false(box_find(&b, STATE_QUERY, "list").found);
    assert_false(box_find(&b, STATE_QUERY, "huge").found);
    assert_true(box_health(&b, true, "WRONGTYPE"));
    box_put(&b, STATE_QUERY, "fine", "a");
    box_sync(&b);
    assert_true(box_health(&b, true, ""));
    box_close(&b);
    stop(&s);
}

static void test_many_writes_in_a_turn(void **state)
{
    struct server s = start_redis();
    struct box one, two;
    char id[16];

    (void)state;
    box_open(&one, url_of(&s), "one");
    box_open(&two, url_of(&s), "two");
    box_expect_health(&one, true, "");
    box_expect_health(&two, true, "");
    for (unsigned i = 0; i < 40000; i++) { /* about 5 MB: more than the queue holds */
        snprintf(id, sizeof(id), "id-%u", i);
        box_put(&one, STATE_QUERY, id, "trino-a");
    }
    assert_in_range(dropped(&one), 1, 39999);
    snprintf(id, sizeof(id), ":%llu\r\n", 40000 - dropped(&one));
    expect_answer(&one, &s, "DBSIZE", id); /* what was not counted as dropped arrived */
    assert_true(box_health(&one, true, ""));
    box_close(&one);
    box_close(&two);
    stop(&s);
}

/* ---- login and place ---- */

static void test_login_and_db(void **state)
{
    struct server s = start_redis();
    struct box b, other;
    char url[128];

    (void)state;
    tell(&s, "ACL SETUSER gate on >ge:heim ~test:* +@all");
    tell(&s, "CONFIG SET requirepass boss");
    snprintf(url, sizeof(url), "redis://gate:ge%%3aheim@127.0.0.1:%u/3", s.port);
    box_open(&b, url, "one");
    box_expect_health(&b, true, "");
    box_put(&b, STATE_QUERY, "q1", "trino-a");
    box_sync(&b);
    snprintf(url, sizeof(url), "redis://:boss@localhost:%u/3", s.port); /* and by name */
    box_open(&other, url, "two");
    box_expect_health(&other, true, "");
    assert_true(box_find(&other, STATE_QUERY, "q1").found);
    box_close(&other);
    snprintf(url, sizeof(url), "redis://:boss@127.0.0.1:%u", s.port); /* another database */
    box_open(&other, url, "two");
    box_expect_health(&other, true, "");
    assert_false(box_find(&other, STATE_QUERY, "q1").found);
    box_close(&other);
    box_close(&b);
    stop(&s);
}

static void test_refusals(void **state)
{
    struct server s = start_redis();
    struct box b;
    char url[128];

    (void)state;
    box_open(&b, "redis://127.0.0.1:1", "one");
    box_expect_health(&b, false, "redis 127.0.0.1:1: Connection refused");
    assert_false(box_find(&b, STATE_QUERY, "q1").found);
    box_put(&b, STATE_QUERY, "q1", "trino-a");
    assert_int_equal(dropped(&b), 1);
    assert_true(box_find(&b, STATE_QUERY, "q1").found);
    assert_false(state_send(b.client, STR("two"), STR("hello")));
    box_close(&b);

    box_open(&b, "redis://no-such-host.invalid", "one");
    box_expect_health(&b, false, "no-such-host.invalid:6379: ");
    box_close(&b);

    tell(&s, "CONFIG SET requirepass boss");
    box_open(&b, url_of(&s), "one");
    box_expect_health(&b, false, "NOAUTH");
    box_close(&b);
    snprintf(url, sizeof(url), "redis://:wrong@127.0.0.1:%u", s.port);
    box_open(&b, url, "one");
    box_expect_health(&b, false, "AUTH: WRONGPASS");
    box_close(&b);
    snprintf(url, sizeof(url), "redis://:boss@127.0.0.1:%u/9999", s.port);
    box_open(&b, url, "one");
    box_expect_health(&b, false, "SELECT: ERR DB index is out of range");
    box_close(&b);
    stop(&s);
}

static void test_acl_without_extras(void **state)
{
    struct server s = start_redis();
    struct box b;
    char url[128];

    (void)state;
    tell(&s, "ACL SETUSER small on >p ~test:* -@all +get +set +ping +lpop");
    snprintf(url, sizeof(url), "redis://small:p@127.0.0.1:%u", s.port);
    box_open(&b, url, "one");
    box_expect_health(&b, true, ""); /* without CLIENT and ROLE */
    state_remove(b.client, STATE_QUERY, STR("q1"));
    box_sync(&b);
    assert_true(box_health(&b, true, "redis refuses DEL: NOPERM"));
    assert_int_equal(dropped(&b), 1);
    box_close(&b);
    stop(&s);
}

/* ---- failures ---- */

static void test_killed_and_restarted(void **state)
{
    struct server s = start_redis();
    struct answer a = {0};
    struct box b;

    (void)state;
    box_open(&b, url_of(&s), "one");
    box_expect_health(&b, true, "");
    kill(s.pid, SIGSTOP);
    state_find(b.client, STATE_QUERY, STR("q9"), box_on_answer, &a); /* in flight as it dies */
    box_put(&b, STATE_QUERY, "lost", "a");
    box_turns(&b, 20);
    assert_int_equal(a.calls, 0);
    stop(&s);
    box_expect_health(&b, false, "redis 127.0.0.1:");
    box_turns(&b, 20);
    assert_int_equal(a.calls, 1);
    assert_false(a.found);
    box_expect_health(&b, false, "refused");
    box_put(&b, STATE_QUERY, "q1", "trino-a");
    assert_int_equal(dropped(&b), 2);
    assert_true(box_find(&b, STATE_QUERY, "q1").found);
    s = start_redis_on(s.port, NULL);
    box_expect_health(&b, true, "");
    box_put(&b, STATE_QUERY, "q2", "trino-a");
    box_sync(&b);
    assert_string_equal(tell(&s, "EXISTS test:q:q2"), ":1\r\n");
    box_close(&b);
    stop(&s);
}

static void test_hanging_server(void **state)
{
    struct server s = start_redis();
    const char *const urls[] = {url_of(&s)};
    struct state_config c = box_config(urls, 1, "one");
    struct answer a = {0};
    struct box b;

    (void)state;
    c.timeout_ms = 150;
    box_open_config(&b, &c);
    box_expect_health(&b, true, "");
    kill(s.pid, SIGSTOP);
    state_find(b.client, STATE_QUERY, STR("q9"), box_on_answer, &a);
    box_expect_health(&b, false, "no answer within 150 ms");
    box_turns(&b, 10);
    assert_int_equal(a.calls, 1);
    box_expect_health(&b, false, "no greeting within 150 ms");
    kill(s.pid, SIGCONT);
    box_expect_health(&b, true, "");
    box_close(&b);
    stop(&s);
}

static void test_replica_is_passed_over(void **state)
{
    struct server replica = start_redis(), master = start_redis();
    const char *urls[2] = {url_of(&replica), url_of(&master)};
    struct state_config c = box_config(urls, 2, "one");
    struct box b;

    (void)state;
    tell(&replica, "REPLICAOF 127.0.0.1 %u", master.port);
    box_open_config(&b, &c);
    box_expect_health(&b, true, "");
    box_put(&b, STATE_QUERY, "q1", "trino-a");
    box_sync(&b);
    assert_string_equal(tell(&master, "EXISTS test:q:q1"), ":1\r\n");
    /* They change places under our feet. */
    tell(&replica, "REPLICAOF NO ONE");
    tell(&master, "REPLICAOF 127.0.0.1 %u", replica.port);
    box_put(&b, STATE_QUERY, "q2", "trino-a");
    box_expect_health(&b, false, "SET: READONLY");
    box_expect_health(&b, true, "");
    box_put(&b, STATE_QUERY, "q3", "trino-a");
    box_sync(&b);
    assert_string_equal(tell(&replica, "EXISTS test:q:q3"), ":1\r\n");
    stop(&replica); /* and now there is no master any more */
    box_expect_health(&b, false, "is not a master but: slave");
    box_close(&b);
    stop(&master);
}

/* ---- TLS ---- */

static bool make_certificate(void)
{
    const char *const argv[] = {
        "openssl",  "req",           "-x509",   "-newkey",
        "rsa:2048", "-nodes",        "-keyout", "key.pem",
        "-out",     "cert.pem",      "-days",   "2",
        "-subj",    "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
        NULL};
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        if (chdir(work_dir) != 0)
            _exit(126);
        run_program(argv);
    }
    return waitpid(pid, &status, 0) == pid && status == 0;
}

static void test_tls(void **state)
{
    char cert[64], key[64], port[16], url[64], ip_url[64];
    const char *urls[] = {url};
    const char *extra[] = {"--tls-port",
                           port,
                           "--tls-cert-file",
                           cert,
                           "--tls-key-file",
                           key,
                           "--tls-ca-cert-file",
                           cert,
                           "--tls-auth-clients",
                           "no",
                           NULL};
    struct state_config c = box_config(urls, 1, "one");
    unsigned tls_port = free_port();
    struct server s;
    struct box b;

    (void)state;
    assert_true(make_certificate());
    snprintf(cert, sizeof(cert), "%s/cert.pem", work_dir);
    snprintf(key, sizeof(key), "%s/key.pem", work_dir);
    snprintf(port, sizeof(port), "%u", tls_port);
    snprintf(url, sizeof(url), "rediss://localhost:%u/1", tls_port);
    snprintf(ip_url, sizeof(ip_url), "rediss://127.0.0.1:%u", tls_port);
    s = start_redis_on(free_port(), extra);
    assert_true(wait_for_port(tls_port, 2000));
    c.tls_ca = cert;
    c.timeout_ms = 10000; /* valgrind encrypts slowly */
    box_open_config(&b, &c);
    box_expect_health(&b, true, "");
    for (char id[16] = "id-a"; id[3] <= 'z'; id[3]++)
        box_put(&b, STATE_QUERY, id, "trino-a");
    box_sync(&b);
    assert_non_null(strstr(tell(&s, "INFO keyspace"), "db1:keys=26"));
    assert_false(box_find(&b, STATE_QUERY, "none").found);
    for (unsigned i = 0; i < 20000; i++) { /* 3 MB: the socket takes them in many parts */
        char id[16];

        snprintf(id, sizeof(id), "big-%u", i);
        box_put(&b, STATE_QUERY, id, "trino-a");
    }
    expect_answer(&b, &s, "INFO keyspace", "db1:keys=20026");
    assert_int_equal(dropped(&b), 0);
    box_close(&b);
    c.tls_ca = NULL; /* the system does not know this issuer */
    box_open_config(&b, &c);
    box_expect_health(&b, false, "certificate");
    box_close(&b);
    urls[0] = ip_url; /* the certificate is for another name */
    c.tls_ca = cert;
    box_open_config(&b, &c);
    box_expect_health(&b, false, "certificate");
    box_close(&b);
    c.tls_verify = false;
    box_open_config(&b, &c);
    box_expect_health(&b, true, "");
    box_close(&b);
    stop(&s);
}

/* ---- Sentinel ---- */

static struct server start_sentinel(const char *name, const struct server *master)
{
    char path[96], text[16];
    const char *argv[] = {"redis-server", path, "--sentinel", NULL};
    struct server s = {.port = free_port()};
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s.conf", work_dir, name);
    f = fopen(path, "we");
    assert_non_null(f);
    snprintf(text, sizeof(text), "%u", s.port);
    fprintf(f, "port %s\nbind 127.0.0.1\ndir %s\n", text, work_dir);
    fprintf(f, "sentinel monitor boss 127.0.0.1 %u 1\n", master->port);
    fclose(f);
    s.pid = spawn(argv);
    if (!wait_for_port(s.port, 2000))
        stop(&s);
    return s;
}

static void test_sentinel(void **state)
{
    struct server master = start_redis(), sentinel = start_sentinel("sentinel", &master);
    char url[128];
    struct box b;

    (void)state;
    if (sentinel.pid == 0)
        fail_msg("the sentinel does not start");
    tell(&master, "CONFIG SET requirepass boss");
    snprintf(url, sizeof(url), "redis+sentinel://:boss@127.0.0.1:1,127.0.0.1:%u/boss/2",
             sentinel.port); /* the first is dead */
    box_open(&b, url, "one");
    box_expect_health(&b, true, "");
    box_put(&b, STATE_QUERY, "q1", "trino-a");
    box_sync(&b);
    assert_non_null(strstr(tell(&sentinel, "SENTINEL get-master-addr-by-name boss"), "127.0.0.1"));
    box_close(&b);
    tell(&sentinel, "CONFIG SET requirepass boss");
    tell(&sentinel, "ACL SETUSER default >boss");
    box_open(&b, url, "one"); /* now the Sentinel wants a login, too */
    box_expect_health(&b, true, "");
    assert_true(box_find(&b, STATE_QUERY, "q1").found);
    box_close(&b);
    snprintf(url, sizeof(url), "redis+sentinel://:boss@127.0.0.1:%u/nobody", sentinel.port);
    box_open(&b, url, "one");
    box_expect_health(&b, false, "knows no master \"nobody\"");
    box_close(&b);
    stop(&sentinel);
    stop(&master);
}

/* ---- messages ---- */

static void test_messages(void **state)
{
    static char big[16384 + 1];
    struct server s = start_redis();
    struct inbox in = {0};
    struct state_client *second;
    struct box one, two;

    (void)state;
    box_open(&one, url_of(&s), "one");
    box_open(&two, url_of(&s), "two");
    state_on_message(two.state, box_on_message, &in);
    assert_int_equal(state_attach(&second, two.state, two.loop, NULL), OK);
    box_expect_health(&one, true, "");
    box_expect_health(&two, true, "");
    assert_true(state_send(one.client, STR("two"), STR("kill q1")));
    box_sync(&one);
    box_wait_for_messages(&two, &in, 1);
    assert_string_equal(in.last, "kill q1");
    memset(big, 'x', sizeof(big));
    assert_false(state_send(one.client, STR("two"), str_of(big, sizeof(big))));
    assert_false(state_send(one.client, STR_NONE, STR("x")));
    for (unsigned i = 0; i < 50; i++) /* more than one fetch */
        assert_true(state_send(one.client, STR("two"), str_of(big, sizeof(big) - 1)));
    box_sync(&one);
    assert_string_equal(tell(&s, "EXISTS test:m:two"), ":1\r\n");
    assert_true(strstr(tell(&s, "PTTL test:m:two"), ":-") == NULL);
    box_wait_for_messages(&two, &in, 51);
    assert_int_equal(in.bytes, 7 + 50 * 16384);
    state_detach(two.client); /* the other client takes over */
    two.client = second;
    assert_true(state_send(one.client, STR("two"), STR("again")));
    box_sync(&one);
    box_wait_for_messages(&two, &in, 52);
    box_close(&one);
    box_close(&two);
    stop(&s);
}

/* ---- threads ---- */

struct worker {
    struct state *state;
    unsigned number, answers;
    atomic_bool *stop;
    pthread_t thread;
};

static void count_answer(void *arg, const struct state_entry *e)
{
    struct worker *w = arg;

    (void)e;
    w->answers++;
}

static void *run_worker(void *arg)
{
    struct worker *w = arg;
    unsigned asked = 0;
    struct box b = {.state = w->state};
    char id[32];

    if (loop_new(&b.loop, NULL) != OK || state_attach(&b.client, b.state, b.loop, NULL) != OK)
        abort();
    for (; !atomic_load(w->stop); asked += 2) {
        snprintf(id, sizeof(id), "%u-%u", w->number, asked % 50);
        box_put(&b, STATE_QUERY, id, "trino-a");
        state_find(b.client, STATE_QUERY, str_c(id), count_answer, w);
        snprintf(id, sizeof(id), "%u-%u", w->number + 1, asked % 100);
        state_find(b.client, STATE_QUERY, str_c(id), count_answer, w);
        state_send(b.client, STR("one"), STR("hello"));
        loop_turn(b.loop, 2);
    }
    state_detach(b.client);
    loop_turn(b.loop, 0);
    loop_free(b.loop);
    w->answers = asked - w->answers; /* what is missing */
    return NULL;
}

static void count_message(void *arg, struct str message)
{
    (void)message;
    atomic_fetch_add((atomic_uint *)arg, 1);
}

/* Several loops share one state while the server goes away and comes back. */
static void test_threads(void **state)
{
    struct server s = start_redis();
    const char *const urls[] = {url_of(&s)};
    struct state_config c = box_config(urls, 1, "one");
    struct worker workers[3] = {0};
    atomic_bool stop_all = false;
    atomic_uint messages = 0;
    struct metrics *m = metrics_new();
    struct buf text = buf_make(1 << 20);
    struct state_health h;
    struct state *shared;

    (void)state;
    assert_int_equal(state_open(&shared, &c, m, NULL), OK);
    state_on_message(shared, count_message, &messages);
    for (unsigned i = 0; i < ARRAY_LEN(workers); i++) {
        workers[i] = (struct worker){.state = shared, .number = i, .stop = &stop_all};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, run_worker, &workers[i]), 0);
    }
    usleep(700000);
    state_health(shared, &h);
    assert_true(h.reachable);
    stop(&s);
    usleep(300000);
    state_health(shared, &h);
    assert_false(h.reachable);
    assert_true(h.dropped_writes > 0);
    s = start_redis_on(s.port, NULL);
    for (int i = 0; i < 500 && !h.reachable; i++) {
        usleep(10000);
        state_health(shared, &h);
    }
    assert_true(h.reachable);
    usleep(700000);
    atomic_store(&stop_all, true);
    for (unsigned i = 0; i < ARRAY_LEN(workers); i++) {
        pthread_join(workers[i].thread, NULL);
        assert_int_equal(workers[i].answers, 0);
    }
    assert_true(atomic_load(&messages) > 0);
    metrics_write(m, &text, false);
    buf_put_c(&text, '\0');
    assert_non_null(strstr(text.p, "\nsleipnir_state_reconnects_total 3\n"));
    assert_non_null(strstr(text.p, "\nsleipnir_state_reachable 0\n")); /* all are detached */
    assert_null(strstr(text.p, "\nsleipnir_state_dropped_writes_total 0\n"));
    assert_non_null(strstr(text.p, "\nsleipnir_state_round_trip_seconds_count "));
    buf_reset(&text);
    state_close(shared);
    metrics_free(m);
    stop(&s);
}

/* ---- */

static int begin(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    if (mkdtemp(work_dir) == NULL)
        return -1;
    if (system("command -v redis-server >/dev/null") != 0) {
        fprintf(stderr, "\n*** redis-server is not installed: these tests cannot run ***\n\n");
        return -1;
    }
    return 0;
}

static int end(void **state)
{
    char command[64];

    (void)state;
    snprintf(command, sizeof(command), "rm -rf '%s'", work_dir);
    return system(command) == 0 ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_instances),
        cmocka_unit_test(test_values_of_strangers),
        cmocka_unit_test(test_many_writes_in_a_turn),
        cmocka_unit_test(test_login_and_db),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_acl_without_extras),
        cmocka_unit_test(test_killed_and_restarted),
        cmocka_unit_test(test_hanging_server),
        cmocka_unit_test(test_replica_is_passed_over),
        cmocka_unit_test(test_tls),
        cmocka_unit_test(test_sentinel),
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_threads),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
