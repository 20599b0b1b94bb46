/* planner_calls.h - the scheduler's interface to workflow/ for workflows that a run calls. See planner.h. */

#ifndef OPENCICD_SCHEDULER_PLANNER_CALLS_H
#define OPENCICD_SCHEDULER_PLANNER_CALLS_H

#include "services/scheduler/run/planner.h"

#define PLANNED_REPOSITORIES 50 // Other ones that the workflows of one event call files of

// The next repository whose files a run of it would call, and which has not been asked for. False for none.
bool planner_missing (turn_t *turn, const plan_t *self, planned_files_t *there, const char **repository,
                      const char **ref);
// That of a called file of another repository; NULL for a file of the run's own, and where it was not asked for.
const planned_repository_t *planner_repository (arena_t *arena, const planned_files_t *there,
                                                const char *name);
// Does a run of it call a file of that repository, or would it?
bool planner_calls_repository (turn_t *turn, const plan_t *self, planned_files_t *there,
                               const planned_repository_t *repository);
// Can all that it calls work? `there` are the files that may be called; *out are those that are. INVALID likewise.
MUST_USE fault_t planner_link (turn_t *turn, const plan_t *self, planned_files_t *there,
                               planned_files_t *out);
// Jobs of a run of it with all that it calls, a matrix taken for one job; at most PLANNED_MANY.
#define PLANNED_MANY 1000000000
size_t planner_count (turn_t *turn, const plan_t *self, planned_files_t *called);
plan_t *planner_copy (arena_t *arena, const plan_t *self,
                      const char *name); // What it was read from is shared
// Its path in its repository, which findings name.
const char *planner_path (const planned_file_t *file);
// A called file's plan: read the first time. INVALID likewise.
MUST_USE fault_t planner_file (turn_t *turn, planned_file_t *file, const plan_t **out);
// What a job of this definition has, null where nothing is declared: the most that a workflow may have which it calls.
const value_t *planner_permissions (arena_t *arena, const char *definition);
typedef struct {
    const value_t *secrets;     // That it passes
    const value_t *permissions; // That it has, null where none are declared
} planned_call_t;
// The workflow that a job of `caller` calls, whose contexts it gets. `title` is that job's name, which stands before those of its jobs.
// INVALID if a required input or secret is missing.
MUST_USE fault_t planner_call (turn_t *turn, const plan_t *caller, const plan_t *file, const char *title,
                               const value_t *given, const planned_call_t *call, plan_t **out);
// It was called before.
plan_t *planner_call_again (turn_t *turn, const plan_t *root, const plan_t *file, const char *title,
                            const value_t *inputs, const planned_call_t *call);
const value_t *planner_inputs (const plan_t *self);
const value_t *planner_secrets (const plan_t *self); // NULL: none
// What the calling job gives to those that need it, once all jobs of the called workflow are in `finished`. INVALID likewise.
MUST_USE fault_t planner_outputs (turn_t *turn, const plan_t *self, const value_t *finished,
                                  const value_t **out);

#endif
