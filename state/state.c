/* SPDX-License-Identifier: Apache-2.0 */
/* state.c - see state.h: configuration, dispatch, look-ups and health.
 *
 * Every entry goes into this instance's memory first; Redis, when there is one, gets a copy of what
 * is put here and is asked for what is not in memory. What Redis answers is not kept in memory: the
 * instance that owns it may remove it at any time.
 * Answers and messages are handed out in a task at the end of the turn, never from within a call or
 * the reading of replies: so the called may do what it likes, state_detach() included. */
#include "state/state_impl.h"

#include "base/clock.h"
#include "state/value.h"

#include <stdio.h>
#include <stdlib.h>

#define MEMORY_ENTRIES_DEFAULT 20000

/* ---- open and close ---- */

static void make_metrics(struct state_metrics *to, struct metrics *m)
{
    to->commands =
        metrics_counter(m, "sleipnir_state_commands_total", "Commands answered by Redis.", "");
    to->errors = metrics_counter(m, "sleipnir_state_errors_total",
                                 "Refused commands, unusable replies and failed connections.", "");
    to->reconnects = metrics_counter(m, "sleipnir_state_reconnects_total",
                                     "Connections to Redis made anew.", "");
    to->dropped = metrics_counter(m, "sleipnir_state_dropped_writes_total",
                                  "Writes that did not reach Redis.", "");
    to->reachable = metrics_gauge(m, "sleipnir_state_reachable",
                                  "1 when the shared state can be used, else 0.", "");
    to->round_trip = metrics_histogram(m, "sleipnir_state_round_trip_seconds",
                                       "Time from a command's queueing to its reply.", "");
}

static int check_config(const struct state_config *c, struct error *err)
{
    size_t prefix_n = str_c(c->prefix).n, instance_n = str_c(c->instance).n;

    if (c->ttl_ms == 0)
        return error_set(err, ERR_INVALID, "state: ttl must not be 0");
    if (c->kind != STATE_REDIS)
        return OK;
    if (prefix_n > STATE_PREFIX_MAX)
        return error_set(err, ERR_INVALID, "state: prefix is longer than %d bytes",
                         STATE_PREFIX_MAX);
    if (instance_n == 0 || instance_n > VALUE_NAME_MAX)
        return error_set(err, ERR_INVALID, "state: instance must have 1 to %d bytes",
                         VALUE_NAME_MAX);
    if (c->url_count == 0)
        return error_set(err, ERR_INVALID, "state: Redis without a URL");
    if (c->timeout_ms == 0)
        return error_set(err, ERR_INVALID, "state: timeout must not be 0");
    return OK;
}

/* Redis takes no blanks and line ends in a client's name. */
static const char *make_client_name(struct state *s)
{
    struct str instance = arena_str(&s->arena, s->instance);
    char text[256];

    redis_clean_text(instance, text, sizeof(text));
    for (char *p = text; *p != '\0'; p++)
        if (*p == ' ')
            *p = '_';
    return arena_printf(&s->arena, "sleipnir-%s", text).p;
}

static int open_tls(struct state *s, const struct state_config *c, struct error *err)
{
    const struct tls_client_config tls = {
        .ca = c->tls_ca,
        .verify = c->tls_verify ? TLS_VERIFY_FULL : TLS_VERIFY_NONE,
    };

    for (const struct redis_target *t = s->redis.targets; t != NULL; t = t->next)
        if (t->tls)
            return tls_client_new(&s->redis.tls, &tls, err);
    return OK;
}

static int open_redis(struct state *s, const struct state_config *c, struct error *err)
{
    struct redis_target *first = NULL, **tail = &first;

    for (size_t i = 0; i < c->url_count; i++) {
        struct error why;
        int rc = redis_url_parse(&s->arena, c->urls[i], &tail, &why);

        if (rc != OK)
            return error_set(err, (enum err)rc, "state: Redis URL %zu: %s", i + 1, why.text);
    }
    s->redis.targets = first;
    s->redis.timeout_ms = c->timeout_ms;
    s->redis.client_name = make_client_name(s);
    return open_tls(s, c, err);
}

int state_open(struct state **out, const struct state_config *c, struct metrics *m,
               struct error *err)
{
    struct state *s;
    int rc = check_config(c, err);

    if (rc != OK)
        return rc;
    s = NEW(struct state);
    pthread_mutex_init(&s->lock, NULL);
    s->kind = c->kind;
    s->prefix = arena_str(&s->arena, str_c(c->prefix));
    s->instance = arena_str(&s->arena, str_c(c->instance));
    s->ttl_ms = c->ttl_ms;
    make_metrics(&s->metrics, m);
    s->reachable = c->kind == STATE_MEMORY;
    s->since_ms = clock_wall_ms();
    if (!s->reachable)
        snprintf(s->reason, sizeof(s->reason), "not connected yet");
    gauge_set(s->metrics.reachable, s->reachable);
    for (size_t kind = 0; kind < ARRAY_LEN(s->memory); kind++)
        s->memory[kind] = memory_new(
            c->memory_entries > 0 ? c->memory_entries : MEMORY_ENTRIES_DEFAULT, c->ttl_ms);
    if (rc == OK && c->kind == STATE_REDIS)
        rc = open_redis(s, c, err);
    if (rc != OK) {
        state_close(s);
        return rc;
    }
    *out = s;
    return OK;
}

void state_close(struct state *s)
{
    if (s == NULL)
        return;
    for (size_t kind = 0; kind < ARRAY_LEN(s->memory); kind++)
        memory_free(s->memory[kind]);
    tls_unref(s->redis.tls);
    pthread_mutex_destroy(&s->lock);
    arena_reset(&s->arena);
    free(s);
}

/* ---- look-ups ---- */

static void list_remove(struct state_lookup *k)
{
    *(k->before != NULL ? &k->before->after : &k->list->first) = k->after;
    *(k->after != NULL ? &k->after->before : &k->list->last) = k->before;
    k->before = k->after = NULL;
    k->list = NULL;
}

static void list_append(struct lookup_list *list, struct state_lookup *k)
{
    k->list = list;
    k->before = list->last;
    *(list->last != NULL ? &list->last->after : &list->first) = k;
    list->last = k;
}

static void free_lookup(struct state_lookup *k)
{
    buf_reset(&k->value);
    free(k);
}

static void answer_later(struct state_lookup *k)
{
    list_append(&k->client->answered, k);
    loop_defer(k->client->loop, &k->client->deliver);
}

/* The value is checked where it is used: what another one wrote is not trusted. */
static void call_done(struct state *s, struct state_lookup *k)
{
    struct state_entry e = {.id = str_of(k->id, k->id_n)};
    bool usable = k->found && value_decode(buf_str(&k->value), &e, NULL) == OK;

    if (k->found && !usable)
        counter_add(s->metrics.errors, 1);
    k->done(k->arg, usable ? &e : NULL);
    free_lookup(k);
}

struct state_lookup *state_find(struct state_client *c, enum state_entry_kind kind, struct str id,
                                void (*done)(void *arg, const struct state_entry *e), void *arg)
{
    struct state_lookup *k = NEW(struct state_lookup);

    k->client = c;
    k->done = done;
    k->arg = arg;
    k->value = buf_make(VALUE_MAX_BYTES);
    if (!value_id_ok(id)) {
        answer_later(k);
        return k;
    }
    memcpy(k->id, id.p, id.n);
    k->id_n = id.n;
    k->found = memory_get(c->state->memory[kind], id, loop_now_ms(c->loop), &k->value);
    if (!k->found && c->redis != NULL && redis_client_find(c->redis, kind, k))
        list_append(&c->waiting, k);
    else
        answer_later(k);
    return k;
}

/* Redis still holds a look-up that waits, so that it ends with the reply. */
void state_find_cancel(struct state_lookup *k)
{
    k->done = NULL;
    if (k->list != &k->client->answered)
        return;
    list_remove(k);
    free_lookup(k);
}

void state_lookup_answer(struct state_lookup *k, struct str value)
{
    list_remove(k);
    if (k->done == NULL) {
        free_lookup(k);
        return;
    }
    k->found = value.p != NULL;
    buf_put_str(&k->value, value);
    if (k->value.overflow)
        buf_clear(&k->value); /* an empty value is a bad value */
    answer_later(k);
}

/* ---- messages ---- */

void state_on_message(struct state *s, void (*fn)(void *arg, struct str message), void *arg)
{
    pthread_mutex_lock(&s->lock);
    s->on_message = fn;
    s->on_message_arg = arg;
    pthread_mutex_unlock(&s->lock);
}

bool state_has_handler(struct state *s)
{
    bool has;

    pthread_mutex_lock(&s->lock);
    has = s->on_message != NULL;
    pthread_mutex_unlock(&s->lock);
    return has;
}

void state_deliver_message(struct state_client *c, struct str message)
{
    struct state_message *m = mem_alloc(sizeof(*m) + message.n);

    m->next = NULL;
    m->n = message.n;
    if (message.n > 0)
        memcpy(m->bytes, message.p, message.n);
    *c->messages_tail = m;
    c->messages_tail = &m->next;
    loop_defer(c->loop, &c->deliver);
}

static struct state_message *pop_message(struct state_client *c)
{
    struct state_message *m = c->messages;

    c->messages = m->next;
    if (c->messages == NULL)
        c->messages_tail = &c->messages;
    return m;
}

static void call_handler(struct state *s, struct state_message *m)
{
    void (*fn)(void *arg, struct str message);
    void *arg;

    pthread_mutex_lock(&s->lock);
    fn = s->on_message;
    arg = s->on_message_arg;
    pthread_mutex_unlock(&s->lock);
    if (fn != NULL)
        fn(arg, str_of(m->bytes, m->n));
    free(m);
}

bool state_send(struct state_client *c, struct str instance, struct str message)
{
    return c->redis != NULL && message.n <= STATE_MESSAGE_MAX && instance.n > 0 &&
           instance.n <= VALUE_NAME_MAX && redis_client_send(c->redis, instance, message);
}

/* ---- clients ---- */

static void free_client(struct state_client *c)
{
    loop_undefer(c->loop, &c->deliver);
    free(c);
}

/* Foreign code runs here and may detach the client, which is then freed at the end. */
static void on_turn_end(struct task *t)
{
    struct state_client *c =
        (struct state_client *)(void *)((char *)t - offsetof(struct state_client, deliver));

    c->delivering = true;
    while (c->answered.first != NULL) {
        struct state_lookup *k = c->answered.first;

        list_remove(k);
        call_done(c->state, k);
    }
    while (c->messages != NULL)
        call_handler(c->state, pop_message(c));
    c->delivering = false;
    if (c->detached)
        free_client(c);
}

int state_attach(struct state_client **out, struct state *s, struct loop *l, struct error *err)
{
    struct state_client *c = NEW(struct state_client);

    (void)err; /* connections are made in the background */
    c->state = s;
    c->loop = l;
    c->messages_tail = &c->messages;
    c->deliver.on_turn_end = on_turn_end;
    if (s->kind == STATE_REDIS)
        c->redis = redis_client_new(c);
    *out = c;
    return OK;
}

void state_detach(struct state_client *c)
{
    struct redis_client *redis;

    if (c == NULL)
        return;
    redis = c->redis;
    c->redis = NULL; /* a look-up that is begun by one of the last answers finds memory only */
    redis_client_free(redis);
    while (c->answered.first != NULL) {
        struct state_lookup *k = c->answered.first;

        list_remove(k);
        call_done(c->state, k);
    }
    while (c->messages != NULL)
        free(pop_message(c));
    c->detached = true;
    if (!c->delivering)
        free_client(c);
}

void state_put(struct state_client *c, enum state_entry_kind kind, const struct state_entry *e)
{
    struct buf value = buf_make(VALUE_MAX_BYTES);

    if (!value_id_ok(e->id) || value_encode(&value, e, NULL) != OK) {
        counter_add(c->state->metrics.errors, 1);
        state_count_dropped(c->state);
    } else {
        memory_put(c->state->memory[kind], e->id, buf_str(&value), loop_now_ms(c->loop));
        if (c->redis != NULL)
            redis_client_put(c->redis, kind, e->id, buf_str(&value));
    }
    buf_reset(&value);
}

void state_remove(struct state_client *c, enum state_entry_kind kind, struct str id)
{
    if (!value_id_ok(id))
        return;
    memory_remove(c->state->memory[kind], id);
    if (c->redis != NULL)
        redis_client_remove(c->redis, kind, id);
}

/* ---- health ---- */

void state_count_dropped(struct state *s)
{
    atomic_fetch_add_explicit(&s->dropped_writes, 1, memory_order_relaxed);
    counter_add(s->metrics.dropped, 1);
}

/* With the lock held. Reachable means: from every loop. */
static void judge(struct state *s, const char *reason)
{
    bool reachable = s->attached > 0 && s->up == s->attached;

    if (reachable != s->reachable) {
        s->reachable = reachable;
        s->since_ms = clock_wall_ms();
        gauge_set(s->metrics.reachable, reachable);
        s->reason[0] = '\0';
    }
    if (!reachable && reason[0] != '\0')
        snprintf(s->reason, sizeof(s->reason), "%s", reason);
    if (!reachable && s->reason[0] == '\0')
        snprintf(s->reason, sizeof(s->reason), "not connected yet");
}

void state_mark_link(struct state *s, enum link_mark mark, bool was_up, const char *reason)
{
    pthread_mutex_lock(&s->lock);
    s->attached += mark == MARK_ATTACHED;
    s->attached -= mark == MARK_DETACHED;
    s->up += mark == MARK_UP;
    s->up -= was_up;
    judge(s, reason);
    pthread_mutex_unlock(&s->lock);
}

void state_note(struct state *s, const char *reason)
{
    pthread_mutex_lock(&s->lock);
    if (s->reachable)
        snprintf(s->reason, sizeof(s->reason), "%s", reason);
    pthread_mutex_unlock(&s->lock);
}

void state_health(const struct state *s, struct state_health *out)
{
    /* The lock is no part of what a caller sees as the state. */
    pthread_mutex_t *lock = (pthread_mutex_t *)(uintptr_t)&s->lock;

    pthread_mutex_lock(lock);
    out->kind = s->kind;
    out->reachable = s->reachable;
    memcpy(out->reason, s->reason, sizeof(out->reason));
    out->since_ms = s->since_ms;
    pthread_mutex_unlock(lock);
    out->dropped_writes = atomic_load_explicit(&s->dropped_writes, memory_order_relaxed);
}
