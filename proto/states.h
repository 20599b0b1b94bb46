/* states.h - the states of things, their legal moves and their meaning, once.
 *
 * A state's number goes over the wire and into nothing else; its name stands in SQL, JSON and C. */

#ifndef OPENCICD_STATES_H
#define OPENCICD_STATES_H

#include <stdbool.h>
#include <stdint.h>

//     name        may become                                              meaning
#define JOB_STATES(X)                                                                                   \
    X (job, pending, TO (job, queued) | TO (job, running) | TO (job, finished),                         \
       "waits for the jobs it needs or for its concurrency group")                                      \
    X (job, queued, TO (job, assigned) | TO (job, finished), "waits for an agent")                      \
    X (job, assigned, TO (job, queued) | TO (job, running) | TO (job, cancelling) | TO (job, finished), \
       "leased to an agent that has not yet begun")                                                     \
    X (job, running, TO (job, queued) | TO (job, cancelling) | TO (job, finished),                      \
       "an agent is at it, or the workflow that it calls")                                              \
    X (job, cancelling, TO (job, finished), "asked to stop; steps with always() still run")             \
    X (job, finished, TO (job, pending), "ended; a rerun sends it back to pending")

#define RUN_STATES(X)                                                                           \
    X (run, pending, TO (run, running) | TO (run, finished), "waits for its concurrency group") \
    X (run, running, TO (run, cancelling) | TO (run, finished), "has jobs that have not ended") \
    X (run, cancelling, TO (run, finished), "asked to stop")                                    \
    X (run, finished, TO (run, pending) | TO (run, running), "all jobs have ended; a rerun starts it again")

#define STEP_STATES(X)                                                           \
    X (step, pending, TO (step, running) | TO (step, finished), "not yet begun") \
    X (step, running, TO (step, finished), "its process runs")                   \
    X (step, finished, 0, "ended or skipped")

#define RESULTS(X)                                                              \
    X (result, none, ~0u, "has not ended")                                      \
    X (result, success, 0, "all went well")                                     \
    X (result, failure, 0, "a step failed, time ran out or the agent was lost") \
    X (result, cancelled, 0, "somebody or a concurrency group stopped it")      \
    X (result, skipped, 0, "its condition was false")

#define AGENT_STATES(X)                                                         \
    X (agent, idle, TO (agent, busy) | TO (agent, offline), "could take a job") \
    X (agent, busy, TO (agent, idle) | TO (agent, offline), "has a job")        \
    X (agent, offline, TO (agent, idle) | TO (agent, busy), "has not been heard of for a lease's length")

// What a server tells an agent in answer to its word about a job.
#define ORDERS(X)                                                                         \
    X (order, go_on, ~0u, "continue")                                                     \
    X (order, cancel, TO (order, kill), "stop softly: SIGTERM, then steps with always()") \
    X (order, kill, 0, "stop at once")

#define STATE_ENUM(kind, name, moves, text) kind##_##name,
typedef enum { JOB_STATES (STATE_ENUM) job_state_count } job_state_t;
typedef enum { RUN_STATES (STATE_ENUM) run_state_count } run_state_t;
typedef enum { STEP_STATES (STATE_ENUM) step_state_count } step_state_t;
typedef enum { RESULTS (STATE_ENUM) result_count } result_t;
typedef enum { AGENT_STATES (STATE_ENUM) agent_state_count } agent_state_t;
typedef enum { ORDERS (STATE_ENUM) order_count } order_t;
#undef STATE_ENUM

typedef struct {
    const char *name;
    uint32_t moves; // Bit n: may become state n
    const char *text;
} state_row_t;

typedef struct {
    const char *kind; // "job_state"
    const state_row_t *rows;
    uint32_t count;
} states_t;

extern const states_t states_job, states_run, states_step, states_result, states_agent, states_order;

const char *state_name (const states_t *states, uint32_t state); // "" past the end (a newer peer's)
bool state_from_name (const states_t *states, const char *name, uint32_t *out); // False where it is none
bool state_may (const states_t *states, uint32_t from, uint32_t to);            // Is the move legal?

#endif
