/* outcome.c - see run_model.h: what finished nodes add up to, as values that plans can see.
 *
 * Results are small and kept for all nodes of a run; outputs may be wide, and are read only when needed. */

#include "services/scheduler/run/engine.h"
#include "services/scheduler/run/run_model.h"

static const char *const short_outcomes[result_count] = {
    [result_success] = "{\"result\":\"success\",\"outputs\":{}}",
    [result_failure] = "{\"result\":\"failure\",\"outputs\":{}}",
    [result_cancelled] = "{\"result\":\"cancelled\",\"outputs\":{}}",
    [result_skipped] = "{\"result\":\"skipped\",\"outputs\":{}}",
};

const char *job_own_key (const char *key)
{
    const char *slash = strrchr (key, '/');
    return slash ? slash + 1 : key;
}

// Outputs of cells that ended in this unit of work are known. False where one ended before.
static bool known_outputs (const run_model_t *model, const dag_node_t *node, const char **outputs)
{
    for (size_t i = node->first_cell; i != DAG_NONE; i = model->dag.cells[i].next) {
        const dag_cell_t *cell = &model->dag.cells[i];
        const cell_draft_t *draft = cell->row;
        if (!cell->touched)
            return false;
        *outputs++ = draft && draft->row.job.outputs ? draft->row.job.outputs : "{}";
    }
    return true;
}

static fault_t outputs_of (scheduler_t *self, turn_t *turn, run_model_t *model, const dag_node_t *node,
                           const char **outputs)
{
    job_rows_t rows;
    if (known_outputs (model, node, outputs))
        return OK;
    TRY (job_store_outputs (self->db, turn, model->run.run.id, node->position, node->key, &rows));
    for (size_t i = node->first_cell, n = 0; i != DAG_NONE; i = model->dag.cells[i].next, n++) {
        const cell_draft_t *draft = model->dag.cells[i].row;
        outputs[n] = "{}";
        for (size_t j = 0; j < rows.count; j++)
            if (same (rows.items[j].job.id, model->dag.cells[i].id))
                outputs[n] = rows.items[j].job.outputs;
        if (draft && draft->row.job.outputs)
            outputs[n] = draft->row.job.outputs;
    }
    return OK;
}

static const char *add_up (turn_t *turn, const run_model_t *model, const dag_node_t *node,
                           const char *const *outputs)
{
    const value_t **values = arena_array (turn->arena, node->cell_count + 1, sizeof *values);
    bool plain = true;
    size_t n = 0;
    for (size_t i = node->first_cell; i != DAG_NONE; i = model->dag.cells[i].next, n++)
        plain &= same (outputs[n], "{}");
    if (plain)
        return short_outcomes[node->result];
    n = 0;
    for (size_t i = node->first_cell; i != DAG_NONE; i = model->dag.cells[i].next, n++) {
        const dag_cell_t *cell = &model->dag.cells[i];
        value_t *value = value_object (turn->arena);
        value_set (turn->arena, value, "result",
                   value_string (turn->arena, state_name (&states_result, cell->result)));
        value_set (turn->arena, value, "outputs", planner_json (turn->arena, outputs[n]));
        value_set (turn->arena, value, "continue-on-error", value_bool (cell->forgiven));
        values[n] = value;
    }
    return value_to_json (turn->arena, planner_outcome (turn->arena, values, n), 0);
}

fault_t node_outcome (scheduler_t *self, turn_t *turn, run_model_t *model, size_t index, const char **out)
{
    const dag_node_t *node = &model->dag.nodes[index];
    *out = model->outcomes[index];
    if (*out)
        return OK;
    if (!node->touched)
        return node_store_outcome (self->db, turn, model->run.run.id, node->key, out);
    const char **outputs = arena_array (turn->arena, node->cell_count + 1, sizeof *outputs);
    TRY (outputs_of (self, turn, model, node, outputs));
    *out = add_up (turn, model, node, outputs);
    if (strlen (*out) <= OUTCOME_SHORT)
        *out = model->outcomes[index] = arena_strdup (model->arena, *out);
    return OK;
}

// ---- what plans see ----

static size_t scope_index (const run_model_t *model, size_t node)
{
    size_t caller = model->dag.nodes[node].caller;
    return caller == DAG_NONE ? 0 : caller + 1;
}

static void record_result (run_model_t *model, size_t node)
{
    size_t index = scope_index (model, node);
    if (index >= model->scope_capacity || !model->scopes[index])
        return; // It was not requested yet
    const dag_node_t *of = &model->dag.nodes[node];
    value_t *value = value_object (model->arena);
    value_set (model->arena, value, "result",
               value_string (model->arena, state_name (&states_result, of->result)));
    value_set (model->arena, model->scopes[index], job_own_key (of->key), value);
}

// Made when first requested, and kept up to date with what has finished since.
static value_t *scope_of (run_model_t *model, size_t node)
{
    dag_t *dag = &model->dag;
    for (; model->emitted < dag->finished.count; model->emitted++)
        record_result (model, dag->finished.items[model->emitted]);
    size_t index = scope_index (model, node);
    if (index >= model->scope_capacity) {
        size_t capacity = dag->cell_count + dag->cell_count / 2 + 1;
        value_t **scopes = arena_array (model->arena, capacity, sizeof *scopes);
        if (model->scope_capacity > 0)
            memcpy (scopes, model->scopes, model->scope_capacity * sizeof *scopes);
        model->scopes = scopes;
        model->scope_capacity = capacity;
    }
    if (model->scopes[index])
        return model->scopes[index];
    model->scopes[index] = value_object (model->arena);
    size_t first = index == 0 ? dag->first_root : dag->cells[index - 1].first_called;
    for (size_t i = first; i != DAG_NONE; i = dag->nodes[i].next_called)
        if (dag->nodes[i].state == NODE_FINISHED)
            record_result (model, i);
    return model->scopes[index];
}

fault_t node_context (scheduler_t *self, turn_t *turn, run_model_t *model, size_t index, const value_t **out)
{
    const dag_node_t *node = &model->dag.nodes[index];
    value_t *scope = scope_of (model, index);
    // A look of this turn alone: what is wide is not kept
    value_t *seen = arena_copy (turn->arena, scope, sizeof *scope);
    seen->list.items =
        arena_copy (turn->arena, scope->list.items, scope->list.count * sizeof *scope->list.items);
    for (size_t i = 0; i < node->need_count; i++) {
        size_t need = node->needs[i];
        const char *outcome;
        TRY (node_outcome (self, turn, model, need, &outcome));
        value_set (turn->arena, seen, job_own_key (model->dag.nodes[need].key),
                   planner_json (turn->arena, outcome));
    }
    *out = seen;
    return OK;
}

fault_t call_context (scheduler_t *self, turn_t *turn, run_model_t *model, size_t caller, const value_t **out)
{
    value_t *seen = value_object (turn->arena);
    for (size_t i = model->dag.cells[caller].first_called; i != DAG_NONE;
         i = model->dag.nodes[i].next_called) {
        const char *outcome;
        TRY (node_outcome (self, turn, model, i, &outcome));
        value_set (turn->arena, seen, job_own_key (model->dag.nodes[i].key),
                   planner_json (turn->arena, outcome));
    }
    *out = seen;
    return OK;
}
