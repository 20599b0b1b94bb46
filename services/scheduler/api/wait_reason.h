/* wait_reason.h - "why is this job waiting?", in one sentence that names what would have to change.
 *
 * What holds a job back within its run comes from the function that also starts it (dag_holds), so the two cannot disagree. */

#ifndef OPENCICD_SCHEDULER_WAIT_REASON_H
#define OPENCICD_SCHEDULER_WAIT_REASON_H

#include "services/scheduler/run/run_model.h"
#include "services/scheduler/store/supply_store.h"
#include "services/scheduler/unit/self.h"

#define REASON_RUNS \
    16 // Runs of one answer that are read to explain their jobs; jobs of others get a general reason
#define REASON_NEEDS 8 // That are named; the others are counted
#define REASON_SETS  4 // Sets of labels whose agents are looked for; for more of them all agents are read

// Why jobs with these labels wait for an agent.
typedef struct {
    const char *labels, *text;
    standing_t standing;
} labels_reason_t;

// What is known while the jobs of one answer are explained: each thing is read once.
typedef struct {
    scheduler_t *scheduler;
    turn_t *turn;
    bool positions;    // Count the jobs before each job: only for few jobs
    bool newest;       // The only job was queued just now: all others of its queue are before it
    supply_of_t asked; // Before
    const rows_t
        *size_rows; // Likewise, of the queue of these labels, to which so many were added since; or NULL
    const char *size_labels;
    int64_t added;
    labels_reason_t reasons[REASON_SETS];
    size_t reason_count;
    const supply_t *supply; // Of all agents; NULL: not read
    labels_reason_t last;   // From that
    const run_model_t *models[REASON_RUNS];
    size_t model_count;
    const char *group, *group_reason; // The last group asked for
} wait_reasons_t;

// Fills wait_reason of a job that has not started.
MUST_USE fault_t wait_reason_job (wait_reasons_t *self, job_row_t *row);
// Of all jobs with these labels; what it returns lives until it is asked for others.
MUST_USE fault_t wait_reason_labels (wait_reasons_t *self, const char *labels, const labels_reason_t **out);
MUST_USE fault_t wait_reason_run (wait_reasons_t *self, run_row_t *row);

#endif
