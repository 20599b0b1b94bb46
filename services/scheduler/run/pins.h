/* pins.h - the project's record of what tags and branches of other repositories are locked to: of actions, and of called workflows. */

#ifndef OPENCICD_SCHEDULER_PINS_H
#define OPENCICD_SCHEDULER_PINS_H

#include "services/scheduler/store/pin_store.h"
#include "services/scheduler/unit/self.h"

// Locks the reference to the commit where it is not locked, by whoever comes first; else *pin is that lock, and where its commit is another one,
// it keeps that the reference was seen here. `job` is "" for a called workflow. Writes. TOO_LARGE past PINS_MAX.
MUST_USE fault_t pins_record (scheduler_t *self, turn_t *turn, const char *project, const char *reference,
                              const char *commit, const char *job, action_pin_t *pin);
// Both commits, and how to accept the new one.
const char *pins_moved (arena_t *arena, const char *project, const char *reference, const char *locked,
                        const char *now);

#endif
