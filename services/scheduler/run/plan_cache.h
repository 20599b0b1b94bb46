/* plan_cache.h - the plans of runs, by (run, file): a workflow file is read once, not for every job of it that becomes ready.
 *
 * Kept as long as there is room, the latest used first. What is kept follows from rows that never change (the files of a run) and from the
 * run's attempt, so that nothing here can be out of date. */

#ifndef OPENCICD_SCHEDULER_PLAN_CACHE_H
#define OPENCICD_SCHEDULER_PLAN_CACHE_H

#include "common/base/index.h"
#include "services/scheduler/run/planner_calls.h"
#include "services/scheduler/store/run_store.h"
#include "services/scheduler/unit/self.h"

#define PLANS_MAX   32         // Runs whose plans are kept
#define PLANS_BYTES (16 << 20) // Of all that are kept, except the one in use

typedef struct run_plans run_plans_t;
struct run_plans {
    run_plans_t *next;
    arena_t *arena;
    const char *run;
    uint32_t attempt;
    size_t github_size;    // Bytes of the stored context,
    size_t vars_size;      // and of the variables
    plan_t *own;           // NULL if it can no longer be read:
    const char *wrong;     // an older version accepted the file and this one does not
    planned_files_t files; // That it calls, as far as they were asked for
    index_t calls;         // Calling jobs: index into
    plan_t **called;       // what each of them calls
    size_t called_count, called_capacity;
};

// Of a run that is being made, in the turn's memory.
run_plans_t *run_plans_new (turn_t *turn, plan_t *own, const planned_files_t *files,
                            const run_texts_t *texts);
MUST_USE fault_t plan_cache_take (scheduler_t *self, turn_t *turn, const run_t *run, run_plans_t **out);
void plan_cache_clear (scheduler_t *self);

// A called file by its name in the run. INVALID, with its place, where it cannot be read any more.
MUST_USE fault_t run_plans_file (scheduler_t *self, turn_t *turn, run_plans_t *plans, const char *name,
                                 const plan_t **out);
// What a job calls, given what its cell says: checked and remembered. INVALID likewise.
MUST_USE fault_t run_plans_call (scheduler_t *self, turn_t *turn, run_plans_t *plans, const plan_t *caller,
                                 const char *name, const char *job, const char *title,
                                 const planned_cell_t *given, const plan_t **out);
// What a job called before. INVALID likewise.
MUST_USE fault_t run_plans_called (scheduler_t *self, turn_t *turn, run_plans_t *plans, const char *job,
                                   const char *title, const plan_t **out);

#endif
