/* inputs.h - the inputs of an action: what the step gives, over the defaults that its action.yml declares. */

#ifndef OPENCICD_AGENT_ENGINE_STEP_INPUTS_H
#define OPENCICD_AGENT_ENGINE_STEP_INPUTS_H

#include "agent/engine/state/step_run.h"

MUST_USE fault_t inputs_evaluate (step_run_t *self, const action_t *action); // Fills self->with

#endif
