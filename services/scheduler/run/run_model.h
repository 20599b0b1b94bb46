/* run_model.h - one run in memory: its row and its graph, read by three queries and written as the difference.
 *
 * Models are kept between units of work, because jobs of the same run end one after the other. The database stays the truth: a model is used
 * only if the run's version shows that no other replica wrote since, and a unit of work that is rolled back drops them all. */

#ifndef OPENCICD_SCHEDULER_RUN_MODEL_H
#define OPENCICD_SCHEDULER_RUN_MODEL_H

#include "services/scheduler/run/dag.h"
#include "services/scheduler/run/planner.h"
#include "services/scheduler/store/job_store.h"
#include "services/scheduler/store/node_store.h"
#include "services/scheduler/store/run_store.h"
#include "services/scheduler/unit/self.h"

#define MODELS_MAX   64         // Runs that are kept
#define MODELS_BYTES (16 << 20) // Of all that are kept, except the one in use
#define RUN_JOBS     5000       // Of one run, with all it calls: what a run can show, and a cancel reach

// What is known of a job while it is being written.
typedef struct {
    job_row_t row;
    bool fresh;  // It is not in the table yet
    bool filled; // What its cell brings is to be written
    bool spoken; // Its agent's final status was written: only its outputs are still unknown
    const char *call_file, *call_inputs, *call_secrets; // What it calls
} cell_draft_t;

typedef struct {
    bool fresh, expanded;
    const char *definition, *needs_context;
} node_draft_t;

typedef struct run_model run_model_t;
struct run_model {
    run_model_t *next; // Kept ones, the latest used first
    arena_t *arena;
    run_row_t run; // As it was read; what moves is in the graph
    bool fresh;    // It is being made
    bool revived;  // It was looked at as a whole since it was read
    dag_t dag;
    const char **outcomes; // Of nodes: short ones, and those of this unit of work; NULL where it must be read
    size_t outcome_capacity;
    value_t **scopes; // Of calling cells and, first, of the run: results of finished nodes by their own key
    size_t scope_capacity, emitted;
};

// A run that is being made; it is not kept.
run_model_t *run_model_new (turn_t *turn, const run_row_t *run);
size_t run_model_add_node (run_model_t *model, const dag_node_t *like); // Copies texts
size_t run_model_add_cell (run_model_t *model, const dag_cell_t *like);
// What a run is read of; its version alone where a model of it is kept. Valid where nothing of the run is written in between.
typedef struct {
    const rows_t *version, *run, *nodes, *cells;
} run_rows_t;
// `id`: of the run, or of one of its jobs.
MUST_USE fault_t run_model_ask (scheduler_t *self, turn_t *turn, const char *id, run_rows_t *out);
// Read for writing: until the commit no other replica writes it. `asked`: what was asked for and waited for since; NULL for nothing.
MUST_USE fault_t run_model_take (scheduler_t *self, turn_t *turn, const char *run, const run_rows_t *asked,
                                 run_model_t **out);
// Read to be shown.
MUST_USE fault_t run_model_read (scheduler_t *self, turn_t *turn, const run_row_t *run, run_model_t **out);
// Where the job has just failed: that its log is to be looked at.
MUST_USE fault_t run_note_failure (scheduler_t *self, turn_t *turn, const job_t *job);
MUST_USE fault_t run_model_save (scheduler_t *self, turn_t *turn, run_model_t *model);
void run_model_forget (scheduler_t *self, const char *run); // NULL: all
void run_models_trim (scheduler_t *self); // Between answers: what was read for one stays until its end

// Made where there is none. Only for what moves now: what is written has its draft taken away.
cell_draft_t *cell_draft (turn_t *turn, run_model_t *model, size_t cell);
cell_draft_t *cell_draft_new (turn_t *turn, const run_model_t *model, size_t cell); // A separate one
node_draft_t *node_draft (turn_t *turn, run_model_t *model, size_t node);

// ---- outcome.c ----
// JSON of a finished node: {"result", "outputs"}.
MUST_USE fault_t node_outcome (scheduler_t *self, turn_t *turn, run_model_t *model, size_t node,
                               const char **out);
// The finished nodes of the workflow that `caller` calls (DAG_NONE: of the run's own), as planner_expand wants them: with their results,
// and those that `node` needs with their outputs. Valid until the next one is asked for.
MUST_USE fault_t node_context (scheduler_t *self, turn_t *turn, run_model_t *model, size_t node,
                               const value_t **out);
// All of them, with their outputs.
MUST_USE fault_t call_context (scheduler_t *self, turn_t *turn, run_model_t *model, size_t caller,
                               const value_t **out);

#endif
