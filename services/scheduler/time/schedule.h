/* schedule.h - `on.schedule` of the default branch's workflows: durable, and with a policy for missed times.
 *
 * A time that comes is emitted as due with the same commit that sets the next one; the run's own commit clears it. A time that was
 * missed (the server was down, the repository could not be read) runs once it can, if it is not older than SCHEDULE_LATE_US; of several
 * missed times only the last. */

#ifndef OPENCICD_SCHEDULER_SCHEDULE_H
#define OPENCICD_SCHEDULER_SCHEDULE_H

#include "services/scheduler/store/due_store.h"
#include "services/scheduler/store/project_store.h"
#include "services/scheduler/unit/self.h"

#define SCHEDULE_LATE_US  SECONDS (3600)
#define SCHEDULE_RETRY_US SECONDS (60) // A due schedule whose event failed is asked for again

// The workflows of the default branch at a commit: takes over their cron lines where they are not known yet.
MUST_USE fault_t schedule_sync (scheduler_t *self, turn_t *turn, const project_row_t *project,
                                const scm_tree_t *tree);
MUST_USE fault_t schedule_tick (scheduler_t *self, turn_t *turn, const due_times_t *due);
int64_t schedule_due (const due_times_t *due); // When a line comes, or an event is asked for again

#endif
