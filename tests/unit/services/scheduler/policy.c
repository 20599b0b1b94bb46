/* Concurrency groups, the DAG, results, contexts and timezones. */

#include "services/scheduler/concurrency.h"
#include "services/scheduler/needs.h"
#include "services/scheduler/why.h"
#include "services/scheduler/zone.h"
#include "tests/unit/test.h"
#include "workflow/context.h"

#define COUNT(table) (sizeof (table) / sizeof ((table)[0]))

TEST (a_group_is_held_by_one_and_waited_for_by_the_newest)
{
    claimant_t items[CONCURRENCY_WAITING + 1] = {{"r1", true, 1}, {"r2", false, 2}, {"r3", false, 3}};
    static const struct {
        size_t count;
        bool cancel, all;
        concurrency_decision_t want;
    } rows[] = {
        {0, false, false, {.holds = true}},
        {0, true, false, {.holds = true}},
        {1, false, false, {.first_gone = 1, .gone = 0}},
        {2, false, false, {.first_gone = 1, .gone = 1}},
        {3, false, false, {.first_gone = 1, .gone = 2}},
        {1, true, false, {.first_gone = 0, .gone = 1}},
        {2, true, true, {.first_gone = 0, .gone = 2}},
        {3, false, true, {.gone = 0}},
        {CONCURRENCY_WAITING + 1, false, true, {.refused = true}},
    };
    for (size_t i = 0; i < COUNT (rows); i++) {
        concurrency_decision_t got =
            concurrency_decide (&(claimants_t){items, rows[i].count}, rows[i].cancel, rows[i].all);
        CHECK_INT (got.holds, rows[i].want.holds);
        CHECK_INT (got.refused, rows[i].want.refused);
        CHECK_INT (got.gone, rows[i].want.gone);
        CHECK_INT (got.gone ? got.first_gone : 0, rows[i].want.gone ? rows[i].want.first_gone : 0);
    }
}

TEST (a_job_is_ready_when_all_that_it_needs_has_ended)
{
    node_row_t items[] = {
        {.key = "build", .needs = "", .state = NODE_FINISHED},
        {.key = "lint", .needs = "", .state = NODE_RUNNING},
        {.key = "test", .needs = "Build", .state = NODE_PENDING},
        {.key = "ship", .needs = "test\nlint", .state = NODE_PENDING},
    };
    node_rows_t nodes = {items, 4};
    arena_t *arena = arena_new ();
    CHECK (needs_done (&nodes, &items[2]));
    CHECK (!needs_done (&nodes, &items[3]));
    CHECK_STR (needs_missing (arena, &nodes, &items[3]), "lint, test");
    CHECK (!needs_all_finished (&nodes));
    bool marks[4] = {true};
    needs_mark_followers (&nodes, marks);
    CHECK (marks[2] && marks[3] && !marks[1]);
    arena_destroy (&arena);
}

TEST (results_add_up)
{
    static const struct {
        result_t results[3];
        bool cancelled;
        result_t want;
    } rows[] = {
        {{result_success, result_skipped, result_success}, false, result_success},
        {{result_skipped, result_skipped, result_skipped}, false, result_skipped},
        {{result_success, result_failure, result_cancelled}, false, result_failure},
        {{result_success, result_failure, result_cancelled}, true, result_cancelled},
        {{result_success, result_success, result_cancelled}, false, result_cancelled},
        {{result_success, result_success, result_success}, true, result_success},
    };
    for (size_t i = 0; i < COUNT (rows); i++)
        CHECK_INT (needs_result (rows[i].results, 3, rows[i].cancelled), rows[i].want);
}

TEST (a_repository_is_named_by_the_end_of_its_address)
{
    static const char *const rows[][2] = {
        {"https://github.com/ada/demo.git", "ada/demo"},
        {"git@host:ada/demo.git", "ada/demo"},
        {"/srv/git/demo/", "git/demo"},
        {"git@host:demo.git", "host/demo"},
        {"", "local/mine"},
        {"demo", "local/mine"},
        {"file:///demo", "local/demo"},
    };
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < COUNT (rows); i++)
        CHECK_STR (context_repository (arena, rows[i][0], "mine"), rows[i][1]);
    CHECK_STR (context_ref_name (arena, "refs/heads/a/b"), "a/b");
    CHECK_STR (context_ref_name (arena, "refs/tags/v1"), "v1");
    CHECK_STR (context_ref_name (arena, "refs/pull/7/merge"), "7/merge");
    arena_destroy (&arena);
}

TEST (why_no_agent_takes_a_job_is_said_in_words)
{
    agent_row_t items[] = {
        {.labels = "linux", .agent = {.state = agent_idle}},
        {.labels = "gpu", .agent = {.state = agent_idle}},
        {.labels = "linux\nmoon", .agent = {.state = agent_offline}},
    };
    agent_rows_t agents = {items, 3};
    arena_t *arena = arena_new ();
    CHECK_STR (why_no_agent (arena, &(agent_rows_t){0}, ""), "no agent is registered");
    CHECK_STR (why_no_agent (arena, &agents, "linux\nmars"), "no agent has the label mars");
    CHECK_STR (why_no_agent (arena, &agents, "gpu\nlinux"), "no agent has all of the labels gpu, linux");
    CHECK_STR (why_no_agent (arena, &agents, "moon"), "the only agent for it is offline");
    CHECK_STR (why_no_agent (arena, &agents, "linux"), "");
    arena_destroy (&arena);
}

// TZif version 1: one change, from +1:00 to +2:00 at 1000.
static const unsigned char zone_file[] = {
    'T', 'Z', 'i', 'f',  0, 0, 0, 0,    0,    0, 0, 0, 0, 0,    0,    0, 0, 0,   0,   0,   0, 0,
    0,   0,   0,   0,    0, 0, 0, 0,    0,    0, 0, 0, 0, 1,    0,    0, 0, 2,   0,   0,   0, 4,
    0,   0,   3,   0xe8, 1, 0, 0, 0x0e, 0x10, 0, 0, 0, 0, 0x1c, 0x20, 1, 0, 'C', 'E', 'T', 0,
};

TEST (a_zone_file_tells_the_offset_and_a_bad_one_is_refused)
{
    arena_t *arena = arena_new ();
    const zone_t *zone = zone_parse (arena, zone_file, sizeof zone_file);
    CHECK (zone);
    CHECK_INT (zone_offset ((void *) zone, 999), 3600);
    CHECK_INT (zone_offset ((void *) zone, 1000), 7200);
    for (size_t size = 0; size < sizeof zone_file; size++)
        CHECK (!zone_parse (arena, zone_file, size));
    CHECK (!zone_read (arena, "../../etc/passwd"));
    CHECK (!zone_read (arena, "/etc/passwd"));
    CHECK (!zone_read (arena, ""));
    arena_destroy (&arena);
}
