/* failure_looks.h - has the log of each attempt that failed looked at, once.
 *
 * A tick sends failure_look to the scheduler itself for those that are due, FAILURE_LOOKS at once; that asks the log collector for the
 * lines and writes what they say (api/failure_look.c). A row says that it is still to be done, so that a scheduler that ends in between
 * costs a delay and nothing else. */

#ifndef OPENCICD_SCHEDULER_FAILURE_LOOKS_H
#define OPENCICD_SCHEDULER_FAILURE_LOOKS_H

#include "services/scheduler/unit/self.h"

#define FAILURE_LOOK_AGAIN_US SECONDS (10) // Without an answer

MUST_USE fault_t failure_looks_tick (scheduler_t *self, turn_t *turn);

#endif
