/* Agents: matched by labels, leased, fenced, lost, restarted, removed. */

#include "common/base/job_token.h"
#include "tests/service/scheduler/world.h"

#include <inttypes.h>
#include <string.h>

#define ADAS_KEY "oca_0123456789abcdefghijklmnopqrstuvwxyz-_"
#define ONE      "on: workflow_dispatch\njobs:\n  a:\n    runs-on: linux\n    steps: [{run: make}]\n"

static run_t one_job (world_t *world)
{
    world_file (world, "ci.yml", ONE);
    project (world);
    return trigger (world);
}

TEST_ON_ENGINES (a_job_waits_for_an_agent_that_has_all_its_labels)
{
    world_file (world, "ci.yml",
                "on: workflow_dispatch\njobs:\n  a:\n    runs-on: [linux, GPU]\n    steps: [{run: make}]\n");
    project (world);
    run_t run = trigger (world);
    CHECK_STR (run.jobs.items[0].wait_reason, "no agent is registered");
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK_STR (takes (world, &ada), "");
    run = run_of (world, run.id);
    CHECK_STR (run.jobs.items[0].wait_reason, "no agent has the label gpu");
    fake_agent_t bob = agent (world, "bob", "gpu");
    run = run_of (world, run.id);
    CHECK_STR (run.jobs.items[0].wait_reason, "no agent has all of the labels gpu, linux");
    fake_agent_t eve = agent (world, "eve", "Linux,gpu,x64");
    CHECK_STR (takes (world, &eve), "a");
    CHECK_STR (takes (world, &bob), "");
}

TEST_ON_ENGINES (a_waiting_job_says_how_many_are_before_it)
{
    world_file (world, "ci.yml", ONE);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    trigger (world);
    run_t second = trigger (world);
    CHECK_STR (second.jobs.items[0].wait_reason, "all agents for it are busy");
    world_turn (world, 1);
    run_t third = trigger (world);
    CHECK_STR (third.jobs.items[0].wait_reason, "all agents for it are busy; 1 job is before it");
    CHECK (take (world, &ada));
    ends (world, &ada, result_success);
    CHECK_JOB (world, second.id, "a", "assigned");
}

TEST_ON_ENGINES (the_project_with_the_fewest_running_jobs_comes_first)
{
    world_file (world, "ci.yml", ONE);
    project_t other;
    project (world);
    MUST (world, project_add, &other, .name = "other", .url = "https://git.example/o.git");
    fake_agent_t ada = agent (world, "ada", "linux"), bob = agent (world, "bob", "linux");
    trigger (world);
    trigger (world);
    world_turn (world, 1);
    trigger (world);
    world_turn (world, 1);
    run_t late;
    MUST (world, run_trigger, &late, .project = "other");
    CHECK_INT (late.jobs.items[0].state, job_queued);
    CHECK (take (world, &ada) && take (world, &bob));
    ends (world, &ada, result_success);
    CHECK_JOB (world, late.id, "a", "assigned");
}

TEST_ON_ENGINES (an_agent_asked_again_gets_the_same_offer_until_it_begins)
{
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    const char *job = ada.offer.job;
    CHECK (take (world, &ada));
    CHECK_STR (ada.offer.job, job);
    CHECK_INT (ada.offer.attempt, 1);
    begins (world, &ada);
    fake_agent_t same = ada;
    CHECK_STR (takes (world, &same), "");
    CHECK_JOB (world, run.id, "a", "running");
}

TEST_ON_ENGINES (whoever_takes_an_offer_while_it_is_good_is_in_time_by_a_second)
{
    one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    const int64_t end_at = ada.offer.offered_at + SECONDS (ada.offer.valid_seconds + 1);
    CHECK_INT (world_number (world, arena_printf (world->arena,
                                                  "select count (*) from leases where expires_at"
                                                  " between %" PRId64 " and %" PRId64,
                                                  end_at, end_at + SECONDS (1))),
               1);
}

// A report that has something else to say comes with the time of its own kind, which is shorter than that of one who waits.
TEST_ON_ENGINES (an_agent_may_be_silent_as_long_as_it_once_said_whatever_it_says_later)
{
    job_orders_t orders;
    fake_agent_t ada = agent (world, "ada", "linux");
    world_sql (world, "update agents set silent_at = 9000000000000000");
    world->caller = (caller_t){.role = ROLE_AGENT, .subject = ada.id};
    MUST (world, agent_heartbeat, &orders, .agent = ada.id, .draining = true);
    CHECK_INT (world_number (world, "select count (*) from agents where draining = 1"), 1);
    CHECK_INT (world_number (world, "select count (*) from agents where silent_at = 9000000000000000"), 1);
}

TEST_ON_ENGINES (a_jobs_token_outlives_the_time_that_the_job_may_take_by_an_hour)
{
    const secret_key_t key = {0}; // The world's
    job_token_t token;
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    const char *text = ada.offer.token;
    CHECK_INT (job_token_check (&key, world->arena, text, 0, &token), OK);
    CHECK_STR (token.job, run.jobs.items[0].id);
    CHECK_INT (token.attempt, 1);
    CHECK_INT ((token.expires_us - token.issued_us) / SECONDS (60), 360 + 5 + 60);
    world_turn (world, 3);
    CHECK (take (world, &ada)); // Asked again it is the same, not one with a longer life
    CHECK_STR (ada.offer.token, text);
}

TEST_ON_ENGINES (a_parked_agent_is_woken_when_a_job_comes)
{
    world_file (world, "ci.yml", ONE);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK_STR (takes (world, &ada), "");
    trigger (world);
    world->caller = (caller_t){.role = ROLE_AGENT, .subject = ada.id};
    MUST (world, agent_next, &ada.offer, .agent = ada.id, .wait = 30);
    CHECK_STR (ada.offer.name, "a");
}

// Its own request makes the agent idle: the commit that parks the request is the one that gives it the job.
TEST_ON_ENGINES (a_job_that_waits_for_an_agent_answers_the_request_by_which_it_becomes_idle)
{
    world_file (world, "ci.yml", ONE);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    world_turn (world, 31);
    agent_t shown;
    MUST (world, agent_show, &shown, .agent = ada.id);
    CHECK_INT (shown.state, agent_offline);
    trigger (world);
    world->caller = (caller_t){.role = ROLE_AGENT, .subject = ada.id};
    MUST (world, agent_next, &ada.offer, .agent = ada.id, .wait = 30);
    CHECK_STR (ada.offer.name, "a");
}

TEST_ON_ENGINES (a_silent_agent_loses_its_job_which_runs_again_as_the_next_attempt)
{
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    begins (world, &ada);
    fake_agent_t bob = agent (world, "bob", "linux");
    for (int i = 0; i < 4; i++) { // Any word renews the lease
        world_turn (world, 20);
        begins (world, &ada);
        beats (world, &bob);
    }
    CHECK_JOB (world, run.id, "a", "running");
    world_turn (world, 20);
    beats (world, &bob);
    world_turn (world, 11);
    wait_for_job (world, run.id, "a", "queued");
    CHECK (take (world, &bob));
    CHECK_INT (bob.offer.attempt, 2);
    wait_for_count (world, world_seals, 1);
    agent_t shown;
    MUST (world, agent_show, &shown, .agent = "ada");
    CHECK_INT (shown.state, agent_offline);
    // The old attempt is fenced, before its log is sealed once more
    int named = world_seals_named (world);
    CHECK_INT (say (world, &ada, job_running, result_none, NULL), CONFLICT);
    CHECK_INT (say (world, &ada, job_finished, result_success, NULL), CONFLICT);
    CHECK_INT (world_seals_named (world), named);
    CHECK_INT (beats (world, &ada), order_kill);
    ends (world, &bob, result_success);
    CHECK_JOB (world, run.id, "a", "finished success");
    attempt_page_t attempts;
    MUST (world, job_attempts, &attempts, .job = bob.offer.job);
    CHECK_INT (attempts.items.count, 2);
    CHECK_STR (attempts.items.items[0].reason, "agent lost");
    CHECK_INT (attempts.items.items[0].result, result_failure);
    CHECK_STR (attempts.items.items[1].agent_name, "bob");
}

TEST_ON_ENGINES (a_job_whose_agents_are_lost_too_often_fails)
{
    run_t run = one_job (world);
    for (int i = 1; i <= 3; i++) {
        char name[] = {'a', (char) ('0' + i), 0};
        fake_agent_t ada = agent (world, name, "linux");
        CHECK (take (world, &ada));
        CHECK_INT (ada.offer.attempt, i);
        begins (world, &ada);
        world_turn (world, 31);
        wait_for_job (world, run.id, "a", i < 3 ? "queued" : "finished failure");
    }
    run = run_of (world, run.id);
    CHECK_STR (run.jobs.items[0].reason, "agent lost");
    CHECK_INT (run.result, result_failure);
}

TEST_ON_ENGINES (the_same_final_status_is_accepted_again_and_a_different_one_refused)
{
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    world_log_fault (world, BAD_RANGE);
    CHECK_INT (say (world, &ada, job_finished, result_success, NULL), BAD_RANGE);
    CHECK_JOB (world, run.id, "a", "assigned");
    world_log_fault (world, OK);
    ends (world, &ada, result_success);
    ends (world, &ada, result_success);
    CHECK_INT (say (world, &ada, job_finished, result_failure, NULL), CONFLICT);
    CHECK_INT (say (world, &ada, job_running, result_none, NULL), CONFLICT);
    world->caller = (caller_t){.role = ROLE_JOB, .subject = "j0", .attempt = 1};
    job_orders_t orders;
    CHECK_INT (ASK (world, job_status, &orders, .job = ada.offer.job, .attempt = 1, .state = job_running),
               FORBIDDEN);
}

TEST_ON_ENGINES (an_agent_whose_heartbeat_lacks_its_job_has_restarted)
{
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    begins (world, &ada);
    CHECK_INT (beats (world, &ada), order_go_on);
    world_turn (world, 5);
    fake_agent_t reborn = {.id = ada.id, .offer = {.job = ""}};
    beats (world, &reborn);
    wait_for_job (world, run.id, "a", "queued");
    CHECK (take (world, &reborn));
    CHECK_INT (reborn.offer.attempt, 2);
}

// What it said before it had the job has lain somewhere: in a gateway that was frozen, with another replica.
TEST_ON_ENGINES (a_report_sent_before_the_job_began_takes_it_from_nobody_however_late_it_arrives)
{
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    int64_t before = clock_now_us (world->clock);
    CHECK (take (world, &ada));
    world_turn (world, 5);
    begins (world, &ada);
    int64_t begun = clock_now_us (world->clock);
    world_turn (world, 5);
    job_orders_t orders;
    job_offer_t offer;
    const int64_t said[] = {before, begun - 1, begun};
    world->caller = (caller_t){.role = ROLE_AGENT, .subject = ada.id};
    for (size_t i = 0; i < 3; i++) {
        MUST (world, agent_heartbeat, &orders, .agent = ada.id, .sent_at = said[i]);
        MUST (world, agent_next, &offer, .agent = ada.id, .sent_at = said[i]);
        CHECK_STR (offer.job, "");
    }
    world->caller = (caller_t){.role = ROLE_ADMIN, .subject = "ada"};
    world_turn (world, 1);
    CHECK_JOB (world, run.id, "a", "running");
    world->caller = (caller_t){.role = ROLE_AGENT, .subject = ada.id};
    MUST (world, agent_heartbeat, &orders, .agent = ada.id, .sent_at = begun + 1); // It was started anew
    world->caller = (caller_t){.role = ROLE_ADMIN, .subject = "ada"};
    wait_for_job (world, run.id, "a", "queued");
}

TEST_ON_ENGINES (a_registration_takes_no_job_away_for_it_may_be_an_old_one)
{
    agent_registered_t answer;
    run_t run = one_job (world);
    const char *label = "linux";
    MUST (world, agent_register, &answer, .name = "ada", .labels = {&label, 1}, .key = ADAS_KEY);
    fake_agent_t ada = {.id = answer.id, .name = "ada"};
    CHECK (take (world, &ada));
    begins (world, &ada);
    world_turn (world, 5);
    MUST (world, agent_register, &answer, .name = "ada", .labels = {&label, 1}, .key = ADAS_KEY);
    world_turn (world, 1);
    CHECK_JOB (world, run.id, "a", "running");
    fake_agent_t reborn = {.id = ada.id, .offer = {.job = ""}};
    beats (world, &reborn);
    wait_for_job (world, run.id, "a", "queued");
}

TEST_ON_ENGINES (the_log_of_a_lost_attempt_is_sealed_when_the_collector_is_back)
{
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    begins (world, &ada);
    world_log_fault (world, UNAVAILABLE);
    world_turn (world, 31);
    wait_for_job (world, run.id, "a", "queued");
    world_turn (world, 20);
    CHECK_INT (world_seals (world), 0);
    world_log_fault (world, OK);
    world_restart (world); // Nor is it forgotten with the process that lost it
    world_turn (world, 20);
    wait_for_count (world, world_seals, 1);
    int seals = world_seals (world);
    world_turn (world, 40);
    CHECK_INT (world_seals (world), seals);
}

static void both (world_t *world, int64_t seconds)
{
    for (int64_t i = 0; i < seconds; i++) {
        clock_turn (world->leases, SECONDS (1));
        world_turn (world, 1);
    }
}

TEST_ON_ENGINES (a_log_that_waits_to_be_sealed_does_not_wait_for_a_wall_clock_that_was_set_back)
{
    run_t run = one_job (world);
    world->leases = clock_by_hand (WORLD_BEGINS);
    world_restart (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    begins (world, &ada);
    world_log_fault (world, UNAVAILABLE);
    both (world, 31);
    wait_for_job (world, run.id, "a", "queued");
    CHECK_INT (world_seals (world), 0);
    world_log_fault (world, OK);
    clock_step (world->clock, -SECONDS (3600));
    both (world, 20);
    wait_for_count (world, world_seals, 1);
    wall_clock_t *leases = world->leases;
    world->leases = world->clock;
    world_restart (world);
    clock_destroy (&leases);
}

TEST_ON_ENGINES (a_token_is_revoked_when_identity_is_back)
{
    agent (world, "ada", "linux");
    world_identity_fault (world, UNAVAILABLE);
    done_t done;
    MUST (world, agent_remove, &done, .agent = "ada");
    world_turn (world, 1);
    world_identity_fault (world, OK);
    world_restart (world);
    world_turn (world, 20);
    wait_for_count (world, world_revoked, 1);
    int revoked = world_revoked (world);
    world_turn (world, 40);
    CHECK_INT (world_revoked (world), revoked);
}

TEST_ON_ENGINES (a_job_that_cannot_be_matched_ends_nobody_elses_work)
{
    world_file (world, "ci.yml", ONE);
    project (world);
    run_t run = trigger (world);
    world_sql (world, "insert into waiting (labels, priority, project_id, queued_at, position, job_id)"
                      " select labels, 0, project_id, 0, 0, 'j0' from jobs"); // Of a job that there is not
    world_sql (world, "update queues set size = 2");
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK_JOB (world, run.id, "a", "assigned");
    CHECK_STR (takes (world, &ada), "a");
}

TEST_ON_ENGINES (an_agent_that_is_silent_is_offline_and_gets_no_job)
{
    fake_agent_t ada = agent (world, "ada", "linux");
    world_turn (world, 31);
    agent_t shown;
    MUST (world, agent_show, &shown, .agent = "ada");
    CHECK_INT (shown.state, agent_offline);
    run_t run = one_job (world);
    CHECK_STR (run.jobs.items[0].wait_reason, "the only agent for it is offline");
    ada.offer.job = "";
    beats (world, &ada); // It is there, but does not ask for a job
    MUST (world, agent_show, &shown, .agent = "ada");
    CHECK_INT (shown.state, agent_idle);
    run = run_of (world, run.id);
    CHECK_STR (run.jobs.items[0].wait_reason, "the free agents for it are not asking for a job");
    CHECK (take (world, &ada));
}

TEST_ON_ENGINES (an_ephemeral_agent_is_gone_after_its_job)
{
    run_t run = one_job (world);
    agent_registered_t answer;
    MUST (world, agent_register, &answer, .name = "once", .ephemeral = true,
          .labels = {(const char *[]){"linux"}, 1});
    fake_agent_t once = {.id = answer.id};
    CHECK (take (world, &once));
    ends (world, &once, result_success);
    CHECK_STR (run_text (world, run.id), "finished success");
    agent_t shown;
    CHECK_INT (ASK (world, agent_show, &shown, .agent = "once"), NOT_FOUND);
    for (int i = 0; i < 100 && world_revoked (world) == 0; i++)
        world_turn (world, 0);
    CHECK_INT (world_revoked (world), 1);
}

TEST_ON_ENGINES (nothing_is_lost_when_the_scheduler_starts_again)
{
    world_file (world, "ci.yml", ONE);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t first = trigger (world), second = trigger (world);
    CHECK (take (world, &ada));
    begins (world, &ada);
    world_restart (world);
    CHECK_JOB (world, first.id, "a", "running");
    CHECK_JOB (world, second.id, "a", "queued");
    ends (world, &ada, result_success);
    world_restart (world);
    CHECK_JOB (world, first.id, "a", "finished success");
    CHECK_JOB (world, second.id, "a", "assigned");
    world_restart (world);
    CHECK (take (world, &ada));
    ends (world, &ada, result_success);
    CHECK_STR (run_text (world, second.id), "finished success");
}

TEST_ON_ENGINES (an_agent_may_report_only_about_itself)
{
    fake_agent_t ada = agent (world, "ada", "linux"), bob = agent (world, "bob", "linux");
    job_orders_t orders;
    job_offer_t offer;
    agent_registered_t again;
    world->caller = (caller_t){.role = ROLE_AGENT, .subject = bob.id};
    CHECK_INT (ASK (world, agent_heartbeat, &orders, .agent = ada.id), FORBIDDEN);
    CHECK_INT (ASK (world, agent_next, &offer, .agent = ada.id), FORBIDDEN);
    CHECK_INT (ASK (world, agent_register, &again, .name = "eve"), CONFLICT);
    agent_t shown;
    world->caller = (caller_t){.role = ROLE_ADMIN};
    MUST (world, agent_show, &shown, .agent = bob.id);
    CHECK_STR (shown.name, "bob");
}

TEST_ON_ENGINES (a_heartbeat_with_an_earlier_attempt_does_not_renew_the_lease)
{
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    begins (world, &ada);
    fake_agent_t before = ada;
    world_turn (world, 31);
    wait_for_job (world, run.id, "a", "queued");
    CHECK (take (world, &ada));
    begins (world, &ada);
    for (int i = 0; i < 3; i++) {
        world_turn (world, 2);
        CHECK_INT (beats (world, &before), order_kill); // What it runs is not its job any more
    }
    wait_for_job (world, run.id, "a", "queued"); // And the one it should have it has not got
}

TEST_ON_ENGINES (a_heartbeat_that_crossed_its_offer_leaves_the_lease_alone)
{
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux"), idle = {.id = ada.id, .offer.job = ""};
    CHECK (take (world, &ada));
    begins (world, &ada);
    world_turn (world, 2);
    beats (world, &idle);
    world_turn (world, 1);
    CHECK_JOB (world, run.id, "a", "running");
    beats (world, &idle);
    wait_for_job (world, run.id, "a", "queued");
}

TEST_ON_ENGINES (removing_an_agent_gives_its_job_back_at_once)
{
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    begins (world, &ada);
    done_t done;
    MUST (world, agent_remove, &done, .agent = "ada");
    wait_for_job (world, run.id, "a", "queued");
    events_t events;
    MUST (world, events_read, &events);
    const event_t *last = NULL;
    for (size_t i = 0; i < events.items.count; i++)
        if (strcmp (events.items.items[i].agent_id, ada.id) == 0 && !*events.items.items[i].job_id)
            last = &events.items.items[i];
    CHECK (last);
    CHECK_STR (last->type, "agent.removed"); // And nothing more is said of it
}

TEST_ON_ENGINES (a_job_that_comes_back_has_its_place_before_those_that_came_after_it)
{
    done_t done;
    run_t first = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    begins (world, &ada);
    world_turn (world, 1);
    const run_t second = trigger (world);
    world_turn (world, 1);
    MUST (world, agent_remove, &done, .agent = "ada");
    wait_for_job (world, first.id, "a", "queued");
    fake_agent_t bob = agent (world, "bob", "linux");
    CHECK (take (world, &bob));
    CHECK_STR (bob.offer.run, first.id);
    ends (world, &bob, result_success);
    CHECK (take (world, &bob));
    CHECK_STR (bob.offer.run, second.id);
}

TEST_ON_ENGINES (a_token_of_one_attempt_may_not_report_for_another)
{
    one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    job_orders_t orders;
    world->caller = (caller_t){.role = ROLE_JOB, .subject = ada.offer.job, .attempt = 1};
    CHECK_INT (ASK (world, job_status, &orders, .job = ada.offer.job, .attempt = 2, .state = job_running),
               FORBIDDEN);
}

TEST_ON_ENGINES (a_final_status_names_a_checksum_a_size_and_outputs_that_are_texts)
{
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    job_orders_t orders;
    world->caller = (caller_t){.role = ROLE_JOB, .subject = ada.offer.job, .attempt = 1};
#define FINAL(...)                                                                              \
    ASK (world, job_status, &orders, .job = ada.offer.job, .attempt = 1, .state = job_finished, \
         .result = result_success, __VA_ARGS__)
    CHECK_INT (FINAL (.log_sha256 = ""), INVALID);
    CHECK_INT (FINAL (.log_sha256 = "ab"), INVALID);
    CHECK_INT (FINAL (.log_sha256 = A_SUM, .log_size = INT64_C (1) << 62), INVALID);
    const char *const outputs[] = {"\"x\"", "[1]", "{\"a\":{\"b\":1}}", "{\"a\":1}"};
    for (size_t i = 0; i < 4; i++)
        CHECK_INT (FINAL (.log_sha256 = A_SUM, .outputs = outputs[i]), INVALID);
    CHECK_INT (FINAL (.log_sha256 = A_SUM, .log_size = 8 << 20, .outputs = "{\"a\":\"1\"}"), OK);
    world->caller = (caller_t){.role = ROLE_ADMIN};
    CHECK_JOB (world, run.id, "a", "finished success");
}

TEST_ON_ENGINES (a_job_being_cancelled_whose_agent_is_lost_ends_as_cancelled)
{
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    begins (world, &ada);
    MUST (world, run_cancel, &run, .run = run.id);
    CHECK_JOB (world, run.id, "a", "cancelling");
    world_turn (world, 31);
    wait_for_job (world, run.id, "a", "finished cancelled");
    run = run_of (world, run.id);
    CHECK_STR (run.jobs.items[0].reason, "cancelled by ada"); // Not what became of its agent
    wait_for_count (world, world_seals, 1);
}
