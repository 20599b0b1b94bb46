/* lint.h - all that can be said about a workflow file without running it.
 *
 * Loading errors (yaml, schema, expressions, needs) plus rules, each a row of LINT_RULES with an id, a severity and
 * why it matters. Rules that are off by default are switched on by id, and any can be switched off. */

#ifndef OPENCICD_WORKFLOW_LINT_H
#define OPENCICD_WORKFLOW_LINT_H

#include "workflow/model.h"

typedef struct {
    const char *const *on; // Rule ids
    size_t on_count;
    const char *const *off;
    size_t off_count;
} lint_options_t;

typedef struct {
    const char *id;
    severity_t severity;
    bool on; // By default
    const char *why;
} lint_rule_t;

const lint_rule_t *lint_rules (size_t *count);

// INVALID where an error was found. The findings are sorted in file order. `options` may be NULL.
MUST_USE fault_t workflow_lint (arena_t *arena, const char *file, const char *bytes, size_t size,
                                const lint_options_t *options, findings_t *findings);

#endif
