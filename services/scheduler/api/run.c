/* run.c - runs: triggered by hand, listed, shown, cancelled, run again. */

#include "services/scheduler/api/handlers.h"
#include "services/scheduler/api/rights.h"
#include "services/scheduler/api/view.h"
#include "services/scheduler/run/callable.h"
#include "services/scheduler/run/create.h"
#include "services/scheduler/run/engine.h"
#include "services/scheduler/run/file_reader.h"
#include "services/scheduler/run/rerun.h"
#include "services/scheduler/run/run_pins.h"
#include "services/scheduler/run/variables.h"
#include "services/scheduler/store/hold_store.h"
#include "services/scheduler/store/trial_store.h"
#include "services/scheduler/unit/emit.h"
#include "workflow/plan/payload.h"
#include "workflow/plan/webhook.h"

// By path or file name; without a name, the only one.
static fault_t find_file (turn_t *turn, const scm_tree_t *tree, const char *asked, const file_text_t **out)
{
    const char *there = "";
    if (!*asked && tree->files.count == 1) {
        *out = &tree->files.items[0];
        return OK;
    }
    for (size_t i = 0; i < tree->files.count; i++) {
        *out = &tree->files.items[i];
        if (*asked && file_is_named ((*out)->path, asked))
            return OK;
        there = arena_printf (turn->arena, "%s%s%s", there, *there ? ", " : "", (*out)->path);
    }
    if (tree->files.count == 0)
        return turn_fail (turn, NOT_FOUND, "there is no workflow in .github/workflows at %s", tree->ref);
    return *asked ? turn_fail (turn, NOT_FOUND, "there is no workflow %s at %s; there are %s", asked,
                               tree->ref, there)
                  : turn_fail (turn, INVALID, "workflow: name one of %s", there);
}

static const value_t *dispatch_payload (scheduler_t *self, turn_t *turn, const project_t *project,
                                        const create_t *create)
{
    arena_t *arena = turn->arena;
    value_t *payload = value_object (arena);
    value_set (arena, payload, "inputs", create->inputs);
    value_set (arena, payload, "ref", value_string (arena, create->ref));
    value_set (arena, payload, "workflow", value_string (arena, create->path));
    const webhook_t webhook = {.event = create->event,
                               .actor = create->actor,
                               .project_id = project->id,
                               .project = project->name,
                               .url = project->url,
                               .default_branch = create->default_branch,
                               .server_url = self->server_url};
    return webhook_complete (arena, &webhook, payload);
}

static fault_t read_inputs (turn_t *turn, const char *json, const value_t **out)
{
    *out = planner_json (turn->arena, json && *json ? json : "{}");
    if ((*out)->kind == VALUE_NULL)
        *out = value_object (turn->arena);
    return (*out)->kind == VALUE_OBJECT ? OK : turn_fail (turn, INVALID, "inputs: must be an object");
}

static fault_t prepare (scheduler_t *self, turn_t *turn, const run_trigger_t *ask,
                        const project_row_t *project, const scm_tree_t *tree, create_t *create)
{
    const file_text_t *file = NULL;
    *create = (create_t){.project = &project->project};
    TRY (find_file (turn, tree, ask->workflow, &file));
    create->files = callable_new (turn, tree);
    TRY (files_read_for (self, turn, &create->files, file->path));
    TRY (files_root (turn, &create->files, file->path, &create->plan));
    if (!*ask->trial && !planner_takes (create->plan, "workflow_dispatch"))
        return turn_fail (
            turn, INVALID,
            "%s:1:1: it cannot be triggered by hand: add `workflow_dispatch:` to its `on`, or POST"
            " an event that it reacts to, to /projects/%s/events",
            file->path, project->project.name);
    TRY (read_inputs (turn, ask->inputs, &create->inputs));
    TRY (run_pins_make (turn, tree->action_lock.data, tree->action_lock.size, &create->pins));
    create->selection = selection_json (turn->arena, &ask->jobs, ask->no_needs, &ask->matrix);
    create->path = file->path;
    create->source = arena_strndup (turn->arena, file->text.data, file->text.size);
    create->event = "workflow_dispatch";
    create->ref = tree->ref;
    create->sha = tree->sha;
    create->actor = create_actor (turn);
    create->title = "";
    create->default_branch = tree->default_branch;
    create->payload = dispatch_payload (self, turn, &project->project, create);
    return callable_complete (self, turn, &project->project, create->plan, &create->files);
}

// The project's own, and not on its way out.
static fault_t check_trial (scheduler_t *self, turn_t *turn, const run_trigger_t *ask, const char *project)
{
    trial_row_t trial;
    if (!*ask->trial)
        return OK;
    if (*ask->ref || *ask->sha)
        return turn_fail (turn, INVALID, "trial: it says which commit runs: give neither `ref` nor `sha`");
    TRY (trial_store_find (self->db, turn, ask->trial, &trial));
    return same (trial.project_id, project) && !trial.removed
               ? OK
               : turn_fail (turn, NOT_FOUND, "the project has no trial %s", ask->trial);
}

HANDLER (run_trigger)
{
    scheduler_t *self = context;
    const run_trigger_t *ask = asked;
    project_row_t project;
    TRY (project_store_find (self->db, turn, ask->project, &project));
    scm_tree_t tree;
    create_t create;
    created_t made;
    const char *vars = "";
    TRY (check_trial (self, turn, ask, project.project.id));
    fault_t asked_vars = variables_fetch (self, turn, project.project.id, &vars); // Both are asked at once
    TRY (asked_vars == LATER ? OK : asked_vars);
    TRY (fetch_tree (turn, &project,
                     &(scm_fetch_t){.ref = ask->ref, .sha = ask->sha, .before = "", .trial = ask->trial},
                     &tree));
    TRY (asked_vars);
    TRY (prepare (self, turn, ask, &project, &tree, &create));
    create.vars = vars;
    TRY (unit_write (self, turn));
    TRY (check_trial (self, turn, ask, project.project.id)); // It may have been removed meanwhile
    TRY (create_run (self, turn, &create, &made));
    if (*ask->trial)
        TRY (trial_store_use (self->db, turn, ask->trial, made.row.run.id));
    TRY (fetched (self, turn, &project, &tree));
    return show_created (self, turn, &made, &(show_ahead_t){0}, answered);
}

fault_t check_run_filter (turn_t *turn, const run_filter_t *filter)
{
    uint32_t state;
    if (*filter->result && !state_from_name (&states_result, filter->result, &state))
        return turn_fail (turn, INVALID, "result: %s is not how a run ends", filter->result);
    return *filter->state && !state_from_name (&states_run, filter->state, &state)
               ? turn_fail (turn, INVALID, "state: %s is not a state of a run", filter->state)
               : OK;
}

HANDLER (run_list)
{
    scheduler_t *self = context;
    const run_list_t *ask = asked;
    run_page_t *page = answered;
    run_filter_t filter = RUN_FILTER (ask);
    filter.limit = page_limit (ask->limit);
    TRY (check_run_filter (turn, &filter));
    TRY (filter_project (self, turn, ask->project, &filter.project));
    filter.scope = *filter.project ? NULL : rights_scope (turn);
    return run_store_page (self->db, turn, &filter, &page->items, &page->next);
}

HANDLER (run_show)
{
    const run_show_t *ask = asked;
    return show_run (context, turn, ask->run, answered);
}

HANDLER (run_find)
{
    scheduler_t *self = context;
    const run_find_t *ask = asked;
    done_t *done = answered;
    return run_store_by_number (self->db, turn, ask->number, &done->id);
}

// A trial's commit is nobody's but this server's.
HANDLER (run_commit)
{
    scheduler_t *self = context;
    const run_commit_t *ask = asked;
    commit_at_t *answer = answered;
    run_row_t run;
    run_texts_t texts;
    bool is_trial;
    TRY (run_store_find (self->db, turn, ask->run, &run));
    TRY (trial_store_has (self->db, turn, ask->run, &is_trial));
    *answer = (commit_at_t){.sha = is_trial ? "" : run.run.sha, .ref = is_trial ? "" : run.run.ref};
    if (is_trial)
        return OK;
    TRY (run_store_texts (self->db, turn, ask->run, &texts));
    const value_t *payload = value_get (planner_json (turn->arena, texts.github), "event");
    payload_target_t at = payload_shown_at (turn->arena, run.run.event, payload);
    if (*at.sha)
        *answer = (commit_at_t){.sha = at.sha, .ref = at.ref};
    return OK;
}

fault_t cancel_run (scheduler_t *self, turn_t *turn, const char *id, bool hard)
{
    run_row_t run;
    TRY (run_store_find (self->db, turn, id, &run));
    if (run.run.state == run_finished && run.cancelled == CANCEL_NO)
        return turn_fail (turn, CONFLICT, "run %lld has ended", (long long) run.run.number);
    const char *reason = arena_printf (turn->arena, "cancelled by %s", create_actor (turn));
    return run_stop (self, turn, &run, hard ? CANCEL_HARD : CANCEL_SOFT, reason);
}

HANDLER (run_cancel)
{
    scheduler_t *self = context;
    const run_cancel_t *ask = asked;
    TRY (unit_write (self, turn));
    TRY (cancel_run (self, turn, ask->run, ask->hard));
    return show_run (self, turn, ask->run, answered);
}

HANDLER (run_rerun)
{
    scheduler_t *self = context;
    const run_rerun_t *ask = asked;
    variables_t variables;
    TRY (variables_of_runs (self, turn, &(strs_t){(const char *[]){ask->run}, 1}, &variables));
    TRY (unit_write (self, turn));
    TRY (hold_store_ask (self->db, turn, ask->run, ask->hold_minutes, create_actor (turn))); // Offers say it
    TRY (rerun (self, turn, ask, &variables));
    return show_run (self, turn, ask->run, answered);
}
