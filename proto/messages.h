/* messages.h - every message of the system, declared once.
 *
 * To add a field: append a row to its list in fields_*.h. To add a message: write its field list, add a row here with
 * a free number, and, if it is a request, a row in CALLS (calls.h) that names the service and the answer.
 * A message that is in another's list comes before it. Columns of a field: kind (message.h), name, limit, meaning. */

#ifndef OPENCICD_MESSAGES_H
#define OPENCICD_MESSAGES_H

#include "proto/calls.h"
#include "proto/fields_action.h"
#include "proto/fields_agent.h"
#include "proto/fields_agents.h"
#include "proto/fields_artifact.h"
#include "proto/fields_ask.h"
#include "proto/fields_audit.h"
#include "proto/fields_bulk.h"
#include "proto/fields_cache.h"
#include "proto/fields_cache_chunk.h"
#include "proto/fields_cache_toolkit.h"
#include "proto/fields_cache_view.h"
#include "proto/fields_delivery.h"
#include "proto/fields_deployment.h"
#include "proto/fields_environment.h"
#include "proto/fields_event.h"
#include "proto/fields_excerpt.h"
#include "proto/fields_failure.h"
#include "proto/fields_forge.h"
#include "proto/fields_grant.h"
#include "proto/fields_insight.h"
#include "proto/fields_log.h"
#include "proto/fields_oidc.h"
#include "proto/fields_overview.h"
#include "proto/fields_plan.h"
#include "proto/fields_provider.h"
#include "proto/fields_queue.h"
#include "proto/fields_results.h"
#include "proto/fields_role.h"
#include "proto/fields_run.h"
#include "proto/fields_scm.h"
#include "proto/fields_secret.h"
#include "proto/fields_status.h"
#include "proto/fields_summary.h"
#include "proto/fields_test.h"
#include "proto/fields_token.h"
#include "proto/fields_trial.h"
#include "proto/fields_user.h"
#include "proto/fields_view.h"
#include "proto/fields_workflow.h"
#include "proto/message.h"

#define DONE(F, T) F (T, STR, id, MAX_ID, "of what was changed")

//     number, name, fields, meaning
// clang-format off
#define MESSAGES(M)                                                                                 \
    M (1, done, DONE, "done, with nothing to return")                                               \
    M (2, step_row, STEP_ROW, "one step of a job")                                                  \
    M (17, annotation, ANNOTATION, "what a step says of the code")                                  \
    M (3, job, JOB, "one cell of a run's DAG")                                                      \
    M (4, attempt, ATTEMPT, "one try at a job")                                                     \
    M (5, run, RUN, "one execution of a workflow for an event")                                     \
    M (6, project, PROJECT, "a registered repository")                                              \
    M (8, event, EVENT, "something changed")                                                        \
    M (9, file_text, FILE_TEXT, "a file of a repository")                                           \
    M (10, log_step, LOG_STEP, "where a step's log begins")                                         \
    M (11, log_match, LOG_MATCH, "a line that was found")                                           \
    M (12, artifact_file, ARTIFACT_FILE, "a file of an artifact")                                   \
    M (13, artifact, ARTIFACT, "files that a job keeps")                                            \
    M (14, token, TOKEN, "a credential")                                                            \
    M (15, skipped, SKIPPED, "a workflow that an event does not run")                               \
    M (16, log_trailer, LOG_TRAILER, "a step's part of the end of a log")                           \
    M (19, log_time, LOG_TIME, "when a part of a log was printed")                                  \
    M (40, job_submit, JOB_SUBMIT, "run one job without a workflow file")                           \
    M (41, job_list, JOB_LIST, "the jobs, latest first")                                            \
    M (42, job_page, JOB_PAGE, "jobs")                                                              \
    M (43, job_show, JOB_SHOW, "one job")                                                           \
    M (44, job_attempts, JOB_ATTEMPTS, "every try at a job")                                        \
    M (45, attempt_page, ATTEMPT_PAGE, "attempts, in order")                                        \
    M (46, job_cancel, JOB_CANCEL, "ask a job to stop")                                             \
    M (47, job_status, JOB_STATUS, "an agent reports its job's progress")                           \
    M (48, job_orders, JOB_ORDERS, "what the server wants the agent to do")                         \
    M (49, attempt_seal, ATTEMPT_SEAL, "seal the log of an attempt")                                \
    M (50, agent_register, AGENT_REGISTER, "register an agent")                                     \
    M (51, agent_registered, AGENT_REGISTERED, "an agent's identity")                               \
    AGENT_MESSAGES (M)                                                                              \
    M (56, agent_heartbeat, AGENT_HEARTBEAT, "an agent is alive")                                   \
    M (57, agent_next, AGENT_NEXT, "an agent asks for a job")                                       \
    M (58, job_offer, JOB_OFFER, "a job for an agent")                                              \
    M (59, agent_revoke, AGENT_REVOKE, "revoke the tokens of a removed agent")                      \
    M (60, events_read, EVENTS_READ, "events after a cursor")                                       \
    M (61, events, EVENTS, "events")                                                                \
    ARTIFACT_MESSAGES (M)                                                                           \
    LOG_MESSAGES (M)                                                                                \
    EXCERPT_MESSAGES (M)                                                                            \
    TEST_MESSAGES (M) FAILURE_MESSAGES (M) SCM_MESSAGES (M) ROLE_MESSAGES (M) TOKEN_MESSAGES (M)    \
        ACTION_MESSAGES (M) ANNOTATION_MESSAGES (M) SUMMARY_MESSAGES (M) BLOCK_MESSAGES (M)         \
            RESULTS_MESSAGES (M) TRIAL_MESSAGES (M) PROJECT_MESSAGES (M) QUEUE_MESSAGES (M)         \
                WORKFLOW_MESSAGES (M) INSIGHT_MESSAGES (M) PLAN_MESSAGES (M) VIEW_MESSAGES (M)      \
                    BULK_MESSAGES (M) RUN_MESSAGES (M) OVERVIEW_MESSAGES (M) CACHE_MESSAGES (M)     \
                        CACHE_VIEW_MESSAGES (M) CACHE_TOOLKIT_MESSAGES (M) CACHE_CHUNK_MESSAGES (M) \
                            SECRET_MESSAGES (M) ENVIRONMENT_MESSAGES (M) GRANT_MESSAGES (M)         \
                                DEPLOYMENT_MESSAGES (M) OIDC_MESSAGES (M) USER_MESSAGES (M)         \
                                    AUDIT_MESSAGES (M) FORGE_MESSAGES (M) DELIVERY_MESSAGES (M)      \
                                        PROVIDER_MESSAGES (M) STATUS_MESSAGES (M)
// clang-format on

#include "proto/structs.h"

#endif
