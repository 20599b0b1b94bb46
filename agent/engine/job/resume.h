/* resume.h - keeps the workspace of a failed job, and what its steps have set, so that a later run can continue at one of the steps.
 *
 *     FOLDER/workspace     FOLDER/state.json  {"steps": {ID: {outputs, outcome, conclusion}}, "env": {}, "path": "",
 *                                           "workspace": the folder it came from}   0600
 *
 * The workspace is moved, not copied: it is either kept or in use. */

#ifndef OPENCICD_AGENT_ENGINE_JOB_RESUME_H
#define OPENCICD_AGENT_ENGINE_JOB_RESUME_H

#include "agent/engine/state/step_run.h"

// Called before the first step. *first is the step to begin with; 0 if nothing is kept, or no resume was asked for. INVALID: scope->error.
MUST_USE fault_t resume_open (job_run_t *self, scope_t *scope, size_t *first);
// Called after the last step of a job that did not succeed; replaces what was kept.
void resume_keep (job_run_t *self);

#endif
