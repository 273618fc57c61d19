/* SPDX-License-Identifier: Apache-2.0 */
/* metrics.c - the registry: families by name, series by labels, and the memory of their cells.
 *
 * Cells come from chunks of SLOTS pages, one page a slot, so a page is resident only when a thread
 * of that slot has updated something in it. The registry is a plain list: it is searched at start
 * and reload only. */
#include "metrics/internal.h"

#include "base/mem.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define CHUNK_BYTES (SLOTS * SLOT_CELLS * sizeof(cell_t))

struct chunk {
    struct chunk *next;
    cell_t *cells;
    size_t used; /* of SLOT_CELLS */
};

/* Where updates without a registry go: its series are never written out. */
static struct metrics *nowhere;
static pthread_once_t nowhere_once = PTHREAD_ONCE_INIT;

struct metrics *metrics_new(void)
{
    struct metrics *m = NEW(struct metrics);

    pthread_mutex_init(&m->lock, NULL);
    m->tail = &m->families;
    return m;
}

static void free_family(struct family *f)
{
    for (struct series *s = f->series, *next; s != NULL; s = next) {
        next = s->next;
        free(s->labels);
        free(s);
    }
    free(f->name);
    free(f->help);
    free(f);
}

void metrics_free(struct metrics *m)
{
    if (m == NULL)
        return;
    for (struct family *f = m->families, *next; f != NULL; f = next) {
        next = f->next;
        free_family(f);
    }
    for (struct chunk *c = m->chunks, *next; c != NULL; c = next) {
        next = c->next;
        munmap(c->cells, CHUNK_BYTES);
        free(c);
    }
    pthread_mutex_destroy(&m->lock);
    free(m);
}

static struct chunk *new_chunk(struct metrics *m)
{
    struct chunk *c = NEW(struct chunk);

    c->cells = mmap(NULL, CHUNK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (c->cells == MAP_FAILED) {
        fputs("sleipnir: out of memory\n", stderr);
        abort();
    }
    c->next = m->chunks;
    return m->chunks = c;
}

static struct cells new_cells(struct metrics *m, size_t n)
{
    struct chunk *c = m->chunks;

    while (c != NULL && SLOT_CELLS - c->used < n)
        c = c->next;
    if (c == NULL)
        c = new_chunk(m);
    c->used += n;
    return (struct cells){c->cells + c->used - n};
}

static struct family *find_family(struct metrics *m, enum metric_type type, const char *name,
                                  const char *help)
{
    struct family *f = m->families;

    while (f != NULL && strcmp(f->name, name) != 0)
        f = f->next;
    if (f == NULL) {
        f = NEW(struct family);
        f->name = str_dup(str_c(name));
        f->help = str_dup(str_c(help));
        f->type = type;
        f->tail = &f->series;
        *m->tail = f;
        m->tail = &f->next;
    }
    assert(f->type == type);
    return f;
}

static void make_cells(struct metrics *m, enum metric_type type, struct series *s)
{
    switch (type) {
    case METRIC_COUNTER:
        s->u.counter.cells = new_cells(m, 1);
        break;
    case METRIC_GAUGE:
        s->u.gauge.cells = new_cells(m, 1);
        break;
    case METRIC_HISTOGRAM:
        s->u.histogram.cells = new_cells(m, HISTOGRAM_CELLS);
        break;
    }
}

static struct series *find_series(struct metrics *m, struct family *f, const char *labels)
{
    struct series *s = f->series;

    while (s != NULL && strcmp(s->labels, labels) != 0)
        s = s->next;
    if (s == NULL) {
        s = NEW(struct series);
        s->labels = str_dup(str_c(labels));
        make_cells(m, f->type, s);
        *f->tail = s;
        f->tail = &s->next;
    }
    return s;
}

static void make_nowhere(void)
{
    nowhere = metrics_new();
}

static struct metrics *or_nowhere(struct metrics *m)
{
    if (m != NULL)
        return m;
    pthread_once(&nowhere_once, make_nowhere);
    return nowhere;
}

static struct series *get_series(struct metrics *m, enum metric_type type, const char *name,
                                 const char *help, const char *labels)
{
    struct series *s;

    m = or_nowhere(m);
    pthread_mutex_lock(&m->lock);
    s = find_series(m, find_family(m, type, name, help), labels);
    pthread_mutex_unlock(&m->lock);
    return s;
}

struct counter *metrics_counter(struct metrics *m, const char *name, const char *help,
                                const char *labels)
{
    return &get_series(m, METRIC_COUNTER, name, help, labels)->u.counter;
}

struct gauge *metrics_gauge(struct metrics *m, const char *name, const char *help,
                            const char *labels)
{
    return &get_series(m, METRIC_GAUGE, name, help, labels)->u.gauge;
}

struct histogram *metrics_histogram(struct metrics *m, const char *name, const char *help,
                                    const char *labels)
{
    return &get_series(m, METRIC_HISTOGRAM, name, help, labels)->u.histogram;
}

void metrics_callback(struct metrics *m, const char *name, const char *help, const char *labels,
                      bool is_counter, double (*fn)(void *arg), void *arg)
{
    enum metric_type type = is_counter ? METRIC_COUNTER : METRIC_GAUGE;
    struct series *s;

    if (m == NULL)
        return;
    pthread_mutex_lock(&m->lock);
    s = find_series(m, find_family(m, type, name, help), labels);
    s->fn = fn;
    s->arg = arg;
    pthread_mutex_unlock(&m->lock);
}

void counter_add(struct counter *c, uint64_t n)
{
    cells_add(c->cells, 0, n);
}

uint64_t counter_value(const struct counter *c)
{
    return cells_sum(c->cells, 0);
}

/* An addition that runs at the same time counts as before or after this. */
void gauge_set(struct gauge *g, int64_t v)
{
    atomic_store_explicit(&g->base, (uint64_t)v - cells_sum(g->cells, 0), memory_order_relaxed);
}

void gauge_add(struct gauge *g, int64_t n)
{
    cells_add(g->cells, 0, (uint64_t)n);
}

int64_t gauge_value(const struct gauge *g)
{
    return (int64_t)(atomic_load_explicit(&g->base, memory_order_relaxed) + cells_sum(g->cells, 0));
}
