/* SPDX-License-Identifier: Apache-2.0 */
/* digest_cache.c - see digest_cache.h.
 *
 * One slot a hash, the newer digest replaces the older one. The hash is keyed and has 128 bits: two
 * requests with one hash are taken for the same. A slot's texts are one allocation of its own. */
#include "history/digest_cache.h"

#include "base/siphash.h"

#include <stdlib.h>

#define ARENA_KEPT_BYTES (1 << 20)
#define REQUEST_MAX_BYTES ((size_t)256 << 20)

struct slot {
    uint64_t hash[2];
    struct digest digest;
    char *texts;   /* NULL: empty */
    uint8_t turns; /* runs round: the text is due at 0 */
};

struct digest_cache {
    struct arena arena; /* of one parse */
    struct buf request;
    uint64_t misses;
    size_t mask;
    struct slot slots[];
};

struct digest_cache *digest_cache_new(size_t entries)
{
    struct digest_cache *c = mem_zalloc(sizeof(*c) + entries * sizeof(struct slot));

    c->request = buf_make(REQUEST_MAX_BYTES);
    c->mask = entries - 1;
    return c;
}

void digest_cache_free(struct digest_cache *c)
{
    if (c == NULL)
        return;
    for (size_t i = 0; i <= c->mask; i++)
        free(c->slots[i].texts);
    arena_reset(&c->arena);
    buf_reset(&c->request);
    free(c);
}

/* Everything that a digest depends on, each text with its length. */
static void hash_request(struct digest_cache *c, const struct digest_request *r, uint64_t out[2])
{
    const struct str texts[] = {r->sql, r->dialect, r->catalog, r->schema, r->prepared};
    uint64_t head[ARRAY_LEN(texts) + 1] = {(uint64_t)r->cut << 1 | r->redact};

    buf_clear(&c->request);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        head[i + 1] = texts[i].n;
    buf_put(&c->request, head, sizeof(head));
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        buf_put_str(&c->request, texts[i]);
    siphash128(siphash_process_key(), buf_str(&c->request), out);
}

static struct str move_text(char **to, struct str text)
{
    struct str moved = str_of(*to, text.n);

    if (text.n > 0)
        memcpy(*to, text.p, text.n);
    *to += text.n;
    return moved;
}

static void fill(struct slot *slot, const struct digest *d)
{
    char *at = mem_alloc(d->fingerprint.n + d->tables.n + 1);

    free(slot->texts);
    slot->texts = at;
    slot->digest = *d;
    slot->digest.fingerprint = move_text(&at, d->fingerprint);
    slot->digest.tables = move_text(&at, d->tables);
}

const struct digest *digest_cache_get(struct digest_cache *c, const struct digest_request *r,
                                      bool *text_due)
{
    struct digest d;
    uint64_t hash[2];
    struct slot *slot;

    hash_request(c, r, hash);
    slot = &c->slots[hash[0] & c->mask];
    if (slot->texts != NULL && slot->hash[0] == hash[0] && slot->hash[1] == hash[1]) {
        *text_due = ++slot->turns == 0;
        return &slot->digest;
    }
    digest_sql(&d, &c->arena, r);
    c->misses++;
    fill(slot, &d);
    memcpy(slot->hash, hash, sizeof(hash));
    slot->turns = 0;
    *text_due = true;
    if (c->arena.used_bytes > ARENA_KEPT_BYTES)
        arena_reset(&c->arena);
    else
        arena_clear(&c->arena);
    return &slot->digest;
}

uint64_t digest_cache_misses(const struct digest_cache *c)
{
    return c->misses;
}
