/* cancel.h - whether one job was told to stop, and how firmly.
 *
 * It belongs to that job and ends with it: an order that comes late finds no job, and cannot reach the next one. */

#ifndef OPENCICD_AGENT_CANCEL_H
#define OPENCICD_AGENT_CANCEL_H

#include "common/fault.h"

#include <stdbool.h>

typedef struct cancel cancel_t;

typedef enum {
    CANCEL_NONE,
    CANCEL_SOFT, // SIGTERM, then steps with always()
    CANCEL_HARD  // At once
} cancel_level_t;

MUST_USE fault_t cancel_new (cancel_t **out); // A fault from errno: no descriptor is left
void cancel_destroy (cancel_t **self_p);
void cancel_ask (cancel_t *self, bool hard); // From any thread; a soft one does not weaken a hard one
cancel_level_t cancel_level (const cancel_t *self);
int cancel_handle (const cancel_t *self);   // Becomes readable when it is asked
void cancel_noticed (const cancel_t *self); // The handle is quiet again

#endif
