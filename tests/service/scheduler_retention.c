/* What is over goes: runs by age and number, runs of removed projects, events; and nothing is forgotten before who keeps a part of it has
 * answered. */

#include "services/scheduler/store/event_store.h"
#include "tests/service/scheduler/world.h"

#include <poll.h>
#include <string.h>

#define DAY 86400

static const char two_jobs[] = "on: workflow_dispatch\n"
                               "jobs:\n"
                               "  one:\n    runs-on: linux\n    steps: [{run: one}]\n"
                               "  two:\n    runs-on: linux\n    needs: one\n    steps: [{run: two}]\n";

static const char many_jobs[] = "on: workflow_dispatch\n"
                                "jobs:\n"
                                "  many:\n    runs-on: nowhere\n    steps: [{run: many}]\n"
                                "    strategy:\n      matrix:\n"
                                "        a: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]\n"
                                "        b: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]\n";

static void begin (world_t *world, scheduler_keeps_t keeps, const char *workflow)
{
    world->keeps = keeps;
    world_restart (world);
    world_file (world, "ci.yml", workflow);
    project (world);
}

// The clock goes on until the number is as wanted.
static void wait_for_number (world_t *world, const char *sql, int64_t wanted)
{
    for (int i = 0; i < 400 && world_number (world, sql) != wanted; i++)
        world_turn (world, 5);
    CHECK_INT (world_number (world, sql), wanted);
}

static void run_all (world_t *world, fake_agent_t *ada)
{
    while (take (world, ada)) {
        begins (world, ada);
        ends (world, ada, result_success);
    }
}

static const char all_rows[] =
    "select (select count (*) from runs) + (select count (*) from run_texts) + (select count (*) from nodes)"
    " + (select count (*) from jobs) + (select count (*) from attempts) + (select count (*) from calls)"
    " + (select count (*) from run_files) + (select count (*) from seals)"
    " + (select count (*) from removed_runs) + (select count (*) from removed_projects)";

TEST_ON_ENGINES (runs_that_ended_long_ago_go_with_all_their_rows_and_those_under_way_stay)
{
    begin (world, (scheduler_keeps_t){.runs_us = SECONDS (10 * DAY)}, two_jobs);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t old = trigger (world), shown;
    run_all (world, &ada);
    CHECK_STR (run_text (world, old.id), "finished success");
    run_t under_way = trigger (world);
    world_turn (world, 9 * DAY);
    CHECK_STR (run_text (world, old.id), "finished success");
    world_turn (world, 2 * DAY);
    wait_for_number (world, "select count (*) from jobs", 2);
    wait_for_number (world, "select count (*) from removed_runs", 0);
    CHECK_INT (ASK (world, run_show, &shown, .run = old.id), NOT_FOUND);
    CHECK (world_purged_jobs (world) >= 2);
    CHECK_STR (world_purged_run (world), old.id);
    CHECK_INT (world_number (world, "select count (*) from run_texts"), 1);
    CHECK_INT (world_number (world, "select count (*) from nodes"), 2);
    run_of (world, under_way.id);
}

TEST_ON_ENGINES (of_each_project_only_the_latest_runs_are_kept)
{
    begin (world, (scheduler_keeps_t){.runs = 2}, two_jobs);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t runs[4], shown;
    for (int i = 0; i < 4; i++)
        runs[i] = trigger (world);
    run_all (world, &ada);
    events_t events;
    MUST (world, events_read, &events, .after = -1);
    int64_t before = events.cursor;
    wait_for_number (world, "select count (*) from runs", 2);
    for (int i = 0; i < 4; i++)
        CHECK_INT (ASK (world, run_show, &shown, .run = runs[i].id), i < 2 ? NOT_FOUND : OK);
    for (int i = 0; i < 4; i++) { // Whoever shows a list of them hears of it
        MUST (world, events_read, &events, .after = before, .run = runs[i].id);
        CHECK_INT (events.items.count, i < 2 ? 1 : 0);
        CHECK (i >= 2 || strcmp (events.items.items[0].type, "run.removed") == 0);
        CHECK (i >= 2 || strcmp (events.items.items[0].project_id, runs[i].project_id) == 0);
    }
}

// It fails after a step that put off what it looks for.
TEST_ON_ENGINES (a_tick_that_was_undone_does_not_put_off_what_it_was_to_remove)
{
    begin (world, (scheduler_keeps_t){.runs_us = SECONDS (10 * DAY)}, two_jobs);
    fake_agent_t ada = agent (world, "ada", "linux");
    trigger (world);
    run_all (world, &ada);
    world_sql (world, "alter table removed_projects rename to aside");
    world_turn (world, 11 * DAY);
    world_turn (world, 20);
    world_sql (world, "alter table aside rename to removed_projects");
    wait_for_number (world, "select count (*) from runs", 0);
}

TEST_ON_ENGINES (nothing_is_forgotten_before_logs_and_artifacts_have_answered)
{
    begin (world, (scheduler_keeps_t){.runs_us = SECONDS (DAY)}, two_jobs);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run = trigger (world), shown;
    run_all (world, &ada);
    // As of a job that ran twice, and whose log was to be sealed
    world_sql (world, "insert into attempts (job_id, attempt, agent_id, agent_name, started_at)"
                      " select id, 1, '', '', 1 from jobs");
    world_sql (world, "insert into seals (job_id, attempt, due_at) select id, 1, 9000000000000000 from jobs");
    world_purge_faults (world, UNAVAILABLE, OK);
    world_turn (world, 2 * DAY);
    wait_for_number (world, "select count (*) from removed_runs", 1);
    world_turn (world, 60);
    CHECK_INT (ASK (world, run_show, &shown, .run = run.id), NOT_FOUND); // Nobody sees it
    CHECK_INT (world_number (world, "select count (*) from jobs"), 2);
    world_purge_faults (world, OK, UNAVAILABLE);
    world_turn (world, 60);
    CHECK_INT (world_number (world, "select count (*) from removed_runs"), 1);
    world_restart (world); // It is a row that remembers
    world_purge_faults (world, OK, OK);
    wait_for_number (world, all_rows, 0);
    CHECK_STR (world_purged_run (world), run.id);
}

TEST_ON_ENGINES (a_removed_project_leaves_no_row)
{
    begin (world, (scheduler_keeps_t){0}, two_jobs);
    fake_agent_t ada = agent (world, "ada", "linux");
    done_t done;
    for (int i = 0; i < 20; i++)
        trigger (world);
    run_all (world, &ada);
    MUST (world, project_remove, &done, .project = "demo");
    wait_for_number (world, all_rows, 0);
    CHECK (world_purged_jobs (world) >= 40); // Some perhaps twice: the clock runs ahead of the answers
}

TEST_ON_ENGINES (the_mirror_of_a_removed_project_goes_with_the_last_project_of_its_repository)
{
    static const char left[] = "select count (*) from removed_projects";
    begin (world, (scheduler_keeps_t){0}, two_jobs);
    project_t twin;
    done_t done;
    project_t demo;
    MUST (world, project_show, &demo, .project = "demo");
    MUST (world, project_add, &twin, .name = "twin", .url = demo.url);
    MUST (world, project_remove, &done, .project = "demo");
    wait_for_number (world, left, 0);
    CHECK_STR (world_purged_project (world), demo.id); // Its caches are its own
    CHECK_INT (world_forgotten (world), 0);
    world_forget_fault (world, UNAVAILABLE);
    MUST (world, project_remove, &done, .project = "twin");
    for (int i = 0; i < 100 && !*world_forgotten_url (world); i++)
        world_turn (world, 5);
    CHECK_STR (world_forgotten_url (world), demo.url);
    world_turn (world, 60);
    CHECK_INT (world_number (world, left), 1); // Until it has answered
    world_restart (world);
    world_forget_fault (world, OK);
    wait_for_number (world, left, 0);
    CHECK (world_forgotten (world) >= 1); // Twice where the clock runs ahead of the answer
}

// An address has one mirror for those that an administrator registered, and another for all others.
TEST_ON_ENGINES (the_mirror_of_an_untrusted_project_goes_though_a_trusted_one_has_its_address)
{
    project_t demo, twin;
    done_t done;
    begin (world, (scheduler_keeps_t){0}, two_jobs);
    MUST (world, project_show, &demo, .project = "demo");
    world->caller.role = ROLE_DEVELOPER;
    MUST (world, project_add, &twin, .name = "twin", .url = demo.url);
    world->caller.role = ROLE_ADMIN;
    MUST (world, project_remove, &done, .project = "twin");
    wait_for_number (world, "select count (*) from removed_projects", 0);
    CHECK_STR (world_forgotten_url (world), arena_printf (world->arena, "untrusted %s", demo.url));
}

TEST_ON_ENGINES (a_large_run_goes_in_steps_of_a_bounded_size)
{
    begin (world, (scheduler_keeps_t){.runs_us = SECONDS (DAY)}, many_jobs);
    run_t run = trigger (world), answer;
    MUST (world, run_cancel, &answer, .run = run.id);
    wait_for_run (world, run.id, "finished cancelled");
    world_turn (world, 2 * DAY);
    wait_for_number (world, all_rows, 0);
    CHECK (world_purged_jobs (world) >= 144);
    CHECK_INT (world_most_purged (world), 64);
}

TEST_ON_ENGINES (only_a_service_purges_runs)
{
    done_t done;
    begin (world, (scheduler_keeps_t){0}, two_jobs);
    run_t run = trigger (world);
    CHECK_INT (ASK (world, run_purge, &done, .run = run.id), FORBIDDEN);
    world->caller = (caller_t){.role = ROLE_SERVICE, .subject = "scheduler"};
    CHECK_INT (ASK (world, run_purge, &done, .run = run.id), OK); // It was not removed
    world->caller = (caller_t){.role = ROLE_ADMIN, .subject = "ada"};
    run_of (world, run.id);
}

// What a consumer says by itself, beside the scheduler.
static void passed (world_t *world, int64_t cursor)
{
    db_t *db;
    CHECK_INT (db_open (&db, world_engine (world), &world->turn), OK);
    CHECK_INT (db_begin (db, &world->turn), OK);
    CHECK_INT (event_store_passed (db, &world->turn, "statuses", cursor), OK);
    CHECK_INT (db_commit (db, &world->turn), OK);
    db_close (&db);
}

TEST_ON_ENGINES (old_events_go_but_none_that_a_consumer_has_not_passed)
{
    begin (world, (scheduler_keeps_t){.events_us = SECONDS (DAY)}, two_jobs);
    trigger (world);
    passed (world, 2);
    int64_t made = world_number (world, "select max (id) from events");
    CHECK (made > 3);
    world_turn (world, 2 * DAY);
    wait_for_number (world, "select min (id) from events", 3);
    world_turn (world, DAY);
    CHECK_INT (world_number (world, "select count (*) from events"), made - 2);
    passed (world, made);
    wait_for_number (world, "select count (*) from events where at < 1900086400000000", 0);
}

TEST_ON_ENGINES (only_the_latest_events_are_kept)
{
    begin (world, (scheduler_keeps_t){.events = 3}, two_jobs);
    trigger (world);
    wait_for_number (world, "select count (*) from events", 3);
    CHECK_INT (world_number (world, "select max (id) - min (id) from events"), 2);
}
