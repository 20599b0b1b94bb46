/* reporter.h - the reporter: sends a job's log from this machine's disk, reports how far its steps are, and sends the final status.
 *
 * A short wait gathers what belongs together, so that a job of a few milliseconds costs one request. While the server is
 * away it tries again and again, until it was lost for too long. */

#ifndef OPENCICD_AGENT_REPORTER_H
#define OPENCICD_AGENT_REPORTER_H

#include "agent/attempt.h"
#include "agent/server_api.h"

#include <stdatomic.h>

typedef struct {
    void *self;
    void (*final_status) (void *self); // The last status is about to be sent
    // The agent's own token, to ask for the next job with, in `arena`; NULL where it wants none.
    const char *(*token) (void *self, arena_t *arena);
    // Its next job came with the answer. Takes the arena in which the offer lives, where OK.
    fault_t (*offer) (void *self, arena_t **arena, const job_offer_t *offer);
    // A report was accepted that was sent then (CLOCK_BOOTTIME): the lease ends so long after it. 0: not said.
    void (*answer) (void *self, int64_t sent_us, uint32_t lease_seconds);
    void (*kill) (void *self); // The attempt must end at once: its hard cancel
} reporter_listener_t;

#define LEASE_SECONDS 30 // Where an offer does not say

// Where the server wants the job to stop, its cancel is asked. Returns when the server has accepted the final status, or has given
// this job up (both OK), or was silent for `*lost_seconds`, which may change meanwhile (UNAVAILABLE); the attempt has
// ended then.
fault_t reporter_run (server_t *server, job_attempt_t *attempt, const atomic_uint *lost_seconds,
                      const reporter_listener_t *listener);

#endif
