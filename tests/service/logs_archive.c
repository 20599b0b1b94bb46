/* What is sealed or old moves to the blob store, what is older goes, and a full disk loses nothing. */

#include "tests/service/logs_words.h"

static int blobs_seen;

static int visit (const char *path, const struct stat *stat, int kind, struct FTW *walk)
{
    (void) stat, (void) walk;
    blobs_seen += kind == FTW_F && strstr (path, "/blobs/logs/") != NULL;
    return 0;
}

static int count_blobs (world_t *self)
{
    blobs_seen = 0;
    nftw (self->folder, visit, 16, FTW_PHYS);
    return blobs_seen;
}

static int64_t ask_number (world_t *self, const char *sql)
{
    const rows_t *rows;
    db_t *db;
    CHECK_INT (db_open (&db, self->engine, &self->turn), OK);
    CHECK_INT (db_query (db, &self->turn, sql, &rows, P_STR (self->job)), OK);
    int64_t number = rows_i64 (rows, 0, 0);
    db_close (&db);
    return number;
}

// Lets the collector tick until the number is as wanted.
static void wait_for (world_t *self, const char *sql, int64_t wanted)
{
    int64_t until = clock_monotonic_us () + SECONDS (20);
    while (ask_number (self, sql) != wanted) {
        CHECK (clock_monotonic_us () < until);
        clock_turn (self->clock, SECONDS (1));
        arena_reset (self->arena);
        read_log (self, (log_read_t){.lines = 1});
    }
}

static const char chunks[] = "select count (*) from log_chunks where job = $1";
static const char segments[] = "select count (*) from log_segments where job = $1";
static const char rows_left[] = "select count (*) from logs where job = $1";

static char *make_log (size_t size)
{
    char *log = malloc (size);
    for (size_t i = 0; i < size; i++)
        log[i] = i % 80 == 79 ? '\n' : (char) ('a' + i * 7 / 80 % 26);
    return log;
}

TEST_ON_ENGINES (a_small_log_never_leaves_its_row)
{
    append (world, 1, 0, "hello\n", 6);
    CHECK_INT (seal (world, 0, ""), OK);
    CHECK_INT (ask_number (world, chunks), 0);
    CHECK_INT (ask_number (world, segments), 0);
    CHECK_INT (count_blobs (world), 0);
    check_whole (world, "hello\n", 6);
}

TEST_ON_ENGINES (many_small_pieces_become_few_frames_of_one_segment)
{
    size_t size = 1000000;
    char *log = make_log (size);
    append_all (world, log, size, 5000);
    CHECK (ask_number (world, chunks) > 100);
    CHECK_INT (seal (world, (int64_t) size, sum_of (world, log, size)), OK);
    wait_for (world, chunks, 0);
    CHECK_INT (ask_number (world, segments), 1);
    CHECK_INT (ask_number (world, "select length (frames) from log_segments where job = $1"), 4 * 12);
    CHECK_INT (count_blobs (world), 1);
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

TEST_ON_ENGINES (logs_that_are_old_go_with_their_blobs)
{
    size_t size = 600000;
    char *log = make_log (size);
    const char *old = world->job;
    world->retention_days = 30;
    world_restart (world);
    append_all (world, log, size, MAX_CHUNK);
    CHECK_INT (seal (world, 0, ""), OK);
    wait_for (world, chunks, 0);
    clock_turn (world->clock, SECONDS (86400) * 29);
    world->job = id_new (world->own, 'j', 9);
    append (world, 1, 0, "young\n", 6);
    CHECK_INT (count_blobs (world), 1);
    clock_turn (world->clock, SECONDS (86400) * 2);
    world->job = old;
    wait_for (world, rows_left, 0);
    CHECK_INT (ask_number (world, segments), 0);
    int64_t until = clock_monotonic_us () + SECONDS (20);
    while (count_blobs (world) > 0) {
        CHECK (clock_monotonic_us () < until);
        clock_turn (world->clock, SECONDS (60));
        arena_reset (world->arena);
        read_log (world, (log_read_t){0});
    }
    world->job = id_new (world->own, 'j', 9);
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
