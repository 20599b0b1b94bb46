/* plan_dag.h - what comes before a job, and what the jobs before it add up to. */

#ifndef OPENCICD_WORKFLOW_PLAN_DAG_H
#define OPENCICD_WORKFLOW_PLAN_DAG_H

#include "workflow/model/model.h"

// The jobs of a file's DAG that come before `job`, its needs and theirs, in file order.
size_t plan_ancestors (arena_t *arena, const workflow_t *workflow, const job_t *job,
                       const job_t *const **out);

// The `needs` context of a job from finished jobs.
const value_t *plan_needs (arena_t *arena, const job_t *job, const value_t *jobs);

// What the cells of one job add up to, as an entry of plan_context_t.jobs. A cell is {"result", "outputs",
// "continue-on-error"}: failure, then cancelled, then success win; skipped where all are. A later cell's non-empty
// output replaces an earlier one's.
const value_t *plan_outcome (arena_t *arena, const value_t *const *cells, size_t count);

#endif
