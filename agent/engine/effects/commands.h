/* commands.h - what the workflow commands in a step's output do, and what the log shows of them. */

#ifndef OPENCICD_AGENT_ENGINE_EFFECTS_COMMANDS_H
#define OPENCICD_AGENT_ENGINE_EFFECTS_COMMANDS_H

#include "agent/engine/output/output.h"

extern const output_use_t commands_use; // For a step_run_t's output

#endif
