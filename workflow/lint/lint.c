/* lint.c - loads a file and lets the rules look at it. */

#include "workflow/lint/lint.h"
#include "workflow/lint/lint_rules.h"
#include "workflow/plan/load.h"

#include <string.h>

#define LINT_ROW(name, id, severity, on, meaning) {id, severity, on, meaning},
static const lint_rule_t rules[] = {LINT_RULES (LINT_ROW)};
#undef LINT_ROW

const lint_rule_t *lint_rules (size_t *count)
{
    *count = RULE_COUNT;
    return rules;
}

static bool has (const char *const *ids, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp (ids[i], id) == 0)
            return true;
    return false;
}

// The caller's word is above the file's.
static void switch_rules (lint_t *self, const char *bytes, size_t size)
{
    const lint_options_t *options = self->options;
    for (size_t i = 0; i < RULE_COUNT; i++)
        self->on[i] = rules[i].on;
    lint_directives (self, bytes, size);
    for (size_t i = 0; i < RULE_COUNT; i++) {
        self->on[i] = self->on[i] || has (options->on, options->on_count, rules[i].id);
        self->on[i] = self->on[i] && !has (options->off, options->off_count, rules[i].id);
    }
}

void lint_add (lint_t *self, rule_t rule, const node_t *node, size_t offset, const char *format, ...)
{
    if (!self->on[rule])
        return;
    va_list args;
    va_start (args, format);
    const char *message = arena_vprintf (self->arena, format, args);
    va_end (args);
    int line = node->line, column = node->column;
    bool block = node->raw && (*node->raw == '|' || *node->raw == '>'); // Its text begins on a later line
    if (offset > 0 || block)
        node_locate (node, offset, &line, &column);
    if (lint_is_suppressed (self, rule, line))
        return;
    findings_add (self->findings, line, column, rules[rule].severity, rules[rule].id, "%s", message);
}

fault_t workflow_lint (arena_t *arena, const char *file, const char *bytes, size_t size,
                       const lint_options_t *options, findings_t *findings)
{
    static const lint_options_t none = {0};
    lint_t self = {.arena = arena, .findings = findings, .options = options ? options : &none};
    size_t errors = findings->errors;
    findings->strict = true;
    fault_t fault = workflow_load (arena, file, bytes, size, findings, &self.workflow);
    if (self.workflow->node) {
        switch_rules (&self, bytes, size);
        lint_names (&self);
        lint_events (&self);
        lint_jobs (&self);
        lint_steps (&self);
        lint_outputs (&self);
        lint_scripts (&self);
        findings_sort (findings);
    }
    return fault == OK && findings->errors == errors ? OK : INVALID;
}
