/* callable.h - the files that a run may call: the workflows of its commit, and those of other repositories.
 *
 * A repository that is a project here is read as that project, at the tag or branch that is named. Any other comes from the sources of actions
 * (services/scm/called.h) and is locked like one: the first run that calls it at a tag or a branch records the commit
 * (run/pins.h), and a later one that finds it elsewhere is refused until somebody accepts the move. */

#ifndef OPENCICD_SCHEDULER_CALLABLE_H
#define OPENCICD_SCHEDULER_CALLABLE_H

#include "services/scheduler/run/planner_calls.h"
#include "services/scheduler/unit/self.h"

planned_files_t callable_new (turn_t *turn, const scm_tree_t *tree); // The commit's
// Adds what the workflow calls from other repositories. It asks the scm service: call it before anything is written. What is not to be
// had stays away, and planner_link says why.
MUST_USE fault_t callable_complete (scheduler_t *self, turn_t *turn, const project_t *project,
                                    const plan_t *plan, planned_files_t *files);
// Writes what the workflow's calls are locked to, and what has moved. INVALID: another run was first, with another commit.
MUST_USE fault_t callable_lock (scheduler_t *self, turn_t *turn, const project_t *project, const plan_t *plan,
                                planned_files_t *files);
// Those that it calls, for the run's row CALL_REPOSITORIES: "KEY COMMIT URL" a line; "" for none.
const char *callable_text (turn_t *turn, const plan_t *plan, planned_files_t *files);

#endif
