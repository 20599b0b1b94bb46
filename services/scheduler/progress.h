/* progress.h - how jobs and runs move on: what starts, what follows an end, what is stopped.
 *
 * Each function writes in the current unit of work and may set off the others: the end of a job ends its node, which lets others begin
 * or ends the run, which frees its concurrency group, which starts another run. */

#ifndef OPENCICD_SCHEDULER_PROGRESS_H
#define OPENCICD_SCHEDULER_PROGRESS_H

#include "services/scheduler/job_store.h"
#include "services/scheduler/lease_store.h"
#include "services/scheduler/node_store.h"
#include "services/scheduler/planner.h"
#include "services/scheduler/run_store.h"
#include "services/scheduler/self.h"
#include "services/scheduler/waiting_store.h"

// ---- run_progress.c ----
// Expands all nodes whose needs are done, and ends the run when all have ended. `plan` may be NULL: it is read when needed.
MUST_USE fault_t run_advance (scheduler_t *self, turn_t *turn, run_row_t *run, plan_t *plan);
MUST_USE fault_t run_begin (scheduler_t *self, turn_t *turn, run_row_t *run, plan_t *plan);
// A job of the node has ended; `node` is as it is now.
MUST_USE fault_t node_follow (scheduler_t *self, turn_t *turn, const job_row_t *ended,
                              const node_row_t *node);

result_t node_result (arena_t *arena, const node_row_t *node); // Of one that has finished
const value_t *run_github (arena_t *arena, const run_t *run, const run_texts_t *texts); // As its jobs see it

// ---- expand.c ----
MUST_USE fault_t node_expand (scheduler_t *self, turn_t *turn, const run_row_t *run, const plan_t *plan,
                              const node_rows_t *nodes, node_row_t *node);
MUST_USE fault_t node_outcome (scheduler_t *self, turn_t *turn, node_row_t *node, const job_rows_t *cells);

// ---- job_progress.c ----
MUST_USE fault_t job_start (scheduler_t *self, turn_t *turn,
                            job_row_t *row); // Its node lets it: group, then queue
MUST_USE fault_t job_queue (scheduler_t *self, turn_t *turn, job_row_t *row);
waiting_t job_place (const job_row_t *row); // Where it waits, if it does
MUST_USE fault_t job_wait (scheduler_t *self, turn_t *turn,
                           const job_row_t *row); // For an agent, since queued_at
MUST_USE fault_t job_end (scheduler_t *self, turn_t *turn, job_row_t *row, result_t result,
                          const char *reason);
// Its attempt ends: the lease goes, the agent is free, or lost (offline).
MUST_USE fault_t job_free (scheduler_t *self, turn_t *turn, const job_row_t *row, agent_state_t agent);

// ---- group.c ----
// Claims a concurrency group for a run or a job. *holds: it may go on now; else it is started when the group is free, or was ended.
MUST_USE fault_t group_claim (scheduler_t *self, turn_t *turn, const char *project, const char *owner,
                              const group_t *group, bool *holds);
MUST_USE fault_t group_release (scheduler_t *self, turn_t *turn, const char *project, const char *name,
                                const char *owner);

// ---- stop.c ----
MUST_USE fault_t run_stop (scheduler_t *self, turn_t *turn, run_row_t *run, cancel_t how, const char *reason);
MUST_USE fault_t job_stop (scheduler_t *self, turn_t *turn, job_row_t *row, cancel_t how, const char *reason);
// What cancels the other cells of a matrix.
MUST_USE fault_t node_stop (scheduler_t *self, turn_t *turn, const char *run, const char *key,
                            const char *reason);

#endif
