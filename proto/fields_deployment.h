/* fields_deployment.h - fields of deployments: jobs that an environment holds back until they are approved, or for a time. */

#ifndef OPENCICD_FIELDS_DEPLOYMENT_H
#define OPENCICD_FIELDS_DEPLOYMENT_H

#include "proto/fields_environment.h"

#define DEPLOYMENT(F, T)                                                                                 \
    F (T, KEY, job_id, MAX_ID, "the job")                                                                \
    F (T, STR, job, MAX_TEXT, "its name")                                                                \
    F (T, STR, run_id, MAX_ID, "its run")                                                                \
    F (T, I64, run_number, INT64_MAX, "that run's number")                                               \
    F (T, U32, run_attempt, UINT32_MAX, "of that run")                                                   \
    F (T, STR, project, MAX_NAME, "name of the project")                                                 \
    F (T, STR, title, MAX_TEXT, "the run's title")                                                       \
    F (T, STR, ref, MAX_TEXT, "full ref")                                                                \
    F (T, STR, actor, MAX_NAME, "who started the run")                                                   \
    F (T, STR, environment, MAX_NAME, "what it deploys to")                                              \
    F (T, ENUM (deployment), state, 0, "where it is")                                                    \
    F (T, TIME, created_at, 0, "since when the job was held back")                                       \
    F (T, TIME, wait_until, 0, "it does not run before; null for no such time")                          \
    F (T, STRS, approvers, MAX_APPROVERS, "of whom one, or an ADMIN, must approve it; empty for nobody") \
    F (T, BOOL, mine, 1, "it waits for an approval that the caller may give")                            \
    F (T, STR, decided_by, MAX_ID, "who approved or rejected it")                                        \
    F (T, TIME, decided_at, 0, "when")                                                                   \
    F (T, STR, comment, MAX_TEXT, "what they said")
#define DEPLOYMENT_PAGE(F, T) PAGE_OF (F, T, deployment)
#define APPROVAL_LIST(F, T) \
    PAGE (F, T)             \
    F (T, BOOL, mine, 1, "only those that the caller may approve")
#define RUN_DEPLOYMENTS(F, T) F (T, KEY, run, MAX_ID, "")
#define RUN_APPROVE(F, T)                                                             \
    F (T, KEY, run, MAX_ID, "")                                                       \
    F (T, KEY, decision, 16, "approved or rejected")                                  \
    F (T, STR, environment, MAX_NAME, "only its jobs for this one; default: for any") \
    F (T, STR, job, MAX_ID, "only this job; default: all that wait for an approval")  \
    F (T, STR, comment, MAX_TEXT, "why; it is kept, and the reason of a rejected job")

// From the scheduler to itself.
#define DEPLOYMENT_LOOK(F, T)   \
    F (T, KEY, job, MAX_ID, "") \
    F (T, U32, run_attempt, UINT32_MAX, "")

// Rows of MESSAGES (messages.h).
#define DEPLOYMENT_MESSAGES(M)                                                                   \
    M (330, deployment, DEPLOYMENT, "a job that an environment holds back, or held back")        \
    M (331, deployment_page, DEPLOYMENT_PAGE, "deployments")                                     \
    M (332, approval_list, APPROVAL_LIST, "the jobs that wait for an approval, oldest first")    \
    M (333, run_deployments, RUN_DEPLOYMENTS, "the deployments of a run, and who approved them") \
    M (334, run_approve, RUN_APPROVE, "approve or reject what waits for it")                     \
    M (335, deployment_look, DEPLOYMENT_LOOK, "may this job run now?")

#define DEPLOYMENT_CALLS(C)                                \
    C (approval_list, scheduler, deployment_page, AGAIN)   \
    C (run_deployments, scheduler, deployment_page, AGAIN) \
    C (run_approve, scheduler, run, ONCE)                  \
    C (deployment_look, scheduler, done, AGAIN)

#endif
