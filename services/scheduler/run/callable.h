/* callable.h - the files that a run may call: the workflows of its commit, and those of other repositories that are projects here. */

#ifndef OPENCICD_SCHEDULER_CALLABLE_H
#define OPENCICD_SCHEDULER_CALLABLE_H

#include "services/scheduler/run/planner_calls.h"
#include "services/scheduler/unit/self.h"

planned_files_t callable_new (turn_t *turn, const scm_tree_t *tree); // The commit's
// Adds what the workflow calls from other repositories. It asks the scm service: call it before anything is written. What is not to be
// had stays away, and planner_link says so.
MUST_USE fault_t callable_complete (scheduler_t *self, turn_t *turn, const plan_t *plan,
                                    planned_files_t *files);

#endif
