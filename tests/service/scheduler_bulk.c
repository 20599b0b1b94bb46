/* Many runs are cancelled or run again by one request, and the answer says what became of each. */

#include "tests/service/scheduler/world.h"

#include "common/base/clock.h"

#include <string.h>

#define ONE "on: workflow_dispatch\njobs:\n  a:\n    runs-on: linux\n    steps: [{run: make}]\n"

static strs_t names (world_t *world, const char *const *ids, size_t count)
{
    return (strs_t){arena_copy (world->arena, ids, count * sizeof *ids), count};
}

static const run_change_t *change_of (const runs_changed_t *changed, const char *run)
{
    for (size_t i = 0; i < changed->items.count; i++)
        if (strcmp (changed->items.items[i].id, run) == 0)
            return &changed->items.items[i];
    test_fail (__FILE__, __LINE__, "nothing is said of %s", run);
}

TEST_ON_ENGINES (each_run_is_cancelled_or_the_answer_says_why_not)
{
    runs_changed_t changed;
    world_file (world, "ci.yml", ONE);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t ended = trigger (world);
    CHECK (take (world, &ada));
    ends (world, &ada, result_success);
    run_t waits = trigger (world), other = trigger (world);
    CHECK (take (world, &ada)); // The first of them runs
    const char *const ids[] = {waits.id, ended.id, "r00000000000000000000", other.id, waits.id};
    MUST (world, runs_cancel, &changed, .runs = names (world, ids, 5));
    CHECK_INT (changed.items.count, 4); // One that is named twice is changed once
    CHECK_STR (changed.next, "");
    CHECK (change_of (&changed, waits.id)->done);
    CHECK_INT (change_of (&changed, waits.id)->state, run_cancelling);
    CHECK_STR (change_of (&changed, waits.id)->project, "demo");
    CHECK (change_of (&changed, other.id)->done);
    CHECK_INT (change_of (&changed, other.id)->result, result_cancelled);
    CHECK (!change_of (&changed, ended.id)->done);
    CHECK_STR (change_of (&changed, ended.id)->code, "CONFLICT");
    CHECK_STR (change_of (&changed, ended.id)->reason, "run 1 has ended");
    CHECK_INT (change_of (&changed, ended.id)->result, result_success);
    CHECK_STR (change_of (&changed, "r00000000000000000000")->code, "NOT_FOUND");
    CHECK_STR (run_text (world, other.id), "finished cancelled");
    CHECK_STR (run_text (world, ended.id), "finished success");
    CHECK_INT (beats (world, &ada), order_cancel);
}

TEST_ON_ENGINES (filters_name_the_runs_and_the_answer_says_how_to_go_on)
{
    runs_changed_t changed;
    world_file (world, "ci.yml", ONE);
    world_file (world, "other.yml", ONE);
    project (world);
    run_t runs[5], kept;
    MUST (world, run_trigger, &kept, .project = "demo", .workflow = "other.yml");
    for (int i = 0; i < 5; i++)
        runs[i] = trigger (world);
    MUST (world, runs_cancel, &changed, .project = "demo", .workflow = ".github/workflows/ci.yml",
          .limit = 3);
    CHECK_INT (changed.items.count, 3);
    CHECK_STR (changed.items.items[0].id, runs[4].id);
    CHECK (*changed.next);
    MUST (world, runs_cancel, &changed, .project = "demo", .workflow = ".github/workflows/ci.yml", .limit = 3,
          .cursor = changed.next);
    CHECK_INT (changed.items.count, 2);
    CHECK_STR (changed.next, "");
    for (int i = 0; i < 5; i++)
        CHECK_STR (run_text (world, runs[i].id), "finished cancelled");
    CHECK_STR (run_text (world, kept.id), "running");
    MUST (world, runs_cancel, &changed, .project = "demo", .ref = "no-such-branch");
    CHECK_INT (changed.items.count, 0);
    MUST (world, runs_rerun, &changed, .result = "cancelled", .only = "failed");
    CHECK_INT (changed.items.count, 5);
    CHECK_INT (run_of (world, runs[0].id).attempt, 2);
    CHECK_STR (run_text (world, runs[0].id), "running");
    MUST (world, runs_rerun, &changed, .project = "demo");
    CHECK_INT (changed.items.count, 0); // None has ended
}

TEST_ON_ENGINES (a_change_to_all_runs_must_be_meant)
{
    runs_changed_t changed;
    world_file (world, "ci.yml", ONE);
    project (world);
    run_t run = trigger (world);
    const char *const ids[] = {run.id};
    CHECK_INT (ASK (world, runs_cancel, &changed, .hard = true), INVALID);
    CHECK_INT (ASK (world, runs_rerun, &changed, .only = "failed"), INVALID);
    CHECK_INT (ASK (world, runs_cancel, &changed, .runs = names (world, ids, 1), .project = "demo"), INVALID);
    CHECK_INT (ASK (world, runs_cancel, &changed, .state = "finished"), INVALID);
    CHECK_INT (ASK (world, runs_cancel, &changed, .result = "failure"), INVALID);
    CHECK_INT (ASK (world, runs_rerun, &changed, .state = "running"), INVALID);
    CHECK_INT (ASK (world, runs_rerun, &changed, .runs = names (world, ids, 1), .only = "job"), INVALID);
    CHECK_INT (ASK (world, runs_cancel, &changed, .project = "nowhere"), NOT_FOUND);
    CHECK_STR (run_text (world, run.id), "running");
}

TEST_ON_ENGINES (a_run_that_cannot_run_again_leaves_the_others_as_they_were_asked_for)
{
    runs_changed_t changed;
    world_file (world, "ci.yml", ONE);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t runs[3];
    for (int i = 0; i < 3; i++) {
        runs[i] = trigger (world);
        CHECK (take (world, &ada));
        ends (world, &ada, i == 1 ? result_success : result_failure);
    }
    const char *const ids[] = {runs[0].id, runs[1].id, runs[2].id};
    MUST (world, runs_rerun, &changed, .runs = names (world, ids, 3), .only = "failed");
    CHECK (changed.items.items[0].done && changed.items.items[2].done);
    CHECK_STR (changed.items.items[1].reason, "no job of this run failed or was cancelled");
    CHECK_STR (run_text (world, runs[1].id), "finished success");
    CHECK_INT (world_number (world, "select count(*) from waiting"), 1); // The agent is given the other
    CHECK_INT (world_number (world, "select sum (size) from queues"), 1);
    for (int i = 0; i < 2; i++) {
        CHECK (take (world, &ada));
        ends (world, &ada, result_success);
    }
    CHECK_STR (run_text (world, runs[2].id), "finished success");
}

// Fails as a full disk does, where a run is written. SQLite says so too where a table's numbers have come to their end.
static void fill_disk_for (world_t *world, const char *run)
{
    bool sqlite = strncmp (world_engine (world), "sqlite:", 7) == 0;
    if (sqlite) {
        world_sql (world, "create table full_disk (id integer primary key autoincrement)");
        world_sql (world, "insert into full_disk (id) values (9223372036854775807)");
    } else
        world_sql (world, "create function full_disk () returns trigger language plpgsql as"
                          " $$ begin raise exception 'full' using errcode = '53100'; end $$");
    world_sql (world, arena_printf (world->arena,
                                    sqlite ? "create trigger filled after update on runs when new.id = '%s'"
                                             " begin insert into full_disk (id) values (null); end"
                                           : "create trigger filled after update on runs for each row"
                                             " when (new.id = '%s') execute function full_disk ()",
                                    run));
}

TEST_ON_ENGINES (a_full_disk_is_no_answer_about_one_run_and_changes_none)
{
    runs_changed_t changed;
    run_t runs[3];
    world_file (world, "ci.yml", ONE);
    project (world);
    for (int i = 0; i < 3; i++)
        runs[i] = trigger (world);
    const char *const ids[] = {runs[0].id, runs[1].id, runs[2].id};
    fill_disk_for (world, runs[1].id);
    CHECK_INT (ASK (world, runs_cancel, &changed, .runs = names (world, ids, 3)), NO_SPACE);
    for (int i = 0; i < 3; i++)
        CHECK_STR (run_text (world, runs[i].id), "running");
    bool sqlite = strncmp (world_engine (world), "sqlite:", 7) == 0;
    world_sql (world, sqlite ? "drop trigger filled" : "drop trigger filled on runs");
    MUST (world, runs_cancel, &changed, .runs = names (world, ids, 3));
    for (int i = 0; i < 3; i++)
        CHECK_STR (run_text (world, runs[i].id), "finished cancelled");
}
