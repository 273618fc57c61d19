/* SPDX-License-Identifier: Apache-2.0 */
/* store.h - the writer's SQLite connection: opening, rows in transactions, retention. One thread.
 */
#ifndef HISTORY_STORE_H
#define HISTORY_STORE_H

#include "history/digest_cache.h"
#include "history/record.h"

#include <sqlite3.h>

#define STORE_BUSY_MS 5000 /* another instance writes to the same file */

struct store {
    sqlite3 *db;
    sqlite3_stmt *upsert, *delete_oldest;
    bool redact;
    size_t sql_max;
    uint32_t sql_nesting, sql_tokens;           /* of history_config */
    struct buf sql, error_text, clean[COLUMNS]; /* what differs from the record's bytes */
    struct digest_cache *digests;
    uint64_t parse_failures[DIALECT_TRINO + 1]; /* since the last look */
};

/* Creates the file, brings its schema up to date, and moves a broken one aside. */
MUST_USE int store_open(struct store *s, const struct history_config *c, struct error *err);
void store_close(struct store *s);

/* All in one transaction; an end is merged into its beginning where both are in the batch. Says how
 * many rows were written. On an error nothing of it is. */
MUST_USE int store_write(struct store *s, struct record *first, uint64_t *rows, struct error *err);

/* Removes what is too old or too much, oldest first, for about 200 ms; `*more` when that was not
 * enough. `now_ms` is the wall clock. */
MUST_USE int store_trim(struct store *s, const struct history_config *c, uint64_t now_ms,
                        bool *more, struct error *err);

/* schema.c */
MUST_USE int schema_apply(sqlite3 *db, struct error *err); /* ERR_CORRUPT when it cannot be read */
MUST_USE int schema_touch(sqlite3 *db, struct error *err); /* writes a page and changes nothing */
void schema_put_upsert(struct buf *out);

/* Sets `err` from the connection's last error. */
int store_error(struct error *err, sqlite3 *db, const char *what);
MUST_USE int store_exec(sqlite3 *db, const char *sql, struct error *err);
MUST_USE int store_number(sqlite3 *db, const char *sql, uint64_t *out, struct error *err);

#endif
