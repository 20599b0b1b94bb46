/* fields_status.h - fields of what forges show at commits: how runs and their jobs are, and whether the forge took that. */

#ifndef OPENCICD_FIELDS_STATUS_H
#define OPENCICD_FIELDS_STATUS_H

#include "proto/limits.h"

#define FORGE_STATUS(F, T)                                                                            \
    F (T, KEY, id, MAX_ID, "")                                                                        \
    F (T, STR, sha, MAX_ID, "the commit; of a pull request its head")                                 \
    F (T, STR, context, MAX_NAME, "what the forge calls it: `open-cicd/CI / build (push)`")           \
    F (T, STR, state, 16, "pending, running, success, failure, cancelled, skipped")                   \
    F (T, STR, description, MAX_TEXT, "")                                                             \
    F (T, STR, url, MAX_URL, "the page that it links to")                                             \
    F (T, STR, run_id, MAX_ID, "empty: a workflow that did not run")                                  \
    F (T, STR, job_id, MAX_ID, "empty: of the whole workflow")                                        \
    F (T, STR, delivery, 16, "waiting, sent, refused (by the forge), undelivered (in 24 hours)")      \
    F (T, STR, reason, MAX_TEXT, "why it waits still, or is not there: what the forge answered last") \
    F (T, I64, attempts, INT64_MAX, "that failed")                                                    \
    F (T, TIME, changed_at, 0, "when it became so here")                                              \
    F (T, TIME, due_at, 0, "when it is sent next, while it waits")                                    \
    F (T, TIME, sent_at, 0, "when the forge took the last one")
#define FORGE_STATUS_LIST(F, T)                                                             \
    F (T, KEY, project, MAX_NAME, "id or name")                                             \
    F (T, STR, sha, MAX_ID, "only of this commit")                                          \
    F (T, STR, delivery, 16, "only those that are so: waiting, sent, refused, undelivered") \
    PAGE (F, T)
#define FORGE_STATUS_PAGE(F, T) PAGE_OF (F, T, forge_status)

// From scm to itself: what is due.
#define STATUS_FOLLOW(F, T) NO_FIELDS (F, T)
#define STATUS_LOOK(F, T)       \
    F (T, KEY, run, MAX_ID, "") \
    F (T, I64, changes, INT64_MAX, "of it that were seen: one that is seen meanwhile is looked at again")
#define STATUS_SEND(F, T)               \
    F (T, KEY, forge, MAX_ID, "its id") \
    F (T, I64, lease, INT64_MAX, "names this sending")

// Rows of MESSAGES (messages.h).
#define STATUS_MESSAGES(M)                                                                   \
    M (526, forge_status, FORGE_STATUS, "what a forge shows of a run or job")                \
    M (527, forge_status_list, FORGE_STATUS_LIST, "what a project's forge shows at commits") \
    M (528, forge_status_page, FORGE_STATUS_PAGE, "statuses at commits")                     \
    M (529, status_follow, STATUS_FOLLOW, "read the scheduler's next events")                \
    M (530, status_look, STATUS_LOOK, "a run has changed")                                   \
    M (531, status_send, STATUS_SEND, "statuses wait for this forge")

#define STATUS_CALLS(C)                                  \
    C (forge_status_list, scm, forge_status_page, AGAIN) \
    C (status_follow, scm, done, AGAIN)                  \
    C (status_look, scm, done, AGAIN)                    \
    C (status_send, scm, done, AGAIN)

#endif
