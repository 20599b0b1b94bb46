/* handlers.h - one row a message that the scheduler answers: its function. The rows are in scheduler.c. */

#ifndef OPENCICD_SCHEDULER_HANDLERS_H
#define OPENCICD_SCHEDULER_HANDLERS_H

#include "services/scheduler/store/project_store.h"
#include "services/scheduler/store/run_store.h"
#include "services/scheduler/unit/self.h"

// clang-format off
#define SCHEDULER_HANDLERS(H)                                                                \
    H (project_add) H (project_list) H (project_show) H (project_remove) H (project_set) H (run_trigger) \
    H (event_post) H (run_list) H (run_show) H (run_cancel) H (run_rerun) H (job_submit)     \
    H (job_list) H (job_show) H (job_attempts) H (job_cancel) H (job_status)                 \
    H (agent_register) H (agent_list) H (agent_show) H (agent_remove) H (agent_heartbeat)    \
    H (agent_next) H (events_read) H (action_look) H (action_list) H (action_accept)         \
    H (attempt_seal) H (agent_revoke) H (project_sync) H (run_annotations) H (run_purge)      \
    H (project_purge) H (run_find) H (run_commit) H (trial_add) H (trial_put) H (trial_read) H (trial_purge)   \
    H (queue_show) H (queue_jobs) H (job_priority) H (run_priority) H (run_failure) H (failure_look)          \
    H (workflow_list) H (lint_check) H (insights_show) H (run_plan) H (test_report_put) H (run_tests) \
    H (runs_cancel) H (runs_rerun) H (agent_drain) H (agent_resume) H (overview_show) \
    H (cache_scope) H (retention_of_runs) H (hold_begin) H (hold_show) H (hold_end) H (shell_open) H (shell_write) H (shell_read) \
    H (job_grant) H (job_claims) H (run_approve) H (approval_list) H (run_deployments) H (deployment_look)
// clang-format on

#define DECLARE(name) MUST_USE HANDLER (name);
SCHEDULER_HANDLERS (DECLARE)
#undef DECLARE

// Names of projects and agents: letters, digits, . _ -, not like an id, not beginning with a dot.
MUST_USE fault_t check_name (turn_t *turn, const char *what, const char *name, char kind);
size_t page_limit (uint32_t asked);
const char *failure_topic (turn_t *turn, const char *run); // Wakes who waits for its failures to be looked at
MUST_USE fault_t check_url (turn_t *turn, const char *url); // Of an agent
// What its lease offers this agent, which has not started it: `job` is "" for nothing.
MUST_USE fault_t agent_offered (scheduler_t *self, turn_t *turn, const char *agent, job_offer_t *out);
// A project's id for a filter: "" for "".
MUST_USE fault_t filter_project (scheduler_t *self, turn_t *turn, const char *name, const char **id);

// Asks it to stop. CONFLICT where it has ended.
MUST_USE fault_t cancel_run (scheduler_t *self, turn_t *turn, const char *run, bool hard);
// Is a run's state or result, which a filter names, one?
MUST_USE fault_t check_run_filter (turn_t *turn, const run_filter_t *filter);

// Reads a commit of the project's repository: `ask` names what, its address comes from the row. INVALID if the caller named something that is
// not there; UNAVAILABLE and CONFLICT have scm's reason why it cannot be read.
MUST_USE fault_t fetch_tree (turn_t *turn, const project_row_t *project, const scm_fetch_t *ask,
                             scm_tree_t *tree);
// The same commit's effects on the project, once a unit of work writes: it can be read, and its schedules are those at the tip.
MUST_USE fault_t fetched (scheduler_t *self, turn_t *turn, project_row_t *project, const scm_tree_t *tree);

#endif
