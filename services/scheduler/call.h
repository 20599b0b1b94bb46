/* call.h - a job that calls a workflow: the jobs of that workflow become nodes of the run beside the others, with keys and names behind
 * the caller's; it ends when they have ended. Flat nodes let the matcher, cancel, reruns and the web page know nothing of calls. */

#ifndef OPENCICD_SCHEDULER_CALL_H
#define OPENCICD_SCHEDULER_CALL_H

#include "services/scheduler/progress.h"

#define CALL_NODES 2000 // Of one run, with all it calls

// What a node's key is in its own workflow.
const char *call_own_key (const char *key);
// The called workflow of which `called_by` is the calling job, as it was planned.
MUST_USE fault_t call_plan (scheduler_t *self, turn_t *turn, const char *called_by, plan_t **out);
// The cells of a node that calls are about to: what each gives is checked and kept. *wrong says why it cannot be.
MUST_USE fault_t call_prepare (scheduler_t *self, turn_t *turn, const plan_t *plan, const planned_t *planned,
                               const job_rows_t *cells, const char **wrong);
// Its turn has come: nodes for the called workflow's jobs, where they are not there from an earlier attempt.
MUST_USE fault_t call_begin (scheduler_t *self, turn_t *turn, job_row_t *row);
// Ends the calling jobs of a run whose called jobs have all ended. *ended: there was one, and what follows from it was done.
MUST_USE fault_t calls_end (scheduler_t *self, turn_t *turn, const node_rows_t *nodes, bool *ended);

// The finished jobs of the workflow that `called_by` calls ("": of the run's own): {"build": {"result": "success", "outputs": {}}}.
const value_t *call_finished (arena_t *arena, const node_rows_t *nodes, const char *called_by);

#endif
