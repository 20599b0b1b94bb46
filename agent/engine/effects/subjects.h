/* subjects.h - what the steps of a job declare to have made, in GITHUB_ARTIFACTS, and the list of it that each later step finds in
 * GITHUB_ARTIFACTS_LIST: {"version":1,"subjects":[{"name","digest","kind":"file"|"oci"}]}, ordered by name. */

#ifndef OPENCICD_AGENT_ENGINE_EFFECTS_SUBJECTS_H
#define OPENCICD_AGENT_ENGINE_EFFECTS_SUBJECTS_H

#include "agent/engine/state/step_run.h"

// All lines of a step, or none: the scope's error names the one that is wrong.
MUST_USE fault_t subjects_take (step_run_t *self, const char *text, size_t size);
const char *subjects_list (const step_run_t *self); // The JSON, in the step's arena

#endif
