/* job.c - jobs: submitted without a workflow file, listed, shown, cancelled. */

#include "common/base/json.h"
#include "services/scheduler/api/ahead.h"
#include "services/scheduler/api/handlers.h"
#include "services/scheduler/api/rights.h"
#include "services/scheduler/api/view.h"
#include "services/scheduler/base/labels.h"
#include "services/scheduler/run/create.h"
#include "services/scheduler/run/engine.h"
#include "services/scheduler/run/file_reader.h"
#include "services/scheduler/run/variables.h"
#include "services/scheduler/unit/unit.h"

#define JOB_KEY "job"

static void put (buffer_t *into, const char *key, const char *json)
{
    if (json && *json && !same (json, "null"))
        buffer_printf (into, ",\"%s\":%s", key, json);
}

static void put_runs_on (buffer_t *into, const strs_t *labels)
{
    buffer_puts (into, ",\"runs-on\":");
    buffer_puts (into, labels->count ? "[" : "\"any\"");
    for (size_t i = 0; i < labels->count; i++) {
        if (i > 0)
            buffer_putc (into, ',');
        json_put (into, labels->items[i], strlen (labels->items[i]));
    }
    if (labels->count)
        buffer_putc (into, ']');
}

// A workflow may have a job without steps, which succeeds; whoever posts one has forgotten them.
static bool has_steps (const job_submit_t *ask)
{
    return ask->steps && *ask->steps && !same (ask->steps, "null") && !same (ask->steps, "[]");
}

// JSON is YAML: the job becomes a workflow of its own, under the same rules as any other.
static fault_t job_source (turn_t *turn, const job_submit_t *ask, const char **out)
{
    if (!has_steps (ask))
        return turn_fail (turn, INVALID, "steps: a job needs at least one");
    buffer_t *text = buffer_new (MAX_DOC);
    buffer_puts (text, "{\"name\":");
    json_put (text, ask->name, strlen (ask->name));
    buffer_puts (text, ",\"on\":\"workflow_dispatch\",\"jobs\":{\"" JOB_KEY "\":{\"name\":");
    json_put (text, ask->name, strlen (ask->name));
    put_runs_on (text, &ask->runs_on);
    if (ask->timeout_minutes)
        buffer_printf (text, ",\"timeout-minutes\":%u", ask->timeout_minutes);
    put (text, "env", ask->env);
    put (text, "steps", ask->steps);
    buffer_puts (text, "}}}");
    *out = arena_copy (turn->arena, buffer_text (text), buffer_size (text));
    bool full = buffer_full (text);
    buffer_destroy (&text);
    return full ? turn_fail (turn, TOO_LARGE, "the job is larger than %d bytes", MAX_DOC) : OK;
}

static fault_t submit (scheduler_t *self, turn_t *turn, const job_submit_t *ask, const scm_tree_t *tree,
                       const project_t *project, plan_t *plan, const char *source, const char *vars,
                       created_t *made)
{
    create_t create = {
        .plan = plan,
        .source = source,
        .project = project,
        .path = "",
        .event = "api",
        .ref = tree ? tree->ref : "",
        .sha = tree ? tree->sha : "",
        .actor = create_actor (turn),
        .title = ask->name,
        .default_branch = project->default_branch,
        .vars = vars,
        .number = tree ? 0 : project->runs + 1, // Read under the lock
    };
    bool known = unit_is_known (self);
    TRY (create_run (self, turn, &create, made));
    if (known) // It wrote a run of its own, and the numbers of its project
        unit_known (self);
    return OK;
}

static void note_queued (scheduler_t *self, const char *labels)
{
    self->queued.items = arena_grow (self->emitted_arena, self->queued.items, self->queued.count,
                                     &self->queued_capacity, sizeof *self->queued.items);
    self->queued.items[self->queued.count++] = arena_strdup (self->emitted_arena, labels);
}

// No agent was ready for it when this unit of work began, and who becomes ready asks for a match himself: there is nothing to match.
static bool is_in_vain (const supply_of_t *supply)
{
    standing_t standing = {.state = SUPPLY_READY};
    if (supply->rows)
        supply_store_read_of (supply, &standing);
    return standing.state != SUPPLY_READY;
}

HANDLER (job_submit)
{
    scheduler_t *self = context;
    const job_submit_t *ask = asked;
    project_row_t project;
    scm_tree_t tree;
    if (*ask->project) {
        TRY (project_store_find (self->db, turn, ask->project, &project));
        TRY (fetch_tree (turn, &project, &(scm_fetch_t){.ref = "", .sha = "", .before = ""}, &tree));
    }
    const char *source = "";
    plan_t *plan;
    TRY (job_source (turn, ask, &source));
    planned_file_t file = {.name = "./job", .text = source, .size = strlen (source)};
    planned_files_t files = {.items = &file, .count = 1};
    TRY (files_read (self, turn, &files));
    TRY (files_root (turn, &files, "job", &plan));
    const char *labels = labels_of (turn->arena, ask->runs_on.items, ask->runs_on.count);
    created_t made;
    run_t shown;
    const char *vars = self->variables;
    match_request_t matching = self->matching;
    if (*ask->project ||
        strcasestr (source, "vars")) // A job of no project rarely names any: it need not wait for them
        TRY (variables_fetch (self, turn, *ask->project ? project.project.id : "", &vars));
    TRY (ahead_of_submit (self, turn, labels));
    if (!*ask->project)
        TRY (ahead_home (self, turn, &project));
    TRY (submit (self, turn, ask, *ask->project ? &tree : NULL, &project.project, plan, source, vars, &made));
    const show_ahead_t ahead = ahead_shown (self, turn, labels);
    TRY (show_created (self, turn, &made, &ahead, &shown));
    const job_t job = *(job_t *) answered = shown.jobs.items[0];
    const char *queued = labels_of (turn->arena, job.labels.items, job.labels.count);
    if (job.state == job_queued && !*ask->project)
        note_queued (self, queued);
    if (job.state == job_queued && same (queued, labels) && is_in_vain (&ahead.supply))
        self->matching = matching;
    return OK;
}

HANDLER (job_list)
{
    scheduler_t *self = context;
    const job_list_t *ask = asked;
    job_page_t *page = answered;
    uint32_t state;
    if (*ask->state && !state_from_name (&states_job, ask->state, &state))
        return turn_fail (turn, INVALID, "state: %s is not a state of a job", ask->state);
    const job_filter_t filter = {.state = ask->state,
                                 .run = ask->run,
                                 .agent = ask->agent,
                                 .before = ask->cursor,
                                 .limit = page_limit (ask->limit),
                                 .scope = rights_scope (turn)};
    job_rows_t rows;
    TRY (job_store_page (self->db, turn, &filter, &rows, &page->next));
    return show_jobs (self, turn, &rows, &page->items);
}

HANDLER (job_show)
{
    const job_show_t *ask = asked;
    if (turn->caller.role == ROLE_JOB && !same (turn->caller.subject, ask->job))
        return turn_fail (turn, FORBIDDEN, "a job's token shows only that job");
    job_row_t row;
    TRY (ahead_job (context, turn, ask->job, &row));
    return show_job_row (context, turn, &row, answered);
}

HANDLER (job_attempts)
{
    scheduler_t *self = context;
    const job_attempts_t *ask = asked;
    attempt_page_t *page = answered;
    job_row_t row;
    TRY (job_store_find (self->db, turn, ask->job, &row));
    page->next = "";
    TRY (job_store_attempts (self->db, turn, &row, &page->items));
    for (size_t i = 0; i < page->items.count && !may_see_inside (turn, row.job.project_id); i++)
        page->items.items[i].agent_id = page->items.items[i].agent_name = "";
    return OK;
}

HANDLER (job_cancel)
{
    scheduler_t *self = context;
    const job_cancel_t *ask = asked;
    job_row_t row;
    TRY (unit_write (self, turn));
    TRY (job_store_find (self->db, turn, ask->job, &row));
    if (row.job.state == job_finished && row.job.result != result_cancelled)
        return turn_fail (turn, CONFLICT, "job %s has ended", row.job.name);
    TRY (job_stop (self, turn, &row, ask->hard ? CANCEL_HARD : CANCEL_SOFT,
                   arena_printf (turn->arena, "cancelled by %s", create_actor (turn))));
    return show_job (self, turn, ask->job, answered);
}
