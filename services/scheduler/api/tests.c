/* tests.c - test reports: taken from the jobs while they run, and shown with what each failed test did in earlier runs. */

#include "services/scheduler/api/tests.h"

#include "common/base/metrics.h"
#include "common/base/sha256.h"
#include "services/scheduler/api/handlers.h"
#include "services/scheduler/store/job_store.h"
#include "services/scheduler/store/run_store.h"
#include "services/scheduler/store/test_store.h"
#include "services/scheduler/unit/unit.h"

#include <stdlib.h>

#define KEY_SIZE   32          // Characters of a test's hash
#define REPORT_MAX (512 << 10) // Bytes of a packed report

// ---- taken ----

static const char *test_key (arena_t *arena, const char *suite, const char *name)
{
    sha256_t sum;
    sha256_init (&sum);
    sha256_add (&sum, suite, strlen (suite) + 1);
    sha256_add (&sum, name, strlen (name));
    return arena_strndup (arena, sha256_hex (&sum, arena), KEY_SIZE);
}

static fault_t may_report (turn_t *turn, const test_report_put_t *ask, const job_row_t *row)
{
    const caller_t *caller = &turn->caller;
    if (caller->role != ROLE_JOB || !same (caller->subject, ask->job))
        return turn_fail (turn, FORBIDDEN, "only job %s itself may report its tests", ask->job);
    if (caller->attempt != row->job.attempt || row->job.state == job_finished)
        return turn_fail (turn, CONFLICT, "attempt %u of job %s is over", caller->attempt, ask->job);
    return OK;
}

static fault_t pack_report (turn_t *turn, const test_report_put_t *ask, bytes_t *out)
{
    buffer_t *packed = buffer_new (REPORT_MAX);
    fault_t fault = message_pack (MESSAGE (test_report_put), ask, packed);
    *out =
        (bytes_t){arena_copy (turn->arena, buffer_text (packed), buffer_size (packed)), buffer_size (packed)};
    buffer_destroy (&packed);
    return fault;
}

static void count (const test_report_put_t *report)
{
    const char *format =
        same (report->format, "junit") || same (report->format, "tap") || same (report->format, "go")
            ? report->format
            : "other";
    const struct {
        const char *result;
        uint32_t number;
    } rows[] = {{"passed", report->passed}, {"failed", report->failed}, {"skipped", report->skipped}};
    metric_add (metrics_counter ("opencicd_test_reports_total", "format", format, "Test reports of jobs"), 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        metric_add (
            metrics_counter ("opencicd_tests_total", "result", rows[i].result, "Tests in these reports"),
            rows[i].number);
}

HANDLER (test_report_put)
{
    scheduler_t *self = context;
    const test_report_put_t *ask = asked;
    job_row_t row;
    bytes_t packed;
    strs_t tests = {arena_array (turn->arena, ask->failures.count + 1, sizeof (char *)), 0};
    (void) answered;
    TRY (job_store_find (self->db, turn, ask->job, &row));
    TRY (may_report (turn, ask, &row));
    TRY (pack_report (turn, ask, &packed));
    for (size_t i = 0; i < ask->failures.count; i++)
        tests.items[tests.count++] =
            test_key (turn->arena, ask->failures.items[i].suite, ask->failures.items[i].name);
    const test_owner_t owner = {row.job.id, row.job.run_id, row.job.project_id, row.job.attempt};
    TRY (unit_write (self, turn));
    TRY (test_store_put (self->db, turn, &owner, ask, packed, &tests));
    count (ask);
    return OK;
}

// ---- shown ----

static test_result_t result_of (const stored_report_t *from, const test_report_put_t *report,
                                const test_case_t *one)
{
    return (test_result_t){.job_id = from->job_id,
                           .job_name = from->job_name,
                           .file = report->file,
                           .suite = one->suite,
                           .name = one->name,
                           .message = one->message,
                           .duration_us = one->duration_us};
}

static void add_report (test_results_t *out, const stored_report_t *from, const test_report_put_t *report)
{
    out->reports.items[out->reports.count++] = (test_report_row_t){.job_id = from->job_id,
                                                                   .job_name = from->job_name,
                                                                   .step = report->step,
                                                                   .file = report->file,
                                                                   .format = report->format,
                                                                   .passed = report->passed,
                                                                   .failed = report->failed,
                                                                   .skipped = report->skipped,
                                                                   .duration_us = report->duration_us};
    out->passed += report->passed;
    out->failed += report->failed;
    out->skipped += report->skipped;
    out->duration_us += report->duration_us;
    for (size_t i = 0; i < report->failures.count && out->failures.count < MAX_TESTS; i++)
        out->failures.items[out->failures.count++] = result_of (from, report, &report->failures.items[i]);
}

static int slower_first (const void *a, const void *b)
{
    int64_t left = ((const test_result_t *) a)->duration_us, right = ((const test_result_t *) b)->duration_us;
    return (left < right) - (left > right);
}

// The slowest of those that are there and those of one more report.
static void add_slowest (test_results_t *out, const stored_report_t *from, const test_report_put_t *report)
{
    for (size_t i = 0; i < report->slowest.count; i++)
        out->slowest.items[out->slowest.count++] = result_of (from, report, &report->slowest.items[i]);
    qsort (out->slowest.items, out->slowest.count, sizeof (test_result_t), slower_first);
    if (out->slowest.count > MAX_SLOW_TESTS)
        out->slowest.count = MAX_SLOW_TESTS;
}

static int new_first (const void *a, const void *b)
{
    return (int) ((const test_result_t *) a)->known - (int) ((const test_result_t *) b)->known;
}

static fault_t add_past (scheduler_t *self, turn_t *turn, const run_t *run, const branch_history_t *history,
                         size_t most, test_results_t *out)
{
    for (size_t i = 0; i < out->failures.count && i < most; i++) {
        test_result_t *test = &out->failures.items[i];
        test_past_t past;
        TRY (test_store_past (self->db, turn, run->project_id,
                              test_key (turn->arena, test->suite, test->name), history->before,
                              history->oldest, &past));
        test->known = past.known;
        test->flaky = past.flaky;
        test->failed_runs = (uint32_t) past.failed_runs;
        test->of_runs = (uint32_t) history->counted_runs;
    }
    size_t looked = out->failures.count < most ? out->failures.count : most;
    qsort (out->failures.items, looked, sizeof (test_result_t), new_first);
    return OK;
}

fault_t tests_of_run (scheduler_t *self, turn_t *turn, const run_t *run, const branch_history_t *history,
                      size_t most, test_results_t *out)
{
    stored_reports_t stored;
    TRY (test_store_of_run (self->db, turn, run->id, &stored));
    *out = (test_results_t){.run_id = run->id};
    out->reports.items = arena_array (turn->arena, stored.count + 1, sizeof (test_report_row_t));
    out->failures.items = arena_array (turn->arena, MAX_TESTS, sizeof (test_result_t));
    out->slowest.items = arena_array (turn->arena, 2 * MAX_SLOW_TESTS, sizeof (test_result_t));
    for (size_t i = 0; i < stored.count; i++) {
        test_report_put_t *report = arena_alloc (turn->arena, sizeof *report);
        TRY (message_unpack (MESSAGE (test_report_put), turn, stored.items[i].packed.data,
                             stored.items[i].packed.size, report));
        add_report (out, &stored.items[i], report);
        add_slowest (out, &stored.items[i], report);
    }
    return add_past (self, turn, run, history, most, out);
}

HANDLER (run_tests)
{
    scheduler_t *self = context;
    const run_tests_t *ask = asked;
    run_row_t run;
    branch_history_t history;
    TRY (run_store_find (self->db, turn, ask->run, &run));
    TRY (failure_store_branch (self->db, turn, &run.run, &history));
    return tests_of_run (self, turn, &run.run, &history, TESTS_LOOKED, answered);
}
