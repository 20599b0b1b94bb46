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
static const state_row_t project_rows[] = {PROJECT_STATES (STATE_ROW)};
static const state_row_t pin_rows[] = {PIN_SOURCES (STATE_ROW)};
static const state_row_t annotation_rows[] = {ANNOTATION_LEVELS (STATE_ROW)};
static const state_row_t phase_rows[] = {PHASES (STATE_ROW)};
static const state_row_t cause_rows[] = {FAILURE_CAUSES (STATE_ROW)};
static const state_row_t deployment_rows[] = {DEPLOYMENT_STATES (STATE_ROW)};

#define UNKNOWN(kind, state, why) kind##_unknown = kind##_##state,
enum { UNKNOWN_STATES (UNKNOWN) };

const states_t states_job = {"job_state", job_rows, job_state_count, job_unknown};
const states_t states_run = {"run_state", run_rows, run_state_count, run_unknown};
const states_t states_step = {"step_state", step_rows, step_state_count, step_unknown};
const states_t states_result = {"result", result_rows, result_count, result_unknown};
const states_t states_agent = {"agent_state", agent_rows, agent_state_count, agent_unknown};
const states_t states_order = {"order", order_rows, order_count, order_unknown};
const states_t states_project = {"project_state", project_rows, project_state_count, project_unknown};
const states_t states_pin = {"pin_source", pin_rows, pin_source_count, pin_unknown};
const states_t states_annotation = {"annotation_level", annotation_rows, annotation_level_count,
                                    annotation_unknown};
const states_t states_phase = {"phase", phase_rows, phase_count, phase_unknown};
const states_t states_cause = {"cause", cause_rows, cause_count, cause_unknown};
const states_t states_deployment = {"deployment_state", deployment_rows, deployment_state_count,
                                    deployment_unknown};

const char *state_name (const states_t *states, uint32_t state)
{
    return state < states->count ? states->rows[state].name : "unknown";
}

uint32_t state_known (const states_t *states, uint32_t state)
{
    return state < states->count ? state : states->unknown;
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
