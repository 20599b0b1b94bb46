/* states.h - the states of things, their legal moves and their meaning, once.
 *
 * A state's number is used on the wire only; its name is used in SQL, JSON and C. Tables grow at their end: a peer
 * that is newer than we are may send a number that has no row here. No message fails because of it: the number is kept (so that
 * forwarding the message loses nothing), equals no state that we know, has the name "unknown", and where a decision needs
 * one of ours, state_known() returns the one that its table declares below: always the one that changes nothing. */

#ifndef OPENCICD_STATES_H
#define OPENCICD_STATES_H

#include "proto/state_tables.h"

#include <stdbool.h>
#include <stdint.h>

#define STATE_ENUM(kind, name, moves, text) kind##_##name,
typedef enum { JOB_STATES (STATE_ENUM) job_state_count } job_state_t;
typedef enum { RUN_STATES (STATE_ENUM) run_state_count } run_state_t;
typedef enum { STEP_STATES (STATE_ENUM) step_state_count } step_state_t;
typedef enum { RESULTS (STATE_ENUM) result_count } result_t;
typedef enum { AGENT_STATES (STATE_ENUM) agent_state_count } agent_state_t;
typedef enum { ORDERS (STATE_ENUM) order_count } order_t;
typedef enum { PROJECT_STATES (STATE_ENUM) project_state_count } project_state_t;
typedef enum { PIN_SOURCES (STATE_ENUM) pin_source_count } pin_by_t;
typedef enum { ANNOTATION_LEVELS (STATE_ENUM) annotation_level_count } annotation_level_t;
typedef enum { PHASES (STATE_ENUM) phase_count } phase_t;
typedef enum { FAILURE_CAUSES (STATE_ENUM) cause_count } cause_t;
typedef enum { DEPLOYMENT_STATES (STATE_ENUM) deployment_state_count } deployment_state_t;
#undef STATE_ENUM

typedef struct {
    const char *name;
    uint32_t moves; // Bit n: may become state n
    const char *text;
} state_row_t;

// What a number past the table's end counts as:
//     kind, state, reason
#define UNKNOWN_STATES(X)                                         \
    X (job, running, "it has not ended: nothing follows from it") \
    X (run, running, "likewise")                                  \
    X (step, running, "likewise")                                 \
    X (result, failure, "not known to be a success")              \
    X (agent, busy, "it gets no job")                             \
    X (order, go_on, "nothing is stopped by mistake")             \
    X (project, ready, "it is asked")                             \
    X (pin, missing, "nothing runs by mistake")                   \
    X (annotation, warning, "it is shown")                        \
    X (phase, main, "it is shown as a step")                      \
    X (cause, command, "its lines are shown")                     \
    X (deployment, waiting, "it is not let go by mistake")

typedef struct {
    const char *kind; // "job_state"
    const state_row_t *rows;
    uint32_t count;
    uint32_t unknown; // What a number from `count` on counts as
} states_t;

extern const states_t states_job, states_run, states_step, states_result, states_agent, states_order,
    states_project, states_pin, states_annotation, states_phase, states_cause, states_deployment;

#define STATE_UNKNOWN UINT32_MAX // What a newer peer named and we do not know

const char *state_name (const states_t *states, uint32_t state); // "unknown" past the end
uint32_t state_known (const states_t *states, uint32_t state);   // Itself, or what an unknown one counts as
bool state_from_name (const states_t *states, const char *name, uint32_t *out); // False for an unknown name
bool state_may (const states_t *states, uint32_t from, uint32_t to);            // Is the move legal?

#endif
