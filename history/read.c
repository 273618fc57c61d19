/* SPDX-License-Identifier: Apache-2.0 */
/* read.c - see read.h. Statements are prepared per call: look-ups are rare. */
#include "history/read.h"

#include "history/store.h"

#define READ_BUSY_MS 1000
#define LIMIT_MAX 10000

void reader_init(struct reader *r, const char *path)
{
    *r = (struct reader){.path = path};
    pthread_mutex_init(&r->lock, NULL);
}

void reader_reset(struct reader *r)
{
    sqlite3_close(r->db);
    pthread_mutex_destroy(&r->lock);
}

static int prepare(struct reader *r, struct str sql, sqlite3_stmt **out, struct error *err)
{
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;

    if (r->db == NULL) {
        if (sqlite3_open_v2(r->path, &r->db, flags, NULL) != SQLITE_OK)
            return store_error(err, r->db, r->path);
        sqlite3_busy_timeout(r->db, READ_BUSY_MS);
    }
    if (sqlite3_prepare_v2(r->db, sql.p, (int)sql.n, out, NULL) != SQLITE_OK)
        return store_error(err, r->db, "read");
    return OK;
}

/* Ends a call: after an error of the database the next one begins with a new connection. */
static int finish(struct reader *r, sqlite3_stmt *stmt, int rc)
{
    sqlite3_finalize(stmt);
    if (rc != OK && rc != ERR_NOT_FOUND && rc != ERR_LIMIT) {
        sqlite3_close(r->db);
        r->db = NULL;
    }
    pthread_mutex_unlock(&r->lock);
    return rc;
}

static int bind(sqlite3_stmt *stmt, int parameter, struct str v)
{
    return sqlite3_bind_text64(stmt, parameter, v.n > 0 ? v.p : "", v.n, SQLITE_STATIC,
                               SQLITE_UTF8);
}

static int copy_backend(sqlite3_stmt *stmt, char *backend, size_t n, struct error *err)
{
    size_t bytes = (size_t)sqlite3_column_bytes(stmt, 0);
    const void *name = sqlite3_column_text(stmt, 0);

    if (bytes >= n || name == NULL)
        return error_set(err, ERR_LIMIT, "history: backend name of %zu bytes", bytes);
    memcpy(backend, name, bytes);
    backend[bytes] = '\0';
    return OK;
}

int reader_backend(struct reader *r, struct str id, char *backend, size_t n, struct error *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc;

    pthread_mutex_lock(&r->lock);
    rc = prepare(r, STR("SELECT backend FROM statement WHERE id=?1 AND backend IS NOT NULL"), &stmt,
                 err);
    if (rc == OK && bind(stmt, 1, id) != SQLITE_OK)
        rc = store_error(err, r->db, "read");
    if (rc == OK) {
        switch (sqlite3_step(stmt)) {
        case SQLITE_ROW:
            rc = copy_backend(stmt, backend, n, err);
            break;
        case SQLITE_DONE:
            rc = error_set(err, ERR_NOT_FOUND, "history: no statement %.*s", STR_ARG(id));
            break;
        default:
            rc = store_error(err, r->db, "read");
        }
    }
    return finish(r, stmt, rc);
}

/* A row without a state has not ended. The extra term lets the partial index be used. */
static void put_select(struct buf *out, struct str user, struct str state)
{
    buf_printf(out, "SELECT ");
    for (size_t i = 0; i < COLUMNS; i++)
        buf_printf(out, "%s\"%s\"", i > 0 ? "," : "", record_columns[i]);
    buf_printf(out, " FROM statement WHERE 1");
    if (user.n > 0)
        buf_printf(out, " AND user=?1");
    if (str_eq(state, STR("RUNNING")))
        buf_printf(out, " AND state IS NULL AND state IS NOT 'FINISHED'");
    else if (state.n > 0)
        buf_printf(out, " AND state=?2%s",
                   str_eq(state, STR("FINISHED")) ? "" : " AND state IS NOT 'FINISHED'");
    buf_printf(out, " ORDER BY rowid DESC LIMIT ?3");
}

static int bind_recent(sqlite3_stmt *stmt, struct str user, struct str state, unsigned limit)
{
    int rc = SQLITE_OK;

    if (user.n > 0)
        rc = bind(stmt, 1, user);
    if (rc == SQLITE_OK && state.n > 0 && !str_eq(state, STR("RUNNING")))
        rc = bind(stmt, 2, state);
    return rc == SQLITE_OK ? sqlite3_bind_int64(stmt, 3, limit < LIMIT_MAX ? limit : LIMIT_MAX)
                           : rc;
}

static void put_row(struct buf *out, sqlite3_stmt *stmt)
{
    bool first = true;

    buf_put_c(out, '{');
    for (int i = 0; i < COLUMNS; i++) {
        int type = sqlite3_column_type(stmt, i);

        if (type == SQLITE_NULL && i != COLUMN_STATE)
            continue;
        buf_printf(out, "%s\"%s\":", first ? "" : ",", record_columns[i]);
        first = false;
        if (type == SQLITE_INTEGER)
            buf_printf(out, "%lld", (long long)sqlite3_column_int64(stmt, i));
        else if (type == SQLITE_NULL)
            buf_printf(out, "\"RUNNING\"");
        else if (i == COLUMN_TABLES) /* JSON that the writer made */
            buf_put(out, sqlite3_column_text(stmt, i), (size_t)sqlite3_column_bytes(stmt, i));
        else
            buf_put_json(out, str_of((const char *)sqlite3_column_text(stmt, i),
                                     (size_t)sqlite3_column_bytes(stmt, i)));
    }
    buf_put_c(out, '}');
}

static int put_rows(struct reader *r, sqlite3_stmt *stmt, struct buf *out, struct error *err)
{
    int rc;

    buf_put_c(out, '[');
    for (bool first = true; (rc = sqlite3_step(stmt)) == SQLITE_ROW && !out->overflow;
         first = false) {
        if (!first)
            buf_put_c(out, ',');
        put_row(out, stmt);
    }
    buf_put_c(out, ']');
    if (out->overflow)
        return error_set(err, ERR_LIMIT, "history: more than %zu bytes of statements", out->max);
    return rc == SQLITE_DONE ? OK : store_error(err, r->db, "read");
}

int reader_recent(struct reader *r, struct str user, struct str state, unsigned limit,
                  struct buf *out, struct error *err)
{
    struct buf sql = buf_make(4096);
    sqlite3_stmt *stmt = NULL;
    int rc;

    put_select(&sql, user, state);
    pthread_mutex_lock(&r->lock);
    rc = prepare(r, buf_str(&sql), &stmt, err);
    buf_reset(&sql);
    if (rc == OK && bind_recent(stmt, user, state, limit) != SQLITE_OK)
        rc = store_error(err, r->db, "read");
    if (rc == OK)
        rc = put_rows(r, stmt, out, err);
    return finish(r, stmt, rc);
}
