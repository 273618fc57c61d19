/* SPDX-License-Identifier: Apache-2.0 */
/* test_session.c - reading a request's session headers. */
#include "protocol/session.h"

#include "tests/unit/header_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static int read_text(struct session *s, struct arena *a, const char *text, struct error *err)
{
    struct header_text h;

    header_text_parse(&h, str_c(text));
    return session_read(s, a, h.items, h.count, err);
}

static void finds_the_dialect(void **state)
{
    static const struct {
        const char *headers;
        int dialect; /* -1 = refused */
    } cases[] = {
        {"", DIALECT_NONE},
        {"Host: x\nAccept: */*", DIALECT_NONE},
        {"X-Trino-User: a", DIALECT_TRINO},
        {"x-presto-user: a", DIALECT_PRESTO},
        {"X-PRESTO-ANYTHING:", DIALECT_PRESTO},
        {"X-Trino: a", DIALECT_NONE},
        {"X-Trino-User: a\nX-Presto-User: a", -1},
        {"X-Presto-User: a\nx-trino-source: a", -1},
        {"X-Presto-User: a\nX-Trino-Routing-Group: g", DIALECT_PRESTO},
        {"X-Presto-Routing-Group: g\nX-Trino-User: g", DIALECT_TRINO},
        {"X-Presto-Routing-Group: g", DIALECT_PRESTO},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct header_text h;
        enum dialect d = DIALECT_NONE;
        struct error err;
        int rc;

        header_text_parse(&h, str_c(cases[i].headers));
        rc = session_dialect(&d, h.items, h.count, &err);
        assert_int_equal(rc == OK ? (int)d : -1, cases[i].dialect);
        if (rc != OK)
            assert_string_equal(err.text, "Both Trino and Presto headers detected");
    }
}

static void reads_every_field(void **state)
{
    struct arena a = {0};
    struct session s;

    (void)state;
    assert_int_equal(
        read_text(
            &s, &a,
            "User-Agent: trino-cli\nX-Trino-User: alice\nX-Trino-User: second\n"
            "X-Trino-Original-User: bob\nx-trino-source: src\nX-Trino-Catalog: tpch\n"
            "X-Trino-Schema: tiny\nX-Trino-Client-Info: info, more\nX-Trino-Client-Tags: a, b\n"
            "X-Trino-Trace-Token: t-1\nX-Trino-Transaction-Id: 4e26-c\n"
            "X-Trino-Client-Capabilities: PATH, PARAMETRIC_DATETIME,NEW_ONE,VARIANT_BINARY\n"
            "X-Trino-Query-Data-Encoding: json\nX-Trino-Routing-Group: adhoc\n"
            "X-Trino-Extra-Credential: token=YQ%3D%3D, routing=big%2Bone\nX-Trino-Session:\n",
            NULL),
        OK);
    assert_int_equal(s.dialect, DIALECT_TRINO);
    assert_int_equal(s.capabilities, CAP_PATH | CAP_PARAMETRIC_DATETIME | CAP_VARIANT_BINARY);
    assert_true(str_eq(s.user, STR("alice")));
    assert_true(str_eq(s.original_user, STR("bob")));
    assert_true(str_eq(s.source, STR("src")));
    assert_true(str_eq(s.catalog, STR("tpch")));
    assert_true(str_eq(s.schema, STR("tiny")));
    assert_true(str_eq(s.client_info, STR("info, more")));
    assert_true(session_has_tag(s.client_tags, STR("b")));
    assert_false(session_has_tag(s.client_tags, STR("c")));
    assert_true(str_eq(s.trace_token, STR("t-1")));
    assert_true(str_eq(s.user_agent, STR("trino-cli")));
    assert_int_equal(s.transaction, SESSION_TRANSACTION_ID);
    assert_true(str_eq(s.transaction_id, STR("4e26-c")));
    assert_true(str_eq(s.routing_group, STR("adhoc")));
    assert_true(s.has_hint);
    assert_true(str_eq(s.hint, STR("big+one")));
    assert_true(s.query_data_encoding);
    arena_reset(&a);
}

static void tells_absent_from_none(void **state)
{
    static const struct {
        const char *headers;
        enum session_transaction want;
    } cases[] = {
        {"X-Presto-User: a", SESSION_TRANSACTION_ABSENT},
        {"X-Presto-Transaction-Id: none", SESSION_TRANSACTION_NONE},
        {"X-Presto-Transaction-Id:", SESSION_TRANSACTION_NONE},
        {"X-Presto-Transaction-Id: NONEX", SESSION_TRANSACTION_ID},
    };
    struct arena a = {0};
    struct session s;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(read_text(&s, &a, cases[i].headers, NULL), OK);
        assert_int_equal(s.transaction, cases[i].want);
    }
    assert_int_equal(read_text(&s, &a,
                               "X-Presto-Client-Capabilities: PARAMETRIC_DATETIME\n"
                               "X-Presto-Query-Data-Encoding: json",
                               NULL),
                     OK);
    assert_int_equal(s.capabilities, 0);
    assert_false(s.query_data_encoding);
}

/* Every form in which real clients send the hint (peers.md). */
static void finds_the_hint(void **state)
{
    static const struct {
        const char *headers, *hint; /* NULL = none */
    } cases[] = {
        {"X-Trino-Extra-Credential: routing=athena", "athena"},
        {"X-Presto-Extra-Credential: routing=athena", "athena"},
        {"X-Presto-Extra-Credential: routing:athena", "athena"},
        {"X-Trino-Extra-Credential: routing: athena , token=x", "athena"},
        {"X-Trino-Extra-Credential: token=abc123\nX-Trino-Extra-Credential: routing=athena",
         "athena"},
        {"X-Trino-Extra-Credential: routing=a+b%2Bc, token=YWJjZA%3D%3D", "a b+c"},
        {"X-Trino-Extra-Credential: routing=%C3%A4", "\xc3\xa4"},
        {"X-Trino-Extra-Credential: routing=a%3Ab", "a:b"},
        {"X-Presto-Extra-Credential: routing=a+b%20c/d=e", "a b c/d=e"},
        {"X-Presto-Extra-Credential: token=YWJjZA==,routing = x", "x"},
        {"X-Trino-Extra-Credential: routing=50%", "50%"},
        {"X-Trino-Extra-Credential: routing=a=b", "a=b"},
        {"X-Trino-Extra-Credential: routing=a,routing=b", "b"},
        {"X-Trino-Extra-Credential: routing=", ""},
        {"X-Trino-Extra-Credential: xrouting=a,routings=b,Routing=c", NULL},
        {"X-Trino-Extra-Credential:", NULL},
        {"X-Trino-Session: routing=a", NULL},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena a = {0};
        struct session s;
        struct error err = {0};

        if (read_text(&s, &a, cases[i].headers, &err) != OK)
            fail_msg("%s: %s", cases[i].headers, err.text);
        assert_int_equal(s.has_hint, cases[i].hint != NULL);
        if (!str_eq(s.hint, str_c(cases[i].hint)))
            fail_msg("%s: got %.*s", cases[i].headers, STR_ARG(s.hint));
        arena_reset(&a);
    }
}

static void refuses_as_the_coordinators(void **state)
{
    static const struct {
        const char *headers, *error; /* NULL = taken */
    } cases[] = {
        {"X-Trino-Session: a", "Invalid X-Trino-Session header"},
        {"x-presto-session: a=b=c", "Invalid X-Presto-Session header"},
        {"X-Presto-Session: =b", "Invalid X-Presto-Session header"},
        {"X-Presto-Session: a.b.c=d", "Invalid X-Presto-Session header"},
        {"X-Trino-Session: a.b.c=d, ,x=", NULL},
        {"X-Trino-Session: a.=d", "Invalid X-Trino-Session header"},
        {"X-Trino-Session: .a=d", "Invalid X-Trino-Session header"},
        {"X-Trino-Extra-Credential: routing=a,b", "Invalid X-Trino-Extra-Credential header"},
        {"X-Trino-Extra-Credential: token=YWJjZA==", "Invalid X-Trino-Extra-Credential header"},
        {"X-Presto-Extra-Credential: token=YWJjZA==", NULL},
        {"X-Presto-Role: tpch=a=b", NULL},
        {"X-Trino-Role: tpch", "Invalid X-Trino-Role header"},
        {"X-Trino-Prepared-Statement: p=a=b", "Invalid X-Trino-Prepared-Statement header"},
        {"X-Presto-Prepared-Statement: p", "Invalid X-Presto-Prepared-Statement header"},
        {"X-Presto-Resource-Estimate: EXECUTION_TIME", "Invalid X-Presto-Resource-Estimate header"},
        {"X-Trino-Session-Function: junk", NULL},
        {"X-Trino-Schema: a", "Schema is set but catalog is not"},
        {"X-Trino-Schema: a\nX-Trino-Catalog:", "Schema is set but catalog is not"},
        {"X-Trino-Schema:", NULL},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena a = {0};
        struct session s = {.user = STR("untouched")};
        struct error err = {0};
        int rc = read_text(&s, &a, cases[i].headers, &err);

        if ((rc == OK) != (cases[i].error == NULL))
            fail_msg("%s: %s", cases[i].headers, err.text);
        if (rc != OK) {
            assert_int_equal(rc, ERR_INVALID);
            assert_string_equal(err.text, cases[i].error);
            assert_true(str_eq(s.user, STR("untouched")));
        }
        arena_reset(&a);
    }
}

/* What a coordinator took, we take; what it refused for a header's sake, we refuse in its words. */
static void read_recorded(const struct header_text *h, json_t *exchange)
{
    const char *body = json_string_value(json_object_get(exchange, "response_body"));
    struct arena a = {0};
    struct session s;
    struct error err = {0};
    int rc = session_read(&s, &a, h->items, h->count, &err);

    if (json_integer_value(json_object_get(exchange, "status")) == 400 && body != NULL &&
        str_search(str_c(body), STR(" header")) < strlen(body)) {
        assert_int_equal(rc, ERR_INVALID);
        assert_true(str_search(str_c(body), str_c(err.text)) < strlen(body));
    } else if (rc != OK) {
        fail_msg("%s: %s", json_string_value(json_object_get(exchange, "path")), err.text);
    }
    arena_reset(&a);
}

static void agrees_with_recorded_servers(void **state)
{
    const char *root = wire_root();

    (void)state;
    if (root != NULL)
        assert_true(wire_each(root, "*/*/*.jsonl", "request_headers", read_recorded) > 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_dialect),
        cmocka_unit_test(reads_every_field),
        cmocka_unit_test(tells_absent_from_none),
        cmocka_unit_test(finds_the_hint),
        cmocka_unit_test(refuses_as_the_coordinators),
        cmocka_unit_test(agrees_with_recorded_servers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
