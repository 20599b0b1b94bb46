/* engine.h - applies what happens to runs and jobs, and what follows from it.
 *
 * The engine is a work list. It takes what happened, reads that run's model, lets the graph settle, writes the difference, and goes on with what
 * follows for others: leaving a concurrency group lets the next one go on. It writes in the current unit of work, and never
 * calls dispatch: a queued job is a row, matched when the unit of work ends.
 *
 * Dispatch and the API call the functions of "from outside" alone. */

#ifndef OPENCICD_SCHEDULER_ENGINE_H
#define OPENCICD_SCHEDULER_ENGINE_H

#include "services/scheduler/store/agent_store.h"
#include "services/scheduler/store/job_store.h"
#include "services/scheduler/store/run_store.h"
#include "services/scheduler/store/waiting_store.h"
#include "services/scheduler/unit/self.h"

// ---- from outside: each is whole, what follows from it included ----

// A job has ended with the outputs, steps and log in `row`. Harmless if it had ended before.
MUST_USE fault_t job_end (scheduler_t *self, turn_t *turn, job_row_t *row, result_t result,
                          const char *reason);
// Likewise, of a job with a lease, with what was asked for before and waited for since.
typedef struct job_end_rows job_end_rows_t;
MUST_USE fault_t job_end_ask (scheduler_t *self, turn_t *turn, const char *job, job_end_rows_t **out);
MUST_USE fault_t job_end_asked (scheduler_t *self, turn_t *turn, job_row_t *row, result_t result,
                                const char *reason, const job_end_rows_t *asked);
// Its environment lets a pending job go.
MUST_USE fault_t job_open (scheduler_t *self, turn_t *turn, const job_row_t *row);
MUST_USE fault_t job_stop (scheduler_t *self, turn_t *turn, const job_row_t *row, stop_level_t how,
                           const char *reason);
MUST_USE fault_t run_stop (scheduler_t *self, turn_t *turn, const run_row_t *run, stop_level_t how,
                           const char *reason);

bool job_is_leased (const job_row_t *row); // Does an agent have it?

// A job's place among those that wait for an agent. A job that goes back to the queue keeps its position.
waiting_t job_waiting (const job_row_t *row);
// A job that waits for an agent moves before all that wait with a lower priority.
MUST_USE fault_t job_move (scheduler_t *self, turn_t *turn, job_row_t *row, int64_t priority);
MUST_USE fault_t job_wait (scheduler_t *self, turn_t *turn, const job_row_t *row);

// The unit of work was rolled back: the models of runs may be wrong.
void engine_forget (scheduler_t *self);
void engine_end (scheduler_t *self); // With the scheduler

const char *job_own_key (const char *key); // In its own workflow: without those of the jobs that call it

#endif
