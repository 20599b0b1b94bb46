/* plan.h - the result of `opencicd plan`, between planning and printing. */

#ifndef OPENCICD_CLI_PLAN_PLAN_H
#define OPENCICD_CLI_PLAN_PLAN_H

#include "cli/command/command.h"
#include "cli/files/callees.h"
#include "cli/plan/plan_event.h"

typedef struct level level_t;

typedef struct {
    const job_t *job;
    plan_expansion_t expansion;
    const char *unknown;   // Why it is unknown; NULL if it is known
    const level_t **calls; // What each cell calls, NULL if not available; NULL for a job with steps
} planned_t;

// A workflow of the run: its own, or one that a cell calls.
struct level {
    const workflow_t *workflow;
    const char *name;  // Of a called file; "" for the run's own
    const char *title; // Of the cell that calls it
    const char *wrong; // Why it cannot be called like this; NULL if it can
    const value_t *inputs;
    planned_t *jobs; // In the order in which they were planned
    size_t count;
    value_t *results; // As plan_context_t.jobs
};

typedef struct {
    cli_t *cli;
    arena_t *arena;
    const char *file, *text;
    size_t size;
    callees_t called;
    plan_event_t event;
    plan_run_t run;
    level_t top;
    size_t planned; // Jobs of all levels
} planning_t;

void plan_print (const planning_t *self);
void plan_print_json (const planning_t *self, bool triggered, const char *reason);

#endif
