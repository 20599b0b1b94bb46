/* expand.c - see progress.h: a node whose needs are done becomes jobs, one for each cell of its matrix.
 *
 * Rows of an earlier expansion are kept: for a rerun of failed jobs those that succeeded stay as they are. */

#include "services/scheduler/call.h"
#include "services/scheduler/note.h"
#include "services/scheduler/progress.h"

#include "common/id.h"

#include <string.h>

static const value_t *cell_value (arena_t *arena, const job_row_t *cell)
{
    value_t *value = value_object (arena);
    value_set (arena, value, "result", value_string (arena, state_name (&states_result, cell->job.result)));
    value_set (arena, value, "outputs", planner_json (arena, cell->job.outputs));
    value_set (arena, value, "continue-on-error", value_bool (cell->job.continue_on_error));
    return value;
}

fault_t node_outcome (scheduler_t *self, turn_t *turn, node_row_t *node, const job_rows_t *cells)
{
    const value_t **values = arena_array (turn->arena, cells->count + 1, sizeof *values);
    for (size_t i = 0; i < cells->count; i++)
        values[i] = cell_value (turn->arena, &cells->items[i]);
    node->state = NODE_FINISHED;
    node->outcome = value_to_json (turn->arena, planner_outcome (turn->arena, values, cells->count), 0);
    return node_store_finish (self->db, turn, node, node->outcome);
}

static fault_t end_cell (scheduler_t *self, turn_t *turn, job_row_t *row, result_t result, const char *reason)
{
    row->job.state = job_finished;
    row->job.result = result;
    row->job.reason = reason;
    row->job.finished_at = turn->now_us;
    TRY (job_store_told (self->db, turn, row));
    return note_job (self, turn, &row->job);
}

// None of its jobs runs.
static fault_t end_all (scheduler_t *self, turn_t *turn, node_row_t *node, job_rows_t *cells, result_t result,
                        const char *reason)
{
    for (size_t i = 0; i < cells->count; i++)
        if (cells->items[i].job.state == job_pending)
            TRY (end_cell (self, turn, &cells->items[i], result, reason));
    return node_outcome (self, turn, node, cells);
}

static void fill_cell (const planned_cell_t *cell, job_row_t *row)
{
    row->job.name = cell->name;
    row->labels = cell->labels;
    row->job.matrix = cell->matrix;
    row->strategy = cell->strategy;
    row->job.continue_on_error = cell->continue_on_error;
    row->timeout_minutes = cell->timeout_minutes;
    row->concurrency = cell->group.name;
    row->concurrency_cancel = cell->group.cancel_in_progress;
    row->concurrency_all = cell->group.queue_all;
}

static fault_t add_cell (scheduler_t *self, turn_t *turn, const job_row_t *like, size_t index, job_row_t *out)
{
    *out = *like;
    out->job = (job_t){
        .id = id_new (turn->arena, 'j', turn->now_us),
        .run_id = like->job.run_id,
        .project_id = like->job.project_id,
        .key = like->job.key,
        .name = like->job.name,
        .title = like->job.title,
        .agent_id = "",
        .agent_name = "",
        .reason = "",
        .outputs = "{}",
        .log_sha256 = "",
        .created_at = turn->now_us,
    };
    out->cell = (int64_t) index;
    out->tries = 0;
    out->steps = (bytes_t){0};
    return job_store_add (self->db, turn, out);
}

// Rows for all cells: those that are there and pending are filled, those that are missing are made, those that are too many end.
static fault_t fill_cells (scheduler_t *self, turn_t *turn, const planned_t *plan, job_rows_t *cells)
{
    job_rows_t all = {arena_array (turn->arena, plan->cell_count + cells->count, sizeof (job_row_t)),
                      cells->count};
    memcpy (all.items, cells->items, cells->count * sizeof (job_row_t));
    for (size_t i = 0; i < plan->cell_count; i++) {
        if (i >= cells->count)
            TRY (add_cell (self, turn, &cells->items[0], i, &all.items[all.count++]));
        if (all.items[i].job.state != job_pending)
            continue;
        fill_cell (&plan->cells[i], &all.items[i]);
        all.items[i].unfilled = true;
    }
    for (size_t i = plan->cell_count; i < cells->count; i++)
        if (all.items[i].job.state == job_pending)
            TRY (
                end_cell (self, turn, &all.items[i], result_skipped, "the matrix has no such cell any more"));
    *cells = all;
    return OK;
}

static fault_t start_cells (scheduler_t *self, turn_t *turn, const node_row_t *node, job_rows_t *cells)
{
    int64_t started = 0;
    for (size_t i = 0; i < cells->count; i++) {
        if (cells->items[i].job.state != job_pending)
            continue;
        if (node->max_parallel > 0 && started == node->max_parallel) {
            TRY (job_store_fill (self->db, turn, &cells->items[i]));
            continue;
        }
        TRY (job_start (self, turn, &cells->items[i]));
        started++;
    }
    return OK;
}

static fault_t run_cells (scheduler_t *self, turn_t *turn, const plan_t *workflow, const planned_t *plan,
                          node_row_t *node, job_rows_t *cells)
{
    const char *wrong = NULL;
    TRY (fill_cells (self, turn, plan, cells));
    if (plan->calls)
        TRY (call_prepare (self, turn, workflow, plan, cells, &wrong));
    if (wrong)
        return end_all (self, turn, node, cells, result_failure, wrong);
    node->cells_left = 0;
    for (size_t i = 0; i < cells->count; i++)
        node->cells_left += cells->items[i].job.state == job_pending;
    if (node->cells_left == 0)
        return node_outcome (self, turn, node, cells);
    node->state = NODE_RUNNING;
    node->cells = (int64_t) cells->count;
    node->fail_fast = plan->fail_fast;
    node->max_parallel = plan->max_parallel;
    TRY (node_store_expanded (self->db, turn, node, plan->definition, plan->needs));
    return start_cells (self, turn, node, cells);
}

fault_t node_expand (scheduler_t *self, turn_t *turn, const run_row_t *run, const plan_t *plan,
                     const node_rows_t *nodes, node_row_t *node)
{
    job_rows_t cells;
    planned_t planned;
    bool cancelled = run->cancelled != CANCEL_NO;
    TRY (job_store_of_node (self->db, turn, node->run_id, node->key, &cells));
    if (!plan)
        return end_all (self, turn, node, &cells, result_failure, turn->detail);
    planner_expand (turn, plan, call_own_key (node->key), call_finished (turn->arena, nodes, node->called_by),
                    cancelled, &planned);
    if (planned.wrong)
        return end_all (self, turn, node, &cells, result_failure, planned.wrong);
    if (!planned.runs)
        return end_all (self, turn, node, &cells, cancelled ? result_cancelled : result_skipped, planned.why);
    return run_cells (self, turn, plan, &planned, node, &cells);
}
