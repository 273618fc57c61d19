/* SPDX-License-Identifier: Apache-2.0 */
/* history_fixture.h - what the tests of history/ share: a folder of its own, records, and looks
 * into the file past the code under test. */
#ifndef TESTS_UNIT_HISTORY_FIXTURE_H
#define TESTS_UNIT_HISTORY_FIXTURE_H

#include "base/clock.h"
#include "history/history.h"
#include "metrics/metrics.h"

#include <dirent.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64], path[128];

static inline int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/sleipnir-history-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof(path), "%s/history.db", folder);
    return 0;
}

static inline int remove_folder(void **state)
{
    DIR *d = opendir(folder);
    char name[400];

    (void)state;
    for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
        snprintf(name, sizeof(name), "%s/%s", folder, e->d_name);
        unlink(name);
    }
    closedir(d);
    return rmdir(folder);
}

static inline struct history_config usual_config(void)
{
    return (struct history_config){
        .path = path, .queue_max = 10000, .sql_max_bytes = 1000, .flush_ms = 50};
}

static inline struct history *open_history(const struct history_config *c, struct metrics *m)
{
    struct history *h = NULL;
    struct error err;

    if (history_open(&h, c, m, &err) != OK)
        fail_msg("%s", err.text);
    return h;
}

static inline void begin_at(struct history *h, const char *id, uint64_t created_ms, const char *sql)
{
    history_begin(h, &(struct history_begin){.id = str_c(id),
                                             .user = STR("alice"),
                                             .backend = STR("trino-a"),
                                             .sql = str_c(sql),
                                             .created_ms = created_ms});
}

static inline void begin(struct history *h, const char *id)
{
    begin_at(h, id, clock_wall_ms(), "SELECT 1");
}

static inline void end(struct history *h, const char *id, const char *state)
{
    history_end(h, &(struct history_end){.id = str_c(id),
                                         .state = str_c(state),
                                         .ended_ms = clock_wall_ms(),
                                         .total_ms = 5,
                                         .rows = 7});
}

/* Waits until nothing waits for the writer. */
static inline struct history_health settle(struct history *h)
{
    struct history_health health;

    for (int i = 0; i < 1000; i++) {
        history_health(h, &health);
        if (health.queued == 0)
            return health;
        usleep(10000);
    }
    fail_msg("the writer does not come to an end");
    return health;
}

/* The first column of the first row; "" for NULL or no row. Freed by the caller. */
static inline char *look(const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    sqlite3 *db = NULL;
    char *text = NULL;

    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    sqlite3_busy_timeout(db, 2000);
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    if (sqlite3_step(stmt) == SQLITE_ROW)
        text = str_dup(str_c((const char *)sqlite3_column_text(stmt, 0)));
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return text != NULL ? text : str_dup(STR(""));
}

static inline void expect(const char *sql, const char *want)
{
    char *got = look(sql);

    if (strcmp(got, want) != 0)
        fail_msg("%s: %s, not %s", sql, got, want);
    free(got);
}

static inline uint64_t look_number(const char *sql)
{
    char *text = look(sql);
    uint64_t n = strtoull(text, NULL, 10);

    free(text);
    return n;
}

#endif
