/* What a person changes is recorded with the change, and reaches identity once it is there; what changed nothing is not. */

#include "tests/service/scheduler/world.h"

#include "common/base/clock.h"

#include <stdio.h>
#include <string.h>

#define ONE "on: workflow_dispatch\njobs:\n  a:\n    runs-on: linux\n    steps: [{run: make}]\n"

// As the gateway says it of a request.
static fault_t ask_audited (world_t *world, uint16_t number, const void *ask, const char *action,
                            const char *object, void *answer)
{
    static int count;
    world->turn.audit =
        arena_printf (world->arena,
                      "{\"id\":\"u%d\",\"actor\":\"ada\",\"role\":\"ADMIN\",\"action\":\"%s\","
                      "\"object\":\"%s\",\"address\":\"192.0.2.7\"}",
                      ++count, action, object);
    fault_t fault = world_ask (world, number, ask, answer);
    world->turn.audit = NULL;
    return fault;
}

static fault_t cancel (world_t *world, const char *run, run_t *answer)
{
    return ask_audited (world, MSG_run_cancel, &(run_cancel_t){.run = run}, "run_cancel", run, answer);
}

static int64_t waiting (world_t *world)
{
    return world_number (world, "select count (*) from audit_outbox");
}

static void wait_until_empty (world_t *world)
{
    int64_t deadline_us = test_until_us ();
    while (waiting (world) > 0 && clock_monotonic_us () < deadline_us)
        world_turn (world, 1);
    CHECK_INT (waiting (world), 0);
}

static run_t waiting_run (world_t *world)
{
    world_file (world, "ci.yml", ONE);
    project (world);
    return trigger (world);
}

static const char *entry (world_t *world, const char *action, const run_t *run)
{
    return arena_printf (world->arena, "ada %s %s %s OK", action, run->id, run->project_id);
}

TEST_ON_ENGINES (a_change_is_sent_to_the_audit_with_what_it_changed)
{
    run_t run = waiting_run (world), answer;
    CHECK_INT (cancel (world, run.id, &answer), OK);
    wait_until_empty (world);
    CHECK_STR (world_audit (world), entry (world, "run_cancel", &answer));
    CHECK_INT (world_audited (world), 1);
}

TEST_ON_ENGINES (what_is_made_is_named_by_its_id)
{
    run_t answer;
    waiting_run (world);
    const run_trigger_t ask = {.project = "demo"};
    CHECK_INT (ask_audited (world, MSG_run_trigger, &ask, "run_trigger", "", &answer), OK);
    wait_until_empty (world);
    CHECK_STR (world_audit (world), entry (world, "run_trigger", &answer));
}

TEST_ON_ENGINES (a_change_is_recorded_while_identity_is_away_and_sent_when_it_is_back)
{
    run_t run = waiting_run (world), answer;
    world_identity_fault (world, UNAVAILABLE);
    CHECK_INT (cancel (world, run.id, &answer), OK);
    CHECK_INT (waiting (world), 1); // Committed with the change
    world_turn (world, 1);
    wait_for_count (world, world_audit_asked, 1);
    CHECK_INT (waiting (world), 1);
    world_identity_fault (world, OK);
    wait_until_empty (world);
    CHECK_STR (world_audit (world), entry (world, "run_cancel", &answer));
}

TEST_ON_ENGINES (a_scheduler_that_starts_sends_what_an_earlier_one_left)
{
    run_t run = waiting_run (world), answer;
    world_identity_fault (world, UNAVAILABLE);
    CHECK_INT (cancel (world, run.id, &answer), OK);
    world_restart (world);
    CHECK_INT (waiting (world), 1);
    world_identity_fault (world, OK);
    wait_until_empty (world);
    CHECK_INT (world_audited (world), 1);
}

TEST_ON_ENGINES (a_request_that_is_refused_or_changes_nothing_leaves_no_row)
{
    run_t run = waiting_run (world), answer;
    CHECK_INT (cancel (world, run.id, &answer), OK);
    wait_until_empty (world);
    CHECK_INT (cancel (world, "r00000000000000000000", &answer), NOT_FOUND);
    const run_show_t ask = {.run = run.id};
    CHECK_INT (ask_audited (world, MSG_run_show, &ask, "run_show", run.id, &answer), OK);
    CHECK_INT (waiting (world), 0);
}

TEST_ON_ENGINES (what_nobody_audits_leaves_no_row)
{
    run_t run = waiting_run (world), answer;
    MUST (world, run_cancel, &answer, .run = run.id);
    CHECK_INT (waiting (world), 0);
}
