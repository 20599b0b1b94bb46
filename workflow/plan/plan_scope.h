/* plan_scope.h - evaluating a workflow's texts while planning: which contexts there are, and complaints at the place
 * in the file. Shared by plan*.c and matrix.c. */

#ifndef OPENCICD_WORKFLOW_PLAN_SCOPE_H
#define OPENCICD_WORKFLOW_PLAN_SCOPE_H

#include "workflow/expression/explain.h"
#include "workflow/plan/plan_context.h"

typedef struct {
    arena_t *arena;
    findings_t *findings;
    const plan_context_t *context;
    const value_t *needs, *matrix, *strategy; // NULL where there is none yet
    bool success, failure;                    // What the status functions say
} plan_scope_t;

// NULL (with a finding) where the evaluation fails. A constant text is its string; an absent one is null.
const value_t *plan_text (plan_scope_t *self, const text_t *text);
// Likewise of an expression, with every part that was evaluated.
const value_t *plan_explain (plan_scope_t *self, const text_t *text, explanation_t **parts, size_t *count);
const char *plan_string (plan_scope_t *self, const text_t *text); // As a string; "" where absent
bool plan_bool (plan_scope_t *self, const text_t *text, bool fallback);
double plan_number (plan_scope_t *self, const text_t *text, double fallback);
const value_t *plan_node (plan_scope_t *self, const node_t *node); // A whole tree, its keys too
// Those that a call passes, the caller's own where they are inherited: text, or {"from": NAME} for one that the agent has. NULL: no call.
const value_t *plan_secrets (plan_scope_t *self, const job_t *job);
plan_concurrency_t plan_concurrency (plan_scope_t *self, const concurrency_t *concurrency);

#endif
