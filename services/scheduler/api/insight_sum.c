/* insight_sum.c - see insight_sum.h. Every group is a pass over the sample, which is small, or a stretch of it once it is sorted. */

#include "services/scheduler/api/insight_sum.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY_US (INT64_C (86400) * 1000000)

typedef struct {
    int64_t *items;
    size_t count;
} times_t;

// What all messages with INSIGHT_TIMES say.
typedef struct {
    uint32_t runs, succeeded, failed;
    int64_t duration_p50_ms, duration_p95_ms, wait_p50_ms, wait_p95_ms, agent_ms;
} insight_figures_t;

#define SET_FIGURES(into, from)                            \
    do {                                                   \
        (into)->runs = (from)->runs;                       \
        (into)->succeeded = (from)->succeeded;             \
        (into)->failed = (from)->failed;                   \
        (into)->duration_p50_ms = (from)->duration_p50_ms; \
        (into)->duration_p95_ms = (from)->duration_p95_ms; \
        (into)->wait_p50_ms = (from)->wait_p50_ms;         \
        (into)->wait_p95_ms = (from)->wait_p95_ms;         \
    } while (0)

static int by_number (const void *a, const void *b)
{
    int64_t one = *(const int64_t *) a, other = *(const int64_t *) b;
    return one < other ? -1 : one > other;
}

// Nearest rank, of sorted ones.
static int64_t percentile (const int64_t *sorted, size_t count, size_t percent)
{
    return count ? sorted[(count * percent + 99) / 100 - 1] / 1000 : 0;
}

static void add_time (times_t *self, int64_t from, int64_t to)
{
    if (from > 0 && to >= from)
        self->items[self->count++] = to - from;
}

static int64_t day_of (const insight_row_t *row)
{
    return row->run.created_at / DAY_US;
}

static bool begins_run (const insight_sample_t *sample, size_t at)
{
    return at == 0 || strcmp (sample->rows[at].run.id, sample->rows[at - 1].run.id) != 0;
}

// A run that was started again began long before its latest attempt.
static void count_run (const run_t *run, insight_figures_t *figures, times_t *durations)
{
    figures->runs++;
    figures->succeeded += run->result == result_success;
    figures->failed += run->result == result_failure;
    if (run->result == result_success && run->attempt == 1)
        add_time (durations, run->started_at, run->finished_at);
}

// Of one day, with -1 of all; of one workflow, with NULL of all.
static insight_figures_t add_up (arena_t *arena, const insight_sample_t *sample, int64_t day,
                                 const char *workflow)
{
    insight_figures_t figures = {0};
    times_t durations = {arena_array (arena, sample->row_count + 1, sizeof (int64_t)), 0};
    times_t waits = {arena_array (arena, sample->row_count + 1, sizeof (int64_t)), 0};
    for (size_t i = 0; i < sample->row_count; i++) {
        const insight_row_t *row = &sample->rows[i];
        if ((day >= 0 && day_of (row) != day) || (workflow && strcmp (row->run.workflow, workflow) != 0))
            continue;
        if (begins_run (sample, i))
            count_run (&row->run, &figures, &durations);
        if (row->calls || !row->has_steps)
            continue;
        if (row->job.attempt == 1)
            add_time (&waits, row->job.queued_at, row->job.started_at);
        if (row->job.finished_at > row->job.started_at)
            figures.agent_ms += (row->job.finished_at - row->job.started_at) / 1000;
    }
    qsort (durations.items, durations.count, sizeof (int64_t), by_number);
    qsort (waits.items, waits.count, sizeof (int64_t), by_number);
    figures.duration_p50_ms = percentile (durations.items, durations.count, 50);
    figures.duration_p95_ms = percentile (durations.items, durations.count, 95);
    figures.wait_p50_ms = percentile (waits.items, waits.count, 50);
    figures.wait_p95_ms = percentile (waits.items, waits.count, 95);
    return figures;
}

static void sum_days (arena_t *arena, const insight_sample_t *sample, insight_day_items_t *out)
{
    int64_t last = -1;
    *out = (insight_day_items_t){arena_array (arena, INSIGHT_DAYS, sizeof *out->items), 0};
    for (size_t i = sample->row_count; i > 0 && out->count < INSIGHT_DAYS; i--) {
        int64_t day = day_of (&sample->rows[i - 1]);
        if (day == last)
            continue;
        last = day;
        time_t seconds = (time_t) (day * 86400);
        struct tm date;
        char *text = arena_alloc (arena, 11);
        strftime (text, 11, "%Y-%m-%d", gmtime_r (&seconds, &date));
        insight_figures_t figures = add_up (arena, sample, day, NULL);
        insight_day_t *into = &out->items[out->count++];
        into->day = text;
        SET_FIGURES (into, &figures);
    }
}

static int by_cost (const void *a, const void *b)
{
    const insight_workflow_t *one = a, *other = b;
    if (one->agent_ms != other->agent_ms)
        return one->agent_ms > other->agent_ms ? -1 : 1;
    return strcmp (one->workflow, other->workflow);
}

static bool is_known (const insight_workflow_items_t *known, const char *workflow)
{
    for (size_t i = 0; i < known->count; i++)
        if (strcmp (known->items[i].workflow, workflow) == 0)
            return true;
    return false;
}

static void sum_workflows (arena_t *arena, const insight_sample_t *sample, insight_workflow_items_t *out)
{
    *out = (insight_workflow_items_t){arena_array (arena, INSIGHT_WORKFLOWS, sizeof *out->items), 0};
    for (size_t i = 0; i < sample->row_count && out->count < INSIGHT_WORKFLOWS; i++) {
        const run_t *run = &sample->rows[i].run;
        if (is_known (out, run->workflow))
            continue;
        insight_figures_t figures = add_up (arena, sample, -1, run->workflow);
        insight_workflow_t *into = &out->items[out->count++];
        into->workflow = run->workflow;
        into->name = run->name; // As the latest run calls it
        into->agent_ms = figures.agent_ms;
        SET_FIGURES (into, &figures);
    }
    qsort (out->items, out->count, sizeof *out->items, by_cost);
}

// ---- steps

static int by_step (const insight_duration_t *one, const insight_duration_t *other)
{
    int order = strcmp (one->workflow, other->workflow);
    order = order ? order : strcmp (one->job, other->job);
    return order ? order : strcmp (one->step, other->step);
}

static int by_step_and_time (const void *a, const void *b)
{
    const insight_duration_t *one = a, *other = b;
    int order = by_step (one, other);
    return order ? order : by_number (&one->us, &other->us);
}

static int by_slowness (const void *a, const void *b)
{
    return by_number (&((const insight_step_t *) b)->duration_p50_ms,
                      &((const insight_step_t *) a)->duration_p50_ms);
}

static insight_step_t step_of (arena_t *arena, const insight_duration_t *first, size_t count)
{
    int64_t *times = arena_array (arena, count, sizeof *times), total = 0;
    for (size_t i = 0; i < count; i++)
        total += times[i] = first[i].us;
    return (insight_step_t){.workflow = first->workflow,
                            .job = first->job,
                            .step = first->step,
                            .count = (uint32_t) count,
                            .duration_p50_ms = percentile (times, count, 50),
                            .duration_p95_ms = percentile (times, count, 95),
                            .total_ms = total / 1000};
}

static void sum_steps (arena_t *arena, insight_sample_t *sample, insight_step_items_t *out)
{
    insight_duration_t *all = sample->durations;
    size_t count = sample->duration_count;
    *out = (insight_step_items_t){arena_array (arena, count + 1, sizeof *out->items), 0};
    if (count > 0)
        qsort (all, count, sizeof *all, by_step_and_time);
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && by_step (&all[i], &all[end]) == 0; end++)
            ;
        out->items[out->count++] = step_of (arena, &all[i], end - i);
    }
    qsort (out->items, out->count, sizeof *out->items, by_slowness);
    out->count = out->count < INSIGHT_ROWS ? out->count : INSIGHT_ROWS;
}

// ---- flaky jobs

static int by_job (const insight_end_t *one, const insight_end_t *other)
{
    int order = strcmp (one->row->run.workflow, other->row->run.workflow);
    return order ? order : strcmp (one->row->job.name, other->row->job.name);
}

static int by_commit (const insight_end_t *one, const insight_end_t *other)
{
    int order = by_job (one, other);
    return order ? order : strcmp (one->row->run.sha, other->row->run.sha);
}

// Of a commit the latest run first.
static int by_commit_and_run (const void *a, const void *b)
{
    const insight_end_t *one = a, *other = b;
    int order = by_commit (one, other);
    return order ? order : strcmp (other->row->run.id, one->row->run.id);
}

static int by_commits (const void *a, const void *b)
{
    return (int) ((const insight_flaky_t *) b)->commits - (int) ((const insight_flaky_t *) a)->commits;
}

// One commit's attempts at one job.
static void count_commit (const insight_end_t *first, size_t count, insight_flaky_t *job, int64_t *latest)
{
    uint32_t failed = 0, succeeded = 0;
    const insight_row_t *row = first->row;
    for (size_t i = 0; i < count; i++) {
        failed += first[i].result == result_failure;
        succeeded += first[i].result == result_success;
    }
    if (!*row->run.sha || failed == 0 || succeeded == 0)
        return;
    job->commits++;
    job->failed += failed;
    job->succeeded += succeeded;
    if (row->run.created_at <= *latest)
        return;
    *latest = row->run.created_at;
    job->sha = row->run.sha;
    for (size_t i = 0; i < count; i++)
        if (first[i].result == result_failure)
            job->job_id = first[i].row->job.id;
}

static void sum_flaky (arena_t *arena, insight_sample_t *sample, insight_flaky_items_t *out)
{
    insight_end_t *all = sample->ends;
    size_t count = sample->end_count;
    int64_t latest = -1;
    *out = (insight_flaky_items_t){arena_array (arena, count + 1, sizeof *out->items), 0};
    if (count > 0)
        qsort (all, count, sizeof *all, by_commit_and_run);
    for (size_t i = 0, end; i < count; i = end) {
        insight_flaky_t *job = &out->items[out->count];
        if (!job->workflow)
            *job = (insight_flaky_t){
                .workflow = all[i].row->run.workflow, .job = all[i].row->job.name, .sha = "", .job_id = ""};
        for (end = i + 1; end < count && by_commit (&all[i], &all[end]) == 0; end++)
            ;
        count_commit (&all[i], end - i, job, &latest);
        if (end < count && by_job (&all[i], &all[end]) == 0)
            continue;
        out->count += job->commits > 0;
        out->items[out->count].workflow = NULL;
        latest = -1;
    }
    qsort (out->items, out->count, sizeof *out->items, by_commits);
    out->count = out->count < INSIGHT_ROWS ? out->count : INSIGHT_ROWS;
}

void insight_sum (arena_t *arena, insight_sample_t *sample, insights_t *out)
{
    insight_figures_t figures = add_up (arena, sample, -1, NULL);
    SET_FIGURES (out, &figures);
    out->jobs = 0;
    for (size_t i = 0; i < sample->row_count; i++)
        out->jobs += *sample->rows[i].job.id != 0;
    sum_days (arena, sample, &out->days);
    sum_workflows (arena, sample, &out->workflows);
    sum_steps (arena, sample, &out->steps);
    sum_flaky (arena, sample, &out->flaky);
}
