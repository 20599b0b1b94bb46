/* guard.h - the agent's side of its guard, which ends what a job does while the server is silent.
 *
 * Until its lease ends, an attempt belongs to this agent and to no other. When it ends, the guard pauses the job's processes; it kills them if
 * the agent was killed. The guard is a process of its own (opencicd-guard, in this program's folder). If that is missing, or this is the first
 * process of a container, which ends with it anyway, the guard is a thread, which can only pause.
 *
 * From guard_new on, every process that this program starts passes a gate (common/os/process_gate.h), which the guard shuts before it pauses
 * what there is: so nothing starts in between, however long its look at all processes takes. */

#ifndef OPENCICD_AGENT_GUARD_H
#define OPENCICD_AGENT_GUARD_H

#include "common/base/turn.h"

#include <stdint.h>

typedef struct guard guard_t;

// Call it before this process becomes a subreaper: the guard must not be among its orphans. `tracking` is orphans.h's.
MUST_USE fault_t guard_new (guard_t **out, turn_t *turn, const char *tracking);
void guard_destroy (guard_t **self_p);
// From any thread: the job with this number may run until then (CLOCK_BOOTTIME); NEVER: it has ended. Numbers grow from 1.
void guard_prolong (const guard_t *self, uint64_t number, int64_t until_us);
// Likewise: this job must end at once. The guard kills what it has, whatever the thread that runs it is waiting for; guard_prolong (NEVER)
// ends that.
void guard_kill (const guard_t *self, uint64_t number);
int guard_handle (const guard_t *self); // For poll without events: POLLERR says that the guard is gone

#endif
