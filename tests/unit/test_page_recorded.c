/* SPDX-License-Identifier: Apache-2.0 */
/* test_page_recorded.c - pages of real servers: one of the one server, translated, must be what the
 * other sent for the same SQL; and there and back again nothing is lost. */
#include "tests/unit/page_run.h"

#define PRESTO_DIR "presto-0.296/presto-jdbc-0.296"
#define TRINO_DIR "trino-476/trino-jdbc-476"

struct recording {
    FILE *file;
    char *line;
    size_t size;
    json_t *exchange;
    const char *sql; /* of the last POST; owned by `post` */
    json_t *post;
};

static bool open_recording(struct recording *r, const char *dir, const char *name)
{
    const char *root = getenv("SLEIPNIR_TESTDATA");
    char path[500];

    *r = (struct recording){0};
    snprintf(path, sizeof(path), "%s/wire/%s/%s.jsonl", root != NULL ? root : "../shared/testdata",
             dir, name);
    r->file = fopen(path, "r");
    if (r->file == NULL)
        print_message("SKIPPED: no recording %s (set SLEIPNIR_TESTDATA)\n", path);
    return r->file != NULL;
}

/* The next page of a statement, NULL at the end. */
static const char *next_page(struct recording *r)
{
    while (getline(&r->line, &r->size, r->file) > 0) {
        const char *body, *path;

        json_decref(r->exchange);
        r->exchange = json_loads(r->line, JSON_ALLOW_NUL, NULL);
        path = json_string_value(json_object_get(r->exchange, "path"));
        body = json_string_value(json_object_get(r->exchange, "response_body"));
        if (path == NULL || strncmp(path, "/v1/statement", 13) != 0)
            continue;
        if (strcmp(json_string_value(json_object_get(r->exchange, "method")), "POST") == 0) {
            json_decref(r->post);
            r->post = json_incref(r->exchange);
            r->sql = json_string_value(json_object_get(r->post, "request_body"));
        }
        if (body != NULL && strstr(body, "\"stats\"") != NULL)
            return body;
    }
    return NULL;
}

static void close_recording(struct recording *r)
{
    json_decref(r->exchange);
    json_decref(r->post);
    free(r->line);
    fclose(r->file);
}

/* Columns in which the servers themselves differ. */
static bool is_comparable(const char *name)
{
    static const char *const differ[] = {
        "c_map_ts",  /* a literal without fraction is timestamp(0) in Trino */
        "c_tdigest", /* other versions of the same serialisation */
        "a",         /* stands twice */
    };

    for (size_t i = 0; i < ARRAY_LEN(differ); i++)
        if (strcmp(name, differ[i]) == 0)
            return false;
    return true;
}

static json_t *find_column(json_t *columns, const char *name, size_t *at)
{
    for (size_t i = 0; i < json_array_size(columns); i++) {
        json_t *c = json_array_get(columns, i);

        if (strcmp(json_string_value(json_object_get(c, "name")), name) == 0) {
            *at = i;
            return c;
        }
    }
    return NULL;
}

/* Compares columns and first rows by the columns' names; returns how many were compared. */
static size_t compare_pages(json_t *got, json_t *want)
{
    json_t *columns = json_object_get(got, "columns"), *others = json_object_get(want, "columns");
    json_t *row = json_array_get(json_object_get(got, "data"), 0);
    json_t *other_row = json_array_get(json_object_get(want, "data"), 0);
    size_t n = 0, k;

    for (size_t i = 0; i < json_array_size(columns); i++) {
        json_t *c = json_array_get(columns, i), *other;
        const char *name = json_string_value(json_object_get(c, "name"));

        other = find_column(others, name, &k);
        if (other == NULL || !is_comparable(name))
            continue;
        if (!json_equal(c, other))
            fail_msg("column %s: %s\n%s", name, json_dumps(c, 0), json_dumps(other, 0));
        if (!json_equal(json_array_get(row, i), json_array_get(other_row, k)))
            fail_msg("value of %s: %s\n%s", name,
                     json_dumps(json_array_get(row, i), JSON_ENCODE_ANY),
                     json_dumps(json_array_get(other_row, k), JSON_ENCODE_ANY));
        n++;
    }
    return n;
}

static const char *next_data(struct recording *r)
{
    const char *page = next_page(r);

    while (page != NULL && strstr(page, "\"data\":") == NULL)
        page = next_page(r);
    return page;
}

static size_t compare_translated(const char *page, const char *other, enum dialect from)
{
    struct run r = {.from = from,
                    .capabilities = from == DIALECT_PRESTO ? CAP_PARAMETRIC_DATETIME : 0};
    json_t *got, *want;
    struct buf out;
    size_t n;

    must(&out, str_c(page), &r);
    got = parsed(buf_str(&out));
    want = parsed(str_c(other));
    n = compare_pages(got, want);
    json_decref(got);
    json_decref(want);
    buf_reset(&out);
    return n;
}

static void turns_recorded_types_into_the_other_servers(void **state)
{
    struct recording presto, trino;
    size_t n = 0;

    (void)state;
    if (!open_recording(&presto, PRESTO_DIR, "types"))
        return;
    assert_true(open_recording(&trino, TRINO_DIR, "types"));
    for (;;) {
        const char *p = next_data(&presto), *t = next_data(&trino);

        if (p == NULL || t == NULL)
            break;
        n += compare_translated(p, t, DIALECT_PRESTO);
        n += compare_translated(t, p, DIALECT_TRINO);
    }
    assert_true(n > 100);
    close_recording(&presto);
    close_recording(&trino);
}

/* The last page of the statement `sql`, or NULL. The caller frees. */
static char *last_page(const char *dir, const char *file, const char *sql)
{
    struct recording r;
    const char *page;
    char *last = NULL;

    assert_true(open_recording(&r, dir, file));
    while ((page = next_page(&r)) != NULL)
        if (strcmp(r.sql, sql) == 0 && strstr(page, "\"nextUri\"") == NULL) {
            free(last);
            last = str_dup(str_c(page));
        }
    close_recording(&r);
    return last;
}

static void compare_member(json_t *got, json_t *want, const char *key, const char *sql)
{
    json_t *a = json_object_get(got, key), *b = json_object_get(want, key);

    if ((a == NULL) != (b == NULL) || (a != NULL && !json_equal(a, b)))
        fail_msg("%s: %s differs: %s\n%s", sql, key, json_dumps(a, JSON_ENCODE_ANY),
                 json_dumps(b, JSON_ENCODE_ANY));
}

/* columns, data, updateType and updateCount of the last page are those of the other server. */
static void turns_recorded_statements_into_the_other_servers(void **state)
{
    static const struct {
        const char *file, *sql;
    } statements[] = {
        {"dml", "DROP TABLE IF EXISTS wire"},
        {"dml", "CREATE TABLE wire (a integer, b varchar)"},
        {"dml", "CREATE VIEW wire_v AS SELECT a FROM wire"},
        {"dml", "ALTER TABLE wire RENAME TO wire3"},
        {"dml", "INSERT INTO wire VALUES (1, 'x'), (2, null)"},
        {"dml", "CREATE TABLE wire2 AS SELECT * FROM tpch.tiny.nation"},
        {"dml", "ANALYZE tpch.tiny.nation"},
        {"dml", "CREATE SCHEMA memory.wire_s"},
        {"session", "USE tpch.tiny"},
        {"session", "SET SESSION query_max_run_time = '11m'"},
        {"session", "RESET SESSION query_max_run_time"},
        {"session", "SET ROLE ALL"},
        {"show", "SHOW TABLES FROM tpch.sf1 LIKE 'o%'"},
    };
    static const char *const keys[] = {"columns", "data", "updateType", "updateCount"};
    struct recording probe;

    (void)state;
    if (!open_recording(&probe, PRESTO_DIR, "dml"))
        return;
    close_recording(&probe);
    for (size_t i = 0; i < 2 * ARRAY_LEN(statements); i++) {
        const char *file = statements[i / 2].file, *sql = statements[i / 2].sql;
        bool from_presto = i % 2 == 0;
        char *page = last_page(from_presto ? PRESTO_DIR : TRINO_DIR, file, sql);
        char *other = last_page(from_presto ? TRINO_DIR : PRESTO_DIR, file, sql);
        struct run r = {.from = from_presto ? DIALECT_PRESTO : DIALECT_TRINO};
        json_t *got, *want;
        struct buf out;

        if (page == NULL || other == NULL)
            fail_msg("%s is not recorded", sql);
        must(&out, str_c(page), &r);
        got = parsed(buf_str(&out));
        want = parsed(str_c(other));
        for (size_t k = 0; k < ARRAY_LEN(keys); k++)
            compare_member(got, want, keys[k], sql);
        json_decref(got);
        json_decref(want);
        buf_reset(&out);
        free(page);
        free(other);
    }
}

/* There and back: columns and data of types both have are the same. */
static void round_trip(const char *page, enum dialect from, size_t *pages)
{
    struct run there = {.from = from,
                        .capabilities = from == DIALECT_PRESTO ? CAP_PARAMETRIC_DATETIME : 0};
    struct run back = {.from = from == DIALECT_PRESTO ? DIALECT_TRINO : DIALECT_PRESTO,
                       .capabilities = from == DIALECT_PRESTO ? 0 : CAP_PARAMETRIC_DATETIME};
    struct buf one, two;
    json_t *a, *b;

    must(&one, str_c(page), &there);
    must(&two, buf_str(&one), &back);
    a = parsed(str_c(page));
    b = parsed(buf_str(&two));
    /* Types of one side only come back as what they became. */
    if (strstr(page, "ipprefix") == NULL && strstr(page, "timestamp(0)") == NULL &&
        strstr(page, "\"columns\":[]") == NULL) {
        compare_member(b, a, "columns", page);
        compare_member(b, a, "data", page);
        compare_member(b, a, "updateType", page);
        ++*pages;
    }
    json_decref(a);
    json_decref(b);
    buf_reset(&one);
    buf_reset(&two);
}

static void round_trips_recorded_pages(void **state)
{
    static const char *const files[] = {"types",    "dml",         "show",   "session",
                                        "prepared", "error_late",  "errors", "select_pages",
                                        "metadata", "transaction", "cancel"};
    size_t pages = 0;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        for (int p = 0; p < 2; p++) {
            struct recording r;
            const char *page;

            if (!open_recording(&r, p == 0 ? PRESTO_DIR : TRINO_DIR, files[i]))
                return;
            while ((page = next_page(&r)) != NULL)
                if (strstr(page, "\"updateType\":\"\"") == NULL)
                    round_trip(page, p == 0 ? DIALECT_PRESTO : DIALECT_TRINO, &pages);
            close_recording(&r);
        }
    assert_true(pages > 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(turns_recorded_types_into_the_other_servers),
        cmocka_unit_test(turns_recorded_statements_into_the_other_servers),
        cmocka_unit_test(round_trips_recorded_pages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
