/* matrix.h - `strategy.matrix` to its cells.
 *
 * First the product of all lists, the last one turning fastest; `exclude` drops what an item of it matches in all its
 * leaves; `include` adds its other keys to each combination that it matches in those keys that the product has, and
 * becomes a cell of its own where it matched none. After GitHub's documentation and its runner's behaviour. */

#ifndef OPENCICD_WORKFLOW_MATRIX_H
#define OPENCICD_WORKFLOW_MATRIX_H

#include "workflow/plan/plan_scope.h"

#define MATRIX_PRODUCT 4096 // Combinations before `exclude`
#define MATRIX_FILTERS 1000 // Items of `include`, and of `exclude`

typedef struct {
    const value_t *value;
    const char *segments; // "linux, 12": for the job's name; without what `include` added
} matrix_cell_t;

typedef struct {
    matrix_cell_t *cells;
    size_t count;
} matrix_t;

// INVALID with findings, placed at `node`. No cells at all: one cell of null, as without a matrix. The value is what
// the node evaluates to; NULL, where that went wrong, is INVALID without another finding.
MUST_USE fault_t matrix_expand (plan_scope_t *scope, const node_t *node, const value_t *value, matrix_t *out);

// Every leaf of the filter is as in the value; maps and lists are compared in the filter's parts only.
bool matrix_matches (const value_t *filter, const value_t *value);

bool node_is_constant (const node_t *self); // No expression anywhere below

#endif
