/* Chunks: what the caches of a project have in common is stored once, counted once, and removed with the last of them. */

#include "common/base/pack.h"
#include "services/artifacts/chunk_store.h"
#include "services/artifacts/chunks.h"
#include "tests/service/artifacts/cache_play.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SIZE 400000

static cache_page_t page_of (world_t *world)
{
    cache_page_t page = {0};
    caller_t before = world->caller;
    world->caller = (caller_t){.role = ROLE_VIEWER, .subject = "vera"};
    CHECK_INT (tell (world, MSG_cache_list, &(cache_list_t){.project = "app", .key = ""}, &page), OK);
    world->caller = before;
    return page;
}

static void remove_one (world_t *world, const char *id)
{
    cache_removed_t removed = {0};
    caller_t before = world->caller;
    world->caller = (caller_t){.role = ROLE_DEVELOPER, .subject = "dora"};
    const cache_remove_t ask = {.project = "app", .cache = id, .key = "", .ref = ""};
    CHECK_INT (tell (world, MSG_cache_remove, &ask, &removed), OK);
    CHECK_INT (removed.count, 1);
    world->caller = before;
}

static void check_range (world_t *world, const char *id, const char *data, size_t from, size_t size)
{
    artifact_bytes_t bytes = {0};
    caller_t before = world->caller;
    world->caller = (caller_t){.role = ROLE_VIEWER, .subject = "signed"};
    const cache_read_t ask = {.cache = id, .offset = (int64_t) from, .size = (uint32_t) size};
    CHECK_INT (tell (world, MSG_cache_read, &ask, &bytes), OK);
    CHECK_INT (bytes.data.size, size);
    CHECK (memcmp (bytes.data.data, data + from, size) == 0);
    world->caller = before;
}

static char *noise (world_t *world, unsigned seed, size_t size)
{
    char *data = arena_alloc (world->own, size);
    for (size_t i = 0; i < size; i++)
        data[i] = (char) ((seed = seed * 1664525 + 1013904223) >> 24);
    return data;
}

// Gathered, closed.
static void finish_cache (world_t *world, const char *id, const char *key, size_t size)
{
    cache_t cache = {0};
    CHECK_INT (play_gather (world, id, "whole"), OK);
    CHECK_INT (play_close (world, key, size, &cache), OK);
    CHECK (cache.complete);
    clock_turn (world->clock, SECONDS (61));
}

static const char *save_bytes (world_t *world, const char *key, const char *data, size_t size)
{
    const char *id = play_reserve (world, key);
    CHECK_INT (play_put (world, id, "whole", data, size), OK);
    finish_cache (world, id, key, size);
    return id;
}

// Frames, as the builtin actions send them: the sizes of `ends` are where each ends.
static char *frames (world_t *world, unsigned seed, size_t count, size_t *size, size_t *ends)
{
    size_t room = count * pack_frame_bound (150000);
    char *data = arena_alloc (world->own, room);
    *size = 0;
    for (size_t i = 0; i < count; i++) {
        *size += pack_frame (data + *size, room - *size, noise (world, seed + (unsigned) i, 150000), 150000);
        ends[i] = *size;
    }
    return data;
}

TEST_ON_ENGINES (identical_bytes_of_two_caches_are_stored_once_and_go_with_the_last)
{
    char *data = arena_alloc (world->own, SIZE);
    memset (data, 'a', SIZE);
    play_as (world, "main-1");
    const char *first = play_save (world, "one", 'a', SIZE);
    play_as (world, "pull-1"); // Of whatever ref
    const char *second = play_save (world, "two", 'a', SIZE);
    cache_page_t page = page_of (world);
    CHECK_INT (page.bytes, 2 * SIZE);
    CHECK_INT (page.stored_bytes, SIZE + 2 * CHUNK_ROW);
    clock_turn (world->clock, DAY / 2);
    wait_for_blobs (world, 1); // What was written for the second is removed
    check_range (world, second, data, 3, 100);
    remove_one (world, first);
    clock_turn (world->clock, DAY / 2);
    wait_for_blobs (world, 1);
    check_range (world, second, data, 0, SIZE);
    remove_one (world, second);
    CHECK_INT (page_of (world).stored_bytes, 0);
    wait_for_blobs (world, 0);
}

TEST_ON_ENGINES (nothing_is_shared_between_projects)
{
    play_as (world, "main-1");
    play_save (world, "one", 'a', SIZE);
    play_as (world, "stranger-1");
    play_save (world, "one", 'a', SIZE);
    clock_turn (world->clock, DAY / 2);
    wait_for_blobs (world, 2);
    CHECK_INT (page_of (world).stored_bytes, SIZE + CHUNK_ROW);
}

TEST_ON_ENGINES (what_caches_have_in_common_counts_once_against_the_limit)
{
    play_as (world, "main-1");
    play_save (world, "a", 'a', SIZE);
    play_save (world, "b", 'a', SIZE);
    play_save (world, "c", 'a', SIZE); // Three times 400,000 would be more than 1,000,000
    CHECK_INT (play_listed (world, (cache_list_t){.key = ""}), 3);
    play_save (world, "d", 'd', SIZE);
    CHECK_INT (play_listed (world, (cache_list_t){.key = ""}), 4);
    play_save (world, "e", 'e', SIZE); // Only the last of the three frees their bytes
    CHECK_STR (play_find_one (world, "a"), "");
    CHECK_STR (play_find_one (world, "c"), "");
    CHECK_STR (play_find_one (world, "d"), "d");
    CHECK_STR (play_find_one (world, "e"), "e");
    CHECK_INT (page_of (world).stored_bytes, 2 * (SIZE + CHUNK_ROW));
}

TEST_ON_ENGINES (a_chunk_is_not_removed_under_a_cache_that_is_being_saved)
{
    char *data = arena_alloc (world->own, SIZE);
    memset (data, 'a', SIZE);
    play_as (world, "main-1");
    const char *first = play_save (world, "one", 'a', SIZE);
    const char *id = play_reserve (world, "two");
    CHECK_INT (play_put (world, id, "whole", data, SIZE), OK);
    remove_one (world, first);
    clock_turn (world->clock, SECONDS (300)); // The time of the first's blobs is over
    finish_cache (world, id, "two", SIZE);
    clock_turn (world->clock, DAY / 2);
    wait_for_blobs (world, 1);
    check_range (world, id, data, 0, SIZE);
}

TEST_ON_ENGINES (a_block_that_is_sent_again_leaves_nothing_of_what_it_was)
{
    char *old = noise (world, 1, SIZE), *new = noise (world, 2, SIZE);
    play_as (world, "main-1");
    const char *id = play_reserve (world, "deps");
    CHECK_INT (play_put (world, id, "whole", old, SIZE), OK);
    CHECK_INT (play_put (world, id, "whole", new, SIZE), OK);
    CHECK_INT (play_put (world, id, "unused", old, SIZE), OK);
    finish_cache (world, id, "deps", SIZE);
    clock_turn (world->clock, DAY / 2);
    check_range (world, id, new, 0, SIZE);
    CHECK_INT (page_of (world).stored_bytes, SIZE + CHUNK_ROW);
}

TEST_ON_ENGINES (frames_are_chunks_wherever_they_are_in_a_piece)
{
    size_t size, ends[3];
    char *data = frames (world, 7, 3, &size, ends);
    play_as (world, "main-1");
    save_bytes (world, "all", data, size);
    int64_t before = page_of (world).stored_bytes;
    save_bytes (world, "last", data + ends[0], size - ends[0]); // Begins elsewhere
    CHECK_INT (page_of (world).stored_bytes - before, 2 * CHUNK_ROW);
}

static copied_t copy (world_t *world, const char *to, const char *from, size_t offset, size_t size,
                      fault_t expected)
{
    copied_t out = {0};
    cache_copy_t ask = {.artifact = to,
                        .block = "whole",
                        .take = id_new (world->own, 'q', BEGINS),
                        .last = true,
                        .cache = from,
                        .offset = (int64_t) offset,
                        .size = (int64_t) size};
    CHECK_INT (tell (world, MSG_cache_copy, &ask, &out), expected);
    if (expected == OK) { // The same request again
        copied_t again = {0};
        CHECK_INT (tell (world, MSG_cache_copy, &ask, &again), OK);
        CHECK_INT (again.bytes, out.bytes);
    }
    return out;
}

TEST_ON_ENGINES (a_copy_of_whole_chunks_neither_reads_nor_writes_their_bytes)
{
    size_t size, ends[3];
    char *data = frames (world, 7, 3, &size, ends);
    play_as (world, "main-1");
    const char *old = save_bytes (world, "old", data, size), *new = play_reserve (world, "new");
    int blobs = count_blobs (world);
    CHECK_INT (copy (world, new, old, ends[0] + 1, 10, OK).skip, 10); // Within one
    CHECK_INT (copy (world, new, old, ends[0] - 5, size - ends[0] + 5, OK).skip, 5);
    CHECK_INT (copy (world, new, old, ends[0], 10, OK).skip, 10);
    copy (world, new, old, 1, size, BAD_RANGE);
    copy (world, new, new, 0, 1, CONFLICT);
    CHECK_INT (copy (world, new, old, ends[0], size - ends[0], OK).bytes, (int64_t) (size - ends[0]));
    CHECK_INT (count_blobs (world), blobs);
    finish_cache (world, new, "new", size - ends[0]);
    remove_one (world, old);
    clock_turn (world->clock, DAY / 2);
    wait_for_blobs (world, 2);
    check_range (world, new, data + ends[0], 0, size - ends[0]);
    play_as (world, "stranger-1");
    CHECK_INT (copy (world, play_reserve (world, "new"), new, 0, size - ends[0], OK).bytes, 0);
    play_as (world, "main-2");
    const char *own = play_reserve (world, "own");
    play_as (world, "main-1");
    copy (world, own, new, 0, 10, FORBIDDEN); // Another job saves it
}

TEST_ON_ENGINES (the_chunks_of_a_cache_are_listed_with_their_sums)
{
    size_t size, ends[3];
    char *data = frames (world, 7, 3, &size, ends);
    play_as (world, "main-1");
    const char *id = save_bytes (world, "all", data, size);
    chunk_page_t page = {0};
    CHECK_INT (tell (world, MSG_cache_chunks, &(cache_chunks_t){.cache = id}, &page), OK);
    CHECK_INT (page.chunks.count, 3);
    CHECK_INT (page.size, (int64_t) size);
    for (size_t i = 0; i < 3; i++) {
        size_t start = i ? ends[i - 1] : 0;
        CHECK_INT (page.chunks.items[i].offset, (int64_t) start);
        CHECK_INT (page.chunks.items[i].size, (int64_t) (ends[i] - start));
        CHECK_STR (page.chunks.items[i].sha256, sum_of (world->own, data + start, ends[i] - start));
    }
    const cache_chunks_t rest = {.cache = id, .offset = (int64_t) ends[1]};
    CHECK_INT (tell (world, MSG_cache_chunks, &rest, &page), OK);
    CHECK_INT (page.chunks.count, 1);
}

// However a client frames what it sends: as many rows as its bytes allow.
TEST (a_piece_of_tiny_frames_has_no_more_chunks_than_its_size_allows)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    chunk_list_t chunks;
    blob_t *blob;
    char folder[] = "/tmp/chunks-XXXXXX", *data = arena_alloc (arena, MAX_PART);
    size_t size = 0;
    turn_init (&turn, arena, "test", 0);
    CHECK (mkdtemp (folder) != NULL);
    CHECK_INT (blob_open (&blob, arena_printf (arena, "dir:%s", folder), &turn), OK);
    while (size + 2 * CUT_LEAST < MAX_PART) { // A tiny frame, then what is none
        size += pack_frame (data + size, MAX_PART - size, "x", 1);
        memset (data + size, 'x', CUT_LEAST);
        size += CUT_LEAST;
    }
    blob_keys_taken_t keys = {arena_array (arena, CHUNKS_OF (size), sizeof (char *)), CHUNKS_OF (size), 0};
    for (size_t i = 0; i < keys.count; i++)
        keys.items[i] = arena_printf (arena, "k/%zu", i);
    CHECK_INT (chunks_write (&turn, blob, data, size, &keys, &chunks), OK);
    CHECK (chunks.count <= keys.count);
    int64_t total = 0;
    for (size_t i = 0; i < chunks.count; i++)
        total += chunks.items[i].bytes;
    CHECK_INT (total, (int64_t) size);
    blob_close (&blob);
    arena_destroy (&arena);
}

// ---- harm ----

TEST_ON_ENGINES (bytes_whose_blob_is_lost_can_be_saved_anew)
{
    cache_t cache = {0};
    const rows_t *rows;
    char *data = noise (world, 3, 100000);
    play_as (world, "main-1");
    save_bytes (world, "one", data, 100000);
    CHECK_INT (db_query (world->db, &world->turn, "select blob from cache_chunks", &rows), OK);
    const char *path = arena_printf (world->own, "%s/blobs/%s", world->folder, rows_str (rows, 0, 0));
    CHECK_INT (unlink (path), 0);
    const char *id = play_reserve (world, "two");
    CHECK_INT (play_put (world, id, "whole", data, 100000), OK);
    CHECK_INT (play_gather (world, id, "whole"), BROKEN);
    CHECK_INT (play_close (world, "two", 100000, &cache), CONFLICT); // Nothing half is found
    id = play_reserve (world, "two");
    CHECK_INT (play_put (world, id, "whole", data, 100000), OK);
    finish_cache (world, id, "two", 100000);
    check_range (world, id, data, 0, 100000);
}

typedef struct {
    world_t *world;
    replica_t *replica;
    const char *job;
    int rounds, saved;
} saver_t;

static fault_t tell_as (saver_t *self, turn_t *turn, uint16_t number, const void *ask, void *answer)
{
    turn->caller = (caller_t){.role = ROLE_JOB, .subject = self->job, .attempt = 1};
    turn->deadline_us = clock_now_us (self->world->clock) + SECONDS (30);
    turn->detail = NULL;
    return bus_client_call (self->replica->client, turn, number, ask, answer);
}

// Saves the same bytes as the other thread does, and drops them by beginning anew, which makes the hold of both come and go.
static void *save_again_and_again (void *self_)
{
    saver_t *self = self_;
    char data[200000];
    memset (data, 's', sizeof data);
    for (int i = 0; i < self->rounds; i++) {
        arena_t *arena = arena_new ();
        turn_t turn;
        cache_t cache = {0};
        const char *block = "whole";
        turn_init (&turn, arena, arena_printf (arena, "%s-%d", self->job, i), BEGINS);
        cache_reserve_t reserve = {.job = self->job, .attempt = 1, .key = self->job, .version = VERSION};
        fault_t fault = tell_as (self, &turn, MSG_cache_reserve, &reserve, &cache);
        artifact_block_t put = {.artifact = fault == OK ? arena_strdup (arena, cache.id) : "k",
                                .block = block,
                                .take = id_new (arena, 'q', BEGINS),
                                .last = true,
                                .data = {data, sizeof data}};
        if (fault == OK)
            fault = tell_as (self, &turn, MSG_artifact_block, &put, &(done_t){0});
        artifact_gather_t gather = {.artifact = put.artifact,
                                    .list = sum_of (arena, block, strlen (block) + 1),
                                    .blocks = {&block, 1},
                                    .last = true};
        if (fault == OK) // What was held can be read: it is, for the sum
            fault = tell_as (self, &turn, MSG_artifact_gather, &gather, &(gathered_t){0});
        CHECK (fault == OK || fault == UNAVAILABLE || fault == CONFLICT);
        self->saved += fault == OK;
        arena_destroy (&arena);
    }
    return NULL;
}

TEST_ON_ENGINES (two_replicas_save_and_drop_the_same_bytes_at_once_and_none_loses_them)
{
    const rows_t *rows;
    pthread_t threads[2];
    replica_start (world, &world->two);
    saver_t savers[2] = {{world, &world->one, "main-1", 40, 0}, {world, &world->two, "main-2", 40, 0}};
    for (int i = 0; i < 2; i++)
        CHECK_INT (pthread_create (&threads[i], NULL, save_again_and_again, &savers[i]), 0);
    for (int i = 0; i < 2; i++)
        pthread_join (threads[i], NULL);
    CHECK (savers[0].saved > 20 && savers[1].saved > 20);
    clock_turn (world->clock, SECONDS (7200));
    wait_for_blobs (world, 0); // Both were reserved only, and are idle
    CHECK_INT (db_query (world->db, &world->turn,
                         "select (select count(*) from cache_chunks), (select count(*) from upload_chunks)",
                         &rows),
               OK);
    CHECK_INT (rows_i64 (rows, 0, 0), 0);
    CHECK_INT (rows_i64 (rows, 0, 1), 0);
}
