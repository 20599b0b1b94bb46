/* failure_store.h - why attempts failed, and the history to compare that with. The only writer of `failures`. */

#ifndef OPENCICD_SCHEDULER_FAILURE_STORE_H
#define OPENCICD_SCHEDULER_FAILURE_STORE_H

#include "common/db/db.h"
#include "proto/messages.h"

#define FAILURE_LOOKS  16   // In progress at once
#define FAILURES_ALIKE 100  // Rows of one fingerprint that are looked at, latest first
#define FLAKY_RUNS     100  // Of a workflow, over which flaky failures are counted
#define RED_RUNS       1000 // Failed runs of a branch that are counted, at most

// A run of the same commit as `r` that passed, or null. Not `exists`: for that PostgreSQL reads all runs that passed, once, to look rows up.
#define RUN_OF_PASSED_COMMIT                                                      \
    "(select g.id from runs g where g.project_id = r.project_id and g.workflow =" \
    " r.workflow and g.sha = r.sha and g.result = 'success' limit 1)"

typedef struct {
    const char *job_id;
    uint32_t attempt;
    bool looked;
    bytes_t facts; // A packed failure; empty before it was looked at
} failure_row_t;

typedef struct {
    failure_row_t *items;
    size_t count;
} failure_rows_t;

// The job's current attempt failed just now.
MUST_USE fault_t failure_store_add (db_t *db, turn_t *turn, const char *job);
// Attempts whose log is to be examined now, so many that at most FAILURE_LOOKS are in progress. Only job_id and attempt are filled.
MUST_USE fault_t failure_store_due (db_t *db, turn_t *turn, failure_rows_t *out);
MUST_USE fault_t failure_store_asked (db_t *db, turn_t *turn, const failure_row_t *row, int64_t again_at);
MUST_USE fault_t failure_store_is_due (db_t *db, turn_t *turn, const char *job, uint32_t attempt, bool *due);
MUST_USE fault_t failure_store_save (db_t *db, turn_t *turn, const failure_row_t *row,
                                     const char *fingerprint);
// Of the current attempts of the run's jobs.
MUST_USE fault_t failure_store_of_run (db_t *db, turn_t *turn, const char *run, failure_rows_t *out);

// Attempts that failed alike, of whichever branch and workflow of the project, latest first.
MUST_USE fault_t failure_store_alike (db_t *db, turn_t *turn, const char *project, const char *fingerprint,
                                      failure_seen_items_t *out);

// ---- what runs of the same branch did ----

typedef struct {
    const char *run_id, *sha; // "" for none
    int64_t number, at;
} ended_run_t;

typedef struct {
    ended_run_t green;    // The last that passed before the run
    ended_run_t red;      // The first after it that failed
    int64_t red_runs;     // Since then, up to the run
    const char *before;   // The previous run, where it failed; "" where it passed, or there is none
    const char *oldest;   // Of the workflow's last FLAKY_RUNS; "" where there are fewer
    int64_t counted_runs; // How many those are
} branch_history_t;

MUST_USE fault_t failure_store_branch (db_t *db, turn_t *turn, const run_t *run, branch_history_t *out);

#endif
