/* status.h - what forges show of runs, on its way from the scheduler's events to a forge: the events are followed and each run that changed is
 * looked at (follow.c), what a forge is to show then is a row that waits, and it is sent, the newest of each alone (send.c).
 *
 *     waiting -> sent | refused | undelivered      whatever it is -> waiting, where the run has changed */

#ifndef OPENCICD_SCM_STATUS_H
#define OPENCICD_SCM_STATUS_H

#include "services/scm/forges/forge_store.h"
#include "services/scm/scm.h"
#include "services/scm/status/status_store.h"

#define STATUS_LEASE_US \
    SECONDS (30)                    // Until it ends nobody else sends to a forge: more than one sending takes
#define STATUS_TURN_US SECONDS (28) // For one sending, waits in queues included
#define STATUS_LAST_US SECONDS (12) // Before the end of that no call begins: one may take FORGE_HURRIED_MS
#define STATUS_MOST_US SECONDS (86400) // What cannot be sent for this long is given up
#define STATUS_READ_US SECONDS (40)    // For one read of events
#define STATUS_SOON_US SECONDS (1)     // A run that goes on changing is looked at so often

// Sends what is due to this service itself; brings *next_us forward.
MUST_USE fault_t status_tick (scm_t *self, turn_t *turn, int64_t *next_us);
// A workflow that its path filters keep from running counts as one that went well. In a unit of work that writes.
MUST_USE fault_t status_skipped (scm_t *self, turn_t *turn, const forge_link_t *link, const char *sha,
                                 const char *event, const skipped_t *skipped);

#endif
