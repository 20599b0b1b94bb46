/* planner.c - see planner.h: a file, its jobs, a run of it. planner_calls.c has what it calls. */

#include "services/scheduler/run/planner.h"

#include "proto/limits.h"
#include "proto/strs.h"
#include "services/scheduler/base/labels.h"
#include "services/scheduler/run/planner_calls.h"
#include "services/scheduler/run/planner_inside.h"
#include "workflow/expression/text.h"
#include "workflow/plan/load.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define FINDINGS_SHOWN 20 // Of a bad file

// What a file or an expression made longer than messages carry is cut.
static const char *fitting (arena_t *arena, const char *text)
{
    size_t size = strlen (text);
    return size <= MAX_TEXT ? text : arena_strndup (arena, text, text_cut (text, size, MAX_TEXT));
}

const char *plan_errors (arena_t *arena, const findings_t *findings)
{
    const char *text = "";
    size_t shown = 0;
    for (size_t i = 0; i < findings->count && shown < FINDINGS_SHOWN; i++) {
        const finding_t *finding = &findings->items[i];
        if (finding->severity != SEVERITY_ERROR)
            continue;
        text = arena_printf (arena, "%s%s%s:%d:%d: %s", text, shown > 0 ? "\n" : "", finding->file,
                             finding->line, finding->column, finding->message);
        shown++;
    }
    return fitting (arena, text);
}

fault_t planner_read (turn_t *turn, const char *file, const char *bytes, size_t size, plan_t **out)
{
    findings_t findings;
    findings_init (&findings, turn->arena, file);
    *out = arena_alloc (turn->arena, sizeof (plan_t));
    (*out)->name = (*out)->title = "";
    fault_t fault = workflow_load (turn->arena, file, bytes, size, &findings, &(*out)->workflow);
    return fault ? turn_fail (turn, fault, "%s", plan_errors (turn->arena, &findings)) : OK;
}

const char *planner_name (arena_t *arena, const plan_t *self)
{
    return fitting (arena, self->workflow->name.text ? self->workflow->name.text : self->workflow->file);
}

const char *planner_file_name (const plan_t *self)
{
    return self->workflow->file;
}

bool planner_takes (const plan_t *self, const char *event)
{
    return workflow_event (self->workflow, event) != NULL;
}

bool planner_triggered (turn_t *turn, const plan_t *self, const planned_event_t *event, const char **reason)
{
    filter_event_t filter = {
        .name = event->name,
        .activity = event->activity,
        .ref = event->ref,
        .paths = event->paths,
        .path_count = event->path_count,
        .message = event->message,
        .workflow = event->workflow,
        .cron = event->cron,
        .timezone = event->timezone,
        .steps = event->steps,
    };
    return workflow_triggered (turn->arena, self->workflow, &filter, reason);
}

size_t planner_schedules (arena_t *arena, const plan_t *self, const planned_schedule_t **out)
{
    size_t count = self->workflow->schedule_count;
    planned_schedule_t *made = arena_array (arena, count + 1, sizeof *made);
    for (size_t i = 0; i < count; i++) {
        const schedule_t *line = &self->workflow->schedules[i];
        made[i].cron = line->cron.text ? line->cron.text : "";
        made[i].timezone = line->timezone.text ? line->timezone.text : "";
    }
    *out = made;
    return count;
}

// Does its condition ask for always() or cancelled()?
static bool runs_when_cancelled (arena_t *arena, const job_t *job)
{
    expression_ref_t *refs = NULL;
    size_t count = 0;
    if (job->condition.expression)
        expression_refs (job->condition.expression, arena, &refs, &count);
    for (size_t i = 0; i < count; i++)
        if (refs[i].function &&
            (strcasecmp (refs[i].function, "always") == 0 || strcasecmp (refs[i].function, "cancelled") == 0))
            return true;
    return false;
}

static const char *needs_of (arena_t *arena, const job_t *job)
{
    strs_t needs = {arena_array (arena, job->needs.count + 1, sizeof (char *)), job->needs.count};
    for (size_t i = 0; i < needs.count; i++)
        needs.items[i] = job->needs.items[i].text;
    return strs_join (arena, &needs);
}

// "caller / job", as GitHub shows it.
static const char *full_name (arena_t *arena, const plan_t *self, const char *name)
{
    return fitting (arena, *self->title ? arena_printf (arena, "%s / %s", self->title, name) : name);
}

size_t planner_jobs (arena_t *arena, const plan_t *self, const planned_job_t **out)
{
    size_t count = self->workflow->job_count;
    planned_job_t *made = arena_array (arena, count + 1, sizeof *made);
    for (size_t i = 0; i < count; i++) {
        const job_t *job = &self->workflow->jobs[i];
        bool constant = job->name.text && !job->name.expression;
        made[i] = (planned_job_t){
            .key = job->key.text,
            .name = full_name (arena, self, constant ? job->name.text : job->key.text),
            .needs = needs_of (arena, job),
            .runs_when_cancelled = runs_when_cancelled (arena, job),
            .calls = job->uses.text != NULL,
        };
    }
    *out = made;
    return count;
}

static group_t group_of (arena_t *arena, const plan_concurrency_t *from)
{
    char *name = arena_strdup (arena, from->group ? from->group : "");
    for (char *at = name; *at; at++)
        *at = (char) tolower ((unsigned char) *at);
    return (group_t){name, from->cancel_in_progress, from->queue_all};
}

fault_t planner_dispatch (turn_t *turn, const plan_t *self, const value_t *given, const value_t **out)
{
    plan_context_t context = {0};
    findings_t findings;
    findings_init (&findings, turn->arena, self->workflow->file);
    fault_t fault = plan_inputs (turn->arena, &self->workflow->dispatch, given, &context, &findings, out);
    return fault ? turn_fail (turn, fault, "%s", plan_errors (turn->arena, &findings)) : OK;
}

fault_t planner_run (turn_t *turn, plan_t *self, const value_t *github, const value_t *vars,
                     const value_t *inputs, planned_run_t *out)
{
    plan_context_t context = {.github = github, .vars = vars, .inputs = inputs};
    plan_run_t run = {0};
    findings_t findings;
    findings_init (&findings, turn->arena, self->workflow->file);
    fault_t fault = plan_run (turn->arena, self->workflow, &context, &findings, &run);
    if (fault)
        return turn_fail (turn, fault, "%s", plan_errors (turn->arena, &findings));
    *out = (planned_run_t){
        .title = run.run_name ? fitting (turn->arena, run.run_name) : "",
        .group = group_of (turn->arena, &run.concurrency),
        .inputs = run.inputs ? run.inputs : value_object (turn->arena),
    };
    planner_resume (self, github, vars, out->inputs);
    return OK;
}

static const char *const *texts_of (arena_t *arena, const value_t *list, size_t *count)
{
    *count = list && list->kind == VALUE_ARRAY ? list->list.count : 0;
    const char **texts = arena_array (arena, *count + 1, sizeof *texts);
    for (size_t i = 0; i < *count; i++)
        texts[i] = value_to_text (arena, list->list.items[i]);
    return texts;
}

fault_t planner_select (turn_t *turn, plan_t *self, const char *selection)
{
    findings_t findings;
    if (!*selection)
        return OK;
    const value_t *json = planner_json (turn->arena, selection), *no_needs = value_get (json, "no_needs");
    selection_t *made = arena_alloc (turn->arena, sizeof *made);
    made->no_needs = no_needs && value_truthy (no_needs);
    made->jobs = texts_of (turn->arena, value_get (json, "jobs"), &made->job_count);
    made->cells = texts_of (turn->arena, value_get (json, "matrix"), &made->cell_count);
    findings_init (&findings, turn->arena, self->workflow->file);
    fault_t fault = select_jobs (turn->arena, self->workflow, made, &findings, &self->workflow);
    self->selection = made;
    return fault ? turn_fail (turn, fault, "%s", plan_errors (turn->arena, &findings)) : OK;
}

void planner_resume (plan_t *self, const value_t *github, const value_t *vars, const value_t *inputs)
{
    self->github = github;
    self->vars = vars;
    self->inputs = inputs;
}

static const char *labels_for (arena_t *arena, const plan_cell_t *cell)
{
    const char **labels = arena_array (arena, cell->label_count + 1, sizeof *labels);
    for (size_t i = 0; i < cell->label_count; i++)
        labels[i] = cell->labels[i];
    if (cell->group) // An agent of a group offers it as a label
        labels[cell->label_count] = arena_printf (arena, "group:%s", cell->group);
    return labels_of (arena, labels, cell->label_count + (cell->group ? 1 : 0));
}

static const planned_cell_t *cells_of (arena_t *arena, const plan_t *self, const plan_expansion_t *plan,
                                       bool calls)
{
    planned_cell_t *made = arena_array (arena, plan->cell_count + 1, sizeof *made);
    const value_t *permissions = calls ? planner_permissions (arena, plan->definition) : value_null ();
    for (size_t i = 0; i < plan->cell_count; i++) {
        const plan_cell_t *cell = &plan->cells[i];
        made[i] = (planned_cell_t){
            .name = full_name (arena, self, cell->name),
            .labels = labels_for (arena, cell),
            .matrix = value_to_json (arena, cell->matrix, 0),
            .strategy = value_to_json (arena, cell->strategy, 0),
            .timeout_minutes = cell->timeout_minutes,
            .cancel_minutes = cell->cancel_minutes,
            .continue_on_error = cell->continue_on_error,
            .group = group_of (arena, &cell->concurrency),
            .environment = cell->environment ? cell->environment : "",
            .with = cell->with,
            .secrets = cell->secrets,
            .permissions = permissions,
        };
    }
    return made;
}

void planner_expand (turn_t *turn, const plan_t *self, const char *key, const value_t *finished,
                     bool cancelled, size_t *bytes, planned_expansion_t *out)
{
    const job_t *job = workflow_job (self->workflow, key);
    plan_expansion_t plan = {0};
    plan_context_t context = {.github = self->github,
                              .vars = self->vars,
                              .inputs = self->inputs,
                              .secrets = self->secrets,
                              .permissions = self->permissions,
                              .jobs = finished,
                              .cancelled = cancelled,
                              .bytes = bytes,
                              .selection = self->selection};
    findings_t findings;
    findings_init (&findings, turn->arena, self->workflow->file);
    *out = (planned_expansion_t){0};
    if (!job)
        out->wrong = "the workflow has no such job";
    else if (plan_expand (turn->arena, self->workflow, job, &context, &findings, &plan) != OK)
        out->wrong = plan_errors (turn->arena, &findings);
    if (out->wrong)
        return;
    *out = (planned_expansion_t){
        .location =
            arena_printf (turn->arena, "%s:%d:%d", self->workflow->file, job->key.line, job->key.column),
        .runs = plan.runs && plan.cell_count > 0,
        .reason = plan.runs     ? "its matrix is empty"
                  : plan.reason ? plan.reason
                                : "",
        .fail_fast = plan.fail_fast,
        .max_parallel = plan.max_parallel,
        .cells = cells_of (turn->arena, self, &plan, job->uses.text != NULL),
        .cell_count = plan.cell_count,
        .definition = plan.definition,
        .needs = value_to_json (turn->arena, plan_needs (turn->arena, job, finished), 0),
        .calls = job->uses.text ? call_name (turn->arena, self->name, job->uses.text) : NULL,
    };
}

const value_t *planner_outcome (arena_t *arena, const value_t *const *cells, size_t count)
{
    return plan_outcome (arena, cells, count);
}

const value_t *planner_json (arena_t *arena, const char *text)
{
    const value_t *value = NULL;
    const char *error;
    fault_t fault = value_from_json (arena, text, strlen (text), &value, &error);
    return fault ? value_null () : value;
}
