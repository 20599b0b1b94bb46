/* insight_sum.h - what a sample of a project's runs adds up to. Pure. */

#ifndef OPENCICD_SCHEDULER_INSIGHT_SUM_H
#define OPENCICD_SCHEDULER_INSIGHT_SUM_H

#include "common/base/arena.h"
#include "services/scheduler/store/insight_store.h"

typedef struct {
    const char *workflow, *job, *step;
    int64_t us;
} insight_duration_t;

// How an attempt at a job ended.
typedef struct {
    const insight_row_t *row;
    result_t result;
} insight_end_t;

// The rows of a run follow each other, the latest run first. The others have room for what is added later.
typedef struct {
    const insight_row_t *rows;
    size_t row_count;
    insight_duration_t *durations; // Of steps; sorted by insight_sum
    size_t duration_count;
    insight_end_t *ends; // Likewise, of attempts
    size_t end_count;
} insight_sample_t;

// Fills everything of `out` but project_id, from, to, cut and most_runs_per_day; of the days all but `cut`.
void insight_sum (arena_t *arena, insight_sample_t *sample, insights_t *out);

#endif
