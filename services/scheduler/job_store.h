/* job_store.h - the jobs and their attempts. The only writer of `jobs` and `attempts`. */

#ifndef OPENCICD_SCHEDULER_JOB_STORE_H
#define OPENCICD_SCHEDULER_JOB_STORE_H

#include "common/db.h"
#include "proto/messages.h"

typedef struct {
    job_t job; // Without steps and waiting_because
    int64_t position, cell;
    uint32_t tries;       // Attempts that count against max-attempts
    const char *labels;   // As labels_of makes them
    const char *needs;    // Lines
    const char *strategy; // JSON
    int64_t timeout_minutes;
    const char *concurrency; // Its group, lower case; "" for none
    bool concurrency_cancel, concurrency_all;
    bool calls;    // A workflow: no agent takes it; it runs while the jobs of that do
    bytes_t steps; // A packed job_status
    bool unfilled; // In memory: what its cell brings is not written yet
} job_row_t;

typedef struct {
    job_row_t *items;
    size_t count;
} job_rows_t;

typedef struct {
    const char *state; // "" for any, as all of them
    const char *run;
    const char *agent;
    const char *before; // Only older ones: the cursor
    size_t limit;
} job_filter_t;

MUST_USE fault_t job_store_add (db_t *db, turn_t *turn, const job_row_t *row);
MUST_USE fault_t job_store_find (db_t *db, turn_t *turn, const char *id, job_row_t *out); // NOT_FOUND
MUST_USE fault_t job_store_of_run (db_t *db, turn_t *turn, const char *run, job_rows_t *out);
MUST_USE fault_t job_store_of_node (db_t *db, turn_t *turn, const char *run, const char *key,
                                    job_rows_t *out);
MUST_USE fault_t job_store_page (db_t *db, turn_t *turn, const job_filter_t *filter, job_rows_t *out);

// Its node was expanded: all that a cell brings, its state and queued_at.
MUST_USE fault_t job_store_fill (db_t *db, turn_t *turn, const job_row_t *row);
// State, result, reason, queued_at and finished_at as they stand in `row`.
MUST_USE fault_t job_store_save (db_t *db, turn_t *turn, const job_row_t *row);
MUST_USE fault_t job_store_reset (db_t *db, turn_t *turn, const char *id); // For a rerun: pending again

// An attempt begins: state, attempt, tries, agent, started_at.
MUST_USE fault_t job_store_lease (db_t *db, turn_t *turn, const job_row_t *row);
// It goes back to the queue. `forget`: the attempt never reached an agent, its number is given again.
MUST_USE fault_t job_store_unlease (db_t *db, turn_t *turn, const job_row_t *row, bool forget);
// It calls a workflow: state, queued_at, started_at.
MUST_USE fault_t job_store_called (db_t *db, turn_t *turn, const job_row_t *row);
MUST_USE fault_t job_store_running (db_t *db, turn_t *turn, const char *id, uint32_t attempt, bool *changed);
MUST_USE fault_t job_store_steps (db_t *db, turn_t *turn, const char *id, bytes_t steps);
// What the agent told with its last word.
MUST_USE fault_t job_store_told (db_t *db, turn_t *turn, const job_row_t *row);
// The attempt has ended so, and its job goes on: from now on it stands among the earlier ones.
MUST_USE fault_t job_store_attempt_lost (db_t *db, turn_t *turn, const job_row_t *row, result_t result,
                                         const char *reason);
// All, the one that `row` itself tells of included.
MUST_USE fault_t job_store_attempts (db_t *db, turn_t *turn, const job_row_t *row, attempt_items_t *out);

#endif
