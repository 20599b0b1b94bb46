/* wait_reason.h - "why is this job waiting?", in one sentence that names what would have to change.
 *
 * What holds a job back within its run comes from the function that also starts it (dag_holds), so the two cannot disagree. */

#ifndef OPENCICD_SCHEDULER_WAIT_REASON_H
#define OPENCICD_SCHEDULER_WAIT_REASON_H

#include "services/scheduler/run/run_model.h"
#include "services/scheduler/self.h"
#include "services/scheduler/store/agent_store.h"

#define REASON_RUNS \
    16 // Runs of one answer that are read to explain their jobs; jobs of others get a general reason
#define REASON_NEEDS 8 // That are named; the others are counted

// What is known while the jobs of one answer are explained: each thing is read once.
typedef struct {
    scheduler_t *scheduler;
    turn_t *turn;
    bool positions;            // Count the jobs before each job: only for few jobs
    bool last;                 // The only job was queued just now: all others of its queue are before it
    const rows_t *supply_rows; // Asked for before, or NULL
    const rows_t *size_rows;   // Likewise, of the queue of these labels, to which so many were added since
    const char *size_labels;
    int64_t added;
    supply_t supply;
    bool supply_read;
    const char *labels, *labels_reason; // The last labels asked for
    bool labels_busy;                   // All agents for them have a job
    const run_model_t *models[REASON_RUNS];
    size_t model_count;
    const char *group, *group_reason; // The last group asked for
} wait_reasons_t;

// Fills wait_reason of a job that has not started.
MUST_USE fault_t wait_reason_job (wait_reasons_t *self, job_row_t *row);
MUST_USE fault_t wait_reason_run (wait_reasons_t *self, run_row_t *row);

#endif
