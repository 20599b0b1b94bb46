/* resume.h - a job that failed is kept, and goes on at one of its steps: its workspace, and what the steps before have set.
 *
 *     FOLDER/workspace     FOLDER/state.json  {"steps": {ID: {outputs, outcome, conclusion}}, "env": {}, "path": "",
 *                                           "workspace": where that was}   0600
 *
 * The workspace is moved, not copied: it is where the job runs, or it is kept. */

#ifndef OPENCICD_AGENT_ENGINE_RESUME_H
#define OPENCICD_AGENT_ENGINE_RESUME_H

#include "agent/engine/job.h"

// Before the first step. *first is the step to begin with: 0 where nothing is kept or asked. INVALID: the scope has the error.
MUST_USE fault_t resume_open (job_run_t *self, scope_t *scope, size_t *first);
// After the last one, where the job did not succeed; replaces what was kept.
void resume_keep (job_run_t *self);

#endif
