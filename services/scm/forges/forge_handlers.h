/* forge_handlers.h - every message about forges and what their webhooks deliver, and the tick of what is due. */

#ifndef OPENCICD_SCM_FORGE_HANDLERS_H
#define OPENCICD_SCM_FORGE_HANDLERS_H

#include "proto/messages.h"
#include "services/scm/self.h"

// clang-format off
#define FORGE_HANDLERS(H)                                                                                     \
    H (forge_add) H (forge_list) H (forge_show) H (forge_remove) H (forge_repository_list) H (forge_connect)  \
    H (forge_project_show) H (forge_project_set) H (forge_check) H (forge_compare) H (forge_hook_show)        \
    H (hook_post) H (delivery_list) H (delivery_show) H (delivery_resend) H (delivery_approve) H (delivery_work) \
    H (forge_status_list) H (status_follow) H (status_look) H (status_send)
// clang-format on
#define FORGE_HANDLER(message) HANDLER (message);
FORGE_HANDLERS (FORGE_HANDLER)
#undef FORGE_HANDLER
#define HANDLER_ROW_AND(message) HANDLER_ROW (message),

#define FORGE_TURN_US      SECONDS (90)    // For one look, comparison or delivery: what it asks may be slow
#define FORGE_ASK_AGAIN_US SECONDS (100)   // One without an answer is asked for again
#define FORGE_CHECK_US     SECONDS (86400) // Between two looks at a webhook
#define FORGE_RETRY_US     SECONDS (60) // After the first that failed; twice as long after each further one
#define FORGE_RETRY_MOST   SECONDS (3600)
#define FORGE_POLL_SECONDS 300 // Between two comparisons of refs

// Sends what is due to this service itself: webhooks to look at, refs to compare, deliveries to work off; brings *next_us forward.
MUST_USE fault_t forge_tick (scm_t *self, turn_t *turn, int64_t *next_us);
// The project at its forge was removed: its rows, and in the background its webhook.
MUST_USE fault_t forge_forget (scm_t *self, turn_t *turn, const char *project_id);
// Its name or address changed: ours follow. Inside a unit of work that writes.
MUST_USE fault_t forge_follow (scm_t *self, turn_t *turn, const char *project_id, const char *full_name);

// May the caller? ADMIN, DEVELOPER, VIEWER: at least that role, and no agent or job; services may all.

static inline const char *given (const char *text)
{
    return text ? text : "";
}

static inline bool is_same (const char *a, const char *b)
{
    return a[0] == b[0] && __builtin_strcmp (a, b) == 0;
}

#endif
