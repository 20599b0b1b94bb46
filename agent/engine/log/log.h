/* log.h - what the engine itself writes into a job's log. */

#ifndef OPENCICD_AGENT_ENGINE_LOG_LOG_H
#define OPENCICD_AGENT_ENGINE_LOG_LOG_H

#include "agent/engine/state/step_run.h"

// These lines are masked like all others, but never taken for commands.
void step_log (step_run_t *self, const char *format, ...) __attribute__ ((format (printf, 2, 3)));
void step_error (step_run_t *self, const char *format, ...) __attribute__ ((format (printf, 2, 3)));
void step_warning (step_run_t *self, const char *format, ...) __attribute__ ((format (printf, 2, 3)));
void step_annotate (step_run_t *self, annotation_level_t level, const char *message); // In the log too
void step_keep_annotation (step_run_t *self,
                           engine_annotation_t *annotation); // Of which the log says something already
// "Run ...": `more`, whole lines, then the inputs and the environment, folded.
void step_announce (step_run_t *self, const char *what, const char *more);

void step_mask (step_run_t *self, const char *secret); // Each of its lines is *** from now on

void log_to_sink (job_run_t *job, uint32_t row, const void *data, size_t size);
void step_emit (void *self, const void *data, size_t size); // Masked bytes, to the sink; for output_new
step_run_t *step_of_row (step_run_t *self);                 // The outermost of the runs that share its row
uint32_t step_row_number (const step_run_t *self);          // The row that its log belongs to

#endif
