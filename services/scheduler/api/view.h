/* view.h - rows as clients see them: steps unpacked, and the reason of each wait. */

#ifndef OPENCICD_SCHEDULER_VIEW_H
#define OPENCICD_SCHEDULER_VIEW_H

#include "services/scheduler/run/create.h"
#include "services/scheduler/store/job_store.h"
#include "services/scheduler/store/run_store.h"
#include "services/scheduler/store/supply_store.h"
#include "services/scheduler/unit/self.h"

// What the row keeps packed: steps and annotations.
MUST_USE fault_t view_steps (turn_t *turn, job_row_t *row);
MUST_USE fault_t show_job (scheduler_t *self, turn_t *turn, const char *id, job_t *out);
MUST_USE fault_t show_job_row (scheduler_t *self, turn_t *turn, job_row_t *row, job_t *out);
MUST_USE fault_t show_jobs (scheduler_t *self, turn_t *turn, const job_rows_t *rows, job_items_t *out);
MUST_USE fault_t show_run (scheduler_t *self, turn_t *turn, const char *id, run_t *out); // With its jobs
// What was asked for before: the agents for some labels, and the size of the queue of these, to which this unit of work `added` others
// since. NULL where it was not.
typedef struct {
    supply_of_t supply;
    const rows_t *size;
    const char *labels;
    int64_t added;
} show_ahead_t;
// The same, of one that was just made.
MUST_USE fault_t show_created (scheduler_t *self, turn_t *turn, created_t *created, const show_ahead_t *ahead,
                               run_t *out);
// What planner_select takes, of what a caller gave; "" where that is nothing.
const char *selection_json (arena_t *arena, const strs_t *jobs, bool no_needs, const strs_t *matrix);

#endif
