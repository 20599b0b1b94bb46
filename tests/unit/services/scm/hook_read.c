/* What the forges' webhooks say, in the words of GitHub's events. The bodies are written from the forges' documentation, cut to what is read. */

#include "services/scm/forges/forge.h"
#include "services/scm/forges/hook_shape.h"
#include "tests/unit/test.h"

#include <string.h>

#define A     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B     "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define ZEROS "0000000000000000000000000000000000000000"
#define REPO \
    "\"repository\":{\"id\":7,\"full_name\":\"ada/site\",\"default_branch\":\"main\"},\"sender\":{\"login\":\"ada\",\"id\":3}"

typedef struct {
    arena_t *arena;
    turn_t turn;
    hook_events_t events;
    fault_t fault;
} reading_t;

static reading_t *begin (void)
{
    arena_t *arena = arena_new ();
    reading_t *self = arena_alloc (arena, sizeof *self);
    self->arena = arena;
    turn_init (&self->turn, arena, "read", 0);
    return self;
}

static void end (reading_t *self)
{
    arena_t *arena = self->arena;
    arena_destroy (&arena);
}

// The first event, or what the reader says is wrong.
static const hook_event_t *take (reading_t *self, const forge_t *forge, const char *event, const char *type,
                                 const char *body)
{
    const hook_request_t request = {.event = event,
                                    .event_type = type,
                                    .delivery = "d1",
                                    .hub = "",
                                    .gitea = "",
                                    .signature = "",
                                    .timestamp = "",
                                    .token = "",
                                    .body = body,
                                    .size = strlen (body)};
    self->events = (hook_events_t){.count = 0};
    self->fault = forge->read (&self->turn, &request, &self->events);
    CHECK_INT (self->fault, OK);
    CHECK (self->events.count > 0);
    return &self->events.items[0];
}

static const char *text (reading_t *self, const hook_event_t *event, const char *path)
{
    return hook_text (self->arena, event->payload, path);
}

// ---- GitHub ----

TEST (a_push_to_github_is_of_its_ref_and_passes_as_it_is)
{
    reading_t *self = begin ();
    const hook_event_t *push = take (self, &forge_github, "push", "",
                                     "{\"ref\":\"refs/heads/main\",\"before\":\"" A "\",\"after\":\"" B
                                     "\",\"commits\":[{\"id\":\"" B "\"}]," REPO "}");
    CHECK_STR (push->event, "push");
    CHECK_STR (push->reason, "");
    CHECK_STR (push->ref, "refs/heads/main");
    CHECK_STR (push->lane, "refs/heads/main");
    CHECK_STR (push->sha, B);
    CHECK_STR (push->before, A);
    CHECK_STR (push->actor, "ada");
    CHECK_STR (self->events.repository, "7");
    CHECK_STR (self->events.full_name, "ada/site");
    CHECK_INT (self->events.count, 1); // Its create comes by itself
    CHECK_INT (hook_at (push->payload, "commits")->list.count, 1);
    end (self);
}

TEST (a_removed_ref_runs_by_its_delete_alone_and_a_merge_queue_by_its_group)
{
    reading_t *self = begin ();
    const hook_event_t *one =
        take (self, &forge_github, "push", "",
              "{\"ref\":\"refs/heads/x\",\"before\":\"" A "\",\"after\":\"" ZEROS "\"," REPO "}");
    CHECK_STR (one->reason, "the ref was removed");
    one = take (self, &forge_github, "delete", "", "{\"ref\":\"x\",\"ref_type\":\"branch\"," REPO "}");
    CHECK_STR (one->event, "delete");
    CHECK_STR (one->ref, "refs/heads/x");
    one = take (self, &forge_github, "create", "", "{\"ref\":\"v1\",\"ref_type\":\"tag\"," REPO "}");
    CHECK_STR (one->ref, "refs/tags/v1");
    one = take (self, &forge_github, "push", "",
                "{\"ref\":\"refs/heads/gh-readonly-queue/main/pr-1\",\"before\":\"" ZEROS "\",\"after\":\"" B
                "\"," REPO "}");
    CHECK (*one->reason);
    one = take (
        self, &forge_github, "merge_group", "",
        "{\"action\":\"checks_requested\",\"merge_group\":{\"head_sha\":\"" B
        "\",\"head_ref\":\"refs/heads/gh-readonly-queue/main/pr-1\",\"base_ref\":\"refs/heads/main\"}," REPO
        "}");
    CHECK_STR (one->reason, "");
    CHECK_STR (one->sha, B);
    one = take (self, &forge_github, "merge_group", "",
                "{\"action\":\"destroyed\",\"merge_group\":{\"head_sha\":\"" B "\"}," REPO "}");
    CHECK (*one->reason);
    end (self);
}

#define PULL(head_repo, head_ref, more)                                                                                    \
    "{\"action\":\"synchronize\",\"number\":5,\"pull_request\":{\"number\":5,\"title\":\"x\",\"user\":{\"login\":\"bob\"," \
    "\"id\":9},\"head\":{\"ref\":\"" head_ref "\",\"sha\":\"" B "\",\"repo\":" head_repo                                   \
    "},\"base\":{\"ref\":\"main\",\"sha\":\"" A "\",\"repo\":{\"id\":7}}" more "}," REPO "}"

TEST (a_pull_request_brings_its_target_event_and_is_trusted_by_the_repository_of_its_head)
{
    reading_t *self = begin ();
    const hook_event_t *one =
        take (self, &forge_github, "pull_request", "", PULL ("{\"id\":7}", "topic", ""));
    CHECK_STR (one->event, "pull_request");
    CHECK_STR (one->action, "synchronize");
    CHECK_STR (one->lane, "pull/5");
    CHECK_STR (one->sha, B);
    CHECK_STR (one->author, "9");
    CHECK_INT (one->pull, 5);
    CHECK (one->head_moved && !one->untrusted);
    CHECK_INT (self->events.count, 2);
    CHECK_STR (self->events.items[1].event, "pull_request_target");
    static const char *const foreign[] = {PULL ("{\"id\":8}", "topic", ""), PULL ("null", "topic", ""),
                                          PULL ("{\"id\":7}", "refs/pull/5/head", ""),
                                          PULL ("{\"id\":7}", "topic", ",\"flow\":1")};
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        one = take (self, &forge_github, "pull_request", "", foreign[i]);
        CHECK (one->untrusted);
        CHECK (!self->events.items[1].untrusted); // It runs what the base has
    }
    end (self);
}

TEST (what_no_workflow_can_be_on_is_ignored_with_a_reason)
{
    reading_t *self = begin ();
    static const char *const events[] = {"ping",         "status", "check_run", "check_suite",
                                         "installation", "star",   "no_such"};
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        CHECK (*take (self, &forge_github, events[i], "", "{" REPO "}")->reason);
    CHECK_STR (take (self, &forge_github, "issue_comment", "", "{\"action\":\"created\"," REPO "}")->reason,
               "");
    CHECK_STR (take (self, &forge_github, "release", "",
                     "{\"action\":\"published\",\"release\":{\"tag_name\":\"v1\"}," REPO "}")
                   ->ref,
               "refs/tags/v1");
    end (self);
}

// ---- Gitea ----

TEST (the_exact_type_of_gitea_decides_and_its_actions_get_githubs_names)
{
    reading_t *self = begin ();
    const hook_event_t *one = take (
        self, &forge_gitea, "pull_request", "pull_request_sync",
        "{\"action\":\"synchronized\",\"number\":5,\"pull_request\":{\"number\":5,\"title\":\"WIP: x\",\"head\":{\"ref\":\"t\","
        "\"sha\":\"" B "\",\"repo\":{\"id\":7}},\"base\":{\"ref\":\"main\",\"repo\":{\"id\":7}}}," REPO "}");
    CHECK_STR (one->action, "synchronize");
    CHECK_STR (text (self, one, "action"), "synchronize");
    CHECK (hook_is (one->payload, "pull_request.draft"));
    CHECK (!one->untrusted);
    one = take (self, &forge_gitea, "pull_request", "pull_request_label",
                "{\"action\":\"label_updated\",\"pull_request\":{\"number\":5,\"head\":{\"sha\":\"" B
                "\"}}," REPO "}");
    CHECK_STR (one->action, "labeled");
    CHECK (!one->head_moved && one->untrusted); // Nobody says whose its head is
    one = take (
        self, &forge_gitea, "pull_request", "pull_request",
        "{\"action\":\"edited\",\"changes\":{\"title\":{\"from\":\"WIP: x\"}},\"pull_request\":{\"number\":5,\"title\":\"x\","
        "\"head\":{\"sha\":\"" B "\"}}," REPO "}");
    CHECK_STR (one->action, "ready_for_review");
    one = take (self, &forge_gitea, "pull_request_approved", "pull_request_review_approved",
                "{\"action\":\"reviewed\",\"pull_request\":{\"number\":5,\"head\":{\"sha\":\"" B
                "\"}},\"review\":{\"content\":\"ok\"}," REPO "}");
    CHECK_STR (one->event, "pull_request_review");
    CHECK_STR (text (self, one, "review.state"), "approved");
    end (self);
}

TEST (pushes_and_refs_of_gitea_and_forgejo_are_as_those_of_github)
{
    reading_t *self = begin ();
    const hook_event_t *one = take (self, &forge_gitea, "push", "push",
                                    "{\"ref\":\"refs/heads/main\",\"before\":\"" A "\",\"after\":\"" B
                                    "\",\"compare_url\":\"c\",\"total_commits\":20,\"commits\":[{\"id\":\"" B
                                    "\"}],\"pusher\":{\"login\":\"ada\"}," REPO "}");
    CHECK_STR (text (self, one, "compare"), "c");
    CHECK_STR (text (self, one, "pusher.name"), "ada");
    CHECK (!hook_at (one->payload, "commits")); // 1 of 20: the repository knows them all
    one = take (self, &forge_gitea, "push", "push",
                "{\"ref\":\"refs/heads/main\",\"before\":\"" A "\",\"after\":\"" A "\"," REPO "}");
    CHECK (*one->reason); // A test of the webhook
    one = take (self, &forge_gitea, "create", "create",
                "{\"ref\":\"refs/heads/x\",\"ref_type\":\"branch\"," REPO "}");
    CHECK_STR (one->ref, "refs/heads/x");
    CHECK_STR (text (self, one, "ref"), "x");
    one = take (
        self, &forge_gitea, "issue_comment", "pull_request_comment",
        "{\"action\":\"created\",\"is_pull\":true,\"issue\":{\"number\":5},\"comment\":{\"body\":\"b\"}," REPO
        "}");
    CHECK_STR (one->event, "issue_comment");
    CHECK (hook_at (one->payload, "issue.pull_request"));
    CHECK (*take (self, &forge_gitea, "status", "status", "{" REPO "}")->reason);
    CHECK_STR (take (self, &forge_gitea, "release", "release",
                     "{\"action\":\"updated\",\"release\":{\"tag_name\":\"v1\"}," REPO "}")
                   ->action,
               "edited");
    end (self);
}

// ---- GitLab ----

#define PROJECT                                                                                                         \
    "\"project\":{\"id\":7,\"path_with_namespace\":\"ada/site\",\"web_url\":\"https://lab/ada/site\",\"git_http_url\":" \
    "\"https://lab/ada/site.git\",\"default_branch\":\"main\",\"visibility_level\":20}"

TEST (a_push_to_gitlab_is_put_into_githubs_shape_with_its_create)
{
    reading_t *self = begin ();
    const hook_event_t *one =
        take (self, &forge_gitlab, "Push Hook", "",
              "{\"object_kind\":\"push\",\"ref\":\"refs/heads/x\",\"before\":\"" ZEROS "\",\"after\":\"" B
              "\",\"user_username\":\"ada\",\"user_id\":3,\"total_commits_count\":1,\"commits\":[{\"id\":\"" B
              "\",\"message\":\"m\",\"author\":{\"name\":\"Ada\"}}]," PROJECT "}");
    CHECK_STR (one->event, "push");
    CHECK_STR (one->before, "");
    CHECK_STR (one->actor, "ada");
    CHECK_STR (text (self, one, "repository.full_name"), "ada/site");
    CHECK_STR (text (self, one, "repository.owner.login"), "ada");
    CHECK_STR (text (self, one, "head_commit.committer.name"), "Ada");
    CHECK (!hook_is (one->payload, "repository.private"));
    CHECK_INT (self->events.count, 2);
    CHECK_STR (self->events.items[1].event, "create");
    CHECK_STR (text (self, &self->events.items[1], "ref"), "x");
    one = take (self, &forge_gitlab, "Tag Push Hook", "",
                "{\"object_kind\":\"tag_push\",\"ref\":\"refs/tags/v1\",\"before\":\"" A
                "\",\"after\":\"" ZEROS "\"," PROJECT "}");
    CHECK (*one->reason);
    CHECK_STR (self->events.items[1].event, "delete");
    CHECK_STR (text (self, &self->events.items[1], "ref_type"), "tag");
    end (self);
}

#define REQUEST(action, more, changes)                                                                                        \
    "{\"object_kind\":\"merge_request\",\"user\":{\"id\":3,\"username\":\"ada\"},\"object_attributes\":{\"iid\":5,\"id\":50," \
    "\"title\":\"t\",\"state\":\"opened\",\"author_id\":9,\"source_branch\":\"topic\",\"target_branch\":\"main\","            \
    "\"source_project_id\":7,\"target_project_id\":7,\"source\":{\"id\":7,\"path_with_namespace\":\"ada/site\"},\"target\":{" \
    "\"id\":7,\"path_with_namespace\":\"ada/site\"},\"last_commit\":{\"id\":\"" B "\"},\"action\":\"" action                  \
    "\"" more "},\"changes\":{" changes "}," PROJECT "}"

TEST (merge_requests_become_pull_requests_with_the_action_that_their_changes_mean)
{
    static const struct {
        const char *body, *event, *action;
    } cases[] = {
        {REQUEST ("open", "", ""), "pull_request", "opened"},
        {REQUEST ("merge", "", ""), "pull_request", "closed"},
        {REQUEST ("update", ",\"oldrev\":\"" A "\"", ""), "pull_request", "synchronize"},
        {REQUEST ("update", "", "\"labels\":{\"previous\":[],\"current\":[{\"id\":1}]}"), "pull_request",
         "labeled"},
        {REQUEST ("update", "", "\"labels\":{\"previous\":[{\"id\":1}],\"current\":[]}"), "pull_request",
         "unlabeled"},
        {REQUEST ("update", "", "\"draft\":{\"previous\":true,\"current\":false}"), "pull_request",
         "ready_for_review"},
        {REQUEST ("update", "", "\"title\":{\"previous\":\"a\",\"current\":\"t\"}"), "pull_request",
         "edited"},
        {REQUEST ("approved", "", ""), "pull_request_review", "submitted"},
    };
    reading_t *self = begin ();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const hook_event_t *one = take (self, &forge_gitlab, "Merge Request Hook", "", cases[i].body);
        CHECK_STR (one->event, cases[i].event);
        CHECK_STR (one->action, cases[i].action);
        CHECK_STR (text (self, one, "action"), cases[i].action);
        CHECK_STR (one->sha, B);
        CHECK_INT (one->pull, 5);
        CHECK (!one->untrusted);
    }
    CHECK (*take (self, &forge_gitlab, "Merge Request Hook", "", REQUEST ("update", "", ""))->reason);
    const hook_event_t *fork =
        take (self, &forge_gitlab, "Merge Request Hook", "",
              REQUEST ("open", ",\"source\":{\"id\":8,\"path_with_namespace\":\"eve/site\"}", ""));
    CHECK (fork->untrusted);
    fork = take (self, &forge_gitlab, "Merge Request Hook", "", REQUEST ("open", ",\"source\":null", ""));
    CHECK (fork->untrusted);
    end (self);
}

TEST (notes_and_releases_of_gitlab_are_comments_and_releases)
{
    reading_t *self = begin ();
    const hook_event_t *one = take (
        self, &forge_gitlab, "Note Hook", "",
        "{\"object_kind\":\"note\",\"user\":{\"username\":\"ada\"},\"object_attributes\":{\"id\":4,\"note\":\"/go\","
        "\"noteable_type\":\"MergeRequest\",\"action\":\"create\"},\"merge_request\":{\"iid\":5,\"title\":\"t\"}," PROJECT
        "}");
    CHECK_STR (one->event, "issue_comment");
    CHECK_STR (one->action, "created");
    CHECK_STR (text (self, one, "comment.body"), "/go");
    CHECK (hook_at (one->payload, "issue.pull_request"));
    one =
        take (self, &forge_gitlab, "Note Hook", "",
              "{\"object_kind\":\"note\",\"object_attributes\":{\"noteable_type\":\"Commit\"}," PROJECT "}");
    CHECK (*one->reason);
    one = take (self, &forge_gitlab, "Release Hook", "",
                "{\"object_kind\":\"release\",\"action\":\"create\",\"tag\":\"v1\",\"name\":\"One\"," PROJECT
                "}");
    CHECK_STR (one->action, "published");
    CHECK_STR (one->ref, "refs/tags/v1");
    CHECK (*take (self, &forge_gitlab, "Pipeline Hook", "", "{\"object_kind\":\"pipeline\"," PROJECT "}")
                ->reason);
    end (self);
}

// ---- plain git ----

TEST (a_post_receive_hook_reports_pushes_creates_and_deletes)
{
    reading_t *self = begin ();
    const hook_event_t *one =
        take (self, &forge_git, "", "",
              "{\"ref\":\"refs/heads/x\",\"before\":\"" ZEROS "\",\"after\":\"" B "\",\"pusher\":\"ada\"}");
    CHECK_STR (one->event, "push");
    CHECK_STR (one->actor, "ada");
    CHECK_STR (self->events.items[1].event, "create");
    take (self, &forge_git, "", "",
          "{\"ref\":\"refs/heads/x\",\"before\":\"" A "\",\"after\":\"" ZEROS "\"}");
    CHECK_STR (self->events.items[1].event, "delete");
    CHECK (*take (self, &forge_git, "", "",
                  "{\"ref\":\"refs/notes/commits\",\"before\":\"" A "\",\"after\":\"" B "\"}")
                ->reason);
    const hook_request_t bad = {.body = "{\"ref\":\"main\"}", .size = 14};
    CHECK_INT (forge_git.read (&self->turn, &bad, &self->events), INVALID);
    end (self);
}

// ---- bounds ----

TEST (a_body_that_is_deep_or_no_object_is_refused_and_not_a_crash)
{
    reading_t *self = begin ();
    static const forge_t *const forges[] = {&forge_github, &forge_gitlab, &forge_gitea, &forge_git};
    char deep[200];
    memset (deep, '[', 100);
    memset (deep + 100, ']', 99);
    deep[199] = '\0';
    const char *const bodies[] = {"", "null", "[]", "{", "\"x\"", deep};
    for (size_t i = 0; i < sizeof forges / sizeof forges[0]; i++)
        for (size_t j = 0; j < sizeof bodies / sizeof bodies[0]; j++) {
            const hook_request_t request = {.event = "push",
                                            .event_type = "",
                                            .delivery = "",
                                            .body = bodies[j],
                                            .size = strlen (bodies[j])};
            CHECK_INT (forges[i]->read (&self->turn, &request, &self->events), INVALID);
        }
    end (self);
}
