/* plan_cache.c - see plan_cache.h. */

#include "services/scheduler/run/plan_cache.h"

#include "services/scheduler/run/variables.h"
#include "services/scheduler/store/call_store.h"

static run_plans_t *plans_new (arena_t *arena, const char *run, uint32_t attempt)
{
    run_plans_t *plans = arena_alloc (arena, sizeof *plans);
    plans->arena = arena;
    plans->run = arena_strdup (arena, run);
    plans->attempt = attempt;
    index_init (&plans->calls, arena);
    return plans;
}

run_plans_t *run_plans_new (turn_t *turn, plan_t *own, const planned_files_t *files, const run_texts_t *texts)
{
    run_plans_t *plans = plans_new (turn->arena, "", 1);
    plans->own = own;
    plans->files = *files;
    plans->github_size = strlen (texts->github);
    plans->vars_size = strlen (texts->vars);
    return plans;
}

// The turn with memory that outlives it. Errors go to the turn itself.
static turn_t kept_turn (const turn_t *turn, arena_t *arena)
{
    turn_t kept = *turn;
    kept.arena = arena;
    return kept;
}

static fault_t pass_on (turn_t *turn, const turn_t *kept, fault_t fault)
{
    return fault ? turn_fail (turn, fault, "%s", kept->detail ? kept->detail : fault_text (fault)) : OK;
}

static fault_t read_own (scheduler_t *self, turn_t *turn, run_plans_t *plans, const run_t *run)
{
    run_texts_t texts;
    turn_t kept = kept_turn (turn, plans->arena);
    TRY (run_store_texts (self->db, &kept, run->id, &texts));
    texts.vars = variables_stored (self, texts.vars);
    plans->github_size = strlen (texts.github);
    plans->vars_size = strlen (texts.vars);
    fault_t fault = planner_read (&kept, run->workflow, texts.source, strlen (texts.source), &plans->own);
    if (fault == INVALID) {
        plans->own = NULL;
        plans->wrong = kept.detail;
        return OK;
    }
    if (fault == OK)
        fault = planner_select (&kept, plans->own, texts.selection);
    TRY (pass_on (turn, &kept, fault));
    const char *github = arena_printf (turn->arena, "{\"run_attempt\":\"%u\"%s%s", run->attempt,
                                       texts.github[1] == '}' ? "" : ",", texts.github + 1);
    planner_resume (plans->own, planner_json (plans->arena, github), planner_json (plans->arena, texts.vars),
                    planner_json (plans->arena, texts.inputs));
    return OK;
}

// ---- keeping ----

static void drop (run_plans_t **at)
{
    run_plans_t *plans = *at;
    *at = plans->next;
    arena_t *arena = plans->arena;
    arena_destroy (&arena);
}

void plan_cache_clear (scheduler_t *self)
{
    while (self->plans)
        drop (&self->plans);
}

static void keep (scheduler_t *self, run_plans_t *plans)
{
    plans->next = self->plans;
    self->plans = plans;
    size_t count = 0, bytes = 0;
    for (run_plans_t **at = &self->plans; *at;) {
        bytes += arena_used ((*at)->arena);
        if (*at != plans && (++count >= PLANS_MAX || bytes > PLANS_BYTES))
            drop (at);
        else
            at = &(*at)->next;
    }
}

fault_t plan_cache_take (scheduler_t *self, turn_t *turn, const run_t *run, run_plans_t **out)
{
    for (run_plans_t **at = &self->plans; *at; at = &(*at)->next)
        if (same ((*at)->run, run->id) && (*at)->attempt == run->attempt) {
            *out = *at;
            *at = (*out)->next;
            keep (self, *out);
            return OK;
        }
    arena_t *arena = arena_new ();
    *out = plans_new (arena, run->id, run->attempt);
    fault_t fault = read_own (self, turn, *out, run);
    if (fault)
        arena_destroy (&arena);
    else
        keep (self, *out);
    return fault;
}

// ---- files and calls ----

static fault_t add_file (scheduler_t *self, turn_t *kept, run_plans_t *plans, const char *name)
{
    planned_files_t *files = &plans->files;
    if (!files->items)
        files->items = arena_array (plans->arena, PLANNED_FILES + 1, sizeof *files->items);
    if (files->count > PLANNED_FILES)
        return turn_fail (kept, BROKEN, "the run has more files than %d", PLANNED_FILES);
    planned_file_t *file = &files->items[files->count];
    *file = (planned_file_t){.name = arena_strdup (plans->arena, name)};
    TRY (call_store_file (self->db, kept, plans->run, name, &file->text));
    file->size = strlen (file->text);
    files->count++;
    return OK;
}

fault_t run_plans_file (scheduler_t *self, turn_t *turn, run_plans_t *plans, const char *name,
                        const plan_t **out)
{
    turn_t kept = kept_turn (turn, plans->arena);
    size_t at = 0;
    while (at < plans->files.count && !same (plans->files.items[at].name, name))
        at++;
    if (at == plans->files.count)
        TRY (pass_on (turn, &kept, add_file (self, &kept, plans, name)));
    return pass_on (turn, &kept, planner_file (&kept, &plans->files.items[at], out));
}

static void remember (run_plans_t *plans, const char *job, plan_t *plan)
{
    size_t at = index_find (&plans->calls, job);
    if (at == INDEX_NONE) {
        plans->called = arena_grow (plans->arena, plans->called, plans->called_count, &plans->called_capacity,
                                    sizeof *plans->called);
        at = plans->called_count++;
        index_put (&plans->calls, arena_strdup (plans->arena, job), at);
    }
    plans->called[at] = plan;
}

fault_t run_plans_call (scheduler_t *self, turn_t *turn, run_plans_t *plans, const plan_t *caller,
                        const char *name, const char *job, const char *title, const planned_cell_t *given,
                        const plan_t **out)
{
    const plan_t *file;
    plan_t *plan = NULL;
    turn_t kept = kept_turn (turn, plans->arena);
    TRY (run_plans_file (self, turn, plans, name, &file));
    // What is given lives in the turn: what is kept is made of its JSON
    const char *with = given->with ? value_to_json (plans->arena, given->with, 0) : "{}";
    const char *secrets = given->secrets ? value_to_json (plans->arena, given->secrets, 0) : "{}";
    const planned_call_t call = {
        .secrets = planner_json (plans->arena, secrets),
        .permissions = planner_json (plans->arena, value_to_json (plans->arena, given->permissions, 0))};
    TRY (pass_on (turn, &kept,
                  planner_call (&kept, caller, file, arena_strdup (plans->arena, title),
                                planner_json (plans->arena, with), &call, &plan)));
    remember (plans, job, plan);
    *out = plan;
    return OK;
}

fault_t run_plans_called (scheduler_t *self, turn_t *turn, run_plans_t *plans, const char *job,
                          const char *title, const plan_t **out)
{
    size_t at = index_find (&plans->calls, job);
    if (at != INDEX_NONE) {
        *out = plans->called[at];
        return OK;
    }
    run_call_t call;
    const plan_t *file;
    turn_t kept = kept_turn (turn, plans->arena);
    if (!plans->own)
        return turn_fail (turn, INVALID, "%s", plans->wrong);
    TRY (call_store_find (self->db, turn, job, &call));
    TRY (run_plans_file (self, turn, plans, call.file, &file));
    const planned_call_t given = {.secrets = planner_json (plans->arena, call.secrets),
                                  .permissions = planner_permissions (plans->arena, call.definition)};
    plan_t *plan = planner_call_again (&kept, plans->own, file, arena_strdup (plans->arena, title),
                                       planner_json (plans->arena, call.inputs), &given);
    remember (plans, job, plan);
    *out = plan;
    return OK;
}
