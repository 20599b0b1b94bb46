/* fields_delivery.h - fields of what webhooks deliver, and of what comparing refs finds. */

#ifndef OPENCICD_FIELDS_DELIVERY_H
#define OPENCICD_FIELDS_DELIVERY_H

#include "proto/limits.h"

#define MAX_HOOK_BODY   (26 << 20) // Bytes of a delivery: GitHub and GitLab send at most 25 MB
#define MAX_HOOK_PACKED (8 << 20)  // Of it, packed

#define HOOK_POST(F, T)                                                               \
    F (T, KEY, forge, MAX_NAME, "name of the forge")                                  \
    F (T, KEY, hook, MAX_ID, "the opaque id in the address")                          \
    F (T, STR, event, MAX_NAME, "X-GitHub-Event, X-Gitlab-Event, X-Gitea-Event")      \
    F (T, STR, event_type, MAX_NAME, "X-Gitea-Event-Type")                            \
    F (T, STR, delivery, MAX_NAME, "X-GitHub-Delivery, webhook-id, X-Gitea-Delivery") \
    F (T, STR, hub, MAX_NAME, "X-Hub-Signature-256")                                  \
    F (T, STR, gitea, MAX_NAME, "X-Gitea-Signature, X-Forgejo-Signature")             \
    F (T, STR, signature, MAX_TEXT, "webhook-signature")                              \
    F (T, STR, timestamp, 32, "webhook-timestamp")                                    \
    F (T, STR, token, MAX_NAME, "X-Gitlab-Token")                                     \
    F (T, U32, size, MAX_HOOK_BODY, "of the body, unpacked")                          \
    F (T, BYTES, body, MAX_HOOK_PACKED, "packed (common/base/pack.h)")
#define HOOK_TAKEN(F, T)                                             \
    F (T, STR, id, MAX_ID, "of the stored delivery; empty: of none") \
    F (T, STR, verdict, MAX_TEXT, "what becomes of it")

#define DELIVERY(F, T)                                                                                 \
    F (T, KEY, id, MAX_ID, "")                                                                         \
    F (T, STR, project, MAX_NAME, "")                                                                  \
    F (T, STR, delivery, MAX_NAME, "as the forge names it; `reconciled ...`: found by comparing refs") \
    F (T, STR, event, MAX_NAME, "as a workflow's `on` names it; empty: none does")                     \
    F (T, STR, action, MAX_NAME, "")                                                                   \
    F (T, STR, ref, MAX_TEXT, "")                                                                      \
    F (T, STR, sha, MAX_ID, "")                                                                        \
    F (T, STR, actor, MAX_NAME, "who did it, by login")                                                \
    F (T, I64, pull, INT64_MAX, "number of the pull request; 0: of none")                              \
    F (T, BOOL, untrusted, 1, "the code is of a fork, or of whoever may not write")                    \
    F (T, STR, state, 16, "received, approval, done, ignored, failed")                                 \
    F (T, STR, reason, MAX_TEXT, "why it is ignored, waits or failed")                                 \
    F (T, STRS, runs, MAX_WORKFLOWS, "ids of the runs that it made")                                   \
    F (T, STR, approved_by, MAX_ID, "")                                                                \
    F (T, I64, size, INT64_MAX, "bytes of the body; 0: nobody sent one")                               \
    F (T, TIME, received_at, 0, "")                                                                    \
    F (T, TIME, done_at, 0, "")                                                                        \
    F (T, JSON, payload, MAX_DOC, "github.event; only where one delivery is shown")                    \
    F (T, STR, body, MAX_DOC, "as the forge sent it; likewise, its first MiB")
#define DELIVERY_LIST(F, T)                                             \
    F (T, STR, project, MAX_NAME, "id or name; empty: of all projects") \
    F (T, STR, state, 16, "only those in it")                           \
    PAGE (F, T)
#define DELIVERY_PAGE(F, T)   PAGE_OF (F, T, delivery)
#define DELIVERY_SHOW(F, T)   F (T, KEY, delivery, MAX_ID, "its id")
#define DELIVERY_RESEND(F, T) F (T, KEY, delivery, MAX_ID, "its id")
#define DELIVERY_APPROVE(F, T)                                                      \
    F (T, KEY, delivery, MAX_ID, "its id")                                          \
    F (T, KEY, sha, MAX_ID, "the head that was looked at: another is not approved") \
    F (T, BOOL, reject, 1, "it does not run")
#define DELIVERY_WORK(F, T) F (T, KEY, delivery, MAX_ID, "its id")

// Rows of MESSAGES (messages.h).
#define DELIVERY_MESSAGES(M)                                                                  \
    M (517, hook_post, HOOK_POST, "a forge calls")                                            \
    M (518, hook_taken, HOOK_TAKEN, "what becomes of a delivery")                             \
    M (519, delivery, DELIVERY, "what a webhook delivered, or comparing refs found")          \
    M (520, delivery_list, DELIVERY_LIST, "deliveries, latest first")                         \
    M (521, delivery_page, DELIVERY_PAGE, "deliveries")                                       \
    M (522, delivery_show, DELIVERY_SHOW, "one delivery with its payload")                    \
    M (523, delivery_resend, DELIVERY_RESEND, "work it off once more")                        \
    M (524, delivery_approve, DELIVERY_APPROVE, "let the pull request of a fork run, or not") \
    M (525, delivery_work, DELIVERY_WORK, "it is due")

#define DELIVERY_CALLS(C)                        \
    C (hook_post, scm, hook_taken, AGAIN)        \
    C (delivery_list, scm, delivery_page, AGAIN) \
    C (delivery_show, scm, delivery, AGAIN)      \
    C (delivery_resend, scm, delivery, AGAIN)    \
    C (delivery_approve, scm, delivery, AGAIN)   \
    C (delivery_work, scm, done, AGAIN)

#endif
