/* rerun.c - see rerun.h. Jobs that are not run again keep their results and outputs. */

#include "services/scheduler/rerun.h"

#include "services/scheduler/needs.h"
#include "services/scheduler/note.h"

typedef enum { RERUN_ALL, RERUN_FAILED, RERUN_JOB } rerun_t;

static fault_t read_what (turn_t *turn, const run_rerun_t *ask, rerun_t *out)
{
    static const char *const names[] = {"all", "failed", "job"};
    *out = RERUN_ALL;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (same (ask->only, names[i])) {
            *out = (rerun_t) i;
            return *out == RERUN_JOB && !*ask->job ? turn_fail (turn, INVALID, "job: its id is missing") : OK;
        }
    return *ask->only ? turn_fail (turn, INVALID, "only: %s is not one of all, failed, job", ask->only) : OK;
}

static bool is_chosen (rerun_t what, const run_rerun_t *ask, const job_t *job)
{
    switch (what) {
    case RERUN_ALL: return true;
    case RERUN_FAILED: return job->result == result_failure || job->result == result_cancelled;
    default: return same (job->id, ask->job);
    }
}

static size_t node_of (const node_rows_t *nodes, const char *key)
{
    for (size_t i = 0; i < nodes->count; i++)
        if (same (nodes->items[i].key, key))
            return i;
    return 0;
}

static fault_t reset (scheduler_t *self, turn_t *turn, const node_rows_t *nodes, const job_rows_t *jobs,
                      const bool *chosen)
{
    for (size_t i = 0; i < nodes->count; i++) {
        node_row_t node = nodes->items[i];
        node.cells_left = 0;
        for (size_t j = 0; j < jobs->count; j++) {
            job_row_t *row = &jobs->items[j];
            if (!chosen[j] || !same (row->job.key, node.key))
                continue;
            TRY (job_store_reset (self->db, turn, row->job.id));
            row->job.state = job_pending;
            row->job.result = result_none;
            row->job.agent_id = "";
            TRY (note_job (self, turn, &row->job));
            node.cells_left++;
        }
        if (node.cells_left > 0)
            TRY (node_store_reset (self->db, turn, &node));
    }
    return OK;
}

// What is run again of a run: nodes that are touched, and jobs.
typedef struct {
    node_rows_t nodes;
    job_rows_t jobs;
    bool *marks;  // Nodes
    bool *parts;  // Of those, nodes of which only the chosen jobs run; the others run as a whole
    bool *chosen; // Jobs
} again_t;

static void choose_part (again_t *self, size_t job)
{
    size_t node = node_of (&self->nodes, self->jobs.items[job].job.key);
    self->chosen[job] = self->marks[node] = self->parts[node] = true;
}

static size_t caller_of (const again_t *self, const node_row_t *node)
{
    size_t job = 0;
    while (job < self->jobs.count && !same (self->jobs.items[job].job.id, node->called_by))
        job++;
    return job;
}

// A job in a called workflow opens its caller again; a caller that runs as a whole, or was asked for, takes along all it calls.
static bool spread_calls (again_t *self, const char *asked)
{
    bool more = false;
    for (size_t i = 0; i < self->nodes.count; i++) {
        const node_row_t *node = &self->nodes.items[i];
        size_t job = *node->called_by ? caller_of (self, node) : self->jobs.count;
        if (job == self->jobs.count)
            continue;
        size_t caller = node_of (&self->nodes, self->jobs.items[job].job.key);
        bool whole = self->marks[caller] && !self->parts[caller];
        if (!self->marks[i] && (whole || same (node->called_by, asked)))
            more = self->marks[i] = true;
        if (self->marks[i] && !whole && !self->chosen[job]) {
            choose_part (self, job);
            more = true;
        }
    }
    return more;
}

static fault_t choose (scheduler_t *self, turn_t *turn, const run_rerun_t *ask, rerun_t what)
{
    again_t again;
    size_t count = 0;
    TRY (node_store_of_run (self->db, turn, ask->run, &again.nodes));
    TRY (job_store_of_run (self->db, turn, ask->run, &again.jobs));
    again.chosen = arena_array (turn->arena, again.jobs.count + 1, sizeof (bool));
    again.marks = arena_array (turn->arena, again.nodes.count + 1, sizeof (bool));
    again.parts = arena_array (turn->arena, again.nodes.count + 1, sizeof (bool));
    for (size_t i = 0; i < again.jobs.count; i++)
        if (is_chosen (what, ask, &again.jobs.items[i].job)) {
            choose_part (&again, i);
            count++;
        }
    if (count == 0)
        return what == RERUN_FAILED ? turn_fail (turn, CONFLICT, "no job of this run failed or was cancelled")
                                    : turn_fail (turn, NOT_FOUND, "job %s is not of this run", ask->job);
    do
        needs_mark_followers (&again.nodes, again.marks);
    while (spread_calls (&again, what == RERUN_JOB ? ask->job : ""));
    for (size_t i = 0; i < again.jobs.count; i++) {
        size_t node = node_of (&again.nodes, again.jobs.items[i].job.key);
        again.chosen[i] |= again.marks[node] && !again.parts[node];
    }
    return reset (self, turn, &again.nodes, &again.jobs, again.chosen);
}

static fault_t begin_again (scheduler_t *self, turn_t *turn, run_row_t *run)
{
    bool holds = true;
    group_t group = {.name = run->concurrency};
    run->run.attempt++;
    run->run.state = run_pending;
    run->run.result = result_none;
    run->run.finished_at = 0;
    run->cancelled = CANCEL_NO;
    TRY (run_store_save (self->db, turn, run));
    if (*run->concurrency)
        TRY (group_claim (self, turn, run->run.project_id, run->run.id, &group, &holds));
    return holds ? run_begin (self, turn, run, NULL) : OK;
}

fault_t rerun (scheduler_t *self, turn_t *turn, const run_rerun_t *ask)
{
    rerun_t what;
    run_row_t run;
    TRY (read_what (turn, ask, &what));
    TRY (run_store_find (self->db, turn, ask->run, &run));
    if (run.run.state != run_finished)
        return turn_fail (turn, CONFLICT, "run %lld has not ended", (long long) run.run.number);
    TRY (choose (self, turn, ask, what));
    return begin_again (self, turn, &run);
}
