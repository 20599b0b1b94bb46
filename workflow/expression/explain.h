/* explain.h - how an expression came to its value: every part that was evaluated, in the order of evaluation. */

#ifndef OPENCICD_WORKFLOW_EXPLAIN_H
#define OPENCICD_WORKFLOW_EXPLAIN_H

#include "workflow/expression/expression.h"

typedef struct {
    const char *source; // As written; of an implied success() what it means
    size_t offset;      // In characters, into the text that was parsed
    int depth;          // 0 for the whole, 1 for its parts, ...
    const value_t *value;
} explanation_t;

// As expression_eval; *steps has what was evaluated, also where that ended in an error. Constants are left out,
// except where one is the whole expression.
MUST_USE fault_t expression_explain (arena_t *arena, const expression_t *self,
                                     const expression_scope_t *scope, explanation_t **steps, size_t *count,
                                     const value_t **out, expression_error_t *error);

#endif
