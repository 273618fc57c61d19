/* SPDX-License-Identifier: Apache-2.0 */
/* test_answers.c - what the gateway says by itself, read as a client reads it. http_reply() is this
 * file's own: it keeps what would be sent. */
#include "gateway/answers.h"

#include <jansson.h>
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct {
    int status;
    char *type, *headers;
    struct buf body;
} sent;

void http_reply(struct http_request *r, int status, struct str content_type, struct str headers,
                struct str body)
{
    (void)r;
    free(sent.type);
    free(sent.headers);
    buf_reset(&sent.body);
    sent.status = status;
    sent.type = str_dup(content_type);
    sent.headers = str_dup(headers);
    sent.body = buf_make(1 << 24);
    buf_put_str(&sent.body, body);
}

static int forget(void **state)
{
    (void)state;
    free(sent.type);
    free(sent.headers);
    buf_reset(&sent.body);
    memset(&sent, 0, sizeof(sent));
    return 0;
}

static json_t *page(void)
{
    json_error_t err;
    json_t *root;

    assert_int_equal(sent.status, 200);
    assert_string_equal(sent.type, "application/json");
    root = json_loadb(sent.body.p, sent.body.n, JSON_REJECT_DUPLICATES, &err);
    if (root == NULL)
        fail_msg("%s at %d", err.text, err.position);
    return root;
}

static const char *text_of(const json_t *o, const char *key)
{
    const char *text = json_string_value(json_object_get(o, key));

    if (text == NULL)
        fail_msg("no string '%s'", key);
    return text;
}

/* protocol.md 1.5: what both dialects' clients read, then those of one. */
static void assert_stats(const json_t *root, enum dialect d, const char *state, bool queued)
{
    static const char *const numbers[] = {"nodes",          "totalSplits",      "queuedSplits",
                                          "runningSplits",  "completedSplits",  "cpuTimeMillis",
                                          "wallTimeMillis", "queuedTimeMillis", "elapsedTimeMillis",
                                          "processedRows",  "processedBytes",   "peakMemoryBytes",
                                          "spilledBytes"};
    static const char *const trino[] = {"planningTimeMillis",       "analysisTimeMillis",
                                        "finishingTimeMillis",      "physicalInputTimeMillis",
                                        "physicalInputBytes",       "physicalWrittenBytes",
                                        "internalNetworkInputBytes"};
    static const char *const presto[] = {"waitingForPrerequisitesTimeMillis",
                                         "peakTotalMemoryBytes", "peakTaskTotalMemoryBytes"};
    const json_t *stats = json_object_get(root, "stats");
    const char *const *own = d == DIALECT_PRESTO ? presto : trino;
    const char *const *other = d == DIALECT_PRESTO ? trino : presto;
    size_t own_n = d == DIALECT_PRESTO ? ARRAY_LEN(presto) : ARRAY_LEN(trino);
    size_t other_n = d == DIALECT_PRESTO ? ARRAY_LEN(trino) : ARRAY_LEN(presto);

    assert_true(json_is_object(stats));
    assert_string_equal(text_of(stats, "state"), state);
    assert_true(json_is_boolean(json_object_get(stats, "queued")));
    assert_int_equal(json_is_true(json_object_get(stats, "queued")), queued);
    assert_true(json_is_false(json_object_get(stats, "scheduled")));
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        assert_true(json_is_integer(json_object_get(stats, numbers[i])));
    for (size_t i = 0; i < own_n; i++)
        assert_true(json_is_integer(json_object_get(stats, own[i])));
    for (size_t i = 0; i < other_n; i++)
        assert_null(json_object_get(stats, other[i]));
    if (d == DIALECT_PRESTO) {
        assert_true(json_is_false(json_object_get(stats, "waitingForPrerequisites")));
        assert_true(json_is_object(json_object_get(stats, "runtimeStats")));
    }
}

/* protocol.md 1.6 */
static void assert_error(const json_t *root, enum dialect d, const char *message)
{
    const json_t *error = json_object_get(root, "error"), *info;

    assert_true(json_is_object(error));
    if (message != NULL)
        assert_string_equal(text_of(error, "message"), message);
    assert_true(json_is_integer(json_object_get(error, "errorCode")));
    text_of(error, "errorName");
    text_of(error, "errorType");
    assert_int_equal(json_object_get(error, "retriable") != NULL, d == DIALECT_PRESTO);
    info = json_object_get(error, "failureInfo");
    text_of(info, "type");
    assert_string_equal(text_of(info, "message"), text_of(error, "message"));
    assert_true(json_is_array(json_object_get(info, "suppressed")));
    assert_true(json_is_array(json_object_get(info, "stack")));
}

static void fail_with(enum dialect d, const char *name, struct str message)
{
    struct uri_maker uris = {.base = STR("https://gw.example.com:8443/presto"), .client = d};
    struct answer_failure f = {
        .uris = &uris,
        .id = STR("20261124_220828_00001_abcde"),
        .error_name = name,
        .message = message,
    };

    answer_failure(NULL, &f);
}

static void test_failure(void **state)
{
    static const struct {
        enum dialect d;
        const char *name, *type;
        int code;
    } cases[] = {
        {DIALECT_TRINO, "GENERIC_INTERNAL_ERROR", "INTERNAL_ERROR", 65536},
        {DIALECT_PRESTO, "GENERIC_INTERNAL_ERROR", "INTERNAL_ERROR", 65536},
        {DIALECT_TRINO, "GENERIC_USER_ERROR", "USER_ERROR", 0},
        {DIALECT_PRESTO, "PERMISSION_DENIED", "USER_ERROR", 4},
        {DIALECT_TRINO, "QUERY_QUEUE_FULL", "INSUFFICIENT_RESOURCES", 131074},
        {DIALECT_PRESTO, "NO_SUCH_NAME", "INTERNAL_ERROR", 65536},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        json_t *root;
        const json_t *error;

        fail_with(cases[i].d, cases[i].name, STR("no \"backend\" took it"));
        root = page();
        error = json_object_get(root, "error");
        assert_string_equal(text_of(root, "id"), "20261124_220828_00001_abcde");
        assert_string_equal(
            text_of(root, "infoUri"),
            "https://gw.example.com:8443/presto/ui/query.html?20261124_220828_00001_abcde");
        assert_null(json_object_get(root, "nextUri"));
        assert_null(json_object_get(root, "data"));
        assert_int_equal(json_array_size(json_object_get(root, "warnings")), 0);
        assert_true(json_is_array(json_object_get(root, "warnings")));
        assert_stats(root, cases[i].d, "FAILED", false);
        assert_error(root, cases[i].d, "no \"backend\" took it");
        assert_string_equal(text_of(error, "errorType"), cases[i].type);
        assert_int_equal(json_integer_value(json_object_get(error, "errorCode")), cases[i].code);
        json_decref(root);
    }
}

/* Messages may hold what a cluster or a client said. */
static void test_hostile_messages(void **state)
{
    static const char *const cases[] = {"",
                                        "\"",
                                        "\\",
                                        "\\u0000",
                                        "</script>",
                                        "line 1\r\nline 2\t\x01\x1f\x7f",
                                        "\xff\xfe\x80",
                                        "cut \xe2\x82",
                                        "\xed\xa0\x80 surrogate",
                                        "\xc0\xaf",
                                        "\xf4\x90\x80\x80",
                                        "ok \xe2\x82\xac"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        json_t *root;

        fail_with(i % 2 ? DIALECT_TRINO : DIALECT_PRESTO, "GENERIC_USER_ERROR", str_c(cases[i]));
        root = page();
        assert_error(root, i % 2 ? DIALECT_TRINO : DIALECT_PRESTO, NULL);
        json_decref(root);
    }
    fail_with(DIALECT_TRINO, "GENERIC_USER_ERROR", STR("ok \xe2\x82\xac"));
    assert_true(str_search(buf_str(&sent.body), STR("ok \xe2\x82\xac")) < sent.body.n);
}

/* However long: a page that parses, with the front of the message. */
static void test_long_messages(void **state)
{
    static const char fill[] = {'x', '\x01', '"', '\xe2', '\xff'};
    char *text = mem_alloc(1 << 20);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(fill); i++) {
        for (size_t n = 1000; n <= 1 << 20; n = n * 4 + 1) {
            json_t *root;
            size_t got;

            memset(text, fill[i], n);
            memcpy(text, "front", 5);
            fail_with(DIALECT_TRINO, "GENERIC_USER_ERROR", str_of(text, n));
            root = page();
            assert_error(root, DIALECT_TRINO, NULL);
            got = json_string_length(json_object_get(json_object_get(root, "error"), "message"));
            assert_true(got >= 1000 || got >= n);
            assert_memory_equal(text_of(json_object_get(root, "error"), "message"), "front", 5);
            json_decref(root);
        }
    }
    free(text);
}

static void test_again(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        enum dialect d = i & 1 ? DIALECT_TRINO : DIALECT_PRESTO;
        bool queued = i & 2;
        struct uri_maker uris = {
            .base = STR("http://gw"), .client = d, .id = STR("20261124_220828_00001_abcde")};
        json_t *root;

        answer_again(NULL, &uris, STR("http://gw/v1/statement/queued/x/y/0?a=\"b\""), queued);
        root = page();
        assert_string_equal(text_of(root, "nextUri"),
                            "http://gw/v1/statement/queued/x/y/0?a=\"b\"");
        assert_stats(root, d, queued ? "QUEUED" : "RUNNING", queued);
        assert_null(json_object_get(root, "error"));
        json_decref(root);
    }
}

static void test_http(void **state)
{
    static const struct {
        enum dialect d;
        int status;
        const char *text, *body, *headers;
    } cases[] = {
        {DIALECT_TRINO, 400, "User must be set", "Error 400 Bad Request: User must be set", ""},
        {DIALECT_PRESTO, 400, "User must be set", "User must be set", ""},
        {DIALECT_TRINO, 404, "Query not found", "Query not found", ""},
        {DIALECT_TRINO, 401, "Unauthorized", "Unauthorized",
         "WWW-Authenticate: Basic realm=\"Trino\"\r\n"},
        {DIALECT_PRESTO, 401, "Unauthorized", "Unauthorized",
         "WWW-Authenticate: Basic realm=\"Presto\"\r\n"},
        {DIALECT_NONE, 503, "", "", ""},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        answer_http(NULL, cases[i].d, cases[i].status, str_c(cases[i].text));
        assert_int_equal(sent.status, cases[i].status);
        assert_true(str_eq(buf_str(&sent.body), str_c(cases[i].body)));
        assert_string_equal(sent.headers, cases[i].headers);
        assert_true(str_starts(str_c(sent.type), STR("text/plain")));
    }
}

static void test_http_long(void **state)
{
    char *text = mem_alloc(100000);

    (void)state;
    memset(text, 'x', 100000);
    answer_http(NULL, DIALECT_TRINO, 400, str_of(text, 100000));
    assert_in_range(sent.body.n, 1000, 10000);
    assert_true(str_starts(buf_str(&sent.body), STR("Error 400 Bad Request: xxx")));
    free(text);
}

static void test_names(void **state)
{
    (void)state;
    for (int code = OK; code < ERR_COUNT; code++)
        assert_int_equal(answer_error_name((enum err)code)[0] == '\0', code == OK);
    assert_string_equal(answer_error_name((enum err)999), "GENERIC_INTERNAL_ERROR");
    assert_string_equal(answer_error_name((enum err) - 1), "GENERIC_INTERNAL_ERROR");
}

#define IDS 100000

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void test_ids(void **state)
{
    static char ids[IDS][QUERY_ID_MAX + 1];
    struct lane lanes[2] = {{.random = 1}, {.random = 2}};
    regex_t shape;

    (void)state;
    assert_int_equal(
        regcomp(&shape, "^[0-9]{8}_[0-9]{6}_[0-9]{5}_[0-9a-z]{5}$", REG_EXTENDED | REG_NOSUB), 0);
    for (size_t i = 0; i < IDS; i++) {
        answer_new_id(&lanes[i % 2], ids[i]);
        if (i < 1000)
            assert_int_equal(regexec(&shape, ids[i], 0, NULL, 0), 0);
    }
    qsort(ids, IDS, sizeof(ids[0]), compare);
    for (size_t i = 1; i < IDS; i++)
        assert_string_not_equal(ids[i - 1], ids[i]);
    regfree(&shape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_failure),       cmocka_unit_test(test_hostile_messages),
        cmocka_unit_test(test_long_messages), cmocka_unit_test(test_again),
        cmocka_unit_test(test_http),          cmocka_unit_test(test_http_long),
        cmocka_unit_test(test_names),         cmocka_unit_test(test_ids),
    };

    return cmocka_run_group_tests(tests, NULL, forget);
}
