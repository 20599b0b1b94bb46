/* test_store.h - test reports of attempts, and in which runs each test failed. The only writer of `test_reports` and `failed_tests`. */

#ifndef OPENCICD_SCHEDULER_TEST_STORE_H
#define OPENCICD_SCHEDULER_TEST_STORE_H

#include "common/db/db.h"
#include "proto/messages.h"

typedef struct {
    const char *job_id, *run_id, *project_id;
    uint32_t attempt;
} test_owner_t;

// The report in place of the one that this step made of this file. OVERLOADED past MAX_TEST_REPORTS. `tests`: the keys of those that failed.
MUST_USE fault_t test_store_put (db_t *db, turn_t *turn, const test_owner_t *owner,
                                 const test_report_put_t *report, bytes_t packed, const strs_t *tests);

typedef struct {
    const char *job_id, *job_name;
    bytes_t packed; // A test_report_put
} stored_report_t;

typedef struct {
    stored_report_t *items;
    size_t count;
} stored_reports_t;

// Of the current attempts, in the order of the workflow; at most STORED_REPORTS.
#define STORED_REPORTS 500
MUST_USE fault_t test_store_of_run (db_t *db, turn_t *turn, const char *run, stored_reports_t *out);

typedef struct {
    bool known, flaky;
    int64_t failed_runs;
} test_past_t;

// What a test did in other runs: `before` is the branch's previous one, "" for none; runs from `oldest` on are counted.
MUST_USE fault_t test_store_past (db_t *db, turn_t *turn, const char *project, const char *test,
                                  const char *before, const char *oldest, test_past_t *out);

#endif
