/* SPDX-License-Identifier: Apache-2.0 */
/* test_history_faults.c - killed processes, full disks, broken and locked files, full queues. */
#include "tests/unit/history_fixture.h"

#include "base/log.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

static char big_sql[4000];

static int make_quiet_folder(void **state)
{
    memset(big_sql, 'a', sizeof(big_sql) - 1);
    log_set(LOG_LOGFMT, LOG_LEVEL_OFF, STDERR_FILENO);
    return make_folder(state);
}

/* Statements are numbered; the time of the last call of each is in `created_ms`. */
static void append_for_ever(void)
{
    struct history_config c = usual_config();
    struct history *h = open_history(&c, NULL);
    char id[20];

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int i = 0;; i++) {
        snprintf(id, sizeof(id), "q%d", i);
        begin(h, id);
        end(h, id, "FINISHED");
        usleep(200);
    }
}

/* Killed three times in full run: the file is whole, and what was older than a second is there. */
static void survives_kill(void **state)
{
    char sql[200];

    (void)state;
    for (int round = 0; round < 3; round++) {
        struct history_config c = usual_config();
        pid_t pid = fork();
        uint64_t killed_ms;

        if (pid == 0)
            append_for_ever();
        usleep(1500000);
        kill(pid, SIGKILL);
        killed_ms = clock_wall_ms();
        assert_int_equal(waitpid(pid, NULL, 0), pid);
        history_close(open_history(&c, NULL));
        expect("PRAGMA integrity_check", "ok");
        snprintf(sql, sizeof(sql), "SELECT max(created_ms)>=%llu FROM statement",
                 (unsigned long long)killed_ms - 1000);
        expect(sql, "1");
        /* numbered without gaps: nothing before the last is missing */
        expect("SELECT count(*)=max(CAST(substr(id,2) AS INTEGER))+1 FROM statement", "1");
        expect("SELECT count(*) FROM statement WHERE state IS NULL OR user IS NULL", "0");
        expect("DELETE FROM statement", "");
    }
}

/* Appends until the history gives up, then makes room and expects it to go on. */
static void fill_and_heal(void (*make_room)(void))
{
    struct history_config c = usual_config();
    struct metrics *m = metrics_new();
    struct history *h;
    struct history_health health;
    char id[20];
    uint64_t lost = 0;

    c.sql_max_bytes = sizeof(big_sql);
    h = open_history(&c, m);
    for (int i = 0; i < 2000; i++) {
        snprintf(id, sizeof(id), "q%d", i);
        begin_at(h, id, 1, big_sql);
        if (i % 100 == 99)
            health = settle(h);
    }
    assert_false(health.writing);
    assert_true(strlen(health.reason) > 10);
    assert_true(health.dropped > 0 && health.written > 0);
    lost = health.dropped;
    make_room();
    for (int i = 0; i < 300 && !health.writing; i++) { /* by itself */
        usleep(10000);
        history_health(h, &health);
    }
    assert_true(health.writing);
    begin(h, "after");
    health = settle(h);
    assert_true(health.writing);
    assert_string_equal(health.reason, "");
    assert_int_equal(health.dropped, lost);
    assert_int_equal(counter_value(metrics_counter(m, "sleipnir_history_dropped_total", "", "")),
                     lost);
    history_close(h);
    metrics_free(m);
    expect("PRAGMA integrity_check", "ok");
    assert_int_equal(look_number("SELECT count(*) FROM statement"), health.written);
    expect("SELECT id FROM statement WHERE id='after'", "after");
}

static void lift_limit(void)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void survives_write_errors(void **state)
{
    struct rlimit limit;

    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = 2 << 20;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    fill_and_heal(lift_limit);
    lift_limit();
}

static void grow_disk(void)
{
    assert_int_equal(mount("tmpfs", folder, "tmpfs", MS_REMOUNT, "size=64m"), 0);
}

static void survives_full_disk(void **state)
{
    (void)state;
    if (mount("tmpfs", folder, "tmpfs", 0, "size=2m") != 0) {
        print_message("!!! cannot mount a tmpfs here: full disk not tested\n");
        skip();
    }
    fill_and_heal(grow_disk);
}

static int remove_mounted_folder(void **state)
{
    if (umount(folder) != 0)
        print_message("%s was no mount\n", folder);
    return remove_folder(state);
}

static void write_file(const char *bytes, size_t n, off_t at)
{
    int fd = open(path, O_WRONLY | O_CREAT, 0600);

    assert_int_equal(pwrite(fd, bytes, n, at), n);
    close(fd);
}

static unsigned broken_files(void)
{
    DIR *d = opendir(folder);
    unsigned n = 0;

    for (struct dirent *e; (e = readdir(d)) != NULL;)
        n += strstr(e->d_name, "history.db.broken-") != NULL;
    closedir(d);
    return n;
}

/* A few bytes are taken for an empty file, by SQLite itself. */
static void moves_garbage_aside(void **state)
{
    static const size_t sizes[] = {99, 512, 3999};

    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct history_config c = usual_config();
        struct history *h;

        assert_int_equal(make_quiet_folder(state), 0);
        write_file(big_sql, sizes[i], 0);
        h = open_history(&c, NULL);
        assert_int_equal(broken_files(), 1);
        begin(h, "a");
        history_close(h);
        expect("SELECT id FROM statement", "a");
        assert_int_equal(remove_folder(state), 0);
    }
}

/* A database whose head is right and whose pages are not. */
static void moves_damaged_database_aside(void **state)
{
    struct history_config c = usual_config();
    struct history *h = open_history(&c, NULL);
    char id[20];

    (void)state;
    for (int i = 0; i < 1000; i++) {
        snprintf(id, sizeof(id), "q%d", i);
        begin(h, id);
    }
    history_close(h);
    for (off_t at = 8 * 4096; at < 20 * 4096; at += 4096)
        write_file(big_sql, sizeof(big_sql), at);
    h = open_history(&c, NULL);
    assert_int_equal(broken_files(), 1);
    history_close(h);
    expect("SELECT count(*) FROM statement", "0");
}

static void refuses(enum err code, const char *text)
{
    struct history_config c = usual_config();
    struct history *h = NULL;
    struct error err = {.text = ""};

    assert_int_equal(history_open(&h, &c, NULL, &err), code);
    assert_null(h);
    if (strstr(err.text, text) == NULL)
        fail_msg("%s", err.text);
    assert_int_equal(broken_files(), 0);
}

static void refuses_a_locked_file(void **state)
{
    sqlite3 *db;

    (void)state;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN EXCLUSIVE; CREATE TABLE x(y)", NULL, NULL, NULL),
                     SQLITE_OK);
    refuses(ERR_BUSY, "locked by another process");
    sqlite3_close(db);
}

static void refuses_a_newer_schema(void **state)
{
    struct history_config c = usual_config();

    (void)state;
    history_close(open_history(&c, NULL));
    expect("PRAGMA user_version=99", "");
    refuses(ERR_INVALID, "newer version");
}

static void refuses_a_missing_folder(void **state)
{
    (void)state;
    snprintf(path, sizeof(path), "%s/nowhere/history.db", folder);
    refuses(ERR_INTERNAL, "No such file");
}

/* While another connection writes, the queue fills up; nobody waits for it. */
static void drops_when_the_queue_is_full(void **state)
{
    struct history_config c = usual_config();
    struct history_health health;
    struct history *h;
    uint64_t since_us;
    sqlite3 *db;
    char id[20];

    (void)state;
    c.queue_max = 10;
    h = open_history(&c, NULL);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    since_us = clock_mono_us();
    for (int i = 0; i < 100; i++) {
        snprintf(id, sizeof(id), "q%d", i);
        begin(h, id);
    }
    assert_true(clock_mono_us() - since_us < 500000);
    history_health(h, &health);
    assert_int_equal(health.dropped, 90);
    assert_int_equal(health.queued, 10);
    assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    history_close(h);
    expect("SELECT count(*) FROM statement", "10");
}

int main(void)
{
#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_quiet_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(survives_kill),
        WITH_FOLDER(survives_write_errors),
        cmocka_unit_test_setup_teardown(survives_full_disk, make_quiet_folder,
                                        remove_mounted_folder),
        cmocka_unit_test(moves_garbage_aside),
        WITH_FOLDER(moves_damaged_database_aside),
        WITH_FOLDER(refuses_a_locked_file),
        WITH_FOLDER(refuses_a_newer_schema),
        WITH_FOLDER(refuses_a_missing_folder),
        WITH_FOLDER(drops_when_the_queue_is_full),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
