/* guard.h - the agent's side of its guard: how long a job may act while the server is silent.
 *
 * An attempt is the agent's until its lease ends, and nobody else's before. The guard pauses the job's processes then, and kills them where
 * the agent was killed. It is a process of its own (opencicd-guard, beside this program). Where that is not there, or where this is the first
 * process of a container, which ends with it, it is a thread: that one pauses too.
 *
 * From guard_new on every process that this program starts passes a gate (common/os/process_gate.h), which the guard shuts before it pauses
 * what there is: so nothing starts in between, however slow its look at all processes is. */

#ifndef OPENCICD_AGENT_GUARD_H
#define OPENCICD_AGENT_GUARD_H

#include "common/base/turn.h"

#include <stdint.h>

typedef struct guard guard_t;

// Before this process adopts orphans: the guard must not be one. `tracking` is what the job's processes carry.
MUST_USE fault_t guard_new (guard_t **out, turn_t *turn, const char *tracking);
void guard_destroy (guard_t **self_p);
// From any thread: the job of this number may act until then (CLOCK_BOOTTIME), NEVER: it has ended. Numbers grow from 1.
void guard_prolong (const guard_t *self, uint64_t number, int64_t until_us);
// Likewise: this job must end at once. The guard kills what it has, whatever the thread that runs it is waiting for; guard_prolong (NEVER)
// ends that.
void guard_kill (const guard_t *self, uint64_t number);
int guard_handle (const guard_t *self); // For poll without events: POLLERR says that the guard is gone

#endif
