/* handlers_job.c - jobs: submitted without a workflow file, listed, shown, cancelled. */

#include "common/json.h"
#include "services/scheduler/claim.h"
#include "services/scheduler/create.h"
#include "services/scheduler/handlers.h"
#include "services/scheduler/progress.h"
#include "services/scheduler/show.h"

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

// JSON is YAML: the job becomes a workflow of its own, held against the same rules as any other.
static fault_t job_source (turn_t *turn, const job_submit_t *ask, const char **out)
{
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
                       const project_t *project, run_row_t *run)
{
    create_t create = {
        .project = project,
        .path = "",
        .event = "api",
        .ref = tree ? tree->ref : "",
        .sha = tree ? tree->sha : "",
        .actor = create_actor (turn),
        .title = ask->name,
        .default_branch = project->default_branch,
    };
    TRY (job_source (turn, ask, &create.source));
    TRY (planner_read (turn, "job", create.source, strlen (create.source), &create.plan));
    return create_run (self, turn, &create, run);
}

HANDLER (job_submit)
{
    scheduler_t *self = context;
    const job_submit_t *ask = asked;
    project_row_t project;
    scm_tree_t tree;
    if (*ask->project) {
        TRY (project_store_find (self->db, turn, ask->project, &project));
        scm_fetch_t fetch = {.url = project.project.url, .ref = "", .sha = "", .before = ""};
        TRY (actor_call (turn, MSG_scm_fetch, &fetch, &tree));
    }
    TRY (unit_write (self, turn));
    if (!*ask->project)
        TRY (project_store_home (self->db, turn, &project));
    run_row_t run;
    job_rows_t jobs;
    TRY (submit (self, turn, ask, *ask->project ? &tree : NULL, &project.project, &run));
    TRY (claim_jobs (self, turn));
    TRY (job_store_of_run (self->db, turn, run.run.id, &jobs));
    job_items_t shown;
    TRY (show_jobs (self, turn, &jobs, &shown));
    *(job_t *) answered = shown.items[0];
    return OK;
}

HANDLER (job_list)
{
    scheduler_t *self = context;
    const job_list_t *ask = asked;
    job_page_t *page = answered;
    uint32_t state;
    if (*ask->state && !state_from_name (&states_job, ask->state, &state))
        return turn_fail (turn, INVALID, "state: %s is no state of a job", ask->state);
    job_filter_t filter = {ask->state, ask->run, ask->agent, ask->cursor, page_limit (ask->limit)};
    job_rows_t rows;
    TRY (job_store_page (self->db, turn, &filter, &rows));
    TRY (show_jobs (self, turn, &rows, &page->items));
    page->next = rows.count == filter.limit ? rows.items[rows.count - 1].job.id : "";
    return OK;
}

HANDLER (job_show)
{
    const job_show_t *ask = asked;
    if (turn->caller.role == ROLE_JOB && !same (turn->caller.subject, ask->job))
        return turn_fail (turn, FORBIDDEN, "a job's token shows that job alone");
    return show_job (context, turn, ask->job, answered);
}

HANDLER (job_attempts)
{
    scheduler_t *self = context;
    const job_attempts_t *ask = asked;
    attempt_page_t *page = answered;
    job_row_t row;
    TRY (job_store_find (self->db, turn, ask->job, &row));
    page->next = "";
    return job_store_attempts (self->db, turn, &row, &page->items);
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
    TRY (claim_jobs (self, turn));
    return show_job (self, turn, ask->job, answered);
}
