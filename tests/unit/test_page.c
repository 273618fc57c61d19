/* SPDX-License-Identifier: Apache-2.0 */
/* test_page.c - translation of pages: each type in both directions, nested ones three deep, errors,
 * statistics, statements without a result, hostile documents; and the recordings of real servers:
 * a page of one server, translated, must be what the other server sent for the same SQL. */
#include "protocol/page.h"

#include "base/json_scan.h"
#include "protocol/errors.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define OUT_MAX (16u << 20)
#define STATS "\"stats\":{\"state\":\"RUNNING\"}"

static void on_uri(void *ctx, enum page_uri kind, struct str uri, struct buf *out)
{
    (void)ctx;
    if (kind == PAGE_URI_PARTIAL_CANCEL)
        return;
    buf_put_str(out, STR("https://gw/"));
    buf_put_str(out, str_skip(uri, 8)); /* "http://x" */
}

struct run {
    enum dialect from;
    unsigned capabilities;
    struct str warning;
    size_t out_max;
};

static int translate(struct buf *out, struct str page, const struct run *r,
                     struct page_facts *facts, struct error *err)
{
    struct page_translation how = {
        .from = r->from,
        .to = r->from == DIALECT_PRESTO ? DIALECT_TRINO : DIALECT_PRESTO,
        .capabilities = r->capabilities,
        .id = STR("20260101_000000_00001_aaaaa"),
        .warning = r->warning,
        .uri = on_uri,
    };

    *out = buf_make(r->out_max > 0 ? r->out_max : OUT_MAX);
    return page_translate(out, page, &how, facts, err);
}

/* Checks the output with jansson, an implementation of its own. The caller frees. */
static json_t *parsed(struct str text)
{
    json_error_t e;
    json_t *j = json_loadb(text.p, text.n, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &e);

    if (j == NULL)
        fail_msg("%s at %d: %.*s", e.text, e.position, STR_ARG(text));
    return j;
}

static void must(struct buf *out, struct str page, const struct run *r)
{
    struct error err = {.text = ""};
    int rc = translate(out, page, r, NULL, &err);

    if (rc != OK)
        fail_msg("%s\n%.*s", err.text, STR_ARG(page));
    json_decref(parsed(buf_str(out)));
}

static void has(const struct buf *out, const char *part)
{
    if (str_search(buf_str(out), str_c(part)) == out->n)
        fail_msg("no %s in %.*s", part, STR_ARG(buf_str(out)));
}

static void has_not(const struct buf *out, const char *part)
{
    if (str_search(buf_str(out), str_c(part)) < out->n)
        fail_msg("%s in %.*s", part, STR_ARG(buf_str(out)));
}

static void put_page(struct buf *page, const char *type, const char *value)
{
    buf_put_str(page, STR("{\"id\":\"x\",\"columns\":[{\"name\":\"c\",\"type\":"));
    buf_put_json(page, str_c(type));
    buf_printf(page, "}],\"data\":[[%s],[null]]," STATS "}", value);
}

/* ---- values and types ---- */

enum { BOTH, TO_TRINO, TO_PRESTO };

static const struct value_case {
    const char *presto_type, *presto, *trino_type, *trino;
    int direction;
} value_cases[] = {
    {"boolean", "true", "boolean", "true", BOTH},
    {"tinyint", "-128", "tinyint", "-128", BOTH},
    {"bigint", "9223372036854775807", "bigint", "9223372036854775807", BOTH},
    {"real", "3.4028235E38", "real", "3.4028235E38", BOTH},
    {"double", "\"NaN\"", "double", "\"NaN\"", BOTH},
    {"double", "-0.0", "double", "-0.0", BOTH},
    {"double", "7", "double", "7.0", TO_TRINO},
    {"decimal(38,2)", "\"123456789012345678901234567890.10\"", "decimal(38, 2)",
     "\"123456789012345678901234567890.10\"", BOTH},
    {"varchar", "\"\\u0001 \\\"\\\\ \\u003d \xC3\xA4\xF0\x9F\x98\x80\"", "varchar",
     "\"\\u0001 \\\"\\\\ \\u003d \xC3\xA4\xF0\x9F\x98\x80\"", BOTH},
    {"char(5)", "\"ab   \"", "char(5)", "\"ab   \"", BOTH},
    {"varbinary", "\"AAF//w==\"", "varbinary", "\"AAF//w==\"", BOTH},
    {"json", "\"{\\\"a\\\":[1,2.5,null]}\"", "json", "\"{\\\"a\\\":[1,2.5,null]}\"", BOTH},
    {"date", "\"-0001-01-01\"", "date", "\"-0001-01-01\"", BOTH},
    {"time", "\"01:02:03.456\"", "time(3)", "\"01:02:03.456\"", BOTH},
    {"time", "\"01:02:03.457\"", "time(12)", "\"01:02:03.456999999999\"", TO_PRESTO},
    {"time with time zone", "\"01:02:03.456 +05:30\"", "time(3) with time zone",
     "\"01:02:03.456+05:30\"", BOTH},
    {"time with time zone", "\"01:02:03.456 UTC\"", "time(3) with time zone",
     "\"01:02:03.456+00:00\"", BOTH},
    {"time with time zone", "\"01:02:03.456 America\\/New_York\"", "time(3) with time zone",
     "\"01:02:03.456-05:00\"", TO_TRINO},
    {"timestamp", "\"2020-01-31 01:02:03.456\"", "timestamp(3)", "\"2020-01-31 01:02:03.456\"",
     BOTH},
    {"timestamp", "\"2020-01-31 01:02:03.000\"", "timestamp(0)", "\"2020-01-31 01:02:03\"",
     TO_PRESTO},
    {"timestamp microseconds", "\"2020-01-31 01:02:03.123456\"", "timestamp(6)",
     "\"2020-01-31 01:02:03.123456\"", TO_TRINO},
    {"timestamp with time zone", "\"2020-01-31 01:02:03.456 America/New_York\"",
     "timestamp(3) with time zone", "\"2020-01-31 01:02:03.456 America/New_York\"", BOTH},
    {"timestamp with time zone", "\"2020-01-31 01:02:03.123 +05:30\"",
     "timestamp(6) with time zone", "\"2020-01-31 01:02:03.123456 +05:30\"", TO_PRESTO},
    {"interval year to month", "\"-0-1\"", "INTERVAL YEAR TO MONTH", "\"-0-1\"", BOTH},
    {"interval day to second", "\"2 03:04:05.678\"", "INTERVAL DAY TO SECOND", "\"2 03:04:05.678\"",
     BOTH},
    {"uuid", "\"12151fd2-7586-11e9-8f9e-2a86e4085a59\"", "uuid",
     "\"12151fd2-7586-11e9-8f9e-2a86e4085a59\"", BOTH},
    {"ipaddress", "\"2001:db8::1\"", "ipaddress", "\"2001:db8::1\"", BOTH},
    {"ipprefix", "\"10.0.0.0/8\"", "varchar", "\"10.0.0.0/8\"", TO_TRINO},
    {"HyperLogLog", "\"AgwBAIADRAA=\"", "HyperLogLog", "\"AgwBAIADRAA=\"", BOTH},
    {"KHyperLogLog", "\"AAAA\"", "varbinary", "\"AAAA\"", TO_TRINO},
    {"qdigest(bigint)", "\"AAAA\"", "qdigest(bigint)", "\"AAAA\"", BOTH},
    {"tdigest(double)", "\"AAAA\"", "tdigest", "\"AAAA\"", BOTH},
    {"BingTile", "{\"x\":1,\"y\":[2]}", "BingTile", "{\"x\":1,\"y\":[2]}", BOTH},
    {"Geometry", "\"POINT (1 2)\"", "Geometry", "\"POINT (1 2)\"", BOTH},
    {"unknown", "null", "unknown", "null", BOTH},
    {"mood:BigintEnum(mood{\"HAPPY\": 1})", "1", "bigint", "1", TO_TRINO},
    {"varchar", "\"1.50\"", "number", "\"1.50\"", TO_PRESTO},
    {"json", "\"{\\\"a\\\":\\\"\\\\n\\\"}\"", "variant", "{\"a\":\"\\n\"}", TO_PRESTO},
    /* nested */
    {"array(bigint)", "\"[ 1, null, 3 ]\"", "array(bigint)", "[1,null,3]", BOTH},
    {"array(bigint)", "\"[ ]\"", "array(bigint)", "[]", BOTH},
    {"array(bigint)", "[1, null,3]", "array(bigint)", "[1,null,3]", TO_TRINO},
    {"array(bigint)", "\"null\"", "array(bigint)", "null", TO_TRINO},
    {"array(double)", "\"[ 1, \\\"NaN\\\" ]\"", "array(double)", "[1.0,\"NaN\"]", TO_TRINO},
    {"array(varchar)", "\"[ \\\"a\\\\\\\"\\\\\\\\\xC3\xA4\\\\n\\\" ]\"", "array(varchar)",
     "[\"a\\\"\\\\\xC3\xA4\\n\"]", BOTH},
    {"array(array(varchar(1)))", "\"[ \\\"[ \\\\\\\"a\\\\\\\", null ]\\\", \\\"[ ]\\\" ]\"",
     "array(array(varchar(1)))", "[[\"a\",null],[]]", BOTH},
    {"map(varchar,integer)", "\"{\\n  \\\"k1\\\" : 1,\\n  \\\"k2\\\" : null\\n}\"",
     "map(varchar, integer)", "{\"k1\":1,\"k2\":null}", BOTH},
    {"map(varchar,integer)", "\"{ }\"", "map(varchar, integer)", "{}", BOTH},
    {"map(varchar,integer)", "{\"k\\n\":1}", "map(varchar, integer)", "{\"k\\n\":1}", TO_TRINO},
    {"map(boolean,array(date))",
     "\"{\\n  \\\"true\\\" : \\\"[ \\\\\\\"2020-01-01\\\\\\\" ]\\\"\\n}\"",
     "map(boolean, array(date))", "{\"true\":[\"2020-01-01\"]}", BOTH},
    {"map(double,bigint)", "\"{\\n  \\\"1.0\\\" : 1\\n}\"", "map(double, bigint)", "{\"1.0\":1}",
     BOTH},
    {"map(time with time zone,bigint)", "\"{\\n  \\\"01:02:03.456 UTC\\\" : 1\\n}\"",
     "map(time(3) with time zone, bigint)", "{\"01:02:03.456+00:00\":1}", BOTH},
    {"map(timestamp,date)", "\"{\\n  \\\"2024-01-01 00:00:00.000\\\" : \\\"2024-01-01\\\"\\n}\"",
     "map(timestamp(0), date)", "{\"2024-01-01 00:00:00\":\"2024-01-01\"}", TO_PRESTO},
    {"row(a bigint,\"B c\" varchar)", "\"[ 1, \\\"x\\\" ]\"", "row(a bigint, \"B c\" varchar)",
     "[1,\"x\"]", BOTH},
    {"row(integer,decimal(2,1))", "\"[ 1, \\\"2.5\\\" ]\"", "row(integer, decimal(2, 1))",
     "[1,\"2.5\"]", BOTH},
    {"row(a array(map(varchar,time with time zone)))",
     "\"[ \\\"[ \\\\\\\"{\\\\\\\\n  \\\\\\\\\\\\\\\"k\\\\\\\\\\\\\\\" : "
     "\\\\\\\\\\\\\\\"01:02:03.000 +01:00\\\\\\\\\\\\\\\"\\\\\\\\n}\\\\\\\" ]\\\" ]\"",
     "row(a array(map(varchar, time(3) with time zone)))", "[[{\"k\":\"01:02:03.000+01:00\"}]]",
     BOTH},
    {"array(timestamp)", "\"[ \\\"2020-01-01 00:00:00.124\\\" ]\"", "array(timestamp(6))",
     "[\"2020-01-01 00:00:00.123999\"]", TO_PRESTO},
};

static void check_value(const struct value_case *c, enum dialect from)
{
    bool to_trino = from == DIALECT_PRESTO;
    struct run r = {.from = from, .capabilities = to_trino ? CAP_PARAMETRIC_DATETIME : 0};
    struct buf page = buf_make(10000), want = buf_make(10000), out;

    put_page(&page, to_trino ? c->presto_type : c->trino_type, to_trino ? c->presto : c->trino);
    must(&out, buf_str(&page), &r);
    buf_printf(&want, "\"data\":[[%s],[null]],", to_trino ? c->trino : c->presto);
    buf_put_c(&want, '\0');
    has(&out, want.p);
    buf_clear(&want);
    buf_put_str(&want, STR("{\"name\":\"c\",\"type\":"));
    buf_put_json(&want, str_c(to_trino ? c->trino_type : c->presto_type));
    buf_put_str(&want, STR(",\"typeSignature\":{"));
    buf_put_c(&want, '\0');
    has(&out, want.p);
    buf_reset(&page);
    buf_reset(&want);
    buf_reset(&out);
}

static void translates_values_of_every_type(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(value_cases); i++) {
        if (value_cases[i].direction != TO_PRESTO)
            check_value(&value_cases[i], DIALECT_PRESTO);
        if (value_cases[i].direction != TO_TRINO)
            check_value(&value_cases[i], DIALECT_TRINO);
    }
}

static void cuts_microseconds_without_the_capability(void **state)
{
    struct run r = {.from = DIALECT_PRESTO};
    struct buf page = buf_make(1000), out;

    (void)state;
    put_page(&page, "array(timestamp microseconds)", "\"[ \\\"2020-01-31 01:02:03.123456\\\" ]\"");
    must(&out, buf_str(&page), &r);
    has(&out, "\"type\":\"array(timestamp)\"");
    has(&out, "[[\"2020-01-31 01:02:03.123\"]]");
    buf_reset(&page);
    buf_reset(&out);
}

static void refuses_values_that_contradict_their_type(void **state)
{
    static const struct {
        enum dialect from;
        const char *type, *value;
    } cases[] = {
        {DIALECT_PRESTO, "boolean", "1"},
        {DIALECT_PRESTO, "bigint", "\"1\""},
        {DIALECT_PRESTO, "double", "true"},
        {DIALECT_PRESTO, "varchar", "1"},
        {DIALECT_PRESTO, "date", "[]"},
        {DIALECT_PRESTO, "array(bigint)", "1"},
        {DIALECT_PRESTO, "array(bigint)", "\"\""},
        {DIALECT_PRESTO, "array(bigint)", "\"[ 1\""},
        {DIALECT_PRESTO, "array(bigint)", "\"[ 1 ] 2\""},
        {DIALECT_PRESTO, "array(bigint)", "\"[ \\\"x\\\" ]\""},
        {DIALECT_PRESTO, "array(bigint)", "\"{ }\""},
        {DIALECT_PRESTO, "map(varchar,bigint)", "\"[ ]\""},
        {DIALECT_PRESTO, "row(bigint,bigint)", "\"[ 1 ]\""},
        {DIALECT_PRESTO, "row(bigint,bigint)", "\"[ 1, 2, 3 ]\""},
        {DIALECT_PRESTO, "time with time zone", "\"01:02:03.456 Mars/Base\""},
        {DIALECT_TRINO, "time(6)", "\"noon\""},
        {DIALECT_TRINO, "array(bigint)", "\"[1]\""},
        {DIALECT_TRINO, "map(varchar, bigint)", "[1]"},
        {DIALECT_TRINO, "row(bigint)", "[]"},
        {DIALECT_TRINO, "bigint", "1, 2"},
        {DIALECT_TRINO, "bigint", ""},
        {DIALECT_TRINO, "varchar", "\"\xFF\""},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct run r = {.from = cases[i].from};
        struct buf page = buf_make(1000), out;
        struct error err = {.text = ""};

        put_page(&page, cases[i].type, cases[i].value);
        if (translate(&out, buf_str(&page), &r, NULL, &err) != ERR_UPSTREAM || err.text[0] == '\0')
            fail_msg("%s as %s: %s", cases[i].value, cases[i].type, err.text);
        buf_reset(&page);
        buf_reset(&out);
    }
}

/* ---- the document ---- */

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

/* ---- recordings ---- */

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
        cmocka_unit_test(translates_values_of_every_type),
        cmocka_unit_test(cuts_microseconds_without_the_capability),
        cmocka_unit_test(refuses_values_that_contradict_their_type),
        cmocka_unit_test(rewrites_ids_uris_and_warnings),
        cmocka_unit_test(takes_members_in_any_order),
        cmocka_unit_test(refuses_broken_documents),
        cmocka_unit_test(says_what_spooled_data_is),
        cmocka_unit_test(limits_the_size),
        cmocka_unit_test(maps_states),
        cmocka_unit_test(translates_errors),
        cmocka_unit_test(knows_errors_by_name_and_number),
        cmocka_unit_test(translates_statements_without_a_result),
        cmocka_unit_test(turns_recorded_types_into_the_other_servers),
        cmocka_unit_test(turns_recorded_statements_into_the_other_servers),
        cmocka_unit_test(round_trips_recorded_pages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
