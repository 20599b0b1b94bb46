/* payload.c - events of forges: the ref of each, the one that filters look at, and what a run is called. */

#include "workflow/plan/payload.h"
#include "tests/unit/workflow/loaded.h"

#include <string.h>

#define HOME "\"repository\": {\"default_branch\": \"trunk\"}"
#define PULL \
    "{\"pull_request\": {\"number\": 7, \"title\": \"Add it\", \"base\": {\"ref\": \"next\"}}, " HOME "}"
#define NO_PULL "{" HOME "}"

static const struct {
    const char *event, *payload;
    const char *ref, *filtered, *title;
} rows[] = {
    {"push", "{\"ref\": \"refs/tags/v1\", \"head_commit\": {\"message\": \"Fix\\n\\nAll\"}}", "refs/tags/v1",
     "refs/tags/v1", "Fix"},
    {"pull_request", PULL, "refs/pull/7/merge", "refs/heads/next", "Add it"},
    {"pull_request_review", PULL, "refs/pull/7/merge", "refs/pull/7/merge", "Add it"},
    {"pull_request_target", PULL, "refs/heads/trunk", "refs/heads/next", "Add it"},
    {"pull_request", NO_PULL, "refs/heads/trunk", "refs/heads/trunk", ""},
    {"merge_group",
     "{\"merge_group\": {\"head_ref\": \"refs/heads/gh/q\", \"base_ref\": \"refs/heads/main\"}}",
     "refs/heads/gh/q", "refs/heads/main", ""},
    {"workflow_run", "{\"workflow_run\": {\"head_branch\": \"topic\"}, " HOME "}", "refs/heads/trunk",
     "refs/heads/topic", ""},
    {"release", "{\"release\": {\"tag_name\": \"v2\", \"name\": \"Two\"}}", "refs/tags/v2", "refs/tags/v2",
     "Two"},
    {"create", "{\"ref\": \"v3\", \"ref_type\": \"tag\"}", "refs/tags/v3", "refs/tags/v3", ""},
    {"create", "{\"ref\": \"x\", \"ref_type\": \"branch\"}", "refs/heads/x", "refs/heads/x", ""},
    {"issues", "{\"issue\": {\"title\": \"It fails\"}, " HOME "}", "refs/heads/trunk", "refs/heads/trunk",
     "It fails"},
    {"schedule", "{" HOME "}", "refs/heads/trunk", "refs/heads/trunk", ""},
    {"push", "{}", "", "", ""},
    {"push", "{\"ref\": {}, \"head_commit\": []}", "", "", ""},
    {"pull_request", "{\"pull_request\": {\"number\": [1], \"base\": 3, \"title\": null}}", "",
     "refs/heads/3", ""},
};

TEST (an_event_is_of_the_ref_that_its_payload_names)
{
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < COUNT_OF (rows); i++) {
        const value_t *payload = json (arena, rows[i].payload);
        const char *ref = payload_ref (arena, rows[i].event, payload);
        CHECK_STR (ref, rows[i].ref);
        CHECK_STR (payload_filter_ref (arena, rows[i].event, ref, payload), rows[i].filtered);
        CHECK_STR (payload_title (arena, rows[i].event, payload), rows[i].title);
    }
    arena_destroy (&arena);
}

#define HEAD "0123456789012345678901234567890123456789"
#define BASE "9876543210987654321098765432109876543210"
#define FULL                                                                             \
    "{\"pull_request\": {\"number\": 7, \"head\": {\"ref\": \"topic\", \"sha\": \"" HEAD \
    "\"}, \"base\": {\"ref\": "                                                          \
    "\"main\", \"sha\": \"" BASE "\"}}}"

static const struct {
    const char *event, *payload, *want;
} targets[] = {
    {"pull_request", FULL, "refs/pull/7/merge@ refs/pull/7/head@" HEAD " refs/heads/topic@" HEAD},
    {"pull_request_review", FULL, "refs/pull/7/merge@ refs/pull/7/head@" HEAD " refs/heads/topic@" HEAD},
    {"pull_request", "{\"pull_request\": {\"number\": 7, \"head\": {\"ref\": \"topic\", \"sha\": \"HEAD\"}}}",
     "refs/pull/7/merge@ refs/pull/7/head@"}, // A fork's branch may have the name of one here
    {"pull_request_target", FULL, "@"},
    {"push", "{\"ref\": \"refs/heads/x\", \"after\": \"" HEAD "\"}", "refs/heads/x@" HEAD},
    {"push", "{\"ref\": \"refs/heads/x\", \"after\": \"0000000000000000000000000000000000000000\"}",
     "refs/heads/x@"},
    {"release", "{\"release\": {\"tag_name\": \"v2\"}}", "refs/tags/v2@"},
    {"deployment", "{\"deployment\": {\"ref\": \"main\", \"sha\": \"" HEAD "\"}}", "refs/heads/main@" HEAD},
    {"issues", "{" HOME "}", "@"},
};

TEST (an_event_is_looked_for_where_its_payload_says)
{
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < COUNT_OF (targets); i++) {
        payload_target_t found[PAYLOAD_TARGETS];
        const char *all = "";
        size_t count = payload_targets (arena, targets[i].event, json (arena, targets[i].payload), found);
        for (size_t j = 0; j < count; j++)
            all = arena_printf (arena, "%s%s%s@%s", all, j ? " " : "", found[j].ref, found[j].sha);
        CHECK_STR (all, targets[i].want);
    }
    CHECK_STR (payload_head ("pull_request", json (arena, FULL)), HEAD);
    CHECK_STR (payload_head ("push", json (arena, FULL)), "");
    CHECK_STR (payload_before ("pull_request", json (arena, FULL)), BASE);
    CHECK_STR (payload_before ("push", json (arena, "{\"before\": \"x\"}")), "x");
    arena_destroy (&arena);
}

TEST (a_forge_shows_runs_of_pull_requests_at_their_head)
{
    static const char *const of_pulls[] = {"pull_request", "pull_request_review", "pull_request_target"};
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < COUNT_OF (of_pulls); i++) {
        payload_target_t at = payload_shown_at (arena, of_pulls[i], json (arena, FULL));
        CHECK_STR (at.sha, HEAD);
        CHECK_STR (at.ref, "refs/heads/topic");
    }
    CHECK_STR (payload_shown_at (arena, "push", json (arena, FULL)).sha, "");
    CHECK_STR (payload_shown_at (arena, "issue_comment", json (arena, "{}")).sha, "");
    CHECK_STR (payload_shown_at (arena, "pull_request", json (arena, "{\"pull_request\": 1}")).sha, "");
    arena_destroy (&arena);
}
