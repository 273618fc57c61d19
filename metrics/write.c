/* SPDX-License-Identifier: Apache-2.0 */
/* write.c - the registry as Prometheus text 0.0.4 or OpenMetrics 1.0.
 *
 * The formats differ in three things: OpenMetrics names a counter's family without `_total` and
 * every sample of it with it, has a UNIT line, and ends in `# EOF`. */
#include "metrics/internal.h"

#include <math.h>
#include <stdio.h>

static const char *const type_names[] = {"counter", "gauge", "histogram"};
static const struct str units[] = {{"seconds", 7}, {"bytes", 5}};

/* 10 microseconds doubled up to 1.5 hours: all of them bounds of buckets, so counts are exact. */
#define BOUND_FIRST_US UINT64_C(10)
#define BOUND_COUNT 30

static void put_escaped(struct buf *out, struct str s, bool quotes)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\n')
            buf_put(out, "\\n", 2);
        else if (s.p[i] == '\\' || (quotes && s.p[i] == '"'))
            buf_put(out, (const char[]){'\\', s.p[i]}, 2);
        else
            buf_put_c(out, s.p[i]);
    }
}

void metrics_label(struct buf *out, const char *key, struct str value)
{
    if (out->n > 0)
        buf_put_c(out, ',');
    buf_put_str(out, str_c(key));
    buf_put(out, "=\"", 2);
    put_escaped(out, value, true);
    buf_put_c(out, '"');
}

static void put_double(struct buf *out, double v)
{
    if (isnan(v))
        buf_put(out, "NaN", 3);
    else if (isinf(v))
        buf_put(out, v > 0 ? "+Inf" : "-Inf", 4);
    else
        buf_printf(out, "%.15g", v);
}

/* Exact, without the rounding of a double. */
static void put_seconds(struct buf *out, uint64_t us)
{
    buf_printf(out, "%llu.%06llu", (unsigned long long)(us / 1000000),
               (unsigned long long)(us % 1000000));
}

static void put_name(struct buf *out, struct str name, const char *suffix, const char *labels)
{
    buf_put_str(out, name);
    buf_put_str(out, str_c(suffix));
    if (labels[0] != '\0')
        buf_printf(out, "{%s}", labels);
    buf_put_c(out, ' ');
}

static void put_bucket(struct buf *out, struct str name, const char *labels, double le_seconds,
                       uint64_t count)
{
    buf_put_str(out, name);
    buf_printf(out, "_bucket{%s%sle=\"", labels, labels[0] != '\0' ? "," : "");
    if (isinf(le_seconds))
        buf_put(out, "+Inf", 4);
    else
        buf_printf(out, "%.9g", le_seconds);
    buf_put(out, "\"} ", 3);
    buf_put_u64(out, count);
    buf_put_c(out, '\n');
}

static void put_histogram(struct buf *out, struct str name, const struct series *s)
{
    struct cells cells = s->u.histogram.cells;
    uint64_t count = 0, bound = BOUND_FIRST_US;
    size_t bucket = 0;

    for (unsigned i = 0; i < BOUND_COUNT; i++, bound *= 2) {
        for (; histogram_bound(bucket) <= bound; bucket++)
            count += cells_sum(cells, bucket);
        put_bucket(out, name, s->labels, (double)bound / 1e6, count);
    }
    for (; bucket < HISTOGRAM_BUCKETS; bucket++)
        count += cells_sum(cells, bucket);
    put_bucket(out, name, s->labels, INFINITY, count);
    put_name(out, name, "_sum", s->labels);
    put_seconds(out, cells_sum(cells, HISTOGRAM_SUM));
    buf_put_c(out, '\n');
    put_name(out, name, "_count", s->labels);
    buf_put_u64(out, count);
    buf_put_c(out, '\n');
}

static void put_number(struct buf *out, enum metric_type type, const struct series *s)
{
    if (s->fn != NULL)
        put_double(out, s->fn(s->arg));
    else if (type == METRIC_COUNTER)
        buf_put_u64(out, counter_value(&s->u.counter));
    else
        buf_printf(out, "%lld", (long long)gauge_value(&s->u.gauge));
    buf_put_c(out, '\n');
}

static void put_unit(struct buf *out, struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (str_ends(name, units[i]) && name.n > units[i].n &&
            name.p[name.n - units[i].n - 1] == '_')
            buf_printf(out, "# UNIT %.*s %s\n", STR_ARG(name), units[i].p);
}

static void put_family(struct buf *out, const struct family *f, bool openmetrics)
{
    struct str name = str_c(f->name);
    const char *suffix = "";

    if (openmetrics && f->type == METRIC_COUNTER) {
        suffix = "_total";
        if (str_ends(name, STR("_total")))
            name.n -= strlen(suffix);
    }
    buf_printf(out, "# HELP %.*s ", STR_ARG(name));
    put_escaped(out, str_c(f->help), openmetrics);
    buf_printf(out, "\n# TYPE %.*s %s\n", STR_ARG(name), type_names[f->type]);
    if (openmetrics)
        put_unit(out, name);
    for (const struct series *s = f->series; s != NULL; s = s->next) {
        if (f->type == METRIC_HISTOGRAM) {
            put_histogram(out, name, s);
            continue;
        }
        put_name(out, name, suffix, s->labels);
        put_number(out, f->type, s);
    }
}

void metrics_write(struct metrics *m, struct buf *out, bool openmetrics)
{
    if (m != NULL) {
        pthread_mutex_lock(&m->lock);
        for (const struct family *f = m->families; f != NULL; f = f->next)
            put_family(out, f, openmetrics);
        pthread_mutex_unlock(&m->lock);
    }
    if (openmetrics)
        buf_put(out, "# EOF\n", 6);
}
