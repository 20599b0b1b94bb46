/* hook_gitea.c - webhooks of Gitea and Forgejo: nearly GitHub's payloads, with other names of some actions. See hook_read.h.
 *
 * The event is X-Gitea-Event-Type, which is exact; the class alone (X-Gitea-Event) calls a push to a pull request as its opening. Refs of create
 * and delete are full where the webhook is of the type forgejo. */

#include "services/scm/forges/hook_read.h"
#include "services/scm/forges/hook_shape.h"

#include <string.h>
#include <strings.h>

// The actions of pull requests and issues that have other names on GitHub.
static const char *const actions[][2] = {
    {"synchronized", "synchronize"},
    {"label_updated", "labeled"},
    {"label_cleared", "unlabeled"},
};

static const char *action_of (const value_t *body)
{
    const char *action = value_get_text (body, "action");
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
        if (strcmp (action, actions[i][0]) == 0)
            return actions[i][1];
    return action;
}

static bool is_object (const value_t *value)
{
    return value && value->kind == VALUE_OBJECT;
}

static bool is_draft (const char *title)
{
    return strncasecmp (title, "WIP:", 4) == 0 || strncasecmp (title, "[WIP]", 5) == 0;
}

static const value_t *renamed (turn_t *turn, const value_t *body, const char *action)
{
    return hook_replace (turn->arena, body, "action", value_string (turn->arena, action));
}

static void read_pull (turn_t *turn, const value_t *body, hook_events_t *out)
{
    arena_t *arena = turn->arena;
    const value_t *pull = value_get (body, "pull_request"), *was = hook_at (body, "changes.title.from");
    const char *action = action_of (body), *title = value_get_text (pull, "title");
    if (!pull || pull->kind != VALUE_OBJECT) {
        hook_add (out, "pull_request", "it has no pull request");
        return;
    }
    // A draft is a prefix of the title
    bool before = was && is_draft (value_to_text (arena, was)), now = is_draft (title);
    if (strcmp (action, "edited") == 0 && was && before != now)
        action = now ? "converted_to_draft" : "ready_for_review";
    const value_t *draft = value_bool (now || hook_is (pull, "draft"));
    value_t *payload = hook_replace (arena, body, "pull_request", hook_replace (arena, pull, "draft", draft));
    hook_add_pull (arena, out, action, renamed (turn, payload, action));
}

static void read_review (turn_t *turn, const char *state, const value_t *body, hook_events_t *out)
{
    arena_t *arena = turn->arena;
    const value_t *pull = value_get (body, "pull_request");
    value_t *review = value_object (arena);
    hook_put_text (arena, review, "state", state);
    hook_put_text (arena, review, "body", hook_text (arena, body, "review.content"));
    if (value_get (body, "sender"))
        value_set (arena, review, "user", value_get (body, "sender"));
    hook_event_t *made = hook_add (out, "pull_request_review", "");
    made->action = "submitted";
    made->payload = renamed (turn, hook_replace (arena, body, "review", review), made->action);
    made->actor = hook_text (arena, body, "sender.login");
    made->pull = hook_number (pull, "number");
    made->sha = hook_text (arena, pull, "head.sha");
    made->author = hook_text (arena, pull, "user.id");
    made->untrusted = hook_is_foreign (arena, pull);
    made->lane = arena_printf (arena, "pull/%lld", (long long) made->pull);
    if (made->pull == 0 || !*made->sha)
        made->reason = "it names neither number nor head of the pull request";
}

// Of a pull request it is one of its issue, as on GitHub.
static void read_comment (turn_t *turn, const value_t *body, hook_events_t *out)
{
    arena_t *arena = turn->arena;
    const value_t *issue = value_get (body, "issue"), *pull = value_get (body, "pull_request");
    if (!issue && pull)
        issue = pull;
    bool is_pull = hook_is (body, "is_pull") || pull;
    value_t *payload = value_copy (arena, body);
    if (issue && issue->kind == VALUE_OBJECT)
        value_set (arena, payload, "issue",
                   is_pull && !is_object (value_get (issue, "pull_request"))
                       ? hook_replace (arena, issue, "pull_request", value_object (arena))
                       : issue);
    hook_event_t *made = hook_add (out, "issue_comment", "");
    made->action = action_of (body);
    made->payload = payload;
    made->actor = hook_text (arena, body, "sender.login");
}

static void read_push (turn_t *turn, const value_t *body, hook_events_t *out)
{
    arena_t *arena = turn->arena;
    const value_t *commits = value_get (body, "commits");
    size_t listed = commits && commits->kind == VALUE_ARRAY ? commits->list.count : 0;
    value_t *payload = value_copy (arena, body);
    if (value_get (body, "compare_url"))
        value_set (arena, payload, "compare", value_get (body, "compare_url"));
    if (value_get (body, "pusher"))
        value_set (arena, payload, "pusher",
                   hook_replace (arena, value_get (body, "pusher"), "name",
                                 value_string (arena, hook_text (arena, body, "pusher.login"))));
    // A list that is not whole, or of another shape, is read from the repository instead
    if (hook_number (body, "total_commits") > (int64_t) listed)
        payload = hook_replace (arena, hook_replace (arena, payload, "commits", NULL), "head_commit", NULL);
    hook_add_push (arena, out, hook_text (arena, body, "ref"), hook_text (arena, body, "before"),
                   hook_text (arena, body, "after"), payload, false, false);
    hook_event_t *push = &out->items[0];
    if (!*push->reason && strcmp (push->before, push->sha) == 0)
        push->reason = "a test of the webhook: nothing was pushed";
}

static void read_ref (turn_t *turn, const char *event, const value_t *body, hook_events_t *out)
{
    arena_t *arena = turn->arena;
    hook_event_t *made = hook_add (out, event, "");
    made->ref = made->lane =
        hook_full_ref (arena, value_get_text (body, "ref"), value_get_text (body, "ref_type"));
    made->actor = hook_text (arena, body, "sender.login");
    made->payload = hook_replace (arena, body, "ref", value_string (arena, hook_short_ref (made->ref)));
    if (!*made->ref)
        made->reason = "it names no ref";
}

static void read_release (turn_t *turn, const value_t *body, hook_events_t *out)
{
    hook_event_t *made = hook_add (out, "release", "");
    const char *action = value_get_text (body, "action"),
               *tag = hook_text (turn->arena, body, "release.tag_name");
    made->action = strcmp (action, "updated") == 0 ? "edited" : action;
    made->actor = hook_text (turn->arena, body, "sender.login");
    made->payload = renamed (turn, body, made->action);
    if (*tag)
        made->ref = made->lane = hook_full_ref (turn->arena, tag, "tag");
}

static void read_issue (turn_t *turn, const value_t *body, hook_events_t *out)
{
    hook_event_t *made = hook_add (out, "issues", "");
    made->action = action_of (body);
    made->actor = hook_text (turn->arena, body, "sender.login");
    made->payload = renamed (turn, body, made->action);
}

static void read_create (turn_t *turn, const value_t *body, hook_events_t *out)
{
    read_ref (turn, "create", body, out);
}

static void read_delete (turn_t *turn, const value_t *body, hook_events_t *out)
{
    read_ref (turn, "delete", body, out);
}

static void read_approved (turn_t *turn, const value_t *body, hook_events_t *out)
{
    read_review (turn, "approved", body, out);
}

static void read_rejected (turn_t *turn, const value_t *body, hook_events_t *out)
{
    read_review (turn, "changes_requested", body, out);
}

static void read_reviewed (turn_t *turn, const value_t *body, hook_events_t *out)
{
    read_review (turn, "commented", body, out);
}

typedef void read_fn (turn_t *turn, const value_t *body, hook_events_t *out);

static const struct {
    const char *type; // X-Gitea-Event-Type, or where an old one has none X-Gitea-Event
    read_fn *read;
} readers[] = {
    {"push", read_push},
    {"create", read_create},
    {"delete", read_delete},
    {"release", read_release},
    {"issues", read_issue},
    {"issue_assign", read_issue},
    {"issue_label", read_issue},
    {"issue_milestone", read_issue},
    {"issue_comment", read_comment},
    {"pull_request", read_pull},
    {"pull_request_assign", read_pull},
    {"pull_request_label", read_pull},
    {"pull_request_milestone", read_pull},
    {"pull_request_sync", read_pull},
    {"pull_request_review_request", read_pull},
    {"pull_request_review_approved", read_approved},
    {"pull_request_review_rejected", read_rejected},
    {"pull_request_review_comment", read_reviewed},
    {"pull_request_approved", read_approved},
    {"pull_request_rejected", read_rejected},
};

// As a type it is a comment of an issue's kind, as a class a review: what the body has decides.
static read_fn *reader_of (const char *type, const value_t *body)
{
    if (strcmp (type, "pull_request_comment") == 0)
        return is_object (value_get (body, "review")) ? read_reviewed : read_comment;
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++)
        if (strcmp (type, readers[i].type) == 0)
            return readers[i].read;
    return NULL;
}

fault_t hook_read_gitea (turn_t *turn, const hook_request_t *request, hook_events_t *out)
{
    const value_t *body;
    TRY (hook_json (turn, request, &body));
    out->repository = hook_text (turn->arena, body, "repository.id");
    out->full_name = hook_text (turn->arena, body, "repository.full_name");
    read_fn *read = reader_of (*request->event_type ? request->event_type : request->event, body);
    if (read)
        read (turn, body, out);
    else
        hook_add (out, "", "no workflow can be on this event")->actor =
            hook_text (turn->arena, body, "sender.login");
    return OK;
}
