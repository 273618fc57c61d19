/* SPDX-License-Identifier: Apache-2.0 */
/* retention.c - removes old rows in small transactions and gives their pages back.
 *
 * The size is that of the pages in use. Freed pages are used again by the next rows; only when more
 * than a megabyte of them is left over does the file shrink. */
#include "history/store.h"

#include "base/clock.h"

#define ROUND_US 200000
#define FREE_PAGES_KEPT 256

struct usage {
    uint64_t pages, free_pages, page_bytes;
};

static int measure(struct store *s, struct usage *u, struct error *err)
{
    TRY(store_number(s->db, "PRAGMA page_count", &u->pages, err));
    TRY(store_number(s->db, "PRAGMA freelist_count", &u->free_pages, err));
    return store_number(s->db, "PRAGMA page_size", &u->page_bytes, err);
}

/* Deletes up to 100 rows older than `ms`. */
static int delete_oldest(struct store *s, uint64_t ms, bool *deleted, struct error *err)
{
    int rc = sqlite3_bind_int64(s->delete_oldest, 1, (sqlite3_int64)ms);

    if (rc == SQLITE_OK)
        rc = sqlite3_step(s->delete_oldest);
    *deleted = rc == SQLITE_DONE && sqlite3_changes(s->db) > 0;
    rc = rc == SQLITE_DONE ? OK : store_error(err, s->db, "retention");
    sqlite3_reset(s->delete_oldest); /* repeats the error */
    return rc;
}

/* One small step; `*more` when there may be another. */
static int trim_step(struct store *s, const struct history_config *c, uint64_t now_ms, bool *more,
                     struct error *err)
{
    struct usage u;
    uint64_t age_ms = c->retention_age_ms;

    if (age_ms > 0 && now_ms > age_ms) {
        TRY(delete_oldest(s, now_ms - age_ms, more, err));
        if (*more)
            return OK;
    }
    TRY(measure(s, &u, err));
    if (c->retention_size_bytes > 0 &&
        (u.pages - u.free_pages) * u.page_bytes > c->retention_size_bytes) {
        TRY(delete_oldest(s, INT64_MAX, more, err));
        if (*more)
            return OK;
    }
    *more = u.free_pages > 2 * FREE_PAGES_KEPT;
    if (u.free_pages > FREE_PAGES_KEPT)
        return store_exec(s->db, "PRAGMA incremental_vacuum(256)", err);
    return OK;
}

int store_trim(struct store *s, const struct history_config *c, uint64_t now_ms, bool *more,
               struct error *err)
{
    uint64_t until_us = clock_mono_us() + ROUND_US;

    *more = false;
    if (c->retention_age_ms == 0 && c->retention_size_bytes == 0)
        return OK;
    do
        TRY(trim_step(s, c, now_ms, more, err));
    while (*more && clock_mono_us() < until_us);
    return OK;
}
