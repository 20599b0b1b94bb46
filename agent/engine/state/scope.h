/* scope.h - what expressions see: a stack of frames, and the contexts of one step on top of it.
 *
 * The job is a frame; each composite action that is running is another, with inputs, steps and a status of its own. Source: GitHub's
 * "Contexts reference" and "Evaluate expressions in workflows and actions". */

#ifndef OPENCICD_AGENT_ENGINE_STATE_SCOPE_H
#define OPENCICD_AGENT_ENGINE_STATE_SCOPE_H

#include "agent/engine/state/frame.h"
#include "agent/engine/state/handler.h"
#include "workflow/model/job.h"

// Where one expression is evaluated.
typedef struct {
    job_run_t *job;
    const frame_t *frame;
    const frame_t *status_of; // Whose status success() and failure() ask for
    arena_t *arena;           // Values live here
    const value_t *env, *github;
    bool began_cancelling; // The cancel came before the step
    const char *error;     // Detail of the last fault; in `arena`
} scope_t;

#define SCOPE_DEPTH 9 // Nested composite actions, GitHub's limit

result_t frame_status (const job_run_t *job, const frame_t *frame);

MUST_USE fault_t scope_value (scope_t *self, const text_t *text,
                              const value_t **out);                                // Null for an absent one
MUST_USE fault_t scope_text (scope_t *self, const text_t *text, const char **out); // NULL for an absent one
MUST_USE fault_t scope_condition (scope_t *self, const text_t *text, bool *out);   // Absent: success()
MUST_USE fault_t scope_number (scope_t *self, const text_t *text, double fallback, double *out);
MUST_USE fault_t scope_flag (scope_t *self, const text_t *text, bool *out); // Absent: false
// Evaluates each pair and sets it in `object`; keys and values live in `arena`.
MUST_USE fault_t scope_pairs (scope_t *self, const pairs_t *pairs, arena_t *arena, value_t *object);

#endif
