/* SPDX-License-Identifier: Apache-2.0 */
/* test_history.c - what is stored and read back: merging, cutting, redaction, retention, threads.
 */
#include "tests/unit/history_fixture.h"

#include "base/utf8.h"

#include <jansson.h>
#include <pthread.h>

#define THREADS 4
#define STATEMENTS 500

static void stores_every_field(void **state)
{
    struct history_config c = usual_config();
    struct history *h = open_history(&c, NULL);

    (void)state;
    history_begin(h, &(struct history_begin){STR("id"),
                                             STR("cid"),
                                             STR("user"),
                                             STR("principal"),
                                             STR("source"),
                                             STR("client"),
                                             STR("tags"),
                                             STR("presto"),
                                             STR("catalog"),
                                             STR("schema"),
                                             STR("SELECT 'x'"),
                                             STR("adhoc"),
                                             STR("backend"),
                                             STR("reason"),
                                             STR("hint"),
                                             STR("trace"),
                                             STR("instance"),
                                             1000,
                                             2,
                                             STR("p=SELECT+1")});
    history_end(h, &(struct history_end){STR("id"), STR("FAILED"), STR("en"), STR("et"),
                                         STR("text"), STR("CREATE TABLE"), 11, 12, 13, 14, 15, 16,
                                         17, 18, 19, UINT64_MAX});
    history_close(h);
    expect(
        "SELECT id||cluster_id||user||principal||source||client||client_tags||dialect||catalog||"
        "schema||sql||routing_group||backend||reason||hint||trace_token||instance FROM statement",
        "idciduserprincipalsourceclienttagsprestocatalogschemaSELECT 'x'adhocbackendreasonhint"
        "traceinstance");
    expect(
        "SELECT format('%d %d %d ',created_ms,retries,sql_bytes)||state||error_name||error_type||"
        "error_text||update_type FROM statement",
        "1000 2 10 FAILEDenettextCREATE TABLE");
    expect("SELECT format('%d %d %d %d %d %d %d %d %d %d',ended_ms,queued_ms,first_row_ms,total_ms,"
           "rows,bytes,processed_rows,processed_bytes,cpu_ms,peak_memory_bytes) FROM statement",
           "11 12 13 14 15 16 17 18 19 9223372036854775807");
}

/* Fingerprint, its text and the tables of what was asked, by dialect and defaults. */
static void digests_sql(void **state)
{
    static const struct {
        const char *id, *dialect, *sql, *text, *tables;
    } cases[] = {
        {"a", "trino", "SELECT x FROM T WHERE y IN (1, 2)", "SELECT x FROM t WHERE y IN (?)",
         "{\"c.s.t\":\"r\"}"},
        {"b", "presto", "insert into a.b.t select 'x' from u", "INSERT INTO a.b.t SELECT ? FROM u",
         "{\"a.b.t\":\"w\",\"c.s.u\":\"r\"}"},
        {"c", "trino", "SELECT 1", "SELECT ?", ""},
        {"d", "trino", "SELECT 'x' FROM \"quo\"\"ted\" WHERE", "SELECT ? FROM \"quo\"\"ted\" WHERE",
         "{\"c.s.quo\\\"ted\":\"r\"}"},
        {"e", "presto", "SELEC", "selec", ""},
    };
    struct history_config c = usual_config();
    struct metrics *m = metrics_new();
    struct history *h = open_history(&c, m);
    char sql[200];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        history_begin(h, &(struct history_begin){.id = str_c(cases[i].id),
                                                 .dialect = str_c(cases[i].dialect),
                                                 .catalog = STR("c"),
                                                 .schema = STR("s"),
                                                 .sql = str_c(cases[i].sql)});
    end(h, "a", "FINISHED");
    settle(h);
    end(h, "b", "FINISHED"); /* in another batch: what is known stays */
    history_close(h);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        snprintf(sql, sizeof(sql), "SELECT fingerprint_text FROM statement WHERE id='%s'",
                 cases[i].id);
        expect(sql, cases[i].text);
        snprintf(sql, sizeof(sql), "SELECT tables FROM statement WHERE id='%s'", cases[i].id);
        expect(sql, cases[i].tables);
    }
    expect("SELECT fingerprint FROM statement WHERE id='c'", "2216bd3ebc2c3d5ad50a49b0f18e8c1b");
    expect("SELECT count(DISTINCT fingerprint) FROM statement WHERE length(fingerprint)=32", "5");
    expect("SELECT count(*) FROM statement,json_each(tables) WHERE key='c.s.u' AND value='r'", "1");
    assert_int_equal(counter_value(metrics_counter(m, "sleipnir_sql_parse_failures_total", "",
                                                   "dialect=\"trino\"")),
                     1);
    assert_int_equal(counter_value(metrics_counter(m, "sleipnir_sql_parse_failures_total", "",
                                                   "dialect=\"presto\"")),
                     1);
    metrics_free(m);
}

/* No part of a literal comes back through the fingerprint or the tables, and of a text that was cut
 * there is no fingerprint. */
static void digests_privately(void **state)
{
    struct history_config c = usual_config();
    struct history *h;

    (void)state;
    c.redact_literals = true;
    c.sql_max_bytes = 40;
    h = open_history(&c, NULL);
    begin_at(h, "a", 1, "SELECT a FROM t WHERE b = 'secret");
    begin_at(h, "b", 1, "SELECT 1 FROM u JOIN 'FROM secret");
    begin_at(h, "c", 1, "SELECT a FROM cut WHERE b = 'not secret' AND");
    begin_at(h, "d", 1, "SELECT 'secret' FROM t -- secret");
    history_close(h);
    expect("SELECT fingerprint_text||tables FROM statement WHERE id='a'",
           "SELECT a FROM t WHERE b = ?{\"t\":\"r\"}");
    expect("SELECT tables FROM statement WHERE id='b'", "{\"u\":\"r\"}");
    expect("SELECT fingerprint IS NULL AND fingerprint_text IS NULL FROM statement WHERE id='c'",
           "1");
    expect("SELECT tables FROM statement WHERE id='c'", "{\"cut\":\"r\"}");
    expect("SELECT fingerprint_text FROM statement WHERE id='d'", "SELECT ? FROM t");
    expect("SELECT count(*) FROM statement WHERE sql||ifnull(fingerprint_text,'')||tables"
           " LIKE '%secret%'",
           "0");
}

/* EXECUTE is known by what it executes. */
static void digests_prepared(void **state)
{
    static const struct {
        const char *id, *sql, *text, *tables;
    } cases[] = {
        {"a", "EXECUTE p USING 1", "SELECT * FROM t WHERE a = ?", "{\"t\":\"r\"}"},
        {"b", "EXECUTE IMMEDIATE 'SELECT * FROM t WHERE a = 7'", "SELECT * FROM t WHERE a = ?",
         "{\"t\":\"r\"}"},
        {"c", "EXPLAIN EXECUTE p", "EXPLAIN EXECUTE p", "{\"t\":\"r\"}"},
        {"d", "EXECUTE q", "EXECUTE q", ""},
        {"e", "EXECUTE bad", "EXECUTE bad", ""},
    };
    struct history_config c = usual_config();
    struct history *h;
    char sql[200];

    (void)state;
    c.redact_literals = true;
    h = open_history(&c, NULL);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        history_begin(
            h, &(struct history_begin){
                   .id = str_c(cases[i].id),
                   .dialect = STR("trino"),
                   .sql = str_c(cases[i].sql),
                   .prepared = STR("p=SELECT+*+FROM+t+WHERE+a%3D%3F,bad=SELECT+%27+FROM+x")});
    history_close(h);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        snprintf(sql, sizeof(sql), "SELECT fingerprint_text FROM statement WHERE id='%s'",
                 cases[i].id);
        expect(sql, cases[i].text);
        snprintf(sql, sizeof(sql), "SELECT tables FROM statement WHERE id='%s'", cases[i].id);
        expect(sql, cases[i].tables);
    }
    expect("SELECT count(DISTINCT fingerprint) FROM statement WHERE id IN ('a','b')", "1");
}

/* A database of an older version gets the new columns and keeps its rows. */
static void migrates(void **state)
{
    struct history_config c = usual_config();
    struct history *h = open_history(&c, NULL);

    (void)state;
    begin(h, "old");
    history_close(h);
    free(look("ALTER TABLE statement DROP COLUMN fingerprint"));
    free(look("ALTER TABLE statement DROP COLUMN fingerprint_text"));
    free(look("ALTER TABLE statement DROP COLUMN tables"));
    free(look("PRAGMA user_version=2"));
    h = open_history(&c, NULL);
    begin(h, "new");
    end(h, "old", "FINISHED");
    history_close(h);
    expect("PRAGMA user_version", "3");
    expect("SELECT group_concat(id||ifnull(fingerprint_text,'')) FROM statement",
           "old,newSELECT ?");
    expect("SELECT state FROM statement WHERE id='old'", "FINISHED");
}

static void files_are_private(void **state)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    struct history_config c = usual_config();
    struct history *h = open_history(&c, NULL);
    char name[200];
    struct stat st;

    (void)state;
    begin(h, "a");
    settle(h);
    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
        snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
        assert_int_equal(stat(name, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
    history_close(h);
}

/* A statement that begins and ends within a batch is one write, otherwise two. */
static void merges_within_a_batch(void **state)
{
    struct history_config c = usual_config();
    struct metrics *m = metrics_new();
    struct counter *rows = metrics_counter(m, "sleipnir_history_rows_total", "", "");
    struct counter *batches = metrics_counter(m, "sleipnir_history_batches_total", "", "");
    struct history *h;
    char id[20];

    (void)state;
    c.flush_ms = 300;
    h = open_history(&c, m);
    begin(h, "long");
    settle(h);
    assert_int_equal(counter_value(rows), 1);
    expect("SELECT count(*) FROM statement WHERE state IS NULL", "1");
    for (int i = 0; i < 100; i++) {
        snprintf(id, sizeof(id), "q%d", i);
        begin(h, id);
        end(h, id, "FINISHED");
    }
    end(h, "long", "FAILED");
    end(h, "elsewhere", "FINISHED");
    settle(h);
    assert_int_equal(counter_value(rows), 103);
    assert_int_equal(counter_value(batches), 2);
    begin(h, "elsewhere"); /* comes late */
    assert_int_equal(settle(h).written, 204);
    history_close(h);
    expect("SELECT count(*) FROM statement", "102");
    expect("SELECT count(*) FROM statement WHERE state='FINISHED' AND rows=7", "101");
    expect("SELECT state FROM statement WHERE id='long' AND user='alice'", "FAILED");
    expect("SELECT state||user FROM statement WHERE id='elsewhere'", "FINISHEDalice");
    metrics_free(m);
}

static void lone_end_is_stored(void **state)
{
    struct history_config c = usual_config();
    struct history *h = open_history(&c, NULL);

    (void)state;
    history_end(h,
                &(struct history_end){
                    .id = STR("x"), .state = STR("CANCELED"), .ended_ms = 1000, .total_ms = 300});
    history_end(h, &(struct history_end){.id = STR_NONE, .state = STR("CANCELED")});
    history_close(h);
    expect("SELECT count(*)||state||created_ms FROM statement", "1CANCELED700");
}

/* Hostile bytes and texts that are too long: what comes back is UTF-8 and says that it was cut. */
static void cuts_and_cleans_sql(void **state)
{
    static const struct {
        const char *sql, *stored;
    } cases[] = {
        {"SELECT 10", "SELECT 10"},
        {"SELECT 10!", "SELECT 10!"},
        {"SELECT 100!", "SELECT \xe2\x80\xa6"},
        {"SELEC\xc3\xa9\xc3\xa9\xc3\xa9", "SELEC\xc3\xa9\xe2\x80\xa6"},
        {"a\xff", "a" UTF8_REPLACEMENT},
    };
    struct history_config c = usual_config();
    struct history *h;
    char id[20], look_up[100];

    (void)state;
    c.sql_max_bytes = 10;
    h = open_history(&c, NULL);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        snprintf(id, sizeof(id), "q%zu", i);
        begin_at(h, id, 1, cases[i].sql);
    }
    settle(h);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        snprintf(look_up, sizeof(look_up), "SELECT sql FROM statement WHERE id='q%zu'", i);
        expect(look_up, cases[i].stored);
    }
    history_close(h);
}

static void redacts_before_storing(void **state)
{
    struct history_config c = usual_config();
    struct history *h;

    (void)state;
    c.redact_literals = true;
    c.sql_max_bytes = 23;
    h = open_history(&c, NULL);
    begin_at(h, "a", 1, "SELECT 'secret', 12");
    begin_at(h, "b", 1, "SELECT a WHERE b = 'secret");
    history_close(h);
    expect("SELECT sql FROM statement WHERE id='a'", "SELECT ?, ?");
    expect("SELECT sql FROM statement WHERE id='b'", "SELECT a WHERE b = ?\xe2\x80\xa6");
}

static void finds_backends(void **state)
{
    struct history_config c = usual_config();
    struct history *h = open_history(&c, NULL);
    char backend[20];
    struct error err;

    (void)state;
    begin(h, "a");
    end(h, "b", "FINISHED");
    settle(h);
    assert_int_equal(history_find_backend(h, STR("a"), backend, sizeof(backend), &err), OK);
    assert_string_equal(backend, "trino-a");
    assert_int_equal(history_find_backend(h, STR("a"), backend, 7, &err), ERR_LIMIT);
    assert_int_equal(history_find_backend(h, STR("b"), backend, 7, &err), ERR_NOT_FOUND);
    assert_int_equal(history_find_backend(h, STR_NONE, backend, 7, &err), ERR_NOT_FOUND);
    assert_int_equal(history_find_backend(h, STR("a' OR 1=1"), backend, 7, &err), ERR_NOT_FOUND);
    history_close(h);
}

static const struct {
    struct str user, state;
    unsigned limit;
    const char *ids;
} searches[] = {
    {{NULL, 0}, {NULL, 0}, 100, "dcba"},     {{"alice", 5}, {NULL, 0}, 100, "dcba"},
    {{"bob", 3}, {NULL, 0}, 100, ""},        {{NULL, 0}, {"RUNNING", 7}, 100, "da"},
    {{NULL, 0}, {"FAILED", 6}, 100, "c"},    {{NULL, 0}, {"FINISHED", 8}, 100, "b"},
    {{"alice", 5}, {"FAILED", 6}, 100, "c"}, {{NULL, 0}, {NULL, 0}, 2, "dc"},
    {{"a' OR 1", 7}, {"x'", 2}, 100, ""},
};

static void search(struct history *h, size_t i)
{
    struct buf out = buf_make(100000);
    struct error err = {.text = ""};
    char ids[10] = "";
    json_t *root, *row;
    size_t k;

    assert_int_equal(
        history_recent(h, searches[i].user, searches[i].state, searches[i].limit, &out, &err), OK);
    root = json_loadb(out.p, out.n, 0, NULL);
    assert_non_null(root);
    json_array_foreach(root, k, row)
    {
        ids[k] = json_string_value(json_object_get(row, "id"))[0];
        assert_non_null(json_object_get(row, "state"));
        assert_null(json_object_get(row, "source"));
    }
    assert_string_equal(ids, searches[i].ids);
    json_decref(root);
    buf_reset(&out);
}

static void lists_the_newest(void **state)
{
    struct history_config c = usual_config();
    struct history *h = open_history(&c, NULL);
    struct buf small = buf_make(300);
    struct error err;

    (void)state;
    for (int i = 0; i < 4; i++)
        begin_at(h, (const char[]){(char)('a' + i), '\0'}, 100 + (uint64_t)i, "\"\x01\xff");
    end(h, "b", "FINISHED");
    end(h, "c", "FAILED");
    settle(h);
    for (size_t i = 0; i < ARRAY_LEN(searches); i++)
        search(h, i);
    assert_int_equal(history_recent(h, STR_NONE, STR_NONE, 10, &small, &err), ERR_LIMIT);
    buf_reset(&small);
    history_close(h);
}

static void removes_by_age(void **state)
{
    struct history_config c = usual_config();
    uint64_t now_ms = clock_wall_ms();
    struct history *h;
    char id[20];

    (void)state;
    c.retention_age_ms = 3600 * 1000;
    h = open_history(&c, NULL);
    for (int i = 0; i < 1000; i++) {
        snprintf(id, sizeof(id), "q%d", i);
        begin_at(h, id, i < 700 ? now_ms - 3700 * 1000 : now_ms, "SELECT 1");
    }
    settle(h);
    history_close(h);
    h = open_history(&c, NULL);
    for (int i = 0; i < 500 && look_number("SELECT count(*) FROM statement") > 300; i++)
        usleep(10000);
    expect("SELECT count(*) FROM statement", "300");
    expect("SELECT count(*) FROM statement WHERE id<>'q999' AND created_ms<"
           "(SELECT created_ms FROM statement WHERE id='q700')",
           "0");
    history_close(h);
}

static void removes_by_size(void **state)
{
    struct history_config c = usual_config();
    static char sql[2000];
    struct history *h;
    struct stat st;
    char id[20];

    (void)state;
    memset(sql, 'a', sizeof(sql) - 1);
    c.sql_max_bytes = sizeof(sql);
    c.retention_size_bytes = 1 << 20;
    h = open_history(&c, NULL);
    for (int i = 0; i < 4000; i++) { /* some 8 MB */
        snprintf(id, sizeof(id), "q%04d", i);
        begin_at(h, id, (uint64_t)i, sql);
    }
    settle(h);
    history_close(h);
    h = open_history(&c, NULL);
    for (int i = 0; i < 500 && look_number("SELECT count(*) FROM statement") > 500; i++)
        usleep(10000);
    usleep(300000); /* and the empty pages */
    history_close(h);
    assert_true(look_number("SELECT count(*) FROM statement") > 100);
    expect("SELECT max(id) FROM statement", "q3999"); /* the newest stay */
    assert_int_equal(stat(path, &st), 0);
    if (st.st_size > 3 << 20)
        fail_msg("%lld bytes", (long long)st.st_size);
}

struct load {
    struct history *h;
    char name;
};

static void *load_thread(void *arg)
{
    struct load *load = arg;
    char id[20], backend[20];

    for (int i = 0; i < STATEMENTS; i++) {
        snprintf(id, sizeof(id), "%c%d", load->name, i);
        begin(load->h, id);
        if (i % 100 == 0 && history_find_backend(load->h, str_c(id), backend, 20, NULL) == OK)
            assert_string_equal(backend, "trino-a");
        end(load->h, id, "FINISHED");
    }
    return NULL;
}

/* Two instances on one file, two threads each, readers among them. */
static void threads_and_instances_share_a_file(void **state)
{
    struct history_config c = usual_config();
    struct history *h[2];
    struct load loads[THREADS];
    pthread_t threads[THREADS];

    (void)state;
    c.flush_ms = 5;
    h[0] = open_history(&c, NULL);
    h[1] = open_history(&c, NULL);
    for (int i = 0; i < THREADS; i++) {
        loads[i] = (struct load){h[i % 2], (char)('a' + i)};
        assert_int_equal(pthread_create(&threads[i], NULL, load_thread, &loads[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    history_close(h[0]);
    assert_int_equal(settle(h[1]).dropped, 0);
    history_close(h[1]);
    expect("SELECT count(*) FROM statement WHERE state='FINISHED' AND user='alice'", "2000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(stores_every_field, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(digests_sql, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(digests_privately, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(digests_prepared, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(migrates, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(files_are_private, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(merges_within_a_batch, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(lone_end_is_stored, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(cuts_and_cleans_sql, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(redacts_before_storing, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(finds_backends, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(lists_the_newest, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(removes_by_age, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(removes_by_size, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(threads_and_instances_share_a_file, make_folder,
                                        remove_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
