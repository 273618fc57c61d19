/* SPDX-License-Identifier: Apache-2.0 */
/* siphash.h - SipHash-2-4 (Aumasson, Bernstein 2012), a keyed hash: for tables whose keys outsiders
 * choose, and as a pseudo-random function of 128 bits. Pure. */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include "base/str.h"

struct siphash_key {
    uint64_t k0, k1;
};

uint64_t siphash(const struct siphash_key *key, struct str s);

/* The 128-bit variant; out[0] is the first half. */
void siphash128(const struct siphash_key *key, struct str s, uint64_t out[2]);

/* A key of this process, random, made once. */
const struct siphash_key *siphash_process_key(void);

#endif
