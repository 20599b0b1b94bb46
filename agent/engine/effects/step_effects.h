/* step_effects.h - what a step leaves to those after it and to its job: outputs, variables, folders in PATH, state, its post. */

#ifndef OPENCICD_AGENT_ENGINE_EFFECTS_STEP_EFFECTS_H
#define OPENCICD_AGENT_ENGINE_EFFECTS_STEP_EFFECTS_H

#include "agent/engine/state/step_run.h"

void step_set_output (step_run_t *self, const char *name, const char *value);
void step_set_env (step_run_t *self, const char *name, const char *value); // For the steps after it
void step_add_path (step_run_t *self, const char *folder);
const char *step_path_with (job_run_t *job,
                            const char *folder); // What GITHUB_PATH added, with this folder in front
void step_keep_state (step_run_t *self, const char *name, const char *value);
void step_register_post (step_run_t *self);
void step_publish (step_run_t *self, result_t outcome, result_t conclusion); // Sets its entry in `steps`
void job_blame (job_run_t *job, const engine_step_t *row); // The job fails because of that step

#endif
