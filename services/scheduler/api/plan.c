/* plan.c - a run as it was planned: its jobs in workflow order, what they are made of, and why each of them runs or does not.
 *
 * The condition is evaluated again, over what its job saw: what it needs has ended, and only a rerun changes that. */

#include "proto/strs.h"
#include "services/scheduler/api/handlers.h"
#include "services/scheduler/run/engine.h"
#include "services/scheduler/run/plan_cache.h"
#include "services/scheduler/run/planner_explain.h"
#include "services/scheduler/run/run_model.h"

#include <stdlib.h>

#define EXPLAIN_BYTES (8 << 20) // What the conditions of one answer may read and build
#define JOBS_SHOWN    50

typedef struct {
    scheduler_t *self;
    turn_t *turn;
    run_model_t *model;
    run_plans_t *plans;
    job_rows_t jobs; // Of the run
    size_t bytes;
} plan_reading_t;

// NULL, and why, where it cannot be read any more.
static fault_t plan_of (plan_reading_t *reading, const dag_node_t *node, const plan_t **out,
                        const char **wrong)
{
    turn_t *turn = reading->turn;
    *wrong = reading->plans->wrong;
    *out = reading->plans->own;
    if (node->caller == DAG_NONE)
        return OK;
    const dag_cell_t *caller = &reading->model->dag.cells[node->caller];
    fault_t fault = run_plans_called (reading->self, turn, reading->plans, caller->id, caller->name, out);
    if (fault != INVALID)
        return fault;
    *wrong = turn->detail ? turn->detail : "its workflow can no longer be read";
    turn->detail = NULL;
    *out = NULL;
    return OK;
}

// Those of its node, which are together.
static void view_cells (const plan_reading_t *reading, const dag_node_t *node, plan_job_t *out, bool *ran)
{
    out->cells.items = arena_array (reading->turn->arena, node->cell_count + 1, sizeof *out->cells.items);
    *ran = false;
    for (size_t i = 0; i < reading->jobs.count && out->cells.count < node->cell_count; i++) {
        const job_row_t *row = &reading->jobs.items[i];
        if (!same (row->job.key, node->key))
            continue;
        out->cells.items[out->cells.count++] = (plan_cell_t){
            .id = row->job.id,
            .name = row->job.name,
            .matrix = row->job.matrix,
            .labels = row->job.labels,
            .state = row->job.state,
            .result = row->job.result,
            .reason = row->job.reason,
        };
        *ran |= row->job.queued_at > 0 || row->job.attempt > 0 || (row->calls && row->job.started_at > 0);
    }
}

static void view_parts (turn_t *turn, const planned_job_view_t *view, plan_job_t *out)
{
    out->parts.items = arena_array (turn->arena, view->part_count + 1, sizeof *out->parts.items);
    for (size_t i = 0; i < view->part_count; i++)
        out->parts.items[out->parts.count++] =
            (plan_part_t){view->parts[i].source, view->parts[i].depth, view->parts[i].value};
    out->steps.items = arena_array (turn->arena, view->step_count + 1, sizeof *out->steps.items);
    for (size_t i = 0; i < view->step_count; i++) {
        const planned_step_t *step = &view->steps[i];
        out->steps.items[out->steps.count++] = (plan_step_t){.id = step->id,
                                                             .name = step->name,
                                                             .uses = step->uses,
                                                             .run = step->run,
                                                             .condition = step->condition,
                                                             .with = step->with,
                                                             .env = step->env,
                                                             .background = step->background};
    }
}

static void view_job (turn_t *turn, const planned_job_view_t *view, plan_job_t *out)
{
    out->location = view->location;
    out->wrong = view->wrong;
    out->runs_on = view->runs_on;
    out->uses = view->uses;
    out->condition = view->condition;
    out->runs = view->runs;
    out->reason = view->reason;
    out->env = view->env;
    out->matrix = view->matrix;
    out->environment = view->environment;
    out->container = view->container;
    view_parts (turn, view, out);
}

static fault_t explain_job (plan_reading_t *reading, size_t index, plan_job_t *out)
{
    turn_t *turn = reading->turn;
    const dag_t *dag = &reading->model->dag;
    const dag_node_t *node = &dag->nodes[index];
    const value_t *finished = NULL;
    const plan_t *plan;
    const char *wrong, *key = job_own_key (node->key);
    bool ran;
    planned_job_view_t view;
    *out = (plan_job_t){.key = node->key, .needs = strs_split (turn->arena, node->needs_text)};
    out->location = out->uses = out->condition = out->reason = out->matrix = out->environment =
        out->container = "";
    view_cells (reading, node, out, &ran);
    TRY (plan_of (reading, node, &plan, &wrong));
    out->wrong = wrong ? wrong : "";
    if (!plan)
        return OK;
    out->decided = node->needs_left == 0;
    if (out->decided)
        TRY (node_context (reading->self, turn, reading->model, index, &finished));
    planner_explain (turn, plan, key, finished, false, &reading->bytes, &view);
    // Of a run that was cancelled meanwhile: as it was when this job was decided
    if (out->decided && dag->cancelled != CANCEL_NO && view.runs != ran)
        planner_explain (turn, plan, key, finished, true, &reading->bytes, &view);
    view_job (turn, &view, out);
    return OK;
}

// A node's index, as all that are shown are in the order of the workflow.
static fault_t read_cursor (turn_t *turn, const char *cursor, size_t *first)
{
    char *end;
    unsigned long number = strtoul (cursor, &end, 10);
    *first = number;
    return *end || number > RUN_JOBS ? turn_fail (turn, INVALID, "cursor: is not the `next` of a page") : OK;
}

static fault_t read_all (plan_reading_t *reading, const run_row_t *row, run_planned_t *page, bool first)
{
    scheduler_t *self = reading->self;
    run_texts_t texts;
    run_models_trim (self);
    TRY (run_model_read (self, reading->turn, row, &reading->model));
    TRY (plan_cache_take (self, reading->turn, &row->run, &reading->plans));
    TRY (job_store_of_run (self->db, reading->turn, row->run.id, &reading->jobs));
    if (first) {
        TRY (run_store_texts (self->db, reading->turn, row->run.id, &texts));
        page->source = texts.source;
    }
    page->wrong = reading->plans->wrong ? reading->plans->wrong : "";
    return OK;
}

HANDLER (run_plan)
{
    scheduler_t *self = context;
    const run_plan_t *ask = asked;
    run_planned_t *page = answered;
    plan_reading_t reading = {.self = self, .turn = turn, .bytes = EXPLAIN_BYTES};
    size_t first, limit = ask->limit ? ask->limit : JOBS_SHOWN;
    run_row_t row;
    TRY (read_cursor (turn, ask->cursor, &first));
    TRY (run_store_find (self->db, turn, ask->run, &row));
    page->run_id = row.run.id;
    page->workflow = row.run.workflow;
    page->source = page->next = "";
    TRY (read_all (&reading, &row, page, first == 0));
    const dag_t *dag = &reading.model->dag;
    page->items.items = arena_array (turn->arena, limit + 1, sizeof *page->items.items);
    for (size_t i = first; i < dag->node_count; i++) {
        if (*ask->job && !same (dag->nodes[i].key, ask->job))
            continue;
        if (page->items.count == limit) {
            page->next = arena_printf (turn->arena, "%zu", i);
            break;
        }
        TRY (explain_job (&reading, i, &page->items.items[page->items.count++]));
    }
    return *ask->job && page->items.count == 0 && first == 0
               ? turn_fail (turn, NOT_FOUND, "run %s has no job with the key %s", row.run.id, ask->job)
               : OK;
}
