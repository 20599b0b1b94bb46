/* states.c - the tables of states.h as data. */

#include "proto/states.h"

#include <string.h>

#define TO(kind, name)                     (1u << kind##_##name)
#define STATE_ROW(kind, name, moves, text) {#name, moves, text},

static const state_row_t job_rows[] = {JOB_STATES (STATE_ROW)};
static const state_row_t run_rows[] = {RUN_STATES (STATE_ROW)};
static const state_row_t step_rows[] = {STEP_STATES (STATE_ROW)};
static const state_row_t result_rows[] = {RESULTS (STATE_ROW)};
static const state_row_t agent_rows[] = {AGENT_STATES (STATE_ROW)};
static const state_row_t order_rows[] = {ORDERS (STATE_ROW)};

const states_t states_job = {"job_state", job_rows, job_state_count};
const states_t states_run = {"run_state", run_rows, run_state_count};
const states_t states_step = {"step_state", step_rows, step_state_count};
const states_t states_result = {"result", result_rows, result_count};
const states_t states_agent = {"agent_state", agent_rows, agent_state_count};
const states_t states_order = {"order", order_rows, order_count};

const char *state_name (const states_t *states, uint32_t state)
{
    return state < states->count ? states->rows[state].name : "";
}

bool state_from_name (const states_t *states, const char *name, uint32_t *out)
{
    for (uint32_t i = 0; i < states->count; i++)
        if (strcmp (states->rows[i].name, name) == 0) {
            *out = i;
            return true;
        }
    return false;
}

bool state_may (const states_t *states, uint32_t from, uint32_t to)
{
    return from < states->count && to < states->count && (states->rows[from].moves >> to & 1u);
}
