/* Agents: matched by labels, leased, fenced, lost, restarted, removed. */

#include "tests/service/scheduler/world.h"

#include <string.h>

#define ONE "on: workflow_dispatch\njobs:\n  a:\n    runs-on: linux\n    steps: [{run: make}]\n"

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
    CHECK_STR (run.jobs.items[0].waiting_because, "no agent is registered");
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK_STR (takes (world, &ada), "");
    run = run_of (world, run.id);
    CHECK_STR (run.jobs.items[0].waiting_because, "no agent has the label gpu");
    fake_agent_t bob = agent (world, "bob", "gpu");
    run = run_of (world, run.id);
    CHECK_STR (run.jobs.items[0].waiting_because, "no agent has all of the labels gpu, linux");
    fake_agent_t eve = agent (world, "eve", "Linux,gpu,x64");
    CHECK_STR (takes (world, &eve), "a");
    CHECK_STR (takes (world, &bob), "");
}

TEST_ON_ENGINES (those_that_wait_are_told_how_many_are_before_them)
{
    world_file (world, "ci.yml", ONE);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    trigger (world);
    run_t second = trigger (world);
    CHECK_STR (second.jobs.items[0].waiting_because, "all agents for it are busy");
    world_turn (world, 1);
    run_t third = trigger (world);
    CHECK_STR (third.jobs.items[0].waiting_because, "all agents for it are busy; 1 job is before it");
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
    wait_for_job (world, run.id, "a", "assigned");
    CHECK (take (world, &bob));
    CHECK_INT (bob.offer.attempt, 2);
    CHECK_INT (world_seals (world), 1);
    agent_t shown;
    MUST (world, agent_show, &shown, .agent = "ada");
    CHECK_INT (shown.state, agent_offline);
    // The old attempt is fenced
    CHECK_INT (say (world, &ada, job_running, result_none, NULL), CONFLICT);
    CHECK_INT (say (world, &ada, job_finished, result_success, NULL), CONFLICT);
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

TEST_ON_ENGINES (the_last_word_said_again_is_taken_again_and_another_is_refused)
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
    world->caller = (caller_t){ROLE_JOB, "j0", 1};
    job_orders_t orders;
    CHECK_INT (ASK (world, job_status, &orders, .job = ada.offer.job, .attempt = 1, .state = job_running),
               FORBIDDEN);
}

TEST_ON_ENGINES (an_agent_that_beats_without_its_job_has_restarted)
{
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    begins (world, &ada);
    CHECK_INT (beats (world, &ada), order_go_on);
    world_turn (world, 5);
    fake_agent_t reborn = {.id = ada.id, .offer = {.job = ""}};
    beats (world, &reborn);
    wait_for_job (world, run.id, "a", "assigned");
    CHECK (take (world, &reborn));
    CHECK_INT (reborn.offer.attempt, 2);
}

TEST_ON_ENGINES (a_name_is_taken_until_its_agent_is_removed)
{
    fake_agent_t ada = agent (world, "ada", "linux");
    agent_registered_t answer;
    CHECK_INT (ASK (world, agent_register, &answer, .name = "ada"), CONFLICT);
    CHECK_INT (ASK (world, agent_register, &answer, .name = "a da"), INVALID);
    world->caller = (caller_t){.role = ROLE_AGENT, .subject = ada.id};
    const char *labels[] = {"arm", "linux"};
    MUST (world, agent_register, &answer, .name = "ada", .labels = {labels, 2});
    CHECK_STR (answer.id, ada.id);
    CHECK_STR (answer.token, "");
    agent_t shown;
    MUST (world, agent_show, &shown, .agent = "ada");
    CHECK_INT (shown.labels.count, 2);
    done_t done;
    MUST (world, agent_remove, &done, .agent = "ada");
    CHECK_INT (ASK (world, agent_show, &shown, .agent = ada.id), NOT_FOUND);
    world->caller = (caller_t){.role = ROLE_ADMIN};
    agent (world, "ada", "linux");
    world_turn (world, 1);
    CHECK_INT (world_revoked (world), 1);
}

TEST_ON_ENGINES (an_agent_not_heard_of_is_offline_and_gets_no_job)
{
    fake_agent_t ada = agent (world, "ada", "linux");
    world_turn (world, 31);
    agent_t shown;
    MUST (world, agent_show, &shown, .agent = "ada");
    CHECK_INT (shown.state, agent_offline);
    run_t run = one_job (world);
    CHECK_STR (run.jobs.items[0].waiting_because, "the only agent for it is offline");
    ada.offer.job = "";
    beats (world, &ada);
    CHECK_JOB (world, run.id, "a", "assigned");
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
