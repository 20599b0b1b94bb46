/* completion.h - what can be written inside of an expression and of `with`, for editors: from the tables that the checks read. */

#ifndef OPENCICD_WORKFLOW_COMPLETION_H
#define OPENCICD_WORKFLOW_COMPLETION_H

#include "workflow/expression/value.h"

// {"places": [{"path": "jobs.*.steps[].if", "contexts", "functions"}, ...], "contexts": {"github": ["actor", ...], "steps.*": [...]},
// "functions": {"contains": "is the item ...?"}, "actions": {"actions/checkout": ["ref", ...]}}. A place that is not named has what the one
// above it has. What a file names itself (its jobs, steps, inputs, matrices) is for the editor to find.
const value_t *completion_json (arena_t *arena);

#endif
