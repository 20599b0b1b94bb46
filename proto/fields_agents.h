/* fields_agents.h - fields of agents as people see them, and of what people change about them. */

#ifndef OPENCICD_FIELDS_AGENTS_H
#define OPENCICD_FIELDS_AGENTS_H

#include "proto/limits.h"

#define AGENT_LOAD_SECONDS 86400 // That an agent's load looks back, at most
#define AGENT_LOAD_JOBS    50    // Jobs that it is made of, likewise

#define AGENT(F, T)                                                                                        \
    F (T, KEY, id, MAX_ID, "opaque")                                                                       \
    F (T, STR, name, MAX_NAME, "unique")                                                                   \
    F (T, STRS, labels, 64, "what it offers, lower case, sorted")                                          \
    F (T, ENUM (agent), state, 0, "where it is")                                                           \
    F (T, STR, url, MAX_URL, "where jobs are pushed to; empty for a parked agent")                         \
    F (T, STR, job_id, MAX_ID, "the job it has")                                                           \
    F (T, STR, os, MAX_NAME, "Linux, macOS, Windows")                                                      \
    F (T, STR, arch, MAX_NAME, "X64, ARM64, ...")                                                          \
    F (T, STR, version, MAX_NAME, "of the agent program")                                                  \
    F (T, BOOL, ephemeral, 1, "ends after one job")                                                        \
    F (T, TIME, registered_at, 0, "when it registered first")                                              \
    F (T, TIME, seen_at, 0, "when it last reported to the server")                                         \
    F (T, BOOL, draining, 1, "it takes no other job: somebody drained it, or it is shutting down")         \
    F (T, TIME, drained_at, 0, "when somebody drained it; empty where nobody did")                         \
    F (T, TIME, state_since, 0, "since when it is in its state")                                           \
    F (T, STR, job_name, MAX_NAME, "of the job it has")                                                    \
    F (T, STR, job_run_id, MAX_ID, "that job's run")                                                       \
    F (T, I64, job_run_number, INT64_MAX, "that run's number")                                             \
    F (T, STR, job_project, MAX_NAME, "that run's project")                                                \
    F (T, U32, load_percent, 100, "how much of `load_seconds` it had a job; only where that is asked for") \
    F (T, I64, load_seconds, AGENT_LOAD_SECONDS,                                                           \
       "until now: a day, or less where it registered later or its last 50 jobs do not go back as far")    \
    F (T, STR, not_isolated, MAX_TEXT,                                                                     \
       "why its jobs do not run in a sandbox; empty: they do, or the agent does not say")

#define AGENT_LIST(F, T) \
    PAGE (F, T)          \
    F (T, BOOL, load, 1, "say how busy they were, too")
#define AGENT_PAGE(F, T)   PAGE_OF (F, T, agent)
#define AGENT_SHOW(F, T)   F (T, KEY, agent, MAX_NAME, "id or name")
#define AGENT_REMOVE(F, T) F (T, KEY, agent, MAX_NAME, "id or name")
#define AGENT_DRAIN(F, T)  F (T, KEY, agent, MAX_NAME, "id or name")
#define AGENT_RESUME(F, T) F (T, KEY, agent, MAX_NAME, "id or name")

// Rows of MESSAGES (messages.h).
#define AGENT_MESSAGES(M)                                                      \
    M (7, agent, AGENT, "what runs jobs")                                      \
    M (52, agent_list, AGENT_LIST, "the agents, by name")                      \
    M (53, agent_page, AGENT_PAGE, "agents")                                   \
    M (54, agent_show, AGENT_SHOW, "one agent")                                \
    M (55, agent_remove, AGENT_REMOVE, "remove an agent and revoke its token") \
    M (62, agent_drain, AGENT_DRAIN, "give an agent no other job")             \
    M (63, agent_resume, AGENT_RESUME, "give a drained agent jobs again")

#define AGENT_CALLS(C)                           \
    C (agent_list, scheduler, agent_page, AGAIN) \
    C (agent_show, scheduler, agent, AGAIN)      \
    C (agent_remove, scheduler, done, AGAIN)     \
    C (agent_drain, scheduler, agent, AGAIN)     \
    C (agent_resume, scheduler, agent, AGAIN)

#endif
