/* resolve.h - what a step runs, as far as known now: an action in the workspace may be created by an earlier step. */

#ifndef OPENCICD_AGENT_ENGINE_STEP_RESOLVE_H
#define OPENCICD_AGENT_ENGINE_STEP_RESOLVE_H

#include "agent/engine/state/step_run.h"

MUST_USE fault_t resolve_step (step_run_t *by, job_step_t *step, const action_found_t *inside, bool running);
// The steps of the job with the members of `parallel`, and for each `wait` the steps that it waits for.
job_step_t *resolve_job (job_run_t *self, const step_t *steps, size_t count, size_t *out_count);

#endif
