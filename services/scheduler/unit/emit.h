/* emit.h - every change of a state becomes an event, in the same transaction, and wakes those that wait for events.
 *
 * The events of a unit of work are kept in memory until its commit, and written there together. */

#ifndef OPENCICD_SCHEDULER_EMIT_H
#define OPENCICD_SCHEDULER_EMIT_H

#include "proto/event_types.h"
#include "services/scheduler/store/agent_store.h"
#include "services/scheduler/store/job_store.h"
#include "services/scheduler/store/run_store.h"
#include "services/scheduler/unit/self.h"
#include "services/scheduler/unit/unit.h"

#define TOPIC_EVENTS "events"

MUST_USE fault_t emit_project (scheduler_t *self, turn_t *turn, event_type_t type, const char *id,
                               const char *state);
MUST_USE fault_t emit_run (scheduler_t *self, turn_t *turn, event_type_t type, const run_t *run);
MUST_USE fault_t emit_job (scheduler_t *self, turn_t *turn, const job_t *job);
MUST_USE fault_t emit_agent (scheduler_t *self, turn_t *turn, event_type_t type, const char *id,
                             agent_state_t state);

MUST_USE fault_t emit_write (scheduler_t *self, turn_t *turn); // At the commit

#endif
