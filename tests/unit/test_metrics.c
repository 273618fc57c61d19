/* SPDX-License-Identifier: Apache-2.0 */
/* test_metrics.c - registry, cells of many threads, buckets, and both text formats. */
#include "metrics/internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define THREADS 100
#define ADDS 2000

static char *written(struct metrics *m, bool openmetrics)
{
    struct buf out = buf_make(1 << 20);
    char *text;

    metrics_write(m, &out, openmetrics);
    assert_false(out.overflow);
    text = str_dup(buf_str(&out));
    buf_reset(&out);
    return text;
}

static double half(void *arg)
{
    return *(double *)arg;
}

static struct metrics *sample(double *value)
{
    struct metrics *m = metrics_new();
    struct buf labels = buf_make(1000);

    metrics_label(&labels, "backend", STR("a\"b\\c\nd"));
    metrics_label(&labels, "kind", STR("x"));
    buf_put_c(&labels, '\0');
    counter_add(metrics_counter(m, "s_polls_total", "Polls \"all\"\nof them.", "backend=\"b1\""),
                3);
    gauge_set(metrics_gauge(m, "s_open", "Open.", ""), 5);
    counter_add(metrics_counter(m, "s_polls_total", "ignored", labels.p), 4);
    gauge_add(metrics_gauge(m, "s_open", "Open.", ""), -7);
    metrics_callback(m, "s_memory_bytes", "Memory.", "", false, half, value);
    metrics_callback(m, "s_cpu_seconds_total", "CPU.", "", true, half, value);
    buf_reset(&labels);
    return m;
}

static void writes_prometheus(void **state)
{
    double value = 0.5;
    struct metrics *m = sample(&value);
    char *text = written(m, false);

    (void)state;
    assert_string_equal(text, "# HELP s_polls_total Polls \"all\"\\nof them.\n"
                              "# TYPE s_polls_total counter\n"
                              "s_polls_total{backend=\"b1\"} 3\n"
                              "s_polls_total{backend=\"a\\\"b\\\\c\\nd\",kind=\"x\"} 4\n"
                              "# HELP s_open Open.\n"
                              "# TYPE s_open gauge\n"
                              "s_open -2\n"
                              "# HELP s_memory_bytes Memory.\n"
                              "# TYPE s_memory_bytes gauge\n"
                              "s_memory_bytes 0.5\n"
                              "# HELP s_cpu_seconds_total CPU.\n"
                              "# TYPE s_cpu_seconds_total counter\n"
                              "s_cpu_seconds_total 0.5\n");
    free(text);
    metrics_free(m);
}

static void writes_openmetrics(void **state)
{
    double value = 1e10;
    struct metrics *m = sample(&value);
    char *text = written(m, true);

    (void)state;
    assert_string_equal(text, "# HELP s_polls Polls \\\"all\\\"\\nof them.\n"
                              "# TYPE s_polls counter\n"
                              "s_polls_total{backend=\"b1\"} 3\n"
                              "s_polls_total{backend=\"a\\\"b\\\\c\\nd\",kind=\"x\"} 4\n"
                              "# HELP s_open Open.\n"
                              "# TYPE s_open gauge\n"
                              "s_open -2\n"
                              "# HELP s_memory_bytes Memory.\n"
                              "# TYPE s_memory_bytes gauge\n"
                              "# UNIT s_memory_bytes bytes\n"
                              "s_memory_bytes 10000000000\n"
                              "# HELP s_cpu_seconds CPU.\n"
                              "# TYPE s_cpu_seconds counter\n"
                              "# UNIT s_cpu_seconds seconds\n"
                              "s_cpu_seconds_total 10000000000\n"
                              "# EOF\n");
    free(text);
    metrics_free(m);
}

static void writes_histogram(void **state)
{
    struct metrics *m = metrics_new();
    struct histogram *h = metrics_histogram(m, "s_wait_seconds", "Wait.", "g=\"x\"");
    static const char *const lines[] = {
        "# TYPE s_wait_seconds histogram\n",
        "s_wait_seconds_bucket{g=\"x\",le=\"1e-05\"} 2\n",
        "s_wait_seconds_bucket{g=\"x\",le=\"2e-05\"} 3\n",
        "s_wait_seconds_bucket{g=\"x\",le=\"0.00128\"} 3\n",
        "s_wait_seconds_bucket{g=\"x\",le=\"1.31072\"} 4\n",
        "s_wait_seconds_bucket{g=\"x\",le=\"5368.70912\"} 4\n",
        "s_wait_seconds_bucket{g=\"x\",le=\"+Inf\"} 5\n",
        "s_wait_seconds_sum{g=\"x\"} 7201.000021\n",
        "s_wait_seconds_count{g=\"x\"} 5\n",
    };
    static const uint64_t values[] = {0, 10, 11, 1000000, UINT64_C(7200000000)};
    char *text;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        histogram_record_us(h, values[i]);
    text = written(m, false);
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        if (strstr(text, lines[i]) == NULL)
            fail_msg("no line %s in\n%s", lines[i], text);
    free(text);
    metrics_free(m);
}

/* Each bucket begins where the one before ends, and is at most 12.5 % wide. */
static void buckets_are_log_linear(void **state)
{
    (void)state;
    for (size_t b = 1; b < HISTOGRAM_BUCKETS - 1; b++) {
        uint64_t below = histogram_bound(b - 1), bound = histogram_bound(b);

        assert_true(bound > below);
        assert_int_equal(histogram_bucket(below + 1), b);
        assert_int_equal(histogram_bucket(bound), b);
        assert_true(bound - below == 1 || (bound - below) * 8 <= below);
    }
    assert_int_equal(histogram_bound(HISTOGRAM_BUCKETS - 2), UINT64_C(1) << 32);
    assert_int_equal(histogram_bucket(UINT64_MAX), HISTOGRAM_BUCKETS - 1);
}

static void same_name_same_handle(void **state)
{
    struct metrics *m = metrics_new();

    (void)state;
    assert_ptr_equal(metrics_counter(m, "a_total", "A.", "x=\"1\""),
                     metrics_counter(m, "a_total", "A.", "x=\"1\""));
    assert_ptr_not_equal(metrics_counter(m, "a_total", "A.", "x=\"1\""),
                         metrics_counter(m, "a_total", "A.", "x=\"2\""));
    metrics_free(m);
    metrics_free(NULL);
}

static void works_without_registry(void **state)
{
    struct counter *c = metrics_counter(NULL, "n_total", "N.", "");
    char *text = written(NULL, true);

    (void)state;
    counter_add(c, 2);
    assert_int_equal(counter_value(c), 2);
    gauge_set(metrics_gauge(NULL, "n", "N.", ""), 1);
    histogram_record_us(metrics_histogram(NULL, "n_seconds", "N.", ""), 1);
    metrics_callback(NULL, "n_called", "N.", "", false, half, NULL);
    assert_string_equal(text, "# EOF\n");
    free(text);
}

/* Many histograms need more than one chunk; each has cells of its own. */
static void chunks_do_not_overlap(void **state)
{
    struct metrics *m = metrics_new();
    struct histogram *all[50];
    struct buf labels = buf_make(100);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        buf_clear(&labels);
        buf_printf(&labels, "n=\"%zu\"", i);
        buf_put_c(&labels, '\0');
        all[i] = metrics_histogram(m, "h_seconds", "H.", labels.p);
        counter_add(metrics_counter(m, "c_total", "C.", labels.p), 1);
        for (size_t b = 0; b < HISTOGRAM_BUCKETS - 1; b++)
            histogram_record_us(all[i], histogram_bound(b));
    }
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        for (size_t b = 0; b < HISTOGRAM_BUCKETS - 1; b++)
            assert_int_equal(cells_sum(all[i]->cells, b), 1);
    buf_reset(&labels);
    metrics_free(m);
}

struct hammer {
    struct metrics *m;
    pthread_barrier_t all_run;
};

static void *hammer_thread(void *arg)
{
    struct hammer *hammer = arg;
    struct counter *c = metrics_counter(hammer->m, "t_total", "T.", "");
    struct gauge *g = metrics_gauge(hammer->m, "t", "T.", "");
    struct histogram *h = metrics_histogram(hammer->m, "t_seconds", "T.", "");

    counter_add(c, 0); /* takes the slot, while all threads live */
    pthread_barrier_wait(&hammer->all_run);
    for (uint64_t i = 0; i < ADDS; i++) {
        counter_add(c, 1);
        gauge_add(g, i % 2 == 0 ? 2 : -1);
        histogram_record_us(h, i);
    }
    return NULL;
}

/* More threads than slots, and a scrape while they run: nothing is lost. */
static void threads_lose_nothing(void **state)
{
    struct hammer hammer = {.m = metrics_new()};
    pthread_t threads[THREADS];
    struct histogram *h = metrics_histogram(hammer.m, "t_seconds", "T.", "");

    (void)state;
    for (int round = 1; round <= 2; round++) { /* the second round inherits slots */
        pthread_barrier_init(&hammer.all_run, NULL, THREADS + 1);
        for (size_t i = 0; i < THREADS; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, hammer_thread, &hammer), 0);
        pthread_barrier_wait(&hammer.all_run);
        free(written(hammer.m, false));
        for (size_t i = 0; i < THREADS; i++)
            pthread_join(threads[i], NULL);
        pthread_barrier_destroy(&hammer.all_run);
        assert_int_equal(counter_value(metrics_counter(hammer.m, "t_total", "T.", "")),
                         round * THREADS * ADDS);
        assert_int_equal(gauge_value(metrics_gauge(hammer.m, "t", "T.", "")),
                         round * THREADS * ADDS / 2);
        assert_int_equal(cells_sum(h->cells, 7), round * THREADS);
        assert_int_equal(cells_sum(h->cells, HISTOGRAM_SUM),
                         (uint64_t)round * THREADS * ADDS * (ADDS - 1) / 2);
    }
    gauge_set(metrics_gauge(hammer.m, "t", "T.", ""), -3);
    assert_int_equal(gauge_value(metrics_gauge(hammer.m, "t", "T.", "")), -3);
    metrics_free(hammer.m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_prometheus),     cmocka_unit_test(writes_openmetrics),
        cmocka_unit_test(writes_histogram),      cmocka_unit_test(buckets_are_log_linear),
        cmocka_unit_test(same_name_same_handle), cmocka_unit_test(works_without_registry),
        cmocka_unit_test(chunks_do_not_overlap), cmocka_unit_test(threads_lose_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
