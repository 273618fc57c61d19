/* SPDX-License-Identifier: Apache-2.0 */
/* history.c - the parts put together: callers fill the queue, one thread empties it into the store.
 *
 * Only the writer thread uses the store. A batch that cannot be written is dropped, not kept: the
 * queue would fill up anyway, and statements matter more than their record. The next batch tries
 * anew (or, when none comes, a probe), so the history heals as soon as the disk does. */
#include "history/history.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "history/queue.h"
#include "history/read.h"
#include "history/store.h"
#include "metrics/metrics.h"

#include <signal.h>
#include <stdlib.h>

#define IDLE_MS 10000
#define TRIM_EVERY_MS 1000
#define PROBE_EVERY_MS 1000
#define FLUSH_MAX_MS 1000
#define SQL_MAX_BYTES ((size_t)64 << 20)

struct instruments {
    struct counter *rows, *batches, *dropped, *errors;
    struct gauge *queue;
    struct histogram *commit;
    struct counter *parse_failures[DIALECT_TRINO + 1];
};

struct history {
    struct history_config config;
    char *path; /* config.path */
    struct queue *queue;
    struct reader reader;
    struct instruments seen;
    pthread_t writer;
    bool writing, opened; /* the thread runs; the store is open */
    /* the writer's */
    struct store store;
    bool failing;     /* logged once, until it heals */
    uint64_t trim_ms; /* when to trim next, monotonic */
};

static void make_instruments(struct instruments *i, struct metrics *m)
{
    i->rows = metrics_counter(m, "sleipnir_history_rows_total", "Rows written to the history.", "");
    i->batches = metrics_counter(m, "sleipnir_history_batches_total",
                                 "Transactions of the history's writer.", "");
    i->dropped = metrics_counter(m, "sleipnir_history_dropped_total",
                                 "Records that were lost: queue full or disk unusable.", "");
    i->errors = metrics_counter(m, "sleipnir_history_errors_total",
                                "Failed transactions of the history's writer.", "");
    i->queue = metrics_gauge(m, "sleipnir_history_queue_records",
                             "Records that wait for the history's writer.", "");
    for (int d = DIALECT_PRESTO; d <= DIALECT_TRINO; d++)
        i->parse_failures[d] = metrics_counter(
            m, "sleipnir_sql_parse_failures_total",
            "Statements of the history that the parser of their dialect did not take.",
            d == DIALECT_PRESTO ? "dialect=\"presto\"" : "dialect=\"trino\"");
    i->commit = metrics_histogram(m, "sleipnir_history_commit_seconds",
                                  "Time from the begin to the end of a history transaction.", "");
}

/* One line when it begins to fail and one when it heals, not one a batch. */
static void note_result(struct history *h, int rc, const struct error *err)
{
    if (rc != OK)
        counter_add(h->seen.errors, 1);
    if (rc != OK && !h->failing)
        log_error("history", STR_NONE, "%s; statements go on unrecorded", err->text);
    else if (rc == OK && h->failing)
        log_info("history", STR_NONE, "writing again");
    h->failing = rc != OK;
}

static void count_parse_failures(struct history *h)
{
    for (int d = DIALECT_PRESTO; d <= DIALECT_TRINO; d++) {
        counter_add(h->seen.parse_failures[d], h->store.parse_failures[d]);
        h->store.parse_failures[d] = 0;
    }
}

static void write_batch(struct history *h, struct batch *b)
{
    struct error err = {.code = OK};
    uint64_t rows, since_us = clock_mono_us();
    size_t count = b->count;
    int rc = store_write(&h->store, b->first, &rows, &err);

    histogram_record_us(h->seen.commit, clock_mono_us() - since_us);
    note_result(h, rc, &err);
    count_parse_failures(h);
    if (rc == OK) {
        counter_add(h->seen.batches, 1);
        counter_add(h->seen.rows, rows);
    } else {
        counter_add(h->seen.dropped, count);
    }
    queue_done(h->queue, b, rc == OK ? NULL : err.text);
    gauge_add(h->seen.queue, -(int64_t)count);
}

/* Nothing to write, and the last batch failed: would one be taken now? */
static void probe(struct history *h)
{
    struct error err = {.code = OK};
    struct batch none = {.first = NULL};
    int rc = schema_touch(h->store.db, &err);

    note_result(h, rc, &err);
    queue_done(h->queue, &none, rc == OK ? NULL : err.text);
}

static void trim(struct history *h)
{
    struct error err = {.code = OK};
    uint64_t now_ms = clock_mono_us() / 1000;
    bool more;
    int rc;

    if (now_ms < h->trim_ms)
        return;
    rc = store_trim(&h->store, &h->config, clock_wall_ms(), &more, &err);
    if (rc != OK) {
        counter_add(h->seen.errors, 1);
        log_warn("history", STR_NONE, "retention: %s", err.text);
    }
    h->trim_ms = rc == OK && more ? now_ms : now_ms + TRIM_EVERY_MS;
}

/* How long the writer may sleep when nothing comes. */
static uint64_t idle_ms(const struct history *h)
{
    if (h->trim_ms <= clock_mono_us() / 1000)
        return 0; /* there is more to trim */
    return h->failing ? PROBE_EVERY_MS : IDLE_MS;
}

static void *writer_main(void *arg)
{
    struct history *h = arg;
    struct batch b;
    bool open;

    do {
        open = queue_take(h->queue, idle_ms(h), h->config.flush_ms, &b);
        if (b.first != NULL)
            write_batch(h, &b);
        else if (open && h->failing)
            probe(h);
        if (open)
            trim(h);
    } while (open);
    return NULL;
}

/* Signals are the main thread's business. */
static int start_writer(struct history *h, struct error *err)
{
    sigset_t all, old;
    int rc;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    rc = pthread_create(&h->writer, NULL, writer_main, h);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (rc != 0)
        return error_set(err, ERR_INTERNAL, "history: cannot start a thread: %s", strerror(rc));
    h->writing = true;
    return OK;
}

int history_open(struct history **out, const struct history_config *c, struct metrics *m,
                 struct error *err)
{
    struct history *h = NEW(struct history);
    int rc;

    h->path = str_dup(str_c(c->path));
    h->config = *c;
    h->config.path = h->path;
    if (h->config.flush_ms > FLUSH_MAX_MS)
        h->config.flush_ms = FLUSH_MAX_MS;
    if (h->config.sql_max_bytes > SQL_MAX_BYTES)
        h->config.sql_max_bytes = SQL_MAX_BYTES;
    h->queue = mem_alloc(sizeof(*h->queue));
    queue_init(h->queue, c->queue_max);
    reader_init(&h->reader, h->path);
    make_instruments(&h->seen, m);
    rc = store_open(&h->store, &h->config, err);
    h->opened = rc == OK;
    if (rc == OK)
        rc = start_writer(h, err);
    if (rc != OK) {
        history_close(h);
        return rc;
    }
    *out = h;
    return OK;
}

static void append(struct history *h, struct record *r)
{
    gauge_add(h->seen.queue, 1); /* before the writer can take it off again */
    if (queue_put(h->queue, r))
        return;
    gauge_add(h->seen.queue, -1);
    counter_add(h->seen.dropped, 1);
}

void history_begin(struct history *h, const struct history_begin *b)
{
    append(h, record_of_begin(b, h->config.sql_max_bytes));
}

void history_end(struct history *h, const struct history_end *e)
{
    append(h, record_of_end(e));
}

int history_find_backend(struct history *h, struct str id, char *backend, size_t n,
                         struct error *err)
{
    return reader_backend(&h->reader, id, backend, n, err);
}

int history_recent(struct history *h, struct str user, struct str state, unsigned limit,
                   struct buf *out, struct error *err)
{
    return reader_recent(&h->reader, user, state, limit, out, err);
}

void history_health(const struct history *h, struct history_health *out)
{
    pthread_mutex_lock(&h->queue->lock);
    *out = h->queue->health;
    out->queued = h->queue->count;
    pthread_mutex_unlock(&h->queue->lock);
}

void history_close(struct history *h)
{
    if (h == NULL)
        return;
    if (h->writing) {
        queue_stop(h->queue);
        pthread_join(h->writer, NULL);
    }
    reader_reset(&h->reader);
    if (h->opened)
        store_close(&h->store);
    queue_reset(h->queue);
    free(h->queue);
    free(h->path);
    free(h);
}
