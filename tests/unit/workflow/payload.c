/* payload.c - events of forges: the ref of each, the one that filters look at, and what a run is called. */

#include "workflow/payload.h"
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

TEST (an_event_is_of_the_ref_that_its_payload_tells)
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
