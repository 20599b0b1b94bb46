/* job_start.h - whether an agent has taken the job that it was offered: the outcome of a push, and when assigned becomes running. */

#ifndef OPENCICD_SCHEDULER_JOB_START_H
#define OPENCICD_SCHEDULER_JOB_START_H

#include "services/scheduler/store/lease_store.h"
#include "services/scheduler/unit/self.h"

fault_t job_start_pushed (void *self, turn_t *turn, void *data); // The pusher's result: an actor_act_fn

// The agent has reported for its lease: it has started, and the lease is renewed. Its acceptance is written with that.
MUST_USE fault_t job_start_reported (scheduler_t *self, turn_t *turn, lease_t *lease);
void job_start_implied (scheduler_t *self,
                        const char *job); // A report implies the acceptance: no need to write it
MUST_USE fault_t job_start_tick (scheduler_t *self, turn_t *turn); // Writes what is due

#endif
