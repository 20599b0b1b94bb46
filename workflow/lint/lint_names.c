/* lint_names.c - what expressions name: does it exist where they stand?
 *
 * Walks every expression of the file with the place it has: in which job, before which step. Checked is what the file
 * itself declares (steps, needs, inputs, secrets, jobs; lint_matrix.c) and what contexts have by themselves
 * (lint_contexts.c). */

#include "workflow/lint/lint_ref.h"

#include <string.h>
#include <strings.h>

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

static bool check_step (const lint_ref_t *self)
{
    const char *id = ref_property (self, 1);
    if (!id || !self->job)
        return true;
    nearest_t nearest;
    nearest_begin (&nearest, id);
    if (has_step (self->job->steps, self->step, id, &nearest))
        return ref_in_context (self, arena_printf (self->lint->arena, "steps.%s", id), ref_property (self, 2),
                               ref_step_names);
    if (has_step (self->job->steps, self->job->step_count, id, NULL))
        return COMPLAIN (self, "step \"%s\" has not run yet here; only steps before this one can be named",
                         id);
    return COMPLAIN (self, "no step of this job has the id \"%s\"%s", id, ref_guess (self, &nearest));
}

// What a job gives to those that need it, and to the caller of the workflow.
static bool check_result (const lint_ref_t *self, const char *context, const job_t *job)
{
    const char *kind = ref_property (self, 2), *name = ref_property (self, 3);
    if (!ref_in_context (self, arena_printf (self->lint->arena, "%s.%s", context, job->key.text), kind,
                         ref_result_names))
        return false;
    if (!kind || !name || strcasecmp (kind, "outputs") != 0 || job->uses.text || job->outputs.whole.text)
        return true;
    nearest_t nearest;
    nearest_begin (&nearest, name);
    for (size_t i = 0; i < job->outputs.count; i++) {
        const text_t *key = &job->outputs.items[i].key;
        if (key->expression || strcasecmp (key->text, name) == 0)
            return true;
        nearest_offer (&nearest, key->text);
    }
    return COMPLAIN (self, "job \"%s\" has no output \"%s\"%s", job->key.text, name,
                     ref_guess (self, &nearest));
}

static bool check_need (const lint_ref_t *self)
{
    const char *id = ref_property (self, 1);
    if (!id || !self->job)
        return true;
    const job_t *job = workflow_job (self->lint->workflow, id);
    nearest_t nearest;
    nearest_begin (&nearest, id);
    for (size_t i = 0; i < self->job->needs.count; i++) {
        const char *need = self->job->needs.items[i].text;
        if (strcasecmp (need, id) == 0)
            return !job || check_result (self, "needs", job);
        nearest_offer (&nearest, need);
    }
    if (job)
        return COMPLAIN (self, "job \"%s\" is not in the \"needs\" of job \"%s\"", id, self->job->key.text);
    return COMPLAIN (self, "needs has no job \"%s\"%s", id, ref_guess (self, &nearest));
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

static bool check_input_named (const lint_ref_t *self, const char *name, bool dispatch_only)
{
    const workflow_t *workflow = self->lint->workflow;
    nearest_t nearest;
    if (!name)
        return true;
    nearest_begin (&nearest, name);
    return self->ref->answered || offer_inputs (&workflow->dispatch, name, &nearest) ||
           (!dispatch_only && offer_inputs (&workflow->call, name, &nearest)) ||
           COMPLAIN (self, "the workflow has no input \"%s\"%s", name, ref_guess (self, &nearest));
}

static bool check_input (const lint_ref_t *self)
{
    return check_input_named (self, ref_property (self, 1), false);
}

static bool check_github (const lint_ref_t *self)
{
    const char *name = ref_property (self, 1), *what = ref_property (self, 2);
    if (!ref_github (self))
        return false;
    bool inputs = name && what && strcasecmp (name, "event") == 0 && strcasecmp (what, "inputs") == 0;
    return !inputs || self->lint->workflow->dispatch.input_count == 0 ||
           check_input_named (self, ref_property (self, 3), true);
}

static bool check_job (const lint_ref_t *self)
{
    const char *id = ref_property (self, 1);
    const job_t *job = id ? workflow_job (self->lint->workflow, id) : NULL;
    if (job)
        return check_result (self, "jobs", job);
    return !id || COMPLAIN (self, "no job of this file has the id \"%s\"", id);
}

// A workflow that is only called has the secrets that its callers hand over.
static bool check_secret (const lint_ref_t *self)
{
    const workflow_t *workflow = self->lint->workflow;
    const char *name = ref_property (self, 1);
    bool only_called = workflow->event_count == 1 && workflow_event (workflow, "workflow_call");
    if (!name || !only_called || workflow->call.secret_count == 0 || strcasecmp (name, "GITHUB_TOKEN") == 0)
        return true;
    for (size_t i = 0; i < workflow->call.secret_count; i++)
        if (strcasecmp (workflow->call.secrets[i].name.text, name) == 0)
            return true;
    COMPLAIN_BY (self, RULE_SECRET, "the workflow does not declare the secret \"%s\"", name);
    return false;
}

static void check_ref (const lint_ref_t *self)
{
    static const struct {
        const char *context;
        bool (*check) (const lint_ref_t *self);
    } checks[] = {{"steps", check_step},    {"needs", check_need},    {"matrix", ref_matrix},
                  {"inputs", check_input},  {"github", check_github}, {"jobs", check_job},
                  {"runner", ref_runner},   {"job", ref_job},         {"strategy", ref_strategy},
                  {"secrets", check_secret}};
    bool good = true;
    for (size_t i = 0; i < sizeof (checks) / sizeof (checks[0]); i++)
        if (strcmp (checks[i].context, self->ref->path[0]) == 0)
            good = checks[i].check (self);
    if (good)
        (void) ref_depth (self);
}

static type_t input_type (const interface_t *interface, const char *name)
{
    for (size_t i = 0; i < interface->input_count; i++)
        if (strcasecmp (interface->inputs[i].name.text, name) == 0)
            return strcmp (interface->inputs[i].type.text, "boolean") == 0  ? TYPE_BOOL
                   : strcmp (interface->inputs[i].type.text, "number") == 0 ? TYPE_NUMBER
                                                                            : TYPE_TEXT;
    return TYPE_NULL; // It has none of the name
}

// An input of both ways to start is of a kind where both say the same.
static type_t declared_type (void *ref, const char *context, const char *property)
{
    const lint_ref_t *self = ref;
    const workflow_t *workflow = self->lint->workflow;
    if (strcmp (context, "matrix") == 0)
        return ref_matrix_type (self, property);
    if (strcmp (context, "inputs") != 0)
        return TYPE_ANY;
    type_t dispatch = input_type (&workflow->dispatch, property),
           call = input_type (&workflow->call, property);
    if (dispatch == TYPE_NULL || call == TYPE_NULL || dispatch == call)
        return dispatch == TYPE_NULL && call == TYPE_NULL ? TYPE_ANY
               : dispatch == TYPE_NULL                    ? call
                                                          : dispatch;
    return TYPE_ANY;
}

// Where a list or a map is in place of a text or a boolean.
static void check_types (lint_ref_t *self, const expression_t *expression)
{
    known_types_t known = {.self = self, .type = declared_type, .text = self->node->wants_text};
    type_error_t *errors = NULL;
    size_t count = 0;
    expression_type_errors (expression, self->lint->arena, &known, &errors, &count);
    for (size_t i = 0; i < count; i++)
        lint_add (self->lint, errors[i].json ? RULE_JSON : RULE_KIND, self->node,
                  node_offset (self->node, errors[i].offset), "%s", errors[i].message);
}

static void check_expression (lint_ref_t *self, const node_t *node, const expression_t *expression)
{
    expression_ref_t *refs = NULL;
    size_t count = 0;
    expression_refs (expression, self->lint->arena, &refs, &count);
    self->node = node;
    for (size_t i = 0; i < count; i++) {
        self->ref = &refs[i];
        if (!refs[i].function)
            check_ref (self);
    }
    check_types (self, expression);
}

static void walk (lint_ref_t *self, const node_t *node)
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
    lint_ref_t self = {.lint = lint, .job = job, .step = job->step_count};
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
    lint_ref_t outside = {.lint = self};
    for (size_t i = 0; root->kind == NODE_MAP && i < root->count; i++)
        if (strcmp (root->keys[i]->text, "jobs") != 0)
            walk (&outside, root->items[i]);
    for (size_t i = 0; i < self->workflow->job_count; i++)
        walk_job (self, &self->workflow->jobs[i]);
}
