/* calls.h - who answers which message. Read with messages.h. */

#ifndef OPENCICD_CALLS_H
#define OPENCICD_CALLS_H

// AGAIN: idempotent, so it may be sent to another replica when the first is silent.
// ONCE: it runs once. What it wrote is committed together with a row of its request's key (common/base/request_memory.h), so that
// it too may be sent to another replica when the first one ended or is frozen: that one finds the row, and returns the stored answer.
// SECRET: like ONCE, but the answer contains a secret and is not stored: a repeated request runs again, and its handler decides what that means.
//     ask, service, answer, how often
#define CALLS(C)                                            \
    C (project_add, scheduler, project, ONCE)               \
    C (project_list, scheduler, project_page, AGAIN)        \
    C (project_show, scheduler, project, AGAIN)             \
    C (project_remove, scheduler, done, AGAIN)              \
    C (project_sync, scheduler, done, ONCE)                 \
    C (run_trigger, scheduler, run, ONCE)                   \
    C (event_post, scheduler, event_runs, ONCE)             \
    C (run_list, scheduler, run_page, AGAIN)                \
    C (run_show, scheduler, run, AGAIN)                     \
    C (run_find, scheduler, done, AGAIN)                    \
    C (run_commit, scheduler, commit_at, AGAIN)             \
    C (run_annotations, scheduler, annotation_page, AGAIN)  \
    C (run_failure, scheduler, failure_digest, AGAIN)       \
    C (test_report_put, scheduler, done, AGAIN)             \
    C (run_tests, scheduler, test_results, AGAIN)           \
    C (failure_look, scheduler, done, AGAIN)                \
    C (run_cancel, scheduler, run, AGAIN)                   \
    C (run_rerun, scheduler, run, ONCE)                     \
    C (job_submit, scheduler, job, ONCE)                    \
    C (job_list, scheduler, job_page, AGAIN)                \
    C (job_show, scheduler, job, AGAIN)                     \
    C (job_attempts, scheduler, attempt_page, AGAIN)        \
    C (job_cancel, scheduler, job, AGAIN)                   \
    C (job_status, scheduler, job_orders, AGAIN)            \
    C (agent_register, scheduler, agent_registered, SECRET) \
    AGENT_CALLS (C)                                         \
    C (agent_heartbeat, scheduler, job_orders, AGAIN)       \
    C (agent_next, scheduler, job_offer, AGAIN)             \
    C (events_read, scheduler, events, AGAIN)               \
    C (action_look, scheduler, action_pin, AGAIN)           \
    C (action_list, scheduler, action_page, AGAIN)          \
    C (action_accept, scheduler, action_pin, AGAIN)         \
    C (attempt_seal, scheduler, done, AGAIN)                \
    C (agent_revoke, scheduler, done, AGAIN)                \
    C (run_purge, scheduler, done, AGAIN)                   \
    C (project_purge, scheduler, done, AGAIN)               \
    C (trial_add, scheduler, trial, ONCE)                   \
    C (trial_put, scheduler, done, AGAIN)                   \
    C (trial_read, scheduler, trial_bytes, AGAIN)           \
    C (trial_purge, scheduler, done, AGAIN)                 \
    QUEUE_CALLS (C)                                         \
    C (workflow_list, scheduler, workflow_files, AGAIN)     \
    C (lint_check, scheduler, lint_report, AGAIN)           \
    INSIGHT_CALLS (C)                                       \
    PLAN_CALLS (C)                                          \
    VIEW_CALLS (C)                                          \
    BULK_CALLS (C)                                          \
    OVERVIEW_CALLS (C)                                      \
    CACHE_CALLS (C)                                         \
    CACHE_CHUNK_CALLS (C)                                   \
    C (scm_fetch, scm, scm_tree, AGAIN)                     \
    C (scm_called, scm, scm_called_files, AGAIN)            \
    C (scm_forget, scm, done, AGAIN)                        \
    C (scm_check, scm, done, AGAIN)                         \
    C (scm_trial_put, scm, done, AGAIN)                     \
    C (scm_trial_read, scm, trial_bytes, AGAIN)             \
    C (scm_trial_drop, scm, done, AGAIN)                    \
    C (log_append, logs, log_offset, AGAIN)                 \
    C (log_seal, logs, log_offset, AGAIN)                   \
    C (log_show, logs, log_info, AGAIN)                     \
    C (log_read, logs, log_window, AGAIN)                   \
    C (log_search, logs, log_matches, AGAIN)                \
    C (log_clock, logs, log_times, AGAIN)                   \
    C (log_excerpt, logs, log_lines, AGAIN)                 \
    C (log_purge, logs, done, AGAIN)                        \
    C (summary_put, logs, done, AGAIN)                      \
    C (summary_list, logs, summaries, AGAIN)                \
    C (summary_read, logs, summary_text, AGAIN)             \
    C (artifact_begin, artifacts, artifact, AGAIN)          \
    C (artifact_put, artifacts, artifact, AGAIN)            \
    C (artifact_finish, artifacts, artifact, AGAIN)         \
    C (artifact_open, artifacts, artifact, AGAIN)           \
    C (artifact_block, artifacts, done, AGAIN)              \
    C (artifact_gather, artifacts, gathered, AGAIN)         \
    C (artifact_close, artifacts, artifact, AGAIN)          \
    C (artifact_list, artifacts, artifact_page, AGAIN)      \
    C (artifact_show, artifacts, artifact, AGAIN)           \
    C (artifact_remove, artifacts, done, AGAIN)             \
    C (artifact_read, artifacts, artifact_bytes, AGAIN)     \
    C (artifact_purge, artifacts, done, AGAIN)              \
    C (token_issue, identity, token, SECRET)                \
    C (token_check, identity, principal, AGAIN)             \
    C (token_list, identity, token_page, AGAIN)             \
    C (token_revoke, identity, done, AGAIN)                 \
    C (session_begin, identity, session, SECRET)            \
    C (session_show, identity, session, AGAIN)              \
    C (session_end, identity, done, AGAIN)                  \
    C (session_list, identity, session_page, AGAIN)         \
    C (session_revoke, identity, done, AGAIN)               \
    C (link_make, identity, sign_in_link, SECRET)           \
    SECRET_CALLS (C)                                        \
    ENVIRONMENT_CALLS (C)                                   \
    GRANT_CALLS (C)                                         \
    DEPLOYMENT_CALLS (C)                                    \
    OIDC_CALLS (C)                                          \
    ROLE_CALLS (C)                                          \
    USER_CALLS (C) PROVIDER_CALLS (C) AUDIT_CALLS (C) FORGE_CALLS (C) DELIVERY_CALLS (C) STATUS_CALLS (C)

#define SERVICES(S)                                        \
    S (scheduler, "runs, jobs, agents, leases, schedules") \
    S (logs, "collects, shows and searches logs")          \
    S (artifacts, "stores files of jobs")                  \
    S (scm, "reads repositories, knows forges")            \
    S (identity, "users, tokens, sessions, secrets")

#endif
