/* told.h - jobs that agents took, written together. Private to the scheduler. */

#ifndef OPENCICD_SCHEDULER_TOLD_H
#define OPENCICD_SCHEDULER_TOLD_H

#include "services/scheduler/self.h"

void told_spoken (scheduler_t *self, const char *job); // The agent spoke: no need to write its acceptance
MUST_USE fault_t told_write (scheduler_t *self, turn_t *turn); // What is due
// The agent has begun this attempt: assigned becomes running. *changed where it was assigned.
MUST_USE fault_t told_begun (scheduler_t *self, turn_t *turn, const char *job, uint32_t attempt,
                             bool *changed);

#endif
