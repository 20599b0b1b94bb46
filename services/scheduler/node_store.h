/* node_store.h - the nodes of a run's DAG: one for each key under `jobs`. The only writer of `nodes`. */

#ifndef OPENCICD_SCHEDULER_NODE_STORE_H
#define OPENCICD_SCHEDULER_NODE_STORE_H

#include "common/db.h"
#include "proto/messages.h"

typedef enum { NODE_PENDING, NODE_RUNNING, NODE_FINISHED } node_state_t;

typedef struct {
    const char *run_id;
    const char *key;       // Of a called workflow: its caller's, a slash, and its own there
    const char *called_by; // The job that calls the workflow it is of; "" for the run's own
    int64_t position;
    node_state_t state;
    const char *needs;  // Lines
    bool survives;      // Its condition asks for always() or cancelled(): a cancelled run still runs it
    int64_t cells;      // Jobs of it
    int64_t cells_left; // Jobs of it that have not ended
    bool fail_fast;
    int64_t max_parallel; // 0: no limit
    const char *outcome;  // JSON, once finished
} node_row_t;

typedef struct {
    node_row_t *items;
    size_t count;
} node_rows_t;

MUST_USE fault_t node_store_add (db_t *db, turn_t *turn, const node_row_t *node);
MUST_USE fault_t node_store_of_run (db_t *db, turn_t *turn, const char *run,
                                    node_rows_t *out); // In file order
MUST_USE fault_t node_store_find (db_t *db, turn_t *turn, const char *run, const char *key, node_row_t *out);
// Its needs are done: state, cells_left, fail_fast, max_parallel, and what its jobs are offered with.
MUST_USE fault_t node_store_expanded (db_t *db, turn_t *turn, const node_row_t *node, const char *definition,
                                      const char *needs_context);
MUST_USE fault_t node_store_cell_ended (db_t *db, turn_t *turn, const char *run, const char *key,
                                        node_row_t *after);
MUST_USE fault_t node_store_finish (db_t *db, turn_t *turn, const node_row_t *node, const char *outcome);
MUST_USE fault_t node_store_reset (db_t *db, turn_t *turn,
                                   const node_row_t *node); // For a rerun: pending again

#endif
