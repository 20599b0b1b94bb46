/* planner_calls.c - see planner.h: workflows that a run calls. */

#include "services/scheduler/labels.h"
#include "services/scheduler/planner_inside.h"

#include <string.h>

typedef struct {
    turn_t *turn;
    const planned_files_t *there;
    planned_files_t *called;
} linker_t;

static const workflow_t *find_called (void *self_, const char *name, const char **why)
{
    linker_t *self = self_;
    const planned_files_t *there = self->there;
    plan_t *plan;
    for (size_t i = 0; i < there->count; i++) {
        const planned_file_t *file = &there->items[i];
        if (strcmp (file->name, name) != 0)
            continue;
        if (planner_read (self->turn, name, file->text, file->size, &plan) != OK) {
            *why = self->turn->detail;
            self->turn->detail = NULL;
            return NULL;
        }
        self->called->items[self->called->count++] = *file;
        return plan->workflow;
    }
    *why = strncmp (name, "./", 2) == 0 ? "there is no such file at this commit"
                                        : "no project here is that repository, or it has no such file there";
    return NULL;
}

fault_t planner_link (turn_t *turn, const plan_t *self, const planned_files_t *there, planned_files_t *out)
{
    linker_t linker = {turn, there, out};
    const call_finder_t finder = {&linker, find_called};
    findings_t findings;
    findings_init (&findings, turn->arena, self->workflow->file);
    *out = (planned_files_t){arena_array (turn->arena, CALL_FILES, sizeof (planned_file_t)), 0};
    fault_t fault = calls_check (turn->arena, self->workflow, &finder, &findings);
    return fault ? turn_fail (turn, fault, "%s", plan_tell (turn->arena, &findings)) : OK;
}

fault_t planner_call_again (turn_t *turn, const planned_file_t *file, const char *title,
                            const value_t *github, const value_t *inputs, plan_t **out)
{
    fault_t fault = planner_read (turn, file->name, file->text, file->size, out);
    if (fault)
        return fault;
    (*out)->name = file->name;
    (*out)->title = title;
    planner_resume (*out, github, inputs);
    return OK;
}

fault_t planner_call (turn_t *turn, const plan_t *caller, const planned_file_t *file, const char *title,
                      const value_t *given, plan_t **out)
{
    plan_context_t context = {.github = caller->github};
    findings_t findings;
    findings_init (&findings, turn->arena, file->name);
    fault_t fault = planner_call_again (turn, file, title, caller->github, NULL, out);
    if (fault)
        return fault;
    fault = plan_inputs (turn->arena, &(*out)->workflow->call, given, &context, &findings, &(*out)->inputs);
    return fault ? turn_fail (turn, fault, "%s", plan_tell (turn->arena, &findings)) : OK;
}

const value_t *planner_inputs (const plan_t *self)
{
    return self->inputs;
}

fault_t planner_outputs (turn_t *turn, const plan_t *self, const value_t *finished, const value_t **out)
{
    plan_context_t context = {.github = self->github, .inputs = self->inputs, .jobs = finished};
    findings_t findings;
    findings_init (&findings, turn->arena, self->name);
    fault_t fault = call_outputs (turn->arena, self->workflow, &context, &findings, out);
    return fault ? turn_fail (turn, fault, "%s", plan_tell (turn->arena, &findings)) : OK;
}

// ---- files of other repositories ----

typedef struct {
    turn_t *turn;
    const planned_files_t *there;
    const strs_t *tried;
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

static const planned_file_t *find_there (const search_t *self, const char *name)
{
    for (size_t i = 0; i < self->there->count; i++)
        if (strcmp (self->there->items[i].name, name) == 0)
            return &self->there->items[i];
    return NULL;
}

static void look_at (search_t *self, const char *name)
{
    const planned_file_t *file = is_known (self, name) ? NULL : find_there (self, name);
    plan_t *plan;
    if (file && self->count <= CALL_FILES &&
        planner_call_again (self->turn, file, "", NULL, NULL, &plan) ==
            OK) // What is wrong is told when it is linked
        self->plans[self->count++] = plan;
    if (file || is_known (self, name))
        return;
    const char *repository, *ref;
    if (!call_repository (self->turn->arena, name, &repository, &ref))
        return;
    const char *key = arena_printf (self->turn->arena, "%s@%s", repository, ref);
    for (size_t i = 0; i < self->tried->count; i++)
        if (strcmp (self->tried->items[i], key) == 0)
            return;
    self->repository = repository;
    self->ref = ref;
}

bool planner_missing (turn_t *turn, const plan_t *self, const planned_files_t *there, const strs_t *tried,
                      const char **repository, const char **ref)
{
    search_t search = {.turn = turn, .there = there, .tried = tried, .plans = {self}, .count = 1};
    for (size_t i = 0; i < search.count && !search.repository; i++) {
        const workflow_t *workflow = search.plans[i]->workflow;
        for (size_t j = 0; j < workflow->job_count && !search.repository; j++)
            if (workflow->jobs[j].uses.text)
                look_at (&search,
                         call_name (turn->arena, search.plans[i]->name, workflow->jobs[j].uses.text));
    }
    turn->detail = NULL;
    *repository = search.repository;
    *ref = search.ref;
    return search.repository != NULL;
}
