/* lint.h - finds all that can be found about a workflow file without running it.
 *
 * Loading errors (yaml, schema, expressions, needs) plus rules, each a row of LINT_RULES with an id, a severity and
 * why it matters. Rules that are off by default are switched on by id, and any can be switched off: by the caller, or in
 * the file by a comment, "# opencicd-lint: off RULE, RULE" (lint_directives.c). What this room cannot know comes in
 * with the options: which agents there are, and what a checker of scripts says. */

#ifndef OPENCICD_WORKFLOW_LINT_H
#define OPENCICD_WORKFLOW_LINT_H

#include "workflow/model/model.h"

typedef struct {
    const char *const *labels;
    size_t count;
} lint_agent_t;

typedef struct {
    const char *shell; // "bash" or "sh"
    const char *text;  // Each ${{ }} covered by as many underscores
} lint_script_t;

typedef struct {
    size_t script;    // Which
    int line, column; // Into its text, from 1, in characters
    const char *message;
} lint_remark_t;

// Checks all scripts of a file; returns the number of remarks, which live in the arena.
typedef size_t lint_check_fn (void *checker, arena_t *arena, const lint_script_t *scripts, size_t count,
                              lint_remark_t **remarks);

typedef struct {
    const char *const *on; // Rule ids
    size_t on_count;
    const char *const *off;
    size_t off_count;
    bool agents_known; // Then a job must find its labels on one of these
    const lint_agent_t *agents;
    size_t agent_count;
    lint_check_fn *check_scripts; // NULL: nobody looks into scripts
    void *checker;
    bool (*zone_exists) (const char *name); // NULL: nobody knows
} lint_options_t;

typedef struct {
    const char *id;
    severity_t severity;
    bool on; // By default
    const char *meaning;
} lint_rule_t;

const lint_rule_t *lint_rules (size_t *count);

// INVALID where an error was found. The findings are sorted in file order. `options` may be NULL.
MUST_USE fault_t workflow_lint (arena_t *arena, const char *file, const char *bytes, size_t size,
                                const lint_options_t *options, findings_t *findings);

#endif
