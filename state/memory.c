/* SPDX-License-Identifier: Apache-2.0 */
/* memory.c - see memory.h.
 *
 * Up to 16 shards, each a chained hash table under its own mutex. As all entries live equally long,
 * one list a shard in the order of putting serves both expiry and eviction: its head is the oldest.
 * Ids come from outside, so that the hash is SipHash under the process's key. Small memories have
 * one shard, so that "the oldest makes room" is exact there; with more it holds within a shard. */
#include "state/memory.h"

#include "base/mem.h"
#include "base/siphash.h"

#include <pthread.h>
#include <stdlib.h>

#define SHARDS_MAX 16
#define ENTRIES_PER_SHARD_MIN 1024
#define BUCKETS_MIN 64
#define EXPIRE_PER_PUT 4 /* bounds the work of one put; two a put would already suffice */

struct node {
    struct node *chain;         /* next in the bucket */
    struct node *older, *newer; /* list in order of putting */
    uint64_t hash, expires_ms;
    uint32_t value_n;
    uint8_t id_n;
    char bytes[]; /* id, value */
};

struct shard {
    pthread_mutex_t lock;
    struct node **buckets;
    size_t bucket_count, count, max;
    struct node *oldest, *newest;
};

struct memory {
    uint64_t ttl_ms;
    unsigned shard_count; /* power of two */
    struct shard shards[];
};

/* ---- one shard ---- */

static struct node **find_link(const struct shard *s, uint64_t hash, struct str id)
{
    struct node **at = &s->buckets[hash & (s->bucket_count - 1)];

    while (*at != NULL && !((*at)->hash == hash && str_eq(str_of((*at)->bytes, (*at)->id_n), id)))
        at = &(*at)->chain;
    return at;
}

/* Takes `*at` out of its bucket and of the list. */
static struct node *unlink_node(struct shard *s, struct node **at)
{
    struct node *n = *at;

    *at = n->chain;
    *(n->older != NULL ? &n->older->newer : &s->oldest) = n->newer;
    *(n->newer != NULL ? &n->newer->older : &s->newest) = n->older;
    s->count--;
    return n;
}

static struct node *unlink_oldest(struct shard *s)
{
    struct node **at = &s->buckets[s->oldest->hash & (s->bucket_count - 1)];

    while (*at != s->oldest)
        at = &(*at)->chain;
    return unlink_node(s, at);
}

static void link_node(struct shard *s, struct node *n)
{
    struct node **bucket = &s->buckets[n->hash & (s->bucket_count - 1)];

    n->chain = *bucket;
    *bucket = n;
    n->older = s->newest;
    n->newer = NULL;
    *(s->newest != NULL ? &s->newest->newer : &s->oldest) = n;
    s->newest = n;
    s->count++;
}

static void grow(struct shard *s)
{
    size_t count = s->bucket_count * 2;
    struct node **buckets = mem_zalloc(count * sizeof(struct node *));

    for (struct node *n = s->oldest; n != NULL; n = n->newer) {
        n->chain = buckets[n->hash & (count - 1)];
        buckets[n->hash & (count - 1)] = n;
    }
    free(s->buckets);
    s->buckets = buckets;
    s->bucket_count = count;
}

/* Makes room for one more and lets a few expired entries go; returns what is to be freed. */
static struct node *make_room(struct shard *s, uint64_t now_ms)
{
    struct node *dead = NULL;

    for (int i = 0; i < EXPIRE_PER_PUT && s->oldest != NULL; i++) {
        struct node *n;

        if (s->count < s->max && s->oldest->expires_ms > now_ms)
            break;
        n = unlink_oldest(s);
        n->chain = dead;
        dead = n;
    }
    return dead;
}

static void free_chain(struct node *n)
{
    while (n != NULL) {
        struct node *next = n->chain;

        free(n);
        n = next;
    }
}

/* ---- the whole ---- */

static struct shard *shard_of(struct memory *m, uint64_t hash)
{
    return &m->shards[(hash >> 56) & (m->shard_count - 1)]; /* buckets use the low bits */
}

struct memory *memory_new(size_t entries, uint64_t ttl_ms)
{
    unsigned shards = 1;
    struct memory *m;

    entries = entries > 0 ? entries : 1;
    while (shards < SHARDS_MAX && entries / (shards * 2) >= ENTRIES_PER_SHARD_MIN)
        shards *= 2;
    m = mem_zalloc(sizeof(*m) + shards * sizeof(struct shard));
    m->ttl_ms = ttl_ms;
    m->shard_count = shards;
    for (unsigned i = 0; i < shards; i++) {
        pthread_mutex_init(&m->shards[i].lock, NULL);
        m->shards[i].max = entries / shards;
        m->shards[i].bucket_count = BUCKETS_MIN;
        m->shards[i].buckets = mem_zalloc(BUCKETS_MIN * sizeof(struct node *));
    }
    return m;
}

void memory_free(struct memory *m)
{
    if (m == NULL)
        return;
    for (unsigned i = 0; i < m->shard_count; i++) {
        struct shard *s = &m->shards[i];

        while (s->oldest != NULL)
            free(unlink_oldest(s));
        free(s->buckets);
        pthread_mutex_destroy(&s->lock);
    }
    free(m);
}

static struct node *new_node(uint64_t hash, struct str id, struct str value)
{
    struct node *n = mem_alloc(sizeof(*n) + id.n + value.n);

    n->hash = hash;
    n->id_n = (uint8_t)id.n;
    n->value_n = (uint32_t)value.n;
    memcpy(n->bytes, id.p, id.n);
    if (value.n > 0)
        memcpy(n->bytes + id.n, value.p, value.n);
    return n;
}

void memory_put(struct memory *m, struct str id, struct str value, uint64_t now_ms)
{
    uint64_t hash = siphash(siphash_process_key(), id);
    struct shard *s = shard_of(m, hash);
    struct node *n = new_node(hash, id, value), **old, *dead, *replaced = NULL;

    n->expires_ms = now_ms + m->ttl_ms;
    pthread_mutex_lock(&s->lock);
    old = find_link(s, hash, id);
    if (*old != NULL)
        replaced = unlink_node(s, old);
    dead = make_room(s, now_ms);
    link_node(s, n);
    if (s->count * 2 > s->bucket_count) /* most lookups end at an empty bucket */
        grow(s);
    pthread_mutex_unlock(&s->lock);
    free(replaced);
    free_chain(dead);
}

bool memory_get(struct memory *m, struct str id, uint64_t now_ms, struct buf *out)
{
    uint64_t hash = siphash(siphash_process_key(), id);
    struct shard *s = shard_of(m, hash);
    struct node *n;
    bool found;

    pthread_mutex_lock(&s->lock);
    n = *find_link(s, hash, id);
    found = n != NULL && n->expires_ms > now_ms;
    if (found)
        buf_put(out, n->bytes + n->id_n, n->value_n);
    pthread_mutex_unlock(&s->lock);
    return found;
}

void memory_remove(struct memory *m, struct str id)
{
    uint64_t hash = siphash(siphash_process_key(), id);
    struct shard *s = shard_of(m, hash);
    struct node **at, *n = NULL;

    pthread_mutex_lock(&s->lock);
    at = find_link(s, hash, id);
    if (*at != NULL)
        n = unlink_node(s, at);
    pthread_mutex_unlock(&s->lock);
    free(n);
}

size_t memory_count(struct memory *m)
{
    size_t count = 0;

    for (unsigned i = 0; i < m->shard_count; i++) {
        pthread_mutex_lock(&m->shards[i].lock);
        count += m->shards[i].count;
        pthread_mutex_unlock(&m->shards[i].lock);
    }
    return count;
}
