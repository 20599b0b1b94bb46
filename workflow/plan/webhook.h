/* webhook.h - completes the payload of an event that no forge has sent, to what a forge's webhook would contain. Pure.
 *
 * Source: GitHub's "Webhook events and payloads". Workflows read github.event.repository.default_branch, .sender.login,
 * .head_commit.message and the like; what is missing would silently be empty. */

#ifndef OPENCICD_WORKFLOW_WEBHOOK_H
#define OPENCICD_WORKFLOW_WEBHOOK_H

#include "workflow/expression/value.h"

typedef struct {
    const char *id, *tree, *message; // The message without the end of its last line
    const char *author, *author_email, *authored_at, *committer, *committer_email,
        *committed_at; // Times as RFC 3339
} webhook_commit_t;

typedef struct {
    const char *event, *actor;
    const char *project_id, *project, *url, *default_branch; // url "" for none
    const char *server_url;
    const char *ref, *sha, *before; // before "" where it is not known, zeros where there was nothing
    bool forced;
    const webhook_commit_t *commits; // The oldest first; the last one is what the event is about
    size_t commit_count;
} webhook_t;

// `given`, an object or null, and what it lacks: repository and sender for every event, all of a push for `push`.
const value_t *webhook_complete (arena_t *arena, const webhook_t *from, const value_t *given);

#endif
