/* metrics.c - counting and printing. */

#include "common/base/metrics.h"
#include "tests/unit/test.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static const char *print (buffer_t *out)
{
    buffer_clear (out);
    metrics_print (out);
    return buffer_text (out);
}

TEST (metrics_of_a_name_are_printed_together_under_one_help)
{
    metric_t *b = metrics_counter ("test_asks_total", "message", "b\"\n", "Messages taken.");
    metric_t *a = metrics_counter ("test_asks_total", "message", "a", "Messages taken.");
    metric_t *g = metrics_gauge ("test_open", NULL, NULL, "Open.");
    CHECK (metrics_counter ("test_asks_total", "message", "a", "") == a);
    metric_add (a, 2);
    metric_add (b, 1);
    metric_set (g, 5);
    metric_add (g, -7);
    buffer_t *out = buffer_new (1 << 20);
    CHECK (strstr (print (out), "# HELP test_asks_total Messages taken.\n# TYPE test_asks_total counter\n"
                                "test_asks_total{message=\"a\"} 2\ntest_asks_total{message=\"b\\\"\\n\"} 1\n"
                                "# HELP test_open Open.\n# TYPE test_open gauge\ntest_open -2\n"));
    buffer_destroy (&out);
}

TEST (a_histogram_counts_into_growing_buckets)
{
    metric_t *h = metrics_histogram ("test_seconds", "part", "x", "Time.");
    metric_time (h, 250);
    metric_time (h, 251);
    metric_time (h, 90000000);
    buffer_t *out = buffer_new (1 << 20);
    const char *text = print (out);
    CHECK (strstr (text, "test_seconds_bucket{part=\"x\",le=\"0.00025\"} 1\n"));
    CHECK (strstr (text, "test_seconds_bucket{part=\"x\",le=\"0.0005\"} 2\n"));
    CHECK (strstr (text, "test_seconds_bucket{part=\"x\",le=\"60\"} 2\n"));
    CHECK (strstr (text, "test_seconds_bucket{part=\"x\",le=\"+Inf\"} 3\n"));
    CHECK (strstr (text, "test_seconds_sum{part=\"x\"} 90.000501\ntest_seconds_count{part=\"x\"} 3\n"));
    CHECK_INT (metric_read (h), 3);
    buffer_destroy (&out);
}

static void *count_on (void *metric)
{
    for (int i = 0; i < 100000; i++)
        metric_add (metric, 1);
    return NULL;
}

TEST (nothing_is_lost_when_threads_count_at_once)
{
    metric_t *metric = metrics_counter ("test_threads_total", NULL, NULL, "Counted.");
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        CHECK_INT (pthread_create (&threads[i], NULL, count_on, metric), 0);
    for (int i = 0; i < 4; i++)
        pthread_join (threads[i], NULL);
    CHECK_INT (metric_read (metric), 400000);
}

TEST (past_the_bound_metrics_are_refused_and_that_is_counted)
{
    for (int i = 0; i < METRICS_MAX + 5; i++) {
        char value[16];
        snprintf (value, sizeof (value), "%d", i);
        metric_add (metrics_counter ("test_zz_many_total", "n", value, "Many."), 1);
    }
    buffer_t *out = buffer_new (4 << 20);
    CHECK (strstr (print (out), "\nopencicd_metrics_refused "));
    buffer_destroy (&out);
}
