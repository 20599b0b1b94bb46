/* Those who follow a log see every byte of it, and what just arrived from memory, whatever the number of viewers and collectors. */

#include "tests/service/logs_reader.h"
#include "tests/service/logs_rows.h"

#define LARGE 10000 // Bytes that do not stay in the log's row

// A reader that waits at the end of the log, where `data` is then written.
static void follow (world_t *self, int64_t at, const char *data, size_t size)
{
    reader_t reader;
    reader_park (&reader, self, (log_read_t){.attempt = 1, .offset = at, .wait = 30});
    CHECK_INT (append (self, 1, at, data, size), at + (int64_t) size);
    reader_wake (&reader);
    CHECK_INT (reader.window.offset, at);
    CHECK_INT (reader.window.data.size, size);
    CHECK (memcmp (reader.window.data.data, data, size) == 0);
    arena_destroy (&reader.turn.arena);
}

static fault_t read_at (world_t *self, int64_t offset, log_window_t *window)
{
    log_read_t ask = {.job = self->job, .attempt = 1, .offset = offset};
    *window = (log_window_t){0};
    return world_ask (self, MSG_log_read, &ask, window);
}

TEST_ON_ENGINES (what_just_arrived_is_shown_from_memory_and_all_else_from_the_database)
{
    static char data[LARGE];
    log_window_t window;
    memset (data, 'a', sizeof (data));
    CHECK_INT (append (world, 1, 0, data, LARGE), LARGE); // Before anybody followed
    follow (world, LARGE, data, LARGE);
    change_rows (world, "delete from log_chunks where job = $1");
    CHECK_INT (read_at (world, LARGE, &window), OK);
    CHECK_INT (window.data.size, LARGE);
    CHECK_INT (read_at (world, 0, &window), GONE);
    world_restart (world); // Nobody follows it
    CHECK_INT (read_at (world, LARGE, &window), GONE);
}

TEST_ON_ENGINES (a_log_that_was_removed_or_has_shrunk_is_not_shown_from_memory)
{
    static char data[LARGE];
    log_window_t window;
    follow (world, 0, data, LARGE);
    change_rows (world, "update logs set size = 7 where job = $1");
    CHECK_INT (read_at (world, 0, &window), OK);
    CHECK_INT (window.size, 7);
    change_rows (world, "delete from logs where job = $1");
    CHECK_INT (read_at (world, 0, &window), OK);
    CHECK_INT (window.size, 0);
    CHECK_INT (window.data.size, 0);
}

// SQLite looks at what is owed only when it commits.
TEST (bytes_whose_commit_failed_are_not_shown_from_memory)
{
    static const char *const fails[] = {
        "create table owner (id integer primary key)",
        "create table owed (id integer references owner (id) deferrable initially deferred)",
        "create trigger fails after update on logs begin insert into owed values (1); end"};
    world_t world;
    log_window_t window;
    log_offset_t answer;
    db_t *db;
    world_begin (&world, NULL);
    world.pragma = "pragma foreign_keys = on";
    world_start (&world);
    follow (&world, 0, "one\n", 4);
    CHECK_INT (db_open (&db, world.engine, &world.turn), OK);
    for (size_t i = 0; i < sizeof (fails) / sizeof (fails[0]); i++)
        CHECK_INT (db_exec (db, &world.turn, fails[i]), OK);
    CHECK (append_as (&world, 1, 1, 4, "two\n", 4, &answer) != OK);
    CHECK_INT (db_exec (db, &world.turn, "drop trigger fails"), OK);
    CHECK_INT (append (&world, 1, 4, "2nd\n", 4), 8);
    CHECK_INT (read_at (&world, 4, &window), OK);
    CHECK_INT (window.data.size, 4);
    CHECK (memcmp (window.data.data, "2nd\n", 4) == 0);
    db_close (&db);
    world_end (&world);
}

TEST_ON_ENGINES (the_end_that_comes_with_the_seal_is_shown_and_marked_as_the_end)
{
    log_trailer_t rest[] = {{.step = 1, .text = "two\n"}, {.step = 2, .text = "three\n"}};
    log_seal_t ask = {
        .job = world->job, .attempt = 1, .sha256 = "", .trailer_offset = 2, .trailer = {rest, 2}};
    log_offset_t answer;
    log_window_t window;
    reader_t reader;
    follow (world, 0, "one\n", 4); // Of "one\n", the last two bytes come again
    rest[0].text = "e\ntwo\n";
    reader_park (&reader, world, (log_read_t){.attempt = 1, .offset = 4, .wait = 30});
    CHECK_INT (world_ask (world, MSG_log_seal, &ask, &answer), OK);
    reader_wake (&reader);
    CHECK_INT (reader.window.data.size, 10);
    CHECK (memcmp (reader.window.data.data, "two\nthree\n", 10) == 0);
    CHECK (reader.window.complete);
    CHECK_INT (reader.window.line, 2);
    arena_destroy (&reader.turn.arena);
    CHECK_INT (read_at (world, 8, &window), OK);
    CHECK_INT (window.step, 2);
    CHECK_INT (window.line, 3);
}

static uint64_t seed = 1;
static uint32_t any (uint32_t below)
{
    return test_any (&seed, below);
}

static void same_windows (world_t *followed, world_t *other, int64_t offset, uint32_t lines)
{
    log_read_t ask = {.attempt = 1, .offset = offset, .lines = lines};
    log_window_t one = read_log (followed, ask), two = read_log (other, ask);
    CHECK_INT (one.attempt, two.attempt);
    CHECK_INT (one.line, two.line);
    CHECK_INT (one.offset, two.offset);
    CHECK_INT (one.next_line, two.next_line);
    CHECK_INT (one.next_offset, two.next_offset);
    CHECK_INT (one.step, two.step);
    CHECK_INT (one.complete, two.complete);
    CHECK_INT (one.size, two.size);
    CHECK_INT (one.lines, two.lines);
    CHECK_INT (one.data.size, two.data.size);
    CHECK (one.data.size == 0 || memcmp (one.data.data, two.data.data, one.data.size) == 0);
}

static size_t any_size (void)
{
    uint32_t kind = any (40);
    return kind == 0 ? 1 + any (MAX_CHUNK) : kind < 4 ? 1 + any (90000) : 1 + any (3000);
}

static void check_end (world_t *one, world_t *two, int64_t size)
{
    for (int i = 0; i < 6; i++) {
        arena_reset (one->arena);
        arena_reset (two->arena);
        int64_t back = i ? (int64_t) any (i % 2 ? 5000 : 200000) : 0;
        same_windows (one, two, back < size ? size - back : 0, any (2) ? any (50) : 0);
    }
}

#ifdef __SANITIZE_THREAD__ // As in logs_window.c
#define PIECES 60
#else
#define PIECES 250
#endif

// Two collectors, of which only one has followers; bytes come through both.
TEST (every_window_from_memory_is_the_one_from_the_database)
{
    static char data[MAX_CHUNK];
    world_t one, two;
    int64_t size = 0;
    world_begin (&one, getenv ("OPENCICD_TEST_POSTGRES"));
    world_start (&one);
    world_begin (&two, one.engine);
    two.blobs = one.blobs;
    two.job = one.job;
    world_start (&two);
    for (uint32_t i = 0, step = 1; i < PIECES; i++, step += any (4) == 0) {
        size_t part = any_size ();
        for (size_t at = 0; at < part; at++)
            data[at] = any (30) ? (char) ('a' + any (26)) : '\n';
        uint32_t from = i >= PIECES - 50 && i % 2 ? step + i : step; // More steps than one tail keeps
        if (i == 0)
            follow (&one, 0, data, part);
        else if (any (8))
            CHECK_INT (append (&one, from, size, data, part), size + (int64_t) part);
        else
            CHECK_INT (append (&two, from, size, data, part), size + (int64_t) part);
        size += (int64_t) part;
        check_end (&one, &two, size);
    }
    CHECK_INT (seal (&two, 0, ""), OK);
    check_end (&one, &two, size);
    world_end (&two);
    world_end (&one);
}

TEST (a_follower_at_one_collector_is_woken_by_bytes_that_another_took)
{
    world_t one, two;
    reader_t reader;
    world_begin (&one, getenv ("OPENCICD_TEST_POSTGRES"));
    world_start (&one);
    world_begin (&two, one.engine);
    two.job = one.job;
    world_start (&two);
    follow (&one, 0, "one\n", 4);
    reader_park (&reader, &one, (log_read_t){.attempt = 1, .offset = 4, .wait = 30});
    CHECK_INT (append (&two, 1, 4, "two\n", 4), 8);
    actor_notified (one.actor, ""); // As what it announced is heard: somebody wrote something
    reader_wake (&reader);
    CHECK_INT (reader.window.data.size, 4);
    CHECK (memcmp (reader.window.data.data, "two\n", 4) == 0);
    arena_destroy (&reader.turn.arena);
    world_end (&two);
    world_end (&one);
}

// Whoever waits longer than its request may take would hear of a timeout, and not that nothing came.
TEST_ON_ENGINES (a_reader_that_waits_is_answered_before_its_deadline)
{
    reader_t reader;
    CHECK_INT (append (world, 1, 0, "one\n", 4), 4);
    reader_park_for (&reader, world, (log_read_t){.attempt = 1, .offset = 4, .wait = 60}, SECONDS (10));
    clock_turn (world->clock, SECONDS (10) - MILLISECONDS (100));
    reader_wake (&reader);
    CHECK_INT (reader.window.data.size, 0);
    CHECK_INT (reader.window.size, 4);
    arena_destroy (&reader.turn.arena);
}
