/* Schedules: which of several missed times runs, what is served once, and what leaves the file. */

#include "tests/service/scheduler/world.h"

#include <poll.h>
#include <string.h>

#define JOBS "jobs:\n  a:\n    runs-on: linux\n    steps: [{run: make}]\n"
#define CRON "on: {schedule: [{cron: '*/10 * * * *'}], workflow_dispatch: }\n" JOBS

static fault_t post (world_t *world, int64_t due_at)
{
    event_runs_t runs;
    world->caller = (caller_t){.role = ROLE_SERVICE, .subject = "scheduler"};
    fault_t fault =
        ASK (world, event_post, &runs, .project = "demo", .event = "schedule", .actor = "scheduler",
             .payload = arena_printf (world->arena,
                                      "{\"schedule\":\"*/10 * * * *\",\"timezone\":\"\",\"due_at\":\"%lld\"}",
                                      (long long) due_at));
    world->caller = (caller_t){.role = ROLE_ADMIN, .subject = "ada"};
    return fault;
}

TEST_ON_ENGINES (of_several_missed_times_the_last_is_run_once)
{
    world_file (world, "ci.yml", CRON);
    project (world);                              // At 17:46:40
    clock_turn (world->clock, SECONDS (34 * 60)); // 18:20:40: four of them
    world_scm_fails (world, "down");
    world_restart (world);
    world_turn (world, 1);
    CHECK_INT (world_number (world, "select due_at from schedules"), SECONDS (1900002000)); // 18:20:00
    world_scm_fails (world, NULL);
    world_turn (world, 70);
    wait_for_runs (world, 1);
    world_turn (world, 120);
    CHECK_INT (count_runs (world), 1);
}

TEST_ON_ENGINES (a_time_that_was_missed_by_more_than_an_hour_is_not_run)
{
    world_file (world, "ci.yml", "on: {schedule: [{cron: '0 12 * * *'}]}\n" JOBS);
    project (world);                                // At 17:46:40
    clock_turn (world->clock, SECONDS (18 * 3600)); // 11:46:40 of the next day
    for (int day = 0; day < 2; day++) {
        clock_turn (world->clock, SECONDS (70 * 60)); // 12:56:40
        world_restart (world);
        world_turn (world, 70); // Where it could not ask itself at once
        wait_for_runs (world, day + 1);
        for (int i = 0; i < WAIT_MS / 5 && world_number (world, "select due_at from schedules") != 0; i++)
            poll (NULL, 0, 5);
        clock_turn (world->clock, SECONDS (24 * 3600 - 70 * 60 - 70));
    }
    clock_turn (world->clock, SECONDS (74 * 60)); // 13:00:40
    world_restart (world);
    world_turn (world, 1);
    CHECK_INT (world_number (world, "select due_at from schedules"), 0);
    world_turn (world, 120);
    CHECK_INT (count_runs (world), 2);
}

TEST_ON_ENGINES (a_due_time_that_is_posted_twice_makes_one_run)
{
    world_file (world, "ci.yml", CRON);
    project (world);
    world_scm_fails (world, "down");
    world_turn (world, 4 * 60); // 17:50:40
    CHECK_INT (count_runs (world), 0);
    world_scm_fails (world, NULL);
    int64_t due_at = world_number (world, "select due_at from schedules");
    CHECK_INT (due_at, SECONDS (1900000200)); // 17:50:00
    CHECK_INT (post (world, due_at), OK);
    CHECK_INT (post (world, due_at), OK); // The first answer was lost
    world_turn (world, 120);
    CHECK_INT (count_runs (world), 1);
}

TEST_ON_ENGINES (a_line_that_left_the_file_is_not_asked_for_any_more)
{
    world_file (world, "ci.yml", CRON);
    project (world);
    CHECK_INT (world_number (world, "select count(*) from schedules"), 1);
    world_file (world, "ci.yml", "on: workflow_dispatch\n" JOBS);
    world_commit (world, "0000000000000000000000000000000000000002");
    trigger (world);
    CHECK_INT (world_number (world, "select count(*) from schedules"), 0);
}

TEST_ON_ENGINES (a_jobs_token_shows_that_job_alone)
{
    world_file (world, "ci.yml", "on: workflow_dispatch\n" JOBS);
    project (world);
    run_t first = trigger (world), second = trigger (world);
    job_t job;
    world->caller = (caller_t){.role = ROLE_JOB, .subject = first.jobs.items[0].id, .attempt = 1};
    MUST (world, job_show, &job, .job = first.jobs.items[0].id);
    CHECK_INT (ASK (world, job_show, &job, .job = second.jobs.items[0].id), FORBIDDEN);
}

static void wait_for_due (world_t *world, int64_t due_at)
{
    for (int i = 0; i < WAIT_MS / 5 && world_number (world, "select due_at from schedules") != due_at; i++)
        poll (NULL, 0, 5);
    CHECK_INT (world_number (world, "select due_at from schedules"), due_at);
}

// Else whoever may post events could make a schedule's runs fail to appear.
TEST_ON_ENGINES (an_event_of_a_person_does_not_stand_for_a_time_that_has_come)
{
    event_runs_t runs;
    const int64_t due = SECONDS (1900000200); // 17:50:00
    world_file (world, "ci.yml", CRON);
    project (world); // At 17:46:40
    world_scm_fails (world, "down");
    int fetches = world_fetches (world);
    world_turn (world, 200); // No further: a request that is under way would be too late
    wait_for_due (world, due);
    wait_for_count (world, world_fetches, fetches + 1); // It was asked for, in vain
    world_scm_fails (world, NULL);
    MUST (world, event_post, &runs, .project = "demo", .event = "schedule",
          .payload = arena_printf (world->arena,
                                   "{\"schedule\":\"*/10 * * * *\",\"timezone\":\"\",\"due_at\":\"%lld\"}",
                                   (long long) due));
    CHECK_INT (runs.items.count, 1);
    wait_for_due (world, due);
    for (int i = 0; i < 100 && count_runs (world) < 2; i++) { // It is asked for again once a minute
        world_sleep (world, 5);
        poll (NULL, 0, 50);
    }
    CHECK_INT (count_runs (world), 2);
    wait_for_due (world, 0);
}

TEST_ON_ENGINES (a_time_that_could_not_run_for_an_hour_is_not_due_any_more)
{
    world_file (world, "ci.yml", "on: {schedule: [{cron: '50 17 * * *'}]}\n" JOBS);
    project (world); // At 17:46:40
    world_scm_fails (world, "down");
    world_turn (world, 210);
    wait_for_due (world, SECONDS (1900000200));
    world_sleep (world, 3500);
    wait_for_due (world, SECONDS (1900000200));
    world_sleep (world, 120);
    wait_for_due (world, 0);
    world_scm_fails (world, NULL);
    world_turn (world, 70);
    CHECK_INT (count_runs (world), 0);
}

TEST_ON_ENGINES (a_removed_project_leaves_no_schedule)
{
    done_t done;
    world_file (world, "ci.yml", CRON);
    project (world);
    CHECK_INT (world_number (world, "select count (*) from schedules"), 1);
    MUST (world, project_remove, &done, .project = "demo");
    CHECK_INT (world_number (world, "select count (*) from schedules"), 0);
}
