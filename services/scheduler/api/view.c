/* view.c - see view.h. */

#include "services/scheduler/api/view.h"

#include "services/scheduler/api/rights.h"
#include "services/scheduler/api/wait_reason.h"

#define POSITIONS 20 // Up to this many jobs get their position in the queue

fault_t view_steps (turn_t *turn, job_row_t *row)
{
    if (row->steps.size == 0)
        return OK;
    job_status_t status = {0};
    TRY (message_unpack (MESSAGE (job_status), turn, row->steps.data, row->steps.size, &status));
    row->job.steps = status.steps;
    row->job.annotations = status.annotations;
    return OK;
}

static fault_t show (wait_reasons_t *reasons, job_row_t *row, job_t *out)
{
    TRY (view_steps (reasons->turn, row));
    TRY (wait_reason_job (reasons, row));
    *out = row->job;
    if (!may_see_inside (reasons->turn,
                         row->job.project_id)) // Of a public project: whose agents these are is not
        out->agent_id = out->agent_name = out->wait_reason = "";
    return OK;
}

fault_t show_job (scheduler_t *self, turn_t *turn, const char *id, job_t *out)
{
    job_row_t row;
    TRY (job_store_find (self->db, turn, id, &row));
    return show_job_row (self, turn, &row, out);
}

fault_t show_job_row (scheduler_t *self, turn_t *turn, job_row_t *row, job_t *out)
{
    wait_reasons_t reasons = {.scheduler = self, .turn = turn, .positions = true};
    return show (&reasons, row, out);
}

static fault_t show_all (wait_reasons_t *reasons, const job_rows_t *rows, job_items_t *out)
{
    reasons->positions = rows->count <= POSITIONS;
    out->items = arena_array (reasons->turn->arena, rows->count + 1, sizeof *out->items);
    for (out->count = 0; out->count < rows->count; out->count++) {
        TRY (show (reasons, &rows->items[out->count], &out->items[out->count]));
        out->items[out->count].annotations =
            (annotation_items_t){.count = 0}; // They have a list of their own
    }
    return OK;
}

fault_t show_jobs (scheduler_t *self, turn_t *turn, const job_rows_t *rows, job_items_t *out)
{
    wait_reasons_t reasons = {.scheduler = self, .turn = turn};
    return show_all (&reasons, rows, out);
}

fault_t show_run (scheduler_t *self, turn_t *turn, const char *id, run_t *out)
{
    run_row_t run;
    job_rows_t jobs;
    wait_reasons_t reasons = {.scheduler = self, .turn = turn};
    TRY (run_store_find (self->db, turn, id, &run));
    TRY (run_store_inputs (self->db, turn, id, &run.run.inputs));
    TRY (wait_reason_run (&reasons, &run));
    TRY (job_store_of_run (self->db, turn, id, &jobs));
    TRY (show_all (&reasons, &jobs, &run.run.jobs));
    *out = run.run;
    return OK;
}

fault_t show_created (scheduler_t *self, turn_t *turn, created_t *created, const show_ahead_t *ahead,
                      run_t *out)
{
    job_rows_t jobs;
    wait_reasons_t reasons = {.scheduler = self, .turn = turn, .asked = ahead->supply};
    if (!created->model)
        return show_run (self, turn, created->row.run.id, out);
    reasons.models[reasons.model_count++] = created->model;
    TRY (wait_reason_run (&reasons, &created->row));
    created_jobs (turn, created, &jobs);
    reasons.newest = jobs.count == 1;
    reasons.size_rows = ahead->size;
    reasons.size_labels = ahead->labels;
    reasons.added = ahead->added;
    *out = created->row.run;
    out->inputs = created->inputs;
    return show_all (&reasons, &jobs, &out->jobs);
}

static value_t *list_of (arena_t *arena, const strs_t *texts)
{
    value_t *list = value_array (arena);
    for (size_t i = 0; i < texts->count; i++)
        value_push (arena, list, value_string (arena, texts->items[i]));
    return list;
}

const char *selection_json (arena_t *arena, const strs_t *jobs, bool no_needs, const strs_t *matrix)
{
    if (jobs->count + matrix->count == 0)
        return "";
    value_t *json = value_object (arena);
    value_set (arena, json, "jobs", list_of (arena, jobs));
    value_set (arena, json, "no_needs", value_bool (no_needs));
    value_set (arena, json, "matrix", list_of (arena, matrix));
    return value_to_json (arena, json, 0);
}
