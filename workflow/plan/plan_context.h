/* plan_context.h - what planning may see, and the values that its parts hand to each other: below plan.h, which makes runs of them. */

#ifndef OPENCICD_WORKFLOW_PLAN_CONTEXT_H
#define OPENCICD_WORKFLOW_PLAN_CONTEXT_H

#include "workflow/model/model.h"

#define PLAN_CELLS 256 // Cells of one matrix
#define PLAN_NAME  100 // Characters of a name that is made of a matrix cell

typedef struct selection selection_t; // select.h

// What the conditions and expressions may see. NULL stands for an empty object.
typedef struct {
    const value_t *github, *inputs, *vars;
    const value_t *secrets; // That the caller gave; NULL: none
    const value_t *
        permissions; // Of the job that calls its workflow: an object, or null where none declares any; NULL: nothing calls it
    const value_t *jobs; // Finished jobs by key: {"build": {"result": "success", "outputs": {"a": "b"}}}
    bool cancelled;      // The run was asked to stop
    size_t *bytes;       // As expression_scope_t
    const selection_t *selection; // Of cells; NULL: all
} plan_context_t;

typedef struct {
    const char *group; // NULL: none
    bool cancel_in_progress;
    bool queue_all; // `queue: max`: waiting ones are kept, not replaced
} plan_concurrency_t;

#endif
