/* SPDX-License-Identifier: Apache-2.0 */
/* batch.c - a batch of records as rows in one transaction.
 *
 * Ends are paired with their beginnings through a table of the batch's ids, so that a statement
 * that lived shorter than a batch costs one row write; any other end updates its row by id. */
#include "history/store.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "history/redact.h"

#include <stdlib.h>

#define CUT_MARK "\xe2\x80\xa6" /* U+2026 … */

/* FNV-1a, mixed with a seed that an outsider does not know: clients may choose ids. */
static uint64_t hash_id(struct str id, uint64_t seed)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325) ^ seed;

    for (size_t i = 0; i < id.n; i++)
        h = (h ^ (unsigned char)id.p[i]) * UINT64_C(0x100000001b3);
    h ^= h >> 32;
    return h * UINT64_C(0x9e3779b97f4a7c15) >> 16;
}

struct table {
    struct record **slots;
    size_t mask;
    uint64_t seed;
};

static struct record **find_slot(const struct table *t, struct str id)
{
    size_t at = (size_t)hash_id(id, t->seed) & t->mask;

    while (t->slots[at] != NULL && !str_eq(record_id(t->slots[at]), id))
        at = (at + 1) & t->mask;
    return &t->slots[at];
}

static void pair(struct record *first)
{
    struct table t = {.mask = 15, .seed = (uintptr_t)first * UINT64_C(0x9e3779b97f4a7c15)};
    size_t n = 0;

    for (const struct record *r = first; r != NULL; r = r->next)
        n++;
    while (t.mask < 2 * n)
        t.mask = t.mask * 2 + 1;
    t.slots = mem_zalloc((t.mask + 1) * sizeof(*t.slots));
    for (struct record *r = first; r != NULL; r = r->next) {
        struct record **slot = find_slot(&t, record_id(r));

        if (!r->is_end) {
            *slot = r;
        } else if (*slot != NULL && (*slot)->end == NULL) {
            (*slot)->end = r;
            r->merged = true;
        }
    }
    free(t.slots);
}

static int bind_number(struct store *s, size_t column, uint64_t v)
{
    return sqlite3_bind_int64(s->upsert, (int)column + 1,
                              (sqlite3_int64)(v < INT64_MAX ? v : INT64_MAX));
}

/* Empty is NULL; bytes that are no UTF-8 are replaced. The bytes outlive the step. */
static int bind_text(struct store *s, size_t column, struct str v)
{
    if (v.n == 0)
        return sqlite3_bind_null(s->upsert, (int)column + 1);
    if (!utf8_valid(v)) {
        buf_clear(&s->clean[column]);
        utf8_put_clean(&s->clean[column], v);
        v = buf_str(&s->clean[column]);
    }
    return sqlite3_bind_text64(s->upsert, (int)column + 1, v.p, v.n, SQLITE_STATIC, SQLITE_UTF8);
}

/* As it is stored: without literals if so configured, and marked where it was cut. */
static struct str sql_text(struct store *s, struct str sql, uint64_t full_bytes)
{
    if (!s->redact && full_bytes <= sql.n)
        return sql;
    buf_clear(&s->sql);
    if (s->redact)
        redact_sql(&s->sql, sql);
    else
        buf_put_str(&s->sql, sql);
    if (full_bytes > sql.n) {
        struct str kept = buf_str(&s->sql);
        size_t mark = sizeof(CUT_MARK) - 1;

        if (kept.n + mark > s->sql_max)
            s->sql.n = utf8_cut(kept, s->sql_max > mark ? s->sql_max - mark : 0).n;
        buf_put(&s->sql, CUT_MARK, mark);
    }
    return buf_str(&s->sql);
}

/* `begin`: the texts of a beginning, the prepared statements last. */
static int bind_digest(struct store *s, const struct str begin[BEGIN_TEXTS + 1],
                       uint64_t full_bytes)
{
    const struct digest_request request = {
        .sql = begin[COLUMN_SQL],
        .dialect = begin[COLUMN_DIALECT],
        .catalog = begin[COLUMN_CATALOG],
        .schema = begin[COLUMN_SCHEMA],
        .prepared = begin[BEGIN_TEXTS],
        .nesting = s->sql_nesting,
        .tokens = s->sql_tokens,
        .cut = full_bytes > begin[COLUMN_SQL].n,
        .redact = s->redact,
    };
    const struct digest *d;
    bool text_due;
    int rc;

    if (request.sql.n == 0)
        return SQLITE_OK;
    d = digest_cache_get(s->digests, &request, &text_due);
    s->parse_failures[d->dialect] += d->failed;
    rc = bind_text(s, COLUMN_FINGERPRINT, str_c(d->hash));
    if (rc == SQLITE_OK && text_due)
        rc = bind_text(s, COLUMN_FINGERPRINT_TEXT, d->fingerprint);
    if (rc == SQLITE_OK)
        rc = bind_text(s, COLUMN_TABLES, d->tables);
    return rc;
}

static int bind_begin(struct store *s, const struct record *r)
{
    struct str texts[BEGIN_TEXTS + 1];
    uint64_t full_bytes = r->numbers[COLUMN_SQL_BYTES - BEGIN_TEXTS];
    const char *at = r->data;
    int rc = SQLITE_OK;

    for (size_t i = 0; i < BEGIN_TEXTS && rc == SQLITE_OK; i++) {
        texts[i] = str_of(at, r->lengths[i]);
        at += texts[i].n;
        rc = bind_text(s, i, i == COLUMN_SQL ? sql_text(s, texts[i], full_bytes) : texts[i]);
    }
    texts[BEGIN_TEXTS] = str_of(at, r->lengths[BEGIN_TEXTS]);
    for (size_t i = 0; i < BEGIN_NUMBERS && rc == SQLITE_OK; i++)
        rc = bind_number(s, BEGIN_TEXTS + i, r->numbers[i]);
    return rc == SQLITE_OK ? bind_digest(s, texts, full_bytes) : rc;
}

/* Errors quote the SQL that they are about. */
static struct str error_text(struct store *s, struct str text)
{
    buf_clear(&s->error_text);
    redact_sql(&s->error_text, text);
    return buf_str(&s->error_text);
}

/* 0 is "unknown" in an end, so NULL. */
static int bind_end(struct store *s, const struct record *r)
{
    const char *at = r->data + r->lengths[0];
    int rc = SQLITE_OK;

    for (size_t i = 0; i < END_TEXTS && rc == SQLITE_OK; i++) {
        struct str text = str_of(at, r->lengths[i + 1]);

        at += text.n;
        if (s->redact && COLUMN_STATE + i == COLUMN_ERROR_TEXT)
            text = error_text(s, text);
        rc = bind_text(s, COLUMN_STATE + i, text);
    }
    for (size_t i = 0; i < END_NUMBERS && rc == SQLITE_OK; i++)
        if (r->numbers[i] != 0)
            rc = bind_number(s, COLUMN_STATE + END_TEXTS + i, r->numbers[i]);
    return rc;
}

/* An end without a beginning: its creation is guessed, for order and retention. */
static int bind_lone_end(struct store *s, const struct record *r)
{
    uint64_t ended_ms = r->numbers[0], total_ms = r->numbers[3];
    int rc = bind_text(s, 0, record_id(r));

    if (rc == SQLITE_OK)
        rc =
            bind_number(s, COLUMN_CREATED_MS, ended_ms > total_ms ? ended_ms - total_ms : ended_ms);
    return rc == SQLITE_OK ? bind_end(s, r) : rc;
}

static int write_row(struct store *s, const struct record *r, struct error *err)
{
    int rc;

    sqlite3_clear_bindings(s->upsert);
    rc = r->is_end ? bind_lone_end(s, r) : bind_begin(s, r);
    if (rc == SQLITE_OK && r->end != NULL)
        rc = bind_end(s, r->end);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(s->upsert);
    if (rc == SQLITE_DONE)
        return sqlite3_reset(s->upsert) == SQLITE_OK ? OK : store_error(err, s->db, "write");
    rc = store_error(err, s->db, "write");
    sqlite3_reset(s->upsert); /* repeats the error */
    return rc;
}

static int write_rows(struct store *s, const struct record *first, uint64_t *rows,
                      struct error *err)
{
    for (const struct record *r = first; r != NULL; r = r->next) {
        if (r->merged || r->lengths[0] == 0)
            continue; /* a record without an id can never be found */
        TRY(write_row(s, r, err));
        ++*rows;
    }
    return store_exec(s->db, "COMMIT", err);
}

int store_write(struct store *s, struct record *first, uint64_t *rows, struct error *err)
{
    int rc;

    *rows = 0;
    pair(first);
    TRY(store_exec(s->db, "BEGIN IMMEDIATE", err));
    rc = write_rows(s, first, rows, err);
    /* Some errors have ended the transaction already. */
    if (rc != OK && !sqlite3_get_autocommit(s->db))
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    return rc;
}
