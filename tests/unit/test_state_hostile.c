/* SPDX-License-Identifier: Apache-2.0 */
/* test_state_hostile.c - state/ against a Redis that is none: a thread that answers with rules. */
#include "tests/unit/state_box.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>

struct rule {
    const char *command; /* first word; ends with NULL */
    const char *reply;
    size_t n; /* 0 = strlen */
};

struct fake {
    int listener;
    unsigned port;
    const struct rule *rules;
    size_t chunk;     /* bytes a write, with a pause between; 0 = all */
    bool close_after; /* after the first ruled reply */
    size_t flood;     /* bytes of 'x' after a ruled reply */
    atomic_bool stop;
    pthread_t thread;
};

static const struct rule greeting[] = {
    {"AUTH", "+OK\r\n", 0},   {"CLIENT", "+OK\r\n", 0},
    {"SELECT", "+OK\r\n", 0}, {"ROLE", "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n", 0},
    {NULL, NULL, 0},
};

static bool write_all(int fd, const char *p, size_t n, size_t chunk)
{
    while (n > 0) {
        size_t part = chunk > 0 && chunk < n ? chunk : n;
        ssize_t sent = send(fd, p, part, MSG_NOSIGNAL);

        if (sent <= 0)
            return false;
        p += sent;
        n -= (size_t)sent;
        if (chunk > 0)
            usleep(1000);
    }
    return true;
}

static bool flood(int fd, size_t n)
{
    static const char block[4096] = "xxxxxxxx";

    for (; n > 0; n -= n < sizeof(block) ? n : sizeof(block))
        if (!write_all(fd, block, n < sizeof(block) ? n : sizeof(block), 0))
            return false;
    return true;
}

static const struct rule *find_rule(const struct rule *r, const char *word)
{
    for (; r->command != NULL; r++)
        if (strcmp(r->command, word) == 0)
            return r;
    return NULL;
}

static bool answer(struct fake *f, int fd, const char *word)
{
    const struct rule *own = find_rule(f->rules, word);
    const struct rule *r = own != NULL ? own : find_rule(greeting, word);

    if (r == NULL)
        return true;
    if (!write_all(fd, r->reply, r->n > 0 ? r->n : strlen(r->reply), own != NULL ? f->chunk : 0))
        return false;
    return own == NULL || (!f->close_after && flood(fd, f->flood));
}

/* Commands are arrays whose first element is the word; our ones hold no "*" at a line's begin. */
static void serve(struct fake *f, int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    char line[20000], word[32];
    size_t n = 0;
    int at = -1;

    while (!atomic_load(&f->stop)) {
        char c;

        if (poll(&p, 1, 20) == 0)
            continue;
        if (recv(fd, &c, 1, 0) != 1)
            return;
        if (n < sizeof(line) - 1)
            line[n++] = c;
        if (c != '\n')
            continue;
        line[n] = '\0';
        at = line[0] == '*' ? 0 : at + 1;
        if (at == 2) {
            snprintf(word, sizeof(word), "%.*s", (int)(n - 2 < 31 ? n - 2 : 31), line);
            if (!answer(f, fd, word))
                return;
        }
        n = 0;
    }
}

/* Unread bytes would turn the end into a reset. */
static void say_goodbye(struct fake *f, int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    char rest[512];

    shutdown(fd, SHUT_WR);
    while (!atomic_load(&f->stop) && poll(&p, 1, 20) >= 0)
        if (p.revents != 0 && recv(fd, rest, sizeof(rest), 0) <= 0)
            break;
    close(fd);
}

static void *run_fake(void *arg)
{
    struct fake *f = arg;
    struct pollfd p = {.fd = f->listener, .events = POLLIN};

    while (!atomic_load(&f->stop)) {
        int fd;

        if (poll(&p, 1, 20) <= 0 || (fd = accept4(f->listener, NULL, NULL, SOCK_CLOEXEC)) < 0)
            continue;
        serve(f, fd);
        say_goodbye(f, fd);
    }
    return NULL;
}

static void start_fake(struct fake *f)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof(a);

    f->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(f->listener, (struct sockaddr *)&a, n), 0);
    assert_int_equal(listen(f->listener, 16), 0);
    assert_int_equal(getsockname(f->listener, (struct sockaddr *)&a, &n), 0);
    f->port = ntohs(a.sin_port);
    assert_int_equal(pthread_create(&f->thread, NULL, run_fake, f), 0);
}

static void stop_fake(struct fake *f)
{
    atomic_store(&f->stop, true);
    pthread_join(f->thread, NULL);
    close(f->listener);
}

static void open_fake(struct fake *f, struct box *b, const char *prefix)
{
    char url[128];
    const char *const urls[] = {url};
    struct state_config c = box_config(urls, 1, "one");

    start_fake(f);
    c.timeout_ms = 200;
    snprintf(url, sizeof(url), "%s127.0.0.1:%u%s", prefix, f->port,
             strstr(prefix, "sentinel") != NULL ? "/boss" : "");
    box_open_config(b, &c);
}

#define VALUE "\1\1........\1\0a\0\0\0\0\0\0" /* 19 bytes */

static void test_hostile_replies(void **state)
{
    static const struct {
        struct rule rule;
        const char *reason; /* NULL = stays connected */
        size_t chunk, flood;
        bool close_after, found;
    } cases[] = {
        {{"GET", "$19\r\n" VALUE "\r\n", 26}, NULL, 0, 0, false, true},
        {{"GET", "$19\r\n" VALUE "\r\n", 26}, NULL, 1, 0, false, true},
        {{"GET", "$5\r\nhello\r\n", 0}, NULL, 0, 0, false, false},
        {{"GET", "-ERR what\r\n", 0}, NULL, 0, 0, false, false},
        {{"GET", "hello\r\n", 0}, "not a Redis reply", 0, 0, false, false},
        {{"GET", "\0\0\0\0", 4}, "not a Redis reply", 0, 0, false, false},
        {{"GET", "$99999999999999999999\r\n", 0}, "not a Redis reply", 0, 0, false, false},
        {{"GET", "$-5\r\n", 0}, "not a Redis reply", 0, 0, false, false},
        {{"GET", "$500000000\r\n", 0}, "too many bytes", 0, 4 << 20, false, false},
        {{"GET", "+", 0}, "too many bytes", 0, 4 << 20, false, false},
        {{"GET", "*2147483647\r\n", 0}, "too many elements", 0, 0, false, false},
        {{"GET", "*99999\r\n", 0}, "too many elements", 0, 0, false, false},
        {{"GET", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n", 0},
         "not a Redis reply",
         0,
         0,
         false,
         false},
        {{"GET", "+OK\r\n", 0}, "answers GET with a status", 0, 0, false, false},
        {{"GET", ":1\r\n", 0}, "answers GET with a number", 0, 0, false, false},
        {{"GET", "*0\r\n", 0}, "answers GET with a list", 0, 0, false, false},
        {{"GET", "$-1\r\n$-1\r\n", 0}, "without being asked", 0, 0, false, false},
        {{"GET", "$19\r\nab", 0}, "no answer within", 0, 0, false, false},
        {{"GET", "$19\r\nab", 0}, "closed by the peer", 0, 0, true, false},
        {{"GET", "-LOADING Redis is loading\r\n", 0}, "LOADING", 0, 0, false, false},
        {{"GET", "-NOAUTH Authentication required.\r\n", 0}, "NOAUTH", 0, 0, false, false},
        {{"GET", "%1\r\n+a\r\n+b\r\n", 0}, "not a Redis reply", 0, 0, false, false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct rule rules[] = {cases[i].rule, {NULL, NULL, 0}};
        struct fake f = {.rules = rules,
                         .chunk = cases[i].chunk,
                         .flood = cases[i].flood,
                         .close_after = cases[i].close_after};
        struct answer a = {0};
        struct box b;

        open_fake(&f, &b, "redis://");
        box_expect_health(&b, true, "");
        state_find(b.client, STATE_QUERY, STR("q1"), box_on_answer, &a);
        if (cases[i].reason != NULL)
            box_expect_health(&b, false, cases[i].reason);
        for (int turn = 0; turn < 200 && a.calls == 0; turn++)
            loop_turn(b.loop, 5);
        if (a.calls != 1 || a.found != cases[i].found)
            fail_msg("case %zu: %u answers, found=%d", i, a.calls, a.found);
        box_expect_health(&b, true, ""); /* and all is well again */
        box_close(&b);
        stop_fake(&f);
    }
}

static void test_hostile_greetings(void **state)
{
    static const struct {
        const char *prefix;
        struct rule rule;
        const char *reason;
    } cases[] = {
        {"redis://",
         {"ROLE", "*3\r\n$5\r\nslave\r\n:0\r\n*0\r\n", 0},
         "is not a master but: slave"},
        {"redis://", {"ROLE", "*0\r\n", 0}, "answers ROLE with a list"},
        {"redis://", {"ROLE", "*1\r\n:1\r\n", 0}, "is not a master"},
        {"redis://", {"ROLE", "$-1\r\n", 0}, "answers ROLE with nothing"},
        {"redis://", {"ROLE", "-LOADING soon\r\n", 0}, "ROLE: LOADING soon"},
        {"redis://", {"ROLE", "-\33[2Jx\r\n", 0}, "ROLE: ?[2Jx"},
        {"redis://", {"CLIENT", "-ERR max number of clients reached\r\n", 0}, "max number"},
        {"redis://", {"CLIENT", "+OK\r\n+OK\r\n", 0}, "answers ROLE with a status"},
        {"redis://", {"CLIENT", "HTTP/1.1 400 Bad Request\r\n", 0}, "not a Redis reply"},
        {"redis://:p@", {"AUTH", ":1\r\n", 0}, "answers AUTH with a number"},
        {"redis+sentinel://", {"SENTINEL", "*1\r\n$1\r\na\r\n", 0}, "answers SENTINEL with a list"},
        {"redis+sentinel://", {"SENTINEL", "*2\r\n$0\r\n\r\n$1\r\n1\r\n", 0}, "no usable address"},
        {"redis+sentinel://", {"SENTINEL", "*2\r\n$1\r\na\r\n$5\r\n99999\r\n", 0}, "no usable"},
        {"redis+sentinel://", {"SENTINEL", "*2\r\n:1\r\n:2\r\n", 0}, "no usable address"},
        {"redis+sentinel://", {"SENTINEL", "*2\r\n$9\r\n127.0.0.1\r\n$1\r\n1\r\n", 0}, "refused"},
        {"redis+sentinel://", {"SENTINEL", "+x\r\n", 0}, "answers SENTINEL with a status"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct rule rules[] = {cases[i].rule, {NULL, NULL, 0}};
        struct fake f = {.rules = rules};
        struct box b;

        open_fake(&f, &b, cases[i].prefix);
        box_expect_health(&b, false, cases[i].reason);
        box_close(&b);
        stop_fake(&f);
    }
}

/* Redis before 6.2 knows no LPOP with a count. */
static void test_messages_of_old_redis(void **state)
{
    static const struct rule rules[] = {
        {"LPOP", "-ERR wrong number of arguments for 'lpop' command\r\n", 0},
        {"MULTI", "+OK\r\n", 0},
        {"LRANGE", "+QUEUED\r\n", 0},
        {"LTRIM", "+QUEUED\r\n", 0},
        {"EXEC", "*2\r\n*2\r\n$5\r\nhello\r\n:1\r\n+OK\r\n", 0}, /* a number is no message */
        {NULL, NULL, 0},
    };
    struct fake f = {.rules = rules};
    struct inbox in = {0};
    struct box b;

    (void)state;
    open_fake(&f, &b, "redis://");
    state_on_message(b.state, box_on_message, &in);
    box_expect_health(&b, true, "");
    box_wait_for_messages(&b, &in, 2); /* the fake gives one a fetch */
    assert_string_equal(in.last, "hello");
    assert_true(box_health(&b, true, ""));
    box_close(&b);
    stop_fake(&f);
}

/* Every way to end with something under way. */
static void test_ends(void **state)
{
    static const struct rule silent[] = {{"GET", "$", 0}, {NULL, NULL, 0}};
    struct fake f = {.rules = silent};
    struct answer a = {0}, cancelled = {0};
    struct state_lookup *lookup;
    struct box b;

    (void)state;
    box_open(&b, "redis://a-name-that-nobody-has.invalid", "one");
    box_turns(&b, 5);
    box_close(&b); /* while the name is looked up */
    open_fake(&f, &b, "redis://");
    box_expect_health(&b, true, "");
    lookup = state_find(b.client, STATE_QUERY, STR("q1"), box_on_answer, &cancelled);
    state_find(b.client, STATE_QUERY, STR("q2"), box_on_answer, &a);
    box_turns(&b, 10);
    state_find_cancel(lookup);
    box_close(&b); /* with two look-ups in flight, one of them cancelled */
    assert_int_equal(a.calls, 1);
    assert_false(a.found);
    assert_int_equal(cancelled.calls, 0);
    stop_fake(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hostile_replies),
        cmocka_unit_test(test_hostile_greetings),
        cmocka_unit_test(test_messages_of_old_redis),
        cmocka_unit_test(test_ends),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
