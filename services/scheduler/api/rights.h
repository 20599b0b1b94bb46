/* rights.h - who may ask the scheduler what: its table of rights, and the one function that goes by it, before each handler. */

#ifndef OPENCICD_SCHEDULER_RIGHTS_H
#define OPENCICD_SCHEDULER_RIGHTS_H

#include "services/scheduler/store/place_store.h"
#include "services/scheduler/unit/self.h"

MUST_USE fault_t scheduler_may (void *self, turn_t *turn, uint16_t ask_number, const void *ask);

// The same for one thing of several that a message names.
MUST_USE fault_t may_with_run (scheduler_t *self, turn_t *turn, const char *run, role_t least);
// May the caller see more of what is in this project than everybody?
bool may_see_inside (const turn_t *turn, const char *project);

#endif
