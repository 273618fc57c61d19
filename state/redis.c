/* SPDX-License-Identifier: Apache-2.0 */
/* redis.c - entries and messages as Redis commands, on top of one link (redis_link.h).
 *
 *   SET <prefix>q:<id> value PX ttl      a statement; t: for transactions
 *   GET, DEL                             of the same
 *   RPUSH <prefix>m:<instance> message   a message, with LTRIM and PEXPIRE: an instance that died
 *                                        must not collect them for ever
 *   LPOP <prefix>m:<instance> count      twice a second on one loop of the instance; before Redis
 *                                        6.2 LRANGE and LTRIM in a MULTI
 *
 * What Redis says is not trusted: each command knows which types it may be answered with; another
 * type means that both sides are out of step, and the connection is made anew. */
#include "state/state_impl.h"

#include <stdio.h>
#include <stdlib.h>

#define TICK_MS 500
#define PING_AFTER_MS 5000
#define MESSAGES_PER_POP 16 /* of 16 KiB each: well within a reply's limit */
#define MESSAGES_KEPT "1024"

enum command {
    CMD_SET,
    CMD_DEL,
    CMD_GET,
    CMD_PING,
    CMD_RPUSH,
    CMD_BOUND,
    CMD_LPOP,
    CMD_MULTI,
    CMD_QUEUED,
    CMD_EXEC
};

struct redis_client {
    struct redis_link link;
    struct state_client *owner; /* borrowed */
    struct timer tick;
    uint64_t last_sent_ms;
    bool was_up, was_ever_up;
    bool no_lpop_count; /* Redis < 6.2 */
    bool popping;       /* an LPOP or EXEC is under way */
    bool noted;         /* this client wrote a note into the health */
    struct buf key;
};

static void pop_messages(struct redis_client *r);

static void take_value(struct redis_client *r, void *arg, const struct redis_reply *reply)
{
    (void)r;
    state_lookup_answer(arg, redis_reply_text(reply));
}

static void take_messages(struct redis_client *r, void *arg, const struct redis_reply *reply)
{
    (void)arg;
    r->popping = false;
    if (reply->type != REPLY_ARRAY)
        return;
    for (size_t i = 0; i < reply->count; i++) {
        const struct redis_reply *item = reply->items[i];

        if (item->type == REPLY_STRING && item->text.n <= STATE_MESSAGE_MAX)
            state_deliver_message(r->owner, item->text);
        else
            counter_add(r->owner->state->metrics.errors, 1);
    }
    if (reply->count >= MESSAGES_PER_POP)
        pop_messages(r);
}

/* The first of the transaction's replies is LRANGE's. */
static void take_transaction(struct redis_client *r, void *arg, const struct redis_reply *reply)
{
    r->popping = false;
    if (reply->type == REPLY_ARRAY && reply->count > 0)
        take_messages(r, arg, reply->items[0]);
}

static const struct command_row {
    const char *name;
    unsigned types; /* besides REPLY_ERROR */
    bool is_write;  /* counted as dropped when it gets lost */
    void (*take)(struct redis_client *r, void *arg, const struct redis_reply *reply);
} commands[] = {
    [CMD_SET] = {"SET", REPLY_STATUS, true, NULL},
    [CMD_DEL] = {"DEL", REPLY_INTEGER, true, NULL},
    [CMD_GET] = {"GET", REPLY_STRING | REPLY_NIL, false, take_value},
    [CMD_PING] = {"PING", REPLY_STATUS, false, NULL},
    [CMD_RPUSH] = {"RPUSH", REPLY_INTEGER, true, NULL},
    [CMD_BOUND] = {"LTRIM or PEXPIRE", REPLY_STATUS | REPLY_INTEGER, false, NULL},
    [CMD_LPOP] = {"LPOP", REPLY_ARRAY | REPLY_NIL, false, take_messages},
    [CMD_MULTI] = {"MULTI", REPLY_STATUS, false, NULL},
    [CMD_QUEUED] = {"LRANGE or LTRIM", REPLY_STATUS, false, NULL},
    [CMD_EXEC] = {"EXEC", REPLY_ARRAY | REPLY_NIL, false, take_transaction},
};

/* Errors that do not end by repeating: this server cannot serve us (now), another one may. */
static const struct str fatal_errors[] = {
    {"READONLY", 8},    {"LOADING", 7},   {"NOAUTH", 6},       {"WRONGPASS", 9},
    {"MASTERDOWN", 10}, {"UNBLOCKED", 9}, {"CLUSTERDOWN", 11}, {"MOVED", 5},
};

static bool is_fatal(struct str text)
{
    for (size_t i = 0; i < ARRAY_LEN(fatal_errors); i++)
        if (str_starts(text, fatal_errors[i]))
            return true;
    return false;
}

/* ---- replies ---- */

static void on_lost(void *arg, const struct link_command *cmd)
{
    struct redis_client *r = arg;

    if (commands[cmd->kind].is_write)
        state_count_dropped(r->owner->state);
    if (cmd->kind == CMD_GET)
        state_lookup_answer(cmd->arg, STR_NONE);
    if (cmd->kind == CMD_LPOP || cmd->kind == CMD_EXEC)
        r->popping = false;
}

static int take_error(struct redis_client *r, const struct link_command *cmd, struct str text,
                      struct error *err)
{
    const struct command_row *row = &commands[cmd->kind];
    char clean[100], note[140];

    redis_clean_text(text, clean, sizeof(clean));
    counter_add(r->owner->state->metrics.errors, 1);
    on_lost(r, cmd);
    if (is_fatal(text))
        return error_set(err, ERR_UPSTREAM, "%s: %s", row->name, clean);
    if (cmd->kind == CMD_LPOP && !r->no_lpop_count &&
        str_starts_nocase(text, STR("ERR wrong number of arguments"))) {
        r->no_lpop_count = true;
        pop_messages(r);
        return OK;
    }
    snprintf(note, sizeof(note), "redis refuses %s: %s", row->name, clean);
    state_note(r->owner->state, note);
    r->noted = true;
    return OK;
}

static void take_success(struct redis_client *r, const struct link_command *cmd,
                         const struct redis_reply *reply)
{
    if (r->noted && commands[cmd->kind].is_write) {
        r->noted = false;
        state_note(r->owner->state, "");
    }
    if (commands[cmd->kind].take != NULL)
        commands[cmd->kind].take(r, cmd->arg, reply);
}

static int on_reply(void *arg, const struct link_command *cmd, const struct redis_reply *reply,
                    uint64_t round_trip_us, struct error *err)
{
    struct redis_client *r = arg;
    struct state_metrics *m = &r->owner->state->metrics;

    counter_add(m->commands, 1);
    histogram_record_us(m->round_trip, round_trip_us);
    if (reply->type == REPLY_ERROR)
        return take_error(r, cmd, reply->text, err);
    if (!(reply->type & commands[cmd->kind].types)) {
        counter_add(m->errors, 1);
        on_lost(r, cmd);
        return error_set(err, ERR_UPSTREAM, "answers %s with %s", commands[cmd->kind].name,
                         redis_reply_type_name(reply->type));
    }
    take_success(r, cmd, reply);
    return OK;
}

/* ---- the link comes and goes ---- */

static void on_up(void *arg)
{
    struct redis_client *r = arg;
    struct state *s = r->owner->state;

    if (r->was_ever_up)
        counter_add(s->metrics.reconnects, 1);
    r->no_lpop_count = false; /* it may be another server */
    r->was_up = r->was_ever_up = true;
    state_mark_link(s, MARK_UP, false, "");
    timer_set(r->link.loop, &r->tick, 1);
}

static void on_down(void *arg, const char *reason)
{
    struct redis_client *r = arg, *me = r;
    struct state *s = r->owner->state;

    counter_add(s->metrics.errors, 1);
    atomic_compare_exchange_strong(&s->drainer, &me, NULL);
    state_mark_link(s, MARK_DOWN, r->was_up, reason);
    r->was_up = r->noted = false;
}

/* ---- commands ---- */

static bool send_command(struct redis_client *r, enum command kind, void *arg, size_t argc,
                         const struct str *argv)
{
    r->last_sent_ms = loop_now_ms(r->link.loop);
    return redis_link_send(&r->link, kind, arg, argc, argv);
}

static struct str key_of(struct redis_client *r, char kind, struct str id)
{
    buf_clear(&r->key);
    buf_put_str(&r->key, r->owner->state->prefix);
    buf_put_c(&r->key, kind);
    buf_put_c(&r->key, ':');
    buf_put_str(&r->key, id);
    return buf_str(&r->key);
}

static struct str entry_key(struct redis_client *r, enum state_entry_kind kind, struct str id)
{
    return key_of(r, kind == STATE_QUERY ? 'q' : 't', id);
}

static struct str figures(char *text, size_t size, uint64_t v)
{
    return str_of(text, (size_t)snprintf(text, size, "%llu", (unsigned long long)v));
}

void redis_client_put(struct redis_client *r, enum state_entry_kind kind, struct str id,
                      struct str value)
{
    struct state *s = r->owner->state;
    char ttl[24];
    const struct str argv[] = {STR("SET"), entry_key(r, kind, id), value, STR("PX"),
                               figures(ttl, sizeof(ttl), s->ttl_ms)};

    if (!send_command(r, CMD_SET, NULL, ARRAY_LEN(argv), argv))
        state_count_dropped(s);
}

void redis_client_remove(struct redis_client *r, enum state_entry_kind kind, struct str id)
{
    const struct str argv[] = {STR("DEL"), entry_key(r, kind, id)};

    if (!send_command(r, CMD_DEL, NULL, ARRAY_LEN(argv), argv))
        state_count_dropped(r->owner->state);
}

bool redis_client_find(struct redis_client *r, enum state_entry_kind kind,
                       struct state_lookup *lookup)
{
    const struct str argv[] = {STR("GET"), entry_key(r, kind, str_of(lookup->id, lookup->id_n))};

    return redis_link_is_ready(&r->link) && send_command(r, CMD_GET, lookup, ARRAY_LEN(argv), argv);
}

bool redis_client_send(struct redis_client *r, struct str instance, struct str message)
{
    char ttl[24];
    struct str key;

    if (!redis_link_is_ready(&r->link))
        return false;
    key = key_of(r, 'm', instance);
    if (!send_command(r, CMD_RPUSH, NULL, 3, (const struct str[]){STR("RPUSH"), key, message}))
        return false;
    /* When these two find no room, the list is bounded by the next message. */
    send_command(r, CMD_BOUND, NULL, 4,
                 (const struct str[]){STR("LTRIM"), key, STR("-" MESSAGES_KEPT), STR("-1")});
    send_command(r, CMD_BOUND, NULL, 3,
                 (const struct str[]){STR("PEXPIRE"), key,
                                      figures(ttl, sizeof(ttl), r->owner->state->ttl_ms)});
    return true;
}

/* ---- receiving messages ---- */

/* All four or none: a MULTI without its EXEC would swallow every later command. */
static void pop_in_transaction(struct redis_client *r, struct str key)
{
    char last[24], first[24];
    struct str from = figures(first, sizeof(first), MESSAGES_PER_POP);
    struct str to = figures(last, sizeof(last), MESSAGES_PER_POP - 1);

    if (!redis_link_has_room(&r->link, 4, 4 * (key.n + 128)))
        return;
    send_command(r, CMD_MULTI, NULL, 1, (const struct str[]){STR("MULTI")});
    send_command(r, CMD_QUEUED, NULL, 4, (const struct str[]){STR("LRANGE"), key, STR("0"), to});
    send_command(r, CMD_QUEUED, NULL, 4, (const struct str[]){STR("LTRIM"), key, from, STR("-1")});
    r->popping = send_command(r, CMD_EXEC, NULL, 1, (const struct str[]){STR("EXEC")});
}

static void pop_messages(struct redis_client *r)
{
    struct state *s = r->owner->state;
    struct str key;
    char count[24];

    if (r->popping || !redis_link_is_ready(&r->link))
        return;
    key = key_of(r, 'm', s->instance);
    if (r->no_lpop_count) {
        pop_in_transaction(r, key);
        return;
    }
    r->popping = send_command(
        r, CMD_LPOP, NULL, 3,
        (const struct str[]){STR("LPOP"), key, figures(count, sizeof(count), MESSAGES_PER_POP)});
}

/* The first client with a link becomes the instance's drainer; it stops to be when its link fails.
 */
static bool is_drainer(struct redis_client *r)
{
    struct redis_client *none = NULL;

    return atomic_load(&r->owner->state->drainer) == r ||
           atomic_compare_exchange_strong(&r->owner->state->drainer, &none, r);
}

static void on_tick(struct timer *t)
{
    struct redis_client *r =
        (struct redis_client *)(void *)((char *)t - offsetof(struct redis_client, tick));

    if (!redis_link_is_ready(&r->link))
        return; /* on_up() starts it again */
    if (state_has_handler(r->owner->state) && is_drainer(r))
        pop_messages(r);
    if (loop_now_ms(r->link.loop) - r->last_sent_ms >= PING_AFTER_MS)
        send_command(r, CMD_PING, NULL, 1, (const struct str[]){STR("PING")});
    timer_set(r->link.loop, &r->tick, TICK_MS);
}

/* ---- life ---- */

struct redis_client *redis_client_new(struct state_client *c)
{
    struct redis_client *r = NEW(struct redis_client);
    const struct redis_link_owner owner = {on_reply, on_lost, on_up, on_down, r};

    r->owner = c;
    r->tick.on_timer = on_tick;
    r->key = buf_make(STATE_PREFIX_MAX + 2 + 255);
    state_mark_link(c->state, MARK_ATTACHED, false, "");
    redis_link_init(&r->link, c->loop, &c->state->redis, &owner);
    return r;
}

void redis_client_free(struct redis_client *r)
{
    struct redis_client *me = r;

    if (r == NULL)
        return;
    redis_link_reset(&r->link);
    timer_clear(r->link.loop, &r->tick);
    atomic_compare_exchange_strong(&r->owner->state->drainer, &me, NULL);
    state_mark_link(r->owner->state, MARK_DETACHED, r->was_up, "");
    buf_reset(&r->key);
    free(r);
}
