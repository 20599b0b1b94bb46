/* unit.h - the scheduler's unit of work: one transaction around a batch of messages.
 *
 * Its first write takes the counter of events (event_store.h): from there to the commit no other replica writes, and the commit stores it
 * with the events (emit.h).
 * Matching jobs with agents happens once per unit, before the commit: whatever queues a job or frees an agent requests it with
 * unit_match_job() or unit_match_agent(), and the matcher's leases share that commit. What was there before has been matched by the
 * unit that brought it, under the same lock, and is not looked at again. commit.h takes it from its beginning to its commit. */

#ifndef OPENCICD_SCHEDULER_UNIT_H
#define OPENCICD_SCHEDULER_UNIT_H

#include "services/scheduler/unit/self.h"

// Before the first read that a write depends on.
MUST_USE fault_t unit_write (scheduler_t *self, turn_t *turn);
// What is asked for at the beginning of a unit of work, under the lock, holds as long as all that was written since is of other runs.
// Handlers that know what they write keep account of it: unit_is_known() at their beginning, and where it was true unit_known() at their end.
// What others write ends it.
bool unit_is_known (const scheduler_t *self);
void unit_known (scheduler_t *self);
void unit_moved (scheduler_t *self, const char *run);                     // It is being written
bool unit_holds (const scheduler_t *self, const char *run, size_t since); // Since as many were moved
// A job of this project has a lease from now on, or no more: written once, with the commit.
void unit_add_running (scheduler_t *self, const char *project, int64_t by);
int64_t unit_running (const scheduler_t *self, const char *project); // What is not written yet
// Likewise: it has one more run, which takes its next number.
void unit_add_run (scheduler_t *self, const char *project);
int64_t unit_runs (const scheduler_t *self, const char *project);
// A job with these labels was queued, or an agent can take a job now: match them before this unit of work is committed. What follows leaves
// with `turn`.
void unit_match_job (scheduler_t *self, turn_t *turn, const char *labels);
void unit_match_agent (scheduler_t *self, turn_t *turn, const char *agent);
// It is not known what can meet: all that wait, and all that are idle, are looked at.
void unit_match_all (scheduler_t *self, turn_t *turn);
// Nothing should be left to meet: where something does, a unit of work before did not request it, which is logged and counted.
void unit_match_missed (scheduler_t *self, turn_t *turn);

// Runs `part` so that it alone is rolled back if it fails: *ended is its fault. Any other result than OK means that nothing of
// the unit can be committed.
typedef fault_t unit_part_fn (scheduler_t *self, turn_t *turn, void *data);
MUST_USE fault_t unit_part (scheduler_t *self, turn_t *turn, unit_part_fn *part, void *data, fault_t *ended);

// What is pushed must be committed: it leaves after that.
void unit_push (turn_t *turn, push_t *push);
void unit_reset (scheduler_t *self); // At the beginning of a unit of work, and after it was rolled back

#endif
