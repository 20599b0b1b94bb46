/* call.c - a job that calls a workflow: the jobs of that workflow become nodes of the run beside the others, with keys and names after the
 * caller's; it ends when they have ended. Flat nodes let the matcher, cancel, reruns and the web page know nothing of calls. */

#include "proto/strs.h"
#include "services/scheduler/run/engine_inside.h"

#include "common/base/id.h"
#include "services/scheduler/base/labels.h"
#include "services/scheduler/run/dag_build.h"

#define POSITION_STEP 4096 // Positions reserved after each job of a run for those that it calls

// Plans that can no longer be read end their jobs: a run never stays open because an upgrade reads its file more strictly.
static fault_t unless_invalid (run_engine_t *engine, fault_t fault, const char **wrong)
{
    *wrong = NULL;
    if (fault != INVALID)
        return fault;
    *wrong = engine->turn->detail ? engine->turn->detail : "its workflow can no longer be read";
    engine->turn->detail = NULL;
    return OK;
}

static fault_t take_plans (run_engine_t *engine)
{
    if (engine->plans)
        return OK;
    run_t run = engine->model->run.run;
    return plan_cache_take (engine->self, engine->turn, &run, &engine->plans);
}

static fault_t called_plan (run_engine_t *engine, size_t caller, const plan_t **out, const char **wrong)
{
    const dag_cell_t *cell = &engine->model->dag.cells[caller];
    *out = NULL;
    TRY (take_plans (engine));
    fault_t fault = run_plans_called (engine->self, engine->turn, engine->plans, cell->id, cell->name, out);
    return unless_invalid (engine, fault, wrong);
}

fault_t engine_plan (run_engine_t *engine, size_t node, const plan_t **out, const char **wrong)
{
    size_t caller = engine->model->dag.nodes[node].caller;
    if (caller != DAG_NONE)
        return called_plan (engine, caller, out, wrong);
    TRY (take_plans (engine));
    *out = engine->plans->own;
    *wrong = engine->plans->wrong;
    return OK;
}

bool engine_has_room (const run_engine_t *engine, size_t more)
{
    return engine->model->dag.cell_count + more <= RUN_JOBS;
}

const char *engine_too_many (const run_engine_t *engine, size_t more)
{
    return arena_printf (engine->turn->arena,
                         "with it the run has %zu jobs, with all that they call; at most %d",
                         engine->model->dag.cell_count + more, RUN_JOBS);
}

// ---- nodes ----

// A need is one of the same workflow.
static const char *needs_below (arena_t *arena, const char *prefix, const char *needs)
{
    strs_t keys = strs_split (arena, needs);
    for (size_t i = 0; *prefix && i < keys.count; i++)
        keys.items[i] = arena_printf (arena, "%s%s", prefix, keys.items[i]);
    return *prefix ? strs_join (arena, &keys) : needs;
}

// "deploy/", or "deploy[2]/" where its matrix has more cells than one.
static const char *prefix_of (run_engine_t *engine, size_t caller)
{
    if (caller == DAG_NONE)
        return "";
    const dag_cell_t *cell = &engine->model->dag.cells[caller];
    const dag_node_t *node = &engine->model->dag.nodes[cell->node];
    arena_t *arena = engine->turn->arena;
    return node->cell_count == 1 ? arena_printf (arena, "%s/", node->key)
                                 : arena_printf (arena, "%s[%lld]/", node->key, (long long) cell->number);
}

void engine_add_nodes (run_engine_t *engine, const plan_t *plan, size_t caller)
{
    run_model_t *model = engine->model;
    turn_t *turn = engine->turn;
    dag_t *dag = &model->dag;
    const planned_job_t *jobs;
    const char *prefix = prefix_of (engine, caller);
    size_t count = planner_jobs (turn->arena, plan, &jobs), first = dag->node_count;
    const dag_cell_t *calls = caller == DAG_NONE ? NULL : &dag->cells[caller];
    int64_t at = calls ? dag->nodes[calls->node].position + 1 + calls->number : 0; // Cells in their order
    for (size_t i = 0; i < count; i++, at += calls ? 1 : POSITION_STEP) {
        node_draft_t *draft = arena_alloc (turn->arena, sizeof *draft);
        draft->fresh = true;
        size_t node =
            run_model_add_node (model, &(dag_node_t){
                                           .key = arena_printf (turn->arena, "%s%s", prefix, jobs[i].key),
                                           .caller = caller,
                                           .position = at,
                                           .needs_text = needs_below (turn->arena, prefix, jobs[i].needs),
                                           .runs_when_cancelled = jobs[i].runs_when_cancelled,
                                           .row = draft,
                                       });
        size_t cell = run_model_add_cell (model, &(dag_cell_t){
                                                     .id = id_new (turn->arena, 'j', turn->now_us),
                                                     .name = jobs[i].name,
                                                     .node = node,
                                                     .calls = jobs[i].calls,
                                                 });
        cell_draft (turn, model, cell)->fresh = true;
        dag_touch (dag, DAG_NONE, cell);
    }
    dag_link (dag, first);
}

// ---- its turn has come, and its end ----

fault_t engine_call (run_engine_t *engine, size_t cell)
{
    dag_t *dag = &engine->model->dag;
    const plan_t *plan;
    const planned_job_t *jobs;
    const char *wrong;
    TRY (called_plan (engine, cell, &plan, &wrong));
    size_t count = wrong ? 0 : planner_jobs (engine->turn->arena, plan, &jobs);
    if (!wrong && !engine_has_room (engine, count)) {
        wrong = engine_too_many (engine, count);
        if (engine->creating)
            return turn_fail (engine->turn, INVALID, "job \"%s\": %s", dag->cells[cell].name, wrong);
    }
    if (wrong) {
        dag_end_cell (dag, cell, result_failure, wrong);
        return OK;
    }
    size_t first = dag->node_count;
    engine_add_nodes (engine, plan, cell);
    dag_called (dag, cell, first);
    return OK;
}

fault_t engine_return (run_engine_t *engine, size_t cell)
{
    turn_t *turn = engine->turn;
    const plan_t *plan;
    const value_t *finished, *outputs = NULL;
    const char *wrong;
    TRY (called_plan (engine, cell, &plan, &wrong));
    if (!wrong) {
        TRY (call_context (engine->self, turn, engine->model, cell, &finished));
        TRY (unless_invalid (engine, planner_outputs (turn, plan, finished, &outputs), &wrong));
    }
    cell_draft (turn, engine->model, cell)->row.job.outputs =
        wrong ? "{}" : value_to_json (turn->arena, outputs, 0);
    dag_returned (&engine->model->dag, cell, wrong);
    return OK;
}
