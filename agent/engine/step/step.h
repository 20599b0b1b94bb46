/* step.h - runs one step: its condition, its environment, its time, how it ended and how that counts. */

#ifndef OPENCICD_AGENT_ENGINE_STEP_STEP_H
#define OPENCICD_AGENT_ENGINE_STEP_STEP_H

#include "agent/engine/state/step_run.h"

// `row` NULL: the outer run's. Returns its conclusion.
result_t step_execute (job_run_t *job, job_step_t *of, stage_t stage, engine_step_t *row, step_run_t *outer);
// A run without a step, for the job's own work: "Set up job", "Complete job".
step_run_t *step_run_begin (job_run_t *job, engine_step_t *row);
void step_run_end (step_run_t *self, result_t result);

#endif
