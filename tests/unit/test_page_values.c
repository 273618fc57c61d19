/* SPDX-License-Identifier: Apache-2.0 */
/* test_page_values.c - values and columns of each type in both directions, nested ones three deep,
 * keys, escapes; values that contradict their type. */
#include "tests/unit/page_run.h"

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
    {"map(timestamp,date)", "\"{\\n  \\\"2024-01-01 00:00:00.000\\\" : \\\"2024-01-01\\\"\\n}\"",
     "map(timestamp, date)", "{\"2024-01-01 00:00:00\":\"2024-01-01\"}", TO_PRESTO},
    {"map(timestamp,integer)",
     "\"{\\n  \\\"2024-01-01 00:00:00.1234\\\" : 1,\\n  \\\"2024-01-01 00:00:00.1230\\\" : 2\\n}\"",
     "map(timestamp, integer)", "{\"2024-01-01 00:00:00.1234\":1,\"2024-01-01 00:00:00.1230\":2}",
     TO_PRESTO},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(translates_values_of_every_type),
        cmocka_unit_test(cuts_microseconds_without_the_capability),
        cmocka_unit_test(refuses_values_that_contradict_their_type),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
