/* job_progress.c - see progress.h: a job is queued, ends, and leaves its agent. */

#include "services/scheduler/call.h"
#include "services/scheduler/note.h"
#include "services/scheduler/progress.h"
#include "services/scheduler/project_store.h"

#define CELLS_MAX 1000 // Of one node; more would only change the order of jobs that are queued together

waiting_t job_place (const job_row_t *row)
{
    return (waiting_t){
        .job_id = row->job.id,
        .labels = row->labels,
        .project_id = row->job.project_id,
        .queued_at = row->job.queued_at,
        .place = row->position * CELLS_MAX + row->cell,
    };
}

fault_t job_wait (scheduler_t *self, turn_t *turn, const job_row_t *row)
{
    waiting_t waiting = job_place (row);
    return waiting_store_add (self->db, turn, &waiting);
}

fault_t job_queue (scheduler_t *self, turn_t *turn, job_row_t *row)
{
    if (row->calls)
        return call_begin (self, turn, row);
    row->job.state = job_queued;
    row->job.queued_at = turn->now_us;
    TRY (row->unfilled ? job_store_fill (self->db, turn, row) : job_store_save (self->db, turn, row));
    row->unfilled = false;
    TRY (job_wait (self, turn, row));
    return note_job (self, turn, &row->job);
}

fault_t job_start (scheduler_t *self, turn_t *turn, job_row_t *row)
{
    bool holds = true;
    group_t group = {row->concurrency, row->concurrency_cancel, row->concurrency_all};
    if (*row->concurrency && row->unfilled) // What is set off must find it whole
        TRY (job_store_fill (self->db, turn, row));
    if (*row->concurrency) {
        row->unfilled = false;
        TRY (group_claim (self, turn, row->job.project_id, row->job.id, &group, &holds));
    }
    return holds ? job_queue (self, turn, row) : OK;
}

fault_t job_free (scheduler_t *self, turn_t *turn, const job_row_t *row, agent_state_t agent)
{
    bool ephemeral;
    const char *id = row->job.agent_id;
    TRY (lease_store_remove (self->db, turn, row->job.id, id));
    TRY (project_store_add_running (self->db, turn, row->job.project_id, -1));
    TRY (agent_store_state (self->db, turn, id, agent, "", &ephemeral));
    if (!ephemeral)
        return note_agent (self, turn, "agent.state", id, agent);
    TRY (agent_store_hide (self->db, turn, id));
    actor_tick_at (turn, turn->now_us); // Its token is revoked there
    return note_agent (self, turn, "agent.removed", id, agent_offline);
}

static bool has_lease (const job_row_t *row)
{
    uint32_t state = row->job.state;
    return !row->calls && (state == job_assigned || state == job_running || state == job_cancelling);
}

static fault_t leave_queue (scheduler_t *self, turn_t *turn, const job_row_t *row)
{
    waiting_t waiting = job_place (row);
    return waiting_store_remove (self->db, turn, &waiting);
}

fault_t job_end (scheduler_t *self, turn_t *turn, job_row_t *row, result_t result, const char *reason)
{
    if (row->job.state == job_finished)
        return OK;
    TRY (has_lease (row) ? job_free (self, turn, row, agent_idle) : leave_queue (self, turn, row));
    row->job.state = job_finished;
    row->job.result = result;
    row->job.reason = reason;
    row->job.finished_at = turn->now_us;
    TRY (job_store_told (self->db, turn, row));
    TRY (note_job (self, turn, &row->job));
    if (*row->concurrency)
        TRY (group_release (self, turn, row->job.project_id, row->concurrency, row->job.id));
    node_row_t node;
    TRY (node_store_cell_ended (self->db, turn, row->job.run_id, row->job.key, &node));
    return node_follow (self, turn, row, &node);
}
