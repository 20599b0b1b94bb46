/* Agents as people see them: the job that each has, how busy it was; and those that somebody drained. */

#include "tests/service/scheduler/world.h"

#include "common/base/metrics.h"

#define ONE "on: workflow_dispatch\njobs:\n  a:\n    runs-on: linux\n    steps: [{run: make}]\n"

static int64_t drains (const char *change)
{
    return metric_read (metrics_counter ("opencicd_agent_drains_total", "change", change, ""));
}

static agent_t agent_of (world_t *world, const char *name)
{
    agent_t found;
    MUST (world, agent_show, &found, .agent = name);
    return found;
}

TEST_ON_ENGINES (a_drained_agent_ends_its_job_and_gets_no_other_until_it_is_resumed)
{
    agent_t shown;
    int64_t drained = drains ("drained"), resumed = drains ("resumed");
    world_file (world, "ci.yml", ONE);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t first = trigger (world), second = trigger (world);
    CHECK_STR (takes (world, &ada), "a");
    begins (world, &ada);
    MUST (world, agent_drain, &shown, .agent = "ada");
    CHECK (shown.draining && shown.drained_at > 0);
    CHECK_INT (shown.state, agent_busy);
    MUST (world, agent_drain, &shown, .agent = "ada"); // Once more changes nothing
    CHECK_INT (drains ("drained"), drained + 1);
    CHECK_INT (beats (world, &ada), order_go_on);
    ends (world, &ada, result_success);
    wait_for_run (world, first.id, "finished success");
    CHECK_STR (takes (world, &ada), "");
    second = run_of (world, second.id);
    CHECK_STR (second.jobs.items[0].wait_reason, "all agents for it are drained or about to end");
    MUST (world, agent_resume, &shown, .agent = shown.id);
    CHECK (!shown.draining && !shown.drained_at);
    CHECK_STR (takes (world, &ada), "a");
    CHECK_STR (ada.offer.job, second.jobs.items[0].id);
    CHECK_INT (drains ("resumed"), resumed + 1);
    CHECK_INT (ASK (world, agent_drain, &shown, .agent = "eve"), NOT_FOUND);
}

TEST_ON_ENGINES (an_agent_that_waits_for_a_job_gets_none_once_it_is_drained_and_others_do)
{
    agent_t shown;
    queue_page_t page;
    world_file (world, "ci.yml", ONE);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK_STR (takes (world, &ada), ""); // It asks
    MUST (world, agent_drain, &shown, .agent = "ada");
    run_t run = trigger (world);
    CHECK_STR (takes (world, &ada), "");
    MUST (world, queue_show, &page, .cursor = "");
    CHECK_STR (page.items.items[0].help,
               "resume one that was drained, or start another: opencicd-agent --labels linux");
    fake_agent_t bob = agent (world, "bob", "linux");
    CHECK_STR (takes (world, &bob), "a");
    CHECK_JOB (world, run.id, "a", "assigned");
}

TEST_ON_ENGINES (an_agent_stays_drained_when_it_starts_again_or_reports_that_it_goes_on)
{
    agent_t shown;
    agent_registered_t again;
    job_orders_t orders;
    world_file (world, "ci.yml", ONE);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    MUST (world, agent_drain, &shown, .agent = "ada");
    const caller_t admin = world->caller;
    world->caller = (caller_t){.role = ROLE_AGENT, .subject = ada.id};
    MUST (world, agent_register, &again, .name = "ada", .url = "", .key = "");
    MUST (world, agent_heartbeat, &orders, .agent = ada.id, .url = "", .job = "", .draining = true);
    MUST (world, agent_heartbeat, &orders, .agent = ada.id, .url = "", .job = "", .draining = false);
    world->caller = admin;
    CHECK (agent_of (world, "ada").draining);
    world_restart (world);
    CHECK (agent_of (world, "ada").draining);
    MUST (world, agent_resume, &shown, .agent = "ada");
    CHECK (!shown.draining);
}

TEST_ON_ENGINES (what_an_agent_does_and_how_busy_it_was_is_said)
{
    agent_page_t page;
    world_file (world, "ci.yml", ONE);
    project (world);
    fake_agent_t bob = agent (world, "bob", "linux");
    world_turn (world, 25);
    agent (world, "ada", "moon");
    run_t run = trigger (world);
    CHECK_STR (takes (world, &bob), "a");
    begins (world, &bob);
    for (int i = 0; i < 2; i++) {
        world_turn (world, 25);
        beats (world, &bob);
    }
    MUST (world, agent_list, &page, .cursor = "", .load = true);
    const agent_t *idle = &page.items.items[0], *busy = &page.items.items[1];
    CHECK_STR (idle->job_name, "");
    CHECK_INT (idle->load_percent, 0);
    CHECK_INT (idle->load_seconds, 50);
    CHECK_STR (busy->job_name, "a");
    CHECK_STR (busy->job_run_id, run.id);
    CHECK_STR (busy->job_project, "demo");
    CHECK_INT (busy->job_run_number, run.number);
    CHECK_INT (busy->state_since, busy->registered_at + SECONDS (25));
    CHECK_INT (busy->load_percent, 66); // 50 of 75 seconds
    CHECK_INT (busy->load_seconds, 75);
    ends (world, &bob, result_success);
    world_turn (world, 25);
    CHECK_INT (agent_of (world, "bob").load_percent, 50);
    CHECK_STR (agent_of (world, "bob").job_name, "");
    MUST (world, agent_list, &page, .cursor = "");
    CHECK_INT (page.items.items[1].load_seconds, 0); // Nobody asked
}

TEST_ON_ENGINES (the_load_of_an_agent_goes_back_as_far_as_its_last_fifty_jobs)
{
    world_file (world, "ci.yml", ONE);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    for (int i = 0; i <= AGENT_LOAD_JOBS; i++) {
        trigger (world);
        CHECK_STR (takes (world, &ada), "a");
        begins (world, &ada);
        if (i == 0)
            world_turn (world, 20);
        ends (world, &ada, result_success);
    }
    world_turn (world, 10);
    agent_t shown = agent_of (world, "ada");
    CHECK_INT (shown.load_seconds, 10); // The first one is forgotten
    CHECK_INT (shown.load_percent, 0);
}
