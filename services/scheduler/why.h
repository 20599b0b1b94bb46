/* why.h - "why is this job waiting?", in one sentence that names what would have to change. */

#ifndef OPENCICD_SCHEDULER_WHY_H
#define OPENCICD_SCHEDULER_WHY_H

#include "services/scheduler/agent_store.h"
#include "services/scheduler/job_store.h"
#include "services/scheduler/run_store.h"
#include "services/scheduler/self.h"

// What is known while the jobs of one answer are explained: each thing is read once.
typedef struct {
    scheduler_t *scheduler;
    turn_t *turn;
    bool positions; // Count who is before each job: for few jobs
    agent_rows_t agents;
    bool agents_read;
    const char *labels, *labels_why; // The last labels asked for
} why_t;

// Fills waiting_because of a job that has not begun.
MUST_USE fault_t why_job (why_t *self, job_row_t *row);
MUST_USE fault_t why_run (scheduler_t *self, turn_t *turn, run_row_t *row);

// Pure: why no agent takes a job with these labels; "" where one could if it were free.
const char *why_no_agent (arena_t *arena, const agent_rows_t *agents, const char *labels);

#endif
