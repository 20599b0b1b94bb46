/* step_stop.h - whether a step must end: because of a cancel, its timeout, or that of a step around it. */

#ifndef OPENCICD_AGENT_ENGINE_STEP_STEP_STOP_H
#define OPENCICD_AGENT_ENGINE_STEP_STEP_STOP_H

#include "agent/engine/state/step_run.h"

typedef enum { STEP_GOES_ON, STEP_TIMED_OUT, STEP_CANCELLED, STEP_KILLED } step_stop_t;

// After a cancel it continues if its condition still holds.
step_stop_t step_check (step_run_t *self);
int64_t step_deadline (const step_run_t *self); // The earliest of those timeouts, monotonic

#endif
