/* create.c - see create.h. */

#include "services/scheduler/create.h"

#include "common/id.h"
#include "services/scheduler/call_store.h"
#include "services/scheduler/labels.h"
#include "services/scheduler/note.h"
#include "services/scheduler/progress.h"
#include "workflow/context.h"
#include "workflow/payload.h"

#define POSITION_STEP 4096 // Room behind each job for those that it calls

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

// A need is one of the same workflow.
static const char *needs_below (arena_t *arena, const char *prefix, const char *needs)
{
    strs_t keys = lines_split (arena, needs);
    for (size_t i = 0; *prefix && i < keys.count; i++)
        keys.items[i] = arena_printf (arena, "%s%s", prefix, keys.items[i]);
    return *prefix ? lines_join (arena, &keys) : needs;
}

static fault_t add_node (scheduler_t *self, turn_t *turn, const create_nodes_t *place,
                         const planned_job_t *job, size_t index)
{
    const run_t *run = place->run;
    node_row_t node = {
        .run_id = run->id,
        .key = arena_printf (turn->arena, "%s%s", place->prefix, job->key),
        .called_by = place->called_by,
        .position = place->first + (int64_t) index * place->step,
        .needs = needs_below (turn->arena, place->prefix, job->needs),
        .survives = job->survives,
        .cells_left = 1,
    };
    job_row_t row = {
        .job =
            {
                .id = id_new (turn->arena, 'j', turn->now_us),
                .run_id = run->id,
                .project_id = run->project_id,
                .key = node.key,
                .name = job->name,
                .title = run->title,
                .agent_id = "",
                .created_at = turn->now_us,
            },
        .position = node.position,
        .needs = node.needs,
        .calls = job->calls,
    };
    TRY (node_store_add (self->db, turn, &node));
    TRY (job_store_add (self->db, turn, &row));
    return note_job (self, turn, &row.job);
}

fault_t create_nodes (scheduler_t *self, turn_t *turn, const plan_t *plan, const create_nodes_t *place)
{
    const planned_job_t *jobs;
    size_t count = planner_jobs (turn->arena, plan, &jobs);
    for (size_t i = 0; i < count; i++)
        TRY (add_node (self, turn, place, &jobs[i], i));
    return OK;
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
                .waiting_because = "",
                .created_at = turn->now_us,
            },
        .concurrency = "",
    };
}

static fault_t begin (scheduler_t *self, turn_t *turn, const group_t *group, run_row_t *run, plan_t *plan)
{
    bool holds;
    if (!*group->name)
        return run_advance (self, turn, run, plan);
    TRY (group_claim (self, turn, run->run.project_id, run->run.id, group, &holds));
    return holds ? run_begin (self, turn, run, plan) : OK;
}

static fault_t add_files (scheduler_t *self, turn_t *turn, const run_t *run, const planned_files_t *files)
{
    for (size_t i = 0; i < files->count; i++)
        TRY (call_store_add_file (self->db, turn, run->id, files->items[i].name, files->items[i].text));
    return OK;
}

// Who triggers by hand gives some inputs; the run has them all, and github.event has them as texts.
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

fault_t create_run (scheduler_t *self, turn_t *turn, const create_t *from, run_row_t *out)
{
    create_t create = *from;
    planned_run_t planned;
    planned_files_t called;
    *out = row_of (turn, from);
    run_t *run = &out->run;
    TRY (project_store_next_run (self->db, turn, run->project_id, &run->number));
    TRY (complete_inputs (turn, &create));
    const value_t *github = github_of (self, turn, &create, run);
    TRY (planner_link (turn, from->plan, &from->files, &called));
    TRY (planner_run (turn, from->plan, first_attempt (turn->arena, github), create.inputs, &planned));
    run->title = title_of (turn->arena, from, &planned);
    out->concurrency = planned.group.name;
    run->state = *planned.group.name ? run_pending : run_running;
    run_texts_t texts = {
        .source = from->source,
        .github = value_to_json (turn->arena, github, 0),
        .inputs = value_to_json (turn->arena, planned.inputs, 0),
    };
    TRY (run_store_add (self->db, turn, out, &texts));
    TRY (note_run (self, turn, "run.created", run));
    TRY (add_files (self, turn, run, &called));
    const create_nodes_t place = {.run = run, .called_by = "", .prefix = "", .step = POSITION_STEP};
    TRY (create_nodes (self, turn, from->plan, &place));
    return begin (self, turn, &planned.group, out, from->plan);
}
