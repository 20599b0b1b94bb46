/* What steps wrote as their summaries: kept by step and attempt, written by the job alone and until its log is sealed, gone with that log. */

#include "tests/service/logs_words.h"

#include <string.h>

static fault_t put_as (world_t *self, role_t role, uint32_t attempt, uint32_t step, const char *text)
{
    done_t done;
    summary_put_t ask = {.job = self->job, .attempt = attempt, .step = step, .data = {text, strlen (text)}};
    self->turn.caller = (caller_t){.role = role, .subject = self->job, .attempt = 1};
    self->turn.deadline_us = clock_now_us (self->clock) + SECONDS (30);
    return bus_client_call (self->client, &self->turn, MSG_summary_put, &ask, &done);
}

static fault_t put (world_t *self, uint32_t step, const char *text)
{
    return put_as (self, ROLE_JOB, 1, step, text);
}

static summaries_t list (world_t *self)
{
    summaries_t list = {.attempt = 0};
    CHECK_INT (world_ask (self, MSG_summary_list, &(summary_list_t){.job = self->job}, &list), OK);
    return list;
}

static fault_t read_step (world_t *self, uint32_t step, const char **out)
{
    summary_text_t text = {0};
    fault_t fault =
        world_ask (self, MSG_summary_read, &(summary_read_t){.job = self->job, .step = step}, &text);
    *out = fault ? "" : arena_strndup (self->arena, text.data.data, text.data.size);
    return fault;
}

TEST_ON_ENGINES (a_summary_is_kept_by_step_and_a_later_one_of_the_same_step_replaces_it)
{
    const char *text;
    CHECK_INT (list (world).items.count, 0);
    CHECK_INT (read_step (world, 1, &text), NOT_FOUND);
    CHECK_INT (put (world, 3, "# Three"), OK);
    CHECK_INT (put (world, 1, "# One"), OK);
    CHECK_INT (put (world, 3, "# Three, again"), OK);
    summaries_t all = list (world);
    CHECK_INT (all.attempt, 1);
    CHECK_INT (all.items.count, 2);
    CHECK_INT (all.items.items[0].step, 1);
    CHECK_INT (all.items.items[1].size, 14);
    CHECK_INT (read_step (world, 3, &text), OK);
    CHECK_STR (text, "# Three, again");
}

TEST_ON_ENGINES (only_the_job_itself_in_its_attempt_writes_a_summary_and_only_until_its_log_is_sealed)
{
    CHECK_INT (put_as (world, ROLE_ADMIN, 1, 1, "x"), FORBIDDEN);
    CHECK_INT (put_as (world, ROLE_JOB, 2, 1, "x"), FORBIDDEN);
    CHECK_INT (put (world, 1, ""), BAD_INPUT);
    CHECK_INT (put (world, 1, "x"), OK);
    CHECK_INT (append (world, 1, 0, "log\n", 4), 4);
    CHECK_INT (seal (world, 0, ""), OK);
    CHECK_INT (put (world, 2, "late"), CONFLICT);
    CHECK_INT (list (world).items.count, 1);
}

TEST_ON_ENGINES (the_latest_attempt_that_has_a_summary_is_shown)
{
    const char *text;
    done_t done;
    summary_put_t second = {.job = world->job, .attempt = 2, .step = 1, .data = {"second", 6}};
    CHECK_INT (put (world, 1, "first"), OK);
    CHECK_INT (world_ask (world, MSG_summary_put, &second, &done), OK);
    CHECK_INT (list (world).attempt, 2);
    CHECK_INT (read_step (world, 1, &text), OK);
    CHECK_STR (text, "second");
}

TEST_ON_ENGINES (an_attempt_keeps_the_summaries_of_twenty_steps)
{
    for (uint32_t step = 1; step <= MAX_SUMMARIES; step++)
        CHECK_INT (put (world, step, "x"), OK);
    CHECK_INT (put (world, 99, "one more"), OVERLOADED);
    CHECK_INT (put (world, 7, "in its own place"), OK);
}

TEST_ON_ENGINES (summaries_go_with_the_log)
{
    done_t done;
    CHECK_INT (append (world, 1, 0, "log\n", 4), 4);
    CHECK_INT (put (world, 1, "x"), OK);
    CHECK_INT (world_ask (world, MSG_log_purge, &(log_purge_t){.jobs = {&world->job, 1}}, &done), OK);
    CHECK_INT (list (world).items.count, 0);
}
