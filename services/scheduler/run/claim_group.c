/* claim_group.c - concurrency groups as rows. Runs and jobs of a project share their names. The policy is in groups.h. */

#include "services/scheduler/run/engine_inside.h"
#include "services/scheduler/run/groups.h"

#include "common/base/id.h"
#include "services/scheduler/store/concurrency_store.h"

// A run or a job that waits, or holds the group, must make room.
static fault_t preempt (run_engine_t *engine, const char *owner, const char *reason)
{
    fact_t fact = {.kind = FACT_STOP_RUN, .run = owner, .how = CANCEL_SOFT, .reason = reason};
    if (!id_is (owner, 'r')) {
        job_row_t job;
        TRY (job_store_find (engine->self->db, engine->turn, owner, &job));
        fact.kind = FACT_STOP_JOB;
        fact.run = job.job.run_id;
        fact.job = owner;
    }
    return engine_push (engine, &fact);
}

// *refused: too many wait, or it would wait for ever. `cell` is DAG_NONE for a run.
static fault_t claim (run_engine_t *engine, const char *project, size_t cell, const char *owner,
                      const group_t *group, bool *holds, const char **refused)
{
    db_t *db = engine->self->db;
    turn_t *turn = engine->turn;
    claimants_t others;
    TRY (concurrency_store_of_group (db, turn, project, group->name, &others));
    *holds = false;
    *refused = NULL;
    if (cell != DAG_NONE && others.count > 0 && others.items[0].held)
        TRY (group_circle (engine, cell, group->name, others.items[0].owner, group->cancel_in_progress,
                           refused));
    if (*refused)
        return OK;
    group_decision_t decision = groups_decide (&others, group->cancel_in_progress, group->queue_all);
    *holds = decision.holds;
    if (decision.refused) {
        *refused = arena_printf (turn->arena, "%d already wait for the concurrency group %s", GROUP_WAITING,
                                 group->name);
        return OK;
    }
    if (decision.cancelled >
        0) // Remove their claims first: whichever of them ends first must not get the group even for a moment
        TRY (concurrency_store_clear (db, turn, project, group->name, owner));
    claimant_t claimant = {owner, decision.holds, turn->now_us};
    TRY (concurrency_store_add (db, turn, project, group->name, &claimant));
    const char *reason =
        arena_printf (turn->arena, "a newer one replaced it in the concurrency group %s", group->name);
    for (size_t i = 0; i < decision.cancelled; i++)
        TRY (preempt (engine, others.items[decision.first_cancelled + decision.cancelled - 1 - i].owner,
                      reason));
    return OK;
}

fault_t group_is_free (run_engine_t *engine, const run_row_t *run, bool *free)
{
    claimants_t others;
    TRY (concurrency_store_of_group (engine->self->db, engine->turn, run->run.project_id, run->concurrency,
                                     &others));
    *free = others.count == 0;
    return OK;
}

fault_t group_claim_for_run (run_engine_t *engine, const run_row_t *run, bool *holds, const char **refused)
{
    const group_t group = {run->concurrency, run->concurrency_cancel, run->concurrency_all};
    return claim (engine, run->run.project_id, DAG_NONE, run->run.id, &group, holds, refused);
}

fault_t engine_claim (run_engine_t *engine, size_t index)
{
    dag_t *dag = &engine->model->dag;
    const dag_cell_t *cell = &dag->cells[index];
    const cell_draft_t *draft = cell->row;
    job_row_t row;
    bool holds;
    const char *refused;
    if (draft && *draft->row.concurrency)
        row = draft->row;
    else
        TRY (job_store_find (engine->self->db, engine->turn, cell->id, &row));
    const group_t group = {row.concurrency, row.concurrency_cancel, row.concurrency_all};
    TRY (claim (engine, engine->model->run.run.project_id, index, cell->id, &group, &holds, &refused));
    if (refused)
        dag_end_cell (dag, index, result_cancelled, refused);
    else
        dag_claimed (dag, index, holds);
    return OK;
}

fault_t group_release (run_engine_t *engine, const char *project, const char *name, const char *owner)
{
    db_t *db = engine->self->db;
    turn_t *turn = engine->turn;
    bool held;
    claimants_t others;
    TRY (concurrency_store_remove (db, turn, project, name, owner, &held));
    if (!held)
        return OK;
    TRY (concurrency_store_of_group (db, turn, project, name, &others));
    if (others.count == 0)
        return OK;
    const char *next = others.items[0].owner;
    TRY (concurrency_store_hold (db, turn, project, name, next));
    fact_t fact = {.kind = FACT_BEGIN, .run = next};
    if (!id_is (next, 'r')) {
        job_row_t job;
        TRY (job_store_find (db, turn, next, &job));
        fact = (fact_t){.kind = FACT_FREED, .run = job.job.run_id, .job = next};
    }
    return engine_push (engine, &fact);
}
