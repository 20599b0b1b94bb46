/* gate.h - may a job that deploys to an environment run? Pure: rules, a ref and a time come in as values.
 *
 * A gate is shut when its job is planned. The rules are read after that, as they are then; branches are judged at once, a time to wait goes by
 * from then on, and an approval may come meanwhile. */

#ifndef OPENCICD_SCHEDULER_GATE_H
#define OPENCICD_SCHEDULER_GATE_H

#include "services/scheduler/store/deployment_store.h"

// Why these rules allow no job of this ref; NULL where they do.
const char *gate_refusal (turn_t *turn, const environment_t *rules, const char *ref);
void gate_begin (deployment_row_t *row, const environment_t *rules); // What it waits for
bool gate_needs_approval (const deployment_row_t *row);              // And has none yet
// Nothing is left to wait for. Otherwise row->due_at is when to look again; 0: when somebody approves it.
bool gate_opens (deployment_row_t *row, int64_t now_us);
// May this caller approve and reject it?
bool gate_may_decide (const deployment_row_t *row, const caller_t *caller);
const char *gate_reason (turn_t *turn, const deployment_row_t *row); // Why its job waits

#endif
