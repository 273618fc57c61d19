/* SPDX-License-Identifier: Apache-2.0 */
/* schema.c - the table of statements, its versions, and the one statement that writes to it.
 *
 * `user_version` counts the migrations applied. A new version is one more entry at the end; entries
 * that shipped never change. Every index costs each write, so there are few: the state's leaves out
 * what finished well, which is nearly everything. */
#include "history/store.h"

static const char *const migrations[] = {
    "CREATE TABLE statement("
    " id TEXT NOT NULL UNIQUE, cluster_id TEXT, user TEXT, principal TEXT, source TEXT,"
    " client TEXT, client_tags TEXT, dialect TEXT, catalog TEXT, schema TEXT, sql TEXT,"
    " routing_group TEXT, backend TEXT, reason TEXT, hint TEXT, trace_token TEXT, instance TEXT,"
    " created_ms INTEGER NOT NULL, retries INTEGER, sql_bytes INTEGER,"
    " state TEXT, error_name TEXT, error_type TEXT, error_text TEXT, update_type TEXT,"
    " ended_ms INTEGER, queued_ms INTEGER, first_row_ms INTEGER, total_ms INTEGER,"
    " rows INTEGER, bytes INTEGER, processed_rows INTEGER, processed_bytes INTEGER,"
    " cpu_ms INTEGER, peak_memory_bytes INTEGER);"
    "CREATE INDEX statement_created ON statement(created_ms);"
    "CREATE INDEX statement_user ON statement(user, created_ms) WHERE user IS NOT NULL;"
    "CREATE INDEX statement_state ON statement(state, created_ms)"
    " WHERE state IS NOT 'FINISHED';",
    /* Rows come in the order of their beginnings, give or take a batch: rowid serves for age. */
    "DROP INDEX statement_created; DROP INDEX statement_user; DROP INDEX statement_state;"
    "CREATE INDEX statement_user ON statement(user) WHERE user IS NOT NULL;"
    "CREATE INDEX statement_state ON statement(state) WHERE state IS NOT 'FINISHED';",
    "ALTER TABLE statement ADD COLUMN fingerprint TEXT;"
    "ALTER TABLE statement ADD COLUMN fingerprint_text TEXT;"
    "ALTER TABLE statement ADD COLUMN tables TEXT;",
};

static int migrate(sqlite3 *db, struct error *err)
{
    uint64_t version;

    TRY(store_number(db, "PRAGMA user_version", &version, err)); /* again: now nobody else writes */
    for (; version < ARRAY_LEN(migrations); version++) {
        char set[64];

        TRY(store_exec(db, migrations[version], err));
        sqlite3_snprintf(sizeof(set), set, "PRAGMA user_version=%d", (int)version + 1);
        TRY(store_exec(db, set, err));
    }
    return store_exec(db, "COMMIT", err);
}

int schema_apply(sqlite3 *db, struct error *err)
{
    uint64_t version;
    int rc;

    TRY(store_number(db, "PRAGMA user_version", &version, err));
    if (version == ARRAY_LEN(migrations))
        return OK;
    if (version > ARRAY_LEN(migrations))
        return error_set(err, ERR_INVALID,
                         "history: made by a newer version (schema %llu, not %zu)",
                         (unsigned long long)version, ARRAY_LEN(migrations));
    TRY(store_exec(db, "BEGIN IMMEDIATE", err));
    rc = migrate(db, err);
    if (rc != OK && sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL) != SQLITE_OK)
        return rc; /* the transaction ended with the error */
    return rc;
}

int schema_touch(sqlite3 *db, struct error *err)
{
    char set[64];

    sqlite3_snprintf(sizeof(set), set, "PRAGMA user_version=%d", (int)ARRAY_LEN(migrations));
    return store_exec(db, set, err);
}

/* Beginnings and ends come in any order, from several instances: what is known stays, what is new
 * is added. The time of creation is a guess until the beginning is there (its sql_bytes is never
 * NULL). */
void schema_put_upsert(struct buf *out)
{
    buf_printf(out, "INSERT INTO statement(");
    for (size_t i = 0; i < COLUMNS; i++)
        buf_printf(out, "%s\"%s\"", i > 0 ? "," : "", record_columns[i]);
    buf_printf(out, ")VALUES(");
    for (size_t i = 0; i < COLUMNS; i++)
        buf_printf(out, "%s?%zu", i > 0 ? "," : "", i + 1);
    buf_printf(out, ")ON CONFLICT(id)DO UPDATE SET created_ms="
                    "iif(excluded.sql_bytes IS NULL,created_ms,excluded.created_ms)");
    for (size_t i = 1; i < COLUMNS; i++)
        if (i != COLUMN_CREATED_MS)
            buf_printf(out, ",\"%s\"=coalesce(excluded.\"%s\",\"%s\")", record_columns[i],
                       record_columns[i], record_columns[i]);
}
