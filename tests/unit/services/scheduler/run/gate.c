/* What an environment's rules mean for a job: which refs they allow, who may decide, and when nothing is left to wait for. */

#include "services/scheduler/run/gate.h"

#include "common/base/clock.h"
#include "tests/unit/test.h"

#include <string.h>

static const char *branches[] = {"main", "release/**"}, *tags[] = {"v*"}, *approvers[] = {"ada", "eve"};

static environment_t rules (size_t branch_count, size_t tag_count)
{
    return (environment_t){
        .name = "production", .branches = {branches, branch_count}, .tags = {tags, tag_count}};
}

TEST (an_environment_allows_the_branches_and_tags_that_its_patterns_name_and_each_as_what_it_is)
{
    static const struct {
        size_t branches, tags;
        const char *ref;
        bool allowed;
    } cases[] = {
        {0, 0, "refs/heads/any", true},
        {0, 0, "", true},
        {2, 0, "refs/heads/main", true},
        {2, 0, "refs/heads/release/1", true},
        {2, 0, "refs/heads/v1", false},
        {2, 0, "refs/tags/main", false},
        {2, 0, "refs/pull/7/merge", false},
        {2, 0, "", false},
        {0, 1, "refs/tags/v1", true},
        {0, 1, "refs/heads/v1", false},
        {0, 1, "refs/heads/main", false},
        {2, 1, "refs/tags/v1", true},
        {2, 1, "refs/heads/main", true},
        {2, 1, "refs/heads/v1", false},
        {2, 1, "refs/tags/main", false},
        {1, 0, "refs/heads/release/1", false},
        {1, 0, "refs/heads/xrefs/heads/main", false},
    };
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "test", 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const environment_t environment = rules (cases[i].branches, cases[i].tags);
        const char *refusal = gate_refusal (&turn, &environment, cases[i].ref);
        if (!refusal != cases[i].allowed)
            test_fail (__FILE__, __LINE__, "%s with %zu and %zu patterns: %s", cases[i].ref,
                       cases[i].branches, cases[i].tags, refusal ? refusal : "allowed");
    }
    const environment_t both = rules (2, 1);
    CHECK_STR (
        gate_refusal (&turn, &both, "refs/heads/x"),
        "the environment production does not allow refs/heads/x: only branches main, release/**, tags v*");
    CHECK_STR (gate_refusal (&turn, &both, ""),
               "the environment production does not allow a job without a branch: only branches main,"
               " release/**, tags v*");
    arena_destroy (&arena);
}

static deployment_row_t waiting (const environment_t *environment)
{
    deployment_row_t row = {.shown = {.actor = "ada", .created_at = SECONDS (1000), .decided_by = ""}};
    gate_begin (&row, environment);
    CHECK_INT (row.shown.state, deployment_waiting);
    return row;
}

TEST (a_gate_opens_when_it_was_approved_and_its_time_has_come_and_not_before)
{
    environment_t environment = {.wait_minutes = 10, .approvers = {approvers, 2}};
    deployment_row_t row = waiting (&environment);
    CHECK_INT (row.shown.wait_until, SECONDS (1600));
    CHECK (gate_needs_approval (&row));
    CHECK (!gate_opens (&row, SECONDS (1599)));
    CHECK_INT (row.due_at, 0); // Until somebody approves it there is nothing to look at
    CHECK (!gate_opens (&row, SECONDS (2000)));
    CHECK_INT (row.shown.state, deployment_waiting);
    row.shown.decided_by = "eve";
    CHECK (!gate_opens (&row, SECONDS (1600) - 1));
    CHECK_INT (row.due_at, SECONDS (1600));
    CHECK (gate_opens (&row, SECONDS (1600)));
    CHECK_INT (row.due_at, 0);
    CHECK_INT (row.shown.state, deployment_open);
    environment = (environment_t){.wait_minutes = 10};
    row = waiting (&environment);
    CHECK (!gate_needs_approval (&row));
    CHECK (!gate_opens (&row, SECONDS (1599)));
    CHECK (gate_opens (&row, SECONDS (1600)));
    environment = (environment_t){.name = ""};
    row = waiting (&environment);
    CHECK_INT (row.shown.wait_until, 0);
    CHECK (gate_opens (&row, SECONDS (1000)));
}

TEST (approvers_and_administrators_decide_and_nobody_about_his_own_run_where_that_is_ruled_out)
{
    static const struct {
        role_t role;
        const char *subject;
        bool may, may_where_no_self_review;
    } cases[] = {
        {ROLE_VIEWER, "eve", true, true},      {ROLE_DEVELOPER, "eve", true, true},
        {ROLE_ADMIN, "dan", true, true},       {ROLE_DEVELOPER, "dan", false, false},
        {ROLE_VIEWER, "ada", true, false},     {ROLE_ADMIN, "ada", true, false},
        {ROLE_JOB, "eve", false, false},       {ROLE_AGENT, "eve", false, false},
        {ROLE_REGISTRAR, "eve", false, false}, {ROLE_SERVICE, "eve", false, false},
        {ROLE_NOBODY, "eve", false, false},    {ROLE_ADMIN, "", false, false},
    };
    const environment_t environment = {.approvers = {approvers, 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const caller_t caller = {.role = cases[i].role, .subject = cases[i].subject};
        deployment_row_t row = waiting (&environment);
        CHECK_INT (gate_may_decide (&row, &caller), cases[i].may);
        row.no_self_review = true;
        CHECK_INT (gate_may_decide (&row, &caller), cases[i].may_where_no_self_review);
        row.no_self_review = false;
        row.shown.decided_by = "eve"; // Somebody has
        CHECK (!gate_may_decide (&row, &caller));
        row.shown.decided_by = "";
        row.shown.state = deployment_closed;
        CHECK (!gate_may_decide (&row, &caller));
    }
}
