/* SPDX-License-Identifier: Apache-2.0 */
/* stmts.c - see stmts.h. */
#include "gateway/stmts.h"

#include "base/clock.h"
#include "base/json_scan.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/siphash.h"
#include "gateway/gateway.h"
#include "gateway/news.h"

#include <pthread.h>
#include <stdlib.h>

#define SHARDS 64
#define BUCKETS_MIN 64
#define ERROR_TEXT_MAX (1 << 20)

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

static void grow(struct shard *sh)
{
    size_t count = sh->bucket_count > 0 ? sh->bucket_count * 2 : BUCKETS_MIN;
    struct stmt **buckets = mem_zalloc(count * sizeof(struct stmt *));

    for (size_t i = 0; i < sh->bucket_count; i++) {
        for (struct stmt *st = sh->buckets[i], *next; st != NULL; st = next) {
            next = st->next;
            st->next = buckets[st->hash / SHARDS % count];
            buckets[st->hash / SHARDS % count] = st;
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
    for (struct stmt *st = sh->buckets[hash / SHARDS % sh->bucket_count]; st; st = st->next)
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
    struct stmt *st = mem_zalloc(sizeof(*st) + id_n + user_n + source_n);

    st->hash = hash;
    st->backend = b->backend;
    st->client = b->client;
    st->begun_us = st->polled_us = clock_mono_us();
    st->id_n = copy_text(st, 0, b->id, id_n);
    st->user_n = copy_text(st, id_n, b->user, user_n);
    st->source_n = copy_text(st, id_n + user_n, b->source, source_n);
    if (sh->count >= sh->bucket_count)
        grow(sh);
    st->next = sh->buckets[hash / SHARDS % sh->bucket_count];
    sh->buckets[hash / SHARDS % sh->bucket_count] = st;
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
    for (at = &sh->buckets[hash / SHARDS % sh->bucket_count]; *at != st; at = &(*at)->next)
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

    if (find(sh, hash, b->id) == NULL)
        add(s, sh, hash, b);
    pthread_mutex_unlock(&sh->lock);
}

void stmts_poll_begin(struct stmts *s, struct str id, struct backend *b, enum dialect client,
                      char *user, size_t n)
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
    pthread_mutex_unlock(&sh->lock);
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

const char *stmt_end_name(enum stmt_end how)
{
    static const char *const names[] = {
        [STMT_FINISHED] = "FINISHED",       [STMT_FAILED] = "FAILED",
        [STMT_CANCELED] = "CANCELED",       [STMT_ABANDONED] = "ABANDONED",
        [STMT_HANDED_OVER] = "HANDED_OVER",
    };

    return names[how];
}

static void count_end(struct gateway *g, const struct stmt *st, enum stmt_end how, uint64_t us)
{
    struct counter *const counters[] = {
        [STMT_FINISHED] = g->m.finished,  [STMT_FAILED] = g->m.failed,
        [STMT_CANCELED] = g->m.cancelled, [STMT_ABANDONED] = g->m.abandoned,
        [STMT_HANDED_OVER] = NULL,
    };

    if (counters[how] != NULL)
        counter_add(counters[how], 1);
    if (!st->foreign) {
        histogram_record_us(g->m.statement_seconds, us);
        histogram_record_us(st->backend->metrics.duration, us);
    }
}

static void log_end(const struct stmt *st, const struct history_end *e)
{
    struct log_line l;

    log_line_begin(&l, LOG_LEVEL_INFO, "statement", "end");
    log_field_str(&l, "id", stmt_id(st));
    log_field_str(&l, "user", stmt_user(st));
    log_field_str(&l, "source", stmt_source(st));
    log_field_str(&l, "backend", str_c(st->backend->name));
    log_field_str(&l, "dialect", str_c(dialect_name(st->client)));
    log_field_str(&l, "state", e->state);
    log_field_str(&l, "error", e->error_name);
    log_field_u64(&l, "total_ms", e->total_ms);
    log_field_u64(&l, "rows", e->rows);
    log_field_u64(&l, "bytes", e->bytes);
    log_line_end(&l);
}

/* Facts that a page may lack stay zero. The error's text is unescaped into `text`. */
static void fill_end(struct history_end *e, const struct stmt *st, enum stmt_end how,
                     const struct page_facts *f, uint64_t now_us, struct buf *text)
{
    *e = (struct history_end){
        .id = stmt_id(st),
        .state = str_c(stmt_end_name(how)),
        .ended_ms = clock_wall_ms(),
        .total_ms = (now_us - st->begun_us) / 1000,
        .first_row_ms = st->first_row_us > 0 ? (st->first_row_us - st->begun_us) / 1000 : 0,
        .rows = st->rows,
        .bytes = st->bytes,
    };
    if (f == NULL)
        return;
    e->error_name = f->error_name;
    e->error_type = f->error_type;
    jscan_unescape(text, f->error_message);
    e->error_text = buf_str(text);
    e->update_type = f->update_type;
    e->queued_ms = f->queued_ms;
    e->cpu_ms = f->cpu_ms;
    e->processed_rows = f->processed_rows;
    e->processed_bytes = f->processed_bytes;
    e->peak_memory_bytes = f->peak_memory_bytes;
}

static void record(struct gateway *g, const struct stmt *st, enum stmt_end how,
                   const struct history_end *e, uint64_t us)
{
    count_end(g, st, how, us);
    if (how == STMT_HANDED_OVER)
        return;
    histogram_record_us(g->m.queued_seconds, e->queued_ms * 1000);
    if (g->log_statements)
        log_end(st, e);
    if (g->history != NULL)
        history_end(g->history, e);
}

/* ---- news of other instances ---- */

void stmts_on_news(void *arg, struct str news)
{
    struct stmts *s = arg;
    struct arena a = {0};
    struct history_end e;
    enum stmt_end how;
    uint64_t hash, now_us = clock_mono_us();
    struct shard *sh;
    struct stmt *st;

    if (!news_read(&a, news, &e, &how)) {
        log_warn("statement", STR_NONE, "another instance sent a message that is none");
        arena_reset(&a);
        return;
    }
    sh = lock_shard(s, e.id, &hash);
    st = take(s, sh, hash, e.id);
    pthread_mutex_unlock(&sh->lock);
    if (st != NULL) {
        e.rows += st->rows;
        e.bytes += st->bytes;
        e.total_ms = (now_us - st->begun_us) / 1000;
        e.first_row_ms = st->first_row_us > 0 ? (st->first_row_us - st->begun_us) / 1000 : 0;
        record(s->gateway, st, how, &e, now_us - st->begun_us);
        free(st);
    }
    arena_reset(&a);
}

void stmts_record(struct stmts *s, struct str news)
{
    struct arena a = {0};
    struct history_end e;
    enum stmt_end how;

    if (news_read(&a, news, &e, &how) && s->gateway->history != NULL)
        history_end(s->gateway->history, &e);
    arena_reset(&a);
}

bool stmts_end(struct stmts *s, struct str id, enum stmt_end how, const struct page_facts *facts,
               struct buf *news)
{
    uint64_t hash, now_us = clock_mono_us();
    struct shard *sh = lock_shard(s, id, &hash);
    struct stmt *st = take(s, sh, hash, id);
    struct buf text = buf_make(ERROR_TEXT_MAX);
    struct history_end e;
    bool tell;

    pthread_mutex_unlock(&sh->lock);
    if (st == NULL)
        return false;
    fill_end(&e, st, how, facts, now_us, &text);
    tell = st->foreign && news != NULL && how != STMT_HANDED_OVER;
    if (tell)
        news_write(news, &e, how);
    else
        record(s->gateway, st, how, &e, now_us - st->begun_us);
    buf_reset(&text);
    free(st);
    return tell;
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
