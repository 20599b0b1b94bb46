/* hook_shape.h - what the readers of webhooks share: JSON with bounds, paths into it, and the pieces of payloads in GitHub's shape. Pure.
 *
 * Source: GitHub's "Webhook events and payloads". */

#ifndef OPENCICD_SCM_HOOK_SHAPE_H
#define OPENCICD_SCM_HOOK_SHAPE_H

#include "services/scm/forges/hook_event.h"

// An object within the bounds of hook_event.h. INVALID, TOO_LARGE.
MUST_USE fault_t hook_json (turn_t *turn, const hook_request_t *request, const value_t **out);

// By a path, "pull_request.head.sha"; NULL where a part is missing. `hook_text`: "" where it is not a text; a number is printed.
const value_t *hook_at (const value_t *value, const char *path);
const char *hook_text (arena_t *arena, const value_t *value, const char *path);
int64_t hook_number (const value_t *value, const char *path); // 0 where it is not a whole number
bool hook_is (const value_t *value, const char *path);        // It is there, and true

bool hook_is_zeros (const char *sha); // Or empty: no commit
bool hook_begins (const char *text, const char *with);
// "refs/heads/main" of "main" and "branch"; what is full stays. "" of "".
const char *hook_full_ref (arena_t *arena, const char *ref, const char *ref_type);
const char *hook_short_ref (const char *ref); // "main" of "refs/heads/main"

void hook_put_text (arena_t *arena, value_t *object, const char *key, const char *text);
void hook_put_number (arena_t *arena, value_t *object, const char *key, int64_t number);
value_t *hook_user (arena_t *arena, const char *login, int64_t id, const char *email);
value_t *hook_repository (arena_t *arena, int64_t id, const char *full_name, const char *page,
                          const char *clone_url, const char *default_branch, bool is_private);

// A copy of the object where this one of its items is another, or (NULL) is missing.
value_t *hook_replace (arena_t *arena, const value_t *object, const char *key, const value_t *item);

// One more event of this delivery, all its texts "".
hook_event_t *hook_add (hook_events_t *events, const char *event, const char *reason);
// The events of a ref that went from `before` to `after`: push, and create or delete. `payload` is the push's.
void hook_add_push (arena_t *arena, hook_events_t *events, const char *ref, const char *before,
                    const char *after, const value_t *payload, bool creates, bool deletes);
// A pull request's, and the pull_request_target that comes with it. Fills what the payload, in GitHub's shape, says.
void hook_add_pull (arena_t *arena, hook_events_t *events, const char *action, const value_t *payload);
// Is the head of this `pull_request` code of whoever may not write to the base? What is not known for certain is.
bool hook_is_foreign (arena_t *arena, const value_t *pull);

#endif
