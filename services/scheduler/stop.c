/* stop.c - see progress.h: what is asked to stop.
 *
 * As on GitHub ("Workflow cancellation reference"): a soft stop leaves alone jobs whose condition asks for always() or cancelled(),
 * also those that have not begun. A hard one leaves nothing. What runs is told by DELETE on its agent, or with its next word. */

#include "services/scheduler/note.h"
#include "services/scheduler/progress.h"

static void push_stop (void *context, void *data)
{
    scheduler_t *self = context;
    pusher_push (self->pusher, data);
}

static fault_t tell_agent (scheduler_t *self, turn_t *turn, const lease_t *lease, bool hard)
{
    agent_row_t agent;
    fault_t fault = agent_store_find (self->db, turn, lease->agent_id, &agent);
    if (fault == NOT_FOUND || (!fault && !*agent.agent.url))
        return OK; // It learns with its next word
    if (fault)
        return fault;
    push_t *push = arena_alloc (turn->arena, sizeof *push);
    *push = (push_t){
        .url = agent.agent.url,
        .key = agent.push_key,
        .agent = agent.agent.id,
        .job = lease->job_id,
        .attempt = lease->attempt,
        .hard = hard,
    };
    actor_after (turn, push_stop, push);
    return OK;
}

// A job that an agent has, or is just getting.
static fault_t stop_running (scheduler_t *self, turn_t *turn, job_row_t *row, cancel_t how,
                             const char *reason)
{
    lease_t lease;
    agent_row_t agent;
    TRY (lease_store_of_job (self->db, turn, row->job.id, &lease));
    fault_t fault = agent_store_find (self->db, turn, lease.agent_id, &agent);
    if (fault && fault != NOT_FOUND)
        return fault;
    bool nobody_has_it = !lease.begun && row->job.state == job_assigned && (fault || !*agent.agent.url);
    if (nobody_has_it)
        return job_end (self, turn, row, result_cancelled, reason);
    uint32_t order = how == CANCEL_HARD ? order_kill : order_cancel;
    if (order > lease.order) {
        lease.order = order;
        if (how == CANCEL_HARD && turn->now_us + lease_us (self) < lease.kill_at)
            lease.kill_at = turn->now_us + lease_us (self);
        actor_tick_at (turn, lease.kill_at);
        TRY (lease_store_save (self->db, turn, &lease));
        TRY (tell_agent (self, turn, &lease, how == CANCEL_HARD));
    }
    if (row->job.state == job_cancelling)
        return OK;
    row->job.state = job_cancelling;
    row->job.reason = reason;
    TRY (job_store_save (self->db, turn, row));
    return note_job (self, turn, &row->job);
}

static fault_t stop_cells (scheduler_t *self, turn_t *turn, const char *run, const char *key, cancel_t how,
                           const char *reason);

// The jobs of the workflow that it calls; it ends with them.
static fault_t stop_called (scheduler_t *self, turn_t *turn, const job_row_t *row, cancel_t how,
                            const char *reason)
{
    node_rows_t nodes;
    TRY (node_store_of_run (self->db, turn, row->job.run_id, &nodes));
    for (size_t i = 0; i < nodes.count; i++)
        if (same (nodes.items[i].called_by, row->job.id) && (how == CANCEL_HARD || !nodes.items[i].survives))
            TRY (stop_cells (self, turn, row->job.run_id, nodes.items[i].key, how, reason));
    return OK;
}

fault_t job_stop (scheduler_t *self, turn_t *turn, job_row_t *row, cancel_t how, const char *reason)
{
    switch (row->job.state) {
    case job_finished: return OK;
    case job_pending:
    case job_queued: return job_end (self, turn, row, result_cancelled, reason);
    default:
        return row->calls ? stop_called (self, turn, row, how, reason)
                          : stop_running (self, turn, row, how, reason);
    }
}

// The rows are read one by one: the end of one can end others, or let them begin.
static fault_t stop_cells (scheduler_t *self, turn_t *turn, const char *run, const char *key, cancel_t how,
                           const char *reason)
{
    job_rows_t cells;
    TRY (job_store_of_node (self->db, turn, run, key, &cells));
    for (size_t i = 0; i < cells.count; i++) {
        if (cells.items[i].job.state == job_finished)
            continue;
        job_row_t cell;
        TRY (job_store_find (self->db, turn, cells.items[i].job.id, &cell));
        TRY (job_stop (self, turn, &cell, how, reason));
    }
    return OK;
}

fault_t node_stop (scheduler_t *self, turn_t *turn, const char *run, const char *key, const char *reason)
{
    return stop_cells (self, turn, run, key, CANCEL_SOFT, reason);
}

fault_t run_stop (scheduler_t *self, turn_t *turn, run_row_t *run, cancel_t how, const char *reason)
{
    if (run->run.state == run_finished || run->cancelled >= how)
        return OK;
    bool waits = run->run.state == run_pending;
    run->cancelled = how;
    run->run.state = waits ? run_pending : run_cancelling;
    TRY (run_store_save (self->db, turn, run));
    TRY (note_run (self, turn, "run.state", &run->run));
    node_rows_t nodes;
    TRY (node_store_of_run (self->db, turn, run->run.id, &nodes));
    for (size_t i = 0; i < nodes.count; i++)
        // A run that has not begun has nothing to clean up: then always() does not count
        if (waits || how == CANCEL_HARD || !nodes.items[i].survives)
            TRY (stop_cells (self, turn, run->run.id, nodes.items[i].key, how, reason));
    return OK;
}
