/* show.h - rows as the outside sees them: steps unpacked, and why what waits is waiting. */

#ifndef OPENCICD_SCHEDULER_SHOW_H
#define OPENCICD_SCHEDULER_SHOW_H

#include "services/scheduler/job_store.h"
#include "services/scheduler/run_store.h"
#include "services/scheduler/self.h"

MUST_USE fault_t show_job (scheduler_t *self, turn_t *turn, const char *id, job_t *out);
MUST_USE fault_t show_jobs (scheduler_t *self, turn_t *turn, const job_rows_t *rows, job_items_t *out);
MUST_USE fault_t show_run (scheduler_t *self, turn_t *turn, const char *id, run_t *out); // With its jobs

#endif
