/* Leases: how long they last, what outages and clocks do to them, who is offered a job, and what is broken stays alone. */

#include "tests/service/scheduler/world.h"

#include <string.h>

#define ONE "on: workflow_dispatch\njobs:\n  a:\n    runs-on: linux\n    steps: [{run: make}]\n"

static run_t one_job (world_t *world)
{
    world_file (world, "ci.yml", ONE);
    project (world);
    return trigger (world);
}

TEST_ON_ENGINES (a_lease_lasts_to_the_second)
{
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    begins (world, &ada);
    world_turn (world, 29);
    CHECK_JOB (world, run.id, "a", "running");
    world_turn (world, 1);
    wait_for_job (world, run.id, "a", "queued");
}

// By the clock of leases the unit of work began before the lease had ended, and by that of its turn after.
TEST_ON_ENGINES (a_lease_that_ends_while_a_unit_of_work_begins_is_not_passed_over)
{
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    begins (world, &ada);
    world_turn (world, 20);
    world_turn_within (world, 6);
    world_turn (world, 5);
    wait_for_job (world, run.id, "a", "queued");
}

// It goes by that when it cannot reach us: it must have paused the job before another agent has it.
TEST_ON_ENGINES (an_answer_to_an_agent_says_what_is_left_of_its_lease)
{
    job_orders_t orders;
    one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    begins (world, &ada);
    static const struct {
        int turn;
        uint32_t left; // Renewed where less than half of 30 s is left
    } rows[] = {{0, 30}, {10, 20}, {5, 15}, {1, 30}, {14, 16}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        world_turn (world, rows[i].turn);
        MUST (world, agent_heartbeat, &orders, .agent = ada.id, .job = ada.offer.job, .attempt = 1);
        CHECK_INT (orders.lease_seconds, rows[i].left);
        CHECK_INT (says (world, &ada, &orders), OK);
        CHECK_INT (orders.lease_seconds, rows[i].left);
    }
    ends (world, &ada, result_success);
}

TEST_ON_ENGINES (an_offer_that_is_not_taken_goes_back_in_time_and_costs_no_try)
{
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    for (int i = 1; i <= 5; i++) {
        CHECK (take (world, &ada));
        CHECK_INT (ada.offer.attempt, i);
        CHECK (ada.offer.offered_at > 0 && ada.offer.valid_seconds > 0 && ada.offer.valid_seconds < 10);
        world_turn (world, 9);
        CHECK_JOB (world, run.id, "a", "assigned");
        world_turn (world, 1);
        wait_for_job (world, run.id, "a", "queued");
        world_turn (world, 60); // It rests longer each time
    }
    CHECK_JOB (world, run.id, "a", "queued");
}

TEST_ON_ENGINES (a_job_that_no_agent_takes_fails_in_the_end)
{
    run_t run = one_job (world);
    for (int i = 1; i <= 15; i++) {
        CHECK_JOB (world, run.id, "a", "queued");
        char name[] = {'a', (char) ('a' + i), 0};
        agent (world, name, "linux");
        CHECK_JOB (world, run.id, "a", "assigned");
        world_turn (world, 10);
    }
    wait_for_job (world, run.id, "a", "finished failure");
    run = run_of (world, run.id);
    CHECK_STR (run.jobs.items[0].reason,
               "no agent ran it to its end in 15 attempts: the agent did not take it");
}

TEST_ON_ENGINES (a_job_that_is_given_back_is_another_agents_at_once_and_costs_no_try)
{
    attempt_page_t attempts;
    job_orders_t orders;
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    for (int i = 1; i <= 5; i++) { // Three tries is what it has
        char name[] = {'b', (char) ('a' + i), 0};
        fake_agent_t *has = &ada, other = agent (world, name, "linux");
        if (!take (world, has))
            CHECK (take (world, has = &other));
        CHECK_INT (has->offer.attempt, i);
        begins (world, has);
        MUST (world, agent_heartbeat, &orders, .agent = has->id, .job = has->offer.job,
              .attempt = has->offer.attempt, .draining = true);
        CHECK_INT (gives_back (world, has), OK);
        CHECK_INT (gives_back (world, has), CONFLICT); // As after a lost answer: it is over
        if (has == &ada)
            ada = other;
    }
    CHECK_INT (world_seals (world), 0); // None with what happened to be there
    fake_agent_t last = agent (world, "last", "linux");
    CHECK (take (world, &last) || take (world, &ada));
    fake_agent_t *has = *last.offer.job ? &last : &ada;
    MUST (world, job_attempts, &attempts, .job = has->offer.job);
    CHECK_INT (attempts.items.count, 6);
    CHECK_STR (attempts.items.items[0].reason, "the agent was shut down");
    CHECK_INT (attempts.items.items[0].result, result_cancelled);
    CHECK_INT (attempts.items.items[0].log_size, 7);
    CHECK_STR (attempts.items.items[0].log_sha256, A_SUM);
    ends (world, has, result_success);
    CHECK_JOB (world, run.id, "a", "finished success");
}

TEST_ON_ENGINES (a_job_that_every_agent_gives_back_ends)
{
    run_t run = one_job (world);
    for (int i = 1; i <= 15; i++) {
        char name[] = {'a', (char) ('a' + i), 0};
        fake_agent_t one = agent (world, name, "linux");
        job_orders_t orders;
        CHECK (take (world, &one));
        MUST (world, agent_heartbeat, &orders, .agent = one.id, .job = one.offer.job,
              .attempt = one.offer.attempt, .draining = true);
        CHECK_INT (gives_back (world, &one), OK);
    }
    CHECK_JOB (world, run.id, "a", "finished failure");
    run = run_of (world, run.id);
    CHECK_STR (run.jobs.items[0].reason,
               "no agent ran it to its end in 15 attempts: the agent was shut down");
}

TEST_ON_ENGINES (a_job_that_is_given_back_after_a_cancel_is_cancelled)
{
    run_t cancelled;
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    begins (world, &ada);
    MUST (world, run_cancel, &cancelled, .run = run.id);
    CHECK_INT (gives_back (world, &ada), OK);
    CHECK_JOB (world, run.id, "a", "finished cancelled");
}

// That the scheduler serves is written now and then: the outage may begin before that is.
TEST_ON_ENGINES (a_job_that_began_just_before_an_outage_is_not_lost_by_it)
{
    run_t run = one_job (world);
    world_turn (world, 2);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    begins (world, &ada);
    world_sleep (world, 3600);
    CHECK_JOB (world, run.id, "a", "running");
    world_turn (world, 30);
    wait_for_job (world, run.id, "a", "queued");
}

TEST_ON_ENGINES (time_in_which_no_scheduler_served_is_not_silence)
{
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux"), bob = agent (world, "bob", "linux");
    CHECK (take (world, &ada) || take (world, &bob));
    fake_agent_t *has = *ada.offer.job ? &ada : &bob;
    begins (world, has);
    world_sleep (world, 3600); // A laptop that slept
    CHECK_JOB (world, run.id, "a", "running");
    begins (world, has);
    world_turn (world, 20);
    world_sleep (world, 12); // Half a lease was gone, and a third of one is away
    CHECK_JOB (world, run.id, "a", "running");
    begins (world, has);
    clock_turn (world->clock, SECONDS (100));
    world_restart (world); // An upgrade
    world_turn (world, 25);
    CHECK_JOB (world, run.id, "a", "running");
    begins (world, has);
    world_turn (world, 31); // Now it is the agent that is silent
    wait_for_job (world, run.id, "a", "queued");
    attempt_page_t attempts;
    MUST (world, job_attempts, &attempts, .job = has->offer.job);
    CHECK_INT (attempts.items.count, 1);
}

TEST_ON_ENGINES (a_server_that_starts_over_and_over_does_not_keep_a_dead_agent_alive)
{
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    begins (world, &ada);
    for (int i = 0; i < 6; i++) {
        world_turn (world, 6);
        world_restart (world); // It is away for a moment each time
    }
    wait_for_job (world, run.id, "a", "queued");
}

TEST_ON_ENGINES (a_clock_that_is_set_back_keeps_no_dead_agent_alive)
{
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    begins (world, &ada);
    clock_turn (world->clock, -SECONDS (3600));
    world_restart (world);
    CHECK_JOB (world, run.id, "a", "running");
    begins (world, &ada);
    world_turn (world, 29);
    CHECK_JOB (world, run.id, "a", "running");
    world_turn (world, 2);
    wait_for_job (world, run.id, "a", "queued");
}

TEST_ON_ENGINES (requests_due_to_other_services_do_not_wait_for_a_lease_clock_that_was_set_back)
{
    static const char asked[] = "select (select count (*) from agents where removed = 1 and revoke_at > 0)"
                                " + (select count (*) from seals)";
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    done_t done;
    CHECK (take (world, &ada));
    begins (world, &ada);
    world_identity_fault (world, UNAVAILABLE);
    world_log_fault (world, UNAVAILABLE);
    MUST (world, agent_remove, &done, .agent = "ada");
    for (int i = 0; i < 100 && world_number (world, asked) < 2; i++)
        world_turn (world, 1);
    CHECK_INT (world_number (world, asked), 2); // Both were asked, and are asked again later
    CHECK_JOB (world, run.id, "a", "queued");
    clock_turn (world->clock, -SECONDS (3600));
    world_restart (world);
    world_identity_fault (world, OK);
    world_log_fault (world, OK);
    world_turn (world, 20);
    wait_for_count (world, world_revoked, 1);
    wait_for_count (world, world_seals, 1);
}

TEST_ON_ENGINES (an_outage_at_the_end_of_a_jobs_timeout_does_not_kill_it_at_once)
{
    world_file (world, "ci.yml",
                "on: workflow_dispatch\njobs:\n  a:\n    runs-on: linux\n    timeout-minutes: 1\n"
                "    steps: [{run: make}]\n");
    project (world);
    run_t run = trigger (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    begins (world, &ada);
    world_sleep (world, 600);
    CHECK_INT (beats (world, &ada), order_go_on); // It has told us in vain that its time was over
    world_turn (world, 16);
    beats (world, &ada);
    world_turn (world, 15);
    wait_for_job (world, run.id, "a", "cancelling");
    CHECK_INT (beats (world, &ada), order_kill);
}

// ---- agents that ask ----

TEST_ON_ENGINES (an_agent_without_an_address_is_offered_a_job_only_while_it_asks_for_one)
{
    fake_agent_t ada = agent (world, "ada", "linux");
    world_turn (world, 2);
    ada.offer.job = "";
    beats (world, &ada); // Its heartbeats arrive, its requests do not
    run_t run = one_job (world);
    world_turn (world, 10);
    CHECK_JOB (world, run.id, "a", "queued");
    CHECK_STR (takes (world, &ada), "a");
    CHECK_INT (ada.offer.attempt, 1);
}

TEST_ON_ENGINES (an_offer_that_is_about_to_expire_is_not_given_out)
{
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK_STR (takes (world, &ada), "a");
    world_turn (world, 9);
    CHECK_STR (takes (world, &ada), "a"); // Its answer may have been lost
    CHECK_INT (ada.offer.valid_seconds, 1);
    clock_turn (world->clock, MILLISECONDS (1));
    CHECK_STR (takes (world, &ada), "");
    world_turn (world, 1);
    wait_for_job (world, run.id, "a", "queued");
}

TEST_ON_ENGINES (an_agent_is_offline_when_its_time_has_come_to_the_second)
{
    agent_t shown;
    agent (world, "ada", "linux");
    world_turn (world, 29);
    MUST (world, agent_show, &shown, .agent = "ada");
    CHECK_INT (shown.state, agent_idle);
    world_turn (world, 1);
    MUST (world, agent_show, &shown, .agent = "ada");
    CHECK_INT (shown.state, agent_offline);
}

TEST_ON_ENGINES (an_agent_that_is_about_to_end_is_offered_no_job)
{
    fake_agent_t ada = agent (world, "ada", "linux");
    job_orders_t orders;
    world->caller = (caller_t){.role = ROLE_AGENT, .subject = ada.id};
    MUST (world, agent_heartbeat, &orders, .agent = ada.id, .draining = true);
    world->caller = (caller_t){.role = ROLE_ADMIN, .subject = "ada"};
    run_t run = one_job (world);
    CHECK_STR (run.jobs.items[0].wait_reason, "all agents for it are drained or about to end");
    CHECK_STR (takes (world, &ada), "");
    ada.offer.job = "";
    beats (world, &ada); // It has thought better of it
    CHECK_STR (takes (world, &ada), "a");
}

TEST_ON_ENGINES (an_agent_that_reports_only_about_its_job_is_not_offline)
{
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    agent_t shown;
    CHECK (take (world, &ada));
    begins (world, &ada);
    for (int i = 0; i < 8; i++) { // Its heartbeats do not come through
        world_turn (world, 10);
        CHECK_INT (say (world, &ada, job_running, result_none, NULL), OK);
        MUST (world, agent_show, &shown, .agent = "ada");
        CHECK_STR (state_name (&states_agent, shown.state), "busy");
    }
    CHECK_JOB (world, run.id, "a", "running");
    ends (world, &ada, result_success);
    CHECK_STR (run_text (world, run.id), "finished success");
}

TEST_ON_ENGINES (a_job_that_its_agent_has_not_fetched_is_cancelled_at_once)
{
    world_file (world, "ci.yml", ONE);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run = trigger (world);
    CHECK_JOB (world, run.id, "a", "assigned");
    MUST (world, run_cancel, &run, .run = run.id);
    CHECK_JOB (world, run.id, "a", "finished cancelled");
    CHECK_STR (takes (world, &ada), "");
    wait_for_count (world, world_seals, 1);
}

TEST_ON_ENGINES (an_ephemeral_agent_that_has_not_fetched_its_job_may_have_another)
{
    agent_registered_t answer;
    world_file (world, "ci.yml", ONE);
    project (world);
    MUST (world, agent_register, &answer, .name = "once", .ephemeral = true,
          .labels = {(const char *[]){"linux"}, 1});
    fake_agent_t once = {.id = answer.id};
    run_t run = trigger (world);
    CHECK_JOB (world, run.id, "a", "assigned");
    MUST (world, run_cancel, &run, .run = run.id);
    CHECK_JOB (world, run.id, "a", "finished cancelled");
    CHECK_STR (takes (world, &once), "");
    run = trigger (world);
    CHECK_STR (takes (world, &once), "a");
    CHECK_STR (once.offer.run, run.id);
    ends (world, &once, result_success);
    CHECK_STR (run_text (world, run.id), "finished success");
}

TEST_ON_ENGINES (agents_that_are_gone_for_long_are_removed_and_ephemeral_ones_at_once)
{
    agent_registered_t answer;
    agent_t shown;
    agent (world, "ada", "linux");
    MUST (world, agent_register, &answer, .name = "once", .ephemeral = true);
    world_turn (world, 31);
    MUST (world, agent_show, &shown, .agent = "ada");
    CHECK_INT (shown.state, agent_offline);
    CHECK_INT (ASK (world, agent_show, &shown, .agent = "once"), NOT_FOUND);
    wait_for_count (world, world_revoked, 1);
    world_sleep (world, 29 * 86400);
    MUST (world, agent_show, &shown, .agent = "ada");
    world_sleep (world, 2 * 86400);
    CHECK_INT (ASK (world, agent_show, &shown, .agent = "ada"), NOT_FOUND);
    wait_for_count (world, world_revoked, 2);
}

// An autoscaled pool leaves thousands behind.
TEST_ON_ENGINES (more_old_agents_than_one_tick_removes_go_tick_by_tick)
{
    static const char left[] = "select count (*) from agents where removed = 0";
    agent_registered_t answer;
    for (int i = 0; i < 70; i++)
        MUST (world, agent_register, &answer, .name = arena_printf (world->arena, "pool-%d", i));
    world_turn (world, 31);
    world_turn (world, 2);
    CHECK_INT (world_number (world, "select count (*) from agents where state = 'offline'"), 70);
    world_sleep (world, 31 * 86400);
    CHECK (world_number (world, left) > 0);
    world_turn (world, 2);
    CHECK_INT (world_number (world, left), 0);
}

// ---- what is broken stays alone ----

TEST_ON_ENGINES (a_lease_that_cannot_be_handled_holds_up_no_other)
{
    world_file (world, "ci.yml", ONE);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux"), bob = agent (world, "bob", "linux");
    run_t first = trigger (world), second = trigger (world);
    CHECK (take (world, &ada) && take (world, &bob));
    begins (world, &ada);
    begins (world, &bob);
    fake_agent_t *has = strcmp (ada.offer.run, first.id) == 0 ? &ada : &bob;
    world_sql (world,
               arena_printf (world->arena, "update leases set job_id = 'j0' where agent_id = '%s'", has->id));
    world_turn (world, 31);
    wait_for_job (world, second.id, "a", "queued");
}

TEST_ON_ENGINES (an_agent_with_a_lease_that_is_marked_idle_is_not_matched_twice)
{
    world_file (world, "ci.yml", ONE);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t first = trigger (world);
    CHECK (take (world, &ada));
    begins (world, &ada);
    world_sql (world, "update agents set state = 'idle', job_id = ''");
    run_t second = trigger (world); // Nobody else pays for it
    CHECK_JOB (world, second.id, "a", "queued");
    CHECK_JOB (world, first.id, "a", "running");
    agent_t shown;
    MUST (world, agent_show, &shown, .agent = "ada");
    CHECK_INT (shown.state, agent_busy);
    CHECK_STR (shown.job_id, first.jobs.items[0].id);
    world_turn (world, 1);
    agent (world, "bob", "linux");
    CHECK_JOB (world, second.id, "a", "assigned");
    run_t third = trigger (world);
    agent (world, "cy", "linux");
    CHECK_JOB (world, third.id, "a", "assigned");
    agent (world, "eve", "linux"); // Idle for less long than ada seems to be
    world_sql (world, "update agents set state = 'idle', job_id = '', idle_at = 1 where name = 'ada'");
    run_t fourth = trigger (world);
    CHECK_JOB (world, fourth.id, "a", "assigned"); // For another agent the job did not wait
}
