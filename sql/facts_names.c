/* SPDX-License-Identifier: Apache-2.0 */
/* facts_names.c - names as numbers, what they are bound to, and sets of numbers.
 *
 * Names are the outsiders' choice: the hash is keyed with the process' secret, so that nobody can
 * make a statement whose names all fall into one slot. */
#include "base/siphash.h"
#include "sql/gather.h"

#define FIRST_CAP 64

void *gather_grow(struct arena *a, void *list, size_t size, uint32_t count, uint32_t *cap)
{
    uint32_t more = *cap > 0 ? *cap * 2 : FIRST_CAP;
    void *p = arena_alloc(a, size * more);

    if (count > 0)
        memcpy(p, list, size * count);
    *cap = more;
    return p;
}

struct str fold(struct arena *a, struct str s)
{
    size_t i = 0;
    char *p;

    while (i < s.n && !(s.p[i] >= 'A' && s.p[i] <= 'Z'))
        i++;
    if (i == s.n)
        return s;
    p = arena_alloc(a, s.n);
    memcpy(p, s.p, s.n);
    for (; i < s.n; i++)
        if (p[i] >= 'A' && p[i] <= 'Z')
            p[i] |= 0x20;
    return str_of(p, s.n);
}

/* ---- hashing: 64 x 64 bits multiplied, the halves mixed, in the manner of wyhash ---- */

static uint64_t mix(uint64_t a, uint64_t b)
{
    unsigned __int128 p = (unsigned __int128)a * b;

    return (uint64_t)p ^ (uint64_t)(p >> 64);
}

static uint64_t hash_text(const uint64_t seed[2], struct str s)
{
    uint64_t h = seed[0] ^ s.n, word = 0;

    for (; s.n >= 8; s = str_skip(s, 8)) {
        memcpy(&word, s.p, 8);
        h = mix(h ^ word, seed[1]);
    }
    word = 0;
    if (s.n > 0)
        memcpy(&word, s.p, s.n);
    return mix(h ^ word, seed[1] ^ UINT64_C(0x9e3779b97f4a7c15));
}

void names_init(struct gather *g)
{
    const struct siphash_key *key = siphash_process_key();

    g->seed[0] = key->k0;
    g->seed[1] = key->k1 | 1;
    g->names.mask = 4 * FIRST_CAP - 1;
    g->names.slots = arena_zalloc(g->arena, (g->names.mask + 1) * sizeof(uint32_t));
}

/* A table of twice the size, filled by the caller. */
static uint32_t *grow_slots(struct arena *a, uint32_t *mask)
{
    *mask = *mask * 2 + 1;
    return arena_zalloc(a, ((size_t)*mask + 1) * sizeof(uint32_t));
}

static void widen_names(struct gather *g)
{
    struct names *t = &g->names;

    t->slots = grow_slots(g->arena, &t->mask);
    for (uint32_t i = 0; i < t->count; i++) {
        uint32_t at = (uint32_t)t->list[i].hash & t->mask;

        while (t->slots[at] != 0)
            at = (at + 1) & t->mask;
        t->slots[at] = i + 1;
    }
}

uint32_t name_of(struct gather *g, struct str s)
{
    struct names *t = &g->names;
    uint64_t hash;
    uint32_t at;

    s = fold(g->arena, s);
    hash = hash_text(g->seed, s);
    for (at = (uint32_t)hash & t->mask; t->slots[at] != 0; at = (at + 1) & t->mask) {
        const struct name *n = &t->list[t->slots[at] - 1];

        if (n->hash == hash && str_eq(n->text, s))
            return t->slots[at] - 1;
    }
    if (t->count == t->cap)
        t->list = gather_grow(g->arena, t->list, sizeof(*t->list), t->count, &t->cap);
    t->list[t->count] = (struct name){.text = s, .hash = hash};
    t->slots[at] = ++t->count;
    if (t->count * 2 > t->mask)
        widen_names(g);
    return t->count - 1;
}

/* ---- bindings ---- */

void bind_name(struct gather *g, enum name_space space, uint32_t name, uint32_t payload)
{
    struct names *t = &g->names;
    uint32_t *head = &t->list[name].heads[space];

    if (t->binding_count == t->binding_cap)
        t->bindings = gather_grow(g->arena, t->bindings, sizeof(*t->bindings), t->binding_count,
                                  &t->binding_cap);
    t->bindings[t->binding_count] =
        (struct binding){.name = name, .older = *head, .payload = payload, .space = space};
    *head = ++t->binding_count;
}

void unbind_to(struct gather *g, uint32_t count)
{
    struct names *t = &g->names;

    while (t->binding_count > count) {
        const struct binding *b = &t->bindings[--t->binding_count];

        t->list[b->name].heads[b->space] = b->older;
    }
}

const struct binding *bound(const struct gather *g, enum name_space space, uint32_t name)
{
    uint32_t head = g->names.list[name].heads[space];

    return head == 0 ? NULL : &g->names.bindings[head - 1];
}

/* ---- triples ---- */

static uint32_t hash_triple(const struct gather *g, const uint32_t k[3])
{
    return (uint32_t)mix(((uint64_t)k[0] << 32 | k[1]) ^ g->seed[0], k[2] ^ g->seed[1]);
}

static void widen_triples(struct gather *g, struct triples *t)
{
    if (t->slots == NULL)
        t->mask = FIRST_CAP - 1;
    t->slots = grow_slots(g->arena, &t->mask);
    for (uint32_t i = 0; i < t->count; i++) {
        uint32_t at = hash_triple(g, t->list[i]) & t->mask;

        while (t->slots[at] != 0)
            at = (at + 1) & t->mask;
        t->slots[at] = i + 1;
    }
}

uint32_t triple_add(struct gather *g, struct triples *t, uint32_t a, uint32_t b, uint32_t c,
                    bool *added)
{
    uint32_t key[3] = {a, b, c}, at;

    if (t->slots == NULL || t->count * 2 > t->mask)
        widen_triples(g, t);
    for (at = hash_triple(g, key) & t->mask; t->slots[at] != 0; at = (at + 1) & t->mask) {
        if (memcmp(t->list[t->slots[at] - 1], key, sizeof(key)) == 0) {
            *added = false;
            return t->slots[at] - 1;
        }
    }
    if (t->count == t->cap)
        t->list = gather_grow(g->arena, t->list, sizeof(*t->list), t->count, &t->cap);
    memcpy(t->list[t->count], key, sizeof(key));
    t->slots[at] = ++t->count;
    *added = true;
    return t->count - 1;
}
