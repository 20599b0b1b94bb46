/* job_store.h - the jobs and their attempts. The only writer of `jobs` and `attempts`. */

#ifndef OPENCICD_SCHEDULER_JOB_STORE_H
#define OPENCICD_SCHEDULER_JOB_STORE_H

#include "common/db/db.h"
#include "proto/messages.h"

typedef struct job_row {
    job_t job; // Without steps and wait_reason
    int64_t position, cell;
    uint32_t tries;       // Attempts that count against max-attempts
    const char *labels;   // As labels_of makes them
    const char *needs;    // Lines
    const char *strategy; // JSON
    int64_t timeout_minutes, cancel_minutes;
    const char *concurrency; // Its group, lower case; "" for none
    bool concurrency_cancel, concurrency_all;
    bool gated;    // Its environment holds it back; written, not read
    bool calls;    // A workflow: no agent takes it; it runs while the jobs of that do
    bytes_t steps; // A packed job_status
} job_row_t;

typedef struct {
    job_row_t *items;
    size_t count;
} job_rows_t;

// What the DAG sees of a job.
typedef struct {
    const char *id, *key, *name;
    int64_t cell;
    uint32_t state, result;
    bool calls, continue_on_error;
    bool grouped; // It needs a concurrency group,
    bool claims;  // has claimed it,
    bool holds;   // and has it
    bool gated;   // Its environment holds it back,
    bool open;    // or did
} job_cell_t;

typedef struct {
    job_cell_t *items;
    size_t count;
} job_cells_t;

typedef struct {
    const char *state; // "" for any, as all of them
    const char *run;
    const char *agent;
    const char *before; // Only older ones: the cursor
    size_t limit;
    const char *scope; // Only of these projects and of public ones (rights_scope()); NULL for all
} job_filter_t;
#define JOBS_WALKED 5000 // By one page of what somebody may see

MUST_USE fault_t job_store_add (db_t *db, turn_t *turn,
                                const job_row_t *row); // All of it, but for an attempt
MUST_USE fault_t job_store_find (db_t *db, turn_t *turn, const char *id, job_row_t *out); // NOT_FOUND
MUST_USE fault_t job_store_find_later (db_t *db, turn_t *turn, const char *id, const rows_t **rows);
MUST_USE fault_t job_store_found (turn_t *turn, const rows_t *rows, const char *id,
                                  job_row_t *out); // Of that
// PostgreSQL only. The queues of waiting_store_queues_later and waiting_store_fitting_later, which begin with column JOB_STORE_QUEUE, and
// with each of the first `heads` its oldest job.
#define JOB_STORE_QUEUE 38
MUST_USE fault_t job_store_queues_later (db_t *db, turn_t *turn, size_t heads, const rows_t **rows);
MUST_USE fault_t job_store_fitting_queues_later (db_t *db, turn_t *turn, const strs_t *labels,
                                                 const strs_t *agents, size_t heads, const rows_t **rows);
void job_store_read_heads (turn_t *turn, const rows_t *rows, job_rows_t *out);
void job_store_read (turn_t *turn, const rows_t *rows, job_rows_t *out); // Once it was waited for
MUST_USE fault_t job_store_of_run (db_t *db, turn_t *turn, const char *run, job_rows_t *out);
MUST_USE fault_t job_store_cells_later (db_t *db, turn_t *turn, const char *run, const rows_t **rows);
void job_store_read_cells (turn_t *turn, const rows_t *rows, job_cells_t *out); // Once it was waited for
// Outputs of a node's jobs, in the order of its cells: ids and JSON.
MUST_USE fault_t job_store_outputs (db_t *db, turn_t *turn, const char *run, int64_t position,
                                    const char *key, job_rows_t *out);
const char *job_store_page_sql (const job_filter_t *filter); // Whose plan is looked at
// With a scope a page may have fewer rows than were asked for, or none, and all the same a `next`, where the walk goes on.
MUST_USE fault_t job_store_page (db_t *db, turn_t *turn, const job_filter_t *filter, job_rows_t *out,
                                 const char **next);

// Its node was expanded: all that a cell brings, and how far it is.
MUST_USE fault_t job_store_fill (db_t *db, turn_t *turn, const job_row_t *row);
// State, result, reason, queued_at and finished_at as they stand in `row`.
MUST_USE fault_t job_store_save (db_t *db, turn_t *turn, const job_row_t *row);
MUST_USE fault_t job_store_reset (db_t *db, turn_t *turn, const char *id); // For a rerun: pending again

// An attempt begins: state, attempt, tries, agent, started_at.
MUST_USE fault_t job_store_lease (db_t *db, turn_t *turn, const job_row_t *row);
// It failed, for this reason, and is held until then; 0: no longer.
MUST_USE fault_t job_store_hold (db_t *db, turn_t *turn, const char *id, int64_t until_us,
                                 const char *reason);
// It goes back to the queue.
MUST_USE fault_t job_store_unlease (db_t *db, turn_t *turn, const job_row_t *row);
MUST_USE fault_t job_store_offers (db_t *db, turn_t *turn, const char *id,
                                   uint32_t *offers); // Attempts since its last rerun
// It waits for an agent, or runs what it calls: state, queued_at, started_at.
MUST_USE fault_t job_store_begun (db_t *db, turn_t *turn, const job_row_t *row);
// Without an agent: state, result, reason, finished_at; outputs where they are not NULL.
MUST_USE fault_t job_store_ended (db_t *db, turn_t *turn, const job_row_t *row);
// Of all its jobs that have not begun.
MUST_USE fault_t job_store_priority_of_run (db_t *db, turn_t *turn, const char *run, int64_t priority);
MUST_USE fault_t job_store_queued (db_t *db, turn_t *turn, const char *run, job_rows_t *out); // Of one run
MUST_USE fault_t job_store_priority (db_t *db, turn_t *turn, const job_row_t *row);
MUST_USE fault_t job_store_running (db_t *db, turn_t *turn, const char *id, uint32_t attempt, bool *changed);
MUST_USE fault_t job_store_steps (db_t *db, turn_t *turn, const char *id, bytes_t steps);
// Its environment holds it back no more.
MUST_USE fault_t job_store_gate (db_t *db, turn_t *turn, const char *id);
// What the agent reported with its final status.
MUST_USE fault_t job_store_end (db_t *db, turn_t *turn, const job_row_t *row);
// The attempt has ended like this, and its job goes on: it is now one of the earlier ones.
MUST_USE fault_t job_store_attempt_reclaimed (db_t *db, turn_t *turn, const job_row_t *row, result_t result,
                                              const char *reason);
// All, including the current one in `row`.
MUST_USE fault_t job_store_attempts (db_t *db, turn_t *turn, const job_row_t *row, attempt_items_t *out);

#endif
