/* bench-blobs - what a far bucket costs: each kind of work one request at a time, and as the services do it, with 0, 5 and 50 ms put in between.
 *
 * A row is a kind of work at one distance: seconds of the one, seconds of the other, their ratio. Prints; judges nothing. */

#include "common/base/clock.h"
#include "common/base/sha256.h"
#include "common/blob/blob_ahead.h"
#include "tests/bench/delay.h"
#include "tests/http/stores.h"
#include "tests/unit/test.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RANGES      64
#define RANGE_BYTES (64 << 10)
#define PUTS        48
#define PUT_BYTES   (256 << 10)
#define PUTTERS     12 // As many threads as the artifacts service has
#define WHOLE       (32 << 20)

typedef struct {
    blob_t *blob;
    arena_t *arena;
    turn_t turn;
    char *bytes; // WHOLE
    unsigned serial;
} bench_t;

static const char *new_key (bench_t *self)
{
    return arena_printf (self->arena, "b/%u", self->serial++);
}

static void put_one (bench_t *self, const char *key, size_t size)
{
    CHECK_INT (blob_put (self->blob, &self->turn, key, self->bytes, size), OK);
}

// ---- one request at a time, and as it is done

static void get_each (bench_t *self, const blob_range_t *ranges, size_t count)
{
    char *room = malloc (RANGE_BYTES);
    for (size_t i = 0; i < count; i++) {
        size_t got;
        CHECK_INT (
            blob_get (self->blob, &self->turn, ranges[i].key, ranges[i].offset, room, ranges[i].size, &got),
            OK);
        CHECK_INT (got, ranges[i].size);
    }
    free (room);
}

static void get_ahead (bench_t *self, const blob_range_t *ranges, size_t count)
{
    blob_ahead_t ahead = blob_ahead_begin (self->blob, ranges, count);
    const char *bytes;
    for (size_t i = 0; i < count; i++)
        CHECK_INT (blob_ahead_next (&ahead, &self->turn, &bytes), OK);
    blob_ahead_end (&ahead);
}

typedef struct {
    bench_t *bench;
    const char *keys[PUTS];
    size_t count;
    pthread_t thread;
    fault_t fault;
} putter_t;

static void *put_some (void *self_)
{
    putter_t *self = self_;
    turn_t turn;
    arena_t *arena = arena_new ();
    turn_init (&turn, arena, "bench", 1);
    for (size_t i = 0; i < self->count && !self->fault; i++)
        self->fault = blob_put (self->bench->blob, &turn, self->keys[i], self->bench->bytes, PUT_BYTES);
    arena_destroy (&arena);
    return NULL;
}

static void put_by (bench_t *self, size_t threads)
{
    putter_t putters[PUTTERS] = {0};
    for (size_t i = 0; i < PUTS; i++) {
        putter_t *putter = &putters[i % threads];
        putter->bench = self;
        putter->keys[putter->count++] = new_key (self);
    }
    for (size_t i = 0; i < threads; i++)
        pthread_create (&putters[i].thread, NULL, put_some, &putters[i]);
    for (size_t i = 0; i < threads; i++) {
        pthread_join (putters[i].thread, NULL);
        CHECK_INT (putters[i].fault, OK);
    }
}

static void write_whole (bench_t *self)
{
    blob_writer_t *writer;
    sha256_t sum;
    CHECK_INT (blob_writer_new (&writer, self->blob, &self->turn, new_key (self)), OK);
    CHECK_INT (blob_write (writer, &self->turn, self->bytes, WHOLE), OK);
    sha256_init (&sum);
    sha256_add (&sum, self->bytes, WHOLE);
    CHECK_INT (blob_writer_end (writer, &self->turn, sha256_hex (&sum, self->arena)), OK);
    blob_writer_destroy (&writer);
}

static void remove_keys (bench_t *self, bool together)
{
    const char *keys[RANGES];
    fault_t faults[RANGES];
    for (size_t i = 0; i < RANGES; i++)
        keys[i] = new_key (self);
    if (together)
        CHECK_INT (blob_delete_many (self->blob, &self->turn, keys, RANGES, faults), OK);
    for (size_t i = 0; !together && i < RANGES; i++)
        CHECK_INT (blob_delete (self->blob, &self->turn, keys[i]), OK);
}

static double seconds_since (int64_t *begun_us)
{
    int64_t now_us = clock_monotonic_us ();
    double seconds = (double) (now_us - *begun_us) / 1e6;
    *begun_us = now_us;
    return seconds;
}

static void print_row (uint32_t distance, const char *what, double each, double together)
{
    printf ("%3u ms  %-44s %8.3f s  %8.3f s  %6.1f x\n", distance, what, each, together, each / together);
}

static void measure (bench_t *self, uint32_t distance)
{
    blob_range_t ranges[RANGES], scattered[RANGES];
    const char *key = new_key (self);
    put_one (self, key, 2 << 20);
    for (size_t i = 0; i < RANGES; i++) {
        ranges[i] = (blob_range_t){.key = key, .offset = i % 32 * RANGE_BYTES, .size = RANGE_BYTES};
        scattered[i] = (blob_range_t){.key = key, .offset = i * 7 % 32 * RANGE_BYTES, .size = RANGE_BYTES};
    }
    int64_t at_us = clock_monotonic_us ();
    get_each (self, ranges, RANGES);
    double each = seconds_since (&at_us);
    get_ahead (self, ranges, RANGES);
    print_row (distance, "64 neighbouring ranges of 64 KiB, read", each, seconds_since (&at_us));
    get_ahead (self, scattered, RANGES);
    print_row (distance, "64 scattered ranges of 64 KiB, read", each, seconds_since (&at_us));
    put_by (self, 1);
    each = seconds_since (&at_us);
    put_by (self, PUTTERS);
    print_row (distance, "48 blobs of 256 KiB, put by 12 threads", each, seconds_since (&at_us));
    for (size_t i = 0; i < WHOLE / (8 << 20); i++)
        put_one (self, new_key (self), 8 << 20);
    each = seconds_since (&at_us);
    write_whole (self);
    print_row (distance, "32 MiB: 4 puts of 8 MiB; one blob in parts", each, seconds_since (&at_us));
    remove_keys (self, false);
    each = seconds_since (&at_us);
    remove_keys (self, true);
    print_row (distance, "64 keys, removed", each, seconds_since (&at_us));
}

TEST (bench)
{
    static const uint32_t distances[] = {0, 5, 50};
    test_store_t store;
    bench_t self = {.arena = arena_new (), .bytes = malloc (WHOLE)};
    uint64_t seed = 1;
    for (size_t i = 0; i < WHOLE; i++)
        self.bytes[i] = (char) (seed = seed * 6364136223846793005 + 1442695040888963407) >> 3;
    turn_init (&self.turn, self.arena, "bench", 1);
    test_store_begin (&store, STORE_PLAYED);
    blob_s3_options_t options = test_store_options (&store);
    delay_t *delay = delay_new ((uint16_t) strtoul (strrchr (options.place.endpoint, ':') + 1, NULL, 10));
    options.place.endpoint = arena_printf (self.arena, "http://127.0.0.1:%u", delay_port (delay));
    options.total_ms = 600000;
    CHECK_INT (blob_s3_open (&self.blob, &self.turn, &options), OK);
    printf ("a bucket that is so far away: one request at a time, as it is done, ratio\n");
    for (size_t i = 0; i < sizeof distances / sizeof *distances; i++) {
        delay_set (delay, distances[i]);
        measure (&self, distances[i]);
    }
    blob_close (&self.blob);
    delay_destroy (&delay);
    test_store_end (&store);
    arena_destroy (&self.arena);
    free (self.bytes);
}
