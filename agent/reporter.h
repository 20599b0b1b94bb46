/* reporter.h - sends a job's log from this machine's disk, the state of its steps, and its final status.
 *
 * It waits briefly to send together what belongs together, so that a job of a few milliseconds costs one request. While the server is
 * unreachable it tries again, until the server was lost for too long. */

#ifndef OPENCICD_AGENT_REPORTER_H
#define OPENCICD_AGENT_REPORTER_H

#include "agent/attempt.h"
#include "agent/server_api.h"

#include <stdatomic.h>

typedef struct {
    void *self;
    void (*final_status) (void *self); // The last status is about to be sent
    // The agent's own token, in `arena`, to ask for the next job in the same request; NULL: it wants none.
    const char *(*token) (void *self, arena_t *arena);
    // The next job came with the answer. OK takes the arena, in which the offer lives.
    fault_t (*offer) (void *self, arena_t **arena, const job_offer_t *offer);
    // A report sent at `sent_us` (CLOCK_BOOTTIME) was accepted: the lease ends `lease_seconds` after that; 0: not said.
    void (*answer) (void *self, int64_t sent_us, uint32_t lease_seconds);
    void (*kill) (void *self); // The attempt must end at once: its hard cancel
} reporter_listener_t;

#define LEASE_SECONDS      30                // If the offer does not say
#define REPORTER_GATHER_US MILLISECONDS (25) // From the first byte or change to its request
#define REPORTER_PIECE     (64 << 10)        // So many bytes of a log do not wait for it

// If the server wants the job to stop, its cancel is requested. Returns when the server has accepted the final status or no longer expects
// this job (both OK), or was silent for `*lost_seconds`, which may change meanwhile (UNAVAILABLE); the attempt has
// ended then. `began_us`: when the attempt began (monotonic).
fault_t reporter_run (server_t *server, job_attempt_t *attempt, int64_t began_us,
                      const atomic_uint *lost_seconds, const reporter_listener_t *listener);

#endif
