/* SPDX-License-Identifier: Apache-2.0 */
/* test_log.c - log lines in both formats, with hostile values; the clock; UTF-8. */
#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"

#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define TIME_BYTES (CLOCK_RFC3339_BYTES - 1)

static int fds[2];

static int open_pipe(void **state)
{
    (void)state;
    return pipe2(fds, O_NONBLOCK);
}

static int close_pipe(void **state)
{
    (void)state;
    log_set(LOG_LOGFMT, LOG_LEVEL_INFO, STDERR_FILENO);
    close(fds[0]);
    close(fds[1]);
    return 0;
}

/* All that was logged; `text` has room for a line and its end. */
static size_t logged(char *text)
{
    ssize_t n = read(fds[0], text, LOG_LINE_BYTES);

    n = n > 0 ? n : 0;
    text[n] = '\0';
    return (size_t)n;
}

static void writes_logfmt(void **state)
{
    char text[LOG_LINE_BYTES + 1];

    (void)state;
    log_set(LOG_LOGFMT, LOG_LEVEL_INFO, fds[1]);
    log_debug("m", STR_NONE, "not written %d", 1);
    log_warn("m", STR("20261124_1"), "it's %s", "so");
    logged(text);
    assert_memory_equal(text, "time=20", 7);
    assert_string_equal(text + 5 + TIME_BYTES,
                        " level=warn module=m statement=20261124_1 message=\"it's so\"\n");
    log_set(LOG_LOGFMT, LOG_LEVEL_OFF, fds[1]);
    log_error("m", STR_NONE, "not written");
    assert_int_equal(logged(text), 0);
}

static void writes_fields(void **state)
{
    char text[LOG_LINE_BYTES + 1];
    struct log_line l;

    (void)state;
    log_set(LOG_JSON, LOG_LEVEL_INFO, fds[1]);
    log_line_begin(&l, LOG_LEVEL_INFO, "gateway", "statement");
    log_field_str(&l, "user", STR("a b"));
    log_field_str(&l, "none", STR_NONE);
    log_field_u64(&l, "rows", UINT64_MAX);
    log_field_bool(&l, "tls", true);
    log_line_end(&l);
    logged(text);
    assert_memory_equal(text, "{\"time\":\"20", 11);
    assert_string_equal(text + 9 + TIME_BYTES,
                        "\",\"level\":\"info\",\"module\":\"gateway\",\"event\":\"statement\","
                        "\"user\":\"a b\",\"rows\":18446744073709551615,\"tls\":true}\n");
    log_line_begin(&l, LOG_LEVEL_DEBUG, "gateway", "statement");
    log_field_u64(&l, "rows", 1);
    log_line_end(&l);
    assert_int_equal(logged(text), 0);
}

static const struct {
    struct str in;
    const char *out;
} escapes[] = {
    {{"a\"b\\c", 5}, "a\\\"b\\\\c"},
    {{"x\ny\tz\0w", 7}, "x\\u000ay\\u0009z\\u0000w"},
    {{"\x1b[31m\x7f", 6}, "\\u001b[31m\\u007f"},
    {{"\xc2\x9b"
      "2J",
      4},
     "\\u009b2J"}, /* CSI as one character */
    {{"\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xb4", 9}, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xb4"},
    {{"\xff \xc3", 3}, UTF8_REPLACEMENT " " UTF8_REPLACEMENT},
    {{"\xed\xa0\x80 ", 4}, UTF8_REPLACEMENT UTF8_REPLACEMENT UTF8_REPLACEMENT " "},
};

static void escapes_hostile_values(void **state)
{
    char text[LOG_LINE_BYTES + 1], want[200];
    struct log_line l;

    (void)state;
    for (size_t i = 0; i < 2 * ARRAY_LEN(escapes); i++) {
        log_set(i % 2 == 0 ? LOG_JSON : LOG_LOGFMT, LOG_LEVEL_INFO, fds[1]);
        log_line_begin(&l, LOG_LEVEL_INFO, "m", "e");
        log_field_str(&l, "v", escapes[i / 2].in);
        log_line_end(&l);
        logged(text);
        snprintf(want, sizeof(want), i % 2 == 0 ? ",\"v\":\"%s\"}\n" : " v=\"%s\"\n",
                 escapes[i / 2].out);
        if (!str_ends(str_c(text), str_c(want)))
            fail_msg("%s does not end in %s", text, want);
    }
}

/* Whatever is too long, the line is one line and valid JSON. */
static void cuts_long_lines(void **state)
{
    static char big[8000];
    char text[LOG_LINE_BYTES + 1];
    struct log_line l;

    (void)state;
    memset(big, 1, sizeof(big));
    log_set(LOG_JSON, LOG_LEVEL_INFO, fds[1]);
    for (size_t n = 3900; n < 4100; n++) {
        json_t *root;

        log_line_begin(&l, LOG_LEVEL_INFO, "m", "e");
        log_field_str(&l, "v", str_of(big, n / 6));
        log_field_u64(&l, "n", INT64_MAX /* jansson reads no larger */);
        log_field_str(&l, "w", str_of(big, n));
        log_line_end(&l);
        assert_int_equal(text[logged(text) - 1], '\n');
        root = json_loads(text, 0, NULL);
        if (root == NULL)
            fail_msg("%zu: %s", n, text);
        assert_true(json_is_true(json_object_get(root, "cut")));
        json_decref(root);
    }
    memset(big, 'a', sizeof(big) - 1);
    big[sizeof(big) - 1] = '\0';
    log_info("m", STR_NONE, "%s", big);
    assert_true(logged(text) > 2048);
    assert_non_null(strstr(text, "aaa\",\"cut\":true}\n"));
}

static void counts_lost_lines(void **state)
{
    uint64_t before = log_lost();

    (void)state;
    log_set(LOG_JSON, LOG_LEVEL_INFO, -1);
    log_info("m", STR_NONE, "x");
    assert_int_equal(log_lost(), before + 1);
}

static void *log_much(void *arg)
{
    for (int i = 0; i < 100; i++)
        log_info(arg, STR_NONE, "line %d", i);
    return NULL;
}

static void threads_keep_lines_whole(void **state)
{
    pthread_t a, b;
    FILE *in = fdopen(dup(fds[0]), "r");
    char line[LOG_LINE_BYTES];
    int lines = 0;

    (void)state;
    log_set(LOG_JSON, LOG_LEVEL_INFO, fds[1]);
    assert_int_equal(pthread_create(&a, NULL, log_much, (char[]){"a"}), 0);
    assert_int_equal(pthread_create(&b, NULL, log_much, (char[]){"b"}), 0);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    while (fgets(line, sizeof(line), in) != NULL) {
        json_t *root = json_loads(line, 0, NULL);

        assert_non_null(root);
        json_decref(root);
        lines++;
    }
    assert_int_equal(lines, 200);
    fclose(in);
}

static void reads_levels(void **state)
{
    enum log_level level;

    (void)state;
    assert_true(log_level_of(STR("warn"), &level));
    assert_int_equal(level, LOG_LEVEL_WARN);
    assert_false(log_level_of(STR("WARN"), &level));
}

static void tells_time(void **state)
{
    static const struct {
        uint64_t ms;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {1795558108123, "2026-11-24T22:08:28.123Z"},
        {951782399999, "2000-02-28T23:59:59.999Z"},
        {UINT64_MAX, "9999-12-31T23:59:59.999Z"},
    };
    char text[CLOCK_RFC3339_BYTES];
    uint64_t before = clock_mono_us();

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        clock_rfc3339(text, sizeof(text), cases[i].ms);
        assert_string_equal(text, cases[i].text);
    }
    clock_rfc3339(text, 5, 0);
    assert_string_equal(text, "1970");
    assert_true(clock_mono_us() >= before);
    assert_true(clock_wall_ms() > 1700000000000);
}

static void knows_utf8(void **state)
{
    static const struct {
        const char *s;
        size_t max, cut;
        bool valid;
    } cases[] = {
        {"abc", 3, 3, true},
        {"abc", 2, 2, true},
        {"", 0, 0, true},
        {"\xc3\xa9", 1, 0, true},
        {"a\xe2\x82\xac", 3, 1, true},
        {"\xf0\x9f\x90\xb4x", 4, 4, true},
        {"\x80\x80\x80\x80\x80", 4, 4, false},
        {"\xc0\xaf", 2, 2, false},
        {"\xf4\x90\x80\x80", 4, 4, false},
        {"\xe2\x82", 2, 2, false},
    };
    struct buf out = buf_make(100);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(utf8_cut(str_c(cases[i].s), cases[i].max).n, cases[i].cut);
        assert_int_equal(utf8_valid(str_c(cases[i].s)), cases[i].valid);
    }
    utf8_put_clean(&out, STR("a\xff\xc3\xa9\xc3"));
    assert_true(str_eq(buf_str(&out), STR("a" UTF8_REPLACEMENT "\xc3\xa9" UTF8_REPLACEMENT)));
    buf_reset(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writes_logfmt, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(writes_fields, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(escapes_hostile_values, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(cuts_long_lines, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(counts_lost_lines, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(threads_keep_lines_whole, open_pipe, close_pipe),
        cmocka_unit_test(reads_levels),
        cmocka_unit_test(tells_time),
        cmocka_unit_test(knows_utf8),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
