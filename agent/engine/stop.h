/* stop.h - whether a job must stop, and how firmly: a cancel that somebody asks for, or the end of its time.
 *
 * A cancel_t belongs to one job and ends with it: an order that comes late finds no job, and cannot reach the next one. A stop_t is what
 * the engine makes of it and of the clock. */

#ifndef OPENCICD_AGENT_ENGINE_STOP_H
#define OPENCICD_AGENT_ENGINE_STOP_H

#include "common/base/fault.h"

#include <stdbool.h>
#include <stdint.h>

// A cancel or the end of a step's time, as GitHub's runner does it: SIGINT, after a while SIGTERM, then SIGKILL to the whole tree.
#define STOP_INTERRUPT_MS 7500
#define STOP_TERMINATE_MS 2500

typedef struct cancel cancel_t;

typedef enum {
    CANCEL_NONE,
    CANCEL_SOFT, // SIGTERM, then steps with always()
    CANCEL_HARD  // At once
} cancel_level_t;

MUST_USE fault_t cancel_new (cancel_t **out); // A fault from errno: no descriptor is left
void cancel_destroy (cancel_t **self_p);
void cancel_ask (cancel_t *self, bool hard); // From any thread; a soft one does not weaken a hard one
// Likewise, because whoever runs the job must end, and not because anybody wants the job to: it is to run again elsewhere. Where a
// cancel was asked for before, it stays that.
void cancel_give_back (cancel_t *self, bool hard);
cancel_level_t cancel_level (const cancel_t *self);
bool cancel_gives_back (const cancel_t *self);
int cancel_handle (const cancel_t *self); // Becomes readable when it is asked
void cancel_clear (const cancel_t *self); // The handle is quiet again

typedef struct {
    cancel_t *cancel;
    int64_t deadline_us; // Monotonic; once it is cancelling, that of the steps with always()
    int64_t last_us;     // How long those have
    bool cancelling;     // Only steps with always() and cancelled() begin
    bool killed;         // No step runs any more
    bool timed_out;      // That is why it is cancelling
    bool given_back;     // Or that
} stop_t;

void stop_check (stop_t *self); // Looks at both

#endif
