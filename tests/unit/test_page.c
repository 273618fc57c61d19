/* SPDX-License-Identifier: Apache-2.0 */
/* test_page.c - translation of documents: members, statistics, errors, statements without a result,
 * hostile ones. Values are in test_page_values.c, recordings in test_page_recorded.c. */
#include "tests/unit/page_run.h"
#include "protocol/errors.h"

static void rewrites_ids_uris_and_warnings(void **state)
{
    static const char page[] =
        "{\"id\":\"20260101_120000_00001_abcde\",\"infoUri\":\"http:\\/\\/x/ui?q=\\\"\","
        "\"partialCancelUri\":\"http://x/p\",\"nextUri\":\"http://x/n\",\"unknown\":{\"a\":[1]},"
        "\"columns\":[{\"name\":\"a\\\"b\",\"type\":\"bigint\",\"typeSignature\":null}],\"data\":[["
        "1]"
        ", [ 2 ]],\"error\":null,\"stats\":{\"state\":\"RUNNING\",\"queuedTimeMillis\":1,"
        "\"elapsedTimeMillis\":2,\"cpuTimeMillis\":3,\"processedRows\":4,\"processedBytes\":5,"
        "\"peakMemoryBytes\":6},\"warnings\":[{\"warningCode\":{\"code\":5,\"name\":"
        "\"REDUNDANT_ORDER_BY\"},\"message\":\"m\"},{\"warningCode\":{\"code\":99,\"name\":\"X\"},"
        "\"message\":\"n\"}],\"updateType\":\"INSERT\",\"updateCount\":25}";
    struct run r = {.from = DIALECT_PRESTO, .warning = STR("slow \"now\"")};
    struct page_facts f;
    struct error err;
    struct buf out;

    (void)state;
    must(&out, STR(page), &r);
    has(&out, "{\"id\":\"20260101_000000_00001_aaaaa\",\"infoUri\":\"https://gw//ui?q=\\\"\","
              "\"nextUri\":\"https://gw//n\",\"columns\":[{\"name\":\"a\\\"b\",");
    has(&out, "\"data\":[[1], [ 2 ]],\"stats\":{\"state\":\"RUNNING\",\"queued\":false,");
    has(&out, "\"warnings\":[{\"warningCode\":{\"code\":2,\"name\":\"REDUNDANT_ORDER_BY\"},"
              "\"message\":\"m\"},{\"warningCode\":{\"code\":99,\"name\":\"X\"},\"message\":\"n\"},"
              "{\"warningCode\":{\"code\":16777216,\"name\":\"GATEWAY_WARNING\"},\"message\":"
              "\"slow \\\"now\\\"\"}],\"updateType\":\"INSERT\",\"updateCount\":25}");
    has_not(&out, "partialCancelUri");
    has_not(&out, "unknown");
    has_not(&out, "\"error\"");
    buf_reset(&out);

    assert_int_equal(translate(&out, STR(page), &r, &f, &err), OK);
    assert_false(f.last);
    assert_true(str_eq(f.state, STR("RUNNING")) && str_eq(f.update_type, STR("INSERT")));
    assert_true(f.rows == 2 && f.queued_ms == 1 && f.elapsed_ms == 2 && f.cpu_ms == 3);
    assert_true(f.processed_rows == 4 && f.processed_bytes == 5 && f.peak_memory_bytes == 6);
    assert_int_equal(f.error_name.n, 0);
    buf_reset(&out);
}

/* Members in any order; a late columns still precedes data in the output. */
static void takes_members_in_any_order(void **state)
{
    struct run r = {.from = DIALECT_TRINO};
    struct page_facts f;
    struct error err;
    struct buf out;

    (void)state;
    must(&out,
         STR("{\"data\":[[[1]]]," STATS
             ",\"columns\":[{\"type\":\"array(bigint)\",\"name\":\"c\"}],"
             "\"id\":\"x\"}"),
         &r);
    has(&out, "}],\"data\":[[\"[ 1 ]\"]],\"stats\":");
    buf_reset(&out);
    /* No empty array. */
    assert_int_equal(translate(&out,
                               STR("{\"id\":\"x\",\"columns\":[{\"name\":\"c\",\"type\":\"date\"}],"
                                   "\"data\":[]," STATS "}"),
                               &r, &f, &err),
                     OK);
    has_not(&out, "data");
    assert_true(f.last && f.rows == 0);
    buf_reset(&out);
}

static void refuses_broken_documents(void **state)
{
    static const char *const pages[] = {
        "",
        "{",
        "[]",
        "null",
        "{}",
        "{\"id\":\"x\"}",
        "{" STATS "}",
        "{\"id\":\"x\"," STATS "} x",
        "{\"id\":\"x\"," STATS ",}",
        "{\"id\":\"x\"," STATS ",\"id\":\"y\"}",
        "{\"id\":\"x\",\"stats\":1}",
        "{\"id\":\"x\",\"stats\":{\"nodes\":\"1\"}}",
        "{\"id\":\"x\",\"stats\":{\"rootStage\":[]}}",
        "{\"id\":\"x\"," STATS ",\"nextUri\":1}",
        "{\"id\":\"x\"," STATS ",\"columns\":{}}",
        "{\"id\":\"x\"," STATS ",\"columns\":[1]}",
        "{\"id\":\"x\"," STATS ",\"columns\":[{\"name\":\"a\"}]}",
        "{\"id\":\"x\"," STATS ",\"data\":[[1]]}",
        "{\"id\":\"x\"," STATS ",\"columns\":[{\"name\":\"a\",\"type\":\"date\"}],\"data\":{}}",
        "{\"id\":\"x\"," STATS ",\"columns\":[{\"name\":\"a\",\"type\":\"date\"}],\"data\":1}",
        "{\"id\":\"x\"," STATS ",\"columns\":[{\"name\":\"a\",\"type\":\"date\"}],\"data\":[[]]}",
        "{\"id\":\"x\"," STATS
        ",\"columns\":[{\"name\":\"a\",\"type\":\"date\"}],\"data\":[],\"data\":[]}",
        "{\"id\":\"x\"," STATS ",\"error\":[]}",
        "{\"id\":\"x\"," STATS ",\"error\":{\"failureInfo\":{\"cause\":1}}}",
        "{\"id\":\"x\"," STATS ",\"warnings\":{}}",
        "{\"id\":\"x\"," STATS ",\"warnings\":[1]}",
        "{\"id\":\"x\"," STATS ",\"updateType\":1}",
        "{\"id\":\"x\"," STATS ",\"updateCount\":\"1\"}",
        "{\"id\":\"x\"," STATS ",\"binaryData\":[\"AA==\"]}",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(pages); i++)
        for (enum dialect from = DIALECT_PRESTO; from <= DIALECT_TRINO; from++) {
            struct run r = {.from = from};
            struct error err = {.text = ""};
            struct buf out;

            if (translate(&out, str_c(pages[i]), &r, NULL, &err) != ERR_UPSTREAM ||
                err.text[0] == '\0')
                fail_msg("%s was accepted", pages[i]);
            buf_reset(&out);
        }
}

static void says_what_spooled_data_is(void **state)
{
    struct run r = {.from = DIALECT_TRINO};
    struct error err;
    struct buf out;

    (void)state;
    assert_int_equal(translate(&out,
                               STR("{\"id\":\"x\",\"columns\":[{\"name\":\"a\",\"type\":\"date\"}],"
                                   "\"data\":{\"encoding\":\"json\",\"segments\":[]}," STATS "}"),
                               &r, NULL, &err),
                     ERR_UPSTREAM);
    assert_non_null(strstr(err.text, "spooled"));
    buf_reset(&out);
}

/* Escaping doubles with each level: the maximum must stop it, fast. */
static void limits_the_size(void **state)
{
    struct buf page = buf_make(10000), type = buf_make(1000), value = buf_make(1000), out;
    struct run r = {.from = DIALECT_TRINO, .out_max = 1 << 20};
    struct error err;

    (void)state;
    for (int i = 0; i < 40; i++) {
        buf_put_str(&type, STR("array("));
        buf_put_c(&value, '[');
    }
    buf_put_str(&type, STR("varchar"));
    buf_put_str(&value, STR("\"x\""));
    for (int i = 0; i < 40; i++) {
        buf_put_c(&type, ')');
        buf_put_c(&value, ']');
    }
    buf_put_c(&type, '\0');
    buf_put_c(&value, '\0');
    put_page(&page, type.p, value.p);
    assert_int_equal(translate(&out, buf_str(&page), &r, NULL, &err), ERR_LIMIT);
    buf_reset(&out);
    buf_clear(&page);
    put_page(&page, "bigint", "1");
    r.out_max = 100;
    assert_int_equal(translate(&out, buf_str(&page), &r, NULL, &err), ERR_LIMIT);
    buf_reset(&out);
    buf_reset(&page);
    buf_reset(&type);
    buf_reset(&value);
}

static void maps_states(void **state)
{
    struct run r = {.from = DIALECT_PRESTO};
    struct buf out;

    (void)state;
    must(&out,
         STR("{\"id\":\"x\",\"stats\":{\"state\":\"WAITING_FOR_PREREQUISITES\",\"queued\":false,"
             "\"waitingForPrerequisites\":true,\"runtimeStats\":{}}}"),
         &r);
    has(&out, "\"stats\":{\"state\":\"QUEUED\",\"queued\":true,");
    has_not(&out, "rerequisites");
    has_not(&out, "runtimeStats");
    buf_reset(&out);
    must(&out, STR("{\"id\":\"x\",\"stats\":{\"state\":\"SOMETHING_NEW\"}}"), &r);
    has(&out, "\"state\":\"RUNNING\"");
    buf_reset(&out);
    r.from = DIALECT_TRINO;
    must(&out,
         STR("{\"id\":\"x\",\"stats\":{\"state\":\"QUEUED\",\"peakMemoryBytes\":7,"
             "\"rootStage\":{\"stageId\":\"0\",\"subStages\":[{\"stageId\":\"1\"},{}]}}}"),
         &r);
    has(&out, "\"waitingForPrerequisites\":false,");
    has(&out, "\"peakTotalMemoryBytes\":7,");
    has(&out, "\"subStages\":[{\"stageId\":\"1\",\"state\":\"RUNNING\",");
    buf_reset(&out);
}

/* ---- errors ---- */

static void translates_errors(void **state)
{
    static const char failed[] =
        "{\"id\":\"x\"," STATS
        ",\"error\":{\"message\":\"line 1:8: \\u0027c\\u0027\",\"errorCode\":%d,"
        "\"errorName\":\"%s\",\"errorType\":\"%s\",\"retriable\":true,\"errorLocation\":{"
        "\"lineNumber\":1,\"columnNumber\":8},\"failureInfo\":{\"type\":\"T\",\"message\":\"m\","
        "\"cause\":{\"type\":\"C\",\"suppressed\":[],\"stack\":[],\"errorInfo\":{\"code\":1}},"
        "\"suppressed\":[{\"type\":\"S\"}],\"stack\":[\"a\"],\"errorInfo\":{\"code\":0}}}}";
    static const struct {
        enum dialect from;
        int code;
        const char *name, *type, *want;
    } cases[] = {
        {DIALECT_TRINO, 46, "TABLE_NOT_FOUND", "USER_ERROR", "1,\"errorName\":\"SYNTAX_ERROR\""},
        {DIALECT_TRINO, 47, "COLUMN_NOT_FOUND", "USER_ERROR",
         "50,\"errorName\":\"COLUMN_NOT_FOUND\""},
        {DIALECT_TRINO, 8, "DIVISION_BY_ZERO", "USER_ERROR",
         "8,\"errorName\":\"DIVISION_BY_ZERO\""},
        {DIALECT_TRINO, 120, "BRAND_NEW", "USER_ERROR", "0,\"errorName\":\"GENERIC_USER_ERROR\""},
        {DIALECT_TRINO, 65999, "BRAND_NEW", "INTERNAL_ERROR",
         "65536,\"errorName\":\"GENERIC_INTERNAL_ERROR\""},
        {DIALECT_TRINO, 16777216, "HIVE_METASTORE_ERROR", "EXTERNAL",
         "16777216,\"errorName\":\"HIVE_METASTORE_ERROR\",\"errorType\":\"EXTERNAL\""},
        {DIALECT_PRESTO, 48, "VIEW_NOT_FOUND", "USER_ERROR",
         "46,\"errorName\":\"TABLE_NOT_FOUND\""},
        {DIALECT_PRESTO, 50, "COLUMN_NOT_FOUND", "USER_ERROR",
         "47,\"errorName\":\"COLUMN_NOT_FOUND\""},
        {DIALECT_PRESTO, 13, "NOT_SUPPORTED", "USER_ERROR", "13,\"errorName\":\"NOT_SUPPORTED\""},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct run r = {.from = cases[i].from};
        char page[2000], want[200];
        struct page_facts f;
        struct error err;
        struct buf out;

        snprintf(page, sizeof(page), failed, cases[i].code, cases[i].name, cases[i].type);
        assert_int_equal(translate(&out, str_c(page), &r, &f, &err), OK);
        json_decref(parsed(buf_str(&out)));
        snprintf(want, sizeof(want), "\"errorCode\":%s", cases[i].want);
        has(&out, want);
        has(&out, "\"error\":{\"message\":\"line 1:8: \\u0027c\\u0027\",");
        has(&out, "\"suppressed\":[{\"type\":\"S\",\"suppressed\":[],\"stack\":[]}]");
        if (r.from == DIALECT_TRINO) {
            has(&out, "\"retriable\":false,\"errorLocation\":{");
            has_not(&out, "errorInfo");
        } else {
            has(&out, "\"errorInfo\":{\"code\":");
            has_not(&out, "retriable");
        }
        assert_true(str_eq(f.error_name, str_c(cases[i].name)));
        assert_true(str_eq(f.error_type, str_c(cases[i].type)));
        assert_true(str_eq(f.error_message, STR("line 1:8: \\u0027c\\u0027")));
        buf_reset(&out);
    }
}

static void knows_errors_by_name_and_number(void **state)
{
    struct error_code c;

    (void)state;
    assert_true(errors_find(DIALECT_TRINO, STR("QUERY_QUEUE_FULL"), &c) && c.code == 131074);
    assert_true(str_eq(c.type, STR("INSUFFICIENT_RESOURCES")));
    assert_false(errors_find(DIALECT_TRINO, STR("NO_SUCH"), &c));
    assert_true(errors_find_code(DIALECT_PRESTO, 50, &c));
    assert_true(str_eq(c.name, STR("COLUMN_NOT_FOUND")));
    assert_true(errors_find_code(DIALECT_TRINO, 50, &c));
    assert_true(str_eq(c.name, STR("TABLE_ALREADY_EXISTS")));
    /* Each number of one side leads to an error which the other side has. */
    for (uint64_t code = 0; code < 140000; code++)
        for (enum dialect d = DIALECT_PRESTO; d <= DIALECT_TRINO; d++) {
            enum dialect other = d == DIALECT_PRESTO ? DIALECT_TRINO : DIALECT_PRESTO;

            if (errors_find_code(d, code, &c) && !errors_find(other, c.name, &c))
                fail_msg("%.*s", STR_ARG(c.name));
        }
    /* Without a name the number must do. */
    c = errors_translate(DIALECT_PRESTO, (struct error_code){.code = 46});
    assert_true(str_eq(c.name, STR("SYNTAX_ERROR")));
}

/* ---- statements without a result ---- */

#define RESULT_COLUMN "\"columns\":[{\"name\":\"result\",\"type\":\"boolean\"}],\"data\":[[true]],"

static void translates_statements_without_a_result(void **state)
{
    static const struct {
        enum dialect from;
        const char *page, *has, *has_not;
    } cases[] = {
        {DIALECT_PRESTO, RESULT_COLUMN STATS ",\"updateType\":\"CREATE TABLE\"",
         "\"columns\":[],\"stats\"", "data"},
        {DIALECT_PRESTO, RESULT_COLUMN STATS ",\"updateType\":\"\"", "\"columns\":[],\"stats\"",
         "data"},
        {DIALECT_PRESTO, RESULT_COLUMN STATS, "\"data\":[[true]]", "updateType"},
        {DIALECT_PRESTO,
         "\"columns\":[{\"name\":\"rows\",\"type\":\"bigint\"}],\"data\":[[2]]," STATS
         ",\"updateType\":\"INSERT\",\"updateCount\":2",
         "\"data\":[[2]]", "result"},
        {DIALECT_PRESTO, STATS ",\"error\":{\"message\":\"m\"},\"updateType\":\"\"",
         "\"error\":{\"message\":\"m\",\"errorCode\":65536", "updateType"},
        {DIALECT_TRINO, "\"columns\":[]," STATS ",\"updateType\":\"SET SESSION\"",
         "\"columns\":[{\"name\":\"result\",\"type\":\"boolean\",\"typeSignature\":{\"rawType\":"
         "\"boolean\",\"typeArguments\":[],\"literalArguments\":[],\"arguments\":[]}}],"
         "\"data\":[[true]],\"stats\"",
         "columns\":[]"},
        {DIALECT_TRINO, STATS ",\"updateType\":\"USE\"", "\"data\":[[true]]", "columns\":[]"},
        {DIALECT_TRINO,
         "\"nextUri\":\"http://x/1\",\"columns\":[]," STATS ",\"updateType\":\"PREPARE\"",
         "\"updateType\":\"PREPARE\"", "columns"},
        {DIALECT_TRINO, "\"columns\":[]," STATS ",\"error\":{},\"updateType\":\"CALL\"",
         "\"updateType\":\"CALL\"", "columns"},
        {DIALECT_TRINO,
         "\"columns\":[{\"name\":\"rows\",\"type\":\"bigint\"}]," STATS
         ",\"updateType\":\"CREATE TABLE\",\"updateCount\":25",
         "\"name\":\"rows\"", "data"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct run r = {.from = cases[i].from};
        struct buf page = buf_make(10000), out;

        buf_printf(&page, "{\"id\":\"x\",%s}", cases[i].page);
        must(&out, buf_str(&page), &r);
        has(&out, cases[i].has);
        has_not(&out, cases[i].has_not);
        buf_reset(&page);
        buf_reset(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rewrites_ids_uris_and_warnings),
        cmocka_unit_test(takes_members_in_any_order),
        cmocka_unit_test(refuses_broken_documents),
        cmocka_unit_test(says_what_spooled_data_is),
        cmocka_unit_test(limits_the_size),
        cmocka_unit_test(maps_states),
        cmocka_unit_test(translates_errors),
        cmocka_unit_test(knows_errors_by_name_and_number),
        cmocka_unit_test(translates_statements_without_a_result),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
