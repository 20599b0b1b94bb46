/* Only the attempt that holds its job uploads for it; what it published is replaced by nobody older. */

#include "tests/service/artifacts/world.h"

#include <string.h>

TEST_ON_ENGINES (an_attempt_that_lost_its_job_uploads_nothing)
{
    artifact_t artifact;
    load_t load = load_small (world, 1);
    CHECK_INT (begin (world, &load, "app", false, &artifact), OK);
    const char *id = arena_strdup (world->own, artifact.id);
    const char *whole = upload_parts (world, &load, "whole");
    world->attempt = 2;
    CHECK_INT (begin (world, &load, "more", false, &artifact), CONFLICT);
    CHECK (strstr (world->turn.detail, "attempt 2"));
    CHECK_INT (begin (world, &load, "app", true, &artifact), CONFLICT);
    CHECK_INT (finish (world, whole, load.sum, &artifact), CONFLICT);
    clock_turn (world->clock, SECONDS (10));
    CHECK_INT (put (world, id, &load, 0, &artifact), CONFLICT);
    CHECK_INT (count_listed (world, (artifact_list_t){.job = world->job}), 0);
}

TEST_ON_ENGINES (a_job_that_ended_uploads_nothing_and_still_reads)
{
    static const uint32_t over[] = {job_finished, job_queued, job_pending};
    artifact_t artifact;
    load_t load = load_small (world, 1);
    const char *kept = upload (world, &load, "app", false), *id = upload_parts (world, &load, "late");
    for (size_t i = 0; i < sizeof (over) / sizeof (over[0]); i++) {
        world->state = over[i];
        clock_turn (world->clock, SECONDS (10));
        CHECK_INT (begin (world, &load, "app", true, &artifact), CONFLICT);
        CHECK_INT (begin (world, &load, "more", false, &artifact), CONFLICT);
        CHECK_INT (put (world, id, &load, 0, &artifact), CONFLICT);
        CHECK_INT (finish (world, id, load.sum, &artifact), CONFLICT);
    }
    check_bytes (world, kept, &load);
    world->state = job_cancelling; // Steps with always() upload too
    CHECK_INT (finish (world, id, load.sum, &artifact), OK);
    CHECK_INT (count_listed (world, (artifact_list_t){.job = world->job}), 2);
}

TEST_ON_ENGINES (a_job_uploads_in_each_state_in_which_an_attempt_holds_it)
{
    static const uint32_t held[] = {job_assigned, job_running, job_cancelling};
    load_t load = load_small (world, 1);
    for (size_t i = 0; i < sizeof (held) / sizeof (held[0]); i++) {
        world->state = held[i];
        clock_turn (world->clock, SECONDS (10));
        upload (world, &load, arena_printf (world->own, "n%zu", i), false);
    }
}

TEST_ON_ENGINES (an_attempts_token_is_good_for_that_attempts_upload_alone)
{
    artifact_t artifact;
    load_t load = load_small (world, 1);
    world->attempt = world->caller.attempt = 2;
    const char *id = upload_parts (world, &load, "app");
    world->caller.attempt = 1;
    artifact_begin_t ask = {.job = world->job, .attempt = 2, .name = "x"};
    CHECK_INT (tell (world, MSG_artifact_begin, &ask, &artifact), FORBIDDEN);
    CHECK_INT (put (world, id, &load, 0, &artifact), FORBIDDEN);
    CHECK_INT (finish (world, id, load.sum, &artifact), FORBIDDEN);
    world->caller = (caller_t){.role = ROLE_DEVELOPER, .subject = world->job, .attempt = 2};
    CHECK_INT (finish (world, id, load.sum, &artifact), FORBIDDEN);
    world->caller = (caller_t){.role = ROLE_SERVICE, .subject = world->job, .attempt = 2};
    CHECK_INT (put (world, id, &load, 0, &artifact), FORBIDDEN);
}

TEST_ON_ENGINES (an_earlier_attempt_never_replaces_what_a_later_one_published)
{
    artifact_t artifact;
    load_t old = load_small (world, 1), new = load_small (world, 2);
    const char *begun = upload_parts (world, &old, "app");
    clock_turn (world->clock, SECONDS (1)); // The second's id sorts after the first's
    world->attempt = world->caller.attempt = 2;
    const char *kept = upload (world, &new, "app", false);
    world->attempt = world->caller.attempt = 1; // A scheduler that has not heard of the second yet
    CHECK_INT (begin (world, &old, "app", true, &artifact), OK); // Goes on with the same upload
    CHECK_STR (artifact.id, begun);
    CHECK_INT (finish (world, begun, old.sum, &artifact), CONFLICT);
    CHECK (strstr (world->turn.detail, "attempt 2"));
    CHECK_INT (begin (world, &new, "app", true, &artifact), CONFLICT);
    check_bytes (world, kept, &new);
    CHECK_INT (count_listed (world, (artifact_list_t){.job = world->job}), 1);
}

TEST_ON_ENGINES (another_job_of_the_run_replaces_a_name_only_where_the_workflow_says_overwrite)
{
    artifact_t artifact;
    load_t load = load_small (world, 1), other = load_small (world, 2);
    upload (world, &load, "app", false);
    world->caller.subject = arena_printf (world->own, "%.*s-2", (int) strcspn (world->job, "-"), world->job);
    world->attempt = world->caller.attempt = 5;
    CHECK_INT (begin (world, &other, "app", false, &artifact), CONFLICT);
    check_bytes (world, upload (world, &other, "app", true), &other);
    world->caller.subject = world->job; // And back: the number of another job's attempt means nothing
    world->attempt = world->caller.attempt = 1;
    CHECK_INT (begin (world, &load, "app", false, &artifact), CONFLICT);
    check_bytes (world, upload (world, &load, "app", true), &load);
    CHECK_INT (count_listed (world, (artifact_list_t){.name = "app"}), 1);
}

TEST_ON_ENGINES (a_job_that_the_scheduler_does_not_know_uploads_nothing)
{
    artifact_t artifact;
    load_t load = load_small (world, 1);
    world->caller.subject = "gone-1";
    CHECK_INT (begin (world, &load, "app", false, &artifact), NOT_FOUND);
}

TEST_ON_ENGINES (parts_ask_the_scheduler_once_in_a_while_and_begin_and_finish_each_time)
{
    artifact_t artifact;
    load_t load = load_new (world, 1);
    CHECK_INT (begin (world, &load, "app", false, &artifact), OK);
    const char *id = arena_strdup (world->own, artifact.id);
    int asked = world->asked;
    CHECK_INT (put (world, id, &load, 0, &artifact), OK);
    clock_turn (world->clock, SECONDS (9));
    CHECK_INT (put (world, id, &load, 1, &artifact), OK);
    CHECK_INT (world->asked, asked);
    clock_turn (world->clock, SECONDS (1));
    CHECK_INT (put (world, id, &load, 2, &artifact), OK);
    CHECK_INT (world->asked, asked + 1);
    CHECK_INT (finish (world, id, load.sum, &artifact), OK);
    CHECK_INT (world->asked, asked + 2);
    CHECK_INT (begin (world, &load, "app", false, &artifact), OK);
    CHECK_INT (world->asked, asked + 3);
}

// As of two requests that finish the same upload: the row is the first one's when the second comes to it.
TEST_ON_ENGINES (an_upload_is_finished_once)
{
    artifact_t artifact;
    load_t load = load_small (world, 1);
    const char *id = upload_parts (world, &load, "app");
    CHECK_INT (
        db_exec (world->db, &world->turn,
                 "update uploads set sha256 = $1 where id = (select upload from artifacts where id = $2)",
                 P_STR (load.sum), P_STR (id)),
        OK);
    CHECK_INT (finish (world, id, load.sum, &artifact), CONFLICT);
    CHECK (strstr (world->turn.detail, "was finished meanwhile"));
    CHECK_INT (count_listed (world, (artifact_list_t){.job = world->job}), 0);
}
