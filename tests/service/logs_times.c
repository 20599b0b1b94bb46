/* When the lines of a log were printed: as their sender says, to a second, in ever fewer entries the longer a log goes on. */

#include "tests/service/logs_words.h"

#include <string.h>

#define QUIET 2200 // More than two pages of times

static int64_t append_at (world_t *self, uint32_t step, int64_t offset, int64_t at_us)
{
    log_offset_t answer;
    log_append_t ask = {
        .job = self->job, .attempt = 1, .offset = offset, .step = step, .data = {"line\n", 5}, .at = at_us};
    CHECK_INT (world_ask (self, MSG_log_append, &ask, &answer), OK);
    return answer.offset;
}

static log_times_t times_from (world_t *self, int64_t offset)
{
    log_times_t times = {.attempt = 0};
    CHECK_INT (world_ask (self, MSG_log_clock, &(log_clock_t){.job = self->job, .offset = offset}, &times),
               OK);
    return times;
}

TEST_ON_ENGINES (a_time_is_kept_where_a_step_begins_and_where_a_second_has_passed)
{
    int64_t t = clock_now_us (world->clock) - SECONDS (1000);
    append_at (world, 1, 0, t);
    append_at (world, 1, 5, t + MILLISECONDS (999));
    append_at (world, 1, 10, t + SECONDS (3));
    append_at (world, 2, 15, t + SECONDS (3) + MILLISECONDS (1));
    append_at (world, 2, 20, t + SECONDS (2));    // A clock that was set back does not turn the log around
    append_at (world, 2, 25, t + SECONDS (2000)); // One that is ahead of ours counts as ours
    log_times_t times = times_from (world, 0);
    CHECK_INT (times.attempt, 1);
    CHECK_INT (times.items.count, 4);
    CHECK_INT (times.next, 0);
    CHECK_INT (times.items.items[0].offset, 0);
    CHECK_INT (times.items.items[0].at, t);
    CHECK_INT (times.items.items[1].offset, 10);
    CHECK_INT (times.items.items[1].at, t + SECONDS (3));
    CHECK_INT (times.items.items[2].offset, 15);
    CHECK_INT (times.items.items[3].offset, 25);
    CHECK (times.items.items[3].at <= clock_now_us (world->clock));
    CHECK_INT (times_from (world, 11).items.count, 2);
}

TEST_ON_ENGINES (the_times_of_a_log_come_with_its_seal_too_and_go_with_it)
{
    int64_t t = clock_now_us (world->clock) - SECONDS (1000);
    log_trailer_t rest[] = {{1, "one\n", t}, {1, "two\n", t + SECONDS (5)}, {2, "three\n", t + SECONDS (6)}};
    log_seal_t ask = {.job = world->job, .attempt = 1, .sha256 = "", .trailer = {rest, 3}, .project = ""};
    log_offset_t answer;
    done_t done;
    CHECK_INT (world_ask (world, MSG_log_seal, &ask, &answer), OK);
    log_times_t times = times_from (world, 0);
    CHECK_INT (times.items.count, 3);
    CHECK_INT (times.items.items[1].offset, 4);
    CHECK_INT (times.items.items[1].at, t + SECONDS (5));
    CHECK_INT (show_log (world).steps.items[1].at, t + SECONDS (6));
    CHECK_INT (world_ask (world, MSG_log_purge, &(log_purge_t){.jobs = {&world->job, 1}}, &done), OK);
    CHECK_INT (world_ask (world, MSG_log_clock, &(log_clock_t){.job = world->job}, &times), NOT_FOUND);
}

TEST (a_log_that_lasts_a_day_has_a_bounded_number_of_times_in_pages)
{
    world_t own, *world = &own;
    world_begin (world, NULL);
    world_start (world);
    // A quiet log first, which keeps all its times; near the day's end it prints each second, and of these few are kept
    int64_t day = SECONDS (86400), t = clock_now_us (world->clock) - 2 * day, offset = 0, next = 0;
    size_t count = 0;
    for (int64_t at = 0; at < day; offset += 5) {
        arena_reset (world->arena);
        append_at (world, 1, offset, t + at);
        at += offset / 5 < QUIET ? SECONDS (22) : SECONDS (1); // 22 s are more than 1/4096 of a day
        if (offset / 5 == QUIET)
            at = day - SECONDS (400);
    }
    do {
        arena_reset (world->arena);
        log_times_t times = times_from (world, next);
        CHECK (times.next == 0 || times.items.count == MAX_TIMES);
        count += times.items.count;
        next = times.next;
    } while (next);
    CHECK (count > QUIET + 400 / 22 && count < QUIET + 400 / 20 + 4);
    world_end (world);
}
