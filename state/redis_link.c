/* SPDX-License-Identifier: Apache-2.0 */
/* redis_link.c - see redis_link.h for the states.
 *
 * Targets are tried in order, each with all its addresses; a round without success is followed by a
 * pause that doubles from 100 ms to 10 s, with jitter. A target after a failed one is tried in
 * another turn, so that nothing here recurses. The pause starts anew at 100 ms only after a link
 * has held for a while: a server that greets and then hangs up is not hammered.
 *
 * Commands queue in `out` until the end of the turn. While a lost link is looked for, commands wait
 * there for the first round; when that fails, they are given up and further ones refused. */
#include "state/redis_link.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/random.h>
#include <time.h>

#define GREETING_MAX_BYTES 16384
#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 10000
#define STABLE_MS 5000
#define RESOLVE_MIN_MS 2000 /* a resolver's own retries take longer than a Redis command */
#define CHUNK_BYTES 16384

#define OWNER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

static void on_event(struct conn *c, unsigned events);

static uint64_t clock_us(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/* ---- words ---- */

const char *redis_clean_text(struct str s, char *out, size_t size)
{
    size_t n = s.n < size - 1 ? s.n : size - 1;

    for (size_t i = 0; i < n; i++)
        out[i] = (char)(s.p[i] >= 0x20 && s.p[i] < 0x7f ? s.p[i] : '?');
    out[n] = '\0';
    return out;
}

static const char *host_of(const struct redis_link *l)
{
    return l->master_host[0] != '\0' ? l->master_host : l->target->host;
}

static uint16_t port_of(const struct redis_link *l)
{
    return l->master_host[0] != '\0' ? l->master_port : l->target->port;
}

void redis_link_blame(struct redis_link *l, const char *fmt, ...)
{
    char text[96], host[48];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    redis_clean_text(str_c(host_of(l)), host, sizeof(host));
    snprintf(l->reason, sizeof(l->reason), "redis %s:%u: %s", host, port_of(l), text);
}

/* ---- leaving a state ---- */

static void close_conn(struct redis_link *l)
{
    conn_close(&l->conn);
    redis_reader_free(l->reader);
    l->reader = NULL;
    l->epoch++;
}

static void give_up_commands(struct redis_link *l)
{
    while (l->queue.n > 0) {
        struct link_command cmd = redis_queue_pop(&l->queue);

        l->owner.on_lost(l->owner.arg, &cmd);
    }
    redis_outbox_reset(&l->queue.out);
}

static void pause_for(struct redis_link *l, uint64_t ms)
{
    l->state = LINK_PAUSED;
    timer_set(l->loop, &l->timer, ms);
}

static void pause_before_round(struct redis_link *l)
{
    uint64_t half = l->backoff_ms / 2;

    l->random ^= l->random << 13; /* xorshift: spreads instances, guards nothing */
    l->random ^= l->random >> 7;
    l->random ^= l->random << 17;
    l->target = l->config->targets;
    pause_for(l, half + l->random % (half + 1));
    l->backoff_ms = l->backoff_ms * 2 < BACKOFF_MAX_MS ? l->backoff_ms * 2 : BACKOFF_MAX_MS;
}

/* l->reason says what is wrong with the current target. */
static void next_target(struct redis_link *l)
{
    close_conn(l);
    l->target = l->target->next;
    if (l->target != NULL) {
        pause_for(l, 1);
        return;
    }
    l->down = true;
    give_up_commands(l);
    l->owner.on_down(l->owner.arg, l->reason);
    pause_before_round(l);
}

static void lose_ready(struct redis_link *l)
{
    close_conn(l);
    give_up_commands(l);
    if (loop_now_ms(l->loop) - l->ready_since_ms >= STABLE_MS)
        l->backoff_ms = BACKOFF_MIN_MS;
    l->owner.on_down(l->owner.arg, l->reason);
    pause_before_round(l);
}

/* The connection is of no more use; l->reason says why. */
static void fail(struct redis_link *l)
{
    if (l->state == LINK_READY)
        lose_ready(l);
    else
        next_target(l);
}

static void fail_conn(struct redis_link *l)
{
    char text[100];

    redis_link_blame(l, "%s", conn_error_text(&l->conn, text, sizeof(text)));
    fail(l);
}

/* ---- finding and connecting ---- */

static void connect_next(struct redis_link *l)
{
    for (; l->address < l->addresses.count; l->address++) {
        const struct resolved_address *a = &l->addresses.list[l->address];
        struct tls_context *tls = l->target->tls ? l->config->tls : NULL;
        struct error err;

        l->conn = (struct conn){.on_event = on_event};
        if (conn_connect(&l->conn, l->loop, (const struct sockaddr *)&a->addr, a->len, tls,
                         str_c(host_of(l)), &err) == OK) {
            l->state = LINK_CONNECTING;
            timer_set(l->loop, &l->timer, l->config->timeout_ms);
            return;
        }
        l->conn = (struct conn){0};
        redis_link_blame(l, "%s", err.text);
    }
    next_target(l);
}

static void on_resolved(void *arg, const struct resolved *r, const char *reason)
{
    struct redis_link *l = arg;

    l->resolve = NULL;
    if (r == NULL) {
        redis_link_blame(l, "%s", reason);
        next_target(l);
        return;
    }
    l->addresses = *r;
    connect_next(l);
}

static void look_up(struct redis_link *l)
{
    uint64_t ms = l->config->timeout_ms > RESOLVE_MIN_MS ? l->config->timeout_ms : RESOLVE_MIN_MS;
    struct error err;

    l->address = 0;
    if (resolve_numeric(host_of(l), port_of(l), &l->addresses)) {
        connect_next(l);
        return;
    }
    if (resolve_start(&l->resolve, l->loop, host_of(l), port_of(l), on_resolved, l, &err) != OK) {
        redis_link_blame(l, "%s", err.text);
        next_target(l);
        return;
    }
    l->state = LINK_RESOLVING;
    timer_set(l->loop, &l->timer, ms);
}

static void connect_failed(struct redis_link *l)
{
    char text[100];

    redis_link_blame(l, "%s", conn_error_text(&l->conn, text, sizeof(text)));
    close_conn(l);
    l->address++;
    connect_next(l);
}

/* ---- writing ---- */

static void write_pending(struct redis_link *l)
{
    struct redis_outbox *o = l->state == LINK_READY ? &l->queue.out : &l->greeting;

    if (redis_outbox_write(o, &l->conn) == CONN_ERROR)
        fail_conn(l);
}

static void on_turn_end(struct task *t)
{
    struct redis_link *l = OWNER_OF(t, struct redis_link, flush);

    if (l->state != LINK_READY)
        return;
    redis_queue_stamp(&l->queue, clock_us());
    write_pending(l);
}

/* ---- reading ---- */

static void begin_greeting(struct redis_link *l)
{
    l->state = LINK_GREETING;
    l->reader = redis_reader_new();
    redis_greet_begin(l);
    timer_set(l->loop, &l->timer, l->config->timeout_ms);
    write_pending(l);
}

/* Commands that waited for the link leave at the end of the turn; their clocks start then. */
static void become_ready(struct redis_link *l)
{
    l->state = LINK_READY;
    l->down = false;
    l->ready_since_ms = loop_now_ms(l->loop);
    timer_clear(l->loop, &l->timer);
    if (l->queue.n > 0)
        timer_set(l->loop, &l->timer, l->config->timeout_ms);
    l->owner.on_up(l->owner.arg);
    loop_defer(l->loop, &l->flush);
}

static void take_greeting(struct redis_link *l, const struct redis_reply *reply)
{
    switch (redis_greet_reply(l, reply)) {
    case GREET_GO_ON:
        return;
    case GREET_AGAIN:
        write_pending(l);
        return;
    case GREET_READY:
        if (l->greeting.bytes.n > 0) { /* not even sent */
            redis_link_blame(l, "answers without being asked");
            next_target(l);
            return;
        }
        become_ready(l);
        return;
    case GREET_HOP:
        close_conn(l);
        look_up(l);
        return;
    case GREET_FAILED:
        next_target(l);
        return;
    }
}

static void take_reply(struct redis_link *l, const struct redis_reply *reply, uint64_t now_us)
{
    struct link_command cmd;
    struct error err;

    if (l->queue.n == 0) {
        redis_link_blame(l, "answers without being asked");
        fail(l);
        return;
    }
    cmd = redis_queue_pop(&l->queue);
    if (l->owner.on_reply(l->owner.arg, &cmd, reply, now_us - cmd.sent_us, &err) != OK) {
        redis_link_blame(l, "%s", err.text);
        fail(l);
    }
}

/* False when the connection is gone. */
static bool take_replies(struct redis_link *l)
{
    unsigned epoch = l->epoch;
    uint64_t now_us = clock_us();

    while (l->epoch == epoch) {
        struct redis_reply *reply;
        struct error err;

        if (redis_reader_next(l->reader, &reply, &err) != OK) {
            redis_link_blame(l, "%s", err.text);
            fail(l);
            return false;
        }
        if (reply == NULL)
            return true;
        if (l->state == LINK_READY)
            take_reply(l, reply, now_us);
        else
            take_greeting(l, reply);
        redis_reply_free(reply);
    }
    return false;
}

static void read_all(struct redis_link *l)
{
    char chunk[CHUNK_BYTES];

    for (;;) {
        ssize_t n = conn_read(&l->conn, chunk, sizeof(chunk));
        struct error err;

        if (n == CONN_AGAIN)
            return;
        if (n == CONN_EOF || n == CONN_ERROR) {
            fail_conn(l);
            return;
        }
        if (redis_reader_feed(l->reader, chunk, (size_t)n, &err) != OK) {
            redis_link_blame(l, "%s", err.text);
            fail(l);
            return;
        }
        if (!take_replies(l))
            return;
    }
}

static void on_event(struct conn *c, unsigned events)
{
    struct redis_link *l = OWNER_OF(c, struct redis_link, conn);
    unsigned epoch = l->epoch;

    if (l->state == LINK_CONNECTING) {
        if (!conn_is_open(c)) {
            connect_failed(l);
            return;
        }
        begin_greeting(l);
    } else if (events & WATCH_WRITE) {
        write_pending(l);
    }
    if (l->epoch == epoch && (events & (WATCH_READ | WATCH_HANGUP)))
        read_all(l);
}

/* ---- time ---- */

static void check_commands(struct redis_link *l)
{
    uint64_t age_ms, limit_ms = l->config->timeout_ms;

    if (l->queue.n == 0)
        return;
    if (l->queue.fresh == l->queue.n) { /* the loop was busy for long: they leave in this turn */
        timer_set(l->loop, &l->timer, limit_ms);
        return;
    }
    age_ms = (clock_us() - redis_queue_oldest_us(&l->queue)) / 1000;
    if (age_ms < limit_ms) {
        timer_set(l->loop, &l->timer, limit_ms - age_ms);
        return;
    }
    redis_link_blame(l, "no answer within %llu ms", (unsigned long long)limit_ms);
    fail(l);
}

static void on_timer(struct timer *t)
{
    struct redis_link *l = OWNER_OF(t, struct redis_link, timer);

    switch (l->state) {
    case LINK_PAUSED:
        l->master_host[0] = '\0';
        look_up(l);
        return;
    case LINK_RESOLVING:
        resolve_cancel(l->resolve);
        l->resolve = NULL;
        redis_link_blame(l, "the name is not resolved in time");
        next_target(l);
        return;
    case LINK_CONNECTING:
        redis_link_blame(l, "no connection within %llu ms",
                         (unsigned long long)l->config->timeout_ms);
        close_conn(l);
        l->address++;
        connect_next(l);
        return;
    case LINK_GREETING:
        redis_link_blame(l, "no greeting within %llu ms",
                         (unsigned long long)l->config->timeout_ms);
        fail(l);
        return;
    case LINK_READY:
        check_commands(l);
        return;
    }
}

/* ---- the owner's side ---- */

void redis_link_init(struct redis_link *l, struct loop *loop, const struct redis_link_config *c,
                     const struct redis_link_owner *owner)
{
    *l = (struct redis_link){
        .loop = loop,
        .config = c,
        .owner = *owner,
        .timer.on_timer = on_timer,
        .flush.on_turn_end = on_turn_end,
        .backoff_ms = BACKOFF_MIN_MS,
        .target = c->targets,
        .greeting.bytes = buf_make(GREETING_MAX_BYTES),
    };
    redis_queue_init(&l->queue);
    if (getrandom(&l->random, sizeof(l->random), GRND_NONBLOCK) != (ssize_t)sizeof(l->random))
        l->random = clock_us();
    l->random |= 1;
    pause_for(l, 0);
}

void redis_link_reset(struct redis_link *l)
{
    if (l->state == LINK_READY)
        write_pending(l);
    resolve_cancel(l->resolve);
    l->resolve = NULL;
    close_conn(l);
    give_up_commands(l);
    timer_clear(l->loop, &l->timer);
    loop_undefer(l->loop, &l->flush);
    redis_outbox_reset(&l->greeting);
    redis_queue_reset(&l->queue);
}

bool redis_link_is_ready(const struct redis_link *l)
{
    return l->state == LINK_READY;
}

bool redis_link_has_room(const struct redis_link *l, size_t commands, size_t bytes)
{
    return redis_queue_has_room(&l->queue, commands, bytes);
}

bool redis_link_send(struct redis_link *l, unsigned kind, void *arg, size_t argc,
                     const struct str *argv)
{
    const struct link_command cmd = {kind, arg, clock_us()};

    if (l->down || !redis_queue_add(&l->queue, cmd, argc, argv))
        return false;
    if (l->state == LINK_READY) {
        loop_defer(l->loop, &l->flush);
        if (!timer_is_set(&l->timer))
            timer_set(l->loop, &l->timer, l->config->timeout_ms);
    }
    return true;
}
