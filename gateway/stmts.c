/* SPDX-License-Identifier: Apache-2.0 */
/* stmts.c - see stmts.h. */
#include "gateway/stmts.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/siphash.h"
#include "gateway/gateway.h"
#include "gateway/news.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

#define SHARDS 64
#define BUCKETS_MIN 64
#define ERROR_TEXT_MAX (1 << 20)
#define ENDED_KEPT 32 /* a shard */

struct stmt {
    struct stmt *next;          /* in its bucket */
    struct stmt *older, *newer; /* by last poll */
    uint64_t hash;
    struct backend *backend;
    uint64_t begun_us, polled_us, unreachable_us, first_row_us;
    uint64_t rows, bytes;
    unsigned polling; /* polls that wait now */
    enum dialect client;
    bool foreign;
    uint16_t id_n, user_n, source_n;
    char text[]; /* id, user, source */
};

struct shard {
    pthread_mutex_t lock;
    struct stmt **buckets;
    size_t bucket_count, count;
    struct stmt *oldest, *newest;
    uint64_t ended[ENDED_KEPT]; /* hashes of the ids that ended lately */
    size_t ended_at;
};

struct stmts {
    struct gateway *gateway;
    struct shard shards[SHARDS];
    atomic_ullong count;
};

static struct str stmt_id(const struct stmt *st)
{
    return str_of(st->text, st->id_n);
}

static struct str stmt_user(const struct stmt *st)
{
    return str_of(st->text + st->id_n, st->user_n);
}

static struct str stmt_source(const struct stmt *st)
{
    return str_of(st->text + st->id_n + st->user_n, st->source_n);
}

/* ---- table and list of one shard, its lock held ---- */

static void list_remove(struct shard *sh, struct stmt *st)
{
    if (st->older != NULL)
        st->older->newer = st->newer;
    else
        sh->oldest = st->newer;
    if (st->newer != NULL)
        st->newer->older = st->older;
    else
        sh->newest = st->older;
}

static void list_append(struct shard *sh, struct stmt *st)
{
    st->older = sh->newest;
    st->newer = NULL;
    if (sh->newest != NULL)
        sh->newest->newer = st;
    else
        sh->oldest = st;
    sh->newest = st;
}

static void touch(struct shard *sh, struct stmt *st)
{
    st->polled_us = clock_mono_us();
    list_remove(sh, st);
    list_append(sh, st);
}

/* The low bits of a hash chose the shard. */
static struct stmt **bucket(struct stmt **buckets, size_t count, uint64_t hash)
{
    return &buckets[hash / SHARDS & (count - 1)];
}

static void grow(struct shard *sh)
{
    size_t count = sh->bucket_count > 0 ? sh->bucket_count * 2 : BUCKETS_MIN;
    struct stmt **buckets = mem_zalloc(count * sizeof(struct stmt *));

    for (size_t i = 0; i < sh->bucket_count; i++) {
        for (struct stmt *st = sh->buckets[i], *next; st != NULL; st = next) {
            struct stmt **to = bucket(buckets, count, st->hash);

            next = st->next;
            st->next = *to;
            *to = st;
        }
    }
    free(sh->buckets);
    sh->buckets = buckets;
    sh->bucket_count = count;
}

static struct stmt *find(struct shard *sh, uint64_t hash, struct str id)
{
    if (sh->bucket_count == 0)
        return NULL;
    for (struct stmt *st = *bucket(sh->buckets, sh->bucket_count, hash); st; st = st->next)
        if (st->hash == hash && str_eq(stmt_id(st), id))
            return st;
    return NULL;
}

static uint16_t copy_text(struct stmt *st, size_t at, struct str s, size_t n)
{
    if (n > 0)
        memcpy(st->text + at, s.p, n);
    return (uint16_t)n;
}

static size_t cut(struct str s, size_t max)
{
    return s.n < max ? s.n : max;
}

static struct stmt *add(struct stmts *s, struct shard *sh, uint64_t hash,
                        const struct stmt_begin *b)
{
    size_t id_n = cut(b->id, QUERY_ID_MAX), user_n = cut(b->user, 512),
           source_n = cut(b->source, 256);
    struct stmt *st = mem_zalloc(sizeof(*st) + id_n + user_n + source_n), **to;

    st->hash = hash;
    st->backend = b->backend;
    st->client = b->client;
    st->begun_us = st->polled_us = clock_mono_us();
    st->id_n = copy_text(st, 0, b->id, id_n);
    st->user_n = copy_text(st, id_n, b->user, user_n);
    st->source_n = copy_text(st, id_n + user_n, b->source, source_n);
    if (sh->count * 2 >= sh->bucket_count) /* most lookups end at an empty bucket */
        grow(sh);
    to = bucket(sh->buckets, sh->bucket_count, hash);
    st->next = *to;
    *to = st;
    sh->count++;
    list_append(sh, st);
    atomic_fetch_add_explicit(&s->count, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&b->backend->outstanding, 1, memory_order_relaxed);
    return st;
}

static struct stmt *take(struct stmts *s, struct shard *sh, uint64_t hash, struct str id)
{
    struct stmt *st = find(sh, hash, id), **at;

    if (st == NULL)
        return NULL;
    for (at = bucket(sh->buckets, sh->bucket_count, hash); *at != st; at = &(*at)->next)
        ;
    *at = st->next;
    sh->count--;
    list_remove(sh, st);
    atomic_fetch_sub_explicit(&s->count, 1, memory_order_relaxed);
    atomic_fetch_sub_explicit(&st->backend->outstanding, 1, memory_order_relaxed);
    return st;
}

static struct shard *lock_shard(struct stmts *s, struct str id, uint64_t *hash)
{
    struct shard *sh;

    *hash = siphash(siphash_process_key(), id);
    sh = &s->shards[*hash % SHARDS];
    pthread_mutex_lock(&sh->lock);
    return sh;
}

/* ---- the interface ---- */

struct stmts *stmts_new(struct gateway *g)
{
    struct stmts *s = NEW(struct stmts);

    s->gateway = g;
    for (size_t i = 0; i < SHARDS; i++)
        pthread_mutex_init(&s->shards[i].lock, NULL);
    return s;
}

void stmts_free(struct stmts *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < SHARDS; i++) {
        struct shard *sh = &s->shards[i];

        for (struct stmt *st = sh->oldest, *next; st != NULL; st = next) {
            next = st->newer;
            free(st);
        }
        free(sh->buckets);
        pthread_mutex_destroy(&sh->lock);
    }
    free(s);
}

void stmts_begin(struct stmts *s, const struct stmt_begin *b)
{
    uint64_t hash;
    struct shard *sh = lock_shard(s, b->id, &hash);

    if (b->may_be_known)
        for (size_t i = 0; i < ENDED_KEPT; i++)
            if (sh->ended[i] == hash)
                sh->ended[i] = 0;
    if (!b->may_be_known || find(sh, hash, b->id) == NULL)
        add(s, sh, hash, b);
    pthread_mutex_unlock(&sh->lock);
}

struct backend *stmts_poll_begin(struct stmts *s, struct str id, struct backend *b,
                                 enum dialect client, char *user, size_t n)
{
    uint64_t hash;
    struct shard *sh = lock_shard(s, id, &hash);
    struct stmt *st = find(sh, hash, id);

    if (st == NULL) {
        st = add(s, sh, hash, &(struct stmt_begin){.id = id, .backend = b, .client = client});
        st->foreign = true;
    }
    st->polling++;
    touch(sh, st);
    n = cut(stmt_user(st), n - 1);
    memcpy(user, stmt_user(st).p, n);
    user[n] = '\0';
    b = st->backend;
    pthread_mutex_unlock(&sh->lock);
    return b;
}

void stmts_poll_end(struct stmts *s, struct str id, const struct stmt_page *page)
{
    uint64_t hash;
    struct shard *sh = lock_shard(s, id, &hash);
    struct stmt *st = find(sh, hash, id);

    if (st != NULL) {
        if (st->polling > 0)
            st->polling--;
        touch(sh, st);
        if (page != NULL) {
            st->rows += page->rows;
            st->bytes += page->bytes;
            st->unreachable_us = 0;
            if (page->has_data && st->first_row_us == 0)
                st->first_row_us = st->polled_us;
        }
    }
    pthread_mutex_unlock(&sh->lock);
}

void stmts_move(struct stmts *s, struct str id, struct backend *b)
{
    uint64_t hash;
    struct shard *sh = lock_shard(s, id, &hash);
    struct stmt *st = find(sh, hash, id);

    if (st != NULL) {
        atomic_fetch_sub_explicit(&st->backend->outstanding, 1, memory_order_relaxed);
        atomic_fetch_add_explicit(&b->outstanding, 1, memory_order_relaxed);
        st->backend = b;
    }
    pthread_mutex_unlock(&sh->lock);
}

uint64_t stmts_unreachable_ms(struct stmts *s, struct str id)
{
    uint64_t hash, since = 0, now = clock_mono_us();
    struct shard *sh = lock_shard(s, id, &hash);
    struct stmt *st = find(sh, hash, id);

    if (st != NULL) {
        if (st->unreachable_us == 0)
            st->unreachable_us = now;
        since = (now - st->unreachable_us) / 1000;
    }
    pthread_mutex_unlock(&sh->lock);
    return since;
}

bool stmts_owner(struct stmts *s, struct str id, struct backend **out)
{
    uint64_t hash;
    struct shard *sh = lock_shard(s, id, &hash);
    struct stmt *st = find(sh, hash, id);

    if (st != NULL)
        *out = st->backend;
    pthread_mutex_unlock(&sh->lock);
    return st != NULL;
}

uint64_t stmts_count(const struct stmts *s)
{
    return atomic_load_explicit(&s->count, memory_order_relaxed);
}

/* ---- the end of a statement ---- */

static void fill(struct ended *d, const struct stmt *st, enum stmt_end how, uint64_t now_us)
{
    *d = (struct ended){
        .how = how,
        .client = st->client,
        .user = stmt_user(st),
        .source = stmt_source(st),
        .backend = str_c(st->backend->name),
        .e = {.id = stmt_id(st), .ended_ms = clock_wall_ms(), .rows = st->rows, .bytes = st->bytes},
    };
    if (st->foreign)
        return;
    d->duration = st->backend->metrics.duration;
    d->e.total_ms = (now_us - st->begun_us) / 1000;
    if (st->first_row_us > 0)
        d->e.first_row_ms = (st->first_row_us - st->begun_us) / 1000;
}

/* A last page may be asked for again: its statement ended with the first answer. */
static void remember(struct shard *sh, uint64_t hash)
{
    sh->ended[sh->ended_at++ % ENDED_KEPT] = hash;
}

static bool has_ended(const struct shard *sh, uint64_t hash)
{
    for (size_t i = 0; i < ENDED_KEPT; i++)
        if (sh->ended[i] == hash)
            return true;
    return false;
}

bool stmts_end(struct stmts *s, struct str id, enum stmt_end how, const struct page_facts *facts,
               struct ended *out)
{
    uint64_t hash, now_us = clock_mono_us();
    struct shard *sh = lock_shard(s, id, &hash);
    struct stmt *st = take(s, sh, hash, id);
    struct buf text = buf_make(ERROR_TEXT_MAX);
    bool again = has_ended(sh, hash), moved = how == STMT_HANDED_OVER, tell;
    struct ended d;

    if (st != NULL && !moved && !again)
        remember(sh, hash);
    pthread_mutex_unlock(&sh->lock);
    if (st == NULL)
        return false;
    tell = st->foreign && !again && !moved && out != NULL;
    fill(&d, st, how, now_us);
    ended_take_facts(&d, facts, &text);
    if (tell) {
        *out = d;
        ended_keep(out);
    } else if (!again && !(st->foreign && moved)) {
        ended_record(s->gateway, &d);
    }
    buf_reset(&text);
    free(st);
    return tell;
}

/* Another instance's word adds to what was seen here. */
static void add_own(struct ended *d, const struct stmt *st)
{
    struct ended own;

    fill(&own, st, d->how, clock_mono_us());
    d->duration = own.duration;
    if (own.user.n > 0)
        d->user = own.user;
    if (own.source.n > 0)
        d->source = own.source;
    d->e.rows += own.e.rows;
    d->e.bytes += own.e.bytes;
    d->e.first_row_ms = own.e.first_row_ms;
    if (own.e.total_ms > 0)
        d->e.total_ms = own.e.total_ms;
}

void stmts_record(struct stmts *s, struct ended *d)
{
    uint64_t hash;
    struct shard *sh = lock_shard(s, d->e.id, &hash);
    struct stmt *st = take(s, sh, hash, d->e.id);

    pthread_mutex_unlock(&sh->lock);
    if (st != NULL)
        add_own(d, st);
    ended_record(s->gateway, d);
    free(st);
}

void stmts_on_news(void *arg, struct str news)
{
    struct stmts *s = arg;
    struct arena a = {0};
    struct ended d;
    struct shard *sh;
    uint64_t hash;
    bool again;

    if (!news_read(&a, news, &d)) {
        log_warn("statement", STR_NONE, "another instance sent a message that is none");
        arena_reset(&a);
        return;
    }
    sh = lock_shard(s, d.e.id, &hash);
    again = has_ended(sh, hash);
    if (!again)
        remember(sh, hash);
    pthread_mutex_unlock(&sh->lock);
    if (!again)
        stmts_record(s, &d);
    arena_reset(&a);
}

/* ---- statements that nobody polls ---- */

struct idle_copy {
    struct backend *backend;
    char id[QUERY_ID_MAX + 1], user[513];
};

/* Copies at most `max` idle ones and touches them, so that each is reported once a period. */
static size_t collect_idle(struct shard *sh, uint64_t before_us, struct idle_copy *out, size_t max)
{
    size_t n = 0;

    pthread_mutex_lock(&sh->lock);
    for (struct stmt *st = sh->oldest, *next; st != NULL && n < max; st = next) {
        next = st->newer;
        if (st->polled_us > before_us)
            break;
        if (st->polling == 0) {
            out[n].backend = st->backend;
            memcpy(out[n].id, stmt_id(st).p, st->id_n);
            out[n].id[st->id_n] = '\0';
            memcpy(out[n].user, stmt_user(st).p, st->user_n);
            out[n++].user[st->user_n] = '\0';
        }
        touch(sh, st);
    }
    pthread_mutex_unlock(&sh->lock);
    return n;
}

void stmts_idle(struct stmts *s, uint64_t idle_ms,
                void (*fn)(void *arg, struct str id, struct backend *b, struct str user), void *arg)
{
    uint64_t now_us = clock_mono_us();
    struct idle_copy copies[32];

    if (now_us < idle_ms * 1000)
        return;
    for (size_t i = 0; i < SHARDS; i++) {
        size_t n = collect_idle(&s->shards[i], now_us - idle_ms * 1000, copies, 32);

        for (size_t k = 0; k < n; k++)
            fn(arg, str_c(copies[k].id), copies[k].backend, str_c(copies[k].user));
    }
}
