/* SPDX-License-Identifier: Apache-2.0 */
/* siphash.c - see siphash.h. */
#include "base/siphash.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

struct state {
    uint64_t v0, v1, v2, v3;
};

static inline uint64_t rotl(uint64_t x, int n)
{
    return x << n | x >> (64 - n);
}

static inline void rounds(struct state *s, int n)
{
    while (n-- > 0) {
        s->v0 += s->v1;
        s->v1 = rotl(s->v1, 13) ^ s->v0;
        s->v0 = rotl(s->v0, 32);
        s->v2 += s->v3;
        s->v3 = rotl(s->v3, 16) ^ s->v2;
        s->v0 += s->v3;
        s->v3 = rotl(s->v3, 21) ^ s->v0;
        s->v2 += s->v1;
        s->v1 = rotl(s->v1, 17) ^ s->v2;
        s->v2 = rotl(s->v2, 32);
    }
}

static inline uint64_t load64(const char *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof(v)); /* little-endian machines only, as the rest of the project */
    return v;
}

static void absorb(struct state *s, const struct siphash_key *key, struct str in)
{
    uint64_t last = (uint64_t)in.n << 56;
    size_t words = in.n / 8;

    s->v0 = key->k0 ^ 0x736f6d6570736575;
    s->v1 ^= key->k1 ^ 0x646f72616e646f6d;
    s->v2 = key->k0 ^ 0x6c7967656e657261;
    s->v3 = key->k1 ^ 0x7465646279746573;
    for (size_t i = 0; i < words; i++) {
        uint64_t m = load64(in.p + 8 * i);

        s->v3 ^= m;
        rounds(s, 2);
        s->v0 ^= m;
    }
    for (size_t i = words * 8; i < in.n; i++)
        last |= (uint64_t)(unsigned char)in.p[i] << 8 * (i & 7);
    s->v3 ^= last;
    rounds(s, 2);
    s->v0 ^= last;
}

uint64_t siphash(const struct siphash_key *key, struct str in)
{
    struct state s = {0};

    absorb(&s, key, in);
    s.v2 ^= 0xff;
    rounds(&s, 4);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

void siphash128(const struct siphash_key *key, struct str in, uint64_t out[2])
{
    struct state s = {.v1 = 0xee};

    absorb(&s, key, in);
    s.v2 ^= 0xee;
    rounds(&s, 4);
    out[0] = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
    s.v1 ^= 0xdd;
    rounds(&s, 4);
    out[1] = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

static struct siphash_key process_key;

static void make_process_key(void)
{
    if (getrandom(&process_key, sizeof(process_key), 0) != sizeof(process_key))
        abort();
}

const struct siphash_key *siphash_process_key(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, make_process_key);
    return &process_key;
}
