/* hook_github.c - GitHub's webhooks: their payloads are what workflows expect, so that they pass as they are. See hook_read.h. */

#include "services/scm/forges/hook_read.h"
#include "services/scm/forges/hook_shape.h"

#include <string.h>

// Events that workflows can be on beside those with a reader of their own. Most run what the default branch has.
static const char *const passed[] = {
    "branch_protection_rule",
    "deployment",
    "deployment_status",
    "discussion",
    "discussion_comment",
    "fork",
    "gollum",
    "issue_comment",
    "issues",
    "label",
    "milestone",
    "page_build",
    "project",
    "project_card",
    "project_column",
    "public",
    "registry_package",
    "repository_dispatch",
    "watch",
};

static hook_event_t *add (turn_t *turn, hook_events_t *out, const char *event, const value_t *body)
{
    hook_event_t *made = hook_add (out, event, "");
    made->action = value_get_text (body, "action");
    made->actor = hook_text (turn->arena, body, "sender.login");
    made->payload = body;
    return made;
}

static void read_push (turn_t *turn, const value_t *body, hook_events_t *out)
{
    arena_t *arena = turn->arena;
    hook_add_push (arena, out, hook_text (arena, body, "ref"), hook_text (arena, body, "before"),
                   hook_text (arena, body, "after"), body, false, false);
}

// It comes beside the push, with a short name.
static void read_ref (turn_t *turn, const char *event, const value_t *body, hook_events_t *out)
{
    hook_event_t *made = add (turn, out, event, body);
    made->ref = made->lane =
        hook_full_ref (turn->arena, value_get_text (body, "ref"), value_get_text (body, "ref_type"));
    if (!*made->ref)
        made->reason = "it names no ref";
}

static void read_review (turn_t *turn, const char *event, const value_t *body, hook_events_t *out)
{
    const value_t *pull = value_get (body, "pull_request");
    hook_event_t *made = add (turn, out, event, body);
    made->pull = hook_number (pull, "number");
    made->sha = hook_text (turn->arena, pull, "head.sha");
    made->author = hook_text (turn->arena, pull, "user.id");
    made->untrusted = hook_is_foreign (turn->arena, pull);
    made->lane = arena_printf (turn->arena, "pull/%lld", (long long) made->pull);
    if (made->pull == 0 || !*made->sha)
        made->reason = "it names neither number nor head of the pull request";
}

static void read_group (turn_t *turn, const value_t *body, hook_events_t *out)
{
    hook_event_t *made = add (turn, out, "merge_group", body);
    made->sha = hook_text (turn->arena, body, "merge_group.head_sha");
    made->ref = made->lane =
        hook_full_ref (turn->arena, hook_text (turn->arena, body, "merge_group.head_ref"), "branch");
    if (strcmp (made->action, "checks_requested") != 0)
        made->reason = "the merge group ended";
}

static void read_release (turn_t *turn, const value_t *body, hook_events_t *out)
{
    hook_event_t *made = add (turn, out, "release", body);
    const char *tag = hook_text (turn->arena, body, "release.tag_name");
    if (*tag)
        made->ref = made->lane = hook_full_ref (turn->arena, tag, "tag");
}

static void read_event (turn_t *turn, const char *event, const value_t *body, hook_events_t *out)
{
    static const char *const refs[] = {"create", "delete"};
    static const char *const reviews[] = {"pull_request_review", "pull_request_review_comment"};
    for (size_t i = 0; i < 2; i++) {
        if (strcmp (event, refs[i]) == 0) {
            read_ref (turn, event, body, out);
            return;
        }
        if (strcmp (event, reviews[i]) == 0) {
            read_review (turn, event, body, out);
            return;
        }
    }
    for (size_t i = 0; i < sizeof passed / sizeof passed[0]; i++)
        if (strcmp (event, passed[i]) == 0) {
            add (turn, out, event, body);
            return;
        }
    const char *reason =
        strcmp (event, "ping") == 0 ? "ping: the webhook works" : "no workflow can be on this event";
    hook_add (out, "", reason)->actor = hook_text (turn->arena, body, "sender.login");
}

fault_t hook_read_github (turn_t *turn, const hook_request_t *request, hook_events_t *out)
{
    static const struct {
        const char *event;
        void (*read) (turn_t *turn, const value_t *body, hook_events_t *out);
    } readers[] = {{"push", read_push}, {"merge_group", read_group}, {"release", read_release}};
    const value_t *body;
    TRY (hook_json (turn, request, &body));
    out->repository = hook_text (turn->arena, body, "repository.id");
    out->full_name = hook_text (turn->arena, body, "repository.full_name");
    if (strcmp (request->event, "pull_request") == 0) {
        hook_add_pull (turn->arena, out, value_get_text (body, "action"), body);
        return OK;
    }
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++)
        if (strcmp (request->event, readers[i].event) == 0) {
            readers[i].read (turn, body, out);
            return OK;
        }
    read_event (turn, request->event, body, out);
    return OK;
}
