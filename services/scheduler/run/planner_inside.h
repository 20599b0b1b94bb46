/* planner_inside.h - what planner.c and planner_calls.c share: a plan as it is. */

#ifndef OPENCICD_SCHEDULER_PLANNER_INSIDE_H
#define OPENCICD_SCHEDULER_PLANNER_INSIDE_H

#include "services/scheduler/run/planner.h"
#include "workflow/plan/call.h"
#include "workflow/plan/select.h"

struct plan {
    const workflow_t *workflow;
    const char *name;  // Of a called file; "" for the run's own
    const char *title; // Of the job that calls it
    const value_t *github, *vars, *inputs;
    const value_t *secrets; // That its caller gave; NULL: none
    const value_t
        *permissions; // Of the job that calls it, null where none are declared; NULL: nothing calls it
    const selection_t *selection; // NULL for the whole of it
};

const char *plan_errors (arena_t *arena,
                         const findings_t *findings); // Errors, a line each: FILE:LINE:COL: message

#endif
