/* load_check.c - the rules of a workflow that span keys: needs, cycles, steps, filters that exclude each other. */

#include "common/base/nearest.h"
#include "workflow/plan/load.h"
#include "workflow/plan/matrix.h"
#include "workflow/schema/schema.h"

#include <string.h>
#include <strings.h>

#define DISPATCH_INPUTS 25 // As GitHub has it

typedef struct {
    arena_t *arena;
    const workflow_t *workflow;
    findings_t *findings;
    char *state; // Of each job: 0 not seen, 1 on the way down, 2 done
    size_t *way; // Jobs on the way down
    size_t depth;
} checker_t;

#define COMPLAIN(self, at, rule, ...) \
    findings_add ((self)->findings, (at)->line, (at)->column, SEVERITY_ERROR, rule, __VA_ARGS__)

static void check_need (checker_t *self, const job_t *job, const text_t *need)
{
    if (strcasecmp (need->text, job->key.text) == 0)
        return; // A cycle of one, named as such
    if (workflow_job (self->workflow, need->text))
        return;
    nearest_t nearest;
    nearest_begin (&nearest, need->text);
    for (size_t i = 0; i < self->workflow->job_count; i++)
        if (&self->workflow->jobs[i] != job)
            nearest_offer (&nearest, self->workflow->jobs[i].key.text);
    if (nearest.best)
        COMPLAIN (self, need, "needs",
                  "job \"%s\" needs \"%s\", which is not a job of this file; did you mean \"%s\"?",
                  job->key.text, need->text, nearest.best);
    else
        COMPLAIN (self, need, "needs", "job \"%s\" needs \"%s\", which is not a job of this file",
                  job->key.text, need->text);
}

static void check_needs (checker_t *self, const job_t *job)
{
    if (job->needs.count > JOB_NEEDS) {
        COMPLAIN (self, &job->needs.items[JOB_NEEDS], "schema", "job \"%s\" needs %zu jobs; at most %d",
                  job->key.text, job->needs.count, JOB_NEEDS);
        return;
    }
    for (size_t i = 0; i < job->needs.count; i++)
        check_need (self, job, &job->needs.items[i]);
}

static void report_cycle (checker_t *self, size_t from, const text_t *need)
{
    const job_t *jobs = self->workflow->jobs;
    const char *names = "";
    for (size_t i = from; i < self->depth; i++)
        names = arena_printf (self->arena, "%s%s -> ", names, jobs[self->way[i]].key.text);
    COMPLAIN (self, need, "needs", "jobs need each other in a circle: %s%s", names,
              jobs[self->way[from]].key.text);
}

// Depth first. `way` is its stack and `next` is which need of each job on it comes next: no recursion, as a file
// may have thousands of jobs in a row.
static void walk_from (checker_t *self, size_t start, size_t *next)
{
    const job_t *jobs = self->workflow->jobs;
    self->way[0] = start;
    self->depth = 1;
    self->state[start] = 1;
    while (self->depth > 0) {
        size_t at = self->way[self->depth - 1];
        if (next[at] == jobs[at].needs.count) {
            self->state[at] = 2;
            self->depth--;
            continue;
        }
        const text_t *need = &jobs[at].needs.items[next[at]++];
        size_t to = jobs[at].needed[need - jobs[at].needs.items];
        if (to == JOB_NONE)
            continue;
        if (self->state[to] == 0) {
            self->state[to] = 1;
            self->way[self->depth++] = to;
        } else if (self->state[to] == 1) {
            size_t from = self->depth - 1;
            while (self->way[from] != to)
                from--;
            report_cycle (self, from, need);
        }
    }
}

static void check_cycles (checker_t *self)
{
    size_t count = self->workflow->job_count;
    self->state = arena_array (self->arena, count, 1);
    self->way = arena_array (self->arena, count, sizeof (size_t));
    size_t *next = arena_array (self->arena, count, sizeof (size_t));
    for (size_t i = 0; i < count; i++)
        if (self->state[i] == 0)
            walk_from (self, i, next);
}

// GitHub starts such a job, and it succeeds: only lint objects.
static void check_steps (checker_t *self, const job_t *job)
{
    severity_t severity = self->findings->strict ? SEVERITY_ERROR : SEVERITY_WARNING;
    const node_t *node = job->node;
    if (node->kind != NODE_MAP || job->uses.text)
        return;
    const node_t *steps = node_get (node, "steps");
    if (!steps && !schema_misspells (&schema_job, node, "steps"))
        findings_add (self->findings, job->key.line, job->key.column, severity, "schema",
                      "job \"%s\" has neither \"steps\" nor \"uses\"", job->key.text);
    else if (steps && steps->kind == NODE_LIST && steps->count == 0)
        findings_add (self->findings, steps->line, steps->column, severity, "schema",
                      "job \"%s\" has no steps", job->key.text);
}

// A matrix without expressions is as it will be: report now what would be reported when the job is due.
static void check_matrix (checker_t *self, const job_t *job)
{
    const node_t *node = job->strategy.matrix;
    if (!node || node->kind != NODE_MAP || !node_is_constant (node))
        return;
    for (size_t i = 0; i < node->count; i++)
        if (node->items[i]->kind != NODE_LIST)
            return; // The schema check has reported it
    plan_context_t context = {0};
    plan_scope_t scope = {.arena = self->arena, .findings = self->findings, .context = &context};
    matrix_t matrix;
    fault_t fault = matrix_expand (&scope, node, plan_node (&scope, node), &matrix);
    (void) fault; // Its findings are among ours
}

static void check_defaults (checker_t *self, const job_t *job)
{
    const node_t *run = node_get (node_get (job->node, "defaults"), "run");
    if (run && run->template)
        findings_add (
            self->findings, run->line, run->column, SEVERITY_ERROR, "schema",
            "\"defaults.run\" must be a map; its \"shell\" and \"working-directory\" may be expressions");
}

static void check_concurrency (checker_t *self, const concurrency_t *concurrency)
{
    const text_t *queue = &concurrency->queue, *cancel = &concurrency->cancel_in_progress;
    if (queue->text && cancel->text && strcmp (queue->text, "max") == 0 && strcmp (cancel->text, "true") == 0)
        COMPLAIN (self, queue, "schema",
                  "\"queue: max\" and \"cancel-in-progress: true\" exclude each other");
}

// `with` and `without` are the same filter and its -ignore form.
static void check_filters (checker_t *self, const event_t *event, const char *name, const texts_t *with,
                           const texts_t *without)
{
    if (with->count && without->count)
        COMPLAIN (self, &without->items[0], "filters",
                  "event \"%s\" has both \"%s\" and \"%s-ignore\"; use \"%s\" with \"!\" patterns",
                  event->name.text, name, name, name);
}

static void check_inputs (checker_t *self)
{
    const interface_t *dispatch = &self->workflow->dispatch;
    if (dispatch->input_count > DISPATCH_INPUTS)
        COMPLAIN (self, &dispatch->inputs[DISPATCH_INPUTS].name, "schema",
                  "workflow_dispatch has %zu inputs; at most %d", dispatch->input_count, DISPATCH_INPUTS);
    for (size_t i = 0; i < dispatch->input_count; i++) {
        const input_t *input = &dispatch->inputs[i];
        bool choice = input->type.text && strcmp (input->type.text, "choice") == 0;
        severity_t severity = self->findings->strict ? SEVERITY_ERROR : SEVERITY_WARNING; // It still starts
        if (choice && input->options.count == 0)
            findings_add (self->findings, input->type.line, input->type.column, severity, "schema",
                          "input \"%s\" is a choice and needs \"options\"", input->name.text);
        else if (!choice && input->options.count > 0)
            findings_add (self->findings, input->type.line, input->type.column, severity, "schema",
                          "input \"%s\" has \"options\", which only one of \"type: choice\" has",
                          input->name.text);
    }
}

static void check_events (checker_t *self)
{
    for (size_t i = 0; i < self->workflow->event_count; i++) {
        const event_t *event = &self->workflow->events[i];
        check_filters (self, event, "branches", &event->branches, &event->branches_ignore);
        check_filters (self, event, "tags", &event->tags, &event->tags_ignore);
        check_filters (self, event, "paths", &event->paths, &event->paths_ignore);
    }
}

void check_workflow (arena_t *arena, const workflow_t *workflow, findings_t *findings)
{
    checker_t self = {.arena = arena, .workflow = workflow, .findings = findings};
    const node_t *jobs = node_get (workflow->node, "jobs");
    if (jobs && jobs->kind == NODE_MAP && jobs->count == 0)
        COMPLAIN (&self, jobs, "schema", "a workflow needs at least one job");
    check_events (&self);
    check_inputs (&self);
    check_concurrency (&self, &workflow->concurrency);
    for (size_t i = 0; i < workflow->job_count; i++) {
        const job_t *job = &workflow->jobs[i];
        check_steps (&self, job);
        check_concurrency (&self, &job->concurrency);
        check_matrix (&self, job);
        check_defaults (&self, job);
        check_needs (&self, job);
    }
    check_cycles (&self);
}
