/* SPDX-License-Identifier: Apache-2.0 */
/* store.c - opens the database and makes it usable, whatever state it is in.
 *
 * WAL with synchronous=NORMAL: a killed process loses nothing that was committed, a power cut loses
 * what was not yet checkpointed, and neither breaks the file. */
#include "history/store.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#define OPEN_BUSY_MS 1000
#define DIGESTS_KEPT 1024
#define CHECK_MAX_PAGES 16384 /* 64 MB: larger files are not searched for damage at start */

/* auto_vacuum counts only before the first table. */
static const char pragmas[] = "PRAGMA auto_vacuum=INCREMENTAL;"
                              "PRAGMA journal_mode=WAL;"
                              "PRAGMA synchronous=NORMAL;"
                              "PRAGMA journal_size_limit=16777216;"
                              "PRAGMA wal_autocheckpoint=4000;" /* pages: 16 MB */
                              "PRAGMA cache_size=-8192;"        /* KiB: the ends of all indexes */
                              "PRAGMA temp_store=MEMORY;";

int store_error(struct error *err, sqlite3 *db, const char *what)
{
    switch (sqlite3_errcode(db) & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return error_set(err, ERR_BUSY, "history: %.60s: locked by another process", what);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return error_set(err, ERR_CORRUPT, "history: %.60s: %s", what, sqlite3_errmsg(db));
    case SQLITE_FULL:
        return error_set(err, ERR_LIMIT, "history: %.60s: %s", what, sqlite3_errmsg(db));
    default:
        break;
    }
    if (sqlite3_system_errno(db) == 0)
        return error_set(err, ERR_INTERNAL, "history: %.60s: %s", what, sqlite3_errmsg(db));
    return error_set(err, ERR_INTERNAL, "history: %.60s: %s (%s)", what, sqlite3_errmsg(db),
                     strerror(sqlite3_system_errno(db)));
}

int store_exec(sqlite3 *db, const char *sql, struct error *err)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK)
        return OK;
    return store_error(err, db, sql);
}

int store_number(sqlite3 *db, const char *sql, uint64_t *out, struct error *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = OK;

    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW)
        *out = (uint64_t)sqlite3_column_int64(stmt, 0);
    else
        rc = store_error(err, db, sql);
    sqlite3_finalize(stmt);
    return rc;
}

/* ERR_CORRUPT when a file that is small enough to look through is damaged. */
static int check(sqlite3 *db, struct error *err)
{
    sqlite3_stmt *stmt = NULL;
    uint64_t pages;
    int rc = OK;

    TRY(store_number(db, "PRAGMA page_count", &pages, err));
    if (pages > CHECK_MAX_PAGES)
        return OK;
    if (sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &stmt, NULL) != SQLITE_OK ||
        sqlite3_step(stmt) != SQLITE_ROW)
        rc = store_error(err, db, "quick_check");
    else if (strcmp((const char *)sqlite3_column_text(stmt, 0), "ok") != 0)
        rc = error_set(err, ERR_CORRUPT, "history: %s", sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
    return rc;
}

static int prepare(struct store *s, struct error *err)
{
    struct buf sql = buf_make(8192);
    int rc = OK;

    schema_put_upsert(&sql);
    if (sqlite3_prepare_v3(s->db, sql.p, (int)sql.n, SQLITE_PREPARE_PERSISTENT, &s->upsert, NULL) !=
            SQLITE_OK ||
        sqlite3_prepare_v3(s->db,
                           "DELETE FROM statement WHERE rowid IN (SELECT rowid FROM"
                           " (SELECT rowid, created_ms FROM statement ORDER BY rowid LIMIT 100)"
                           " WHERE created_ms<?1)",
                           -1, SQLITE_PREPARE_PERSISTENT, &s->delete_oldest, NULL) != SQLITE_OK)
        rc = store_error(err, s->db, "prepare");
    buf_reset(&sql);
    return rc;
}

/* Texts of statements are nobody else's business; the log and its index take over the file's mode.
 */
static int create_private(const char *path, struct error *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0)
        return error_set(err, ERR_INTERNAL, "history: %s", strerror(errno));
    close(fd);
    return OK;
}

static int open_once(struct store *s, const char *path, struct error *err)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;

    TRY(create_private(path, err));
    if (sqlite3_open_v2(path, &s->db, flags, NULL) != SQLITE_OK)
        return store_error(err, s->db, path);
    sqlite3_busy_timeout(s->db, OPEN_BUSY_MS);
    TRY(store_exec(s->db, pragmas, err));
    TRY(check(s->db, err));
    TRY(schema_apply(s->db, err));
    TRY(prepare(s, err));
    sqlite3_busy_timeout(s->db, STORE_BUSY_MS);
    return OK;
}

static void close_once(struct store *s)
{
    sqlite3_finalize(s->upsert);
    sqlite3_finalize(s->delete_oldest);
    sqlite3_close(s->db);
    s->upsert = s->delete_oldest = NULL;
    s->db = NULL;
}

/* The log of a broken file belongs to it and goes with it. */
static int move_aside(const char *path, struct error *err)
{
    static const char *const parts[] = {"", "-wal", "-shm"};
    unsigned long long now = clock_wall_ms() / 1000;
    struct arena a = {0};
    int rc = OK;

    for (size_t i = 0; i < ARRAY_LEN(parts) && rc == OK; i++) {
        struct str from = arena_printf(&a, "%s%s", path, parts[i]);
        struct str to = arena_printf(&a, "%s.broken-%llu%s", path, now, parts[i]);

        if (rename(from.p, to.p) != 0 && errno != ENOENT)
            rc = error_set(err, ERR_INTERNAL, "history: cannot move %s aside: %s", from.p,
                           strerror(errno));
    }
    if (rc == OK)
        log_error("history", STR_NONE, "moved aside as %s.broken-%llu; a new one is begun", path,
                  now);
    arena_reset(&a);
    return rc;
}

/* The statistics of memory cost a lock an allocation, and nobody reads them. */
static void configure_library(void)
{
    if (sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) != SQLITE_OK)
        log_debug("history", STR_NONE, "SQLite was in use before: memory statistics stay on");
}

int store_open(struct store *s, const struct history_config *c, struct error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct error cause = {.code = OK};
    int rc;

    pthread_once(&once, configure_library);
    *s = (struct store){.redact = c->redact_literals,
                        .sql_max = c->sql_max_bytes,
                        .sql_nesting = c->sql_nesting,
                        .sql_tokens = c->sql_tokens};
    s->sql = buf_make(c->sql_max_bytes + 16);
    s->digests = digest_cache_new(DIGESTS_KEPT);
    s->error_text = buf_make(SIZE_MAX / 2); /* never longer than the record's */
    for (size_t i = 0; i < COLUMNS; i++)
        s->clean[i] = buf_make(SIZE_MAX / 2); /* at most three times the record's text */
    rc = open_once(s, c->path, &cause);
    if (rc == ERR_CORRUPT) {
        close_once(s);
        log_error("history", STR_NONE, "%s is broken: %s", c->path, cause.text);
        rc = move_aside(c->path, &cause);
        if (rc == OK)
            rc = open_once(s, c->path, &cause);
    }
    if (rc == OK)
        return OK;
    store_close(s);
    return error_set(err, cause.code, "%s (in %s)", cause.text, c->path);
}

void store_close(struct store *s)
{
    close_once(s);
    buf_reset(&s->sql);
    buf_reset(&s->error_text);
    for (size_t i = 0; i < COLUMNS; i++)
        buf_reset(&s->clean[i]);
    digest_cache_free(s->digests);
}
