/* dag.h - one run as a graph in memory, and the moves that are legal in it. Pure: no database, no clock, no plan.
 *
 * A node is a key under `jobs`; its cells are the jobs that its matrix makes; a cell that calls a workflow has that workflow's jobs as nodes
 * of their own. The caller reports what happened (dag_begin, dag_end_cell, dag_stop_run, ...) and then calls dag_settle until it returns
 * DAG_SETTLED. It makes every legal move that is left and stops only to request what it cannot know: which cells has this node, what jobs has
 * the called workflow, who holds the group? Each request is answered by one of the functions below it.
 *
 * What holds a job back is a clause of dag_holds, which both starts jobs and explains why they wait. Nothing here recurses: what
 * is to be looked at again is put into a list, so that neither the depth of a file nor that of its calls is the depth of a stack. */

#ifndef OPENCICD_SCHEDULER_DAG_H
#define OPENCICD_SCHEDULER_DAG_H

#include "common/base/index.h"
#include "proto/states.h"
#include "services/scheduler/base/run_state.h"

#define DAG_NONE SIZE_MAX

typedef struct {
    size_t *items;
    size_t head, count, capacity; // Taken from the head, added at the end
} dag_list_t;

typedef enum { CLAIM_NONE, CLAIM_ASKED, CLAIM_WAITS, CLAIM_HELD } claim_t;

typedef struct {
    const char *id, *name;
    size_t node, next; // The next cell of its node
    int64_t number;    // Among them
    uint32_t state, result;
    bool calls;       // A workflow
    bool forgiven;    // continue-on-error
    bool grouped;     // It must hold a concurrency group
    bool gated, open; // Its environment holds it back, until it is open
    claim_t claim;
    size_t first_called, last_called; // Nodes of the workflow that it calls
    size_t called_left;               // Those that have not ended
    stop_level_t stop;                // What it was asked
    const char *reason;               // Of its end or stop; valid while it is touched
    bool touched;                     // Moved since it was written
    void *row;                        // Of who writes it; NULL between
} dag_cell_t;

typedef struct {
    const char *key;
    size_t caller, next_called; // The calling cell, and the next node that it calls
    int64_t position;
    const char *needs_text;    // Lines
    size_t *needs, *followers; // Nodes
    size_t need_count, follower_count;
    size_t needs_left; // Those that have not ended
    node_state_t state;
    uint32_t result;
    bool runs_when_cancelled; // Its condition asks for always() or cancelled()
    bool fail_fast;
    int64_t max_parallel; // 0: no limit
    size_t first_cell, last_cell, cell_count, cells_left;
    size_t started; // Cells that have begun or claimed their group, and have not ended
    bool looked;    // In the list of those to be looked at
    bool asked;     // DAG_EXPAND is to be answered
    bool touched;   // Moved since it was written
    void *row;      // Of who writes it; NULL between
} dag_node_t;

typedef struct {
    arena_t *arena;
    uint32_t state, result; // Of the run
    stop_level_t cancelled;
    bool touched;
    dag_node_t *nodes; // A called workflow's after the node that calls it
    dag_cell_t *cells;
    size_t node_count, node_capacity, cell_count, cell_capacity;
    size_t nodes_left;
    size_t first_root, last_root; // Nodes of the run's own workflow, linked like called ones
    index_t keys, ids;
    dag_list_t look, stopping, expansions, calls, returns, claims; // To do; the others are for who writes it
    dag_list_t touched_nodes, touched_cells;
    dag_list_t finished; // Nodes, in the order in which they ended
    dag_list_t stops;    // Cells that wait for an agent or have one, and are asked to stop
    dag_list_t released; // Cells that ended and had claimed a group
} dag_t;

size_t dag_cell (const dag_t *self, const char *id); // DAG_NONE where there is none
// ---- what happened ----
void dag_begin (dag_t *self);  // The run's turn has come
void dag_revive (dag_t *self); // Looks at all of it: what an older version left undone is done
void dag_end_cell (dag_t *self, size_t cell, uint32_t result, const char *reason);
void dag_stop_cell (dag_t *self, size_t cell, stop_level_t how, const char *reason);
void dag_stop_run (dag_t *self, stop_level_t how, const char *reason);
void dag_claimed (dag_t *self, size_t cell, bool held); // Also: the group that it waits for is its own now
void dag_open (dag_t *self, size_t cell);               // Its environment lets it go

// ---- the next thing to know ----
typedef enum {
    DAG_SETTLED,
    DAG_EXPAND, // A node, whose needs are done: dag_skip_node, or cells are added and filled, then dag_run_node
    DAG_CALL,   // A cell: nodes of what it calls are added, then dag_called
    DAG_RETURN, // A cell: all that it calls has ended; dag_returned
    DAG_CLAIM,  // A cell: dag_claimed, or dag_end_cell
} dag_request_t;

// Claims are requested last, and only if `may_claim`: until then nothing outside the run has been touched.
dag_request_t dag_settle (dag_t *self, bool may_claim, size_t *index);
void dag_skip_node (dag_t *self, size_t node, uint32_t result, const char *reason); // None of its jobs runs
void dag_run_node (dag_t *self, size_t node, bool fail_fast, int64_t max_parallel);
void dag_called (dag_t *self, size_t cell, size_t first);              // Its nodes stand from `first` on
void dag_returned (dag_t *self, size_t cell, const char *wrong);       // NULL: by its jobs' results
void dag_fill_cell (dag_t *self, size_t cell, const dag_cell_t *like); // name, forgiven, grouped, gated, row

// ---- why does it wait? ----
typedef enum { HOLD_NONE, HOLD_RUN, HOLD_NEEDS, HOLD_CALLER, HOLD_GATE, HOLD_GROUP, HOLD_PARALLEL } hold_t;
hold_t dag_holds (const dag_t *self, size_t cell); // Of a pending one

// What results add up to, of a run's jobs or of a called workflow's.
uint32_t dag_sum (const size_t counts[result_count], bool cancelled);

void dag_written (dag_t *self); // What moved is written

#endif
