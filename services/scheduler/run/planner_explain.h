/* planner_explain.h - a job of a plan for people: what it is made of, and every value of its condition. See planner.h. */

#ifndef OPENCICD_SCHEDULER_PLANNER_EXPLAIN_H
#define OPENCICD_SCHEDULER_PLANNER_EXPLAIN_H

#include "services/scheduler/run/planner.h"

typedef struct {
    const char *source;
    uint32_t depth;
    const char *value; // JSON
} planned_part_t;

typedef struct {
    const char *id, *name, *uses, *run, *condition;
    strs_t with, env;
    bool background;
} planned_step_t;

typedef struct {
    const char *location, *wrong; // "" where it can be planned
    const char *uses, *condition, *matrix, *environment, *container;
    strs_t runs_on, env;
    bool runs;
    const char *reason;
    planned_part_t *parts;
    size_t part_count;
    planned_step_t *steps;
    size_t step_count;
} planned_job_view_t;

// `finished` as planner_expand takes it, or NULL where what it needs has not ended: then the condition is not evaluated.
void planner_explain (turn_t *turn, const plan_t *self, const char *key, const value_t *finished,
                      bool cancelled, size_t *bytes, planned_job_view_t *out);

#endif
