/* SPDX-License-Identifier: Apache-2.0 */
/* redis_greet.c - what is said first on a new connection.
 *
 * To a server: AUTH, CLIENT SETNAME, SELECT, ROLE, in one pipeline; it must turn out to be a
 * master. To a Sentinel: its address of the master. Sentinels mostly ask for no login, so that one
 * is sent only after a NOAUTH. */
#include "state/redis_link.h"

#include <stdio.h>

static void say(struct redis_link *l, enum greet_step step, size_t argc, const struct str *argv)
{
    if (l->step_count == GREET_STEPS_MAX || !redis_format(&l->greeting.bytes, argc, argv))
        return; /* the greeting is bounded by the URL; a lost step shows as a timeout */
    l->steps[l->step_count++] = step;
}

static void say_auth(struct redis_link *l)
{
    const struct redis_target *t = l->target;
    struct str argv[3] = {STR("AUTH")};
    size_t argc = 1;

    if (t->user != NULL)
        argv[argc++] = str_c(t->user);
    argv[argc++] = str_c(t->password);
    say(l, GREET_AUTH, argc, argv);
}

static void ask_sentinel(struct redis_link *l)
{
    const struct str argv[] = {STR("SENTINEL"), STR("get-master-addr-by-name"),
                               str_c(l->target->master)};

    say(l, GREET_MASTER, 3, argv);
}

void redis_greet_begin(struct redis_link *l)
{
    const struct redis_target *t = l->target;
    const struct str name[] = {STR("CLIENT"), STR("SETNAME"), str_c(l->config->client_name)};
    const struct str role[] = {STR("ROLE")};
    char db[16];

    l->step = l->step_count = 0;
    buf_clear(&l->greeting.bytes);
    l->greeting.sent = 0;
    if (t->master != NULL && l->master_host[0] == '\0') {
        ask_sentinel(l);
        return;
    }
    if (t->password != NULL)
        say_auth(l);
    say(l, GREET_NAME, 3, name);
    if (t->db != 0) {
        snprintf(db, sizeof(db), "%u", t->db);
        say(l, GREET_SELECT, 2, (const struct str[]){STR("SELECT"), str_c(db)});
    }
    say(l, GREET_ROLE, 1, role);
}

static enum greet_result fail(struct redis_link *l, const char *what, const struct redis_reply *r)
{
    char text[96];

    if (r->type == REPLY_ERROR)
        redis_link_blame(l, "%s: %s", what, redis_clean_text(r->text, text, sizeof(text)));
    else
        redis_link_blame(l, "answers %s with %s", what, redis_reply_type_name(r->type));
    return GREET_FAILED;
}

static enum greet_result on_auth(struct redis_link *l, const struct redis_reply *r)
{
    return r->type == REPLY_STATUS ? GREET_GO_ON : fail(l, "AUTH", r);
}

/* What an ACL may forbid or a proxy may lack. */
static bool is_unavailable(const struct redis_reply *r)
{
    return r->type == REPLY_ERROR &&
           (str_starts(r->text, STR("NOPERM")) || str_starts_nocase(r->text, STR("ERR unknown")));
}

/* A name is only a convenience. */
static enum greet_result on_name(struct redis_link *l, const struct redis_reply *r)
{
    if (r->type == REPLY_STATUS || is_unavailable(r))
        return GREET_GO_ON;
    return fail(l, "CLIENT SETNAME", r);
}

static enum greet_result on_select(struct redis_link *l, const struct redis_reply *r)
{
    return r->type == REPLY_STATUS ? GREET_GO_ON : fail(l, "SELECT", r);
}

/* Without ROLE a replica shows by READONLY, later. */
static enum greet_result on_role(struct redis_link *l, const struct redis_reply *r)
{
    char text[32];
    struct str role;

    if (is_unavailable(r))
        return GREET_GO_ON;
    if (r->type != REPLY_ARRAY || r->count == 0)
        return fail(l, "ROLE", r);
    role = redis_reply_text(r->items[0]);
    if (str_eq(role, STR("master")))
        return GREET_GO_ON;
    redis_link_blame(l, "is not a master but: %s", redis_clean_text(role, text, sizeof(text)));
    return GREET_FAILED;
}

static enum greet_result on_master(struct redis_link *l, const struct redis_reply *r)
{
    struct str host, port;
    uint64_t number;

    if (r->type == REPLY_ERROR && str_starts(r->text, STR("NOAUTH")) && l->step == 0 &&
        l->target->password != NULL) {
        say_auth(l);
        ask_sentinel(l);
        return GREET_AGAIN;
    }
    if (r->type == REPLY_NIL) {
        redis_link_blame(l, "this Sentinel knows no master \"%s\"", l->target->master);
        return GREET_FAILED;
    }
    if (r->type != REPLY_ARRAY || r->count != 2)
        return fail(l, "SENTINEL", r);
    host = redis_reply_text(r->items[0]);
    port = redis_reply_text(r->items[1]);
    if (host.n == 0 || host.n >= sizeof(l->master_host) || memchr(host.p, '\0', host.n) != NULL ||
        !str_to_u64(port, &number) || number == 0 || number > 65535) {
        redis_link_blame(l, "this Sentinel gives no usable address");
        return GREET_FAILED;
    }
    memcpy(l->master_host, host.p, host.n);
    l->master_host[host.n] = '\0';
    l->master_port = (uint16_t)number;
    return GREET_HOP;
}

enum greet_result redis_greet_reply(struct redis_link *l, const struct redis_reply *r)
{
    static enum greet_result (*const takers[])(struct redis_link *, const struct redis_reply *) = {
        [GREET_AUTH] = on_auth, [GREET_NAME] = on_name,     [GREET_SELECT] = on_select,
        [GREET_ROLE] = on_role, [GREET_MASTER] = on_master,
    };
    enum greet_result result;

    if (l->step == l->step_count) {
        redis_link_blame(l, "answers without being asked");
        return GREET_FAILED;
    }
    result = takers[l->steps[l->step]](l, r);
    l->step++;
    if (result == GREET_GO_ON && l->step == l->step_count)
        return GREET_READY;
    return result;
}
