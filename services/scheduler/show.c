/* show.c - see show.h. */

#include "services/scheduler/show.h"

#include "services/scheduler/why.h"

#define POSITIONS 20 // Up to so many jobs are told how many are before them

static fault_t unpack_steps (turn_t *turn, job_row_t *row)
{
    if (row->steps.size == 0)
        return OK;
    job_status_t told = {0};
    TRY (message_unpack (MESSAGE (job_status), turn, row->steps.data, row->steps.size, &told));
    row->job.steps = told.steps;
    return OK;
}

static fault_t show (why_t *why, job_row_t *row, job_t *out)
{
    TRY (unpack_steps (why->turn, row));
    TRY (why_job (why, row));
    *out = row->job;
    return OK;
}

fault_t show_job (scheduler_t *self, turn_t *turn, const char *id, job_t *out)
{
    job_row_t row;
    why_t why = {.scheduler = self, .turn = turn, .positions = true};
    TRY (job_store_find (self->db, turn, id, &row));
    return show (&why, &row, out);
}

fault_t show_jobs (scheduler_t *self, turn_t *turn, const job_rows_t *rows, job_items_t *out)
{
    why_t why = {.scheduler = self, .turn = turn, .positions = rows->count <= POSITIONS};
    out->items = arena_array (turn->arena, rows->count + 1, sizeof *out->items);
    for (out->count = 0; out->count < rows->count; out->count++)
        TRY (show (&why, &rows->items[out->count], &out->items[out->count]));
    return OK;
}

fault_t show_run (scheduler_t *self, turn_t *turn, const char *id, run_t *out)
{
    run_row_t run;
    run_texts_t texts;
    job_rows_t jobs;
    TRY (run_store_find (self->db, turn, id, &run));
    TRY (run_store_texts (self->db, turn, id, &texts));
    TRY (why_run (self, turn, &run));
    run.run.inputs = texts.inputs;
    TRY (job_store_of_run (self->db, turn, id, &jobs));
    TRY (show_jobs (self, turn, &jobs, &run.run.jobs));
    *out = run.run;
    return OK;
}
