/* The tails of followed logs hold what came last, and no more than their bounds. */

#include "services/logs/tails.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static log_row_t row_of (const char *job, int64_t size)
{
    return (log_row_t){.job = job, .attempt = 1, .there = true, .extent = {.size = size}};
}

static size_t held (tails_t *tails, const char *job, int64_t now_us)
{
    log_row_t row;
    piece_t piece;
    marks_t marks;
    tail_t *tail = tails_find (tails, job, 1, now_us);
    if (!tail)
        return 0;
    tail_show (tail, &row, &piece, &marks);
    CHECK_INT (piece.start + (int64_t) piece.raw, row.extent.size);
    CHECK (marks.count > 0 && marks.items[0].start <= piece.start);
    return piece.raw;
}

TEST (a_tail_keeps_what_came_last_and_a_bounded_part_of_what_was_before)
{
    static char data[200000];
    tails_t *tails = tails_new ();
    log_row_t row = row_of ("j", 0);
    tails_follow (tails, &row, 1);
    tails_add (tails, &row, 0, 1, data, sizeof (data));
    CHECK_INT (held (tails, "j", 1), sizeof (data));
    tails_add (tails, &row, sizeof (data), 1, data, 10);
    CHECK_INT (held (tails, "j", 1), TAIL_KEPT + 10);
    CHECK (tail_reaches (tails_find (tails, "j", 1, 1), (int64_t) sizeof (data) + 10 - TAIL_KEPT - 10));
    CHECK (!tail_reaches (tails_find (tails, "j", 1, 1), (int64_t) sizeof (data) - TAIL_KEPT - 1));
    tails_destroy (&tails);
}

TEST (the_first_mark_of_a_tail_is_of_its_first_byte)
{
    static char data[TAIL_KEPT + 1];
    for (int more = 0; more < 2;
         more++) { // The second step begins with the first byte that is kept, or before it
        tails_t *tails = tails_new ();
        log_row_t row = row_of ("j", 0);
        piece_t piece;
        marks_t marks;
        tails_follow (tails, &row, 1);
        tails_add (tails, &row, 0, 1, data, 100);
        tails_add (tails, &row, 100, 2, data, TAIL_KEPT + more);
        tails_add (tails, &row, 100 + TAIL_KEPT + more, 3, data, 1);
        tail_show (tails_find (tails, "j", 1, 1), &row, &piece, &marks);
        CHECK_INT (piece.start, 100 + more);
        CHECK_INT (marks.count, 2);
        CHECK_INT (marks.items[0].step, 2);
        CHECK_INT (marks.items[1].step, 3);
        tails_destroy (&tails);
    }
}

TEST (a_tail_is_current_only_in_the_batch_that_saw_its_row)
{
    tails_t *tails = tails_new ();
    log_row_t row = row_of ("j", 5);
    tails_follow (tails, &row, 1);
    tail_t *tail = tails_find (tails, "j", 1, 1);
    CHECK (tail_is_current (tails, tail));
    tails_batch (tails);
    CHECK (!tail_is_current (tails, tail));
    tails_add (tails, &row, 5, 1, "x", 1);
    CHECK (tail_is_current (tails, tail));
    CHECK_INT (held (tails, "j", 1), 1);
    tails_batch (tails);
    row.extent.size = 9; // Another collector wrote
    tails_check (tails, tail, &row);
    CHECK (tail_is_current (tails, tail));
    CHECK_INT (held (tails, "j", 1), 0);
    tails_clear (tails); // The batch was undone
    CHECK (!tails_find (tails, "j", 1, 1));
    tails_destroy (&tails);
}

TEST (bytes_that_do_not_continue_a_tail_end_it)
{
    tails_t *tails = tails_new ();
    log_row_t row = row_of ("j", 5);
    tails_follow (tails, &row, 1);
    tails_add (tails, &row, 3, 1, "xyz", 3); // Two of them are known
    CHECK_INT (held (tails, "j", 1), 1);
    tails_add (tails, &row, 0, 1, "abcdef", 6);
    CHECK_INT (held (tails, "j", 1), 1);
    tails_add (tails, &row, 7, 1, "gap", 3);
    CHECK (!tails_find (tails, "j", 1, 1));
    tails_follow (tails, &row, 1);
    tails_add (tails, &row, 0, 1, "ab", 2);
    CHECK (!tails_find (tails, "j", 1, 1));
    tails_destroy (&tails);
}

TEST (the_least_recently_read_tail_makes_room_for_another_log_and_for_bytes)
{
    static char data[1 << 20];
    char job[16];
    tails_t *tails = tails_new ();
    for (int i = 0; i < TAILS_MAX + 1; i++) {
        snprintf (job, sizeof (job), "j%d", i);
        log_row_t row = row_of (job, 0);
        tails_follow (tails, &row, i);
    }
    CHECK (!tails_find (tails, "j0", 1, 0));
    CHECK (tails_find (tails, "j1", 1, 1));
    size_t all = 0;
    for (int i = 1; i < TAILS_MAX + 1; i++) {
        snprintf (job, sizeof (job), "j%d", i);
        log_row_t row = row_of (job, 0);
        tails_add (tails, &row, 0, 1, data, sizeof (data));
    }
    for (int i = 1; i < TAILS_MAX + 1; i++) {
        snprintf (job, sizeof (job), "j%d", i);
        all += held (tails, job, i);
    }
    CHECK_INT (all, TAILS_BYTES);
    CHECK_INT (held (tails, job, TAILS_MAX), sizeof (data));
    tails_idle (tails, TAIL_IDLE + TAILS_MAX);
    CHECK (!tails_find (tails, job, 1, 0));
    tails_destroy (&tails);
}

TEST (steps_that_begin_within_a_tail_are_kept_up_to_their_bound)
{
    tails_t *tails = tails_new ();
    log_row_t row = row_of ("j", 0);
    piece_t piece;
    marks_t marks;
    tails_follow (tails, &row, 1);
    for (uint32_t step = 1; step <= 100; step++) {
        tails_add (tails, &row, step - 1, step, "x", 1);
        CHECK (held (tails, "j", 1) >= 1);
        tail_show (tails_find (tails, "j", 1, 1), &row, &piece, &marks);
        for (size_t i = 0; i < marks.count; i++) // The step of each byte is its number
            CHECK_INT (marks.items[i].step, marks.items[i].start + 1);
        CHECK_INT (marks.count, piece.raw);
    }
    CHECK (!row.sealed);
    tails_seal (tails, &row);
    tail_show (tails_find (tails, "j", 1, 1), &row, &piece, &marks);
    CHECK (row.sealed);
    tails_destroy (&tails);
}
