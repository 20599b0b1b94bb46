/* filter.c - events against the filters of `on`: each row an `on`, an event, and why it does not start. */

#include "workflow/plan/filter.h"
#include "tests/unit/workflow/loaded.h"

#include <string.h>

typedef struct {
    const char *on;
    filter_event_t event;
    const char *reason; // "" where it is triggered
} trigger_row_t;

static const char *const source[] = {"src/a.c", "README.md"};
static const char *const docs[] = {"docs/a.md", "docs/b/c.md"};

#define PUSH(where)                  \
    {                                \
        .name = "push", .ref = where \
    }
#define PUSHED(where, list)                                                        \
    {                                                                              \
        .name = "push", .ref = where, .paths = list, .path_count = COUNT_OF (list) \
    }
#define PUSHED_NOTHING                                          \
    {                                                           \
        .name = "push", .ref = "refs/heads/main", .paths = docs \
    }
#define PULL(what)                                                         \
    {                                                                      \
        .name = "pull_request", .activity = what, .ref = "refs/heads/main" \
    }

static const trigger_row_t triggers[] = {
    {"push", PUSH ("refs/heads/main"), ""},
    {"[pull_request]", PUSH ("refs/heads/main"), "it does not react to push"},
    {"{push: }", PUSH ("refs/tags/v1"), ""},
    {"{push: {branches: [main]}}", PUSH ("refs/heads/main"), ""},
    {"{push: {branches: main}}", PUSH ("refs/heads/main"), ""},
    {"{push: {branches: ['release/**']}}", PUSH ("refs/heads/release/1/x"), ""},
    {"{push: {branches: [main]}}", PUSH ("refs/heads/next"), "\"next\" does not match its \"branches\""},
    {"{push: {branches: ['**', '!next']}}", PUSH ("refs/heads/next"),
     "\"next\" does not match its \"branches\""},
    {"{push: {branches: ['**', '!n*', next]}}", PUSH ("refs/heads/next"), ""},
    {"{push: {branches-ignore: ['n*']}}", PUSH ("refs/heads/next"),
     "\"next\" matches its \"branches-ignore\""},
    {"{push: {branches: [main]}}", PUSH ("refs/tags/v1"), "it is a tag, and the filters name only branches"},
    {"{push: {tags: ['v*']}}", PUSH ("refs/heads/main"), "it is a branch, and the filters name only tags"},
    {"{push: {tags: ['v*']}}", PUSH ("refs/tags/v1"), ""},
    {"{push: {tags-ignore: ['v*']}}", PUSH ("refs/tags/v1"), "\"v1\" matches its \"tags-ignore\""},
    {"{push: {branches: [main], tags: ['v*']}}", PUSH ("refs/tags/v1"), ""},
    {"{push: {paths: ['src/**']}}", PUSHED ("refs/heads/main", source), ""},
    {"{push: {paths: ['src/**']}}", PUSHED ("refs/heads/main", docs),
     "no changed file matches its \"paths\""},
    {"{push: {paths: ['**', '!docs/**']}}", PUSHED ("refs/heads/main", docs),
     "no changed file matches its \"paths\""},
    {"{push: {paths-ignore: ['docs/**']}}", PUSHED ("refs/heads/main", docs),
     "all changed files match its \"paths-ignore\""},
    {"{push: {paths-ignore: ['**.md']}}", PUSHED ("refs/heads/main", source), ""},
    {"{push: {paths: ['src/**']}}", PUSH ("refs/heads/main"), ""},      // Not known what changed
    {"{push: {paths: ['src/**']}}", PUSHED ("refs/tags/v1", docs), ""}, // A tag changes no paths
    {"{push: {paths: ['**']}}", PUSHED_NOTHING, "no changed file matches its \"paths\""},
    {"{push: {paths-ignore: ['docs/**']}}", PUSHED_NOTHING, "all changed files match its \"paths-ignore\""},
    {"{push: {branches: ['**', '!release/**', 'release/**/keep']}}", PUSH ("refs/heads/release/1/keep"), ""},
    {"{push: {branches: ['!next', '**']}}", PUSH ("refs/heads/next"), ""}, // The last match decides
    {"{push: {branches: ['!next']}}", PUSH ("refs/heads/main"), "\"main\" does not match its \"branches\""},
    {"{push: {tags: ['v[12].[0-9]+'], branches: [main]}}", PUSH ("refs/tags/v3.1"),
     "\"v3.1\" does not match its \"tags\""},
    {"{push: {branches-ignore: [next]}}", PUSH ("refs/tags/v1"),
     "it is a tag, and the filters name only branches"},
    {"{push: {tags-ignore: [v1], paths: ['src/**']}}", PUSHED ("refs/tags/v2", docs), ""},
    {"{push: {paths: ['docs/**', '!docs/b/**']}}", PUSHED ("refs/heads/main", docs), ""}, // docs/a.md is left
    {"{push: {paths: ['docs/b/**', '!**.md']}}", PUSHED ("refs/heads/main", docs),
     "no changed file matches its \"paths\""},
    {"pull_request_target", {.name = "pull_request_target", .activity = "reopened"}, ""},
    {"pull_request_target",
     {.name = "pull_request_target", .activity = "closed"},
     "without \"types\", pull_request_target reacts to opened synchronize reopened only, not to closed"},
    {"pull_request_target",
     {.name = "pull_request_target", .activity = "opened", .message = "[skip ci]"},
     ""},
    {"pull_request",
     {.name = "pull_request", .activity = "opened", .message = "[no ci]"},
     "the commit message asks to skip it"},
    {"{repository_dispatch: {types: [deploy]}}", {.name = "repository_dispatch", .activity = "deploy"}, ""},
    {"{repository_dispatch: {types: [deploy]}}",
     {.name = "repository_dispatch", .activity = "test"},
     "its \"types\" do not have test"},
    {"{workflow_run: {workflows: [CI], branches: [main]}}",
     {.name = "workflow_run", .activity = "completed", .workflow = "CI", .ref = "refs/heads/next"},
     "\"next\" does not match its \"branches\""},
    {"{workflow_run: {workflows: [CI], types: [completed]}}",
     {.name = "workflow_run", .activity = "requested", .workflow = "CI"},
     "its \"types\" do not have requested"},
    {"{push: {branches: [next], paths: ['src/**']}}", PUSHED ("refs/heads/main", source),
     "\"main\" does not match its \"branches\""},
    {"pull_request", PULL ("opened"), ""},
    {"pull_request", PULL ("synchronize"), ""},
    {"pull_request", PULL ("labeled"),
     "without \"types\", pull_request reacts to opened synchronize reopened only, not to labeled"},
    {"{pull_request: {types: [labeled]}}", PULL ("labeled"), ""},
    {"{pull_request: {types: [labeled]}}", PULL ("opened"), "its \"types\" do not have opened"},
    {"{pull_request: {branches: [next]}}", PULL ("opened"), "\"main\" does not match its \"branches\""},
    {"issues", {.name = "issues", .activity = "pinned"}, ""},
    {"push",
     {.name = "push", .ref = "refs/heads/main", .message = "fix [skip ci] it"},
     "the commit message asks to skip it"},
    {"push",
     {.name = "push", .ref = "refs/heads/main", .message = "fix\n\nskip-checks: true\n"},
     "the commit message asks to skip it"},
    {"push", {.name = "push", .ref = "refs/heads/main", .message = "skip-checks: true"}, ""},
    {"workflow_dispatch", {.name = "workflow_dispatch", .message = "[skip ci]"}, ""},
    {"{workflow_run: {workflows: [CI]}}",
     {.name = "workflow_run", .activity = "completed", .workflow = "CI"},
     ""},
    {"{workflow_run: {workflows: [CI]}}",
     {.name = "workflow_run", .activity = "completed", .workflow = "X"},
     "it does not follow the workflow \"X\""},
    {"{schedule: [{cron: '0 0 * * *'}]}", {.name = "schedule", .cron = "0 0 * * *"}, ""},
    {"{schedule: [{cron: '0 0 * * *'}]}",
     {.name = "schedule", .cron = "1 0 * * *"},
     "it has no schedule \"1 0 * * *\""},
    {"{schedule: [{cron: '0 0 * * *', timezone: Asia/Tokyo}]}",
     {.name = "schedule", .cron = "0 0 * * *", .timezone = "Asia/Tokyo"},
     ""},
    {"{schedule: [{cron: '0 0 * * *', timezone: Asia/Tokyo}]}",
     {.name = "schedule", .cron = "0 0 * * *", .timezone = ""},
     "it has no schedule \"0 0 * * *\""},
    {"{schedule: [{cron: '0 0 * * *'}]}",
     {.name = "schedule", .cron = "0 0 * * *", .timezone = "Asia/Tokyo"},
     "it has no schedule \"0 0 * * *\" in Asia/Tokyo"},
};

TEST (an_event_starts_a_workflow_where_all_its_filters_agree)
{
    for (size_t i = 0; i < COUNT_OF (triggers); i++) {
        arena_t *arena = arena_new ();
        const char *reason = NULL;
        const workflow_t *workflow =
            load_workflow (arena, arena_printf (arena, "on: %s\njobs: {j: {runs-on: x, steps: [{run: x}]}}\n",
                                                triggers[i].on));
        bool triggered = workflow_triggered (arena, workflow, &triggers[i].event, &reason);
        if (strcmp (reason, triggers[i].reason) != 0 || triggered != (*reason == '\0'))
            test_fail (__FILE__, __LINE__, "row %zu: %s: %s", i, triggers[i].on, reason);
        arena_destroy (&arena);
    }
}

TEST (every_spelling_of_skip_ci_counts)
{
    static const char *const skips[] = {"[skip ci]",
                                        "x [ci skip]",
                                        "[no ci] x",
                                        "a\n\n[Skip Actions]",
                                        "[actions skip]",
                                        "x\n\nskip-checks:true",
                                        "x\n\n\nskip-checks: true\n",
                                        "x\r\n\r\nskip-checks: true\r\n",
                                        "x\n\nSigned-off-by: Ada\nskip-checks: true"};
    static const char *const others[] = {"",
                                         "skip ci",
                                         "[skip]",
                                         "x\nskip-checks: true",
                                         "skip-checks: true",
                                         "x\n\nskip-checks: true\nSigned-off-by: Ada", // Not the last
                                         "x\n\nas I said\nskip-checks: true",
                                         "x\n\nskip-checks: false"};
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < COUNT_OF (skips); i++)
        if (!filter_skips (arena, skips[i]))
            test_fail (__FILE__, __LINE__, "does not skip: %s", skips[i]);
    for (size_t i = 0; i < COUNT_OF (others); i++)
        if (filter_skips (arena, others[i]))
            test_fail (__FILE__, __LINE__, "skips: %s", others[i]);
    CHECK (!filter_skips (arena, NULL));
    arena_destroy (&arena);
}

TEST (a_changed_file_after_the_first_three_thousand_is_not_looked_at)
{
    static const char *paths[FILTER_PATHS + 1];
    arena_t *arena = arena_new ();
    const char *reason;
    const workflow_t *workflow = load_workflow (
        arena, "on: {push: {paths: ['src/**']}}\njobs: {j: {runs-on: x, steps: [{run: x}]}}\n");
    filter_event_t event = {.name = "push",
                            .ref = "refs/heads/main",
                            .paths = (const char *const *) paths,
                            .path_count = COUNT_OF (paths)};
    for (size_t i = 0; i < COUNT_OF (paths); i++)
        paths[i] = "docs/a.md";
    paths[FILTER_PATHS] = "src/a.c";
    CHECK (!workflow_triggered (arena, workflow, &event, &reason));
    paths[FILTER_PATHS - 1] = "src/a.c";
    CHECK (workflow_triggered (arena, workflow, &event, &reason));
    arena_destroy (&arena);
}

// `steps`: with so few the answer is not known.
static const struct {
    const char *event, *filter;
    size_t steps;
} costly[] = {
    {"push", "paths: ['**a*a*a*a*b']", 20},
    {"push", "paths-ignore: ['**a']", 20},
    {"push", "branches: ['**a*a*b']", 20},
    {"push", "branches-ignore: ['**a*a']", 20},
    {"push", "branches-ignore: ['a*', '!**a*a*b']", 150}, // They suffice for the first, which matches
    {"workflow_run", "workflows: ['**a*a*b']", 20},
};

TEST (filters_that_would_take_too_many_steps_let_the_workflow_react)
{
    static const char many[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    static const char *const paths[] = {"src/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                                        "src/aaaa"};
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < COUNT_OF (costly); i++) {
        const char *reason;
        size_t steps = 100000;
        const workflow_t *workflow = load_workflow (
            arena, arena_printf (arena, "on: {%s: {%s}}\njobs: {j: {runs-on: x, steps: [{run: x}]}}\n",
                                 costly[i].event, costly[i].filter));
        filter_event_t event = {.name = costly[i].event,
                                .ref = arena_printf (arena, "refs/heads/%s", many),
                                .workflow = many,
                                .paths = paths,
                                .path_count = 2,
                                .steps = &steps};
        CHECK (!workflow_triggered (arena, workflow, &event, &reason));
        CHECK (steps > 0 && steps < 100000);
        steps = costly[i].steps; // They are of all workflows together
        CHECK (workflow_triggered (arena, workflow, &event, &reason));
        CHECK_INT (steps, 0);
    }
    arena_destroy (&arena);
}
