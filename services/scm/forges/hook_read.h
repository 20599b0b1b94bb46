/* hook_read.h - the readers of webhooks, one a dialect. Pure: see forge.h, `read`.
 *
 * Sources: GitHub's "Webhook events and payloads" and "Events that trigger workflows"; Gitea's services/webhook and modules/structs; GitLab's
 * "Webhook events"; git's githooks(5) for what our own post-receive hook sends. */

#ifndef OPENCICD_SCM_HOOK_READ_H
#define OPENCICD_SCM_HOOK_READ_H

#include "services/scm/forges/hook_event.h"

MUST_USE fault_t hook_read_github (turn_t *turn, const hook_request_t *request, hook_events_t *out);
MUST_USE fault_t hook_read_gitea (turn_t *turn, const hook_request_t *request, hook_events_t *out);
MUST_USE fault_t hook_read_gitlab (turn_t *turn, const hook_request_t *request, hook_events_t *out);
MUST_USE fault_t hook_read_git (turn_t *turn, const hook_request_t *request, hook_events_t *out);

#endif
