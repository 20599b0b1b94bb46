/* plan.c - a run when it is made, a job when its needs are done. */

#include "workflow/plan/plan.h"
#include "workflow/expression/text.h"
#include "workflow/plan/job_condition.h"
#include "workflow/plan/matrix.h"
#include "workflow/plan/plan_scope.h"
#include "workflow/plan/select.h"

#include <math.h>
#include <string.h>

#define MINUTES_MAX (366 * 24 * 60) // A year: what a larger timeout-minutes becomes

// A block scalar in YAML ends with a newline: "runs-on: >" must not make a label of another name.
static const char *trimmed (arena_t *arena, const char *text)
{
    text += strspn (text, " \t\r\n");
    size_t size = strlen (text);
    while (size > 0 && strchr (" \t\r\n", text[size - 1]))
        size--;
    return arena_strndup (arena, text, size);
}

fault_t plan_run (arena_t *arena, const workflow_t *workflow, const plan_context_t *context,
                  findings_t *findings, plan_run_t *out)
{
    size_t errors = findings->errors;
    *out = (plan_run_t){.inputs = context->inputs ? context->inputs : value_object (arena)};
    if (strcmp (value_get_text (context->github, "event_name"), "workflow_dispatch") == 0 &&
        plan_inputs (arena, &workflow->dispatch, context->inputs, context, findings, &out->inputs) != OK)
        return INVALID;
    // From here on expressions see the inputs with their defaults and types
    plan_context_t with_inputs = *context;
    with_inputs.inputs = out->inputs;
    plan_scope_t scope = {.arena = arena, .findings = findings, .context = &with_inputs, .success = true};
    const char *name = trimmed (arena, plan_string (&scope, &workflow->run_name));
    out->run_name = *name ? name : NULL;
    out->concurrency = plan_concurrency (&scope, &workflow->concurrency);
    return findings->errors == errors ? OK : INVALID;
}

static void add_label (plan_scope_t *self, const job_t *job, plan_cell_t *cell, const value_t *value,
                       size_t *capacity)
{
    const char *label = trimmed (self->arena, value_to_text (self->arena, value));
    if (*label == '\0' || value->kind == VALUE_OBJECT || value->kind == VALUE_ARRAY) {
        const node_t *at = node_get (job->node, "runs-on");
        findings_add (self->findings, at->line, at->column, SEVERITY_ERROR, "runs-on",
                      "\"runs-on\" gives %s as a label", *label ? "a list or a map" : "an empty string");
        return;
    }
    const char **labels = (const char **) cell->labels;
    labels = arena_grow (self->arena, labels, cell->label_count, capacity, sizeof (char *));
    labels[cell->label_count++] = label;
    cell->labels = labels;
}

static void add_labels (plan_scope_t *self, const job_t *job, plan_cell_t *cell, const value_t *value,
                        size_t *capacity)
{
    if (value->kind == VALUE_OBJECT) { // {group, labels} out of an expression
        const char *group = value_get_text (value, "group");
        cell->group = *group ? group : NULL;
        value = value_get (value, "labels");
    }
    if (value && value->kind == VALUE_ARRAY)
        for (size_t i = 0; i < value->list.count; i++)
            add_label (self, job, cell, value->list.items[i], capacity);
    else if (value)
        add_label (self, job, cell, value, capacity);
}

static void plan_runs_on (plan_scope_t *self, const job_t *job, plan_cell_t *cell)
{
    size_t capacity = 0;
    if (job->labels.whole.text) {
        const value_t *value = plan_text (self, &job->labels.whole);
        if (value)
            add_labels (self, job, cell, value, &capacity);
    }
    for (size_t i = 0; i < job->labels.count; i++) {
        const value_t *value = plan_text (self, &job->labels.items[i]);
        if (value && value->kind == VALUE_ARRAY) // An item that gives a list is its items
            add_labels (self, job, cell, value, &capacity);
        else if (value)
            add_label (self, job, cell, value, &capacity);
    }
    if (job->group.text)
        cell->group = plan_string (self, &job->group);
    const node_t *at = node_get (job->node, "runs-on");
    if (cell->label_count > PLAN_LABELS)
        findings_add (self->findings, at->line, at->column, SEVERITY_ERROR, "runs-on",
                      "\"runs-on\" gives %zu labels; at most %d", cell->label_count, PLAN_LABELS);
}

// A name of more than PLAN_NAME characters ends in dots, as on GitHub.
static const char *shortened (arena_t *arena, const char *name)
{
    size_t size = strlen (name), at = 0, kept = 0, length;
    for (size_t count = 0; at < size; count++, at += length) {
        if (count == PLAN_NAME - 3)
            kept = at;
        if (count == PLAN_NAME)
            return arena_printf (arena, "%s...", arena_strndup (arena, name, kept));
        text_decode (name + at, size - at, &length);
    }
    return name;
}

// A name that holds an expression is taken as it comes out; any other gets the combination after it.
static const char *plan_name (plan_scope_t *self, const job_t *job, const char *segments)
{
    if (job->name.expression) {
        const char *name = plan_string (self, &job->name);
        if (*name)
            return name;
    }
    bool literal = job->name.text && *job->name.text && !job->name.expression;
    const char *base = literal ? job->name.text : job->key.text;
    return shortened (self->arena, *segments ? arena_printf (self->arena, "%s (%s)", base, segments) : base);
}

static int64_t plan_minutes (plan_scope_t *self, const text_t *text, const char *key, int64_t fallback)
{
    double minutes = plan_number (self, text, (double) fallback);
    if (minutes > 0) // Rounded up: half a minute must not become a timeout of none
        return minutes < MINUTES_MAX ? (int64_t) ceil (minutes) : MINUTES_MAX;
    findings_add (self->findings, text->line, text->column, SEVERITY_ERROR, "schema",
                  "\"%s\" must be a number above 0", key);
    return fallback;
}

static const value_t *plan_with (plan_scope_t *self, const job_t *job)
{
    if (!job->uses.text)
        return NULL;
    value_t *with = value_object (self->arena);
    for (size_t i = 0; i < job->with.count; i++) {
        const pair_t *pair = &job->with.items[i];
        const value_t *value = pair->value.node ? plan_node (self, pair->value.node) : NULL;
        if (value)
            value_set (self->arena, with, pair->key.text, value);
    }
    return with;
}

// An expression may give the name alone, or {name, url}.
static void plan_environment (plan_scope_t *self, const job_t *job, plan_cell_t *cell)
{
    const value_t *value = plan_text (self, &job->environment.name);
    bool object = value && value->kind == VALUE_OBJECT;
    const char *name = object  ? value_get_text (value, "name")
                       : value ? value_to_text (self->arena, value)
                               : "";
    cell->environment = *name ? name : NULL;
    cell->environment_url = job->environment.url.text;
    if (object && *value_get_text (value, "url"))
        cell->environment_url = value_get_text (value, "url");
}

static void plan_cell (plan_scope_t *self, const job_t *job, const matrix_cell_t *from, plan_cell_t *cell)
{
    cell->name = plan_name (self, job, from->segments);
    plan_runs_on (self, job, cell);
    cell->timeout_minutes = plan_minutes (self, &job->timeout_minutes, "timeout-minutes", JOB_MINUTES);
    cell->cancel_minutes =
        plan_minutes (self, &job->cancel_timeout_minutes, "cancel-timeout-minutes", JOB_CANCEL_MINUTES);
    cell->continue_on_error = plan_bool (self, &job->continue_on_error, false);
    cell->concurrency = plan_concurrency (self, &job->concurrency);
    plan_environment (self, job, cell);
    cell->matrix = self->matrix;
    cell->strategy = self->strategy;
    cell->with = plan_with (self, job);
    cell->secrets = plan_secrets (self, job);
}

static const value_t *strategy_of (plan_scope_t *self, const plan_expansion_t *plan, size_t index,
                                   size_t total)
{
    value_t *strategy = value_object (self->arena);
    value_set (self->arena, strategy, "fail-fast", value_bool (plan->fail_fast));
    value_set (self->arena, strategy, "job-index", value_number (self->arena, (double) index));
    value_set (self->arena, strategy, "job-total", value_number (self->arena, (double) total));
    double most = plan->max_parallel ? (double) plan->max_parallel : (double) total;
    value_set (self->arena, strategy, "max-parallel", value_number (self->arena, most));
    return strategy;
}

static int64_t limit (plan_scope_t *self, const text_t *at, const value_t *value)
{
    double most = value && value->kind != VALUE_NULL ? value_to_number (value) : PLAN_CELLS + 1;
    if (most >= 1)
        return most <= PLAN_CELLS ? (int64_t) most : 0;
    findings_add (self->findings, at->line, at->column, SEVERITY_ERROR, "schema",
                  "\"max-parallel\" must be a number, at least 1");
    return 0;
}

// A strategy that one expression gives is an object of the same shape.
static fault_t plan_whole_strategy (plan_scope_t *self, const strategy_t *strategy, plan_expansion_t *out,
                                    matrix_t *matrix)
{
    const value_t *whole = plan_text (self, &strategy->whole);
    if (!whole)
        return INVALID;
    const value_t *fail_fast = value_get (whole, "fail-fast"), *cells = value_get (whole, "matrix");
    out->fail_fast = !fail_fast || value_truthy (fail_fast);
    out->max_parallel = limit (self, &strategy->whole, value_get (whole, "max-parallel"));
    return cells ? matrix_expand (self, strategy->whole.node, cells, matrix) : OK;
}

static fault_t plan_strategy (plan_scope_t *self, const strategy_t *strategy, plan_expansion_t *out,
                              matrix_t *matrix)
{
    if (strategy->whole.text)
        return plan_whole_strategy (self, strategy, out, matrix);
    const text_t *most = &strategy->max_parallel;
    out->fail_fast = plan_bool (self, &strategy->fail_fast, true);
    out->max_parallel = limit (self, most, most->text ? plan_text (self, most) : NULL);
    const node_t *node = strategy->matrix;
    return node ? matrix_expand (self, node, plan_node (self, node), matrix) : OK;
}

static fault_t expand_cells (plan_scope_t *self, const job_t *job, plan_expansion_t *out)
{
    matrix_cell_t single = {value_null (), ""};
    matrix_t matrix = {&single, 1};
    if (plan_strategy (self, &job->strategy, out, &matrix) != OK)
        return INVALID;
    plan_cell_t *cells = arena_array (self->arena, matrix.count, sizeof (plan_cell_t));
    out->cell_count = 0;
    for (size_t i = 0; i < matrix.count; i++) {
        // Left out here and not in the matrix: job-index and job-total are those of the whole run
        if (!select_cell (self->arena, self->context->selection, matrix.cells[i].value))
            continue;
        self->matrix = matrix.cells[i].value;
        self->strategy = strategy_of (self, out, i, matrix.count);
        plan_cell (self, job, &matrix.cells[i], &cells[out->cell_count++]);
    }
    out->cells = cells;
    return OK;
}

fault_t plan_expand (arena_t *arena, const workflow_t *workflow, const job_t *job,
                     const plan_context_t *context, findings_t *findings, plan_expansion_t *out)
{
    size_t errors = findings->errors;
    plan_scope_t scope = {.arena = arena, .findings = findings, .context = context};
    *out = (plan_expansion_t){.reason = ""};
    scope.needs = plan_needs (arena, job, context->jobs);
    out->runs = job_condition (&scope, workflow, job, &out->reason);
    // Before the matrix: that of a job that does not run is not evaluated, as it may ask for outputs that are not there
    if (findings->errors != errors)
        return INVALID;
    if (!out->runs)
        return OK;
    if (expand_cells (&scope, job, out) != OK)
        return INVALID;
    out->definition = plan_definition (arena, job, context->permissions);
    // The agent reads it with the bound of a file
    if (strlen (out->definition) > YAML_BYTES)
        findings_add (findings, job->key.line, job->key.column, SEVERITY_ERROR, "schema",
                      "job \"%s\" is larger than %d bytes", job->key.text, YAML_BYTES);
    return findings->errors == errors ? OK : INVALID;
}
