/* SPDX-License-Identifier: Apache-2.0 */
/* test_type.c - types in text and object form of both dialects, and what a client is told. */
#include "protocol/type.h"

#include "base/json_scan.h"
#include "protocol/zone.h"
#include "protocol/time_text.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdlib.h>

static void expect(const struct buf *got, const char *want, const char *about)
{
    if (!str_eq(buf_str(got), str_c(want)))
        fail_msg("%s: got %.*s, want %s", about, STR_ARG(buf_str(got)), want);
}

/* Any of both texts is read; both are written. */
static const struct {
    const char *trino, *presto;
} texts[] = {
    {"bigint", "bigint"},
    {"varchar", "varchar"},
    {"varchar(10)", "varchar(10)"},
    {"decimal(38, 0)", "decimal(38,0)"},
    {"timestamp(6)", "timestamp(6)"},
    {"timestamp(6) with time zone", "timestamp(6) with time zone"},
    {"time with time zone", "time with time zone"},
    {"INTERVAL DAY TO SECOND", "interval day to second"},
    {"array(INTERVAL YEAR TO MONTH)", "array(interval year to month)"},
    {"map(varchar, array(decimal(3, 2)))", "map(varchar,array(decimal(3,2)))"},
    {"row(a bigint, \"In Ner\" varchar, \"q\"\"q\" date)",
     "row(a bigint,\"In Ner\" varchar,\"q\"\"q\" date)"},
    {"row(bigint, timestamp with time zone)", "row(bigint,timestamp with time zone)"},
    {"row(timestamp timestamp(3) with time zone, interval INTERVAL DAY TO SECOND)",
     "row(timestamp timestamp(3) with time zone,interval interval day to second)"},
    {"row(INTERVAL DAY TO SECOND, time(3))", "row(interval day to second,time(3))"},
    {"row(x row(y row(z array(map(bigint, char(3))))))",
     "row(x row(y row(z array(map(bigint,char(3))))))"},
    {"HyperLogLog", "HyperLogLog"},
    {"qdigest(bigint)", "qdigest(bigint)"},
    {"SphericalGeography", "SphericalGeography"},
};

static void reads_and_writes_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        for (int from_presto = 0; from_presto < 2; from_presto++) {
            const char *text = from_presto ? texts[i].presto : texts[i].trino;
            struct buf out = buf_make(1000);
            struct arena a = {0};
            const struct type *t;
            struct error err;

            if (type_parse(&a, str_c(text), &t, &err) != OK)
                fail_msg("%s: %s", text, err.text);
            type_put_text(&out, t, DIALECT_TRINO);
            expect(&out, texts[i].trino, text);
            buf_clear(&out);
            type_put_text(&out, t, DIALECT_PRESTO);
            expect(&out, texts[i].presto, text);
            buf_reset(&out);
            arena_reset(&a);
        }
}

/* The object form written is valid JSON and reads back to the same type. */
static void round_trips_signatures(void **state)
{
    static const enum dialect dialects[] = {DIALECT_TRINO, DIALECT_PRESTO};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        for (size_t d = 0; d < 2; d++) {
            struct buf signature = buf_make(10000), text = buf_make(1000);
            const struct type *t, *back;
            struct arena a = {0};
            struct error err;

            assert_int_equal(type_parse(&a, str_c(texts[i].trino), &t, NULL), OK);
            type_put_signature(&signature, t, dialects[d]);
            assert_true(jscan_is_valid(buf_str(&signature)));
            if (type_parse_signature(&a, buf_str(&signature), &back, &err) != OK)
                fail_msg("%s: %s", texts[i].trino, err.text);
            /* The precision is no part of Presto's rawType text; all else must be equal. */
            type_put_text(&text, back, DIALECT_TRINO);
            expect(&text, texts[i].trino, "signature");
            buf_reset(&signature);
            buf_reset(&text);
            arena_reset(&a);
        }
}

static void writes_signatures_as_the_servers_do(void **state)
{
    static const struct {
        const char *type, *trino, *presto;
    } cases[] = {
        {"varchar",
         "{\"rawType\":\"varchar\",\"arguments\":[{\"kind\":\"LONG\",\"value\":2147483647}]}",
         "{\"rawType\":\"varchar\",\"typeArguments\":[],\"literalArguments\":[],\"arguments\":[{"
         "\"kind\":\"LONG_LITERAL\",\"value\":2147483647}]}"},
        {"row(a bigint, \"B c\" array(date))",
         "{\"rawType\":\"row\",\"arguments\":[{\"kind\":\"NAMED_TYPE\",\"value\":{\"fieldName\":{"
         "\"name\":\"a\"},\"typeSignature\":{\"rawType\":\"bigint\",\"arguments\":[]}}},{\"kind\":"
         "\"NAMED_TYPE\",\"value\":{\"fieldName\":{\"name\":\"B c\"},\"typeSignature\":{"
         "\"rawType\":\"array\",\"arguments\":[{\"kind\":\"TYPE\",\"value\":{\"rawType\":\"date\","
         "\"arguments\":[]}}]}}}]}",
         "{\"rawType\":\"row\",\"typeArguments\":[{\"rawType\":\"bigint\",\"typeArguments\":[],"
         "\"literalArguments\":[],\"arguments\":[]},{\"rawType\":\"array\",\"typeArguments\":[{"
         "\"rawType\":\"date\",\"typeArguments\":[],\"literalArguments\":[],\"arguments\":[]}],"
         "\"literalArguments\":[],\"arguments\":[{\"kind\":\"TYPE_SIGNATURE\",\"value\":{"
         "\"rawType\":\"date\",\"typeArguments\":[],\"literalArguments\":[],\"arguments\":[]}}]}],"
         "\"literalArguments\":[\"a\",\"B c\"],\"arguments\":[{\"kind\":\"NAMED_TYPE_SIGNATURE\","
         "\"value\":{\"fieldName\":{\"name\":\"a\",\"delimited\":false},\"typeSignature\":"
         "\"bigint\"}},{\"kind\":\"NAMED_TYPE_SIGNATURE\",\"value\":{\"fieldName\":{\"name\":"
         "\"B c\",\"delimited\":true},\"typeSignature\":\"array(date)\"}}]}"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf out = buf_make(10000);
        struct arena a = {0};
        const struct type *t;

        assert_int_equal(type_parse(&a, str_c(cases[i].type), &t, NULL), OK);
        type_put_signature(&out, t, DIALECT_TRINO);
        expect(&out, cases[i].trino, cases[i].type);
        buf_clear(&out);
        type_put_signature(&out, t, DIALECT_PRESTO);
        expect(&out, cases[i].presto, cases[i].type);
        buf_reset(&out);
        arena_reset(&a);
    }
}

static void tells_clients_what_they_know(void **state)
{
    static const struct {
        const char *from;
        enum dialect to;
        unsigned capabilities;
        const char *want;
    } cases[] = {
        {"timestamp", DIALECT_TRINO, CAP_PARAMETRIC_DATETIME, "timestamp(3)"},
        {"timestamp", DIALECT_TRINO, 0, "timestamp"},
        {"timestamp microseconds", DIALECT_TRINO, CAP_PARAMETRIC_DATETIME, "timestamp(6)"},
        {"timestamp microseconds", DIALECT_TRINO, 0, "timestamp"},
        {"time with time zone", DIALECT_TRINO, CAP_PARAMETRIC_DATETIME, "time(3) with time zone"},
        {"array(row(t timestamp microseconds))", DIALECT_TRINO, CAP_PARAMETRIC_DATETIME,
         "array(row(t timestamp(6)))"},
        {"interval day to second", DIALECT_TRINO, 0, "INTERVAL DAY TO SECOND"},
        {"tdigest(double)", DIALECT_TRINO, 0, "tdigest"},
        {"qdigest(bigint)", DIALECT_TRINO, 0, "qdigest(bigint)"},
        {"map(ipprefix,KHyperLogLog)", DIALECT_TRINO, 0, "map(varchar, varbinary)"},
        {"kllsketch(double)", DIALECT_TRINO, 0, "varbinary"},
        {"ns.mood:BigintEnum(ns.mood{\"A (\": 1, \"B\": 2})", DIALECT_TRINO, 0, "bigint"},
        {"array(ns.c:VarcharEnum(ns.c{\"A\": \"x\"}))", DIALECT_TRINO, 0, "array(varchar)"},
        {"ns.i:DistinctType(ns.i{decimal(3,2), true, null, []})", DIALECT_TRINO, 0,
         "decimal(3, 2)"},
        {"timestamp(6)", DIALECT_PRESTO, 0, "timestamp"},
        {"time(12) with time zone", DIALECT_PRESTO, 0, "time with time zone"},
        {"map(timestamp(9) with time zone, row(time(0)))", DIALECT_PRESTO, 0,
         "map(timestamp with time zone,row(time))"},
        {"INTERVAL DAY TO SECOND", DIALECT_PRESTO, 0, "interval day to second"},
        {"INTERVAL DAY(3) TO SECOND(6)", DIALECT_PRESTO, 0, "interval day to second"},
        {"tdigest", DIALECT_PRESTO, 0, "tdigest(double)"},
        {"number", DIALECT_PRESTO, 0, "varchar"},
        {"number(10, 2)", DIALECT_PRESTO, 0, "varchar"},
        {"variant", DIALECT_PRESTO, 0, "json"},
        {"JsonPath", DIALECT_PRESTO, 0, "varchar"},
        {"BingTile", DIALECT_PRESTO, 0, "BingTile"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf out = buf_make(1000);
        struct arena a = {0};
        const struct type *t;

        if (type_parse(&a, str_c(cases[i].from), &t, NULL) != OK)
            fail_msg("%s", cases[i].from);
        t = type_for_client(&a, t, cases[i].to, cases[i].capabilities);
        type_put_text(&out, t, cases[i].to);
        expect(&out, cases[i].want, cases[i].from);
        buf_reset(&out);
        arena_reset(&a);
    }
}

static void rejects_wrong_types(void **state)
{
    static const char *const wrong[] = {"",           " ",         "(",         "bigint)",
                                        "array",      "array()",   "row",       "row()",
                                        "map(bigint", "array(5)",  "map(date)", "decimal(1,2",
                                        "row(\"a",    "row(a b c", "a,b",       "x(\"y\")"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct arena a = {0};
        const struct type *t;
        struct error err;

        if (type_parse(&a, str_c(wrong[i]), &t, &err) != ERR_INVALID)
            fail_msg("'%s' was accepted", wrong[i]);
        arena_reset(&a);
    }
}

static void limits_depth(void **state)
{
    struct buf text = buf_make(10000);
    struct arena a = {0};
    const struct type *t;
    struct error err;

    (void)state;
    for (int i = 0; i < TYPE_DEPTH_MAX; i++)
        buf_put_str(&text, STR("array("));
    buf_put_str(&text, STR("date"));
    for (int i = 0; i < TYPE_DEPTH_MAX; i++)
        buf_put_c(&text, ')');
    assert_int_equal(type_parse(&a, buf_str(&text), &t, &err), ERR_LIMIT);
    /* One level less; the object form must not double with each level. */
    assert_int_equal(type_parse(&a, str_of(text.p + 6, text.n - 7), &t, &err), OK);
    buf_clear(&text);
    text.max = 1 << 20;
    type_put_signature(&text, t, DIALECT_PRESTO);
    assert_false(text.overflow);
    assert_true(jscan_is_valid(buf_str(&text)));
    buf_reset(&text);
    arena_reset(&a);
}

static void knows_zones(void **state)
{
    int m;

    (void)state;
    assert_true(zone_epoch_offset(STR("America/New_York"), &m) && m == -300);
    assert_true(zone_epoch_offset(STR("asia/kolkata"), &m) && m == 330);
    assert_true(zone_epoch_offset(STR("UTC"), &m) && m == 0);
    assert_true(zone_epoch_offset(STR("Zulu"), &m) && m == 0);
    assert_true(zone_epoch_offset(STR("Africa/Abidjan"), &m) && m == 0);
    assert_true(zone_epoch_offset(STR("Europe/London"), &m) && m == 60); /* standard time then */
    assert_false(zone_epoch_offset(STR("Mars/Base"), &m));
    assert_false(zone_epoch_offset(STR("UT"), &m) && m != 0);
    assert_false(zone_epoch_offset(str_of("UTC\0x", 5), &m));
    assert_false(zone_epoch_offset(STR(""), &m));
}

static void rewrites_times(void **state)
{
    static const struct {
        const char *in;
        unsigned digits;
        bool zone;
        enum dialect to;
        const char *out; /* NULL: refused */
    } cases[] = {
        {"01:02:03.456", 3, false, DIALECT_PRESTO, "01:02:03.456"},
        {"01:02:03", 3, false, DIALECT_PRESTO, "01:02:03.000"},
        {"01:02:03.4564", 3, false, DIALECT_PRESTO, "01:02:03.456"},
        {"01:02:03.4565", 3, false, DIALECT_PRESTO, "01:02:03.457"},
        {"01:02:03.4599999", 3, false, DIALECT_PRESTO, "01:02:03.460"},
        {"01:02:03.9999", 3, false, DIALECT_PRESTO, "01:02:03.999"},
        {"+12345-01-01 01:02:03.123456 America/New_York", 3, false, DIALECT_PRESTO,
         "+12345-01-01 01:02:03.123 America/New_York"},
        {"2020-01-01 01:02:03 +05:30", 3, false, DIALECT_PRESTO, "2020-01-01 01:02:03.000 +05:30"},
        {"01:02:03.456+05:30", 3, true, DIALECT_PRESTO, "01:02:03.456 +05:30"},
        {"01:02:03.456+00:00", 3, true, DIALECT_PRESTO, "01:02:03.456 UTC"},
        {"01:02:03.123456-08:00", 3, true, DIALECT_PRESTO, "01:02:03.123 -08:00"},
        {"01:02:03.456 +05:30", 3, true, DIALECT_TRINO, "01:02:03.456+05:30"},
        {"01:02:03.456 UTC", 3, true, DIALECT_TRINO, "01:02:03.456+00:00"},
        {"01:02:03.456 America/New_York", 3, true, DIALECT_TRINO, "01:02:03.456-05:00"},
        {"01:02:03.456 Asia/Kolkata", 3, true, DIALECT_TRINO, "01:02:03.456+05:30"},
        {"01:02:03.456 Mars/Base", 3, true, DIALECT_TRINO, NULL},
        {"01:02", 3, false, DIALECT_PRESTO, NULL},
        {"", 3, false, DIALECT_PRESTO, NULL},
        {"01:02:\xC3\xA4"
         "03",
         3, false, DIALECT_PRESTO, NULL}, /* would be cut inside a character */
        {"1:2:", 3, false, DIALECT_PRESTO, NULL},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct time_style style = {
            .digits = cases[i].digits, .with_zone = cases[i].zone, .to = cases[i].to};
        struct buf out = buf_make(100);
        const char *wrong = time_text_put(&out, str_c(cases[i].in), &style);

        if ((wrong == NULL) != (cases[i].out != NULL))
            fail_msg("%s: %s", cases[i].in, wrong);
        if (wrong == NULL)
            expect(&out, cases[i].out, cases[i].in);
        buf_reset(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes_text),
        cmocka_unit_test(round_trips_signatures),
        cmocka_unit_test(writes_signatures_as_the_servers_do),
        cmocka_unit_test(tells_clients_what_they_know),
        cmocka_unit_test(rejects_wrong_types),
        cmocka_unit_test(limits_depth),
        cmocka_unit_test(knows_zones),
        cmocka_unit_test(rewrites_times),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
