/* variables.c - see variables.h. */

#include "services/scheduler/run/variables.h"

#include "common/actor/actor.h"
#include "services/scheduler/run/planner.h"
#include "services/scheduler/store/run_store.h"
#include "workflow/plan/context.h"

fault_t variables_fetch (const scheduler_t *self, turn_t *turn, const char *project, const char **out)
{
    variable_values_t answer = {0};
    fault_t fault = actor_call (turn, MSG_variables_read, &(variables_read_t){.project = project}, &answer);
    if (fault == BAD_INPUT) { // During an upgrade: an older identity does not know the question, and has none
        answer.values = "{}";
        turn->detail = NULL;
        fault = OK;
    }
    TRY (fault);
    const value_t *stored = planner_json (turn->arena, answer.values);
    value_t *all = context_copy (turn->arena, planner_json (turn->arena, self->variables));
    for (size_t i = 0; stored->kind == VALUE_OBJECT && i < stored->list.count; i++)
        value_set (turn->arena, all, stored->list.keys[i], stored->list.items[i]);
    *out = value_to_json (turn->arena, all, 0);
    return OK;
}

const char *variables_for (const variables_t *self, const char *project)
{
    for (size_t i = 0; i < self->count; i++)
        if (same (self->items[i].project, project))
            return self->items[i].values;
    return NULL;
}

fault_t variables_of_runs (const scheduler_t *self, turn_t *turn, const strs_t *runs, variables_t *out)
{
    project_variables_t *items = arena_array (turn->arena, runs->count + 1, sizeof *items);
    *out = (variables_t){items, 0};
    for (size_t i = 0; i < runs->count; i++) {
        run_row_t row;
        const char *values;
        fault_t fault = run_store_find (self->db, turn, runs->items[i], &row);
        turn->detail = NULL;
        if (fault == NOT_FOUND)
            continue;
        TRY (fault);
        if (variables_for (out, row.run.project_id))
            continue;
        TRY (variables_fetch (self, turn, row.run.project_id, &values));
        items[out->count++] = (project_variables_t){row.run.project_id, values};
    }
    return OK;
}

const char *variables_stored (const scheduler_t *self, const char *vars)
{
    return vars && *vars ? vars : self->variables;
}
