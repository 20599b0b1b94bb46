/* run_save.c - see run_model.h: the difference is written. Rows that are new are written once, as they are when nothing moves any more. */

#include "services/scheduler/failure/failure.h"
#include "services/scheduler/run/engine.h"
#include "services/scheduler/run/run_model.h"
#include "services/scheduler/store/call_store.h"
#include "services/scheduler/store/deployment_store.h"
#include "services/scheduler/store/failure_store.h"
#include "services/scheduler/unit/emit.h"

static fault_t save_node (scheduler_t *self, turn_t *turn, run_model_t *model, size_t index)
{
    const dag_node_t *node = &model->dag.nodes[index];
    const node_draft_t *draft = node_draft (turn, model, index);
    node_row_t row = {
        .run_id = model->run.run.id,
        .key = node->key,
        .called_by = node->caller == DAG_NONE ? "" : model->dag.cells[node->caller].id,
        .position = node->position,
        .state = node->state,
        .result = node->result,
        .needs = node->needs_text,
        .runs_when_cancelled = node->runs_when_cancelled,
        .cells = (int64_t) node->cell_count,
        .fail_fast = node->fail_fast,
        .max_parallel = node->max_parallel,
        .definition = draft->definition,
        .needs_context = draft->needs_context,
    };
    if (node->state == NODE_FINISHED)
        TRY (node_outcome (self, turn, model, index, &row.outcome));
    if (draft->fresh)
        return node_store_add (self->db, turn, &row);
    if (draft->expanded)
        TRY (node_store_expanded (self->db, turn, &row));
    return node->state == NODE_FINISHED ? node_store_finish (self->db, turn, &row) : OK;
}

// What moves without new columns: its row has them already.
static fault_t save_moved (scheduler_t *self, turn_t *turn, job_row_t *row)
{
    if (row->job.state == job_finished)
        return job_store_ended (self->db, turn, row);
    if (row->job.state == job_pending)
        return OK;
    TRY (job_store_begun (self->db, turn, row));
    if (row->job.state != job_queued)
        return OK;
    job_row_t whole;
    TRY (job_store_find (self->db, turn, row->job.id, &whole));
    return job_wait (self, turn, &whole);
}

// How far it is, with the times that go with it.
static void stamp (const turn_t *turn, const dag_cell_t *cell, job_t *job)
{
    bool begun = cell->state == job_queued || cell->state == job_running;
    job->state = cell->state;
    job->result = cell->result;
    job->reason = cell->state == job_finished ? cell->reason : "";
    job->queued_at = begun ? turn->now_us : 0;
    job->started_at = cell->state == job_running ? turn->now_us : 0;
    job->finished_at = cell->state == job_finished ? turn->now_us : 0;
}

static fault_t save_whole (scheduler_t *self, turn_t *turn, cell_draft_t *draft)
{
    job_row_t *row = &draft->row;
    if (!row->job.outputs)
        row->job.outputs = "{}";
    TRY (draft->fresh ? job_store_add (self->db, turn, row) : job_store_fill (self->db, turn, row));
    return row->job.state == job_queued ? job_wait (self, turn, row) : OK;
}

fault_t run_note_failure (scheduler_t *self, turn_t *turn, const job_t *job)
{
    if (job->state != job_finished || !failure_is (job->result, job->reason))
        return OK;
    actor_tick_at (turn, turn->now_us);
    return failure_store_add (self->db, turn, job->id);
}

// A job that its environment holds back, or that ended before it was let go.
static fault_t save_gate (scheduler_t *self, turn_t *turn, const run_model_t *model, const dag_cell_t *cell,
                          const cell_draft_t *draft)
{
    if (cell->state == job_finished)
        return deployment_store_close (self->db, turn, cell->id, model->run.run.attempt);
    if (!draft->filled)
        return OK;
    actor_tick_at (turn, turn->now_us); // Which asks for the rules
    return deployment_store_add (self->db, turn, cell->id, model->run.run.attempt);
}

static fault_t save_cell (scheduler_t *self, turn_t *turn, run_model_t *model, size_t index)
{
    const dag_cell_t *cell = &model->dag.cells[index];
    cell_draft_t *draft = cell_draft (turn, model, index);
    job_row_t *row = &draft->row;
    if (draft->spoken)
        return OK;
    stamp (turn, cell, &row->job);
    row->job.priority = model->run.run.priority; // Where its row is there, it has it already
    TRY (draft->fresh || draft->filled ? save_whole (self, turn, draft) : save_moved (self, turn, row));
    if (draft->call_file) {
        const run_call_t call = {cell->id,           model->run.run.id,   draft->call_file,
                                 draft->call_inputs, draft->call_secrets, NULL};
        TRY (call_store_put (self->db, turn, &call));
    }
    if (cell->gated && !cell->open)
        TRY (save_gate (self, turn, model, cell, draft));
    if (!cell->calls)
        TRY (run_note_failure (self, turn, &row->job));
    return cell->state == job_pending && !draft->fresh ? OK : emit_job (self, turn, &row->job);
}

static fault_t save_run (scheduler_t *self, turn_t *turn, run_model_t *model)
{
    const dag_t *dag = &model->dag;
    run_row_t *row = &model->run;
    bool ended = dag->state == run_finished && row->run.state != run_finished;
    row->run.state = dag->state;
    row->run.result = dag->result;
    row->cancelled = dag->cancelled;
    row->run.finished_at = ended ? turn->now_us : row->run.finished_at;
    row->version++;
    TRY (run_store_save (self->db, turn, row));
    return dag->touched ? emit_run (self, turn, EVENT_run_state, &row->run) : OK;
}

fault_t run_model_save (scheduler_t *self, turn_t *turn, run_model_t *model)
{
    dag_t *dag = &model->dag;
    if (dag->touched_nodes.count + dag->touched_cells.count == 0 && !dag->touched)
        return OK;
    for (size_t i = 0; i < dag->touched_nodes.count; i++)
        TRY (save_node (self, turn, model, dag->touched_nodes.items[i]));
    for (size_t i = 0; i < dag->touched_cells.count; i++)
        TRY (save_cell (self, turn, model, dag->touched_cells.items[i]));
    if (model->fresh)
        return OK; // It is not kept, and what was written may be shown
    TRY (save_run (self, turn, model));
    dag_written (dag);
    return OK;
}
