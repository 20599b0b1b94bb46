/* fields_test.h - fields of test reports: what an agent read of one, and what a run's say together (docs/tests.md). */

#ifndef OPENCICD_FIELDS_TEST_H
#define OPENCICD_FIELDS_TEST_H

#include "proto/limits.h"

#define MAX_TEST_NAME    512  // Bytes
#define MAX_TEST_MESSAGE 1024 // Of what a failed test says
#define MAX_TESTS        200  // Failed ones of one report, and of an answer; more are counted
#define MAX_SLOW_TESTS   20
#define MAX_TEST_REPORTS 20 // Of one attempt
#define MAX_DIGEST_TESTS 20 // Failed ones in a digest

#define TEST_COUNTS(F, T)                                      \
    F (T, U32, passed, INT32_MAX, "tests that passed")         \
    F (T, U32, failed, INT32_MAX, "tests that failed")         \
    F (T, U32, skipped, INT32_MAX, "tests that were left out") \
    F (T, I64, duration_us, INT64_MAX, "of all tests, one after the other")

#define TEST_CASE(F, T)                                                           \
    F (T, STR, suite, MAX_TEST_NAME, "its class, suite or package; may be empty") \
    F (T, STR, name, MAX_TEST_NAME, "")                                           \
    F (T, STR, message, MAX_TEST_MESSAGE, "what it says of its failure")          \
    F (T, I64, duration_us, INT64_MAX, "")

#define TEST_REPORT_PUT(F, T)                                                                     \
    F (T, KEY, job, MAX_ID, "")                                                                   \
    F (T, U32, step, 10000, "number of the step that reports it")                                 \
    F (T, KEY, file, MAX_TEXT, "within the workspace; what this step reported of it is replaced") \
    F (T, STR, format, 16, "junit, tap or go")                                                    \
    TEST_COUNTS (F, T)                                                                            \
    F (T, LIST (test_case), failures, MAX_TESTS, "the first of those that failed")                \
    F (T, LIST (test_case), slowest, MAX_SLOW_TESTS, "of all of them")

#define TEST_REPORT_ROW(F, T)          \
    F (T, STR, job_id, MAX_ID, "")     \
    F (T, STR, job_name, MAX_TEXT, "") \
    F (T, U32, step, 10000, "")        \
    F (T, STR, file, MAX_TEXT, "")     \
    F (T, STR, format, 16, "")         \
    TEST_COUNTS (F, T)

#define TEST_RESULT(F, T)                                                                      \
    F (T, STR, job_id, MAX_ID, "")                                                             \
    F (T, STR, job_name, MAX_TEXT, "")                                                         \
    F (T, STR, file, MAX_TEXT, "the report")                                                   \
    F (T, STR, suite, MAX_TEST_NAME, "")                                                       \
    F (T, STR, name, MAX_TEST_NAME, "")                                                        \
    F (T, STR, message, MAX_TEST_MESSAGE, "")                                                  \
    F (T, I64, duration_us, INT64_MAX, "")                                                     \
    F (T, BOOL, known, 1, "it failed in the workflow's previous run on this branch, too")      \
    F (T, BOOL, flaky, 1, "it failed on a commit on which the workflow passed as well")        \
    F (T, U32, failed_runs, 1000, "of the workflow's latest `of_runs`, how many it failed in") \
    F (T, U32, of_runs, 1000, "")

#define RUN_TESTS(F, T) F (T, KEY, run, MAX_ID, "")
#define TEST_RESULTS(F, T)                                                         \
    F (T, STR, run_id, MAX_ID, "")                                                 \
    TEST_COUNTS (F, T)                                                             \
    F (T, ROWS (test_report_row), reports, 10000, "of the latest attempts")        \
    F (T, ROWS (test_result), failures, MAX_TESTS, "failed tests; new ones first") \
    F (T, ROWS (test_result), slowest, MAX_SLOW_TESTS, "the slowest first")

//     number, name, fields, meaning (messages.h)
#define TEST_MESSAGES(M)                                                         \
    M (250, test_case, TEST_CASE, "one test of a report")                        \
    M (251, test_report_put, TEST_REPORT_PUT, "what a test report says")         \
    M (252, test_report_row, TEST_REPORT_ROW, "a test report in numbers")        \
    M (253, test_result, TEST_RESULT, "a test, and what it did in earlier runs") \
    M (254, run_tests, RUN_TESTS, "the tests of a run")                          \
    M (255, test_results, TEST_RESULTS, "tests of a run, as its jobs reported them")

#endif
