/* job_condition.h - whether a job runs, once all that it needs has ended: its `if:`, which is success() where it does not say otherwise.
 *
 * A step's is evaluated where the step runs: agent/engine/step/step_condition.c. */

#ifndef OPENCICD_WORKFLOW_JOB_CONDITION_H
#define OPENCICD_WORKFLOW_JOB_CONDITION_H

#include "workflow/plan/plan_scope.h"

// Sets what the status functions say in `self`. *reason: why it does not run; "" where it does.
bool job_condition (plan_scope_t *self, const workflow_t *workflow, const job_t *job, const char **reason);
// The same, with every part of it that was evaluated.
bool job_condition_explain (plan_scope_t *self, const workflow_t *workflow, const job_t *job,
                            const char **reason, explanation_t **parts, size_t *count);

#endif
