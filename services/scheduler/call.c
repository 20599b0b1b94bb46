/* call.c - see call.h. */

#include "services/scheduler/call.h"

#include "services/scheduler/call_store.h"
#include "services/scheduler/create.h"
#include "services/scheduler/needs.h"
#include "services/scheduler/note.h"

#include <string.h>

const char *call_own_key (const char *key)
{
    const char *slash = strrchr (key, '/');
    return slash ? slash + 1 : key;
}

const value_t *call_finished (arena_t *arena, const node_rows_t *nodes, const char *called_by)
{
    value_t *jobs = value_object (arena);
    for (size_t i = 0; i < nodes->count; i++) {
        const node_row_t *node = &nodes->items[i];
        if (node->state == NODE_FINISHED && same (node->called_by, called_by))
            value_set (arena, jobs, call_own_key (node->key), planner_json (arena, node->outcome));
    }
    return jobs;
}

static fault_t find_file (scheduler_t *self, turn_t *turn, const char *run, const char *name,
                          planned_file_t *out)
{
    out->name = name;
    TRY (call_store_file (self->db, turn, run, name, &out->text));
    out->size = strlen (out->text);
    return OK;
}

fault_t call_plan (scheduler_t *self, turn_t *turn, const char *called_by, plan_t **out)
{
    run_call_t call;
    job_row_t caller;
    run_row_t run;
    run_texts_t texts;
    planned_file_t file;
    TRY (call_store_find (self->db, turn, called_by, &call));
    TRY (job_store_find (self->db, turn, called_by, &caller));
    TRY (run_store_find (self->db, turn, call.run_id, &run));
    TRY (run_store_texts (self->db, turn, call.run_id, &texts));
    TRY (find_file (self, turn, call.run_id, call.file, &file));
    return planner_call_again (turn, &file, caller.job.name, run_github (turn->arena, &run.run, &texts),
                               planner_json (turn->arena, call.inputs), out);
}

fault_t call_prepare (scheduler_t *self, turn_t *turn, const plan_t *plan, const planned_t *planned,
                      const job_rows_t *cells, const char **wrong)
{
    planned_file_t file;
    *wrong = NULL;
    TRY (find_file (self, turn, cells->items[0].job.run_id, planned->calls, &file));
    for (size_t i = 0; i < planned->cell_count; i++) {
        const planned_cell_t *cell = &planned->cells[i];
        plan_t *called;
        if (cells->items[i].job.state != job_pending)
            continue;
        fault_t fault = planner_call (turn, plan, &file, cell->name, cell->with, &called);
        if (fault == INVALID) {
            *wrong = turn->detail;
            turn->detail = NULL;
            return OK;
        }
        TRY (fault);
        run_call_t call = {cells->items[i].job.id, cells->items[i].job.run_id, file.name,
                           value_to_json (turn->arena, planner_inputs (called), 0)};
        TRY (call_store_put (self->db, turn, &call));
    }
    return OK;
}

static size_t count_called (const node_rows_t *nodes, const char *called_by)
{
    size_t count = 0;
    for (size_t i = 0; i < nodes->count; i++)
        count += same (nodes->items[i].called_by, called_by);
    return count;
}

// "deploy/", or "deploy[2]/" where its matrix has more cells than one.
static const char *prefix_of (turn_t *turn, const job_row_t *row, const node_row_t *node)
{
    return node->cells == 1 ? arena_printf (turn->arena, "%s/", row->job.key)
                            : arena_printf (turn->arena, "%s[%lld]/", row->job.key, (long long) row->cell);
}

// What an earlier attempt made is there already.
static fault_t add_called (scheduler_t *self, turn_t *turn, const run_t *run, job_row_t *row, bool *too_many)
{
    node_rows_t nodes;
    node_row_t node;
    plan_t *plan;
    const planned_job_t *jobs;
    TRY (node_store_of_run (self->db, turn, run->id, &nodes));
    *too_many = false;
    if (count_called (&nodes, row->job.id) > 0)
        return OK;
    TRY (node_store_find (self->db, turn, run->id, row->job.key, &node));
    TRY (call_plan (self, turn, row->job.id, &plan));
    *too_many = nodes.count + planner_jobs (turn->arena, plan, &jobs) > CALL_NODES;
    const create_nodes_t place = {.run = run,
                                  .called_by = row->job.id,
                                  .prefix = prefix_of (turn, row, &node),
                                  .first = row->position + 1 + row->cell, // Cells in their order
                                  .step = 1};
    return *too_many ? OK : create_nodes (self, turn, plan, &place);
}

fault_t call_begin (scheduler_t *self, turn_t *turn, job_row_t *row)
{
    run_row_t run;
    bool too_many;
    row->job.state = job_running;
    row->job.queued_at = row->job.started_at = turn->now_us;
    if (row->unfilled)
        TRY (job_store_fill (self->db, turn, row));
    row->unfilled = false;
    TRY (job_store_called (self->db, turn, row));
    TRY (note_job (self, turn, &row->job));
    TRY (run_store_find (self->db, turn, row->job.run_id, &run));
    TRY (add_called (self, turn, &run.run, row, &too_many));
    if (too_many)
        return job_end (
            self, turn, row, result_failure,
            arena_printf (turn->arena, "with what it calls the run has more than %d jobs", CALL_NODES));
    return run_advance (self, turn, &run, NULL);
}

static bool all_ended (const node_rows_t *nodes, const char *called_by)
{
    for (size_t i = 0; i < nodes->count; i++)
        if (nodes->items[i].state != NODE_FINISHED && same (nodes->items[i].called_by, called_by))
            return false;
    return true;
}

static result_t result_of (turn_t *turn, const node_rows_t *nodes, const char *called_by, bool cancelled)
{
    result_t *results = arena_array (turn->arena, nodes->count + 1, sizeof *results);
    size_t count = 0;
    for (size_t i = 0; i < nodes->count; i++)
        if (same (nodes->items[i].called_by, called_by))
            results[count++] = node_result (turn->arena, &nodes->items[i]);
    return needs_result (results, count, cancelled);
}

static fault_t end_call (scheduler_t *self, turn_t *turn, const node_rows_t *nodes, job_row_t *row)
{
    plan_t *plan;
    run_row_t run;
    const value_t *outputs = value_object (turn->arena);
    const char *id = row->job.id;
    TRY (run_store_find (self->db, turn, row->job.run_id, &run));
    TRY (call_plan (self, turn, id, &plan));
    result_t result = result_of (turn, nodes, id, run.cancelled != CANCEL_NO);
    const char *reason = "";
    fault_t fault = planner_outputs (turn, plan, call_finished (turn->arena, nodes, id), &outputs);
    if (fault == INVALID) {
        result = result_failure;
        reason = turn->detail;
        turn->detail = NULL;
    } else {
        TRY (fault);
    }
    row->job.outputs = value_to_json (turn->arena, outputs, 0);
    return job_end (self, turn, row, result, reason);
}

fault_t calls_end (scheduler_t *self, turn_t *turn, const node_rows_t *nodes, bool *ended)
{
    *ended = false;
    const char *before = "";
    for (size_t i = 0; i < nodes->count; i++) {
        const char *called_by = nodes->items[i].called_by;
        if (!*called_by || same (called_by, before) || !all_ended (nodes, called_by))
            continue;
        job_row_t row;
        before = called_by;
        TRY (job_store_find (self->db, turn, called_by, &row));
        if (row.job.state != job_running)
            continue;
        *ended = true;
        return end_call (self, turn, nodes, &row); // All that can follow is looked at anew from there
    }
    return OK;
}
