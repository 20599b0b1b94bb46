/* note.h - every change of a state becomes an event, in the same transaction, and wakes those that wait for events. */

#ifndef OPENCICD_SCHEDULER_NOTE_H
#define OPENCICD_SCHEDULER_NOTE_H

#include "services/scheduler/agent_store.h"
#include "services/scheduler/job_store.h"
#include "services/scheduler/run_store.h"
#include "services/scheduler/self.h"

#define TOPIC_EVENTS "events"

MUST_USE fault_t note_project (scheduler_t *self, turn_t *turn, const char *type, const char *id);
MUST_USE fault_t note_run (scheduler_t *self, turn_t *turn, const char *type, const run_t *run);
MUST_USE fault_t note_job (scheduler_t *self, turn_t *turn, const job_t *job);
MUST_USE fault_t note_agent (scheduler_t *self, turn_t *turn, const char *type, const char *id,
                             agent_state_t state);

#endif
