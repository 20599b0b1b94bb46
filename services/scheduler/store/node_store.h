/* node_store.h - the nodes of a run's DAG: one for each key under `jobs`. The only writer of `nodes`. */

#ifndef OPENCICD_SCHEDULER_NODE_STORE_H
#define OPENCICD_SCHEDULER_NODE_STORE_H

#include "common/db/db.h"
#include "proto/messages.h"
#include "services/scheduler/base/run_state.h"

#define OUTCOME_SHORT 1000 // Bytes of an outcome that are read with its node

typedef struct {
    const char *run_id;
    const char *key;       // Of a called workflow: its caller's, a slash, and its own there
    const char *called_by; // The job that calls the workflow it is of; "" for the run's own
    int64_t position;
    node_state_t state;
    uint32_t result;
    const char *needs;        // Lines
    bool runs_when_cancelled; // Its condition asks for always() or cancelled(): a cancelled run still runs it
    int64_t cells;            // Jobs of it
    bool fail_fast;
    int64_t max_parallel; // 0: no limit
    const char *outcome;  // JSON, once finished; NULL where it is too long to be read with the rest
    const char *definition, *needs_context; // What its jobs are offered with; written, not read
} node_row_t;

typedef struct {
    node_row_t *items;
    size_t count;
} node_rows_t;

MUST_USE fault_t node_store_add (db_t *db, turn_t *turn, const node_row_t *node);
// In file order; what a job calls comes after it.
MUST_USE fault_t node_store_of_run_later (db_t *db, turn_t *turn, const char *run, const rows_t **rows);
void node_store_read (turn_t *turn, const rows_t *rows, const char *run, node_rows_t *out); // Once waited for
MUST_USE fault_t node_store_outcome (db_t *db, turn_t *turn, const char *run, const char *key,
                                     const char **out);
// Its needs are done: state, cells, fail_fast, max_parallel, and what its jobs are offered with.
MUST_USE fault_t node_store_expanded (db_t *db, turn_t *turn, const node_row_t *node);
MUST_USE fault_t node_store_finish (db_t *db, turn_t *turn, const node_row_t *node); // result, outcome
// For a rerun: pending again.
MUST_USE fault_t node_store_reset (db_t *db, turn_t *turn, const char *run, const char *key);

#endif
