/* SPDX-License-Identifier: Apache-2.0 */
/* load.c - clients for `bench/run`: N keep-alive connections in one epoll loop.
 *
 * Every connection speaks as a Trino client does: POST, then nextUri after nextUri. The URIs that
 * the server hands out are used as they are except for their host: everything goes to --target, so
 * that proxies which do not rewrite URIs (nginx, HAProxy) stay in the path.
 *
 *     poll       follow to the first executing URI, then ask for this one again and again
 *     post       POST again and again, follow nothing
 *     statement  whole statements one after the other (closed loop)
 *     rate       whole statements, begun at fixed times (open loop); latency counts from the
 *                intended time, so a stall is seen by all statements that it delayed
 *     held       follow to the first executing URI, whose answer the origin holds back; say so on
 *                stdout, wait for a line on stdin, then close all connections at once
 *
 * Prints one JSON object. Each answer must be 200, complete, end in '}' and have a nextUri where
 * one is due; everything else is an error, is counted, and the first one's text is printed.
 * Counts and latencies leave out the time before --warmup has passed; `all_requests` does not. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "bench/histogram.h"
#include "bench/reply.h"

enum { REQUEST_MAX = 6144, URI_MAX = 2048, EVENTS = 256, READ_BYTES = 262144, OPEN_AT_ONCE = 64 };

enum mode { MODE_POLL, MODE_POST, MODE_STATEMENT, MODE_RATE, MODE_HELD, MODE_COUNT };
static const char *const mode_names[MODE_COUNT] = {"poll", "post", "statement", "rate", "held"};

enum conn_state { CONN_OFF, CONN_IDLE, CONN_SENDING, CONN_READING, CONN_HELD };

struct conn {
    int fd;
    enum conn_state state;
    bool want_out;
    bool posting;        /* the request on the way is a POST */
    bool replaying;      /* the executing URI was reached once */
    int64_t sent_ns;     /* when this request began */
    int64_t intended_ns; /* when this statement should have begun */
    size_t out_used, out_sent, body_sent, body_bytes;
    char uri[URI_MAX]; /* path and query of the next GET; empty = POST */
    char out[REQUEST_MAX];
    struct reply reply;
};

static struct {
    struct sockaddr_in address;
    const char *target; /* host:port, as the Host header */
    enum mode mode;
    unsigned conns, page, pages, hold_ms, chunked, sql_bytes;
    double seconds, warmup, rate;
    uint64_t statements; /* stop after so many; 0 = by time */
} opt = {.mode = MODE_COUNT, .conns = 1, .pages = 1, .page = 1024, .sql_bytes = 200, .seconds = 3};

static struct {
    uint64_t requests, all_requests, statements, all_statements, errors, bytes, reconnects;
    struct histogram request, statement;
    char first_error[256];
} seen;

static struct conn *conns;
static char *sql;
static int epoll_fd, timer_fd = -1;
static int64_t start_ns, measure_ns, end_ns;
static uint64_t begun; /* statements started (rate: also the index of the next) */
static unsigned opened, holding, closed_early;
static bool stopping;

static void die(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- the request ------------------------------------------------------------------------------
 */

static void make_sql(void)
{
    char note[96];
    int n = snprintf(note, sizeof(note), "/*bench page=%u pages=%u hold=%u chunked=%u */ ",
                     opt.page, opt.pages, opt.hold_ms, opt.chunked);
    static const char text[] = "SELECT k, v FROM orders WHERE v <> 'none' AND k BETWEEN 1 AND 9 ";
    sql = malloc((size_t)opt.sql_bytes + sizeof(note));
    if (sql == NULL)
        die("memory");
    if (opt.sql_bytes < (unsigned)n + 8)
        opt.sql_bytes = (unsigned)n + 8;
    memcpy(sql, note, (size_t)n);
    memcpy(sql + n, "SELECT 1", 8);
    for (unsigned i = (unsigned)n + 8; i < opt.sql_bytes; i++) /* the rest: a comment of words */
        sql[i] = i == (unsigned)n + 8 ? ' ' : text[(i - (unsigned)n) % (sizeof(text) - 1)];
    if (opt.sql_bytes > (unsigned)n + 12)
        memcpy(sql + n + 8, " --", 3);
}

static void print_post(struct conn *c)
{
    int n = snprintf(
        c->out, sizeof(c->out),
        "POST /v1/statement HTTP/1.1\r\nX-Trino-User: alice\r\nX-Trino-Original-User: alice\r\n"
        "X-Trino-Source: bench\r\nX-Trino-Catalog: tpch\r\nX-Trino-Schema: tiny\r\n"
        "X-Trino-Time-Zone: UTC\r\nX-Trino-Language: en-US\r\nX-Trino-Transaction-Id: NONE\r\n"
        "X-Trino-Client-Capabilities: PATH,PARAMETRIC_DATETIME,SESSION_AUTHORIZATION\r\n"
        "User-Agent: bench\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %u\r\n"
        "Host: %s\r\nConnection: Keep-Alive\r\nAccept-Encoding: identity\r\n\r\n",
        opt.sql_bytes, opt.target);
    c->out_used = (size_t)n;
    c->body_bytes = opt.sql_bytes;
}

static void print_get(struct conn *c)
{
    int n = snprintf(c->out, sizeof(c->out),
                     "GET %s HTTP/1.1\r\nX-Trino-User: alice\r\nX-Trino-Original-User: alice\r\n"
                     "User-Agent: bench\r\nHost: %s\r\nConnection: Keep-Alive\r\n"
                     "Accept-Encoding: identity\r\n\r\n",
                     c->uri, opt.target);
    c->out_used = (size_t)n;
    c->body_bytes = 0;
}

/* ---- connections ------------------------------------------------------------------------------
 */

static void note_error(const char *what, const struct conn *c)
{
    if (seen.errors++ == 0)
        snprintf(seen.first_error, sizeof(seen.first_error), "%s (status %d, %s %.120s)", what,
                 c->reply.status, c->posting ? "POST" : "GET", c->uri);
}

static void set_interest(struct conn *c, bool out)
{
    struct epoll_event ev = {.events = out ? EPOLLOUT : EPOLLIN, .data.ptr = c};
    if (c->want_out == out)
        return;
    c->want_out = out;
    if (epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &ev) != 0)
        die("epoll_ctl");
}

/* Connects; loopback answers at once, so a blocking connect() costs nothing here. */
static bool conn_open(struct conn *c)
{
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = c};
    int on = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0)
        die("socket");
    if (connect(c->fd, (struct sockaddr *)&opt.address, sizeof(opt.address)) != 0) {
        close(c->fd);
        return false;
    }
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    c->want_out = false;
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &ev) != 0)
        die("epoll_ctl");
    c->state = CONN_IDLE;
    return true;
}

static void conn_reopen(struct conn *c)
{
    close(c->fd);
    seen.reconnects++;
    if (!conn_open(c)) {
        note_error("reconnect refused", c);
        c->state = CONN_OFF;
        closed_early++;
    }
}

static bool send_rest(struct conn *c)
{
    while (c->out_sent < c->out_used || c->body_sent < c->body_bytes) {
        struct iovec iov[2] = {{c->out + c->out_sent, c->out_used - c->out_sent},
                               {sql + c->body_sent, c->body_bytes - c->body_sent}};
        struct msghdr m = {.msg_iov = iov, .msg_iovlen = c->body_bytes > 0 ? 2 : 1};
        ssize_t n = sendmsg(c->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            set_interest(c, true);
            return true;
        }
        if (n < 0)
            return false;
        size_t head = (size_t)n < iov[0].iov_len ? (size_t)n : iov[0].iov_len;
        c->out_sent += head;
        c->body_sent += (size_t)n - head;
    }
    set_interest(c, false);
    c->state = CONN_READING;
    return true;
}

/* Sends the next request of this connection: a POST, or a GET of `uri`. */
static void send_request(struct conn *c)
{
    c->posting = c->uri[0] == '\0';
    if (c->posting)
        print_post(c);
    else
        print_get(c);
    c->out_sent = c->body_sent = 0;
    c->state = CONN_SENDING;
    c->sent_ns = now_ns();
    reply_reset(&c->reply);
    if (!send_rest(c)) {
        note_error("send failed", c);
        conn_reopen(c);
    }
    if (opt.mode == MODE_HELD && c->state == CONN_READING &&
        strstr(c->uri, "/executing/") != NULL) {
        c->state = CONN_HELD;
        holding++;
    }
}

/* ---- what comes next --------------------------------------------------------------------------
 */

static bool time_is_up(void)
{
    if (opt.statements > 0)
        return begun >= opt.statements;
    return opt.mode != MODE_HELD && now_ns() >= end_ns;
}

static void begin_statement(struct conn *c, int64_t intended_ns)
{
    begun++;
    c->uri[0] = '\0';
    c->intended_ns = intended_ns;
    send_request(c);
}

static int64_t intended_time(uint64_t index)
{
    return start_ns + (int64_t)((double)index * 1e9 / opt.rate);
}

static void arm_timer(int64_t at)
{
    struct itimerspec t = {.it_value = {at / 1000000000, at % 1000000000}};
    if (timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &t, NULL) != 0)
        die("timerfd_settime");
}

/* Gives an idle connection its next statement, or lets it rest. */
static void next_statement(struct conn *c)
{
    c->state = CONN_IDLE;
    if (stopping || time_is_up())
        return;
    if (opt.mode != MODE_RATE)
        begin_statement(c, now_ns());
    else if (intended_time(begun) <= now_ns())
        begin_statement(c, intended_time(begun));
}

static void on_timer(void)
{
    uint64_t ticks;
    if (read(timer_fd, &ticks, sizeof(ticks)) < 0 && errno != EAGAIN)
        die("timerfd");
    for (unsigned i = 0; i < opened && !time_is_up() && intended_time(begun) <= now_ns(); i++)
        if (conns[i].state == CONN_IDLE)
            begin_statement(&conns[i], intended_time(begun));
    /* A backlog is taken up by connections as they end; the timer only wakes for the future. */
    int64_t next = intended_time(begun), now = now_ns();
    if (!time_is_up())
        arm_timer(next > now ? next : now + 1000000);
}

static void statement_ended(struct conn *c, int64_t now)
{
    seen.all_statements++;
    if (c->intended_ns >= measure_ns) {
        seen.statements++;
        histogram_add(&seen.statement, (uint64_t)(now - c->intended_ns));
    }
    next_statement(c);
}

/* Copies path and query of the page's nextUri to `uri`; false when there is none. */
static bool take_next_uri(struct conn *c)
{
    char *at, *end, *path;
    c->reply.body[c->reply.kept] = '\0';
    at = strstr(c->reply.body, "\"nextUri\":\"");
    if (at == NULL || (end = strchr(at + 11, '"')) == NULL)
        return false;
    *end = '\0';
    path = strstr(at + 11, "://");
    path = path != NULL ? strchr(path + 3, '/') : NULL;
    if (path == NULL || end - path >= URI_MAX || strchr(path, '\\') != NULL)
        return false;
    memcpy(c->uri, path, (size_t)(end - path) + 1);
    return true;
}

static void count_request(const struct conn *c, int64_t now)
{
    seen.all_requests++;
    seen.bytes += c->reply.body_bytes;
    if (c->sent_ns < measure_ns)
        return;
    seen.requests++;
    histogram_add(&seen.request, (uint64_t)(now - c->sent_ns));
}

static void on_reply(struct conn *c)
{
    int64_t now = now_ns();
    bool good = c->reply.status == 200 && c->reply.last == '}';
    count_request(c, now);
    if (c->reply.close)
        conn_reopen(c);
    if (c->state == CONN_OFF)
        return;
    if (!good) {
        note_error("bad answer", c);
        next_statement(c);
        return;
    }
    if (c->replaying) {
        if (stopping || time_is_up())
            c->state = CONN_IDLE;
        else
            send_request(c);
    } else if (!take_next_uri(c)) {
        if (strstr(c->reply.body, "\"FINISHED\"") == NULL)
            note_error("no nextUri", c);
        statement_ended(c, now);
    } else if (opt.mode == MODE_POST) {
        statement_ended(c, now);
    } else {
        c->replaying = opt.mode == MODE_POLL && strstr(c->uri, "/executing/") != NULL;
        send_request(c);
    }
}

static void on_readable(struct conn *c)
{
    static char buffer[READ_BYTES];
    ssize_t n = recv(c->fd, buffer, sizeof(buffer), MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        if (c->state != CONN_IDLE)
            note_error("connection lost", c);
        conn_reopen(c);
        if (c->state == CONN_IDLE && c->replaying && !stopping)
            send_request(c);
        else if (c->state == CONN_IDLE)
            next_statement(c);
        return;
    }
    if (c->state == CONN_HELD) {
        holding--;
        c->state = CONN_READING;
        note_error("held poll answered", c);
    }
    size_t used = reply_feed(&c->reply, buffer, (size_t)n);
    if (c->reply.state == REPLY_BAD || used < (size_t)n) {
        note_error("broken answer", c);
        conn_reopen(c);
        next_statement(c);
    } else if (c->reply.state == REPLY_DONE) {
        on_reply(c);
    }
}

static void on_event(struct conn *c)
{
    if (c->want_out && !send_rest(c)) {
        note_error("send failed", c);
        conn_reopen(c);
    } else if (!c->want_out) {
        on_readable(c);
    }
}

/* ---- the run ----------------------------------------------------------------------------------
 */

/* Connections in the middle of something (a held poll is not). */
static unsigned busy_count(void)
{
    unsigned n = 0;
    for (unsigned i = 0; i < opened; i++)
        n += conns[i].state == CONN_SENDING || conns[i].state == CONN_READING;
    return n;
}

/* Opens connections, a few at once so that no accept queue overflows. */
static void open_more(void)
{
    unsigned limit = opt.mode == MODE_HELD ? OPEN_AT_ONCE : opt.conns;
    while (opened < opt.conns && (opt.mode != MODE_HELD || opened - holding < limit)) {
        struct conn *c = &conns[opened];
        if (!conn_open(c))
            die("connect");
        opened++;
        if (opt.mode != MODE_RATE)
            next_statement(c);
    }
}

static void turn(int timeout_ms)
{
    struct epoll_event events[EVENTS];
    int n = epoll_wait(epoll_fd, events, EVENTS, timeout_ms);
    for (int i = 0; i < n; i++) {
        if (events[i].data.ptr == NULL)
            on_timer();
        else
            on_event(events[i].data.ptr);
    }
}

static void print_histogram(const char *name, const struct histogram *h)
{
    static const struct {
        const char *name;
        double p;
    } points[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}};
    printf(",\"%s_us\":{\"count\":%llu,\"mean\":%.2f", name, (unsigned long long)h->count,
           h->count > 0 ? (double)h->sum / (double)h->count / 1e3 : 0.0);
    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++)
        printf(",\"%s\":%.2f", points[i].name, (double)histogram_quantile(h, points[i].p) / 1e3);
    printf(",\"max\":%.2f}", (double)h->max / 1e3);
}

static void print_result(double seconds)
{
    printf("{\"mode\":\"%s\",\"requests\":%llu,\"all_requests\":%llu,\"statements\":%llu,"
           "\"all_statements\":%llu,\"errors\":%llu,\"reconnects\":%llu,\"bytes\":%llu,"
           "\"seconds\":%.4f",
           mode_names[opt.mode], (unsigned long long)seen.requests,
           (unsigned long long)seen.all_requests, (unsigned long long)seen.statements,
           (unsigned long long)seen.all_statements, (unsigned long long)seen.errors,
           (unsigned long long)seen.reconnects, (unsigned long long)seen.bytes, seconds);
    print_histogram("request", &seen.request);
    print_histogram("statement", &seen.statement);
    for (char *p = seen.first_error; *p != '\0'; p++)
        if (*p == '"' || *p == '\\' || (unsigned char)*p < 0x20)
            *p = '\'';
    printf(",\"first_error\":\"%s\"}\n", seen.first_error);
    fflush(stdout);
}

/* Waits until all polls are held, reports, waits for the word, closes everything at once. */
static void run_held(void)
{
    int64_t deadline = now_ns() + (int64_t)(opt.seconds * 1e9);
    char c;
    while (holding < opt.conns && closed_early == 0 && now_ns() < deadline) {
        open_more();
        turn(100);
    }
    printf("{\"held\":%u,\"errors\":%llu}\n", holding, (unsigned long long)seen.errors);
    fflush(stdout);
    if (read(STDIN_FILENO, &c, 1) < 0)
        die("stdin");
    for (unsigned i = 0; i < opened; i++)
        if (conns[i].state != CONN_OFF)
            close(conns[i].fd);
}

static void run_load(void)
{
    int64_t limit;
    open_more();
    if (opt.mode == MODE_RATE)
        arm_timer(start_ns + 1);
    while (!time_is_up() && closed_early < opt.conns)
        turn(100);
    stopping = true;
    limit = now_ns() + 10000000000ll;
    while (busy_count() > 0 && now_ns() < limit)
        turn(100);
    if (busy_count() > 0) {
        seen.errors += busy_count();
        snprintf(seen.first_error, sizeof(seen.first_error), "%u requests without an answer",
                 busy_count());
    }
}

static void raise_file_limit(void)
{
    struct rlimit r;
    if (getrlimit(RLIMIT_NOFILE, &r) == 0) {
        r.rlim_cur = r.rlim_max;
        setrlimit(RLIMIT_NOFILE, &r);
    }
}

static void parse_target(const char *text)
{
    const char *colon = strrchr(text, ':');
    char host[64];
    if (colon == NULL || colon - text >= (ptrdiff_t)sizeof(host)) {
        fprintf(stderr, "load: --target wants ADDRESS:PORT\n");
        exit(2);
    }
    memcpy(host, text, (size_t)(colon - text));
    host[colon - text] = '\0';
    opt.target = text;
    opt.address.sin_family = AF_INET;
    opt.address.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
    if (inet_pton(AF_INET, host, &opt.address.sin_addr) != 1) {
        fprintf(stderr, "load: %s is no IPv4 address\n", host);
        exit(2);
    }
}

static void parse_mode(const char *text)
{
    for (int i = 0; i < MODE_COUNT; i++)
        if (strcmp(text, mode_names[i]) == 0)
            opt.mode = (enum mode)i;
}

static void usage(void)
{
    fprintf(stderr, "usage: load --target ADDRESS:PORT --mode poll|post|statement|rate|held\n"
                    "  [--conns N] [--seconds S] [--warmup S] [--rate STATEMENTS_A_SECOND]\n"
                    "  [--statements N] [--sql-bytes N] [--page BYTES] [--pages N] [--hold-ms N]\n"
                    "  [--chunked 0|1]\n");
    exit(2);
}

static bool parse_number(const char *name, const char *value)
{
    const struct {
        const char *name;
        unsigned *number;
        double *real;
    } options[] = {{"--conns", &opt.conns, NULL},     {"--page", &opt.page, NULL},
                   {"--pages", &opt.pages, NULL},     {"--hold-ms", &opt.hold_ms, NULL},
                   {"--chunked", &opt.chunked, NULL}, {"--sql-bytes", &opt.sql_bytes, NULL},
                   {"--seconds", NULL, &opt.seconds}, {"--warmup", NULL, &opt.warmup},
                   {"--rate", NULL, &opt.rate}};
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (strcmp(name, options[i].name) != 0)
            continue;
        if (options[i].number != NULL)
            *options[i].number = (unsigned)strtoul(value, NULL, 10);
        else
            *options[i].real = strtod(value, NULL);
        return true;
    }
    return false;
}

static void parse_options(int argc, char **argv)
{
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc)
            usage();
        if (strcmp(argv[i], "--target") == 0)
            parse_target(argv[i + 1]);
        else if (strcmp(argv[i], "--mode") == 0)
            parse_mode(argv[i + 1]);
        else if (strcmp(argv[i], "--statements") == 0)
            opt.statements = strtoull(argv[i + 1], NULL, 10);
        else if (!parse_number(argv[i], argv[i + 1]))
            usage();
    }
    if (opt.target == NULL || opt.mode == MODE_COUNT || opt.conns == 0 ||
        (opt.mode == MODE_RATE && opt.rate <= 0))
        usage();
}

static void open_timer(void)
{
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = NULL};
    timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (timer_fd < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, timer_fd, &ev) != 0)
        die("timerfd");
}

int main(int argc, char **argv)
{
    parse_options(argc, argv);
    signal(SIGPIPE, SIG_IGN);
    raise_file_limit();
    make_sql();
    conns = calloc(opt.conns, sizeof(*conns));
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (conns == NULL || epoll_fd < 0)
        die("start");
    open_timer();
    start_ns = now_ns();
    measure_ns = start_ns + (int64_t)(opt.warmup * 1e9);
    end_ns = measure_ns + (int64_t)(opt.seconds * 1e9);
    if (opt.mode == MODE_HELD)
        run_held();
    else
        run_load();
    print_result((double)(now_ns() - measure_ns) / 1e9);
    return seen.errors > 0;
}
