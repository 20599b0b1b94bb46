/* insights.c - how a project's runs did in a range of days, from a sample of bounded size.
 *
 * The scheduler also gives jobs to agents: it may not be busy with statistics for longer than a few milliseconds, however many runs
 * there are. So of each day the last INSIGHT_RUNS / days runs are read, by the index of the project, whose ids are in the order of time;
 * where there were more, the answer says so. */

#include "common/base/id.h"
#include "services/scheduler/api/handlers.h"
#include "services/scheduler/api/insight_sum.h"
#include "services/scheduler/api/view.h"

#define DAY_US     (INT64_C (86400) * 1000000)
#define USUAL_DAYS 30
#define ATTEMPTS   8 // Earlier ones of a job, on average

typedef struct {
    scheduler_t *self;
    turn_t *turn;
    const char *project, *branch; // "" for all
    int64_t from, to;
    size_t days, runs, jobs; // The last two of a day
    insight_row_t *rows;
    insight_sample_t sample;
    bool *cut; // Of each day
} insight_reading_t;

static fault_t read_range (turn_t *turn, const insights_show_t *ask, insight_reading_t *reading)
{
    reading->to = ask->to ? ask->to : turn->now_us;
    reading->from = ask->from ? ask->from : reading->to - USUAL_DAYS * DAY_US;
    reading->from = reading->from > 0 ? reading->from : 0;
    if (reading->from >= reading->to)
        return turn_fail (turn, INVALID, "from: must be before `to`");
    int64_t days = (reading->to - 1) / DAY_US - reading->from / DAY_US + 1;
    if (days > INSIGHT_DAYS)
        return turn_fail (turn, INVALID, "from: at most %d days are looked at, not %lld", INSIGHT_DAYS,
                          (long long) days);
    reading->days = (size_t) days;
    reading->runs = INSIGHT_RUNS / reading->days;
    reading->jobs = INSIGHT_JOBS / reading->days;
    return OK;
}

static bool is_of_branch (const char *ref, const char *branch)
{
    return !*branch || same (ref, branch) ||
           (strncmp (ref, "refs/heads/", 11) == 0 && same (ref + 11, branch));
}

// Of one day: one run more than is looked at tells that there are more.
static void take_day (insight_reading_t *reading, const rows_t *rows, bool *cut)
{
    insight_row_t row;
    size_t runs = 0, count = rows_count (rows);
    const char *last = "";
    *cut = count > reading->jobs;
    for (size_t i = 0; i < count && i < reading->jobs; i++) {
        insight_store_read (rows, i, &row);
        runs += !same (last, row.run.id);
        last = row.run.id;
        *cut |= runs > reading->runs;
        if (runs <= reading->runs && is_of_branch (row.run.ref, reading->branch))
            reading->rows[reading->sample.row_count++] = row;
    }
}

static fault_t read_days (insight_reading_t *reading, const char *workflow)
{
    turn_t *turn = reading->turn;
    const rows_t **days = arena_array (turn->arena, reading->days, sizeof *days);
    int64_t first = reading->from / DAY_US;
    for (size_t i = 0; i < reading->days; i++) {
        int64_t begin = (first + (int64_t) i) * DAY_US, end = begin + DAY_US;
        insight_filter_t filter = {
            .project = reading->project,
            .workflow = workflow,
            .first = id_from (turn->arena, 'r', begin < reading->from ? reading->from : begin),
            .end = id_from (turn->arena, 'r', end < reading->to ? end : reading->to),
            .runs = reading->runs + 1,
            .rows = reading->jobs + 1,
        };
        TRY (insight_store_rows_later (reading->self->db, turn, &filter, &days[i]));
    }
    TRY (db_wait (reading->self->db, turn));
    for (size_t i = reading->days; i > 0; i--)
        take_day (reading, days[i - 1], &reading->cut[i - 1]);
    return OK;
}

// Jobs that are asked for by their ids, INSIGHT_IDS at once.
typedef struct {
    const insight_row_t *rows[INSIGHT_STEPS];
    size_t count;
    const rows_t *pages[INSIGHT_STEPS / INSIGHT_IDS + 1];
} insight_pick_t;

static size_t page_count (const insight_pick_t *self)
{
    return (self->count + INSIGHT_IDS - 1) / INSIGHT_IDS;
}

static size_t page_rows (const insight_pick_t *self, size_t page)
{
    size_t left = self->count - page * INSIGHT_IDS;
    return left < INSIGHT_IDS ? left : INSIGHT_IDS;
}

static strs_t page_ids (turn_t *turn, const insight_pick_t *self, size_t page)
{
    strs_t ids = {arena_array (turn->arena, INSIGHT_IDS, sizeof (char *)), page_rows (self, page)};
    for (size_t i = 0; i < ids.count; i++)
        ids.items[i] = self->rows[page * INSIGHT_IDS + i]->job.id;
    return ids;
}

static const insight_row_t *row_of (const insight_pick_t *self, size_t page, const char *job)
{
    for (size_t i = 0; i < page_rows (self, page); i++)
        if (same (self->rows[page * INSIGHT_IDS + i]->job.id, job))
            return self->rows[page * INSIGHT_IDS + i];
    return NULL;
}

static bool is_wanted (const insight_row_t *row, bool tried)
{
    return tried ? row->job.attempt > 1 : row->has_steps;
}

// Evenly spread over all that are wanted.
static void pick (const insight_sample_t *sample, bool tried, insight_pick_t *out)
{
    size_t wanted = 0, seen = 0;
    for (size_t i = 0; i < sample->row_count; i++)
        wanted += is_wanted (&sample->rows[i], tried);
    for (size_t i = 0; i < sample->row_count && out->count < INSIGHT_STEPS; i++)
        if (is_wanted (&sample->rows[i], tried) && seen++ * INSIGHT_STEPS >= out->count * wanted)
            out->rows[out->count++] = &sample->rows[i];
}

// ---- steps

static fault_t take_steps (insight_reading_t *reading, const insight_row_t *row, const rows_t *rows,
                           size_t at, size_t *capacity)
{
    turn_t *turn = reading->turn;
    insight_sample_t *sample = &reading->sample;
    job_row_t packed = {0};
    packed.steps.data = rows_bytes (rows, at, 1, &packed.steps.size);
    TRY (view_steps (turn, &packed));
    for (size_t i = 0; row && i < packed.job.steps.count; i++) {
        const step_row_t *step = &packed.job.steps.items[i];
        if (step->started_at == 0 || step->finished_at < step->started_at)
            continue;
        sample->durations = arena_grow (turn->arena, sample->durations, sample->duration_count, capacity,
                                        sizeof *sample->durations);
        sample->durations[sample->duration_count++] = (insight_duration_t){
            row->run.workflow, row->job.key, step->name, step->finished_at - step->started_at};
    }
    return OK;
}

static fault_t read_steps (insight_reading_t *reading)
{
    size_t capacity = 0;
    insight_pick_t *picked = arena_alloc (reading->turn->arena, sizeof *picked);
    pick (&reading->sample, false, picked);
    for (size_t i = 0; i < page_count (picked); i++) {
        strs_t ids = page_ids (reading->turn, picked, i);
        TRY (insight_store_steps_later (reading->self->db, reading->turn, &ids, &picked->pages[i]));
    }
    TRY (db_wait (reading->self->db, reading->turn));
    for (size_t i = 0; i < page_count (picked); i++)
        for (size_t at = 0; at < rows_count (picked->pages[i]); at++) {
            const rows_t *rows = picked->pages[i];
            TRY (take_steps (reading, row_of (picked, i, rows_str (rows, at, 0)), rows, at, &capacity));
        }
    return OK;
}

// ---- attempts: how each one ended

static void add_end (insight_sample_t *sample, const insight_row_t *row, result_t result)
{
    if (row && !row->calls && (result == result_success || result == result_failure))
        sample->ends[sample->end_count++] = (insight_end_t){row, result};
}

static fault_t read_ends (insight_reading_t *reading)
{
    turn_t *turn = reading->turn;
    insight_sample_t *sample = &reading->sample;
    insight_pick_t *picked = arena_alloc (turn->arena, sizeof *picked);
    pick (sample, true, picked);
    sample->ends =
        arena_array (turn->arena, sample->row_count + page_count (picked) * INSIGHT_IDS * ATTEMPTS + 1,
                     sizeof *sample->ends);
    for (size_t i = 0; i < sample->row_count; i++)
        add_end (sample, &reading->rows[i], (result_t) reading->rows[i].job.result);
    for (size_t i = 0; i < page_count (picked); i++) {
        strs_t ids = page_ids (turn, picked, i);
        TRY (insight_store_attempts_later (reading->self->db, turn, &ids, INSIGHT_IDS * ATTEMPTS,
                                           &picked->pages[i]));
    }
    TRY (db_wait (reading->self->db, turn));
    for (size_t i = 0; i < page_count (picked); i++)
        for (size_t at = 0; at < rows_count (picked->pages[i]); at++) {
            uint32_t result = result_none;
            (void) state_from_name (&states_result, rows_str (picked->pages[i], at, 1), &result);
            add_end (sample, row_of (picked, i, rows_str (picked->pages[i], at, 0)), (result_t) result);
        }
    return OK;
}

static void say_cuts (const insight_reading_t *reading, insights_t *out)
{
    int64_t first = reading->from / DAY_US;
    for (size_t i = 0; i < reading->days; i++)
        out->cut |= reading->cut[i];
    for (size_t i = 0, at = reading->sample.row_count; i < out->days.count && at > 0; i++) {
        int64_t day = reading->rows[at - 1].run.created_at / DAY_US;
        if (day >= first && (size_t) (day - first) < reading->days)
            out->days.items[i].cut = reading->cut[day - first];
        while (at > 0 && reading->rows[at - 1].run.created_at / DAY_US == day)
            at--;
    }
}

HANDLER (insights_show)
{
    scheduler_t *self = context;
    const insights_show_t *ask = asked;
    insights_t *answer = answered;
    project_row_t project;
    insight_reading_t reading = {.self = self, .turn = turn, .branch = ask->branch};
    TRY (read_range (turn, ask, &reading));
    TRY (project_store_find (self->db, turn, ask->project, &project));
    reading.project = project.project.id;
    reading.cut = arena_array (turn->arena, reading.days, sizeof *reading.cut);
    reading.rows = arena_array (turn->arena, INSIGHT_JOBS + 1, sizeof *reading.rows);
    reading.sample.rows = reading.rows;
    TRY (read_days (&reading, ask->workflow));
    TRY (read_steps (&reading));
    TRY (read_ends (&reading));
    insight_sum (turn->arena, &reading.sample, answer);
    answer->project_id = project.project.id;
    answer->from = reading.from;
    answer->to = reading.to;
    answer->most_runs_per_day = (uint32_t) reading.runs;
    say_cuts (&reading, answer);
    return OK;
}
