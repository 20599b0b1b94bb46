/* stop.h - whether a job must stop, and how hard: because of a cancel, or its timeout.
 *
 * A cancel_t belongs to one job and ends with it, so that a late cancel cannot hit the next job. A stop_t is what
 * the engine makes of it and of the clock. */

#ifndef OPENCICD_AGENT_ENGINE_PROCESS_STOP_H
#define OPENCICD_AGENT_ENGINE_PROCESS_STOP_H

#include "common/base/fault.h"

#include <stdbool.h>
#include <stdint.h>

// A cancel or the end of a step's time, as GitHub's runner does it: SIGINT, after a while SIGTERM, then SIGKILL to the whole tree.
#define STOP_INTERRUPT_MS 7500
#define STOP_TERMINATE_MS 2500

typedef struct cancel cancel_t;

typedef enum {
    CANCEL_NONE,
    CANCEL_SOFT, // SIGINT, later SIGTERM, then SIGKILL; steps with always() still run
    CANCEL_HARD  // At once
} cancel_level_t;

MUST_USE fault_t cancel_new (cancel_t **out); // A fault from errno: there is no file descriptor left
void cancel_destroy (cancel_t **self_p);
void cancel_ask (cancel_t *self, bool hard); // From any thread; a soft one does not weaken a hard one
// Likewise, but because the agent is shutting down: the job is to run again elsewhere. If a
// cancel was requested before, it stays a cancel.
void cancel_give_back (cancel_t *self, bool hard);
cancel_level_t cancel_level (const cancel_t *self);
bool cancel_gives_back (const cancel_t *self);
int cancel_handle (const cancel_t *self); // A descriptor that becomes readable at a cancel
void cancel_clear (const cancel_t *self); // The handle is quiet again

typedef struct {
    cancel_t *cancel;
    int64_t deadline_us; // Monotonic; while cancelling, the deadline of the steps with always()
    int64_t last_us;     // How long those steps may take
    bool cancelling;     // Only steps with always() and cancelled() begin
    bool killed;         // No further step runs
    bool timed_out;      // It is cancelling because of its timeout
    bool given_back;     // It is cancelling because the agent is shutting down
} stop_t;

void stop_check (stop_t *self); // Updates it from the cancel and the clock

#endif
