/* attempt.h - one job that this agent has: the offer, how far its steps are, its log, and how it ended.
 *
 * The thread that runs the job writes into it (it is the engine's sink), the reporter reads. */

#ifndef OPENCICD_AGENT_ATTEMPT_H
#define OPENCICD_AGENT_ATTEMPT_H

#include "agent/engine/process/stop.h"
#include "agent/spool.h"
#include "proto/messages.h"

typedef struct job_attempt job_attempt_t;

// What the reporter sees at one moment.
typedef struct {
    int64_t log_size;
    int64_t steps_end; // How much of the log there was when a step ended last
    uint64_t version;  // Grows with every change of a step
    bool ended;
} attempt_view_t;

// Takes the arena, in which the offer lives, where OK. Borrows spool, which is emptied when the job begins.
MUST_USE fault_t attempt_new (job_attempt_t **out, arena_t **arena, const job_offer_t *offer, spool_t *spool);
void attempt_destroy (job_attempt_t **self_p);
const job_offer_t *attempt_offer (const job_attempt_t *self);
arena_t *attempt_arena (job_attempt_t *self); // The running thread's
spool_t *attempt_spool (job_attempt_t *self);
cancel_t *attempt_cancel (job_attempt_t *self);

// The running thread's.
fault_t attempt_log (void *self, uint32_t step, const void *data, size_t size);
void attempt_step (job_attempt_t *self, const step_row_t *row);
void attempt_annotate (job_attempt_t *self, const annotation_t *annotation); // Strings in its arena
typedef struct {
    uint32_t result;
    const char *reason, *outputs; // In its arena
    bool given_back;              // To the queue: this agent shuts down
    const char *environment_url;  // NULL: none
} attempt_end_t;
void attempt_end (job_attempt_t *self, const attempt_end_t *end);

// Waits until the log has `log_size` bytes, the steps have `version`, it has ended (if wait_for->ended), or until then (monotonic
// microseconds); gives its state then.
attempt_view_t attempt_wait (job_attempt_t *self, const attempt_view_t *wait_for, int64_t until_us);
// Waits for its end.
void attempt_wait_end (job_attempt_t *self);
// Its progress so far, copied into the arena. From any thread.
void attempt_progress (job_attempt_t *self, arena_t *arena, job_status_t *out);
// The same for the reporter, of whose log the server has stored so much: a step that printed more has not ended yet. After the job's end
// with the log's size and checksum.
MUST_USE fault_t attempt_status (job_attempt_t *self, arena_t *arena, int64_t stored, job_status_t *out);

#endif
