/* step_condition.h - whether a step runs: its `if:`, and the pre-if and post-if of its action.
 *
 * A job's is evaluated by the server: workflow/plan/job_condition.c. */

#ifndef OPENCICD_AGENT_ENGINE_STEP_STEP_CONDITION_H
#define OPENCICD_AGENT_ENGINE_STEP_STEP_CONDITION_H

#include "agent/engine/state/step_run.h"

MUST_USE fault_t step_condition (step_run_t *self, bool *out);

#endif
