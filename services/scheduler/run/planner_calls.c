/* planner_calls.c - see planner_calls.h. */

#include "services/scheduler/run/planner_calls.h"

#include "proto/strs.h"
#include "services/scheduler/run/planner_inside.h"

#include <string.h>

_Static_assert(PLANNED_FILES == CALL_FILES, "both rooms mean the same bound");

typedef struct {
    turn_t *turn;
    planned_files_t *there;
    planned_files_t *called;
} linker_t;

plan_t *planner_copy (arena_t *arena, const plan_t *self, const char *name)
{
    plan_t *copy = arena_copy (arena, self, sizeof *self);
    copy->name = name;
    return copy;
}

const char *planner_path (const planned_file_t *file)
{
    return strncmp (file->name, "./", 2) == 0 ? file->name + 2 : file->name;
}

fault_t planner_file (turn_t *turn, planned_file_t *file, const plan_t **out)
{
    if (!file->plan && !file->wrong) {
        if (planner_read (turn, planner_path (file), file->text, file->size, &file->plan) == OK)
            file->plan->name = file->name;
        else {
            file->plan = NULL;
            file->wrong = turn->detail ? turn->detail : "it cannot be read";
            turn->detail = NULL;
        }
    }
    *out = file->plan;
    return file->plan ? OK : turn_fail (turn, INVALID, "%s", file->wrong);
}

static planned_file_t *find_there (planned_files_t *there, const char *name)
{
    for (size_t i = 0; i < there->count; i++)
        if (strcmp (there->items[i].name, name) == 0)
            return &there->items[i];
    return NULL;
}

const planned_repository_t *planner_repository (arena_t *arena, const planned_files_t *there,
                                                const char *name)
{
    const char *repository, *ref;
    if (!call_repository (arena, name, &repository, &ref))
        return NULL;
    const char *key = arena_printf (arena, "%s@%s", repository, ref);
    for (size_t i = 0; i < there->repository_count; i++)
        if (strcmp (there->repositories[i].key, key) == 0)
            return &there->repositories[i];
    return NULL;
}

static const char *why_missing (const linker_t *self, const char *name)
{
    const planned_repository_t *repository = planner_repository (self->turn->arena, self->there, name);
    const char *owner, *ref;
    if (repository)
        return repository->reason;
    if (call_repository (self->turn->arena, name, &owner, &ref))
        return arena_printf (self->turn->arena,
                             "the workflows of one event call files of at most %d other repositories",
                             PLANNED_REPOSITORIES);
    return strncmp (name, "./", 2) == 0
               ? "there is no such file at this commit"
               : "write owner/repo/.github/workflows/FILE@ref, ./.github/workflows/FILE or $/.github/workflows/FILE";
}

static const workflow_t *find_called (void *self_, const char *name, const char **reason)
{
    linker_t *self = self_;
    planned_file_t *file = find_there (self->there, name);
    const plan_t *plan;
    if (!file) {
        *reason = why_missing (self, name);
        return NULL;
    }
    if (planner_file (self->turn, file, &plan) != OK) {
        *reason = self->turn->detail;
        self->turn->detail = NULL;
        return NULL;
    }
    self->called->items[self->called->count++] = *file;
    return plan->workflow;
}

fault_t planner_link (turn_t *turn, const plan_t *self, planned_files_t *there, planned_files_t *out)
{
    linker_t linker = {turn, there, out};
    const call_finder_t finder = {&linker, find_called};
    findings_t findings;
    findings_init (&findings, turn->arena, self->workflow->file);
    *out = (planned_files_t){.items = arena_array (turn->arena, CALL_FILES, sizeof (planned_file_t))};
    fault_t fault = calls_check (turn->arena, self->workflow, &finder, &findings);
    return fault ? turn_fail (turn, fault, "%s", plan_errors (turn->arena, &findings)) : OK;
}

// ---- how many jobs ----

typedef struct {
    turn_t *turn;
    planned_files_t *called;
    size_t *counts; // Of each called file; 0 where it was not counted yet
} counter_t;

static size_t count_jobs (counter_t *self, const plan_t *plan);

// Each file is counted once, so that the walk is as long as the files are many. Its depth is that of calls_check, at most CALL_DEPTH.
static size_t count_called (counter_t *self, const char *name)
{
    planned_file_t *file = find_there (self->called, name);
    const plan_t *plan;
    if (!file || planner_file (self->turn, file, &plan) != OK)
        return 0;
    size_t *count = &self->counts[file - self->called->items];
    if (*count == 0)
        *count = count_jobs (self, plan);
    return *count;
}

static size_t count_jobs (counter_t *self, const plan_t *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->workflow->job_count; i++) {
        const job_t *job = &plan->workflow->jobs[i];
        count += 1;
        if (job->uses.text)
            count += count_called (self, call_name (self->turn->arena, plan->name, job->uses.text));
        if (count > PLANNED_MANY)
            return PLANNED_MANY;
    }
    return count;
}

size_t planner_count (turn_t *turn, const plan_t *self, planned_files_t *called)
{
    counter_t counter = {turn, called, arena_array (turn->arena, called->count + 1, sizeof (size_t))};
    return count_jobs (&counter, self);
}

// ---- what a call sees ----

const value_t *planner_permissions (arena_t *arena, const char *definition)
{
    // A job that does not run has no definition
    const value_t *said = definition && *definition ? planner_json (arena, definition) : NULL;
    const value_t *permissions = said ? value_get (said, "permissions") : NULL;
    return permissions ? permissions : value_null ();
}

plan_t *planner_call_again (turn_t *turn, const plan_t *root, const plan_t *file, const char *title,
                            const value_t *inputs, const planned_call_t *call)
{
    plan_t *plan = arena_alloc (turn->arena, sizeof *plan);
    *plan = *file;
    plan->title = title;
    plan->secrets = call->secrets;
    plan->permissions = call->permissions;
    planner_resume (plan, root->github, root->vars, inputs);
    return plan;
}

fault_t planner_call (turn_t *turn, const plan_t *caller, const plan_t *file, const char *title,
                      const value_t *given, const planned_call_t *call, plan_t **out)
{
    plan_context_t context = {.github = caller->github, .vars = caller->vars};
    findings_t findings;
    findings_init (&findings, turn->arena, file->name);
    *out = planner_call_again (turn, caller, file, title, NULL, call);
    fault_t fault =
        plan_inputs (turn->arena, &file->workflow->call, given, &context, &findings, &(*out)->inputs);
    return fault ? turn_fail (turn, fault, "%s", plan_errors (turn->arena, &findings)) : OK;
}

const value_t *planner_inputs (const plan_t *self)
{
    return self->inputs;
}

const value_t *planner_secrets (const plan_t *self)
{
    return self->secrets;
}

fault_t planner_outputs (turn_t *turn, const plan_t *self, const value_t *finished, const value_t **out)
{
    plan_context_t context = {
        .github = self->github, .vars = self->vars, .inputs = self->inputs, .jobs = finished};
    findings_t findings;
    findings_init (&findings, turn->arena, self->name);
    fault_t fault = call_outputs (turn->arena, self->workflow, &context, &findings, out);
    return fault ? turn_fail (turn, fault, "%s", plan_errors (turn->arena, &findings)) : OK;
}

// ---- files of other repositories ----

typedef struct {
    turn_t *turn;
    planned_files_t *there;
    const planned_repository_t *wanted;  // NULL: one that was not asked for
    const plan_t *plans[CALL_FILES + 1]; // Seen; the run's own first
    size_t count;
    const char *repository, *ref; // Found
} search_t;

static bool is_known (const search_t *self, const char *name)
{
    for (size_t i = 0; i < self->count; i++)
        if (strcmp (self->plans[i]->name, name) == 0)
            return true;
    return false;
}

static void look_at (search_t *self, const char *name)
{
    const char *repository, *ref;
    if (is_known (self, name))
        return;
    if (call_repository (self->turn->arena, name, &repository, &ref) &&
        planner_repository (self->turn->arena, self->there, name) == self->wanted) {
        self->repository = repository;
        self->ref = ref;
        return;
    }
    planned_file_t *file = find_there (self->there, name);
    const plan_t *plan; // Errors are reported when it is linked
    if (file && self->count <= CALL_FILES && planner_file (self->turn, file, &plan) == OK)
        self->plans[self->count++] = plan;
}

// Through the files that it calls, each once.
static bool search (search_t *self)
{
    for (size_t i = 0; i < self->count && !self->repository; i++) {
        const workflow_t *workflow = self->plans[i]->workflow;
        for (size_t j = 0; j < workflow->job_count && !self->repository; j++)
            if (workflow->jobs[j].uses.text)
                look_at (self,
                         call_name (self->turn->arena, self->plans[i]->name, workflow->jobs[j].uses.text));
    }
    self->turn->detail = NULL;
    return self->repository != NULL;
}

bool planner_missing (turn_t *turn, const plan_t *self, planned_files_t *there, const char **repository,
                      const char **ref)
{
    search_t missing = {.turn = turn, .there = there, .plans = {self}, .count = 1};
    bool found = search (&missing);
    *repository = missing.repository;
    *ref = missing.ref;
    return found;
}

bool planner_calls_repository (turn_t *turn, const plan_t *self, planned_files_t *there,
                               const planned_repository_t *repository)
{
    return search (
        &(search_t){.turn = turn, .there = there, .wanted = repository, .plans = {self}, .count = 1});
}
