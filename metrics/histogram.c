/* SPDX-License-Identifier: Apache-2.0 */
/* histogram.c - log-linear buckets (8 a power of two, so at most 12.5 % wide).
 *
 * A bucket is open below and closed above, as Prometheus' `le` is, so every written bound that is a
 * bucket's bound has an exact count. All 10 * 2^k microseconds are. */
#include "metrics/internal.h"

size_t histogram_bucket(uint64_t us)
{
    unsigned power;
    uint64_t v;

    if (us < HISTOGRAM_LINEAR)
        return us;
    v = us - 1; /* makes the upper bound inclusive */
    if (v >> 32 != 0)
        return HISTOGRAM_BUCKETS - 1;
    power = 63 - (unsigned)__builtin_clzll(v); /* 3..31 */
    return HISTOGRAM_LINEAR + (power - 3) * 8 + ((v >> (power - 3)) & 7);
}

uint64_t histogram_bound(size_t bucket)
{
    size_t power, sub;

    if (bucket < HISTOGRAM_LINEAR)
        return bucket;
    if (bucket >= HISTOGRAM_BUCKETS - 1)
        return UINT64_MAX;
    power = (bucket - HISTOGRAM_LINEAR) / 8;
    sub = (bucket - HISTOGRAM_LINEAR) % 8;
    return (uint64_t)(8 + sub + 1) << power;
}

void histogram_record_us(struct histogram *h, uint64_t us)
{
    cells_add(h->cells, histogram_bucket(us), 1);
    cells_add(h->cells, HISTOGRAM_SUM, us);
}
