/* lint_rules.h - what the rules of lint share: the file, and adding a finding where the rule is on.
 *
 * A new rule is a row of lint_table.h, a row of docs/lint.md, and a function that calls lint_add with its id. */

#ifndef OPENCICD_WORKFLOW_LINT_RULES_H
#define OPENCICD_WORKFLOW_LINT_RULES_H

#include "workflow/lint/lint.h"
#include "workflow/lint/lint_table.h"

#define LINT_ENUM(name, id, severity, on, meaning) RULE_##name,
typedef enum { LINT_RULES (LINT_ENUM) RULE_COUNT } rule_t;
#undef LINT_ENUM

typedef struct {
    int line;
    rule_t rule;
} suppression_t; // By a directive in the file

typedef struct {
    arena_t *arena;
    findings_t *findings;
    const workflow_t *workflow;
    const lint_options_t *options;
    bool on[RULE_COUNT];
    suppression_t *suppressions;
    size_t suppression_count, suppression_capacity;
} lint_t;

typedef enum { RUNNER_UNKNOWN, RUNNER_LINUX, RUNNER_MACOS, RUNNER_WINDOWS } runner_t;

// At `offset` bytes into the node's text.
void lint_add (lint_t *self, rule_t rule, const node_t *node, size_t offset, const char *format, ...)
    __attribute__ ((format (printf, 5, 6)));

void lint_names (lint_t *self);   // Every name in every expression
void lint_jobs (lint_t *self);    // Conditions, permissions, timeouts, needs
void lint_steps (lint_t *self);   // Scripts and shells
void lint_events (lint_t *self);  // Filters and schedules
void lint_outputs (lint_t *self); // Outputs that nothing reads; all secrets at once
void lint_scripts (lint_t *self);

void lint_injection (lint_t *self, const job_t *job, const step_t *step);
void lint_action (lint_t *self, const step_t *step);
// The outputs of a well-known action, separated by spaces; NULL: not known.
const char *lint_action_outputs (const char *uses);
// The well-known action of this index, and its inputs, separated by spaces; false past the last.
bool lint_known_action (size_t index, const char **action, const char **inputs);
void lint_reusable (lint_t *self, const text_t *uses); // A reusable workflow
void lint_runners (lint_t *self, const job_t *job);
void lint_support (lint_t *self, const job_t *job);   // What this server does not run yet
void lint_cells (lint_t *self, const node_t *matrix); // NULL: none
runner_t lint_runner (const job_t *job);              // Where its labels tell

void lint_directives (lint_t *self, const char *bytes, size_t size);
bool lint_is_suppressed (const lint_t *self, rule_t rule, int line);

// Does the path of `use` lead to the pattern's value, "github.event.commits.*.message"? "*" on either side stands for
// any step; an object that is printed whole holds what is below it.
bool lint_leads_to (const expression_ref_t *ref, const char *pattern);

#endif
