/* The queue: what waits for an agent, in the order in which agents get it, and what would help. */

#include "tests/service/scheduler/world.h"

#include "common/base/metrics.h"

#define ON(labels) "on: workflow_dispatch\njobs:\n  a:\n    runs-on: " labels "\n    steps: [{run: make}]\n"

static const char *job_id (const run_t *run)
{
    return run->jobs.items[0].id;
}

// As `agent`, which asks again and again and ends each at once, gets them.
static void check_order (world_t *world, fake_agent_t *agent, const queue_job_items_t *jobs)
{
    for (size_t i = 0; i < jobs->count; i++) {
        CHECK_INT (jobs->items[i].position, (int64_t) i + 1);
        CHECK (take (world, agent));
        CHECK_STR (agent->offer.job, jobs->items[i].id);
        ends (world, agent, result_success);
    }
}

TEST_ON_ENGINES (what_can_never_run_is_said_with_what_would_help)
{
    queue_page_t page;
    project (world);
    world_file (world, "ci.yml", ON ("[linux, moon]"));
    trigger (world);
    MUST (world, queue_show, &page, .cursor = "");
    CHECK_INT (page.items.count, 1);
    CHECK_STR (page.items.items[0].reason, "no agent is registered");
    CHECK (page.items.items[0].never);
    CHECK_STR (page.items.items[0].help, "start an agent: opencicd-agent --labels linux,moon");
    fake_agent_t ada = agent (world, "ada", "linux");
    world_file (world, "ci.yml", ON ("linux"));
    world_turn (world, 1);
    trigger (world);
    CHECK_STR (takes (world, &ada), "a");
    run_t waits = trigger (world);
    MUST (world, queue_show, &page, .cursor = "");
    CHECK_INT (page.items.count, 2);
    const queue_set_t *moon = &page.items.items[0],
                      *on_linux = &page.items.items[1]; // Who waits longest first
    CHECK_STR (moon->reason, "no agent has the label moon");
    CHECK_STR (moon->help, "give an agent the label moon, or start one: opencicd-agent --labels linux,moon");
    CHECK (moon->never && !on_linux->never);
    CHECK_STR (on_linux->reason, "all agents for it are busy");
    CHECK_INT (on_linux->size, 1);
    CHECK_STR (on_linux->jobs.items[0].id, job_id (&waits));
    CHECK_STR (on_linux->jobs.items[0].project, "demo");
    CHECK_INT (on_linux->jobs.items[0].run_number, waits.number);
    CHECK_STR (page.next, "");
    MUST (world, queue_show, &page, .cursor = "", .limit = 1);
    CHECK_STR (page.next, "1");
    MUST (world, queue_show, &page, .cursor = page.next, .limit = 1);
    CHECK_STR (page.items.items[0].labels.items[0], "linux");
    CHECK_INT (ASK (world, queue_show, &page, .cursor = "-1"), INVALID);
}

TEST_ON_ENGINES (the_order_that_is_shown_is_that_in_which_an_agent_gets_them)
{
    queue_job_page_t page;
    world_file (
        world, "ci.yml",
        "on: workflow_dispatch\njobs:\n  a:\n    runs-on: linux\n    strategy: {matrix: {n: [1, 2, 3, 4,"
        " 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]}}\n    steps: [{run: make}]\n");
    project (world);
    trigger (world);
    world_turn (world, 1);
    project_t other;
    MUST (world, project_add, &other, .name = "other", .url = "https://example.org/other.git");
    wait_for_project (world, "other", "ready");
    world_file (world, "ci.yml", ON ("linux"));
    run_t second = {0};
    for (int i = 0; i < 3; i++)
        MUST (world, run_trigger, &second, .project = "other");
    const char *labels[] = {"linux"};
    MUST (world, queue_jobs, &page, .cursor = "", .labels = {labels, 1});
    CHECK_INT (page.items.count, 23);
    CHECK_STR (page.items.items[0].project, "demo");  // It waits longest,
    CHECK_STR (page.items.items[1].project, "other"); // and would have one running job then
    MUST (world, queue_jobs, &page, .cursor = "", .limit = 20, .labels = {labels, 1});
    CHECK_STR (page.next, "20");
    MUST (world, queue_jobs, &page, .cursor = page.next, .limit = 20, .labels = {labels, 1});
    CHECK_INT (page.items.count, 3);
    CHECK_INT (page.items.items[0].position, 21);
    CHECK_STR (page.next, "");
    job_t moved;
    MUST (world, job_priority, &moved, .job = job_id (&second), .priority = 5);
    CHECK_INT (moved.priority, 5);
    MUST (world, queue_jobs, &page, .cursor = "", .limit = 1, .labels = {labels, 1});
    CHECK_STR (page.items.items[0].id, job_id (&second));
    CHECK_INT (page.items.items[0].priority, 5);
    fake_agent_t ada = agent (world, "ada", "linux");
    check_order (world, &ada, &page.items);
}

TEST_ON_ENGINES (a_job_that_was_moved_goes_first_once_and_leaves_the_queue_as_any_other)
{
    world_file (world, "ci.yml", ON ("linux"));
    project (world);
    run_t first = trigger (world), second = trigger (world), third = trigger (world);
    job_t job;
    MUST (world, job_priority, &job, .job = job_id (&third), .priority = 100);
    MUST (world, job_priority, &job, .job = job_id (&first), .priority = -100);
    CHECK_INT (ASK (world, job_priority, &job, .job = job_id (&first), .priority = -101), INVALID);
    run_t stopped;
    MUST (world, run_cancel, &stopped, .run = second.id);
    MUST (world, run_cancel, &stopped, .run = first.id);
    CHECK_INT (world_number (world, "select count(*) from waiting"), 1);
    CHECK_INT (world_number (world, "select sum (size) from queues"), 1);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK_STR (takes (world, &ada), "a");
    CHECK_STR (ada.offer.job, job_id (&third));
    CHECK_INT (ASK (world, job_priority, &job, .job = job_id (&third), .priority = 1), CONFLICT);
    CHECK_INT (gives_back (world, &ada), OK);
    CHECK_INT (run_of (world, third.id).jobs.items[0].priority, 100); // It waits, or is given, as before
    fake_agent_t eve = agent (world, "eve", "linux");
    fake_agent_t *has = take (world, &eve) ? &eve : &ada;
    CHECK (has == &eve || take (world, &ada));
    CHECK_INT (world_number (world, "select count(*) from waiting"), 0);
    ends (world, has, result_failure);
    run_t again;
    MUST (world, run_rerun, &again, .run = third.id);
    CHECK (take (world, &ada) || take (world, &eve));
    CHECK_INT (world_number (world, "select count(*) from waiting"), 0);
    CHECK_INT (run_of (world, third.id).jobs.items[0].priority, 0);
}

#define CHAIN                                              \
    "on: workflow_dispatch\njobs:\n"                       \
    "  a:\n    runs-on: linux\n    steps: [{run: make}]\n" \
    "  b:\n    needs: a\n    runs-on: linux\n    strategy: {matrix: {n: [1, 2]}}\n    steps: [{run: make}]\n"

TEST_ON_ENGINES (a_run_that_was_moved_goes_first_with_its_later_jobs_too)
{
    queue_job_page_t page;
    const char *labels[] = {"linux"};
    run_t moved;
    world_file (world, "ci.yml", CHAIN);
    project (world);
    run_t first = trigger (world), second = trigger (world);
    MUST (world, run_priority, &moved, .run = second.id, .priority = 7);
    CHECK_INT (moved.priority, 7);
    CHECK_INT (ASK (world, run_priority, &moved, .run = second.id, .priority = -101), INVALID);
    CHECK_INT (ASK (world, run_priority, &moved, .run = "r0", .priority = 1), NOT_FOUND);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK_STR (takes (world, &ada), "a");
    CHECK_STR (ada.offer.job, job_id (&second));
    ends (world, &ada, result_success);
    CHECK (take (world, &ada)); // A cell that was made after it was moved, and so was the other
    MUST (world, queue_jobs, &page, .cursor = "", .labels = {labels, 1});
    CHECK_INT (page.items.count, 2);
    CHECK_STR (page.items.items[0].run_id, second.id);
    CHECK_INT (page.items.items[0].priority, 7);
    CHECK_STR (page.items.items[1].run_id, first.id);
    ends (world, &ada, result_success);
    check_order (world, &ada, &page.items);
    CHECK_STR (run_text (world, second.id), "finished success");
    CHECK_INT (ASK (world, run_priority, &moved, .run = second.id, .priority = 1), CONFLICT);
    MUST (world, run_rerun, &moved, .run = second.id);
    CHECK_INT (moved.priority, 0);
    CHECK_INT (moved.jobs.items[0].priority, 0);
    CHECK_INT (world_number (world, "select count(*) from queues where priority <> 0"), 0);
}

// Of SQLite's machine; elsewhere none are counted.
static int64_t steps_to_show (world_t *world, queue_page_t *page)
{
    int64_t least = INT64_MAX;
    metric_t *counted = metrics_counter ("opencicd_db_steps_total", NULL, NULL, "");
    for (int i = 0; i < 5; i++) { // A tick may fall into one
        int64_t before = metric_read (counted);
        MUST (world, queue_show, page, .cursor = "", .jobs = 2);
        int64_t made = metric_read (counted) - before;
        least = made < least ? made : least;
    }
    return least;
}

TEST_ON_ENGINES (a_long_queue_is_shown_at_the_cost_of_a_short_one)
{
    queue_page_t page;
    world_file (world, "ci.yml", ON ("linux"));
    project (world);
    trigger (world);
    trigger (world);
    int64_t before = steps_to_show (world, &page);
    for (int i = 0; i < 300; i++)
        trigger (world);
    int64_t after = steps_to_show (world, &page);
    CHECK_INT (page.items.items[0].size, 302);
    CHECK_INT (page.items.items[0].jobs.count, 2);
    if (after > before + before / 10)
        test_fail (__FILE__, __LINE__, "%lld steps, %lld with two jobs", (long long) after,
                   (long long) before);
}
