/* failure_looks.h - sees to it that the log of each failed attempt is examined, once.
 *
 * A tick sends failure_look to the scheduler itself for those that are due, FAILURE_LOOKS at once; its handler asks the log collector for the
 * lines and stores what they say (api/failure_look.c). A row remembers what is still to be done, so that a scheduler that ends in between
 * costs a delay and nothing else. */

#ifndef OPENCICD_SCHEDULER_FAILURE_LOOKS_H
#define OPENCICD_SCHEDULER_FAILURE_LOOKS_H

#include "services/scheduler/unit/self.h"

#define FAILURE_LOOK_AGAIN_US SECONDS (10) // If there was no answer

MUST_USE fault_t failure_looks_tick (scheduler_t *self, turn_t *turn);

#endif
