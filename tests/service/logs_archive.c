/* What is sealed or old moves to the blob store, what is older goes, and a full disk loses nothing. */

#include "services/logs/grow.h"
#include "services/logs/log_store.h"
#include "tests/service/logs_rows.h"

TEST_ON_ENGINES (a_small_log_never_leaves_its_row)
{
    append (world, 1, 0, "hello\n", 6);
    CHECK_INT (seal (world, 0, ""), OK);
    CHECK_INT (ask_number (world, chunks), 0);
    CHECK_INT (ask_number (world, segments), 0);
    CHECK_INT (count_blobs (world), 0);
    check_whole (world, "hello\n", 6);
    char *log = make_log (LOG_INLINE + 1); // As long as a row holds, and a byte more
    for (size_t more = 0; more < 2; more++) {
        world->job = id_new (world->own, 'j', (int64_t) more + 1);
        append (world, 1, 0, log, LOG_INLINE + more);
        CHECK_INT (ask_number (world, chunks), (int64_t) more);
        check_whole (world, log, LOG_INLINE + more);
    }
    free (log);
}

TEST_ON_ENGINES (many_small_pieces_become_few_frames_of_one_segment)
{
    size_t size = 1000000;
    char *log = make_log (size);
    append_all (world, log, size, 5000);
    CHECK (ask_number (world, chunks) > 100);
    CHECK_INT (seal (world, (int64_t) size, sum_of (world, log, size)), OK);
    wait_by (world, 0, chunks, 0); // At once
    CHECK_INT (ask_number (world, segments), 1);
    CHECK_INT (ask_number (world, "select length (frames) from log_segments where job = $1"), 4 * 12);
    CHECK_INT (count_blobs (world), 1);
    check_whole (world, log, size);
    free (log);
}

static void do_sql (world_t *self, const char *sql)
{
    db_t *db;
    CHECK_INT (db_open (&db, self->engine, &self->turn), OK);
    CHECK_INT (db_exec (db, &self->turn, sql), OK);
    db_close (&db);
}

// As a reader meets it who looked at the chunks just before they moved, and at the segments just after.
TEST_ON_ENGINES (what_is_in_chunks_and_in_a_segment_is_read_once)
{
    size_t size = 1000000;
    char *log = make_log (size);
    append_all (world, log, size, 5000);
    do_sql (world, "create table moved as select * from log_chunks");
    CHECK_INT (seal (world, (int64_t) size, sum_of (world, log, size)), OK);
    wait_for (world, chunks, 0);
    do_sql (world, "insert into log_chunks select * from moved where start > 300000");
    do_sql (world, "drop table moved");
    change_rows (world, "update logs set loose = 1 where job = $1");
    CHECK (ask_number (world, chunks) > 0 && ask_number (world, segments) == 1);
    check_whole (world, log, size);
    free (log);
}

TEST_ON_ENGINES (a_log_that_grows_is_archived_meanwhile_and_after_a_restart)
{
    size_t size = 30 << 20, half = size / 2;
    char *log = make_log (size);
    append_all (world, log, half, MAX_CHUNK);
    world_restart (world);
    for (size_t at = half; at < size; at += MAX_CHUNK) {
        arena_reset (world->arena);
        append (world, 1, (int64_t) at, log + at, size - at < MAX_CHUNK ? size - at : MAX_CHUNK);
    }
    CHECK_INT (seal (world, (int64_t) size, sum_of (world, log, size)), OK);
    wait_for (world, chunks, 0);
    CHECK_INT (ask_number (world, segments), count_blobs (world));
    check_whole (world, log, size);
    free (log);
}

TEST_ON_ENGINES (a_blob_store_that_fails_leaves_the_log_whole_and_is_tried_again)
{
    size_t size = 600000;
    char *log = make_log (size);
    const char *folder = arena_printf (world->own, "%s/blobs/logs", world->folder);
    FILE *file = fopen (folder, "w"); // A file where the folder shall be
    CHECK (file && fclose (file) == 0);
    append_all (world, log, size, MAX_CHUNK);
    CHECK_INT (seal (world, (int64_t) size, sum_of (world, log, size)), OK);
    for (int i = 0; i < 20; i++) {
        clock_turn (world->clock, SECONDS (1));
        check_whole (world, log, size);
    }
    CHECK (ask_number (world, chunks) > 0);
    CHECK (remove (folder) == 0);
    wait_for (world, chunks, 0);
    check_whole (world, log, size);
    free (log);
}

TEST_ON_ENGINES (what_is_left_beyond_a_full_segment_of_a_log_that_ended_is_archived_too)
{
    size_t size = SEGMENT_MAX + 600000;
    char *log = make_log (size);
    const char *folder = arena_printf (world->own, "%s/blobs/logs", world->folder);
    FILE *file = fopen (folder, "w"); // Until it has ended nothing of it can be archived
    CHECK (file && fclose (file) == 0);
    append_all (world, log, size, MAX_CHUNK);
    CHECK_INT (seal (world, (int64_t) size, sum_of (world, log, size)), OK);
    CHECK (remove (folder) == 0);
    wait_for (world, chunks, 0);
    CHECK_INT (ask_number (world, segments), 2);
    free (log);
}

// The first log has a chunk that no collector can read; the second is whole.
TEST_ON_ENGINES (a_log_that_cannot_be_archived_holds_up_no_other)
{
    size_t size = 600000;
    char *log = make_log (size);
    append_all (world, log, size, 5000);
    change_rows (world, "update log_chunks set data = substr (data, 1, 4) where job = $1 and start = 5000");
    CHECK_INT (seal (world, 0, ""), OK);
    world->job =
        id_new (world->own, 'j', WORLD_BEGINS + SECONDS (9)); // Sealed at the same time, and next in order
    append_all (world, log, size, MAX_CHUNK);
    CHECK_INT (seal (world, 0, ""), OK);
    wait_for (world, chunks, 0);
    check_whole (world, log, size);
    free (log);
}

TEST_ON_ENGINES (bytes_after_a_hole_are_not_archived_in_place_of_it)
{
    size_t size = 1000000, hole = 2 * 262144;
    char *log = make_log (size);
    append_all (world, log, size, MAX_CHUNK);
    change_rows (world, "delete from log_chunks where job = $1 and start = 524288");
    CHECK_INT (seal (world, 0, ""), OK);
    wait_for (world, "select due from logs where job = $1", 0);
    CHECK_INT (ask_number (world, "select archived from logs where job = $1"), (int64_t) hole);
    CHECK_INT (ask_number (world, chunks), 1);
    log_read_t ask = {.job = world->job, .offset = 786432};
    log_window_t window = read_log (world, ask);
    CHECK_INT (window.data.size, size - 786432);
    CHECK (memcmp (window.data.data, log + 786432, window.data.size) == 0);
    ask.offset = 0;
    CHECK_INT (world_ask (world, MSG_log_read, &ask, &window), GONE);
    free (log);
}

TEST (a_full_disk_refuses_bytes_loses_none_and_recovers)
{
    world_t world;
    size_t size = 8 << 20, at = 0;
    unsigned seed = 1;
    char *log = malloc (size);
    for (size_t i = 0; i < size; i++)
        log[i] = (char) ((seed = seed * 1664525 + 1013904223) >> 24);
    world_begin (&world, NULL);
    world.pragma = "pragma max_page_count = 800";
    world_start (&world);
    log_offset_t answer;
    fault_t fault = OK;
    while (at < size && fault == OK) {
        arena_reset (world.arena);
        fault = append_as (&world, 1, 1, (int64_t) at, log + at, at % 3 ? 300000 : 40001, &answer);
        at = fault ? at : (size_t) answer.offset;
    }
    CHECK_INT (fault, NO_SPACE);
    CHECK (at > 0);
    check_whole (&world, log, at);
    world.pragma = NULL; // There is room again
    world_restart (&world);
    check_whole (&world, log, at);
    CHECK_INT (append (&world, 1, (int64_t) at, log + at, 300000), at + 300000);
    at += 300000;
    CHECK_INT (seal (&world, (int64_t) at, sum_of (&world, log, at)), OK);
    world_end (&world);
    free (log);
}

TEST (two_collectors_share_a_log_and_lose_nothing)
{
    world_t one, two;
    size_t size = 12 << 20, at = 0;
    char *log = make_log (size);
    world_begin (&one, getenv ("OPENCICD_TEST_POSTGRES"));
    world_start (&one);
    world_begin (&two, one.engine);
    two.blobs = one.blobs;
    two.job = one.job;
    world_start (&two);
    for (unsigned i = 0; at < size; i++) {
        size_t part = i % 5 == 0 ? 300 : 400000;
        arena_reset (one.arena);
        arena_reset (two.arena);
        part = size - at < part ? size - at : part;
        CHECK_INT (append (i % 2 ? &one : &two, 1, (int64_t) at, log + at, part), at + part);
        CHECK_INT (append (i % 3 ? &one : &two, 1, (int64_t) at, log + at, part), at + part); // Again
        at += part;
    }
    check_whole (&one, log, size);
    check_whole (&two, log, size);
    CHECK_INT (seal (&two, (int64_t) size, sum_of (&two, log, size)), OK);
    wait_for (&one, chunks, 0);
    check_whole (&one, log, size);
    world_end (&two);
    world_end (&one);
    free (log);
}
