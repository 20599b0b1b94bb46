/* slot.h - holds the agent's jobs: the one that runs, and at most one that was offered while the final status of the one
 * before it was being sent (the server may offer it before its answer arrives).
 *
 * It has two threads: one runs jobs, one reports. Neither is woken where that can be spared: a job that is pushed runs in the thread that took
 * it, and one that ends within its first moments is reported by the thread that ran it. */

#ifndef OPENCICD_AGENT_SLOT_H
#define OPENCICD_AGENT_SLOT_H

#include "agent/attempt.h"
#include "agent/cache_folder.h"
#include "agent/engine/engine.h"
#include "agent/guard.h"
#include "agent/server_api.h"
#include "agent/server_clock.h"
#include "agent/taken.h"

#include <stdatomic.h>
#include <stdbool.h>

typedef struct slot job_slot_t;

typedef struct {
    engine_t *engine;
    const guard_t *guard;
    spool_t *spool;
    taken_t *taken;
    const char *keep_failed, *resume_from; // "" for none
    const char *labels;                    // As the setting has them, with what they map to
    const char *secrets_file;              // "" for none
    cache_folder_t caches;                 // Its folder "": they are the server's
    chunk_folder_t copies;                 // Of chunks of the server's caches
    const char *url;                       // The server's
    server_clock_t *clock;                 // Borrowed
    uint32_t lost_seconds;
    bool ephemeral;
    // From the running thread, when an ephemeral agent's job has been reported.
    void (*finished) (void *self);
    void *self;
} slot_options_t;

job_slot_t *slot_new (const slot_options_t *options);
// Accepts no more jobs, lets the running one end by `until_us` (monotonic) or returns it to the server, and ends the threads. Others may
// still call it until it is destroyed: stop the HTTP server in between.
void slot_close (job_slot_t *self, int64_t until_us);
void slot_destroy (job_slot_t **self_p); // Once it is closed

void slot_set_token (job_slot_t *self,
                     const char *token); // The agent's own: to ask for its next job with a final status

// OK takes the arena, in which the offer lives. For the attempt that is there already: also OK, and nothing happens.
// CONFLICT: there is another job. GONE: the offer is stale, or was taken before: another agent may have the job by now.
// `runs` NULL: it runs in the slot's own thread. Else *runs says whether the caller must call slot_run, soon.
MUST_USE fault_t slot_offer (job_slot_t *self, arena_t **arena, const job_offer_t *offer, bool *runs);
// Runs what was offered, and what is offered meanwhile, in this thread.
void slot_run (job_slot_t *self);
// `number` is the attempt's; 0: any.
MUST_USE fault_t slot_cancel (job_slot_t *self, const char *job, uint32_t number, bool hard); // NOT_FOUND
// The server has answered a request sent at `sent_us` (CLOCK_BOOTTIME): the attempt's lease lasts this long since then; 0: as offered.
void slot_prolong (job_slot_t *self, const char *job, uint32_t number, int64_t sent_us,
                   uint32_t lease_seconds);
MUST_USE fault_t slot_show (job_slot_t *self, arena_t *arena, const char *job,
                            job_status_t *out); // NOT_FOUND
// The id of the job that it has; "": none.
const char *slot_job (job_slot_t *self, arena_t *arena, uint32_t *number);
void slot_wait_idle (job_slot_t *self,
                     const atomic_bool *abandon); // Until it has no job, or *abandon; for parked agents
void slot_wake (job_slot_t *self);                // Waiting threads check their `abandon` again

#endif
