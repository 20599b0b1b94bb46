/* rerun.c - see rerun.h. Jobs that are not run again keep their results and outputs. */

#include "services/scheduler/run/rerun.h"

#include "services/scheduler/run/dag_again.h"
#include "services/scheduler/run/engine_inside.h"
#include "services/scheduler/unit/emit.h"

static fault_t read_what (turn_t *turn, const run_rerun_t *ask, again_t *out)
{
    static const char *const names[] = {"all", "failed", "job"};
    *out = AGAIN_ALL;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (same (ask->only, names[i])) {
            *out = (again_t) i;
            return *out == AGAIN_JOB && !*ask->job ? turn_fail (turn, INVALID, "job: its id is missing") : OK;
        }
    return *ask->only ? turn_fail (turn, INVALID, "only: %s is not one of all, failed, job", ask->only) : OK;
}

static fault_t reset_job (scheduler_t *self, turn_t *turn, const run_t *run, const dag_cell_t *cell)
{
    const job_t job = {.id = cell->id,
                       .run_id = run->id,
                       .project_id = run->project_id,
                       .agent_id = "",
                       .state = job_pending};
    TRY (job_store_reset (self->db, turn, cell->id));
    return emit_job (self, turn, &job);
}

static fault_t reset (scheduler_t *self, turn_t *turn, const run_model_t *model, const bool *chosen)
{
    const dag_t *dag = &model->dag;
    for (size_t i = 0; i < dag->node_count; i++) {
        bool some = false;
        for (size_t j = dag->nodes[i].first_cell; j != DAG_NONE; j = dag->cells[j].next) {
            if (!chosen[j])
                continue;
            some = true;
            TRY (reset_job (self, turn, &model->run.run, &dag->cells[j]));
        }
        if (some)
            TRY (node_store_reset (self->db, turn, model->run.run.id, dag->nodes[i].key));
    }
    return OK;
}

static fault_t choose (run_engine_t *engine, const run_rerun_t *ask, again_t what)
{
    turn_t *turn = engine->turn;
    const dag_t *dag = &engine->model->dag;
    bool *chosen = arena_array (turn->arena, dag->cell_count + 1, sizeof (bool));
    size_t job = what == AGAIN_JOB ? dag_cell (dag, ask->job) : DAG_NONE;
    if (what == AGAIN_JOB && job == DAG_NONE)
        return turn_fail (turn, NOT_FOUND, "job %s is not of this run", ask->job);
    if (dag_again (dag, what, job, chosen) == 0)
        return turn_fail (turn, CONFLICT, "no job of this run failed or was cancelled");
    return reset (engine->self, turn, engine->model, chosen);
}

static fault_t begin_again (run_engine_t *engine, run_row_t *run, bool debug)
{
    bool holds = true;
    const char *refused = NULL;
    fact_t fact = {.kind = FACT_BEGIN, .run = run->run.id};
    run->run.attempt++;
    run->run.debug = debug;
    run->run.priority = 0;
    run->run.state = run_pending;
    run->run.result = result_none;
    run->run.finished_at = 0;
    run->cancelled = CANCEL_NO;
    run->version++;
    TRY (run_store_save (engine->self->db, engine->turn, run));
    // Before anything moves: it may end within this very turn, or wait, and followers have already seen it end.
    TRY (emit_run (engine->self, engine->turn, EVENT_run_state, &run->run));
    if (*run->concurrency)
        TRY (group_claim_for_run (engine, run, &holds, &refused));
    if (refused)
        fact = (fact_t){.kind = FACT_STOP_RUN, .run = run->run.id, .how = CANCEL_SOFT, .reason = refused};
    return holds || refused ? engine_push (engine, &fact) : OK;
}

fault_t rerun (scheduler_t *self, turn_t *turn, const run_rerun_t *ask, const variables_t *variables)
{
    again_t what;
    run_engine_t engine = run_engine_new (self, turn);
    TRY (read_what (turn, ask, &what));
    TRY (run_model_take (self, turn, ask->run, NULL, &engine.model));
    run_row_t run = engine.model->run;
    if (engine.model->dag.state != run_finished)
        return turn_fail (turn, CONFLICT, "run %lld has not ended", (long long) run.run.number);
    TRY (choose (&engine, ask, what));
    const char **texts[] = {&run.run.id, &run.run.project_id, &run.concurrency};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = arena_strdup (turn->arena, *texts[i]);
    run_model_forget (self, ask->run); // It is read again as it is now
    const char *vars = variables_for (variables, run.run.project_id);
    if (vars) // Before its next attempt is planned
        TRY (run_store_vars (self->db, turn, run.run.id, vars));
    TRY (begin_again (&engine, &run, ask->debug));
    return engine_work (&engine);
}
