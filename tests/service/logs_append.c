/* Bytes are taken once, in order, and what was acknowledged outlives the collector. */

#include "services/logs/grow.h"
#include "tests/service/logs_rows.h"

TEST_ON_ENGINES (a_piece_that_continues_is_acknowledged_to_its_end)
{
    CHECK_INT (append (world, 0, 0, "one\n", 4), 4);
    CHECK_INT (append (world, 0, 4, "two\n", 4), 8);
    check_whole (world, "one\ntwo\n", 8);
}

TEST_ON_ENGINES (an_overlap_is_dropped_and_a_gap_sends_its_sender_back)
{
    log_offset_t answer;
    CHECK_INT (append (world, 0, 0, "abcdef", 6), 6);
    CHECK_INT (append (world, 0, 0, "abcdef", 6), 6);
    CHECK_INT (append (world, 0, 2, "cd", 2), 6);
    CHECK_INT (append (world, 0, 4, "efgh", 4), 8);
    CHECK_INT (append_as (world, 1, 0, 9, "never", 5, &answer), BAD_RANGE);
    CHECK (strstr (world->turn.detail, "has 8 bytes"));
    CHECK_INT (append_as (world, 2, 0, 1, "of a log that there is not", 26, &answer), BAD_RANGE);
    CHECK_INT (append (world, 0, 8, "", 0), 8);
    check_whole (world, "abcdefgh", 8);
}

TEST_ON_ENGINES (an_empty_piece_at_the_beginning_is_answered_with_where_the_log_ends)
{
    CHECK_INT (append (world, 0, 0, "", 0), 0);
    CHECK_INT (append (world, 0, 0, "abcdef", 6), 6);
    CHECK_INT (append (world, 0, 0, "", 0), 6);
    check_whole (world, "abcdef", 6);
}

TEST_ON_ENGINES (a_collector_that_lost_the_end_of_a_log_asks_for_it_again)
{
    log_offset_t answer;
    CHECK_INT (append (world, 1, 0, "one\n", 4), 4);
    change_rows (world, "create table kept as select * from logs where job = $1");
    CHECK_INT (append (world, 1, 4, "two\n", 4), 8);
    change_rows (world, "delete from logs where job = $1"); // The database comes back from a backup
    change_rows (world, "insert into logs select * from kept where job = $1");
    change_rows (world, "drop table kept");
    CHECK_INT (append_as (world, 1, 1, 8, "three\n", 6, &answer), BAD_RANGE);
    CHECK_INT (show_log (world).size, 4);
    CHECK_INT (append (world, 1, 4, "two\nthree\n", 10), 14);
    check_whole (world, "one\ntwo\nthree\n", 14);
    change_rows (world, "delete from logs where job = $1"); // All of it
    CHECK_INT (append_as (world, 1, 1, 14, "four\n", 5, &answer), BAD_RANGE);
    CHECK_INT (append (world, 1, 0, "one\ntwo\nthree\nfour\n", 19), 19);
}

TEST_ON_ENGINES (a_log_ends_at_its_limit)
{
    log_offset_t answer;
    CHECK_INT (append (world, 1, 0, "one\n", 4), 4);
    change_rows (world, "update logs set size = 8589934588 where job = $1"); // 8 GiB but for 4 bytes
    CHECK_INT (append_as (world, 1, 1, LOG_MAX - 4, "12345", 5, &answer), TOO_LARGE);
    CHECK (strstr (world->turn.detail, "at most 8589934592 bytes"));
    CHECK_INT (append_as (world, 1, 1, INT64_MAX, "1", 1, &answer), TOO_LARGE);
    log_trailer_t rest = {.step = 1, .text = "12345"};
    log_seal_t ask = {
        .job = world->job, .attempt = 1, .sha256 = "", .trailer_offset = LOG_MAX - 4, .trailer = {&rest, 1}};
    CHECK_INT (world_ask (world, MSG_log_seal, &ask, &answer), TOO_LARGE);
    CHECK_INT (append (world, 1, LOG_MAX - 4, "1234", 4), LOG_MAX);
}

TEST_ON_ENGINES (pieces_of_every_size_and_a_restart_between_any_two_lose_no_byte)
{
    static const size_t sizes[] = {1,     0,      4095,    1,  1,    5000,    65536,
                                   65537, 300000, 1 << 20, 12, 4096, 1 << 20, 7};
    size_t total = 0, at = 0;
    for (size_t i = 0; i < sizeof (sizes) / sizeof (sizes[0]); i++)
        total += sizes[i];
    char *log = malloc (total);
    for (size_t i = 0; i < total; i++)
        log[i] = i % 61 == 60 ? '\n' : (char) ('a' + i * i % 26);
    for (size_t i = 0; i < sizeof (sizes) / sizeof (sizes[0]); i++) {
        arena_reset (world->arena);
        CHECK_INT (append (world, (uint32_t) i, (int64_t) at, log + at, sizes[i]), at + sizes[i]);
        at += sizes[i];
        world_restart (world);
        check_whole (world, log, at);
    }
    CHECK_INT (seal (world, (int64_t) total, sum_of (world, log, total)), OK);
    check_whole (world, log, total);
    free (log);
}

TEST_ON_ENGINES (a_job_writes_only_its_own_log)
{
    static const struct {
        role_t role;
        bool own;
        uint32_t attempt;
        fault_t fault;
    } rows[] = {
        {ROLE_JOB, true, 1, OK},          {ROLE_JOB, true, 2, FORBIDDEN},    {ROLE_JOB, false, 1, FORBIDDEN},
        {ROLE_ADMIN, true, 1, FORBIDDEN}, {ROLE_NOBODY, true, 1, FORBIDDEN},
    };
    for (size_t i = 0; i < sizeof (rows) / sizeof (rows[0]); i++) {
        log_offset_t answer;
        log_append_t ask = {.job = world->job, .attempt = 1, .data = {"x", 1}};
        world->turn.caller = (caller_t){
            .role = rows[i].role, .subject = rows[i].own ? world->job : "j0", .attempt = rows[i].attempt};
        world->turn.deadline_us = clock_now_us (world->clock) + SECONDS (30);
        CHECK_INT (bus_client_call (world->client, &world->turn, MSG_log_append, &ask, &answer),
                   rows[i].fault);
    }
}

TEST_ON_ENGINES (each_attempt_has_a_log_and_the_latest_is_shown)
{
    log_offset_t answer;
    CHECK_INT (append_as (world, 1, 1, 0, "first\n", 6, &answer), OK);
    CHECK_INT (append_as (world, 2, 1, 0, "second\n", 7, &answer), OK);
    CHECK_INT (append_as (world, 1, 1, 6, "late\n", 5, &answer), OK);
    log_window_t window = read_log (world, (log_read_t){0});
    CHECK_INT (window.attempt, 2);
    CHECK_INT (window.size, 7);
    CHECK_INT (read_log (world, (log_read_t){.attempt = 1}).size, 11);
}

TEST_ON_ENGINES (a_seal_checks_size_and_checksum_and_may_be_repeated)
{
    const char *sum = sum_of (world, "hello\n", 6);
    CHECK_INT (append (world, 1, 0, "hello\n", 6), 6);
    CHECK_INT (seal (world, 7, sum), BAD_RANGE);
    CHECK_INT (seal (world, 5, sum), BAD_RANGE);
    CHECK_INT (seal (world, 6, sum_of (world, "hallo\n", 6)), INVALID);
    CHECK_INT (seal (world, 6, "HELLO"), INVALID);
    CHECK_INT (seal (world, 6, sum), OK);
    CHECK_INT (seal (world, 6, sum), OK);
    CHECK_INT (seal (world, 7, sum), CONFLICT);
    CHECK_INT (seal (world, 6, sum_of (world, "hallo\n", 6)), INVALID);
    log_info_t info = show_log (world);
    CHECK (info.sealed);
    CHECK_STR (info.sha256, sum);
}

TEST_ON_ENGINES (only_a_service_seals_a_log_without_its_checksum)
{
    log_offset_t answer;
    log_seal_t ask = {.job = world->job, .attempt = 1, .sha256 = ""};
    CHECK_INT (append (world, 1, 0, "hello\n", 6), 6);
    world->turn.caller = (caller_t){.role = ROLE_JOB, .subject = world->job, .attempt = 1};
    world->turn.deadline_us = clock_now_us (world->clock) + SECONDS (30);
    CHECK_INT (bus_client_call (world->client, &world->turn, MSG_log_seal, &ask, &answer), INVALID);
    CHECK (!show_log (world).sealed);
    CHECK_INT (seal (world, 0, ""), OK);
    CHECK (show_log (world).sealed);
}

TEST_ON_ENGINES (an_attempt_that_never_logged_is_sealed_empty_and_takes_nothing_afterwards)
{
    log_offset_t answer;
    CHECK_INT (seal (world, 0, ""), OK);
    CHECK_INT (seal (world, 0, ""), OK);
    CHECK (read_log (world, (log_read_t){.attempt = 1}).complete);
    CHECK_INT (append_as (world, 1, 1, 0, "late\n", 5, &answer), CONFLICT);
    CHECK (strstr (world->turn.detail, "sealed at 0 bytes"));
    CHECK_INT (append_as (world, 1, 1, 5, "later\n", 6, &answer), CONFLICT);
    CHECK_INT (show_log (world).size, 0);
}

TEST_ON_ENGINES (a_sealed_log_takes_nothing_but_says_so_kindly_to_a_repeat)
{
    log_offset_t answer;
    CHECK_INT (append (world, 1, 0, "hello\n", 6), 6);
    CHECK_INT (seal (world, 0, ""), OK);
    CHECK_INT (append_as (world, 1, 1, 0, "hello\n", 6, &answer), OK);
    CHECK (answer.sealed);
    CHECK_INT (answer.offset, 6);
    CHECK_INT (append_as (world, 1, 1, 6, "\n", 1, &answer), CONFLICT);
    CHECK_INT (append_as (world, 1, 1, 6, "more\n", 5, &answer), CONFLICT);
    CHECK_INT (append_as (world, 1, 1, 9, "more\n", 5, &answer), CONFLICT);
    check_whole (world, "hello\n", 6);
}

// The last word with the end of the log: two steps of it.
static fault_t seal_with (world_t *self, int64_t offset, const char *first, const char *second,
                          const char *whole)
{
    log_trailer_t rest[] = {{.step = 2, .text = first}, {.step = 3, .text = second}};
    log_seal_t ask = {.job = self->job,
                      .attempt = 1,
                      .size = (int64_t) strlen (whole),
                      .sha256 = sum_of (self, whole, strlen (whole)),
                      .trailer_offset = offset,
                      .trailer = {rest, 2}};
    log_offset_t answer = {0};
    fault_t fault = world_ask (self, MSG_log_seal, &ask, &answer);
    CHECK (fault || (answer.sealed && answer.offset == ask.size));
    return fault;
}

TEST_ON_ENGINES (the_end_of_a_log_may_come_with_its_seal)
{
    CHECK_INT (append (world, 1, 0, "one\n", 4), 4);
    CHECK_INT (seal_with (world, 5, "two\n", "three\n", "one\ntwo\nthree\n"), BAD_RANGE);
    CHECK (strstr (world->turn.detail, "its trailer begins at 5"));
    CHECK_INT (seal_with (world, 4, "two\n", "three", "one\ntwo\nthree\n"), BAD_RANGE);
    CHECK_INT (seal_with (world, 4, "two\n", "threE\n", "one\ntwo\nthree\n"), INVALID);
    CHECK (!show_log (world).sealed && show_log (world).size == 4);
    CHECK_INT (seal_with (world, 4, "two\n", "three\n", "one\ntwo\nthree\n"), OK);
    CHECK_INT (seal_with (world, 4, "two\n", "three\n", "one\ntwo\nthree\n"), OK); // Said again
    check_whole (world, "one\ntwo\nthree\n", 14);
    log_info_t info = show_log (world);
    CHECK (info.sealed);
    CHECK_INT (info.steps.count, 3);
    for (size_t i = 0; i < 3; i++) {
        CHECK_INT (info.steps.items[i].step, i + 1);
        CHECK_INT (info.steps.items[i].offset, 4 * i);
        CHECK_INT (info.steps.items[i].first_line, i + 1);
        CHECK_INT (info.steps.items[i].lines, 1);
    }
}

TEST_ON_ENGINES (what_is_known_of_the_end_is_left_out)
{
    CHECK_INT (append (world, 2, 0, "one\ntw", 6), 6);
    CHECK_INT (seal_with (world, 0, "one\n", "two\n", "one\ntwo\n"), OK);
    check_whole (world, "one\ntwo\n", 8);
}

TEST_ON_ENGINES (an_end_that_is_long_for_a_seal_is_refused)
{
    char first[MAX_TRAILER + 1] = "", whole[MAX_TRAILER + 8] = "";
    memset (first, 'a', MAX_TRAILER);
    snprintf (whole, sizeof (whole), "%sb", first);
    CHECK_INT (seal_with (world, 0, first, "b", whole), TOO_LARGE);
    whole[MAX_TRAILER] = first[MAX_TRAILER - 1] = '\0';
    whole[MAX_TRAILER - 1] = 'b';
    CHECK_INT (seal_with (world, 0, first, "b", whole), OK);
    check_whole (world, whole, MAX_TRAILER);
}

TEST_ON_ENGINES (a_job_that_printed_nothing_is_sealed_too)
{
    CHECK_INT (seal (world, 0, sum_of (world, "", 0)), OK);
    CHECK (show_log (world).sealed);
    CHECK (read_log (world, (log_read_t){0}).complete);
    CHECK_INT (seal (world, 0, ""), OK);
}

TEST_ON_ENGINES (a_log_without_a_row_is_empty_to_read_and_not_found_to_show)
{
    log_info_t info;
    log_matches_t matches;
    CHECK_INT (read_log (world, (log_read_t){0}).size, 0);
    CHECK_INT (world_ask (world, MSG_log_show, &(log_show_t){.job = world->job}, &info), NOT_FOUND);
    CHECK_INT (
        world_ask (world, MSG_log_search, &(log_search_t){.job = world->job, .pattern = "x"}, &matches),
        NOT_FOUND);
}

TEST_ON_ENGINES (wrong_numbers_are_refused)
{
    log_offset_t answer;
    log_window_t window;
    CHECK_INT (append_as (world, 0, 1, 0, "x", 1, &answer), BAD_INPUT);
    CHECK (append_as (world, 1, 1, -1, "x", 1, &answer) != OK);
    CHECK (world_ask (world, MSG_log_read, &(log_read_t){.job = world->job, .offset = -5}, &window) != OK);
    CHECK (world_ask (world, MSG_log_read, &(log_read_t){.job = world->job, .line = -5}, &window) != OK);
}
