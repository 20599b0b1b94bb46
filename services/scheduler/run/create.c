/* create.c - see create.h. Every reason to refuse is found before the first write of the run, which takes its number. What its calls are locked to
 * is written before: a move is to be seen although, and because, the run is refused for it. */

#include "services/scheduler/run/create.h"

#include "common/base/id.h"
#include "proto/strs.h"
#include "services/scheduler/base/labels.h"
#include "services/scheduler/run/callable.h"
#include "services/scheduler/run/engine_inside.h"
#include "services/scheduler/store/call_store.h"
#include "services/scheduler/unit/emit.h"
#include "workflow/model/action_lock.h"
#include "workflow/plan/context.h"
#include "workflow/plan/payload.h"

#include <stdlib.h>

const char *create_actor (const turn_t *turn)
{
    if (turn->caller.subject && *turn->caller.subject)
        return turn->caller.subject;
    return turn->caller.role == ROLE_SERVICE ? "scheduler" : "admin";
}

static const char *or_empty (const char *text)
{
    return text ? text : "";
}

static const char *title_of (arena_t *arena, const create_t *from, const planned_run_t *planned)
{
    if (*planned->title)
        return planned->title;
    return *from->title ? from->title : planner_name (arena, from->plan);
}

static const value_t *github_of (scheduler_t *self, turn_t *turn, const create_t *from, const run_t *run)
{
    context_t context = {
        .run_id = run->id,
        .run_number = run->number,
        .workflow = planner_name (turn->arena, from->plan),
        .path = from->path,
        .event = from->event,
        .ref = from->ref,
        .sha = from->sha,
        .actor = from->actor,
        .project_id = from->project->id,
        .project = from->project->name,
        .url = from->project->url,
        .default_branch = or_empty (from->default_branch),
        .server_url = self->server_url,
        .payload = from->payload,
    };
    return context_github (turn->arena, &context);
}

// What is planned at once sees what run_github adds later.
static const value_t *first_attempt (arena_t *arena, const value_t *github)
{
    value_t *seen = context_copy (arena, github);
    value_set (arena, seen, "run_attempt", value_string (arena, "1"));
    return seen;
}

static run_row_t row_of (turn_t *turn, const create_t *from)
{
    return (run_row_t){
        .run =
            {
                .id = id_new (turn->arena, 'r', turn->now_us),
                .project_id = from->project->id,
                .project = from->project->name,
                .workflow = from->path,
                .name = planner_name (turn->arena, from->plan),
                .event = from->event,
                .ref = or_empty (from->ref),
                .sha = or_empty (from->sha),
                .actor = from->actor,
                .attempt = 1,
                .wait_reason = "",
                .created_at = turn->now_us,
            },
        .concurrency = "",
    };
}

// A manual trigger gives some inputs; the run has all of them, and github.event has them as strings.
static fault_t complete_inputs (turn_t *turn, create_t *create)
{
    if (!same (create->event, "workflow_dispatch"))
        return OK;
    const value_t *given = create->inputs ? create->inputs : value_get (create->payload, "inputs");
    TRY (planner_dispatch (turn, create->plan, given, &create->inputs));
    value_t *payload = context_copy (turn->arena, create->payload);
    value_set (turn->arena, payload, "inputs", payload_inputs (turn->arena, create->inputs));
    create->payload = payload;
    return OK;
}

// What is planned is counted first: a few files that call each other make any number of jobs.
static fault_t check_size (turn_t *turn, const plan_t *plan, planned_files_t *called)
{
    size_t count = planner_count (turn, plan, called);
    if (count <= RUN_JOBS)
        return OK;
    return turn_fail (turn, INVALID,
                      "%s:1:1: a run of it has %s%zu jobs, with all that they call; at most %d",
                      planner_file_name (plan), count >= PLANNED_MANY ? "more than " : "", count, RUN_JOBS);
}

// A run that is read, checked and settled in memory.
typedef struct {
    create_t from;
    planned_run_t planned;
    planned_files_t called;
    run_texts_t texts;
    run_row_t row;
    run_engine_t engine;
} creation_t;

static fault_t plan_run_row (scheduler_t *self, turn_t *turn, creation_t *made)
{
    create_t *from = &made->from;
    run_t *run = &made->row.run;
    TRY (planner_select (turn, from->plan, or_empty (from->selection)));
    TRY (complete_inputs (turn, from));
    const value_t *github = github_of (self, turn, from, run);
    TRY (callable_lock (self, turn, from->project, from->plan, &from->files));
    TRY (planner_link (turn, from->plan, &from->files, &made->called));
    TRY (check_size (turn, from->plan, &made->called));
    TRY (planner_run (turn, from->plan, first_attempt (turn->arena, github),
                      planner_json (turn->arena, from->vars), from->inputs, &made->planned));
    run->title = title_of (turn->arena, from, &made->planned);
    made->row.concurrency = made->planned.group.name;
    made->row.concurrency_cancel = made->planned.group.cancel_in_progress;
    made->row.concurrency_all = made->planned.group.queue_all;
    made->texts = (run_texts_t){
        .source = from->source,
        .github = value_to_json (turn->arena, github, 0),
        .inputs = value_to_json (turn->arena, made->planned.inputs, 0),
        .selection = or_empty (from->selection),
        .vars = from->vars,
    };
    run_t shown = *run;
    shown.inputs = made->texts.inputs;
    return message_check (MESSAGE (run), turn, &shown);
}

static fault_t write_run (scheduler_t *self, turn_t *turn, creation_t *made, const char *refused)
{
    run_engine_t *engine = &made->engine;
    run_model_t *model = engine->model;
    run_row_t *row = &made->row;
    engine->creating = false;
    if (refused)
        dag_stop_run (&model->dag, CANCEL_SOFT, refused);
    TRY (engine_settle (engine, true));
    TRY (emit_run (self, turn, EVENT_run_created, &row->run));
    bool moved = row->run.state != model->dag.state;
    row->run.state = model->dag.state;
    row->run.result = model->dag.result;
    row->cancelled = model->dag.cancelled;
    row->run.finished_at = row->run.state == run_finished ? turn->now_us : 0;
    TRY (run_store_add (self->db, turn, row, &made->texts));
    for (size_t i = 0; i < made->called.count; i++)
        TRY (call_store_add_file (self->db, turn, row->run.id, made->called.items[i].name,
                                  made->called.items[i].text));
    const char *repositories = callable_text (turn, made->from.plan, &made->from.files);
    if (*repositories)
        TRY (call_store_add_file (self->db, turn, row->run.id, CALL_REPOSITORIES, repositories));
    if (made->from.pins && *made->from.pins)
        TRY (call_store_add_file (self->db, turn, row->run.id, ACTION_LOCK_PATH, made->from.pins));
    TRY (engine_write (engine));
    return moved ? emit_run (self, turn, EVENT_run_state, &row->run) : OK;
}

static int in_order (const void *a, const void *b)
{
    const job_row_t *one = a, *two = b;
    if (one->position != two->position)
        return one->position < two->position ? -1 : 1;
    return one->cell < two->cell ? -1 : one->cell > two->cell;
}

void created_jobs (turn_t *turn, const created_t *created, job_rows_t *out)
{
    const dag_t *dag = &created->model->dag;
    out->count = dag->cell_count;
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++) {
        job_row_t *row = &out->items[i];
        *row = ((const cell_draft_t *) dag->cells[i].row)->row;
        row->job.needs = strs_split (turn->arena, row->needs);
        row->job.labels = strs_split (turn->arena, row->labels);
        row->job.log_sha256 = row->job.wait_reason = "";
    }
    qsort (out->items, out->count, sizeof *out->items, in_order);
}

fault_t create_run (scheduler_t *self, turn_t *turn, const create_t *from, created_t *out)
{
    creation_t made = {.from = *from, .row = row_of (turn, from), .engine = run_engine_new (self, turn)};
    run_engine_t *engine = &made.engine;
    bool grouped, holds = true;
    const char *refused = NULL;
    made.row.run.number = from->number;
    if (from->number == 0) {
        TRY (project_store_next_number (self->db, turn, made.row.run.project_id, &made.row.run.number));
        made.row.run.number += unit_runs (self, made.row.run.project_id);
    }
    TRY (plan_run_row (self, turn, &made));
    grouped = *made.row.concurrency != 0;
    if (grouped)
        TRY (group_is_free (engine, &made.row, &holds));
    made.row.run.state = holds ? run_running : run_pending;
    engine->model = run_model_new (turn, &made.row);
    engine->plans = run_plans_new (turn, from->plan, &made.called, &made.texts);
    engine->creating = true;
    engine_add_nodes (engine, from->plan, DAG_NONE);
    dag_revive (&engine->model->dag);
    TRY (engine_settle (engine, false));
    if (grouped)
        TRY (group_claim_for_run (engine, &made.row, &holds, &refused));
    TRY (write_run (self, turn, &made, refused));
    unit_add_run (self,
                  made.row.run.project_id); // With what was written: what fails from here on undoes both
    bool goes_on = engine->count > 0;
    *out = (created_t){made.row, made.texts.inputs, goes_on ? NULL : engine->model};
    return goes_on ? engine_work (engine) : OK;
}
