/* work.h - one job that this agent has: the offer, how far its steps are, its log, and how it ended.
 *
 * The thread that runs the job writes into it (it is the engine's sink), the reporter reads. */

#ifndef OPENCICD_AGENT_WORK_H
#define OPENCICD_AGENT_WORK_H

#include "agent/cancel.h"
#include "agent/spool.h"
#include "proto/messages.h"

typedef struct work work_t;

// What the reporter sees at one moment.
typedef struct {
    int64_t log_size;
    uint64_t version; // Grows with every change of a step
    bool ended;
} work_view_t;

// Takes the arena, in which the offer lives, where OK. Borrows spool, which is emptied when the job begins.
MUST_USE fault_t work_new (work_t **out, arena_t **arena, const job_offer_t *offer, spool_t *spool);
void work_destroy (work_t **self_p);
const job_offer_t *work_offer (const work_t *self);
arena_t *work_arena (work_t *self); // The running thread's
spool_t *work_spool (work_t *self);
cancel_t *work_cancel (work_t *self);

// The running thread's.
fault_t work_log (void *self, uint32_t step, const void *data, size_t size);
void work_step (work_t *self, const step_row_t *row);
void work_end (work_t *self, uint32_t result, const char *reason,
               const char *outputs); // Strings in its arena

// Waits until the log has so many bytes, the steps have that version, it has ended (where that is wanted), or until then (monotonic
// microseconds); tells how it stands.
work_view_t work_wait (work_t *self, const work_view_t *wanted, int64_t until_us);
// Waits for its end.
void work_wait_end (work_t *self);
// How far it is; copies, from any thread.
void work_progress (work_t *self, arena_t *arena, job_status_t *out);
// The same for the reporter: after the end also the log's size and checksum.
MUST_USE fault_t work_status (work_t *self, arena_t *arena, job_status_t *out);

#endif
