/* agent_view_store.h - what agents do, for people: the job that each has, and how busy it was. Reads `agents`, `jobs`, `runs`, `projects`. */

#ifndef OPENCICD_SCHEDULER_AGENT_VIEW_STORE_H
#define OPENCICD_SCHEDULER_AGENT_VIEW_STORE_H

#include "services/scheduler/store/agent_store.h"

// Of those agents, which are one page in the order of their names: fills in the fields of agent_t about the job that each has.
MUST_USE fault_t agent_view_store_jobs (db_t *db, turn_t *turn, agent_items_t *agents);
// Likewise how busy they were until `now`, by their last AGENT_LOAD_JOBS jobs.
MUST_USE fault_t agent_view_store_loads (db_t *db, turn_t *turn, int64_t now, agent_items_t *agents);

extern const char *const agent_view_store_jobs_sql,
    *const agent_view_store_loads_sql; // For the test of plans

#endif
