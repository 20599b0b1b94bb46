/* summary.h - what a step writes into GITHUB_STEP_SUMMARY: masked, and given to the sink at the step's end. The steps inside an action write
 * into the summary of the step that uses it. */

#ifndef OPENCICD_AGENT_ENGINE_SUMMARY_H
#define OPENCICD_AGENT_ENGINE_SUMMARY_H

#include "agent/engine/step.h"

#define SUMMARY_MAX (1 << 20) // Bytes of one row's; more is an error annotation, which fails nothing

void summary_take (step_run_t *self, const char *path); // Adds a file, where it is plain and not empty
void summary_send (step_run_t *self);                   // At the end of a row

#endif
