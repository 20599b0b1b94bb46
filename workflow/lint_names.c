/* lint_names.c - what expressions name: does it exist where they stand?
 *
 * Walks every expression of the file with the place it has: in which job, before which step. Checked is what the file
 * itself declares (steps, needs, matrix, inputs, jobs) and the fixed properties of github, runner, job and strategy. */

#include "workflow/lint_rules.h"
#include "workflow/matrix.h"
#include "workflow/schema.h"

#include "common/nearest.h"

#include <string.h>
#include <strings.h>

typedef struct {
    lint_t *lint;
    const job_t *job;   // NULL: outside of jobs
    size_t step;        // Steps that come before; all of them outside of steps
    const node_t *node; // The text that is looked at
    const expression_use_t *use;
} place_t;

static const char *const github_names[] = {"action",
                                           "action_path",
                                           "action_ref",
                                           "action_repository",
                                           "action_status",
                                           "actor",
                                           "actor_id",
                                           "api_url",
                                           "artifact_cache_size_limit",
                                           "base_ref",
                                           "env",
                                           "event",
                                           "event_name",
                                           "event_path",
                                           "graphql_url",
                                           "head_ref",
                                           "job",
                                           "output",
                                           "path",
                                           "ref",
                                           "ref_name",
                                           "ref_protected",
                                           "ref_type",
                                           "repository",
                                           "repository_id",
                                           "repository_owner",
                                           "repository_owner_id",
                                           "repository_visibility",
                                           "repositoryUrl",
                                           "retention_days",
                                           "run_attempt",
                                           "run_id",
                                           "run_number",
                                           "secret_source",
                                           "server_url",
                                           "sha",
                                           "state",
                                           "step_summary",
                                           "token",
                                           "triggering_actor",
                                           "workflow",
                                           "workflow_ref",
                                           "workflow_sha",
                                           "workspace",
                                           NULL};
static const char *const runner_names[] = {"name",  "os",          "arch",      "temp", "tool_cache",
                                           "debug", "environment", "workspace", NULL};
static const char *const job_names[] = {"container",           "services",           "status",
                                        "check_run_id",        "workflow_ref",       "workflow_sha",
                                        "workflow_repository", "workflow_file_path", NULL};
static const char *const strategy_names[] = {"fail-fast", "job-index", "job-total", "max-parallel", NULL};
static const char *const step_names[] = {"outputs", "outcome", "conclusion", NULL};
static const char *const need_names[] = {"outputs", "result", NULL};

// The property `at` of the path, where it is there and constant.
static const char *property (const place_t *self, size_t at)
{
    const char *name = at < self->use->count ? self->use->path[at] : NULL;
    return name && strcmp (name, "*") != 0 ? name : NULL;
}

#define COMPLAIN(self, ...)                                                                            \
    lint_add ((self)->lint, RULE_NAMES, (self)->node, node_offset ((self)->node, (self)->use->offset), \
              __VA_ARGS__)

static const char *guess (const place_t *self, const nearest_t *nearest)
{
    return nearest->best ? arena_printf (self->lint->arena, "; did you mean \"%s\"?", nearest->best) : "";
}

static void check_fixed (const place_t *self, const char *object, const char *name, const char *const *names)
{
    if (!name)
        return;
    for (size_t i = 0; names[i]; i++)
        if (strcasecmp (names[i], name) == 0)
            return;
    nearest_t nearest;
    nearest_begin (&nearest, name);
    for (size_t i = 0; names[i]; i++)
        nearest_offer (&nearest, names[i]);
    COMPLAIN (self, "%s has no property \"%s\"%s", object, name, guess (self, &nearest));
}

static bool is_named (const step_t *step, const char *id)
{
    return step->id.node && strcasecmp (step->id.text, id) == 0;
}

// Is there such a step among the first `count`, or in their groups?
static bool has_step (const step_t *steps, size_t count, const char *id, nearest_t *nearest)
{
    for (size_t i = 0; i < count; i++) {
        if (is_named (&steps[i], id) || has_step (steps[i].members, steps[i].member_count, id, nearest))
            return true;
        if (steps[i].id.node && nearest)
            nearest_offer (nearest, steps[i].id.text);
    }
    return false;
}

static void check_step (const place_t *self)
{
    const char *id = property (self, 1);
    if (!id || !self->job)
        return;
    nearest_t nearest;
    nearest_begin (&nearest, id);
    if (has_step (self->job->steps, self->step, id, &nearest))
        check_fixed (self, arena_printf (self->lint->arena, "steps.%s", id), property (self, 2), step_names);
    else if (has_step (self->job->steps, self->job->step_count, id, NULL))
        COMPLAIN (self, "step \"%s\" has not run yet here; only steps before this one can be named", id);
    else
        COMPLAIN (self, "no step of this job has the id \"%s\"%s", id, guess (self, &nearest));
}

static void check_output (const place_t *self, const job_t *job, size_t at)
{
    const char *kind = property (self, at), *name = property (self, at + 1);
    if (!kind || !name || strcasecmp (kind, "outputs") != 0 || job->uses.text || job->outputs.whole.text)
        return;
    nearest_t nearest;
    nearest_begin (&nearest, name);
    for (size_t i = 0; i < job->outputs.count; i++) {
        const text_t *key = &job->outputs.items[i].key;
        if (key->expression || strcasecmp (key->text, name) == 0)
            return;
        nearest_offer (&nearest, key->text);
    }
    COMPLAIN (self, "job \"%s\" has no output \"%s\"%s", job->key.text, name, guess (self, &nearest));
}

static void check_need (const place_t *self)
{
    const char *id = property (self, 1);
    if (!id || !self->job)
        return;
    const job_t *needed = workflow_job (self->lint->workflow, id);
    nearest_t nearest;
    nearest_begin (&nearest, id);
    for (size_t i = 0; i < self->job->needs.count; i++) {
        const char *need = self->job->needs.items[i].text;
        nearest_offer (&nearest, need);
        if (strcasecmp (need, id) != 0)
            continue;
        check_fixed (self, arena_printf (self->lint->arena, "needs.%s", id), property (self, 2), need_names);
        if (needed)
            check_output (self, needed, 2);
        return;
    }
    if (needed)
        COMPLAIN (self, "job \"%s\" is not in the \"needs\" of job \"%s\"", id, self->job->key.text);
    else
        COMPLAIN (self, "needs has no job \"%s\"%s", id, guess (self, &nearest));
}

// Offers the keys of a map; false where any of them comes from an expression.
static bool offer_keys (const node_t *map, const char *name, nearest_t *nearest, bool *found)
{
    if (map->kind != NODE_MAP)
        return false;
    for (size_t i = 0; i < map->count; i++) {
        const char *key = map->keys[i]->text;
        if (map->keys[i]->template)
            return false;
        if (strcmp (key, "include") == 0 || strcmp (key, "exclude") == 0)
            continue;
        *found = *found || strcasecmp (key, name) == 0;
        nearest_offer (nearest, key);
    }
    return true;
}

// The keys of the lists and of the items of `include`. Where any of them comes from an expression, anything may be.
static void check_matrix (const place_t *self)
{
    const char *name = property (self, 1);
    const node_t *matrix = self->job ? self->job->strategy.matrix : NULL;
    if (!name || !self->job || self->job->strategy.whole.text)
        return;
    if (!matrix) {
        COMPLAIN (self, "job \"%s\" has no matrix", self->job->key.text);
        return;
    }
    nearest_t nearest;
    nearest_begin (&nearest, name);
    bool found = false, known = offer_keys (matrix, name, &nearest, &found);
    const node_t *include = node_get (matrix, "include");
    known = known && (!include || include->kind == NODE_LIST);
    for (size_t i = 0; known && include && i < include->count; i++)
        known = offer_keys (include->items[i], name, &nearest, &found);
    if (known && !found)
        COMPLAIN (self, "the matrix of job \"%s\" has no \"%s\"%s", self->job->key.text, name,
                  guess (self, &nearest));
}

static bool offer_inputs (const interface_t *interface, const char *name, nearest_t *nearest)
{
    for (size_t i = 0; i < interface->input_count; i++) {
        if (strcasecmp (interface->inputs[i].name.text, name) == 0)
            return true;
        nearest_offer (nearest, interface->inputs[i].name.text);
    }
    return false;
}

static void check_input (const place_t *self, const char *name, bool dispatch_only)
{
    const workflow_t *workflow = self->lint->workflow;
    nearest_t nearest;
    if (!name)
        return;
    nearest_begin (&nearest, name);
    if (!offer_inputs (&workflow->dispatch, name, &nearest) &&
        (dispatch_only || !offer_inputs (&workflow->call, name, &nearest)))
        COMPLAIN (self, "the workflow has no input \"%s\"%s", name, guess (self, &nearest));
}

static void check_github (const place_t *self)
{
    const char *name = property (self, 1), *what = property (self, 2);
    check_fixed (self, "github", name, github_names);
    bool inputs = name && what && strcasecmp (name, "event") == 0 && strcasecmp (what, "inputs") == 0;
    if (inputs && self->lint->workflow->dispatch.input_count > 0)
        check_input (self, property (self, 3), true);
}

static void check_job (const place_t *self)
{
    const char *id = property (self, 1);
    const job_t *job = id ? workflow_job (self->lint->workflow, id) : NULL;
    if (job)
        check_output (self, job, 2);
    else if (id)
        COMPLAIN (self, "no job of this file has the id \"%s\"", id);
}

static void check_use (const place_t *self)
{
    const char *context = self->use->path[0];
    if (strcasecmp (context, "steps") == 0)
        check_step (self);
    else if (strcasecmp (context, "needs") == 0)
        check_need (self);
    else if (strcasecmp (context, "matrix") == 0)
        check_matrix (self);
    else if (strcasecmp (context, "inputs") == 0)
        check_input (self, property (self, 1), false);
    else if (strcasecmp (context, "github") == 0)
        check_github (self);
    else if (strcasecmp (context, "jobs") == 0)
        check_job (self);
    else if (strcasecmp (context, "runner") == 0)
        check_fixed (self, "runner", property (self, 1), runner_names);
    else if (strcasecmp (context, "job") == 0)
        check_fixed (self, "job", property (self, 1), job_names);
    else if (strcasecmp (context, "strategy") == 0)
        check_fixed (self, "strategy", property (self, 1), strategy_names);
}

static void check_expression (place_t *self, const node_t *node, const expression_t *expression)
{
    expression_use_t *uses = NULL;
    size_t count = 0;
    expression_uses (expression, self->lint->arena, &uses, &count);
    self->node = node;
    for (size_t i = 0; i < count; i++) {
        self->use = &uses[i];
        if (!uses[i].function)
            check_use (self);
    }
}

static void walk (place_t *self, const node_t *node)
{
    if (node->condition || node->template)
        check_expression (self, node, node->condition ? node->condition : node->template);
    for (size_t i = 0; i < node->count; i++) {
        if (node->kind == NODE_MAP && node->keys[i]->template)
            check_expression (self, node->keys[i], node->keys[i]->template);
        walk (self, node->items[i]);
    }
}

static void walk_job (lint_t *lint, const job_t *job)
{
    place_t self = {.lint = lint, .job = job, .step = job->step_count};
    const node_t *node = job->node, *steps = node_get (node, "steps");
    for (size_t i = 0; node->kind == NODE_MAP && i < node->count; i++)
        if (node->items[i] != steps)
            walk (&self, node->items[i]);
    for (size_t i = 0; i < job->step_count; i++) {
        self.step = i;
        walk (&self, steps->items[i]);
    }
}

void lint_names (lint_t *self)
{
    const node_t *root = self->workflow->node;
    place_t outside = {.lint = self};
    for (size_t i = 0; root->kind == NODE_MAP && i < root->count; i++)
        if (strcmp (root->keys[i]->text, "jobs") != 0)
            walk (&outside, root->items[i]);
    for (size_t i = 0; i < self->workflow->job_count; i++)
        walk_job (self, &self->workflow->jobs[i]);
}
