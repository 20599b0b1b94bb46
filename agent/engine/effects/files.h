/* files.h - GITHUB_ENV, GITHUB_OUTPUT, GITHUB_PATH, GITHUB_STATE, GITHUB_STEP_SUMMARY, GITHUB_ARTIFACTS: new and empty for each run of a
 * step, read after it; and GITHUB_ARTIFACTS_LIST, which is there to be read.
 *
 * Each run has its own files, so that what a leftover process of an earlier step writes reaches no other step. */

#ifndef OPENCICD_AGENT_ENGINE_EFFECTS_FILES_H
#define OPENCICD_AGENT_ENGINE_EFFECTS_FILES_H

#include "agent/engine/state/step_run.h"

// Sets github.env, github.output, ... to their paths in these folders: job->folders, or job->outside.
void files_name (const step_run_t *self, const workspace_t *folders, value_t *github);
void files_prepare (step_run_t *self);
MUST_USE fault_t
files_take (step_run_t *self); // Lines before an invalid one still count; scope->error says which

#endif
