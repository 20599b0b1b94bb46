/* rerun.h - restarts a run that has ended: all of it, what failed, or one job; and what needs those. */

#ifndef OPENCICD_SCHEDULER_RERUN_H
#define OPENCICD_SCHEDULER_RERUN_H

#include "services/scheduler/run/variables.h"
#include "services/scheduler/unit/self.h"

// With vars.* as they are now. INVALID where `ask` is wrong, CONFLICT where the run has not ended.
MUST_USE fault_t rerun (scheduler_t *self, turn_t *turn, const run_rerun_t *ask,
                        const variables_t *variables);

#endif
