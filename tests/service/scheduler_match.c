/* Crowds: what cannot match is not looked at. It holds up nobody, and costs what a few of it would. */

#include "tests/service/scheduler/world.h"

#include "common/base/metrics.h"

#include <string.h>

#define ON_LINUX "on: workflow_dispatch\njobs:\n  a:\n    runs-on: linux\n    steps: [{run: make}]\n"

#define NUMBERS "with recursive n (i) as (select 1 union all select i + 1 from n where i < %d)"

// Agents that listen somewhere and were idle long before any other; `labels` is SQL that may use n.i.
static void idle_agents (world_t *world, const char *name, int count, const char *labels)
{
    world_sql (world,
               arena_printf (world->arena,
                             "insert into agents (id, name, labels, state, url, push_key, os, arch, version,"
                             " ephemeral, registered_at, seen_at, silent_at, idle_at) " NUMBERS
                             " select 'a' || i || '%s', 'n' || i || '%s', %s, 'idle', 'http://127.0.0.1:1',"
                             " 'key', '', '', '', 0, 0, 0, 9000000000000000, 0 from n",
                             count, name, name, labels));
    // Its tick may be adding them too
    world_sql (world,
               "insert into agent_labels (label, set_size, set_labels) select distinct labels, 1, labels"
               " from agents where labels not like '%\n%' on conflict do nothing");
    world_sql (world, "insert into agent_labels (label, set_size, set_labels) select distinct '', 1, labels"
                      " from agents where labels not like '%\n%' on conflict do nothing");
}

// Projects of which each has a job that waits, longer than any other, for what `labels` says.
static void waiting_projects (world_t *world, int count, const char *labels)
{
    world_sql (world, arena_printf (world->arena,
                                    "insert into projects (id, name, url, created_at) " NUMBERS
                                    " select 'p' || i, 'w' || i, '', 0 from n",
                                    count));
    world_sql (world,
               arena_printf (
                   world->arena,
                   "insert into waiting (labels, priority, project_id, queued_at, position, job_id) " NUMBERS
                   " select %s, 0, 'p' || i, 1, 0, 'jw' || i from n",
                   count, labels));
    world_sql (world, "insert into queues (labels, priority, project_id, size, since, key_label)"
                      " select labels, priority, project_id, 1, queued_at, null from waiting");
}

TEST_ON_ENGINES (idle_agents_that_nothing_needs_hold_up_nobody)
{
    idle_agents (world, "junk", 70, "'junk'");
    idle_agents (world, "own", 70, "'own' || i");
    world_file (world, "ci.yml", ON_LINUX);
    project (world);
    run_t run = trigger (world);
    CHECK_STR (run.jobs.items[0].wait_reason, "no agent has the label linux");
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK_STR (takes (world, &ada), "a");
}

TEST_ON_ENGINES (queues_that_nobody_serves_hold_up_nobody)
{
    waiting_projects (world, 505, "'other' || i");
    world_file (world, "ci.yml", ON_LINUX);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    trigger (world);
    CHECK_STR (takes (world, &ada), "a");
}

TEST_ON_ENGINES (a_job_finds_the_one_agent_for_it_among_many_of_both)
{
    idle_agents (world, "junk", 100, "'junk'");
    idle_agents (world, "own", 300, "'own' || i");
    waiting_projects (world, 505, "'other' || i");
    world_file (world, "ci.yml",
                "on: workflow_dispatch\njobs:\n  a:\n    runs-on: [linux, gpu]\n    steps: [{run: make}]\n");
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux"), eve = agent (world, "eve", "gpu,linux,x64");
    trigger (world);
    CHECK_STR (takes (world, &ada), "");
    CHECK_STR (takes (world, &eve), "a");
}

// The longest idle are of one kind that fits one job; the job that they do not fit is not forgotten.
TEST_ON_ENGINES (many_agents_for_one_job_do_not_hide_the_one_for_another)
{
    idle_agents (world, "gpu", 100, "'gpu'");
    world_file (world, "ci.yml",
                "on: workflow_dispatch\njobs:\n"
                "  a:\n    runs-on: gpu\n    steps: [{run: make}]\n"
                "  b:\n    runs-on: linux\n    steps: [{run: make}]\n");
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    trigger (world);
    CHECK_STR (takes (world, &ada), "b");
}

TEST_ON_ENGINES (a_matrix_is_given_to_as_many_agents_as_are_idle)
{
    idle_agents (world, "x", 150, "'linux'");
    world_file (
        world, "ci.yml",
        "on: workflow_dispatch\njobs:\n  a:\n    runs-on: linux\n    strategy:\n"
        "      matrix: {x: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], y: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]}\n"
        "    steps: [{run: make}]\n");
    project (world);
    run_t run = trigger (world);
    MUST (world, run_show, &run, .run = run.id);
    size_t attempts = 0; // Nobody listens at their address: what was pushed came back, some of it
    for (size_t i = 0; i < run.jobs.count; i++)
        attempts += run.jobs.items[i].attempt;
    CHECK_INT (run.jobs.count, 130);
    CHECK (attempts >= 130);
}

TEST_ON_ENGINES (the_project_that_waits_longest_comes_first_among_many)
{
    world_file (world, "ci.yml", ON_LINUX);
    for (int i = 0; i < 80; i++) { // More than one look at the queues
        project_t made;
        run_t run;
        const char *name = arena_printf (world->arena, "p%02d", 79 - i);
        MUST (world, project_add, &made, .name = name, .url = "https://git.example/x.git");
        MUST (world, run_trigger, &run, .project = name);
        clock_turn (world->clock, 1000);
    }
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    CHECK_STR (ada.offer.project, "p79");
}

// Round trips to the database of one job from its trigger to its end; on SQLite none are counted.
static int64_t round_trips (world_t *world, fake_agent_t *ada)
{
    int64_t least = INT64_MAX;
    metric_t *trips = metrics_counter ("opencicd_db_round_trips_total", NULL, NULL, "");
    for (int i = 0; i < 3; i++) {
        int64_t before = metric_read (trips);
        trigger (world);
        CHECK (take (world, ada));
        ends (world, ada, result_success);
        int64_t made = metric_read (trips) - before;
        least = made < least ? made : least;
    }
    return least;
}

// What SQLite does for one job from its trigger to its end; on PostgreSQL nothing is counted.
static int64_t steps (world_t *world, fake_agent_t *ada)
{
    int64_t least = INT64_MAX;
    metric_t *counted = metrics_counter ("opencicd_db_steps_total", NULL, NULL, "");
    for (int i = 0; i < 3; i++) {
        int64_t before = metric_read (counted);
        trigger (world);
        CHECK (take (world, ada));
        ends (world, ada, result_success);
        int64_t made = metric_read (counted) - before;
        least = made < least ? made : least;
    }
    return least;
}

static void check_steps (int64_t before, int64_t after, const char *beside)
{
    if (after > before + before / 10)
        test_fail (__FILE__, __LINE__, "%lld steps beside %s, %lld without them", (long long) after, beside,
                   (long long) before);
}

TEST_ON_ENGINES (a_job_costs_the_same_beside_a_thousand_idle_agents_that_it_does_not_need)
{
    world_file (world, "ci.yml", ON_LINUX);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    idle_agents (world, "few", 10, "'junk'");
    int64_t before = steps (world, &ada);
    idle_agents (world, "junk", 1000, "'junk'");
    check_steps (before, steps (world, &ada), "1000 agents of one kind");
    idle_agents (world, "own", 1000, "'own' || i");
    check_steps (before, steps (world, &ada), "1000 agents of 1000 kinds");
}

TEST_ON_ENGINES (a_job_costs_the_same_beside_a_thousand_sets_of_labels_that_wait_for_other_agents)
{
    world_file (world, "ci.yml", ON_LINUX);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    waiting_projects (world, 10, "'other'");
    int64_t before = steps (world, &ada);
    world_sql (world, "delete from waiting");
    world_sql (world, "delete from queues");
    world_sql (world, "delete from projects where name like 'w%'");
    waiting_projects (world, 1000, "'other' || i");
    check_steps (before, steps (world, &ada), "1000 sets of labels");
    idle_agents (world, "own", 1000, "'own' || i");
    check_steps (before, steps (world, &ada), "1000 sets of labels and 1000 agents");
}

TEST_ON_ENGINES (a_large_crowd_costs_no_more_statements_than_a_small_one)
{
    world_file (world, "ci.yml", ON_LINUX);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    idle_agents (world, "junk", 50, "'junk'");
    idle_agents (world, "own", 50, "'own' || i");
    waiting_projects (world, 70, "'other' || i");
    int64_t small = round_trips (world, &ada);
    idle_agents (world, "more", 1000, "'junk'");
    idle_agents (world, "mine", 1000, "'mine' || i");
    world_sql (world, "delete from waiting");
    world_sql (world, "delete from queues");
    world_sql (world, "delete from projects where name like 'w%'");
    waiting_projects (world, 1000, "'other' || i");
    int64_t large = round_trips (world, &ada);
    if (large > small + 3)
        test_fail (__FILE__, __LINE__, "%lld round trips, %lld with a small crowd", (long long) large,
                   (long long) small);
}

#define ON(labels) "on: workflow_dispatch\njobs:\n  a:\n    runs-on: " labels "\n    steps: [{run: make}]\n"

TEST_ON_ENGINES (an_agent_that_becomes_free_finds_the_job_that_asks_for_several_of_its_labels)
{
    world_file (world, "ci.yml", ON ("[gpu, linux]"));
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux,x64"), eve = agent (world, "eve", "gpu,linux,x64");
    trigger (world);
    CHECK_STR (takes (world, &eve), "a");
    run_t second = trigger (world);
    CHECK_STR (run_of (world, second.id).jobs.items[0].wait_reason, "all agents for it are busy");
    world_file (world, "ci.yml", ON ("[moon, linux]"));
    run_t third = trigger (world);
    CHECK_STR (third.jobs.items[0].wait_reason, "no agent has the label moon");
    CHECK_STR (takes (world, &ada), "");
    ends (world, &eve, result_success);
    CHECK_STR (takes (world, &eve), "a");
    CHECK_STR (eve.offer.run, second.id);
}

TEST_ON_ENGINES (what_an_agent_offered_before_it_registered_again_or_was_removed_is_not_offered)
{
    done_t done;
    world_file (world, "ci.yml", ON ("[gpu, linux]"));
    project (world);
    agent (world, "ada", "gpu,linux");
    fake_agent_t bob = agent (world, "bob", "linux");
    MUST (world, agent_remove, &done, .agent = "ada");
    run_t run = trigger (world);
    CHECK_STR (run.jobs.items[0].wait_reason, "no agent has the label gpu");
    world->caller = (caller_t){.role = ROLE_AGENT, .subject = bob.id};
    agent_registered_t answer;
    const char *labels[] = {"gpu", "linux"};
    MUST (world, agent_register, &answer, .name = "bob", .labels = {labels, 2});
    world->caller = (caller_t){.role = ROLE_ADMIN, .subject = "admin"};
    CHECK_STR (takes (world, &bob), "a");
    ends (world, &bob, result_success);
    world->caller = (caller_t){.role = ROLE_AGENT, .subject = bob.id};
    MUST (world, agent_register, &answer, .name = "bob", .labels = {labels, 1});
    world->caller = (caller_t){.role = ROLE_ADMIN, .subject = "admin"};
    run = trigger (world);
    CHECK_STR (run.jobs.items[0].wait_reason, "no agent has the label linux");
}

// More than one statement compares.
TEST_ON_ENGINES (all_of_many_labels_are_needed)
{
    world_file (world, "ci.yml", ON ("[a, b, c, d, e, f, g, h, i, j]"));
    project (world);
    for (int i = 0; i < 20; i++) // More than are looked at for a job
        agent (world, arena_printf (world->arena, "near%d", i), "a,b,c,d,e,f,g,h,i");
    run_t run = trigger (world);
    CHECK_STR (run.jobs.items[0].wait_reason, "no agent has the label j");
    fake_agent_t far = agent (world, "far", "j"), ada = agent (world, "ada", "a,b,c,d,e,f,g,h,i,j,k,l");
    CHECK_STR (takes (world, &far), "");
    CHECK_STR (takes (world, &ada), "a");
    trigger (world);
    ends (world, &ada, result_success);
    CHECK_STR (takes (world, &ada), "a");
    ends (world, &ada, result_success);
    CHECK_STR (takes (world, &ada), "");
    trigger (world); // It is idle meanwhile
    CHECK_STR (takes (world, &ada), "a");
}

TEST_ON_ENGINES (jobs_of_more_kinds_than_one_look_takes_all_meet_their_agents)
{
    buffer_t *text = buffer_new (1 << 16);
    fake_agent_t agents[20];
    buffer_puts (text, "on: workflow_dispatch\njobs:\n");
    for (int i = 0; i < 20; i++) {
        buffer_printf (text, "  j%02d: {runs-on: own%02d, steps: [{run: make}]}\n", i, i);
        const char *name = arena_printf (world->arena, "own%02d", i);
        agents[i] = agent (world, name, name);
    }
    world_file (world, "ci.yml", buffer_text (text));
    buffer_destroy (&text);
    project (world);
    for (int i = 0; i < 20; i += 2)
        CHECK_STR (takes (world, &agents[i]), "");
    trigger (world);
    for (int i = 0; i < 20; i += 2)
        CHECK_STR (takes (world, &agents[i]), arena_printf (world->arena, "j%02d", i));
}

TEST_ON_ENGINES (each_job_of_a_list_has_the_reason_of_its_own_labels)
{
    buffer_t *text = buffer_new (1 << 16);
    buffer_puts (text,
                 "on: workflow_dispatch\njobs:\n  idle: {runs-on: [ready, x64], steps: [{run: make}]}\n");
    for (int i = 0; i < 9; i++)
        buffer_printf (text, "  j%d: {runs-on: own%d, steps: [{run: make}]}\n", i, i);
    world_file (world, "ci.yml", buffer_text (text));
    buffer_destroy (&text);
    project (world);
    agent (world, "ada", "ready");
    agent (world, "eve", "x64");
    run_t run = trigger (world);
    for (int again = 0; again < 2; again++, run = run_of (world, run.id)) {
        CHECK_STR (job_of (&run, "idle")->wait_reason, "no agent has all of the labels ready, x64");
        for (int i = 0; i < 9; i++)
            CHECK_STR (job_of (&run, arena_printf (world->arena, "j%d", i))->wait_reason,
                       arena_printf (world->arena, "no agent has the label own%d", i));
    }
}

// A scheduler of an older version writes no rows of the sets that its agents offer.
TEST_ON_ENGINES (agents_that_an_older_version_registered_get_their_jobs_within_a_minute)
{
    world_file (world, "ci.yml", ON_LINUX);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK_STR (takes (world, &ada), "");
    world_sql (world, "delete from agent_labels");
    trigger (world);
    CHECK_STR (takes (world, &ada), "");
    world_turn (world, 61);
    CHECK_STR (takes (world, &ada), "a");
}

static int64_t missed_matches (void)
{
    return metric_read (metrics_counter ("opencicd_missed_matches_total", NULL, NULL, ""));
}

TEST_ON_ENGINES (a_job_that_no_unit_of_work_matched_meets_its_agent_within_a_minute_and_is_counted)
{
    world_file (world, "ci.yml", ON_LINUX);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK_STR (takes (world, &ada), "");
    int64_t before = missed_matches ();
    const int64_t later = WORLD_BEGINS + SECONDS (3600);
    world_sql (world, arena_printf (world->arena,
                                    "update agents set draining = 1, silent_at = %lld, parked_until = %lld",
                                    (long long) later, (long long) later));
    run_t run = trigger (world);
    world_turn (world, 61);
    CHECK_JOB (world, run.id, "a", "queued");
    world_sql (world, "update agents set draining = 0"); // Nobody requests a matching for that
    world_turn (world, 61);
    CHECK_INT (missed_matches () - before, 1);
    CHECK_STR (takes (world, &ada), "a");
    ends (world, &ada, result_success);
    run = trigger (world); // This is matched by itself
    world_turn (world, 61);
    CHECK_INT (missed_matches () - before, 1);
}

TEST_ON_ENGINES (a_job_that_is_queued_while_missed_ones_are_looked_for_was_not_missed)
{
    world_file (world, "ci.yml", ON_LINUX);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux"), bob;
    run_t run = trigger (world);
    CHECK_STR (takes (world, &ada), "a");
    bob = agent (world, "bob", "linux");
    CHECK_STR (takes (world, &bob), "");
    int64_t before = missed_matches ();
    const int64_t later = WORLD_BEGINS + SECONDS (3600);
    world_sql (world, arena_printf (world->arena, "update agents set silent_at = %lld, parked_until = %lld",
                                    (long long) later, (long long) later));
    world_sql (world, arena_printf (world->arena, "update leases set expires_at = %lld",
                                    (long long) WORLD_BEGINS + SECONDS (60))); // When those are looked for
    world_turn (world, 61);
    CHECK_STR (takes (world, &bob), "a");
    CHECK_JOB (world, run.id, "a", "assigned");
    CHECK_INT (missed_matches () - before, 0);
}
