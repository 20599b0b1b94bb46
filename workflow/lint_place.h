/* lint_place.h - a name in an expression, and the place that it stands at: what the checks of names share. */

#ifndef OPENCICD_WORKFLOW_LINT_PLACE_H
#define OPENCICD_WORKFLOW_LINT_PLACE_H

#include "common/nearest.h"
#include "workflow/lint_rules.h"

typedef struct {
    lint_t *lint;
    const job_t *job;   // NULL: outside of jobs
    size_t step;        // Steps that come before; all of them outside of steps
    const node_t *node; // The text that is looked at
    const expression_use_t *use;
} place_t;

#define COMPLAIN_BY(self, rule, ...) \
    lint_add ((self)->lint, rule, (self)->node, node_offset ((self)->node, (self)->use->offset), __VA_ARGS__)
#define COMPLAIN(self, ...) (COMPLAIN_BY (self, RULE_NAMES, __VA_ARGS__), false) // A check's answer

// The property `at` of the path; NULL where there is none, or any (`*`), or one that only evaluation tells.
const char *place_property (const place_t *self, size_t at);
const char *place_guess (const place_t *self, const nearest_t *nearest); // "; did you mean ...?" or ""

// Is the use fine? Each complains where it is not.
bool place_fixed (const place_t *self, const char *object, const char *name, const char *const *names);
bool place_github (const place_t *self);
bool place_runner (const place_t *self);
bool place_strategy (const place_t *self);
bool place_job (const place_t *self);    // job.container, job.services, ...
bool place_matrix (const place_t *self); // In lint_matrix.c
// No property of what is a single value, such as a ref, an outcome or an output.
bool place_depth (const place_t *self);

#endif
