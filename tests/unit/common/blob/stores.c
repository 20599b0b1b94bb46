/* stores.c - what holds for every blob store: the same table on a directory, on the played S3 server, and on a real one where there is one. */

#include "tests/http/stores.h"

#include "common/base/sha256.h"
#include "common/http/http_client.h"
#include "tests/unit/test.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    test_store_t store;
    arena_t *arena;
    turn_t turn;
    blob_t *blob;
} store_world_t;

static void on_each_store (void (*test) (store_world_t *world))
{
    for (store_kind_t kind = 0; kind < STORES; kind++) {
        if (!store_is_there (kind))
            continue;
        store_world_t world = {.arena = arena_new ()};
        turn_init (&world.turn, world.arena, "test", 1);
        test_store_begin (&world.store, kind);
        world.blob = test_store_open (&world.store);
        test (&world);
        blob_close (&world.blob);
        test_store_end (&world.store);
        arena_destroy (&world.arena);
    }
}

static void check_put (store_world_t *world, const char *key, const char *text)
{
    CHECK_INT (blob_put (world->blob, &world->turn, key, text, strlen (text)), OK);
}

static void offsets (store_world_t *world)
{
    char bytes[8] = "";
    size_t got;
    uint64_t size;
    CHECK_INT (blob_put (world->blob, &world->turn, "log/a/0001", "hel\0o", 5), OK);
    CHECK_INT (blob_size (world->blob, &world->turn, "log/a/0001", &size), OK);
    CHECK_INT (size, 5);
    CHECK_INT (blob_get (world->blob, &world->turn, "log/a/0001", 1, bytes, 3, &got), OK);
    CHECK_INT (got, 3);
    CHECK (memcmp (bytes, "el\0", 3) == 0);
    CHECK_INT (blob_get (world->blob, &world->turn, "log/a/0001", 4, bytes, 8, &got), OK);
    CHECK_INT (got, 1);
    CHECK_INT (blob_get (world->blob, &world->turn, "log/a/0001", 5, bytes, 8, &got), OK);
    CHECK_INT (got, 0);
    CHECK_INT (blob_get (world->blob, &world->turn, "log/a/0001", UINT64_MAX, bytes, 8, &got), OK);
    CHECK_INT (got, 0);
    CHECK_INT (blob_get (world->blob, &world->turn, "log/a/0001", 0, bytes, 0, &got), OK);
    CHECK_INT (got, 0);
    CHECK_INT (blob_delete (world->blob, &world->turn, "log/a/0001"), OK);
    CHECK_INT (blob_delete (world->blob, &world->turn, "log/a/0001"), OK);
    CHECK_INT (blob_get (world->blob, &world->turn, "log/a/0001", 0, bytes, 8, &got), NOT_FOUND);
    CHECK_STR (world->turn.detail, "no such blob: log/a/0001");
    CHECK_INT (blob_size (world->blob, &world->turn, "log/a", &size), NOT_FOUND);
}

TEST (a_blob_is_read_back_from_any_offset_of_any_store)
{
    on_each_store (offsets);
}

static void put_again (store_world_t *world)
{
    check_put (world, "a", "one");
    check_put (world, "a", "one");
    if (world->store.kind != STORE_REAL) { // Swift, for one, knows no If-None-Match and overwrites
        CHECK_INT (blob_put (world->blob, &world->turn, "a", "two", 3), CONFLICT);
        CHECK_INT (blob_put (world->blob, &world->turn, "a", "ones", 4), CONFLICT);
    }
    CHECK_INT (blob_put (world->blob, &world->turn, "f/b", "", 0), OK);
    CHECK_INT (blob_put (world->blob, &world->turn, "f/b", NULL, 0), OK);
    char bytes[8];
    size_t got;
    CHECK_INT (blob_get (world->blob, &world->turn, "a", 0, bytes, 8, &got), OK);
    CHECK (got == 3 && memcmp (bytes, "one", 3) == 0);
    CHECK_INT (blob_get (world->blob, &world->turn, "f/b", 0, bytes, 8, &got), OK);
    CHECK_INT (got, 0);
}

TEST (any_store_takes_the_same_bytes_again)
{
    on_each_store (put_again);
}

static void many_ranges (store_world_t *world)
{
    blob_range_t ranges[40];
    char keys[40][8], bytes[40][4];
    for (int i = 0; i < 40; i++) {
        snprintf (keys[i], sizeof keys[i], "k%d", i);
        if (i != 7 && i != 9)
            check_put (world, keys[i], keys[i]);
        ranges[i] = (blob_range_t){.key = keys[i], .offset = 1, .into = bytes[i], .size = sizeof bytes[i]};
    }
    CHECK_INT (blob_get_many (world->blob, &world->turn, ranges, 40), NOT_FOUND);
    CHECK_STR (world->turn.detail, "no such blob: k7");
    for (int i = 0; i < 40; i++) {
        bool absent = i == 7 || i == 9;
        CHECK_INT (ranges[i].fault, absent ? NOT_FOUND : OK);
        CHECK_INT (ranges[i].got, absent ? 0 : strlen (keys[i]) - 1);
        CHECK (memcmp (bytes[i], keys[i] + 1, ranges[i].got) == 0);
    }
    CHECK_INT (blob_get_many (world->blob, &world->turn, ranges, BLOB_MANY_MAX + 1), TOO_LARGE);
}

TEST (many_ranges_of_any_store_are_read_in_one_call_each_with_its_fault)
{
    on_each_store (many_ranges);
}

static void delete_some (store_world_t *world)
{
    const char *keys[] = {"d/1", "d/2", "absent", "d/3"};
    fault_t faults[4];
    uint64_t size;
    for (int i = 0; i < 4; i++)
        if (i != 2)
            check_put (world, keys[i], "bytes");
    check_put (world, "d/4", "stays");
    CHECK_INT (blob_delete_many (world->blob, &world->turn, keys, 4, faults), OK);
    for (int i = 0; i < 4; i++) {
        CHECK_INT (faults[i], OK);
        CHECK_INT (blob_size (world->blob, &world->turn, keys[i], &size), NOT_FOUND);
    }
    CHECK_INT (blob_size (world->blob, &world->turn, "d/4", &size), OK);
    CHECK_INT (blob_delete_many (world->blob, &world->turn, keys, 0, faults), OK);
}

TEST (several_blobs_of_any_store_are_removed_in_one_call)
{
    on_each_store (delete_some);
}

static char *pattern_new (size_t size, const char **sum, arena_t *arena)
{
    char *bytes = malloc (size + 1);
    uint64_t seed = size + 1;
    sha256_t sha;
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char) test_any (&seed, 256);
    sha256_init (&sha);
    sha256_add (&sha, bytes, size);
    *sum = sha256_hex (&sha, arena);
    return bytes;
}

static void check_written (store_world_t *world, const char *key, size_t size)
{
    const char *sum;
    blob_writer_t *writer;
    uint64_t stored;
    char *bytes = pattern_new (size, &sum, world->arena), *back = malloc (size + 1);
    CHECK_INT (blob_writer_new (&writer, world->blob, &world->turn, key), OK);
    for (size_t at = 0; at < size; at += 1000003)
        CHECK_INT (blob_write (writer, &world->turn, bytes + at, size - at < 1000003 ? size - at : 1000003),
                   OK);
    CHECK_INT (blob_size (world->blob, &world->turn, key, &stored), NOT_FOUND); // Not before its end
    CHECK_INT (blob_writer_end (writer, &world->turn, sum), OK);
    blob_writer_destroy (&writer);
    CHECK_INT (blob_size (world->blob, &world->turn, key, &stored), OK);
    CHECK_INT (stored, size);
    size_t got;
    CHECK_INT (blob_get (world->blob, &world->turn, key, 0, back, size + 1, &got), OK);
    CHECK (got == size && memcmp (back, bytes, size) == 0);
    free (bytes);
    free (back);
}

static void write_in_pieces (store_world_t *world)
{
    check_written (world, "w/empty", 0);
    check_written (world, "w/small", 10);
    check_written (world, "w/part", 8 << 20);
    check_written (world, "w/more", (8 << 20) + 1);
    check_written (world, "w/rounds", (70 << 20) + 12345);
}

TEST (a_blob_of_any_size_is_written_in_pieces_to_any_store)
{
    on_each_store (write_in_pieces);
}

static void drop_writers (store_world_t *world)
{
    const char *sum;
    blob_writer_t *writer;
    uint64_t size;
    char *bytes = pattern_new (40 << 20, &sum, world->arena);
    CHECK_INT (blob_writer_new (&writer, world->blob, &world->turn, "half"), OK);
    CHECK_INT (blob_write (writer, &world->turn, bytes, 35 << 20), OK);
    blob_writer_destroy (&writer);
    CHECK_INT (blob_size (world->blob, &world->turn, "half", &size), NOT_FOUND);
    CHECK_INT (blob_writer_new (&writer, world->blob, &world->turn, "other"), OK);
    CHECK_INT (blob_write (writer, &world->turn, bytes, 39 << 20), OK);
    CHECK_INT (blob_writer_end (writer, &world->turn, sum), INVALID);
    blob_writer_destroy (&writer);
    CHECK_INT (blob_size (world->blob, &world->turn, "other", &size), NOT_FOUND);
    free (bytes);
}

TEST (nothing_stays_in_any_store_of_what_was_not_written_to_its_end_or_has_another_sum)
{
    on_each_store (drop_writers);
}

static void check_state (store_world_t *world)
{
    CHECK_INT (blob_check (world->blob, &world->turn), OK);
    CHECK_INT (blob_ready (world->blob, &world->turn), OK);
    if (world->store.peer)
        CHECK_INT (s3_peer_objects (world->store.peer), 0); // It has removed what it wrote
}

TEST (any_store_that_works_passes_its_check_and_is_ready)
{
    on_each_store (check_state);
}

static void follow_link (store_world_t *world)
{
    const char *url;
    http_answer_t answer;
    const blob_link_t link = {.key = "l/1", .name = "a b.zip", .type = "application/zip", .seconds = 60};
    check_put (world, "l/1", "bytes");
    CHECK_INT (blob_link (world->blob, &world->turn, &link, &url), OK);
    CHECK ((url != NULL) == (world->store.kind != STORE_DIRECTORY));
    if (!url)
        return;
    http_client_t *client = http_client_new (NULL);
    CHECK_INT (http_client_send (client, &world->turn, &(http_request_t){.url = url}, &answer), OK);
    CHECK_INT (answer.status, 200);
    CHECK_STR (answer.body, "bytes");
    http_client_destroy (&client);
}

TEST (any_store_that_gives_an_address_of_a_blob_serves_it_there)
{
    on_each_store (follow_link);
}

static void *put_same (void *world_)
{
    store_world_t *world = world_;
    arena_t *arena = arena_new ();
    turn_t turn;
    intptr_t fault;
    turn_init (&turn, arena, "test", 1);
    fault = (intptr_t) blob_put (world->blob, &turn, "same", "bytes", 5);
    arena_destroy (&arena);
    return (void *) fault;
}

static void race (store_world_t *world)
{
    pthread_t threads[8];
    for (int i = 0; i < 8; i++)
        CHECK_INT (pthread_create (&threads[i], NULL, put_same, world), 0);
    for (int i = 0; i < 8; i++) {
        void *fault;
        pthread_join (threads[i], &fault);
        CHECK_INT ((intptr_t) fault, OK);
    }
}

TEST (threads_that_put_the_same_bytes_at_once_into_any_store_all_succeed)
{
    on_each_store (race);
}
