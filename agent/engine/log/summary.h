/* summary.h - what a step writes to GITHUB_STEP_SUMMARY: masked, and passed on at the step's end. Steps inside an action write
 * to the summary of the step that uses it. */

#ifndef OPENCICD_AGENT_ENGINE_LOG_SUMMARY_H
#define OPENCICD_AGENT_ENGINE_LOG_SUMMARY_H

#include "agent/engine/state/step_run.h"

#define SUMMARY_MAX (1 << 20) // Bytes per row; more is reported as an error annotation, and fails nothing

void summary_take (step_run_t *self, const char *path); // Adds a file, if it is a regular file and not empty
void summary_send (step_run_t *self);                   // Called at the end of a row

#endif
