/* hook_gitlab.c - GitLab's webhooks, put into GitHub's shape: merge requests become pull requests, notes comments. See hook_read.h.
 *
 * What GitLab does not say (the base's commit, whole lists of commits) is left out: the scheduler completes a payload from the repository. */

#include "services/scm/forges/hook_read.h"
#include "services/scm/forges/hook_shape.h"

#include <string.h>

static bool is (const char *text, const char *other)
{
    return strcmp (text, other) == 0;
}

// ---- pieces ----

static const value_t *repository_of (arena_t *arena, const value_t *project)
{
    const char *url = hook_text (arena, project, "git_http_url");
    int64_t visibility = hook_number (project, "visibility_level"); // 0: private, 10: internal, 20: public
    return hook_repository (
        arena, hook_number (project, "id"), hook_text (arena, project, "path_with_namespace"),
        hook_text (arena, project, "web_url"), *url ? url : hook_text (arena, project, "http_url"),
        hook_text (arena, project, "default_branch"), visibility != 20);
}

static const value_t *sender_of (arena_t *arena, const value_t *body)
{
    const char *login =
        hook_text (arena, body, "user_username"); // Of a push; "user" is an object of all others
    if (*login)
        return hook_user (arena, login, hook_number (body, "user_id"), "");
    return hook_user (arena, hook_text (arena, body, "user.username"), hook_number (body, "user.id"), "");
}

static value_t *payload_of (arena_t *arena, const value_t *body)
{
    value_t *payload = value_object (arena);
    value_set (arena, payload, "repository", repository_of (arena, value_get (body, "project")));
    value_set (arena, payload, "sender", sender_of (arena, body));
    return payload;
}

static hook_event_t *add (arena_t *arena, hook_events_t *out, const char *event, const char *action,
                          value_t *payload)
{
    hook_event_t *made = hook_add (out, event, "");
    made->action = action;
    made->payload = payload;
    made->actor = hook_text (arena, payload, "sender.login");
    hook_put_text (arena, payload, "action", action);
    return made;
}

static const value_t *names (arena_t *arena, const value_t *list, const char *key, const char *as)
{
    value_t *made = value_array (arena);
    for (size_t i = 0; list && list->kind == VALUE_ARRAY && i < list->list.count; i++) {
        value_t *item = value_object (arena);
        hook_put_text (arena, item, as, hook_text (arena, list->list.items[i], key));
        hook_put_number (arena, item, "id", hook_number (list->list.items[i], "id"));
        value_push (arena, made, item);
    }
    return made;
}

// ---- pushes ----

static const value_t *commit_of (arena_t *arena, const value_t *from)
{
    static const char *const same[] = {"id",    "message",  "timestamp", "url",
                                       "added", "modified", "removed",   "author"};
    value_t *made = value_object (arena);
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        if (value_get (from, same[i]))
            value_set (arena, made, same[i], value_get (from, same[i]));
    if (value_get (from, "author"))
        value_set (arena, made, "committer", value_get (from, "author"));
    value_set (arena, made, "distinct", value_bool (true));
    return made;
}

// The newest 20 alone are sent: a list that is not whole is read from the repository instead.
static void put_commits (arena_t *arena, const value_t *body, value_t *payload)
{
    const value_t *list = value_get (body, "commits");
    if (!list || list->kind != VALUE_ARRAY || list->list.count == 0 ||
        hook_number (body, "total_commits_count") != (int64_t) list->list.count)
        return;
    value_t *commits = value_array (arena);
    for (size_t i = 0; i < list->list.count; i++)
        value_push (arena, commits, commit_of (arena, list->list.items[i]));
    value_set (arena, payload, "commits", commits);
    value_set (arena, payload, "head_commit", commits->list.items[commits->list.count - 1]);
}

static void read_push (turn_t *turn, const value_t *body, hook_events_t *out)
{
    arena_t *arena = turn->arena;
    value_t *payload = payload_of (arena, body), *pusher = value_object (arena);
    static const char *const same[] = {"ref", "before", "after"};
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        hook_put_text (arena, payload, same[i], hook_text (arena, body, same[i]));
    hook_put_text (arena, pusher, "name", hook_text (arena, body, "user_username"));
    hook_put_text (arena, pusher, "email", hook_text (arena, body, "user_email"));
    value_set (arena, payload, "pusher", pusher);
    put_commits (arena, body, payload);
    hook_add_push (arena, out, hook_text (arena, body, "ref"), hook_text (arena, body, "before"),
                   hook_text (arena, body, "after"), payload, true, true);
}

// ---- merge requests ----

static const value_t *side_of (arena_t *arena, const value_t *project, int64_t id, const char *ref,
                               const char *sha)
{
    value_t *side = value_object (arena);
    hook_put_text (arena, side, "ref", ref);
    if (*sha)
        hook_put_text (arena, side, "sha", sha);
    // The id beside the request is kept when the fork itself is gone
    bool known = project && project->kind == VALUE_OBJECT;
    const value_t *repository = known ? repository_of (arena, project) : value_null ();
    if (known && hook_number (project, "id") == 0)
        repository = hook_replace (arena, repository, "id", value_number (arena, (double) id));
    value_set (arena, side, "repo", repository);
    return side;
}

static const value_t *pull_of (arena_t *arena, const value_t *body, const value_t *request)
{
    value_t *pull = value_object (arena);
    const char *state = hook_text (arena, request, "state");
    hook_put_number (arena, pull, "number", hook_number (request, "iid"));
    hook_put_number (arena, pull, "id", hook_number (request, "id"));
    hook_put_text (arena, pull, "title", hook_text (arena, request, "title"));
    hook_put_text (arena, pull, "body", hook_text (arena, request, "description"));
    hook_put_text (arena, pull, "html_url", hook_text (arena, request, "url"));
    hook_put_text (arena, pull, "state", is (state, "opened") || is (state, "locked") ? "open" : "closed");
    value_set (arena, pull, "merged", value_bool (is (state, "merged")));
    value_set (arena, pull, "draft",
               value_bool (hook_is (request, "draft") || hook_is (request, "work_in_progress")));
    if (*hook_text (arena, request, "merge_commit_sha"))
        hook_put_text (arena, pull, "merge_commit_sha", hook_text (arena, request, "merge_commit_sha"));
    const value_t *labels =
        value_get (body, "labels") ? value_get (body, "labels") : value_get (request, "labels");
    value_set (arena, pull, "labels", names (arena, labels, "title", "name"));
    value_set (arena, pull, "assignees", names (arena, value_get (body, "assignees"), "username", "login"));
    value_set (arena, pull, "user", hook_user (arena, "", hook_number (request, "author_id"), ""));
    value_set (arena, pull, "head",
               side_of (arena, value_get (request, "source"), hook_number (request, "source_project_id"),
                        hook_text (arena, request, "source_branch"),
                        hook_text (arena, request, "last_commit.id")));
    value_set (arena, pull, "base",
               side_of (arena, value_get (request, "target"), hook_number (request, "target_project_id"),
                        hook_text (arena, request, "target_branch"), ""));
    return pull;
}

static size_t size_of (const value_t *list)
{
    return list && list->kind == VALUE_ARRAY ? list->list.count : 0;
}

// What an update changed; "" for nothing that has an action on GitHub.
static const char *update_of (arena_t *arena, const value_t *body)
{
    const value_t *changes = value_get (body, "changes");
    if (*hook_text (arena, body, "object_attributes.oldrev"))
        return "synchronize";
    if (value_get (changes, "labels"))
        return size_of (hook_at (changes, "labels.current")) < size_of (hook_at (changes, "labels.previous"))
                   ? "unlabeled"
                   : "labeled";
    if (value_get (changes, "draft"))
        return hook_is (changes, "draft.current") ? "converted_to_draft" : "ready_for_review";
    static const char *const edits[] = {"title", "description", "target_branch"};
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++)
        if (value_get (changes, edits[i]))
            return "edited";
    if (value_get (changes, "assignees"))
        return size_of (hook_at (changes, "assignees.current")) <
                       size_of (hook_at (changes, "assignees.previous"))
                   ? "unassigned"
                   : "assigned";
    return "";
}

static const char *const requests[][2] = {
    {"open", "opened"}, {"reopen", "reopened"}, {"close", "closed"}, {"merge", "closed"}};
static const char *const reviews[][2] = {{"approved", "submitted"},
                                         {"approval", "submitted"},
                                         {"unapproved", "dismissed"},
                                         {"unapproval", "dismissed"}};

static const char *in_table (const char *const table[][2], size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (is (table[i][0], name))
            return table[i][1];
    return "";
}

static void read_review (arena_t *arena, const char *action, value_t *payload, hook_events_t *out)
{
    const value_t *pull = value_get (payload, "pull_request");
    value_t *review = value_object (arena);
    hook_put_text (arena, review, "state", is (action, "submitted") ? "approved" : "dismissed");
    value_set (arena, review, "user", value_get (payload, "sender"));
    value_set (arena, payload, "review", review);
    hook_event_t *made = add (arena, out, "pull_request_review", action, payload);
    made->pull = hook_number (pull, "number");
    made->sha = hook_text (arena, pull, "head.sha");
    made->author = hook_text (arena, pull, "user.id");
    made->untrusted = hook_is_foreign (arena, pull);
    made->lane = arena_printf (arena, "pull/%lld", (long long) made->pull);
    if (made->pull == 0 || !*made->sha)
        made->reason = "it names neither number nor head of the merge request";
}

static void read_request (turn_t *turn, const value_t *body, hook_events_t *out)
{
    arena_t *arena = turn->arena;
    const value_t *request = value_get (body, "object_attributes");
    const char *given = hook_text (arena, request, "action");
    value_t *payload = payload_of (arena, body);
    value_set (arena, payload, "pull_request", pull_of (arena, body, request));
    hook_put_number (arena, payload, "number", hook_number (request, "iid"));
    const char *review = in_table (reviews, 4, given), *action = in_table (requests, 4, given);
    if (*review) {
        read_review (arena, review, payload, out);
        return;
    }
    if (is (given, "update"))
        action = update_of (arena, body);
    if (!*action) {
        hook_add (out, "pull_request", "nothing changed that a workflow can be on")->actor =
            hook_text (arena, payload, "sender.login");
        return;
    }
    if (is (action, "synchronize")) {
        hook_put_text (arena, payload, "before", hook_text (arena, request, "oldrev"));
        hook_put_text (arena, payload, "after", hook_text (arena, request, "last_commit.id"));
    }
    hook_put_text (arena, payload, "action", action);
    hook_add_pull (arena, out, action, payload);
}

// ---- all others ----

static void read_note (turn_t *turn, const value_t *body, hook_events_t *out)
{
    arena_t *arena = turn->arena;
    const value_t *note = value_get (body, "object_attributes");
    const char *on = hook_text (arena, note, "noteable_type");
    bool is_pull = is (on, "MergeRequest");
    const value_t *about = value_get (body, is_pull ? "merge_request" : "issue");
    value_t *payload = payload_of (arena, body), *comment = value_object (arena),
            *issue = value_object (arena);
    if (!is_pull && !is (on, "Issue")) {
        hook_add (out, "", "no workflow can be on a comment of this kind")->actor =
            hook_text (arena, payload, "sender.login");
        return;
    }
    hook_put_number (arena, comment, "id", hook_number (note, "id"));
    hook_put_text (arena, comment, "body", hook_text (arena, note, "note"));
    hook_put_text (arena, comment, "html_url", hook_text (arena, note, "url"));
    value_set (arena, comment, "user", value_get (payload, "sender"));
    hook_put_number (arena, issue, "number", hook_number (about, "iid"));
    hook_put_text (arena, issue, "title", hook_text (arena, about, "title"));
    hook_put_text (arena, issue, "body", hook_text (arena, about, "description"));
    value_set (arena, issue, "labels", names (arena, value_get (about, "labels"), "title", "name"));
    value_set (arena, issue, "user", hook_user (arena, "", hook_number (about, "author_id"), ""));
    if (is_pull)
        value_set (arena, issue, "pull_request", value_object (arena));
    value_set (arena, payload, "comment", comment);
    value_set (arena, payload, "issue", issue);
    const char *action = is (hook_text (arena, note, "action"), "update") ? "edited" : "created";
    add (arena, out, "issue_comment", action, payload);
}

static void read_issue (turn_t *turn, const value_t *body, hook_events_t *out)
{
    static const char *const actions[][2] = {
        {"open", "opened"}, {"reopen", "reopened"}, {"close", "closed"}, {"update", "edited"}};
    arena_t *arena = turn->arena;
    const value_t *from = value_get (body, "object_attributes");
    value_t *payload = payload_of (arena, body), *issue = value_object (arena);
    const char *action = in_table (actions, 4, hook_text (arena, from, "action"));
    hook_put_number (arena, issue, "number", hook_number (from, "iid"));
    hook_put_text (arena, issue, "title", hook_text (arena, from, "title"));
    hook_put_text (arena, issue, "body", hook_text (arena, from, "description"));
    hook_put_text (arena, issue, "html_url", hook_text (arena, from, "url"));
    hook_put_text (arena, issue, "state",
                   is (hook_text (arena, from, "state"), "closed") ? "closed" : "open");
    value_set (arena, issue, "labels", names (arena, value_get (body, "labels"), "title", "name"));
    value_set (arena, issue, "user", hook_user (arena, "", hook_number (from, "author_id"), ""));
    value_set (arena, payload, "issue", issue);
    hook_event_t *made = add (arena, out, "issues", action, payload);
    if (!*action)
        made->reason = "nothing changed that a workflow can be on";
}

static void read_release (turn_t *turn, const value_t *body, hook_events_t *out)
{
    static const char *const actions[][2] = {
        {"create", "published"}, {"update", "edited"}, {"delete", "deleted"}};
    arena_t *arena = turn->arena;
    value_t *payload = payload_of (arena, body), *release = value_object (arena);
    const char *action = in_table (actions, 3, hook_text (arena, body, "action")),
               *tag = hook_text (arena, body, "tag");
    hook_put_number (arena, release, "id", hook_number (body, "id"));
    hook_put_text (arena, release, "tag_name", tag);
    hook_put_text (arena, release, "name", hook_text (arena, body, "name"));
    hook_put_text (arena, release, "body", hook_text (arena, body, "description"));
    hook_put_text (arena, release, "html_url", hook_text (arena, body, "url"));
    value_set (arena, release, "draft", value_bool (false));
    value_set (arena, release, "prerelease", value_bool (false));
    value_set (arena, payload, "release", release);
    hook_event_t *made = add (arena, out, "release", action, payload);
    if (*tag)
        made->ref = made->lane = hook_full_ref (arena, tag, "tag");
    if (!*action)
        made->reason = "nothing changed that a workflow can be on";
}

fault_t hook_read_gitlab (turn_t *turn, const hook_request_t *request, hook_events_t *out)
{
    static const struct {
        const char *kind;
        void (*read) (turn_t *turn, const value_t *body, hook_events_t *out);
    } readers[] = {{"push", read_push}, {"tag_push", read_push}, {"merge_request", read_request},
                   {"note", read_note}, {"issue", read_issue},   {"release", read_release}};
    const value_t *body;
    TRY (hook_json (turn, request, &body));
    out->repository = hook_text (turn->arena, body, "project.id");
    if (!*out->repository)
        out->repository = hook_text (turn->arena, body, "project_id");
    out->full_name = hook_text (turn->arena, body, "project.path_with_namespace");
    const char *kind = value_get_text (body, "object_kind");
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++)
        if (is (kind, readers[i].kind)) {
            readers[i].read (turn, body, out);
            return OK;
        }
    hook_add (out, "", "no workflow can be on this event");
    return OK;
}
