/* planner_look.h - the scheduler's interface to workflow/ for who reads or writes a file: its inputs, its jobs, what is wrong with it. See
 * planner.h. */

#ifndef OPENCICD_SCHEDULER_PLANNER_LOOK_H
#define OPENCICD_SCHEDULER_PLANNER_LOOK_H

#include "proto/strs.h"
#include "services/scheduler/run/planner.h"

typedef struct {
    const char *name, *type, *description, *deprecation;
    const char *fallback; // "" for none
    bool required;
    strs_t options;
} planned_input_t;

typedef struct {
    const char *key, *name, *uses; // As they are written; "" for none
    strs_t needs, labels;
    uint32_t steps, line;
    bool matrix;
} written_job_t;

typedef struct {
    uint32_t line, column;
    bool error;
    const char *rule, *message;
} planned_finding_t;

typedef struct {
    const planned_finding_t *findings;
    const written_job_t *jobs; // None where the file cannot be read
    size_t finding_count, job_count;
} looked_t;

// Of workflow_dispatch, in file order.
size_t planner_asks (arena_t *arena, const plan_t *self, const planned_input_t **out);
// Names of the environments that its jobs name, without those that only an expression tells. Added to `out`, each once; at most MOST_TEXTS.
#define MOST_TEXTS 256 // Of one list
void planner_environments (arena_t *arena, const plan_t *self, strs_t *out);
// All that can be said about a file without running it, and its jobs.
void planner_look (turn_t *turn, const char *file, const char *bytes, size_t size, looked_t *out);

#endif
