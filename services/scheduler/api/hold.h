/* hold.h - what hold.c and shell.c share. */

#ifndef OPENCICD_SCHEDULER_HOLD_H
#define OPENCICD_SCHEDULER_HOLD_H

#include "services/scheduler/store/hold_store.h"
#include "services/scheduler/store/job_store.h"
#include "services/scheduler/unit/self.h"

const char *hold_topic (turn_t *turn, const char *job); // Its agent waits for it
bool hold_is_open (const turn_t *turn, const job_row_t *job, const hold_row_t *hold);
// May the caller look into it? FORBIDDEN.
MUST_USE fault_t hold_check_owner (turn_t *turn, const job_row_t *job, const hold_row_t *hold);
// Is the caller the attempt that has it? FORBIDDEN, CONFLICT.
MUST_USE fault_t hold_check_job (turn_t *turn, const job_row_t *job);
MUST_USE fault_t hold_shown (scheduler_t *self, turn_t *turn, const hold_row_t *hold, held_job_t *out);

#endif
