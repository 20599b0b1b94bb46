/* test_store.c - see test_store.h. */

#include "services/scheduler/store/test_store.h"

#include "services/scheduler/store/failure_store.h"

#include <string.h>

#define PAST_RUNS 100 // Rows of one test that are looked at, latest first

static fault_t add_failed (db_t *db, turn_t *turn, const test_owner_t *owner, const test_report_put_t *report,
                           const char *test)
{
    return db_exec (db, turn,
                    "insert into failed_tests (project_id, test, run_id, job_id, attempt, step, file)"
                    " values ($1, $2, $3, $4, $5, $6, $7)"
                    " on conflict (project_id, test, run_id, job_id, attempt, step, file) do nothing",
                    P_STR (owner->project_id), P_STR (test), P_STR (owner->run_id), P_STR (owner->job_id),
                    P_I64 (owner->attempt), P_I64 (report->step), P_STR (report->file));
}

fault_t test_store_put (db_t *db, turn_t *turn, const test_owner_t *owner, const test_report_put_t *report,
                        bytes_t packed, const strs_t *tests)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select count (*) from test_reports where job_id = $1 and attempt = $2"
                   " and not (step = $3 and file = $4)",
                   &rows, P_STR (owner->job_id), P_I64 (owner->attempt), P_I64 (report->step),
                   P_STR (report->file)));
    if (rows_i64 (rows, 0, 0) >= MAX_TEST_REPORTS)
        return turn_fail (turn, OVERLOADED, "a job keeps %d test reports", MAX_TEST_REPORTS);
    TRY (db_exec (db, turn,
                  "insert into test_reports (job_id, attempt, step, file, run_id, facts)"
                  " values ($1, $2, $3, $4, $5, $6)"
                  " on conflict (job_id, attempt, step, file) do update set facts = excluded.facts",
                  P_STR (owner->job_id), P_I64 (owner->attempt), P_I64 (report->step), P_STR (report->file),
                  P_STR (owner->run_id), P_BYTES (packed.data, packed.size)));
    TRY (db_exec (db, turn,
                  "delete from failed_tests where job_id = $1 and attempt = $2 and step = $3 and file = $4",
                  P_STR (owner->job_id), P_I64 (owner->attempt), P_I64 (report->step), P_STR (report->file)));
    for (size_t i = 0; i < tests->count; i++)
        TRY (add_failed (db, turn, owner, report, tests->items[i]));
    return OK;
}

fault_t test_store_of_run (db_t *db, turn_t *turn, const char *run, stored_reports_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select j.id, j.name, t.facts from test_reports t"
                   " join jobs j on j.id = t.job_id and j.attempt = t.attempt where t.run_id = $1"
                   " order by j.position, j.cell, t.step, t.file limit $2",
                   &rows, P_STR (run), P_I64 (STORED_REPORTS)));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++) {
        stored_report_t *report = &out->items[i];
        *report = (stored_report_t){.job_id = rows_str (rows, i, 0), .job_name = rows_str (rows, i, 1)};
        report->packed.data = rows_bytes (rows, i, 2, &report->packed.size);
    }
    return OK;
}

fault_t test_store_past (db_t *db, turn_t *turn, const char *project, const char *test, const char *before,
                         const char *oldest, test_past_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select r.id, case when " RUN_OF_PASSED_COMMIT " is not null then 1 else 0 end"
                   " from (select distinct run_id from failed_tests where project_id = $1 and test = $2"
                   " order by run_id desc limit $3) f join runs r on r.id = f.run_id order by r.id desc",
                   &rows, P_STR (project), P_STR (test), P_I64 (PAST_RUNS)));
    *out = (test_past_t){0};
    for (size_t i = 0; i < rows_count (rows); i++) {
        const char *run = rows_str (rows, i, 0);
        out->known |= strcmp (run, before) == 0;
        out->flaky |= rows_i64 (rows, i, 1) != 0;
        out->failed_runs += strcmp (run, oldest) >= 0;
    }
    return OK;
}
