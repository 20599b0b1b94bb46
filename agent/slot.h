/* slot.h - where the job lies that the agent has: one that runs, and at most one that was offered while the final status about the one
 * before was under way (the server may be quicker than its own answer).
 *
 * Two threads belong to it: one runs jobs, one reports. */

#ifndef OPENCICD_AGENT_SLOT_H
#define OPENCICD_AGENT_SLOT_H

#include "agent/attempt.h"
#include "agent/engine/engine.h"
#include "agent/guard.h"
#include "agent/server_api.h"
#include "agent/server_clock.h"

#include <stdatomic.h>
#include <stdbool.h>

typedef struct slot job_slot_t;

typedef struct {
    engine_t *engine;
    const guard_t *guard;
    spool_t *spool;
    const char *keep_failed, *resume_from; // "" for none
    const char *secrets_file;              // "" for none
    const char *url;                       // The server's
    server_clock_t *clock;                 // Borrowed
    uint32_t lost_seconds;
    bool ephemeral;
    // From the running thread, when an ephemeral agent's job has been reported.
    void (*finished) (void *self);
    void *self;
} slot_options_t;

job_slot_t *slot_new (const slot_options_t *options);
// Takes no more jobs, lets the one that runs end or gives it back to the server until then (monotonic), and ends the threads. Others may
// still ask it until it is destroyed: what calls it (the HTTP server) is destroyed in between.
void slot_close (job_slot_t *self, int64_t until_us);
void slot_destroy (job_slot_t **self_p); // Once it is closed

void slot_set_token (job_slot_t *self,
                     const char *token); // The agent's own: to ask for its next job with a final status

// Takes the arena in which the offer lives, where OK; OK too, and nothing happens, for the very attempt that is there already.
// CONFLICT: there is another job. GONE: the offer is stale, or this attempt was taken before: another agent may have the job by now.
MUST_USE fault_t slot_offer (job_slot_t *self, arena_t **arena, const job_offer_t *offer);
// `number` is the attempt's; 0: whichever there is.
MUST_USE fault_t slot_cancel (job_slot_t *self, const char *job, uint32_t number, bool hard); // NOT_FOUND
// The server has answered what was sent at `sent_us` (CLOCK_BOOTTIME): this attempt has its lease for this long since then; 0: as long as offered.
void slot_prolong (job_slot_t *self, const char *job, uint32_t number, int64_t sent_us,
                   uint32_t lease_seconds);
MUST_USE fault_t slot_show (job_slot_t *self, arena_t *arena, const char *job,
                            job_status_t *out); // NOT_FOUND
// The job it has, "" for none.
const char *slot_job (job_slot_t *self, arena_t *arena, uint32_t *number);
void slot_wait_idle (job_slot_t *self, const atomic_bool *abandon); // For an agent that asks for jobs itself
void slot_wake (job_slot_t *self); // Those who wait look at their abandon again

#endif
