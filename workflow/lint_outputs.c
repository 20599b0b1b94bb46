/* lint_outputs.c - what all expressions of the file together name: outputs that no one reads, secrets handed over whole. */

#include "workflow/lint_rules.h"

#include <string.h>
#include <strings.h>

typedef struct {
    lint_t *lint;
    bool **read; // Of each job, which of its outputs
    bool *whole; // Of each job, all of them
} reading_t;

// A step that only evaluation tells, or a filter, names all.
static const char *step_at (const expression_use_t *use, size_t at)
{
    return at < use->count && strcmp (use->path[at], "*") != 0 ? use->path[at] : NULL;
}

// needs.JOB.outputs.NAME, and jobs.JOB.outputs.NAME of a called workflow.
static void mark_read (reading_t *self, const expression_use_t *use)
{
    const char *job = step_at (use, 1), *kind = step_at (use, 2), *name = step_at (use, 3);
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

static void look_at (reading_t *self, const node_t *node, const expression_t *expression)
{
    expression_use_t *uses = NULL;
    size_t count = 0;
    expression_uses (expression, self->lint->arena, &uses, &count);
    for (size_t i = 0; i < count; i++)
        if (!uses[i].function &&
            (strcasecmp (uses[i].path[0], "needs") == 0 || strcasecmp (uses[i].path[0], "jobs") == 0))
            mark_read (self, &uses[i]);
    expression_flows (expression, self->lint->arena, &uses, &count);
    for (size_t i = 0; i < count; i++)
        if (uses[i].whole && uses[i].count == 1 && strcasecmp (uses[i].path[0], "secrets") == 0)
            lint_add (self->lint, RULE_SECRETS, node, node_offset (node, uses[i].offset),
                      "this hands over every secret; name those that are needed");
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
    walk (&reading, workflow->node);
    for (size_t i = 0; i < workflow->job_count; i++)
        for (size_t j = 0; j < workflow->jobs[i].outputs.count; j++)
            if (!reading.whole[i] && !reading.read[i][j])
                lint_add (self, RULE_UNUSED, workflow->jobs[i].outputs.items[j].key.node, 0,
                          "no job reads the output \"%s\" of job \"%s\"",
                          workflow->jobs[i].outputs.items[j].key.text, workflow->jobs[i].key.text);
}
