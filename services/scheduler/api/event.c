/* event.c - events of repositories, which create runs; and the server's own events, which report changes. */

#include "common/base/json.h"
#include "common/base/log.h"
#include "services/scheduler/api/handlers.h"
#include "services/scheduler/api/view.h"
#include "services/scheduler/run/callable.h"
#include "services/scheduler/run/create.h"
#include "services/scheduler/run/file_reader.h"
#include "services/scheduler/run/run_pins.h"
#include "services/scheduler/run/variables.h"
#include "services/scheduler/store/event_store.h"
#include "services/scheduler/store/schedule_store.h"
#include "services/scheduler/unit/emit.h"
#include "workflow/plan/context.h"
#include "workflow/plan/payload.h"
#include "workflow/plan/webhook.h"

#include <stdlib.h>

#define EVENT_RUNS_MAX MAX_WORKFLOWS
#define EVENT_STEPS    (8 << 20) // Of all filters of one event: a tenth of a second in which others wait

static fault_t read_payload (turn_t *turn, const event_post_t *ask, const value_t **out)
{
    const char *json = ask->payload && *ask->payload ? ask->payload : "{}";
    if (strlen (json) > PAYLOAD_MAX)
        return turn_fail (turn, TOO_LARGE, "payload: more than %d bytes", PAYLOAD_MAX);
    *out = planner_json (turn->arena, json);
    if ((*out)->kind != VALUE_OBJECT && (*out)->kind != VALUE_NULL)
        return turn_fail (turn, INVALID, "payload: must be an object");
    size_t nesting = json_nesting (json, strlen (json));
    if (nesting > MAX_NESTING)
        return turn_fail (turn, INVALID, "payload: nested %zu deep; at most %d", nesting, MAX_NESTING);
    return OK;
}

// The actor is the caller. Only a service, which knows it from a forge, may name another; from others the name is part of the event only.
static bool names_actor (const turn_t *turn, const event_post_t *ask)
{
    return turn->caller.role == ROLE_SERVICE && *ask->actor;
}

// A merge that a forge has not renewed yet is of another head.
static bool is_of_head (const scm_tree_t *tree, const char *head)
{
    bool is = !*head || same (tree->sha, head);
    for (size_t i = 0; i < tree->parents.count; i++)
        is = is || same (tree->parents.items[i], head);
    return is;
}

// What the caller names, else what the payload does; else the default branch.
static fault_t fetch_event (turn_t *turn, const project_row_t *project, const event_post_t *ask,
                            const value_t *payload, scm_tree_t *tree)
{
    payload_target_t targets[PAYLOAD_TARGETS];
    size_t count = payload_targets (turn->arena, ask->event, payload, targets);
    const char *before = *ask->before ? ask->before : payload_before (ask->event, payload);
    const char *head = payload_head (ask->event, payload);
    if (*ask->ref || *ask->sha) {
        targets[0] = (payload_target_t){ask->ref, ask->sha};
        head = "";
        count = 1;
    }
    for (size_t i = 0; i < count; i++) {
        turn->detail = NULL; // Of the one before
        fault_t fault =
            fetch_tree (turn, project,
                        &(scm_fetch_t){.ref = targets[i].ref, .sha = targets[i].sha, .before = before}, tree);
        if (fault == OK && is_of_head (tree, head))
            return OK;
        if (fault != OK && (fault != INVALID || count == 1))
            return fault;
    }
    return turn_fail (turn, INVALID,
                      "the repository has neither %s of this head nor the head itself: give `ref`",
                      targets[0].ref);
}

// What github.event holds, also where the caller gave little.
static const value_t *complete_payload (scheduler_t *self, turn_t *turn, const event_post_t *ask,
                                        const project_t *project, const scm_tree_t *tree,
                                        const value_t *given)
{
    webhook_commit_t *commits = arena_array (turn->arena, tree->commits.count + 1, sizeof *commits);
    for (size_t i = 0; i < tree->commits.count; i++) {
        const scm_commit_t *from = &tree->commits.items[i];
        commits[i] = (webhook_commit_t){.id = from->id,
                                        .tree = from->tree,
                                        .message = from->message,
                                        .author = from->author,
                                        .author_email = from->author_email,
                                        .authored_at = from->authored_at,
                                        .committer = from->committer,
                                        .committer_email = from->committer_email,
                                        .committed_at = from->committed_at};
    }
    const webhook_t webhook = {.event = ask->event,
                               .actor = *ask->actor ? ask->actor : create_actor (turn),
                               .project_id = project->id,
                               .project = project->name,
                               .url = project->url,
                               .default_branch = tree->default_branch,
                               .server_url = self->server_url,
                               .ref = tree->ref,
                               .sha = tree->sha,
                               .before = ask->before,
                               .forced = tree->forced,
                               .commits = commits,
                               .commit_count = tree->commits.count};
    return webhook_complete (turn->arena, &webhook, given);
}

// If nothing could be compared, the changes are unknown, which is not the same as none.
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
    size_t
        steps; // Of its filters; each walk over the workflows begins with EVENT_STEPS, so that both come to the same
    size_t name_steps;     // Likewise, of those that name_if_of_paths looks at once more
    planned_files_t files; // What its runs may call
    const char *vars;      // JSON
    const char *pins;      // As run_pins_make gives them
    event_runs_t *answer;
} event_work_t;

static bool is_asked (const event_work_t *work, const file_text_t *file)
{
    return !*work->ask->workflow || file_is_named (file->path, work->ask->workflow);
}

// A name that was given must be of one.
static fault_t check_asked (const event_work_t *work, turn_t *turn)
{
    const char *there = "";
    for (size_t i = 0; i < work->tree->files.count; i++) {
        const file_text_t *file = &work->tree->files.items[i];
        if (is_asked (work, file))
            return OK;
        there = arena_printf (turn->arena, "%s%s%s", there, *there ? ", " : "", file->path);
    }
    if (!*work->ask->workflow)
        return OK;
    return turn_fail (turn, NOT_FOUND, "there is no workflow %s at %s; there are %s", work->ask->workflow,
                      work->tree->ref, *there ? there : "none");
}

static void skip_named (event_work_t *work, const char *path, const char *reason, const char *name)
{
    skipped_items_t *list = &work->answer->skipped;
    if (list->count < EVENT_RUNS_MAX)
        list->items[list->count++] = (skipped_t){.workflow = path, .reason = reason, .name = name};
}

static void skip (event_work_t *work, const char *path, const char *reason)
{
    skip_named (work, path, reason, "");
}

// Its name, if it would run whatever had changed: then a check that is required of it must not wait for ever.
static const char *name_if_of_paths (event_work_t *work, turn_t *turn, const plan_t *plan)
{
    planned_event_t any = work->filter;
    const char *reason;
    any.paths = NULL;
    any.steps = &work->name_steps;
    return planner_triggered (turn, plan, &any, &reason) ? planner_name (turn->arena, plan) : "";
}

// A schedule's payload names the file that runs.
static const value_t *payload_for (const event_work_t *work, arena_t *arena, const char *path)
{
    if (!same (work->ask->event, "schedule"))
        return work->payload;
    value_t *payload = context_copy (arena, work->payload);
    value_set (arena, payload, "workflow", value_string (arena, path));
    return payload;
}

static fault_t run_workflow (event_work_t *work, turn_t *turn, const file_text_t *file, plan_t *plan)
{
    const event_post_t *ask = work->ask;
    const bytes_t *lock = &work->tree->action_lock;
    if (!work->pins) // Read once for all workflows; where it is broken none of them runs
        TRY (run_pins_make (turn, lock->data, lock->size, &work->pins));
    create_t create = {
        .project = &work->project->project,
        .plan = plan,
        .path = file->path,
        .source = arena_strndup (turn->arena, file->text.data, file->text.size),
        .event = ask->event,
        .ref = *ask->ref && strncmp (ask->ref, "refs/", 5) == 0 ? ask->ref : work->tree->ref,
        .sha = work->tree->sha,
        .actor = names_actor (turn, ask) ? ask->actor : create_actor (turn),
        .title = payload_title (turn->arena, ask->event, work->payload),
        .default_branch = work->tree->default_branch,
        .payload = payload_for (work, turn->arena, file->path),
        .files = work->files,
        .vars = work->vars,
        .selection = selection_json (turn->arena, &ask->jobs, ask->no_needs, &ask->matrix),
        .pins = work->pins,
    };
    created_t made;
    TRY (create_run (work->self, turn, &create, &made));
    work->answer->items.items[work->answer->items.count++].id = made.row.run.id;
    return OK;
}

// One workflow of the commit: it runs, or the reason is reported.
static fault_t try_workflow (event_work_t *work, turn_t *turn, const file_text_t *file)
{
    plan_t *plan;
    const char *reason = "";
    fault_t fault = files_root (turn, &work->files, file->path, &plan);
    if (fault == INVALID) {
        skip (work, file->path, turn->detail);
        turn->detail = NULL;
        return OK;
    }
    TRY (fault);
    if (!planner_triggered (turn, plan, &work->filter, &reason)) {
        skip_named (work, file->path, reason, name_if_of_paths (work, turn, plan));
        return OK;
    }
    if (work->answer->items.count == EVENT_RUNS_MAX) {
        skip (work, file->path, "one event creates at most 100 runs");
        return OK;
    }
    fault = run_workflow (work, turn, file, plan);
    if (fault != INVALID) // Refused before anything of the run was written: the other workflows go on
        return fault;
    skip (work, file->path, turn->detail);
    turn->detail = NULL;
    return OK;
}

// The workflows that will run call files of other repositories: these are requested before anything is written.
static fault_t complete_files (event_work_t *work, turn_t *turn)
{
    work->files = callable_new (turn, work->tree);
    work->steps = EVENT_STEPS;
    TRY (files_read (work->self, turn, &work->files));
    for (size_t i = 0; i < work->tree->files.count; i++) {
        const file_text_t *file = &work->tree->files.items[i];
        const char *reason;
        plan_t *plan;
        if (is_asked (work, file) && files_root (turn, &work->files, file->path, &plan) == OK &&
            planner_triggered (turn, plan, &work->filter, &reason))
            TRY (callable_complete (work->self, turn, &work->project->project, plan, &work->files));
    }
    turn->detail = NULL;
    return OK;
}

// Of our own schedule: its runs are created once.
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

// Path filters were not applied: the answer to the event says so, and the log.
static void note_unknown (event_work_t *work, turn_t *turn)
{
    const scm_tree_t *tree = work->tree;
    if (work->steps == 0)
        work->answer->note = "filters are let pass: matching them takes too many steps";
    if (tree->compared || !*work->ask->before || !*tree->uncompared)
        return;
    work->answer->note = arena_printf (
        turn->arena, "path filters are not applied, because the changed files are unknown: %.3000s",
        tree->uncompared);
    log_warn ("path filters are not applied", "project", work->project->project.name, "sha", tree->sha,
              "reason", tree->uncompared, NULL);
}

static fault_t make_runs (event_work_t *work, turn_t *turn)
{
    event_runs_t *answer = work->answer;
    answer->items.items = arena_array (turn->arena, EVENT_RUNS_MAX, sizeof (run_t));
    answer->skipped.items = arena_array (turn->arena, EVENT_RUNS_MAX, sizeof (skipped_t));
    work->steps = work->name_steps = EVENT_STEPS;
    for (size_t i = 0; i < work->tree->files.count; i++)
        if (is_asked (work, &work->tree->files.items[i]))
            TRY (try_workflow (work, turn, &work->tree->files.items[i]));
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
    scm_tree_t tree;
    const value_t *given = NULL;
    event_work_t work = {self, ask, &project, &tree, .answer = answered};
    TRY (read_payload (turn, ask, &given));
    fault_t vars = variables_fetch (self, turn, project.project.id, &work.vars); // Both are asked at once
    TRY (vars == LATER ? OK : vars);
    TRY (fetch_event (turn, &project, ask, given, &tree));
    TRY (vars);
    work.payload = complete_payload (self, turn, ask, &project.project, &tree, given);
    work.filter = filter_of (turn, ask, &tree, work.payload);
    work.filter.steps = &work.steps;
    bool due;
    TRY (check_asked (&work, turn));
    TRY (complete_files (&work, turn));
    TRY (unit_write (self, turn));
    TRY (take_due (self, turn, ask, project.project.id, &due));
    if (!due)
        return OK;
    TRY (fetched (self, turn, &project, &tree));
    note_unknown (&work, turn);
    return make_runs (&work, turn);
}

// Events are pruned, so a cursor may be older than the oldest event: a consumer that needs every event must know. Checked only
// if something can be missing: the next number is not the next event.
static fault_t find_gap (scheduler_t *self, turn_t *turn, int64_t after, int64_t first, events_t *answer)
{
    int64_t oldest;
    if (after < 0 || first == after + 1)
        return OK;
    TRY (event_store_oldest (self->db, turn, &oldest));
    if (oldest <= after + 1)
        return OK;
    answer->gap = oldest;
    if (answer->cursor < oldest - 1)
        answer->cursor = oldest - 1;
    return OK;
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
    int64_t from = answer->cursor, first = 0;
    TRY (event_store_read (self->db, turn, project, ask->run, &first, answer));
    if (!actor_waited (turn))
        TRY (find_gap (self, turn, ask->after, first, answer));
    bool moved = answer->cursor != from; // Found some, or skipped events outside the filter
    if (moved || ask->wait == 0 || actor_waited (turn))
        return OK;
    return actor_wait (turn, TOPIC_EVENTS, turn->now_us + SECONDS (ask->wait));
}
