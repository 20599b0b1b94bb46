/* lint_outputs.c - what all expressions of the file together name: outputs that no one reads or that no action has,
 * secrets handed over whole. */

#include "workflow/lint/lint_rules.h"

#include <string.h>
#include <strings.h>

typedef struct {
    lint_t *lint;
    bool **read;      // Of each job, which of its outputs
    bool *whole;      // Of each job, all of them
    const job_t *job; // That is walked; NULL outside of jobs
} reading_t;

// A step that only evaluation tells, or a filter, names all.
static const char *step_at (const expression_ref_t *ref, size_t at)
{
    return at < ref->count && strcmp (ref->path[at], "*") != 0 ? ref->path[at] : NULL;
}

// needs.JOB.outputs.NAME, and jobs.JOB.outputs.NAME of a called workflow.
static void mark_read (reading_t *self, const expression_ref_t *ref)
{
    const char *job = step_at (ref, 1), *kind = step_at (ref, 2), *name = step_at (ref, 3);
    if (kind && strcasecmp (kind, "outputs") != 0)
        return;
    for (size_t i = 0; i < self->lint->workflow->job_count; i++) {
        const job_t *of = &self->lint->workflow->jobs[i];
        if (self->whole[i] || (job && strcasecmp (job, of->key.text) != 0))
            continue;
        self->whole[i] = name == NULL;
        for (size_t j = 0; name && j < of->outputs.count; j++)
            if (strcasecmp (name, of->outputs.items[j].key.text) == 0)
                self->read[i][j] = true;
    }
}

static const step_t *find_step (const step_t *steps, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++) {
        if (steps[i].id.node && strcasecmp (steps[i].id.text, id) == 0)
            return &steps[i];
        const step_t *found = find_step (steps[i].members, steps[i].member_count, id);
        if (found)
            return found;
    }
    return NULL;
}

// steps.ID.outputs.NAME of a step whose action is well known.
static void check_step_output (reading_t *self, const node_t *node, const expression_ref_t *ref)
{
    const char *id = step_at (ref, 1), *kind = step_at (ref, 2), *name = step_at (ref, 3);
    if (!self->job || !id || !kind || !name || strcasecmp (kind, "outputs") != 0)
        return;
    const step_t *step = find_step (self->job->steps, self->job->step_count, id);
    const char *outputs = step && step->uses.text ? lint_action_outputs (step->uses.text) : NULL;
    size_t size = strlen (name);
    for (const char *at = outputs; at && *at; at += strspn (at, " ")) {
        size_t length = strcspn (at, " ");
        if (length == size && strncasecmp (at, name, size) == 0)
            return;
        at += length;
    }
    if (outputs)
        lint_add (self->lint, RULE_OUTPUT, node, node_offset (node, ref->offset),
                  "action \"%s\" has no output \"%s\"%s%s", step->uses.text, name,
                  *outputs ? "; it has: " : "", outputs);
}

static bool names (const expression_ref_t *ref, const char *context)
{
    return !ref->function && strcasecmp (ref->path[0], context) == 0;
}

static void look_at (reading_t *self, const node_t *node, const expression_t *expression)
{
    expression_ref_t *refs = NULL;
    size_t count = 0;
    expression_refs (expression, self->lint->arena, &refs, &count);
    for (size_t i = 0; i < count; i++)
        if (names (&refs[i], "needs") || names (&refs[i], "jobs"))
            mark_read (self, &refs[i]);
        else if (names (&refs[i], "steps"))
            check_step_output (self, node, &refs[i]);
    expression_flows (expression, self->lint->arena, &refs, &count);
    for (size_t i = 0; i < count; i++)
        if (refs[i].whole && refs[i].count == 1 && strcasecmp (refs[i].path[0], "secrets") == 0)
            lint_add (self->lint, RULE_SECRETS, node, node_offset (node, refs[i].offset),
                      "this passes every secret; name those that are needed");
}

static void walk (reading_t *self, const node_t *node)
{
    if (node->condition || node->template)
        look_at (self, node, node->condition ? node->condition : node->template);
    for (size_t i = 0; i < node->count; i++) {
        if (node->kind == NODE_MAP && node->keys[i]->template)
            look_at (self, node->keys[i], node->keys[i]->template);
        walk (self, node->items[i]);
    }
}

void lint_outputs (lint_t *self)
{
    const workflow_t *workflow = self->workflow;
    reading_t reading = {.lint = self,
                         .read = arena_array (self->arena, workflow->job_count, sizeof (bool *)),
                         .whole = arena_array (self->arena, workflow->job_count, sizeof (bool))};
    for (size_t i = 0; i < workflow->job_count; i++)
        reading.read[i] = arena_array (self->arena, workflow->jobs[i].outputs.count, sizeof (bool));
    for (size_t i = 0; workflow->node->kind == NODE_MAP && i < workflow->node->count; i++)
        if (strcmp (workflow->node->keys[i]->text, "jobs") != 0)
            walk (&reading, workflow->node->items[i]);
    for (size_t i = 0; i < workflow->job_count; i++) {
        reading.job = &workflow->jobs[i];
        walk (&reading, reading.job->node);
    }
    for (size_t i = 0; i < workflow->job_count; i++)
        for (size_t j = 0; j < workflow->jobs[i].outputs.count; j++)
            if (!reading.whole[i] && !reading.read[i][j])
                lint_add (self, RULE_UNUSED, workflow->jobs[i].outputs.items[j].key.node, 0,
                          "no job reads the output \"%s\" of job \"%s\"",
                          workflow->jobs[i].outputs.items[j].key.text, workflow->jobs[i].key.text);
}
