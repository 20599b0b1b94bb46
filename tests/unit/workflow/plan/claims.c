/* claims.c - what a job's identity says, and which jobs have one. */

#include "workflow/plan/claims.h"

#include "tests/unit/test.h"
#include "workflow/plan/call_permissions.h"

#include <string.h>

static const value_t *json (arena_t *arena, const char *text)
{
    const value_t *value;
    const char *error;
    CHECK_INT (value_from_json (arena, text, strlen (text), &value, &error), OK);
    return value;
}

#define GITHUB(event, ref) "{\"repository\":\"acme/site\",\"event_name\":\"" event "\",\"ref\":\"" ref "\"}"

static const struct {
    const char *github, *environment, *subject;
} subjects[] = {
    {GITHUB ("push", "refs/heads/main"), "", "repo:acme/site:ref:refs/heads/main"},
    {GITHUB ("push", "refs/tags/v1"), "", "repo:acme/site:ref:refs/tags/v1"},
    {GITHUB ("push", "refs/heads/main"), "production", "repo:acme/site:environment:production"},
    {GITHUB ("pull_request", "refs/pull/7/merge"), "", "repo:acme/site:pull_request"},
    {GITHUB ("pull_request", "refs/pull/7/merge"), "test", "repo:acme/site:environment:test"},
    // What strangers set off is not what is on the branch
    {GITHUB ("pull_request_target", "refs/heads/main"), "", "repo:acme/site:pull_request"},
    {GITHUB ("pull_request_review", "refs/pull/7/merge"), "", "repo:acme/site:pull_request"},
    {GITHUB ("schedule", "refs/heads/main"), "", "repo:acme/site:ref:refs/heads/main"},
    // No name passes for another
    {GITHUB ("push", "refs/heads/a:environment:production"), "",
     "repo:acme/site:ref:refs/heads/a%3Aenvironment%3Aproduction"},
    {GITHUB ("push", "refs/heads/main"), "x:ref:refs/heads/main",
     "repo:acme/site:environment:x%3Aref%3Arefs/heads/main"},
    {"{\"repository\":\"a:b/c\",\"event_name\":\"push\",\"ref\":\"refs/heads/main\"}", "",
     "repo:a%3Ab/c:ref:refs/heads/main"},
};

TEST (a_subject_names_repository_and_environment_or_pull_request_or_ref)
{
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof subjects / sizeof subjects[0]; i++)
        CHECK_STR (claims_subject (arena, json (arena, subjects[i].github), subjects[i].environment),
                   subjects[i].subject);
    arena_destroy (&arena);
}

static const char *text_of (const value_t *claims, const char *name)
{
    return value_get_text (claims, name);
}

TEST (claims_are_of_the_run_and_each_is_a_text)
{
    arena_t *arena = arena_new ();
    const value_t *github = json (
        arena, "{\"repository\":\"acme/site\",\"repository_owner\":\"acme\",\"event_name\":\"push\","
               "\"ref\":\"refs/heads/main\",\"ref_type\":\"branch\",\"sha\":\"c0ffee\",\"run_id\":\"12\","
               "\"run_number\":\"3\",\"actor\":\"ada\",\"workflow\":\"CI\",\"workflow_sha\":\"c0ffee\","
               "\"workflow_ref\":\"acme/site/.github/workflows/ci.yml@refs/heads/main\",\"token\":\"no\"}");
    claims_of_t of = {.github = github,
                      .environment = "",
                      .workflow = "./.github/workflows/ci.yml",
                      .workflow_sha = "",
                      .job = "j1",
                      .project = "p1",
                      .project_name = "site",
                      .run_attempt = 2};
    const value_t *claims = claims_make (arena, &of);
    CHECK_STR (text_of (claims, "sub"), "repo:acme/site:ref:refs/heads/main");
    CHECK_STR (text_of (claims, "sha"), "c0ffee");
    CHECK_STR (text_of (claims, "run_id"), "12");
    CHECK_STR (text_of (claims, "run_attempt"), "2");
    CHECK_STR (text_of (claims, "runner_environment"), "self-hosted");
    CHECK_STR (text_of (claims, "job_workflow_ref"), "acme/site/.github/workflows/ci.yml@refs/heads/main");
    CHECK_STR (text_of (claims, "job_workflow_sha"), "c0ffee");
    CHECK_STR (text_of (claims, "project"), "site");
    CHECK (!value_get (claims, "environment"));
    CHECK (!value_get (claims, "token"));
    for (size_t i = 0; i < claims->list.count; i++)
        CHECK_INT (claims->list.items[i]->kind, VALUE_STRING);
    of.environment = "production";
    of.workflow = "acme/shared/.github/workflows/deploy.yml@v1";
    of.workflow_sha = "beef";
    claims = claims_make (arena, &of);
    CHECK_STR (text_of (claims, "environment"), "production");
    CHECK_STR (text_of (claims, "job_workflow_ref"), "acme/shared/.github/workflows/deploy.yml@v1");
    CHECK_STR (text_of (claims, "job_workflow_sha"), "beef");
    arena_destroy (&arena);
}

static const struct {
    const char *definition;
    bool wanted;
} wishes[] = {
    {"{\"permissions\":{\"id-token\":\"write\"}}", true},
    {"{\"permissions\":\"write-all\"}", true},
    {"{\"permissions\":{\"contents\":\"write\"}}", false},
    {"{\"permissions\":{\"id-token\":\"none\"}}", false},
    {"{\"permissions\":\"read-all\"}", false},
    {"{\"permissions\":{}}", false},
    {"{}", false},
    {"{\"env\":{\"permissions\":{\"id-token\":\"write\"}}}", false},
    {"{\"steps\":[{\"with\":{\"id-token\":\"write\"}}]}", false},
    {"{\"permissions\":{\"id-token\":\"write\"", false},
};

TEST (only_a_job_with_the_permission_may_ask_for_an_identity)
{
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++)
        CHECK_INT (claims_wanted (arena, wishes[i].definition), wishes[i].wanted);
    arena_destroy (&arena);
}

#define NOTHING   "null" // The caller declares nothing
#define NO_CALLER NULL

static const struct {
    const char *declared, *caller, *has; // NULL: not there
} lowered[] = {
    {NULL, NO_CALLER, NULL},
    {"{\"contents\":\"write\"}", NO_CALLER, "{\"contents\":\"write\"}"},
    {"\"write-all\"", NO_CALLER, "\"write-all\""},
    {NULL, NOTHING, NULL},
    {NULL, "{\"id-token\":\"write\"}", "{\"id-token\":\"write\"}"},
    {NULL, "\"read-all\"", "\"read-all\""},
    {"{\"contents\":\"write\",\"id-token\":\"write\"}", NOTHING, "{\"contents\":\"write\"}"},
    {"{\"contents\":\"write\",\"id-token\":\"write\"}", "{\"contents\":\"read\"}", "{\"contents\":\"read\"}"},
    {"{\"contents\":\"read\",\"id-token\":\"write\"}", "\"write-all\"",
     "{\"contents\":\"read\",\"id-token\":\"write\"}"},
    {"\"write-all\"", "{\"id-token\":\"write\",\"models\":\"read\"}",
     "{\"id-token\":\"write\",\"models\":\"read\"}"},
    {"{\"id-token\":\"write\",\"contents\":\"write\"}", "\"read-all\"", "{\"contents\":\"read\"}"},
    {"{}", "\"write-all\"", "{}"},
};

TEST (a_called_job_has_no_more_than_its_caller)
{
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof lowered / sizeof lowered[0]; i++) {
        const value_t *has =
            permissions_below (arena, lowered[i].declared ? json (arena, lowered[i].declared) : NULL,
                               lowered[i].caller ? json (arena, lowered[i].caller) : NULL);
        CHECK_STR (has ? value_to_json (arena, has, 0) : "nothing",
                   lowered[i].has ? lowered[i].has : "nothing");
    }
    arena_destroy (&arena);
}
