/* webhook.c - payloads that no forge has sent: what workflows read of a webhook's is there, and what was given stays. */

#include "workflow/plan/webhook.h"
#include "tests/unit/workflow/evaluated.h"
#include "workflow/plan/context.h"

#include <string.h>

#define ONE   "1111111111111111111111111111111111111111"
#define TWO   "2222222222222222222222222222222222222222"
#define ZEROS "0000000000000000000000000000000000000000"

static const webhook_commit_t commits[] = {
    {ONE, "3333", "first", "Ada", "ada@example.org", "2026-01-01T00:00:00+01:00", "Bob", "bob@example.org",
     "2026-01-02T00:00:00+01:00"},
    {TWO, "4444", "second", "Cid", "cid@example.org", "2026-01-03T00:00:00Z", "Bob", "bob@example.org",
     "2026-01-04T00:00:00Z"}};

static webhook_t happened (const char *event, const char *url)
{
    return (webhook_t){.event = event,
                       .actor = "ada",
                       .project_id = "p1",
                       .project = "site",
                       .url = url,
                       .default_branch = "main",
                       .server_url = "http://ci",
                       .ref = "refs/heads/x",
                       .sha = TWO,
                       .before = ONE,
                       .commits = commits,
                       .commit_count = COUNT_OF (commits)};
}

static const char *contexts_of (arena_t *arena, const webhook_t *webhook, const char *given)
{
    const value_t *payload = NULL;
    const char *error;
    CHECK (value_from_json (arena, given, strlen (given), &payload, &error) == OK);
    return arena_printf (arena, "{\"github\": {\"event\": %s}}",
                         value_to_json (arena, webhook_complete (arena, webhook, payload), 0));
}

static const evaluated_t of_a_push[] = {
    {"github.event.ref", "\"refs/heads/x\""},
    {"github.event.before", "\"" ONE "\""},
    {"github.event.after", "\"" TWO "\""},
    {"github.event.created || github.event.deleted || github.event.forced", "false"},
    {"github.event.compare", "\"https://forge.example/web/site/compare/111111111111...222222222222\""},
    {"github.event.commits.*.message", "[\"first\",\"second\"]"},
    {"github.event.head_commit.id == github.event.after", "true"},
    {"github.event.head_commit.tree_id", "\"4444\""},
    {"github.event.head_commit.timestamp", "\"2026-01-04T00:00:00Z\""},
    {"github.event.head_commit.author.name", "\"Cid\""},
    {"github.event.head_commit.committer.email", "\"bob@example.org\""},
    {"github.event.pusher.name", "\"ada\""},
    {"github.event.sender.login", "\"ada\""},
    {"github.event.repository.full_name", "\"web/site\""},
    {"github.event.repository.name", "\"site\""},
    {"github.event.repository.owner.login", "\"web\""},
    {"github.event.repository.default_branch", "\"main\""},
    {"github.event.repository.private", "true"},
    {"github.event.repository.html_url", "\"https://forge.example/web/site\""},
    {"github.event.repository.clone_url", "\"https://forge.example/web/site.git\""},
    {"github.event.repository.id > 0", "true"},
};

TEST (a_push_that_was_reported_has_all_of_a_webhook)
{
    arena_t *arena = arena_new ();
    const webhook_t webhook = happened ("push", "https://forge.example/web/site.git");
    CHECK_TABLE (evaluated, contexts_of (arena, &webhook, "{}"), of_a_push);
    arena_destroy (&arena);
}

static const evaluated_t of_a_new_branch[] = {
    {"github.event.created", "true"},
    {"github.event.before", "\"" ZEROS "\""},
    {"github.event.compare", "\"http://ci/projects/site/commit/" TWO "\""},
    {"github.event.repository.full_name", "\"git/site\""},
    {"github.event.repository.html_url", "\"http://ci/projects/site\""},
};

TEST (a_push_of_a_new_branch_begins_at_nothing)
{
    arena_t *arena = arena_new ();
    webhook_t webhook = happened ("push", "/srv/git/site.git");
    webhook.before = ZEROS;
    CHECK_TABLE (evaluated, contexts_of (arena, &webhook, "{}"), of_a_new_branch);
    arena_destroy (&arena);
}

static const evaluated_t of_a_forge[] = {
    {"github.event.sender.login", "\"eve\""},     {"github.event.repository", "{\"name\":\"own\"}"},
    {"github.event.head_commit", "null"},         {"github.event.deleted", "true"},
    {"github.event.ref", "\"refs/heads/given\""},
};

TEST (what_a_forge_has_sent_is_left_as_it_is)
{
    arena_t *arena = arena_new ();
    const webhook_t webhook = happened ("push", "https://forge.example/web/site.git");
    CHECK_TABLE (
        evaluated,
        contexts_of (
            arena, &webhook,
            "{\"sender\": {\"login\": \"eve\"}, \"repository\": {\"name\": \"own\"}, \"head_commit\": "
            "null, \"after\": \"" ZEROS "\", \"ref\": \"refs/heads/given\"}"),
        of_a_forge);
    arena_destroy (&arena);
}

static const evaluated_t of_a_dispatch[] = {
    {"github.event.inputs.a", "\"b\""},
    {"github.event.repository.default_branch", "\"main\""},
    {"github.event.sender.type", "\"User\""},
    {"github.event.commits", "null"},
};

TEST (every_event_has_its_repository_and_who_caused_it)
{
    arena_t *arena = arena_new ();
    const webhook_t webhook = happened ("workflow_dispatch", "https://forge.example/web/site");
    CHECK_TABLE (evaluated, contexts_of (arena, &webhook, "{\"inputs\": {\"a\": \"b\"}}"), of_a_dispatch);
    arena_destroy (&arena);
}

TEST (a_name_has_one_number_that_json_keeps)
{
    CHECK (context_number ("ada") == context_number ("ada"));
    CHECK (context_number ("ada") != context_number ("bob"));
    CHECK (context_number ("") > 0 && context_number ("p01m8hb34v0fy1wtag0p2") < 9007199254740992.0);
}
