/* SPDX-License-Identifier: Apache-2.0 */
/* metrics.h - counters, gauges and histograms, written as Prometheus text or OpenMetrics.
 *
 * Handles are made once (start, reload: takes a lock) and live as long as `struct metrics`; asking
 * again for the same name and labels gives the same handle. Updating is wait-free: each thread adds
 * to a cell of its own cache line (relaxed atomics), and a scrape sums them. Every metric has a
 * help text; names follow Prometheus conventions (_total, _seconds, _bytes). */
#ifndef METRICS_METRICS_H
#define METRICS_METRICS_H

#include "base/str.h"

struct metrics;
struct counter;
struct gauge;
struct histogram;

struct metrics *metrics_new(void);
void metrics_free(struct metrics *m);

/* `labels` is "" or `key="value",key="value"` in a fixed order per name; values are escaped with
 * metrics_label(). Any function accepts m == NULL and then gives a handle that is never written
 * out. */
struct counter *metrics_counter(struct metrics *m, const char *name, const char *help,
                                const char *labels);
struct gauge *metrics_gauge(struct metrics *m, const char *name, const char *help,
                            const char *labels);
/* Log-linear buckets from 1 microsecond to 1 hour, relative error at most 12.5 %; written in
 * seconds with a useful subset of bounds. */
struct histogram *metrics_histogram(struct metrics *m, const char *name, const char *help,
                                    const char *labels);

/* Appends `key="value"` (with a comma before it when `out` is not empty), value escaped. */
void metrics_label(struct buf *out, const char *key, struct str value);

void counter_add(struct counter *c, uint64_t n);
uint64_t counter_value(const struct counter *c);
void gauge_set(struct gauge *g, int64_t v);
void gauge_add(struct gauge *g, int64_t n);
int64_t gauge_value(const struct gauge *g);
void histogram_record_us(struct histogram *h, uint64_t us);

/* A gauge or counter that is computed at scrape time; `fn` is called on the scraping thread. */
void metrics_callback(struct metrics *m, const char *name, const char *help, const char *labels,
                      bool is_counter, double (*fn)(void *arg), void *arg);

/* The whole registry; `openmetrics` chooses the format (both of them with HELP and TYPE). */
void metrics_write(struct metrics *m, struct buf *out, bool openmetrics);

#endif
