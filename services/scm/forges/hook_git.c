/* hook_git.c - what our own post-receive hook of a plain repository sends, for each ref that a push changed. See hook_read.h.
 *
 *     {"ref": "refs/heads/main", "before": SHA, "after": SHA, "pusher": "ada", "at": "1700000000"} */

#include "services/scm/forges/hook_read.h"
#include "services/scm/forges/hook_shape.h"

#include "common/base/commit_id.h"

fault_t hook_read_git (turn_t *turn, const hook_request_t *request, hook_events_t *out)
{
    arena_t *arena = turn->arena;
    const value_t *body;
    TRY (hook_json (turn, request, &body));
    const char *ref = hook_text (arena, body, "ref"), *before = hook_text (arena, body, "before"),
               *after = hook_text (arena, body, "after"), *pusher = hook_text (arena, body, "pusher");
    out->repository = out->full_name = "";
    if (!hook_begins (ref, "refs/") || !commit_id_is (before) || !commit_id_is (after))
        return turn_fail (turn, INVALID,
                          "it must have ref, before and after, as git gives them to post-receive");
    value_t *payload = value_object (arena);
    hook_put_text (arena, payload, "ref", ref);
    hook_put_text (arena, payload, "before", before);
    hook_put_text (arena, payload, "after", after);
    if (*pusher) {
        value_t *who = value_object (arena);
        hook_put_text (arena, who, "name", pusher);
        value_set (arena, payload, "pusher", who);
        value_set (arena, payload, "sender", hook_user (arena, pusher, 0, ""));
    }
    hook_add_push (arena, out, ref, before, after, payload, true, true);
    return OK;
}
