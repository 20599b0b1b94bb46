/* cache_scope.c - whose caches a run writes and sees, by its event: what is about a pull request never writes what another ref reads. */

#include "workflow/plan/cache_scope.h"
#include "tests/unit/workflow/loaded.h"

#include <string.h>

#define PULL  "{\"pull_request\": {\"number\": 7, \"base\": {\"ref\": \"next\"}}}"
#define MERGE "refs/pull/7/merge"

static const struct {
    const char *ref, *payload, *write, *read;
} rows[] = {
    {"refs/heads/main", "{}", "refs/heads/main", "refs/heads/main"},
    {"refs/heads/topic", "{\"ref\": \"refs/heads/topic\"}", "refs/heads/topic",
     "refs/heads/topic refs/heads/main"},
    {"refs/tags/v1", "{}", "refs/tags/v1", "refs/tags/v1 refs/heads/main"},
    {MERGE, PULL, MERGE, MERGE " refs/heads/next refs/heads/main"},
    // pull_request_target and a comment on a pull request have the default branch as their ref
    {"refs/heads/main", PULL, MERGE, MERGE " refs/heads/next refs/heads/main"},
    {"refs/heads/main", "{\"issue\": {\"number\": 7, \"pull_request\": {\"url\": \"x\"}}}", MERGE,
     MERGE " refs/heads/main"},
    {"refs/heads/main", "{\"issue\": {\"number\": 7}}", "refs/heads/main", "refs/heads/main"},
    {"refs/heads/main", "{\"pull_request\": {\"base\": {\"ref\": \"main\"}}}", "", "refs/heads/main"},
    {"refs/heads/main", "{\"pull_request\": {\"number\": \"../x\", \"base\": 3}}", "", "refs/heads/main"},
    {"", "{}", "", "refs/heads/main"},
};

TEST (what_is_about_a_pull_request_writes_its_merge_and_sees_its_base)
{
    for (size_t i = 0; i < sizeof (rows) / sizeof (rows[0]); i++) {
        arena_t *arena = arena_new ();
        const value_t *payload = json (arena, rows[i].payload);
        cache_scope_of_t scope = cache_scope_of (arena, rows[i].ref, "main", payload);
        const char *read = "";
        for (size_t n = 0; n < scope.count; n++)
            read = arena_printf (arena, "%s%s%s", read, n ? " " : "", scope.read[n]);
        CHECK_STR (scope.write, rows[i].write);
        CHECK_STR (read, rows[i].read);
        arena_destroy (&arena);
    }
}
