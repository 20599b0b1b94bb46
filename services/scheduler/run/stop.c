/* stop.c - a job that may have an agent is asked to stop.
 *
 * As on GitHub ("Workflow cancellation reference"): a soft stop lets steps with always() run. A running job's agent is asked by DELETE, or
 * with its next report. */

#include "services/scheduler/run/engine_inside.h"
#include "services/scheduler/unit/emit.h"
#include "services/scheduler/unit/lease.h"

// A job that an agent has, or is just getting. *undelivered: neither.
static fault_t stop_leased (scheduler_t *self, turn_t *turn, job_row_t *row, stop_level_t how,
                            const char *reason, bool *undelivered)
{
    lease_rows_t asked; // Comes with what lease_stop reads
    TRY (lease_ask (self, turn, row->job.id, &asked));
    TRY (lease_stop (self, turn, row, how == CANCEL_HARD, undelivered));
    if (*undelivered)
        return lease_end (self, turn, row, agent_idle, &asked);
    if (row->job.state == job_cancelling)
        return OK;
    row->job.state = job_cancelling;
    row->job.reason = reason;
    TRY (job_store_save (self->db, turn, row));
    return emit_job (self, turn, &row->job);
}

fault_t engine_ask_to_stop (run_engine_t *engine, size_t index)
{
    scheduler_t *self = engine->self;
    turn_t *turn = engine->turn;
    dag_t *dag = &engine->model->dag;
    dag_cell_t *cell = &dag->cells[index];
    const char *reason = cell->reason;
    bool ends = true;
    if (cell->state == job_finished)
        return OK;
    if (!cell->touched) { // Else it became ready just now, and no agent can know of it
        job_row_t row;
        TRY (job_store_find (self->db, turn, cell->id, &row));
        TRY (job_is_leased (&row) ? stop_leased (self, turn, &row, cell->stop, reason, &ends)
                                  : job_leave_queue (self, turn, &row));
        if (ends)
            cell_draft (turn, engine->model, index)->row.job.agent_id = row.job.agent_id;
        if (ends)
            cell_draft (turn, engine->model, index)->row.concurrency = row.concurrency;
    }
    if (ends)
        dag_end_cell (dag, index, result_cancelled, reason);
    return OK;
}
