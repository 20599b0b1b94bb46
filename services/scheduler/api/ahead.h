/* ahead.h - what handlers read first, asked for all messages of a batch together: one round trip instead of one a message.
 *
 * What is shown, or checked again later, may be as it was when the batch began. What is written upon is read under the lock,
 * and again where a handler before this one wrote the same run. */

#ifndef OPENCICD_SCHEDULER_AHEAD_H
#define OPENCICD_SCHEDULER_AHEAD_H

#include "services/scheduler/api/view.h"
#include "services/scheduler/run/engine.h"
#include "services/scheduler/store/project_store.h"

void *read_ahead (void *self, turn_t *turn, uint16_t ask_number, const void *ask); // For the actor's class

MUST_USE fault_t ahead_job (scheduler_t *self, turn_t *turn, const char *job, job_row_t *out);
// With what its end needs, under the lock.
MUST_USE fault_t ahead_end (scheduler_t *self, turn_t *turn, const char *job, job_row_t *out,
                            const job_end_rows_t **rows);
// Takes the lock; the agents for these labels are there with the next answer. Once for each unit of work.
MUST_USE fault_t ahead_of_submit (scheduler_t *self, turn_t *turn, const char *labels);
// The home of jobs of no project, after that; with the runs that this unit of work has added.
MUST_USE fault_t ahead_home (scheduler_t *self, turn_t *turn, project_row_t *out);
show_ahead_t ahead_shown (const scheduler_t *self, const turn_t *turn,
                          const char *labels); // Likewise, to show the job

#endif
