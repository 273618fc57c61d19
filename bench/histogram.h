/* SPDX-License-Identifier: Apache-2.0 */
/* histogram.h - latencies in nanoseconds, log-linear: 128 steps an octave, so percentiles are exact
 * to 0.8 %. Fixed size, no allocation. Single-threaded. */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>
#include <string.h>

enum { HISTOGRAM_STEPS = 128, HISTOGRAM_STEP_BITS = 7, HISTOGRAM_OCTAVES = 40 };

struct histogram {
    uint64_t count, max, sum;
    uint64_t slots[HISTOGRAM_OCTAVES * HISTOGRAM_STEPS];
};

static inline unsigned histogram_slot(uint64_t v)
{
    unsigned shift;
    if (v < HISTOGRAM_STEPS)
        return (unsigned)v;
    shift = 63u - (unsigned)__builtin_clzll(v) - HISTOGRAM_STEP_BITS;
    if (shift >= HISTOGRAM_OCTAVES - 1)
        return HISTOGRAM_OCTAVES * HISTOGRAM_STEPS - 1;
    return (shift + 1) * HISTOGRAM_STEPS + (unsigned)(v >> shift) - HISTOGRAM_STEPS;
}

static inline void histogram_add(struct histogram *h, uint64_t v)
{
    h->count++;
    h->sum += v;
    if (v > h->max)
        h->max = v;
    h->slots[histogram_slot(v)]++;
}

/* The middle of the slot that holds the p-quantile (0 < p <= 1); 0 when empty. */
static inline uint64_t histogram_quantile(const struct histogram *h, double p)
{
    uint64_t want = (uint64_t)(p * (double)h->count + 0.999999), seen = 0;
    for (unsigned i = 0; i < HISTOGRAM_OCTAVES * HISTOGRAM_STEPS; i++) {
        seen += h->slots[i];
        if (seen < want || h->slots[i] == 0)
            continue;
        if (i < HISTOGRAM_STEPS)
            return i;
        unsigned shift = i / HISTOGRAM_STEPS - 1;
        uint64_t low = (uint64_t)(i % HISTOGRAM_STEPS + HISTOGRAM_STEPS) << shift;
        return low + ((1ull << shift) >> 1);
    }
    return h->max;
}

#endif
