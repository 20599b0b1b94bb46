/* environ_step.h - the environment of a step's process. */

#ifndef OPENCICD_AGENT_ENGINE_STEP_ENVIRON_STEP_H
#define OPENCICD_AGENT_ENGINE_STEP_ENVIRON_STEP_H

#include "agent/engine/state/step_run.h"

void environ_of_job (job_run_t *self);                               // Fills self->base
MUST_USE fault_t environ_of_step (step_run_t *self, environ_t *out); // The scope has the error
// Of a script that is the agent's and not the job's: the agent's variables and the defaults, with this machine's paths, and none that
// the job has set.
void environ_of_hook (step_run_t *self, environ_t *out);
void environ_without_git (environ_t *out); // Takes the settings of git out (GIT_CONFIG_COUNT)

#endif
