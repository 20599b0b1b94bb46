/* Concurrency groups, the DAG, results, contexts and timezones. */

#include "services/scheduler/api/wait_reason.h"
#include "services/scheduler/run/dag.h"
#include "services/scheduler/run/groups.h"
#include "services/scheduler/time/zone.h"
#include "tests/unit/test.h"
#include "workflow/plan/context.h"

#define COUNT(table) (sizeof (table) / sizeof ((table)[0]))

TEST (a_group_is_held_by_one_and_waited_for_by_the_newest)
{
    claimant_t items[GROUP_WAITING + 1] = {{"r1", true, 1}, {"r2", false, 2}, {"r3", false, 3}};
    static const struct {
        size_t count;
        bool cancel, all;
        group_decision_t want;
    } rows[] = {
        {0, false, false, {.holds = true}},
        {0, true, false, {.holds = true}},
        {1, false, false, {.first_cancelled = 1, .cancelled = 0}},
        {2, false, false, {.first_cancelled = 1, .cancelled = 1}},
        {3, false, false, {.first_cancelled = 1, .cancelled = 2}},
        {1, true, false, {.first_cancelled = 0, .cancelled = 1}},
        {2, true, true, {.first_cancelled = 0, .cancelled = 2}},
        {3, false, true, {.cancelled = 0}},
        {GROUP_WAITING + 1, false, true, {.refused = true}},
    };
    for (size_t i = 0; i < COUNT (rows); i++) {
        group_decision_t got =
            groups_decide (&(claimants_t){items, rows[i].count}, rows[i].cancel, rows[i].all);
        CHECK_INT (got.holds, rows[i].want.holds);
        CHECK_INT (got.refused, rows[i].want.refused);
        CHECK_INT (got.cancelled, rows[i].want.cancelled);
        CHECK_INT (got.cancelled ? got.first_cancelled : 0,
                   rows[i].want.cancelled ? rows[i].want.first_cancelled : 0);
    }
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
    for (size_t i = 0; i < COUNT (rows); i++) {
        size_t counts[result_count] = {0};
        for (size_t j = 0; j < 3; j++)
            counts[rows[i].results[j]]++;
        CHECK_INT (dag_sum (counts, rows[i].cancelled), rows[i].want);
    }
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

// TZif version 1: one change, from +1:00 to +2:00 at 1000.
static const unsigned char zone_file[] = {
    'T', 'Z', 'i', 'f',  0, 0, 0, 0,    0,    0, 0, 0, 0, 0,    0,    0, 0, 0,   0,   0,   0, 0,
    0,   0,   0,   0,    0, 0, 0, 0,    0,    0, 0, 0, 0, 1,    0,    0, 0, 2,   0,   0,   0, 4,
    0,   0,   3,   0xe8, 1, 0, 0, 0x0e, 0x10, 0, 0, 0, 0, 0x1c, 0x20, 1, 0, 'C', 'E', 'T', 0,
};

TEST (a_zone_file_gives_the_offset_and_a_bad_one_is_refused)
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
