/* Artifacts whose parts are in a bucket: through whatever goes wrong there, read ahead, swept in batches. */

#include "common/base/clock.h"
#include "tests/service/artifacts/world.h"

#include <string.h>

static void begin_bucket (world_t *world, test_store_t *store)
{
    replica_stop (&world->one);
    test_store_begin (store, STORE_PLAYED);
    world->bucket = store;
    replica_start (world, &world->one);
}

static void end_bucket (world_t *world, test_store_t *store)
{
    replica_stop (&world->one);
    world->bucket = NULL;
    test_store_end (store);
    replica_start (world, &world->one);
}

TEST_ON_ENGINES (an_artifact_goes_through_a_bucket_that_fails_now_and_then)
{
    static const s3_peer_harm_t harms[] = {S3_ERROR_500, S3_SLOW_DOWN, S3_CUT,
                                           S3_CUT_AFTER, S3_NO_XML,    S3_EXPIRED};
    test_store_t store;
    begin_bucket (world, &store);
    for (size_t i = 0; i < sizeof harms / sizeof *harms; i++) {
        load_t load = i == 0 ? load_new (world, 1) : load_small (world, (unsigned) i);
        s3_peer_harm (store.peer, harms[i], "PUT", harms[i] == S3_EXPIRED ? 0 : 2);
        const char *id = upload (world, &load, arena_printf (world->own, "n%zu", i), false);
        s3_peer_harm (store.peer, harms[i] == S3_CUT_AFTER ? S3_CUT_BODY : harms[i], "GET",
                      harms[i] == S3_EXPIRED ? 0 : 2);
        check_bytes (world, id, &load);
    }
    end_bucket (world, &store);
}

TEST_ON_ENGINES (a_download_reads_ahead_so_that_most_windows_ask_the_bucket_for_nothing)
{
    test_store_t store;
    static const int64_t sizes[FILES] = {0, 10, 20000000, 0, 12000000};
    begin_bucket (world, &store);
    s3_peer_delay (store.peer, 20);
    load_t load = load_of (world, 3, sizes);
    const char *id = upload (world, &load, "big", false);
    size_t before = s3_peer_requests (store.peer, "GET"), windows = load.size / MAX_CHUNK + 1, asked = 0;
    for (size_t at = 0; at < load.size; at += MAX_CHUNK) {
        artifact_bytes_t bytes;
        size_t requests = s3_peer_requests (store.peer, "GET");
        arena_reset (world->arena);
        CHECK_INT (tell (world, MSG_artifact_read, &(artifact_read_t){.artifact = id, .offset = (int64_t) at},
                         &bytes),
                   OK);
        CHECK_INT (bytes.data.size, load.size - at < MAX_CHUNK ? load.size - at : MAX_CHUNK);
        CHECK (memcmp (bytes.data.data, load.bytes + at, bytes.data.size) == 0);
        asked += s3_peer_requests (store.peer, "GET") != requests;
    }
    CHECK (asked <= windows / 6 + 2);
    CHECK (s3_peer_requests (store.peer, "GET") - before <= windows + 2); // And nothing is fetched twice
    CHECK (s3_peer_at_once (store.peer) > 1);
    end_bucket (world, &store);
}

TEST_ON_ENGINES (a_damaged_object_is_named_and_no_wrong_byte_is_given)
{
    test_store_t store;
    artifact_bytes_t bytes;
    begin_bucket (world, &store);
    load_t load = load_small (world, 1);
    const char *id = upload (world, &load, "app", false);
    char key[600];
    CHECK (s3_peer_key (store.peer, 0));
    strncpy (key, s3_peer_key (store.peer, 0), sizeof key - 1);
    key[sizeof key - 1] = 0;
    CHECK (s3_peer_damage (store.peer, key));
    fault_t fault = tell (world, MSG_artifact_read, &(artifact_read_t){.artifact = id}, &bytes);
    if (fault == OK) // What is stored as it is has no check of its own: its reader has the sum
        CHECK (memcmp (bytes.data.data, load.bytes, load.size) != 0);
    else
        CHECK (strstr (world->turn.detail, "lost or damaged uploads/"));
    end_bucket (world, &store);
}

static void sweep_to (world_t *world, test_store_t *store, size_t left)
{
    int64_t until_us = test_until_us ();
    while (s3_peer_objects (store->peer) != left) {
        CHECK (clock_monotonic_us () < until_us);
        clock_turn (world->clock, SECONDS (60));
        arena_reset (world->arena);
        (void) count_listed (world, (artifact_list_t){.limit = 1});
    }
}

TEST_ON_ENGINES (what_a_lost_answer_or_a_kill_left_in_the_bucket_is_swept)
{
    test_store_t store;
    artifact_t artifact;
    begin_bucket (world, &store);
    load_t load = load_small (world, 1), other = load_small (world, 2);
    const char *kept = upload (world, &other, "kept", false);
    CHECK_INT (begin (world, &load, "app", false, &artifact), OK);
    const char *id = arena_strdup (world->own, artifact.id);
    s3_peer_harm (store.peer, S3_CUT_AFTER, "PUT", 1);
    CHECK_INT (put (world, id, &load, 0, &artifact), OK);
    size_t whole = s3_peer_objects (store.peer);
    s3_peer_harm (store.peer, S3_CUT_ANSWERS, "", 1000000);
    CHECK_INT (begin (world, &load, "more", false, &artifact), OK);
    CHECK (put (world, arena_strdup (world->own, artifact.id), &load, 0, &artifact) != OK);
    CHECK_INT (s3_peer_objects (store.peer), whole + 1);
    replica_stop (&world->one); // As if it were killed: what is under way is known by rows alone
    s3_peer_harm (store.peer, S3_WELL, "", 0);
    replica_start (world, &world->one);
    sweep_to (world, &store, whole);
    check_bytes (world, kept, &other);
    end_bucket (world, &store);
}
