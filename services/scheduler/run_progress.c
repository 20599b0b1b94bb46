/* run_progress.c - see progress.h: a run's DAG moves on. */

#include "services/scheduler/call.h"
#include "services/scheduler/needs.h"
#include "services/scheduler/note.h"
#include "services/scheduler/progress.h"

result_t node_result (arena_t *arena, const node_row_t *node)
{
    uint32_t result = result_failure;
    (void) state_from_name (&states_result, value_get_text (planner_json (arena, node->outcome), "result"),
                            &result);
    return result;
}

static fault_t run_end (scheduler_t *self, turn_t *turn, run_row_t run, const node_rows_t *nodes)
{
    if (run.run.state == run_finished)
        return OK;
    result_t *results = arena_array (turn->arena, nodes->count + 1, sizeof *results);
    for (size_t i = 0; i < nodes->count; i++)
        results[i] = node_result (turn->arena, &nodes->items[i]);
    run.run.state = run_finished;
    run.run.result = needs_result (results, nodes->count, run.cancelled != CANCEL_NO);
    run.run.finished_at = turn->now_us;
    TRY (run_store_save (self->db, turn, &run));
    TRY (note_run (self, turn, "run.state", &run.run));
    return *run.concurrency ? group_release (self, turn, run.run.project_id, run.concurrency, run.run.id)
                            : OK;
}

const value_t *run_github (arena_t *arena, const run_t *run, const run_texts_t *texts)
{
    return planner_json (arena,
                         arena_printf (arena, "{\"run_attempt\":\"%u\",%s", run->attempt, texts->github + 1));
}

static fault_t read_plan (scheduler_t *self, turn_t *turn, const run_t *run, plan_t **out)
{
    run_texts_t texts;
    TRY (run_store_texts (self->db, turn, run->id, &texts));
    TRY (planner_read (turn, run->workflow, texts.source, strlen (texts.source), out));
    planner_resume (*out, run_github (turn->arena, run, &texts), planner_json (turn->arena, texts.inputs));
    return OK;
}

// The plans of a run that were read: its own workflow's, and the last called one.
typedef struct {
    plan_t *own, *called;
    const char *called_by;
} plans_t;

// NULL where an older version took the file and this one does not: its jobs end with the turn's detail.
static fault_t plan_of (scheduler_t *self, turn_t *turn, const run_t *run, plans_t *plans,
                        const node_row_t *node, plan_t **out)
{
    bool called = *node->called_by,
         known = called ? plans->called && same (plans->called_by, node->called_by) : plans->own != NULL;
    plan_t **plan = called ? &plans->called : &plans->own;
    fault_t fault = known    ? OK
                    : called ? call_plan (self, turn, node->called_by, plan)
                             : read_plan (self, turn, run, plan);
    plans->called_by = called ? node->called_by : plans->called_by;
    if (fault)
        *plan = NULL;
    *out = *plan;
    return fault == INVALID ? OK : fault;
}

// Those of a called workflow wait for their caller's turn.
static fault_t is_ready (scheduler_t *self, turn_t *turn, const node_rows_t *nodes, const node_row_t *node,
                         bool *ready)
{
    *ready = node->state == NODE_PENDING && needs_done (nodes, node);
    if (!*ready || !*node->called_by)
        return OK;
    job_row_t caller;
    TRY (job_store_find (self->db, turn, node->called_by, &caller));
    *ready = caller.job.state == job_running;
    return OK;
}

// The rows may have changed since they were read: what one expansion cancels can set others off.
static fault_t expand_ready (scheduler_t *self, turn_t *turn, const run_row_t *run, plans_t *plans,
                             node_rows_t *nodes, bool *expanded, bool *more)
{
    *more = false;
    for (size_t i = 0; i < nodes->count; i++) {
        node_row_t *node = &nodes->items[i];
        plan_t *plan;
        bool ready;
        TRY (is_ready (self, turn, nodes, node, &ready));
        if (!ready)
            continue;
        if (*expanded)
            TRY (node_store_find (self->db, turn, node->run_id, node->key, node));
        *expanded = true;
        if (node->state != NODE_PENDING)
            continue;
        TRY (plan_of (self, turn, &run->run, plans, node, &plan));
        TRY (node_expand (self, turn, run, plan, nodes, node));
        *more |= node->state == NODE_FINISHED;
    }
    return OK;
}

fault_t run_advance (scheduler_t *self, turn_t *turn, run_row_t *run, plan_t *plan)
{
    if (run->run.state == run_pending)
        return OK; // It waits for its concurrency group
    node_rows_t nodes;
    plans_t plans = {.own = plan};
    TRY (node_store_of_run (self->db, turn, run->run.id, &nodes));
    bool expanded = false, ended;
    for (bool more = true; more;)
        TRY (expand_ready (self, turn, run, &plans, &nodes, &expanded, &more));
    run_row_t now = *run;
    if (expanded) {
        TRY (run_store_find (self->db, turn, run->run.id, &now));
        TRY (node_store_of_run (self->db, turn, run->run.id, &nodes));
    }
    TRY (calls_end (self, turn, &nodes, &ended));
    return !ended && needs_all_finished (&nodes) ? run_end (self, turn, now, &nodes) : OK;
}

fault_t run_begin (scheduler_t *self, turn_t *turn, run_row_t *run, plan_t *plan)
{
    run->run.state = run_running;
    TRY (run_store_save (self->db, turn, run));
    TRY (note_run (self, turn, "run.state", &run->run));
    return run_advance (self, turn, run, plan);
}

static fault_t start_next (scheduler_t *self, turn_t *turn, const node_row_t *node)
{
    job_rows_t cells;
    TRY (job_store_of_node (self->db, turn, node->run_id, node->key, &cells));
    int64_t active = 0;
    for (size_t i = 0; i < cells.count; i++)
        active += cells.items[i].job.state != job_pending && cells.items[i].job.state != job_finished;
    for (size_t i = 0; i < cells.count && active < node->max_parallel; i++)
        if (cells.items[i].job.state == job_pending) {
            TRY (job_start (self, turn, &cells.items[i]));
            active++;
        }
    return OK;
}

fault_t node_follow (scheduler_t *self, turn_t *turn, const job_row_t *ended, const node_row_t *node)
{
    if (node->cells_left > 0) {
        bool failed = ended->job.result == result_failure && !ended->job.continue_on_error;
        if (failed && node->fail_fast)
            return node_stop (self, turn, node->run_id, node->key,
                              arena_printf (turn->arena, "%s failed (fail-fast)", ended->job.name));
        bool held = node->max_parallel > 0 && ended->job.result != result_cancelled;
        return held ? start_next (self, turn, node) : OK;
    }
    job_row_t only = *ended;
    job_rows_t cells = {&only, 1};
    node_row_t done = *node;
    if (node->cells != 1)
        TRY (job_store_of_node (self->db, turn, node->run_id, node->key, &cells));
    TRY (node_outcome (self, turn, &done, &cells));
    run_row_t run;
    TRY (run_store_find (self->db, turn, node->run_id, &run));
    if (run.run.state == run_pending && run.cancelled) // Cancelled before its group was free
        run.run.state = run_cancelling;
    return run_advance (self, turn, &run, NULL);
}
