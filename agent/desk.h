/* desk.h - where the job lies that the agent has: one that runs, and at most one that was offered while the last word about the one
 * before was under way (the server may be quicker than its own answer).
 *
 * Two threads belong to it: one runs jobs, one reports. */

#ifndef OPENCICD_AGENT_DESK_H
#define OPENCICD_AGENT_DESK_H

#include "agent/engine.h"
#include "agent/server_api.h"
#include "agent/work.h"

typedef struct desk desk_t;

typedef struct {
    engine_t *engine;
    spool_t *spool;
    const char *url; // The server's
    uint32_t lost_seconds;
    bool ephemeral;
    // From the running thread, when an ephemeral agent's job has been reported.
    void (*finished) (void *self);
    void *self;
} desk_options_t;

desk_t *desk_new (const desk_options_t *options);
// Takes no more jobs; gives the one that runs so long to end, then kills it.
void desk_destroy (desk_t **self_p, uint32_t wait_seconds);

// Takes the arena in which the offer lives, where OK. CONFLICT: there is a job.
MUST_USE fault_t desk_offer (desk_t *self, arena_t **arena, const job_offer_t *offer);
MUST_USE fault_t desk_cancel (desk_t *self, const char *job, bool hard);                       // NOT_FOUND
MUST_USE fault_t desk_show (desk_t *self, arena_t *arena, const char *job, job_status_t *out); // NOT_FOUND
// The job it has, "" for none.
const char *desk_job (desk_t *self, arena_t *arena, uint32_t *attempt);
void desk_wait_idle (desk_t *self, const atomic_bool *abandon); // For an agent that asks for jobs itself
void desk_wake (desk_t *self);                                  // Those who wait look at their abandon again

#endif
