/* contexts.h - the contexts of a job at its start: what the server gave, and what only this machine knows. */

#ifndef OPENCICD_AGENT_ENGINE_JOB_CONTEXTS_H
#define OPENCICD_AGENT_ENGINE_JOB_CONTEXTS_H

#include "agent/engine/state/job_run.h"
#include "agent/engine/state/scope.h"

MUST_USE fault_t contexts_open (job_run_t *self, scope_t *scope); // scope->error says what is wrong
void contexts_name_folders (
    job_run_t *self); // Again, where the job has a container: its steps see other paths

#endif
