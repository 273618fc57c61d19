/* SPDX-License-Identifier: Apache-2.0 */
/* history.h - the durable record of statements: SQLite in WAL mode, one writer thread.
 *
 * Every call copies what it is given and never blocks, except where it says so. A full queue or a
 * full disk drops records and counts them; statements go on. A crash loses at most the last second,
 * never the file. A statement that begins and ends between two commits costs one row write. */
#ifndef HISTORY_HISTORY_H
#define HISTORY_HISTORY_H

#include "base/str.h"

struct history; /* one a process, thread-safe */
struct metrics;

struct history_config {
    const char *path;     /* database file; its folder must exist */
    size_t queue_max;     /* records waiting for the writer, beyond that dropped and counted */
    size_t sql_max_bytes; /* longer texts are cut at a UTF-8 boundary */
    uint32_t sql_nesting, sql_tokens; /* limits of its parsing, 0 = sql/sql.h's */
    bool redact_literals;             /* literals in SQL texts become `?` */
    uint64_t retention_age_ms;        /* 0 = for ever */
    uint64_t retention_size_bytes;    /* 0 = unlimited; oldest rows go first */
    uint64_t flush_ms;                /* longest wait of a record for its commit, at most 1000 */
};

/* A statement as it was accepted. Empty strings are stored as NULL. */
struct history_begin {
    struct str id, cluster_id, user, principal, source, client, client_tags, dialect;
    struct str catalog, schema, sql, group, backend, reason, hint, trace_token, instance;
    uint64_t created_ms; /* wall clock, Unix epoch */
    unsigned retries;    /* backends that refused before this one took it */
    struct str prepared; /* "name=sql,..." as in its headers, for EXECUTE; not stored */
};

/* How it ended. Fields of 0 are unknown. */
struct history_end {
    struct str id, state; /* FINISHED, FAILED, CANCELED, ABANDONED, HANDED_OVER (not the end) */
    struct str error_name, error_type, error_text, update_type;
    uint64_t ended_ms; /* wall clock */
    uint64_t queued_ms, first_row_ms, total_ms;
    uint64_t rows, bytes; /* given to the client */
    uint64_t processed_rows, processed_bytes, cpu_ms, peak_memory_bytes;
};

/* Opens or creates the database and starts the writer. Blocks (disk). `m` may be NULL. */
MUST_USE int history_open(struct history **out, const struct history_config *c, struct metrics *m,
                          struct error *err);
void history_begin(struct history *h, const struct history_begin *b);
/* An end without a beginning (accepted by another instance) is stored with what it knows. */
void history_end(struct history *h, const struct history_end *e);

/* Which backend ran `id`: copies the name to `backend`; ERR_NOT_FOUND. Blocks (disk): workers only.
 */
MUST_USE int history_find_backend(struct history *h, struct str id, char *backend, size_t n,
                                  struct error *err);

/* Writes the newest statements that match as a JSON array of objects (at most `limit`). `user` and
 * `state` may be empty. Blocks: workers only. */
MUST_USE int history_recent(struct history *h, struct str user, struct str state, unsigned limit,
                            struct buf *out, struct error *err);

struct history_health {
    bool writing; /* false: the last commit failed, records are dropped */
    char reason[160];
    uint64_t written, dropped, queued;
};
void history_health(const struct history *h, struct history_health *out);

/* Commits what waits, stops the thread, closes. Blocks. NULL is a no-op. */
void history_close(struct history *h);

#endif
