/* SPDX-License-Identifier: Apache-2.0 */
/* internal.h - what the files of metrics/ share: cells, series and families. */
#ifndef METRICS_INTERNAL_H
#define METRICS_INTERNAL_H

#include "metrics/metrics.h"

#include <pthread.h>
#include <stdatomic.h>

#define SLOTS 64
#define SLOT_SHARED (SLOTS - 1) /* for threads that came when all others were taken */
#define SLOT_CELLS 512          /* 4 KiB: slots never share a cache line or a page */

typedef _Atomic uint64_t cell_t;

/* The cells of slot 0; those of slot i are i * SLOT_CELLS further. */
struct cells {
    cell_t *first;
};

/* Log-linear buckets over microseconds: 0..8 one by one, then 8 a power of two up to 2^32 (71 min),
 * then one for all above. Bucket b holds (histogram_bound(b - 1), histogram_bound(b)]. */
#define HISTOGRAM_LINEAR 9
#define HISTOGRAM_BUCKETS (HISTOGRAM_LINEAR + 29 * 8 + 1)
#define HISTOGRAM_SUM HISTOGRAM_BUCKETS /* the cell after the buckets */
#define HISTOGRAM_CELLS (HISTOGRAM_BUCKETS + 1)

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct counter {
    struct cells cells;
};
struct gauge {
    struct cells cells;    /* what gauge_add() added */
    _Atomic uint64_t base; /* what gauge_set() set, less the cells' sum of that time */
};
struct histogram {
    struct cells cells;
};

/* One line (or one histogram) of the output. */
struct series {
    struct series *next;
    char *labels;
    union {
        struct counter counter;
        struct gauge gauge;
        struct histogram histogram;
    } u;
    double (*fn)(void *arg); /* NULL: from the cells */
    void *arg;               /* borrowed */
};

/* All series of one name: one HELP, one TYPE. */
struct family {
    struct family *next;
    char *name, *help;
    enum metric_type type;
    struct series *series, **tail;
};

struct chunk; /* SLOTS pages of cells */

struct metrics {
    pthread_mutex_t lock; /* registration and scrape; never taken by an update */
    struct family *families, **tail;
    struct chunk *chunks;
};

/* Adds to this thread's own cell. */
void cells_add(struct cells c, size_t i, uint64_t n);
uint64_t cells_sum(struct cells c, size_t i);

size_t histogram_bucket(uint64_t us);
uint64_t histogram_bound(size_t bucket); /* inclusive; UINT64_MAX for the last */

#endif
