/* Logs whose segments are in a bucket: read and searched with few requests, never lost where it fails, never waited for by who appends. */

#include "services/logs/log_store.h"
#include "tests/service/logs_reader.h"
#include "tests/service/logs_rows.h"

static void begin_bucket (world_t *world, test_store_t *store)
{
    world_stop (world);
    test_store_begin (store, STORE_PLAYED);
    world->bucket = store;
    world_start (world);
}

static void end_bucket (world_t *world, test_store_t *store)
{
    world_stop (world);
    world->bucket = NULL;
    test_store_end (store);
    world_start (world);
}

static int64_t count_matches (world_t *world, const char *pattern)
{
    log_matches_t matches = {0};
    log_search_t ask = {.job = world->job, .pattern = pattern, .line = 1, .limit = 10};
    CHECK_INT (world_ask (world, MSG_log_search, &ask, &matches), OK);
    return matches.count;
}

TEST_ON_ENGINES (a_log_in_a_bucket_is_read_and_searched_with_few_requests)
{
    test_store_t store;
    size_t size = SEGMENT_MAX + 3000000;
    char *log = make_log (size);
    begin_bucket (world, &store);
    append_all (world, log, size, 100000);
    CHECK_INT (seal (world, (int64_t) size, sum_of (world, log, size)), OK);
    wait_for (world, chunks, 0);
    CHECK_INT (ask_number (world, segments), s3_peer_objects (store.peer));
    size_t before = s3_peer_requests (store.peer, "GET");
    check_whole (world, log, size);
    size_t windows = size / MAX_CHUNK + 2, reads = s3_peer_requests (store.peer, "GET") - before;
    CHECK (reads >= 2 && reads <= 2 * windows); // One, or two where a window reaches into the next segment
    before = s3_peer_requests (store.peer, "GET");
    CHECK_INT (count_matches (world, "no such text anywhere"), 0);
    reads = s3_peer_requests (store.peer, "GET") - before;
    CHECK (reads >= 2 && reads <= 2 * windows);
    world_restart (world);
    check_whole (world, log, size);
    end_bucket (world, &store);
    free (log);
}

TEST_ON_ENGINES (a_bucket_that_fails_leaves_logs_whole_and_gets_them_later)
{
    static const s3_peer_harm_t harms[] = {S3_ERROR_500, S3_DENIED, S3_CUT, S3_CUT_ANSWERS, S3_FULL};
    test_store_t store;
    size_t size = 600000;
    char *log = make_log (size);
    begin_bucket (world, &store);
    for (size_t i = 0; i < sizeof harms / sizeof *harms; i++) {
        world->job = id_new (world->own, 'j', (int64_t) i + 1);
        s3_peer_harm (store.peer, harms[i], "PUT", 1000000);
        append_all (world, log, size, MAX_CHUNK);
        CHECK_INT (seal (world, (int64_t) size, sum_of (world, log, size)), OK);
        check_whole (world, log, size);
        CHECK (ask_number (world, chunks) > 0);
        s3_peer_harm (store.peer, S3_WELL, "", 0);
        wait_for (world, chunks, 0);
        check_whole (world, log, size);
    }
    end_bucket (world, &store);
    free (log);
}

TEST_ON_ENGINES (who_appends_does_not_wait_for_a_bucket_that_is_silent)
{
    test_store_t store;
    reader_t readers[3];
    size_t size = 600000;
    char *log = make_log (size);
    begin_bucket (world, &store);
    append_all (world, log, size, MAX_CHUNK);
    CHECK_INT (seal (world, (int64_t) size, sum_of (world, log, size)), OK);
    wait_for (world, chunks, 0);
    size_t before = s3_peer_requests (store.peer, "GET");
    s3_peer_delay (store.peer, 60000);
    for (int i = 0; i < 3; i++)
        reader_start (&readers[i], world, (log_read_t){.line = 1, .lines = (uint32_t) i + 1}); // Each its own
    int64_t until_us = test_until_us ();
    while (s3_peer_requests (store.peer, "GET") < before + 3 && clock_monotonic_us () < until_us)
        sched_yield ();
    world->job = id_new (world->own, 'j', 7);
    int64_t begun_us = clock_monotonic_us ();
    append_all (world, log, size, 100000); // Chunks are packed by helper threads
    CHECK (clock_monotonic_us () - begun_us <
           SECONDS (9)); // Until a silent request is given up ten have passed
    s3_peer_delay (store.peer, 0);
    for (int i = 0; i < 3; i++) {
        reader_end (&readers[i]);
        arena_destroy (&readers[i].turn.arena);
    }
    end_bucket (world, &store);
    free (log);
}

TEST_ON_ENGINES (segments_of_several_logs_are_put_at_once)
{
    test_store_t store;
    size_t size = 300000;
    char *log = make_log (size);
    begin_bucket (world, &store);
    s3_peer_delay (store.peer, 100);
    for (int i = 0; i < 8; i++) {
        world->job = id_new (world->own, 'j', i + 1);
        append_all (world, log, size, MAX_CHUNK);
        CHECK_INT (seal (world, (int64_t) size, sum_of (world, log, size)), OK);
    }
    int64_t until_us = test_until_us ();
    while (s3_peer_objects (store.peer) < 8) {
        CHECK (clock_monotonic_us () < until_us);
        clock_turn (world->clock, SECONDS (1));
        arena_reset (world->arena);
        read_log (world, (log_read_t){.lines = 1});
    }
    CHECK (s3_peer_at_once (store.peer) >= 3);
    end_bucket (world, &store);
    free (log);
}

TEST_ON_ENGINES (logs_that_are_old_go_from_the_bucket_in_batches)
{
    test_store_t store;
    size_t size = 600000;
    char *log = make_log (size);
    world->retention_days = 30;
    begin_bucket (world, &store);
    for (int i = 0; i < 3; i++) {
        world->job = id_new (world->own, 'j', i + 1);
        append_all (world, log, size, MAX_CHUNK);
        CHECK_INT (seal (world, (int64_t) size, sum_of (world, log, size)), OK);
        wait_for (world, chunks, 0);
    }
    clock_turn (world->clock, SECONDS (86400) * 31);
    world->job = id_new (world->own, 'j', 9);
    append (world, 1, 0, "young\n", 6);
    int64_t until_us = test_until_us ();
    while (s3_peer_objects (store.peer) > 0) {
        CHECK (clock_monotonic_us () < until_us);
        clock_turn (world->clock, SECONDS (60));
        arena_reset (world->arena);
        read_log (world, (log_read_t){0});
    }
    CHECK (s3_peer_requests (store.peer, "POST") > 0); // One request for several
    CHECK (s3_peer_requests (store.peer, "POST") + s3_peer_requests (store.peer, "DELETE") < 3);
    end_bucket (world, &store);
    free (log);
}
