/* calls.h - who answers which message. Read with messages.h. */

#ifndef OPENCICD_CALLS_H
#define OPENCICD_CALLS_H

// AGAIN: asking twice does what asking once does, so that it may be sent to another replica when the first is silent.
//     ask, service, answer, repeatable
#define CALLS(C)                                          \
    C (project_add, scheduler, project, ONCE)             \
    C (project_list, scheduler, project_page, AGAIN)      \
    C (project_show, scheduler, project, AGAIN)           \
    C (project_remove, scheduler, done, AGAIN)            \
    C (run_trigger, scheduler, run, ONCE)                 \
    C (event_post, scheduler, event_runs, ONCE)           \
    C (run_list, scheduler, run_page, AGAIN)              \
    C (run_show, scheduler, run, AGAIN)                   \
    C (run_cancel, scheduler, run, AGAIN)                 \
    C (run_rerun, scheduler, run, ONCE)                   \
    C (job_submit, scheduler, job, ONCE)                  \
    C (job_list, scheduler, job_page, AGAIN)              \
    C (job_show, scheduler, job, AGAIN)                   \
    C (job_attempts, scheduler, attempt_page, AGAIN)      \
    C (job_cancel, scheduler, job, AGAIN)                 \
    C (job_status, scheduler, job_orders, AGAIN)          \
    C (agent_register, scheduler, agent_registered, ONCE) \
    C (agent_list, scheduler, agent_page, AGAIN)          \
    C (agent_show, scheduler, agent, AGAIN)               \
    C (agent_remove, scheduler, done, AGAIN)              \
    C (agent_beat, scheduler, job_orders, AGAIN)          \
    C (agent_next, scheduler, job_offer, AGAIN)           \
    C (events_read, scheduler, events, AGAIN)             \
    C (scm_fetch, scm, scm_tree, AGAIN)                   \
    C (log_append, logs, log_offset, AGAIN)               \
    C (log_seal, logs, log_offset, AGAIN)                 \
    C (log_show, logs, log_info, AGAIN)                   \
    C (log_read, logs, log_window, AGAIN)                 \
    C (log_search, logs, log_matches, AGAIN)              \
    C (artifact_begin, artifacts, artifact, AGAIN)        \
    C (artifact_put, artifacts, artifact, AGAIN)          \
    C (artifact_finish, artifacts, artifact, AGAIN)       \
    C (artifact_list, artifacts, artifact_page, AGAIN)    \
    C (artifact_show, artifacts, artifact, AGAIN)         \
    C (artifact_remove, artifacts, done, AGAIN)           \
    C (artifact_read, artifacts, artifact_bytes, AGAIN)   \
    C (token_issue, identity, token, ONCE)                \
    C (token_check, identity, principal, AGAIN)           \
    C (token_list, identity, token_page, AGAIN)           \
    C (token_revoke, identity, done, AGAIN)

#define SERVICES(S)                                        \
    S (scheduler, "runs, jobs, agents, leases, schedules") \
    S (logs, "takes logs in, shows and searches them")     \
    S (artifacts, "keeps files of jobs")                   \
    S (scm, "reads repositories")                          \
    S (identity, "tokens")

#endif
