/* handlers_event.c - events of repositories, which make runs; and events of ours, which tell what changed. */

#include "services/scheduler/claim.h"
#include "services/scheduler/create.h"
#include "services/scheduler/event_store.h"
#include "services/scheduler/handlers.h"
#include "services/scheduler/library.h"
#include "services/scheduler/note.h"
#include "services/scheduler/schedule.h"
#include "services/scheduler/schedule_store.h"
#include "services/scheduler/show.h"
#include "workflow/context.h"
#include "workflow/payload.h"

#include <stdlib.h>

#define EVENT_RUNS_MAX 100 // As event_runs says

// What github.event holds, also where the caller gave little.
static fault_t read_payload (turn_t *turn, const event_post_t *ask, const scm_tree_t *tree,
                             const value_t **out)
{
    arena_t *arena = turn->arena;
    const char *json = ask->payload && *ask->payload ? ask->payload : "{}";
    if (strlen (json) > PAYLOAD_MAX)
        return turn_fail (turn, TOO_LARGE, "payload: more than %d bytes", PAYLOAD_MAX);
    const value_t *given = planner_json (arena, json);
    if (given->kind != VALUE_OBJECT && given->kind != VALUE_NULL)
        return turn_fail (turn, INVALID, "payload: an object is wanted");
    value_t *payload = context_copy (arena, given);
    if (same (ask->event, "push")) {
        const struct {
            const char *key, *text;
        } rows[] = {{"ref", tree->ref}, {"before", ask->before}, {"after", tree->sha}};
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
            if (!value_get (payload, rows[i].key))
                value_set (arena, payload, rows[i].key, value_string (arena, rows[i].text));
        if (!value_get (payload, "head_commit")) {
            value_t *commit = value_object (arena);
            value_set (arena, commit, "id", value_string (arena, tree->sha));
            value_set (arena, commit, "message", value_string (arena, tree->message));
            value_set (arena, payload, "head_commit", commit);
        }
    }
    *out = payload;
    return OK;
}

// Where nothing could be compared what changed is unknown, which is not the same as nothing.
static planned_event_t filter_of (turn_t *turn, const event_post_t *ask, const scm_tree_t *tree,
                                  const value_t *payload)
{
    static const char *const none[] = {NULL};
    const char *activity = value_get_text (payload, "action"), *cron = value_get_text (payload, "schedule");
    return (planned_event_t){
        .name = ask->event,
        .activity = *activity ? activity : NULL,
        .ref = payload_filter_ref (turn->arena, ask->event, tree->ref, payload),
        .paths = !tree->compared       ? NULL
                 : tree->changed.count ? tree->changed.items
                                       : none,
        .path_count = tree->changed.count,
        .message = tree->message,
        .workflow = value_get_text (value_get (payload, "workflow_run"), "name"),
        .cron = *cron ? cron : NULL,
        .timezone = value_get (payload, "timezone") ? value_get_text (payload, "timezone") : NULL,
    };
}

typedef struct {
    scheduler_t *self;
    const event_post_t *ask;
    const project_row_t *project;
    const scm_tree_t *tree;
    const value_t *payload;
    planned_event_t filter;
    planned_files_t files; // What its runs may call
    event_runs_t *answer;
} event_work_t;

static void skip (event_work_t *work, const char *path, const char *why)
{
    skipped_items_t *list = &work->answer->skipped;
    if (list->count < EVENT_RUNS_MAX)
        list->items[list->count++] = (skipped_t){.workflow = path, .reason = why};
}

static fault_t run_workflow (event_work_t *work, turn_t *turn, const file_text_t *file, plan_t *plan)
{
    const event_post_t *ask = work->ask;
    create_t create = {
        .project = &work->project->project,
        .plan = plan,
        .path = file->path,
        .source = arena_strndup (turn->arena, file->text.data, file->text.size),
        .event = ask->event,
        .ref = *ask->ref && strncmp (ask->ref, "refs/", 5) == 0 ? ask->ref : work->tree->ref,
        .sha = work->tree->sha,
        .actor = *ask->actor ? ask->actor : create_actor (turn),
        .title = payload_title (turn->arena, ask->event, work->payload),
        .default_branch = work->tree->default_branch,
        .payload = work->payload,
        .files = work->files,
    };
    run_row_t run;
    TRY (create_run (work->self, turn, &create, &run));
    work->answer->items.items[work->answer->items.count++].id = run.run.id;
    return OK;
}

// One workflow of the commit: it runs, or it is told why not.
static fault_t try_workflow (event_work_t *work, turn_t *turn, const file_text_t *file)
{
    plan_t *plan;
    const char *why = "";
    fault_t fault = planner_read (turn, file->path, file->text.data, file->text.size, &plan);
    if (fault == INVALID) {
        skip (work, file->path, turn->detail);
        turn->detail = NULL;
        return OK;
    }
    TRY (fault);
    if (!planner_triggered (turn, plan, &work->filter, &why)) {
        skip (work, file->path, why);
        return OK;
    }
    if (work->answer->items.count == EVENT_RUNS_MAX) {
        skip (work, file->path, "one event makes at most 100 runs");
        return OK;
    }
    uint64_t before = db_writes (work->self->db);
    fault = run_workflow (work, turn, file, plan);
    if (fault != INVALID || db_writes (work->self->db) != before + 1)
        return fault; // Refused before anything but the run's number was written: the other workflows go on
    skip (work, file->path, turn->detail);
    turn->detail = NULL;
    return OK;
}

// What the workflows that will run call from other repositories is asked for before anything is written.
static fault_t complete_files (event_work_t *work, turn_t *turn)
{
    work->files = library_new (turn, work->tree);
    for (size_t i = 0; i < work->tree->files.count; i++) {
        const file_text_t *file = &work->tree->files.items[i];
        const char *why;
        plan_t *plan;
        if (planner_read (turn, file->path, file->text.data, file->text.size, &plan) == OK &&
            planner_triggered (turn, plan, &work->filter, &why))
            TRY (library_complete (work->self, turn, plan, &work->files));
    }
    turn->detail = NULL;
    return OK;
}

// Of our own schedule: its runs are made once.
static fault_t take_due (scheduler_t *self, turn_t *turn, const event_post_t *ask, const char *project,
                         bool *done)
{
    const value_t *payload = planner_json (turn->arena, ask->payload ? ask->payload : "");
    const char *due = value_get_text (payload, "due_at");
    *done = true;
    if (turn->caller.role != ROLE_SERVICE || !same (ask->event, "schedule") || !*due)
        return OK;
    const schedule_row_t row = {
        .project_id = project,
        .cron = value_get_text (payload, "schedule"),
        .timezone = value_get_text (payload, "timezone"),
        .due_at = strtoll (due, NULL, 10),
    };
    return schedule_store_done (self->db, turn, &row, done);
}

static fault_t make_runs (event_work_t *work, turn_t *turn)
{
    event_runs_t *answer = work->answer;
    answer->items.items = arena_array (turn->arena, EVENT_RUNS_MAX, sizeof (run_t));
    answer->skipped.items = arena_array (turn->arena, EVENT_RUNS_MAX, sizeof (skipped_t));
    for (size_t i = 0; i < work->tree->files.count; i++)
        TRY (try_workflow (work, turn, &work->tree->files.items[i]));
    TRY (claim_jobs (work->self, turn));
    for (size_t i = 0; i < answer->items.count; i++)
        TRY (show_run (work->self, turn, answer->items.items[i].id, &answer->items.items[i]));
    return OK;
}

HANDLER (event_post)
{
    scheduler_t *self = context;
    const event_post_t *ask = asked;
    project_row_t project;
    TRY (project_store_find (self->db, turn, ask->project, &project));
    scm_fetch_t fetch = {.url = project.project.url, .ref = ask->ref, .sha = ask->sha, .before = ask->before};
    scm_tree_t tree;
    TRY (actor_call (turn, MSG_scm_fetch, &fetch, &tree));
    event_work_t work = {self, ask, &project, &tree, .answer = answered};
    TRY (read_payload (turn, ask, &tree, &work.payload));
    work.filter = filter_of (turn, ask, &tree, work.payload);
    bool due;
    TRY (complete_files (&work, turn));
    TRY (unit_write (self, turn));
    TRY (take_due (self, turn, ask, project.project.id, &due));
    if (!due)
        return OK;
    if (same (tree.ref, arena_printf (turn->arena, "refs/heads/%s", tree.default_branch)))
        TRY (schedule_sync (self, turn, &project, &tree));
    return make_runs (&work, turn);
}

HANDLER (events_read)
{
    scheduler_t *self = context;
    const events_read_t *ask = asked;
    events_t *answer = answered;
    const char *project;
    TRY (filter_project (self, turn, ask->project, &project));
    answer->cursor = ask->after;
    if (ask->after < 0)
        TRY (event_store_last (self->db, turn, &answer->cursor));
    int64_t from = answer->cursor;
    TRY (event_store_read (self->db, turn, project, ask->run, answer));
    bool moved = answer->cursor != from; // Found some, or passed over others' events
    if (moved || ask->wait == 0 || actor_waited (turn))
        return OK;
    return actor_wait (turn, TOPIC_EVENTS, turn->now_us + SECONDS (ask->wait));
}
