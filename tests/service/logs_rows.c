/* Two collectors and one row: who comes second changes nothing; and rows that are missing are never passed over. */

#include "services/logs/archive_store.h"
#include "tests/service/logs_words.h"

// Another collector's connection, and what it read of the log.
typedef struct {
    db_t *db;
    turn_t turn;
    log_row_t row;
} other_t;

static void other_begin (other_t *self, world_t *world)
{
    turn_init (&self->turn, arena_new (), "other", clock_now_us (world->clock));
    CHECK_INT (db_open (&self->db, world->engine, &self->turn), OK);
    CHECK_INT (log_store_find (self->db, &self->turn, world->job, 1, &self->row), OK);
}

static void other_end (other_t *self)
{
    db_close (&self->db);
    arena_destroy (&self->turn.arena);
}

static void change_rows (world_t *world, const char *sql)
{
    other_t other;
    other_begin (&other, world);
    CHECK_INT (db_exec (other.db, &other.turn, sql, P_STR (world->job)), OK);
    other_end (&other);
}

static bool is_due (world_t *world)
{
    const rows_t *rows;
    other_t other;
    other_begin (&other, world);
    CHECK_INT (
        db_query (other.db, &other.turn, "select due from logs where job = $1", &rows, P_STR (world->job)),
        OK);
    bool due = rows_i64 (rows, 0, 0) != 0;
    other_end (&other);
    return due;
}

TEST_ON_ENGINES (a_writer_that_read_a_log_before_it_grew_or_was_sealed_writes_nothing)
{
    char data[] = "of the other\n";
    for (int sealed = 0; sealed < 2; sealed++) {
        other_t other;
        bool done = true;
        world->job = id_new (world->own, 'j', sealed);
        append (world, 1, 0, "one\n", 4);
        other_begin (&other, world);
        if (sealed)
            CHECK_INT (seal (world, 0, ""), OK);
        else
            append (world, 1, 4, "two\n", 4);
        growth_t growth = {.arena = other.turn.arena, .was = other.row.extent, .is = other.row.extent};
        growth.data = data;
        growth.size = sizeof (data) - 1;
        growth.step = 1;
        log_grow (&growth);
        CHECK_INT (log_store_change (other.db, &other.turn, &other.row, &growth, NULL, &done), OK);
        CHECK (!done);
        check_whole (world, "one\ntwo\n", sealed ? 4 : 8);
        other_end (&other);
    }
}

TEST_ON_ENGINES (the_second_of_two_that_begin_a_log_writes_nothing)
{
    other_t other;
    bool done = true;
    other_begin (&other, world);
    CHECK (!other.row.there);
    append (world, 1, 0, "one\n", 4);
    growth_t growth = {.arena = other.turn.arena, .data = "two\n", .size = 4, .step = 1};
    growth.is.sha = other.row.extent.sha;
    log_grow (&growth);
    CHECK_INT (log_store_change (other.db, &other.turn, &other.row, &growth, NULL, &done), OK);
    CHECK (!done);
    check_whole (world, "one\n", 4);
    other_end (&other);
}

// Two segments of the same stretch, made by two collectors.
TEST_ON_ENGINES (of_two_segments_of_the_same_stretch_the_first_is_kept)
{
    char log[10000];
    other_t other;
    pieces_t chunks;
    bool done;
    memset (log, 'a', sizeof (log));
    append_all (world, log, sizeof (log), 5000);
    other_begin (&other, world);
    CHECK_INT (archive_store_chunks (other.db, &other.turn, &other.row, &chunks), OK);
    CHECK_INT (chunks.count, 2);
    unsigned char frame[FRAME_SIZE];
    const char *blobs[] = {arena_printf (world->own, "logs/%s-1", world->job),
                           arena_printf (world->own, "logs/%s-2", world->job)};
    segment_t first = {.blob = blobs[0], .raw = 5000, .frames = frame, .frames_size = sizeof (frame)};
    segment_t second = first;
    second.blob = blobs[1];
    frame_put (frame, &chunks.items[0]);
    for (int i = 0; i < 2; i++)
        CHECK_INT (archive_store_discard (other.db, &other.turn, blobs[i], NEVER), OK);
    CHECK_INT (archive_store_take (other.db, &other.turn, &other.row, &first, &done), OK);
    CHECK (done);
    CHECK_INT (archive_store_take (other.db, &other.turn, &other.row, &second, &done), OK);
    CHECK (!done);
    const rows_t *rows;
    CHECK_INT (
        db_query (other.db, &other.turn,
                  "select l.archived, l.loose, s.blob, g.blob from logs l, log_segments s, log_garbage g"
                  " where l.job = $1 and s.job = l.job and g.blob in ($2, $3)",
                  &rows, P_STR (world->job), P_STR (blobs[0]), P_STR (blobs[1])),
        OK);
    CHECK_INT (rows_count (rows), 1);
    CHECK_INT (rows_i64 (rows, 0, 0), 5000);
    CHECK_INT (rows_i64 (rows, 0, 1), 5000);
    CHECK_STR (rows_str (rows, 0, 2), blobs[0]);
    CHECK_STR (rows_str (rows, 0, 3), blobs[1]); // Its blob stays on the list
    other_end (&other);
}

TEST_ON_ENGINES (what_became_due_meanwhile_stays_due)
{
    char log[6000];
    other_t other;
    memset (log, 'a', sizeof (log));
    append (world, 1, 0, log, sizeof (log));
    other_begin (&other, world); // A collector that finds nothing to archive
    change_rows (world, "update logs set sealed = 1, due = 1 where job = $1"); // Another one seals
    CHECK_INT (archive_store_not_due (other.db, &other.turn, &other.row), OK);
    CHECK (is_due (world));
    change_rows (world, "update logs set sealed = 0, loose = loose + 5000 where job = $1"); // Or appends
    CHECK_INT (archive_store_not_due (other.db, &other.turn, &other.row), OK);
    CHECK (is_due (world));
    change_rows (world, "update logs set loose = loose - 5000 where job = $1");
    CHECK_INT (archive_store_not_due (other.db, &other.turn, &other.row), OK);
    CHECK (!is_due (world));
    other_end (&other);
}

static fault_t read_whole (world_t *world, log_window_t *window)
{
    return world_ask (world, MSG_log_read, &(log_read_t){.job = world->job}, window);
}

TEST_ON_ENGINES (a_hole_in_a_log_is_gone_and_never_filled_with_other_bytes)
{
    static const char *const holes[] = {
        "delete from log_chunks where job = $1 and start = 0",
        "delete from log_chunks where job = $1 and start = 262144",
        "delete from log_chunks where job = $1 and start = 524288",
    };
    static char log[700000];
    log_window_t window;
    for (size_t i = 0; i < sizeof (log); i++)
        log[i] = i % 80 == 79 ? '\n' : (char) ('a' + i / 80 % 26);
    for (size_t i = 0; i < sizeof (holes) / sizeof (holes[0]); i++) {
        world->job = id_new (world->own, 'j', (int64_t) i);
        append (world, 1, 0, log, sizeof (log));
        CHECK_INT (read_whole (world, &window), OK);
        change_rows (world, holes[i]);
        CHECK_INT (read_whole (world, &window), GONE);
        log_matches_t matches;
        log_search_t ask = {.job = world->job, .pattern = "a"};
        CHECK_INT (world_ask (world, MSG_log_search, &ask, &matches), GONE);
    }
}

// The last piece reaches further past the window than the hole is long.
TEST_ON_ENGINES (a_small_hole_in_a_large_window_is_noticed_too)
{
    static char log[1200000];
    log_window_t window;
    memset (log, 'a', sizeof (log));
    append (world, 1, 0, log, 5000);
    append (world, 1, 5000, log, 5000);
    append (world, 1, 10000, log, MAX_CHUNK);
    append (world, 1, 10000 + MAX_CHUNK, log, 100000);
    CHECK_INT (read_whole (world, &window), OK);
    CHECK_INT (window.data.size, MAX_CHUNK);
    change_rows (world, "delete from log_chunks where job = $1 and start = 5000");
    CHECK_INT (read_whole (world, &window), GONE);
}
