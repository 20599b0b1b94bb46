/* engine.c - see engine.h: the work list.
 *
 * One fact is one run: read it, apply the fact to its graph, settle, write. What follows for other runs is put at the end of the list, so that nothing is
 * set off in the middle of something else, and no chain of runs that free one another is deeper than a loop. */

#include "services/scheduler/run/engine_inside.h"

#include "services/scheduler/unit/emit.h"
#include "services/scheduler/unit/lease.h"
#include "services/scheduler/unit/unit.h"

#define CELLS_MAX 1000 // Of one node; more would only change the order of jobs that are queued together

run_engine_t run_engine_new (scheduler_t *self, turn_t *turn)
{
    return (run_engine_t){.self = self, .turn = turn, .expressions = ENGINE_EXPRESSIONS};
}

void engine_forget (scheduler_t *self)
{
    run_model_forget (self, NULL);
}

void engine_end (scheduler_t *self)
{
    run_model_forget (self, NULL);
    plan_cache_clear (self);
}

fault_t engine_push (run_engine_t *engine, const fact_t *fact)
{
    arena_t *arena = engine->turn->arena;
    if (engine->count == ENGINE_FACTS)
        return turn_fail (engine->turn, BROKEN, "one change affects more than %d runs and jobs",
                          ENGINE_FACTS);
    engine->facts =
        arena_grow (arena, engine->facts, engine->count, &engine->capacity, sizeof *engine->facts);
    engine->facts[engine->count++] = *fact;
    return OK;
}

// ---- settling ----

static fault_t answer (run_engine_t *engine, dag_request_t request, size_t index)
{
    switch (request) {
    case DAG_EXPAND: return engine_expand (engine, index);
    case DAG_CALL: return engine_call (engine, index);
    case DAG_RETURN: return engine_return (engine, index);
    default: return engine_claim (engine, index);
    }
}

fault_t engine_settle (run_engine_t *engine, bool may_claim)
{
    dag_t *dag = &engine->model->dag;
    for (size_t stopped = 0;;) {
        size_t index;
        dag_request_t request = dag_settle (dag, may_claim, &index);
        if (request != DAG_SETTLED)
            TRY (answer (engine, request, index));
        else if (stopped < dag->stops.count)
            TRY (engine_ask_to_stop (engine, dag->stops.items[stopped++]));
        else
            return OK;
    }
}

// The group's name is in the job's row.
static fault_t release_cell (run_engine_t *engine, size_t index)
{
    const run_t *run = &engine->model->run.run;
    const dag_cell_t *cell = &engine->model->dag.cells[index];
    const cell_draft_t *draft = cell->row;
    job_row_t row;
    const char *group = draft ? draft->row.concurrency : "";
    if (!*group) {
        TRY (job_store_find (engine->self->db, engine->turn, cell->id, &row));
        group = row.concurrency;
    }
    return group_release (engine, run->project_id, group, cell->id);
}

fault_t engine_write (run_engine_t *engine)
{
    run_model_t *model = engine->model;
    const dag_t *dag = &model->dag;
    bool ended = dag->state == run_finished && dag->touched;
    for (size_t i = 0; i < dag->released.count; i++)
        TRY (release_cell (engine, dag->released.items[i]));
    TRY (run_model_save (engine->self, engine->turn, model));
    if (ended && *model->run.concurrency)
        TRY (group_release (engine, model->run.run.project_id, model->run.concurrency, model->run.run.id));
    return OK;
}

// Written only now: the graph must have been read as it was before.
static fault_t end_cell (run_engine_t *engine, const fact_t *fact, size_t cell)
{
    dag_t *dag = &engine->model->dag;
    job_row_t *row = fact->row;
    if (dag->cells[cell].state == job_finished)
        return OK;
    row->job.state = job_finished;
    row->job.result = fact->result;
    row->job.reason = fact->reason;
    row->job.finished_at = engine->turn->now_us;
    TRY (job_store_end (engine->self->db, engine->turn, row));
    TRY (emit_job (engine->self, engine->turn, &row->job));
    TRY (run_note_failure (engine->self, engine->turn, &row->job));
    cell_draft_t *draft = cell_draft (engine->turn, engine->model, cell);
    draft->row = *row;
    draft->spoken = true;
    dag_end_cell (dag, cell, fact->result, fact->reason);
    return OK;
}

static fault_t apply_fact (run_engine_t *engine, const fact_t *fact)
{
    dag_t *dag = &engine->model->dag;
    size_t cell = fact->job ? dag_cell (dag, fact->job) : DAG_NONE;
    if (fact->job && cell == DAG_NONE)
        return turn_fail (engine->turn, BROKEN, "job %s is missing in its run", fact->job);
    switch (fact->kind) {
    case FACT_BEGIN: dag_begin (dag); return OK;
    case FACT_FREED: dag_claimed (dag, cell, true); return OK;
    case FACT_OPENED: dag_open (dag, cell); return job_store_gate (engine->self->db, engine->turn, fact->job);
    case FACT_STOP_JOB: dag_stop_cell (dag, cell, fact->how, fact->reason); return OK;
    case FACT_STOP_RUN: dag_stop_run (dag, fact->how, fact->reason); return OK;
    default: return end_cell (engine, fact, cell);
    }
}

static fault_t apply (run_engine_t *engine, const fact_t *fact)
{
    engine->plans = NULL;
    engine->planned = 0;
    unit_moved (engine->self, fact->run);
    TRY (run_model_take (engine->self, engine->turn, fact->run, fact->asked, &engine->model));
    TRY (apply_fact (engine, fact));
    TRY (engine_settle (engine, true));
    return engine_write (engine);
}

fault_t engine_work (run_engine_t *engine)
{
    while (engine->head < engine->count) {
        const fact_t fact = engine->facts[engine->head++];
        fault_t fault = apply (engine, &fact);
        if (fault) {
            engine_forget (engine->self); // The graph was changed, but not written
            return fault;
        }
    }
    return OK;
}

static fault_t work_off (scheduler_t *self, turn_t *turn, const fact_t *fact)
{
    run_engine_t engine = run_engine_new (self, turn);
    TRY (engine_push (&engine, fact));
    return engine_work (&engine);
}

// ---- from outside ----

waiting_t job_waiting (const job_row_t *row)
{
    return (waiting_t){
        .job_id = row->job.id,
        .labels = row->labels,
        .priority = row->job.priority,
        .project_id = row->job.project_id,
        .queued_at = row->job.queued_at,
        .position = row->position * CELLS_MAX + row->cell,
    };
}

fault_t job_wait (scheduler_t *self, turn_t *turn, const job_row_t *row)
{
    waiting_t waiting = job_waiting (row);
    unit_match_job (self, turn, row->labels);
    return waiting_store_add (self->db, turn, &waiting);
}

fault_t job_leave_queue (scheduler_t *self, turn_t *turn, const job_row_t *row)
{
    waiting_t waiting = job_waiting (row);
    return waiting_store_remove (self->db, turn, &waiting);
}

fault_t job_move (scheduler_t *self, turn_t *turn, job_row_t *row, int64_t priority)
{
    TRY (job_leave_queue (self, turn, row));
    row->job.priority = priority;
    TRY (job_store_priority (self->db, turn, row));
    waiting_t waiting = job_waiting (row);
    TRY (waiting_store_add (self->db, turn, &waiting)); // No new pair: nothing is matched
    return emit_job (self, turn, &row->job);
}

bool job_is_leased (const job_row_t *row)
{
    uint32_t state = row->job.state;
    return !row->calls && (state == job_assigned || state == job_running || state == job_cancelling);
}

struct job_end_rows {
    run_rows_t run;
    lease_rows_t lease;
};

// What is written between that and its use is not of the run.
fault_t job_end_ask (scheduler_t *self, turn_t *turn, const char *job, job_end_rows_t **out)
{
    *out = arena_alloc (turn->arena, sizeof **out);
    TRY (run_model_ask (self, turn, job, &(*out)->run));
    return lease_ask (self, turn, job, &(*out)->lease);
}

static fault_t push_end (scheduler_t *self, turn_t *turn, job_row_t *row, result_t result, const char *reason,
                         const job_end_rows_t *asked)
{
    return work_off (self, turn,
                     &(fact_t){.kind = FACT_ENDED,
                               .asked = asked ? &asked->run : NULL,
                               .run = row->job.run_id,
                               .job = row->job.id,
                               .row = row,
                               .result = result,
                               .reason = reason});
}

fault_t job_end_asked (scheduler_t *self, turn_t *turn, job_row_t *row, result_t result, const char *reason,
                       const job_end_rows_t *asked)
{
    if (row->job.state == job_finished)
        return OK;
    if (!job_is_leased (row))
        return job_end (self, turn, row, result, reason);
    TRY (lease_end (self, turn, row, agent_idle, &asked->lease));
    return push_end (self, turn, row, result, reason, asked);
}

fault_t job_end (scheduler_t *self, turn_t *turn, job_row_t *row, result_t result, const char *reason)
{
    if (row->job.state == job_finished)
        return OK;
    if (job_is_leased (row)) {
        job_end_rows_t *asked;
        TRY (job_end_ask (self, turn, row->job.id, &asked));
        TRY (db_wait (self->db, turn));
        return job_end_asked (self, turn, row, result, reason, asked);
    }
    TRY (job_leave_queue (self, turn, row));
    return push_end (self, turn, row, result, reason, NULL);
}

fault_t job_open (scheduler_t *self, turn_t *turn, const job_row_t *row)
{
    return work_off (self, turn, &(fact_t){.kind = FACT_OPENED, .run = row->job.run_id, .job = row->job.id});
}

fault_t job_stop (scheduler_t *self, turn_t *turn, const job_row_t *row, stop_level_t how, const char *reason)
{
    if (row->job.state == job_finished)
        return OK;
    return work_off (
        self, turn,
        &(fact_t){
            .kind = FACT_STOP_JOB, .run = row->job.run_id, .job = row->job.id, .how = how, .reason = reason});
}

fault_t run_stop (scheduler_t *self, turn_t *turn, const run_row_t *run, stop_level_t how, const char *reason)
{
    return work_off (self, turn,
                     &(fact_t){.kind = FACT_STOP_RUN, .run = run->run.id, .how = how, .reason = reason});
}
