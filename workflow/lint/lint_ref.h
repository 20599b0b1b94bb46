/* lint_ref.h - a name in an expression, and its location: what the checks of names share. */

#ifndef OPENCICD_WORKFLOW_LINT_REF_H
#define OPENCICD_WORKFLOW_LINT_REF_H

#include "common/base/nearest.h"
#include "workflow/expression/type_check.h"
#include "workflow/lint/lint_rules.h"

typedef struct {
    lint_t *lint;
    const job_t *job;   // NULL: outside of jobs
    size_t step;        // Steps that come before; all of them outside of steps
    const node_t *node; // The text that is looked at
    const expression_ref_t *ref;
} lint_ref_t;

// The properties that the language itself names: of a context, or of what is below one ("steps.*"). Lists end with NULL.
typedef struct {
    const char *of;
    const char *const *names;
} ref_names_t;

extern const ref_names_t ref_names[];
extern const char *const ref_step_names[], *const ref_result_names[];

#define COMPLAIN_BY(self, rule, ...) \
    lint_add ((self)->lint, rule, (self)->node, node_offset ((self)->node, (self)->ref->offset), __VA_ARGS__)
#define COMPLAIN(self, ...) (COMPLAIN_BY (self, RULE_NAMES, __VA_ARGS__), false) // A check's answer

// The property `at` of the path; NULL where there is none, or any (`*`), or one that only evaluation tells.
const char *ref_property (const lint_ref_t *self, size_t at);
const char *ref_guess (const lint_ref_t *self, const nearest_t *nearest); // "; did you mean ...?" or ""

// Is the use correct? Each of these adds a finding if it is not.
bool ref_in_context (const lint_ref_t *self, const char *object, const char *name, const char *const *names);
bool ref_github (const lint_ref_t *self);
bool ref_runner (const lint_ref_t *self);
bool ref_strategy (const lint_ref_t *self);
bool ref_job (const lint_ref_t *self);                             // job.container, job.services, ...
bool ref_matrix (const lint_ref_t *self);                          // In lint_matrix.c
type_t ref_matrix_type (const lint_ref_t *self, const char *name); // Likewise
// No property of what is a single value, such as a ref, an outcome or an output.
bool ref_depth (const lint_ref_t *self);

#endif
