/* fork.c - which runs execute a stranger's code. Payloads are shaped as GitHub's, Gitea's and Forgejo's webhooks are. */

#include "workflow/plan/fork.h"

#include "tests/unit/test.h"

#include <string.h>

#define SAME  "\"repo\":{\"id\":1,\"full_name\":\"me/site\"}"
#define OTHER "\"repo\":{\"id\":2,\"full_name\":\"eve/site\"}"
#define PULL(event, head, base)                                                                         \
    "{\"event_name\":\"" event                                                                          \
    "\",\"ref\":\"refs/pull/7/merge\",\"event\":{\"pull_request\":{\"head\":{" head "},\"base\":{" base \
    "}}}}"

static const struct {
    const char *github;
    bool fork;
} cases[] = {
    {"{\"event_name\":\"push\",\"ref\":\"refs/heads/main\"}", false},
    {"{\"event_name\":\"push\",\"ref\":\"refs/tags/v1\"}", false},
    {"{\"event_name\":\"workflow_dispatch\",\"ref\":\"refs/opencicd/try/y01\"}", false},
    {"{\"event_name\":\"api\",\"ref\":\"\"}", false},
    {"{\"event_name\":\"api\"}", false},
    {"{\"event_name\":\"workflow_dispatch\",\"ref\":\"\",\"sha\":\"1234\"}", true}, // In no branch
    // Whatever the event is called: a stranger can make such a ref
    {"{\"event_name\":\"push\",\"ref\":\"refs/pull/7/head\"}", true},
    {"{\"event_name\":\"workflow_dispatch\",\"ref\":\"refs/pull/7/head\"}", true},
    {"{\"event_name\":\"push\",\"ref\":\"refs/merge-requests/7/head\"}", true},
    {"{\"event_name\":\"push\",\"ref\":\"refs/for/main/topic\"}", true},
    {PULL ("pull_request", SAME, SAME), false},
    {PULL ("pull_request", OTHER, SAME), true},
    {PULL ("pull_request_review", OTHER, SAME), true},
    {PULL ("pull_request_review_comment", OTHER, SAME), true},
    {PULL ("pull_request", "\"repo\":null", SAME), true}, // The fork was deleted
    {PULL ("pull_request", "", SAME), true},
    {PULL ("pull_request", SAME, ""), true},
    {PULL ("pull_request", "\"repo\":{\"full_name\":\"me/site\"}", "\"repo\":{\"full_name\":\"Me/Site\"}"),
     false},
    {PULL ("pull_request", "\"repo\":{\"full_name\":\"eve/site\"}", "\"repo\":{\"full_name\":\"me/site\"}"),
     true},
    {PULL ("pull_request", "\"repo\":{}", "\"repo\":{}"), true},
    // A fork that took the name of the base has another id
    {PULL ("pull_request", "\"repo\":{\"id\":2,\"full_name\":\"me/site\"}", SAME), true},
    // Gitea's requests by refs/for name the base as their head
    {PULL ("pull_request", "\"ref\":\"refs/pull/7/head\"," SAME, SAME), true},
    {"{\"event_name\":\"pull_request\",\"ref\":\"refs/pull/7/merge\",\"event\":{\"pull_request\":{\"flow\":1,"
     "\"head\":{" SAME "},\"base\":{" SAME "}}}}",
     true},
    {"{\"event_name\":\"pull_request\",\"ref\":\"refs/heads/main\",\"event\":{}}", true},
    {"{\"event_name\":\"pull_request_target\",\"ref\":\"refs/heads/main\",\"event\":{\"pull_request\":{\"head\":{" OTHER
     "},\"base\":{" SAME "}}}}",
     false},
};

TEST (code_of_a_fork_is_known_and_what_is_not_known_counts_as_one)
{
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const value_t *github;
        const char *error;
        CHECK_INT (value_from_json (arena, cases[i].github, strlen (cases[i].github), &github, &error), OK);
        if (fork_is (github) != cases[i].fork)
            test_fail (__FILE__, __LINE__, "%s", cases[i].github);
    }
    arena_destroy (&arena);
}
