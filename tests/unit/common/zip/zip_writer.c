/* An archive can be read back by what the format says, zip64 included. */

#include "common/zip/zip_writer.h"
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

// Keeps the first bytes and the last, counts all: an archive past 4 GiB needs no memory.
#define EDGE 4096
typedef struct {
    unsigned char first[EDGE], last[EDGE];
    uint64_t size;
} sink_t;

static bool keep (void *to, const void *data, size_t size)
{
    sink_t *self = to;
    for (size_t i = 0; data && i < size; i++) {
        if (self->size + i < EDGE)
            self->first[self->size + i] = ((const unsigned char *) data)[i];
        if (size - i <= EDGE || size < EDGE)
            self->last[(self->size + i) % EDGE] = ((const unsigned char *) data)[i];
    }
    self->size += size;
    return true;
}

static uint64_t number (const sink_t *self, uint64_t at, int bytes)
{
    uint64_t value = 0;
    for (int i = bytes - 1; i >= 0; i--)
        value = value << 8 | (at + (uint64_t) i < EDGE ? self->first[at + (uint64_t) i]
                                                       : self->last[(at + (uint64_t) i) % EDGE]);
    return value;
}

static void add (zip_t *zip, const char *name, const char *text)
{
    CHECK (zip_entry (zip, name, strlen (text), 0644));
    CHECK (zip_data (zip, text, strlen (text)));
    CHECK (zip_entry_end (zip));
}

TEST (entries_names_sums_and_offsets_stand_where_the_format_says)
{
    arena_t *arena = arena_new ();
    sink_t *sink = calloc (1, sizeof (sink_t));
    zip_t zip;
    zip_begin (&zip, arena, 1700000000000000, keep, sink);
    add (&zip, "a.txt", "hello");
    add (&zip, "b/\xc3\xbc", "");
    CHECK (zip_end (&zip));
    uint64_t end = sink->size - 22;
    CHECK_INT (number (sink, end, 4), 0x06054b50);
    CHECK_INT (number (sink, end + 10, 2), 2);
    uint64_t entry = number (sink, end + 16, 4);
    CHECK_INT (number (sink, end + 12, 4), end - entry);
    CHECK_INT (number (sink, entry, 4), 0x02014b50);
    CHECK_INT (number (sink, entry + 8, 2), 0x0808);
    CHECK_INT (number (sink, entry + 16, 4), crc32 (0, (const unsigned char *) "hello", 5));
    CHECK_INT (number (sink, entry + 20, 4), 5);
    CHECK_INT (number (sink, entry + 24, 4), 5);
    CHECK_INT (number (sink, entry + 38, 4) >> 16, 0100644);
    CHECK_INT (number (sink, entry + 12, 4), 0x576eb1aau); // 2023-11-14 22:13:20
    uint64_t local = number (sink, entry + 42, 4);
    CHECK_INT (number (sink, local, 4), 0x04034b50);
    CHECK (memcmp (sink->first + local + 30, "a.txthello", 10) == 0);
    CHECK_INT (number (sink, local + 40, 4), 0x08074b50); // The descriptor
    CHECK_INT (number (sink, local + 44, 4), crc32 (0, (const unsigned char *) "hello", 5));
    CHECK_INT (number (sink, local + 48, 4), 5);
    free (sink);
    arena_destroy (&arena);
}

TEST (the_size_is_known_before_the_bytes)
{
    static const zip_entry_t entries[] = {{.name = "a.txt", .size = 5}, {.name = "b/\xc3\xbc"}};
    arena_t *arena = arena_new ();
    sink_t *sink = calloc (1, sizeof (sink_t));
    zip_t zip;
    zip_begin (&zip, arena, 0, keep, sink);
    add (&zip, "a.txt", "hello");
    add (&zip, "b/\xc3\xbc", "");
    CHECK (zip_end (&zip));
    CHECK_INT (zip_size (arena, entries, 2), sink->size);
    free (sink);
    arena_destroy (&arena);
}

TEST (an_archive_past_4_gib_uses_zip64)
{
    const uint64_t size = 5000000000;
    arena_t *arena = arena_new ();
    sink_t *sink = calloc (1, sizeof (sink_t));
    zip_t zip;
    zip_begin (&zip, arena, 0, keep, sink);
    CHECK (zip_entry (&zip, "big", size, 0600));
    CHECK_INT (number (sink, 4, 2), 45);
    CHECK_INT (number (sink, 28, 2), 20);
    CHECK (zip_data (&zip, NULL, size)); // Bytes that nobody keeps
    CHECK (zip_entry_end (&zip));
    add (&zip, "far", "hello");
    CHECK (zip_end (&zip));
    uint64_t end = sink->size - 22, locator = end - 20, end64 = number (sink, locator + 8, 8);
    CHECK_INT (number (sink, end + 16, 4), 0xffffffff);
    CHECK_INT (number (sink, locator, 4), 0x07064b50);
    CHECK_INT (number (sink, end64, 4), 0x06064b50);
    CHECK_INT (number (sink, end64 + 32, 8), 2);
    uint64_t entry = number (sink, end64 + 48, 8);
    CHECK_INT (number (sink, end64 + 40, 8), end64 - entry);
    CHECK_INT (number (sink, entry + 24, 4), 0xffffffff); // "big": its sizes stand in the extra field
    CHECK_INT (number (sink, entry + 46 + 3, 2), 1);
    CHECK_INT (number (sink, entry + 46 + 3 + 4, 8), size);
    entry += 46 + 3 + 20;
    CHECK_INT (number (sink, entry + 24, 4), 5); // "far": only its offset does
    CHECK_INT (number (sink, entry + 42, 4), 0xffffffff);
    uint64_t local = number (sink, entry + 46 + 3 + 4, 8);
    CHECK_INT (number (sink, local, 4), 0x04034b50);
    free (sink);
    arena_destroy (&arena);
}

TEST (seventy_thousand_entries_are_counted)
{
    arena_t *arena = arena_new ();
    sink_t *sink = calloc (1, sizeof (sink_t));
    zip_t zip;
    zip_begin (&zip, arena, 0, keep, sink);
    for (int i = 0; i < 70000; i++)
        add (&zip, "x", "");
    CHECK (zip_end (&zip));
    uint64_t end = sink->size - 22;
    CHECK_INT (number (sink, end + 10, 2), 0xffff);
    CHECK_INT (number (sink, end - 20 - 56 + 32, 8), 70000);
    free (sink);
    arena_destroy (&arena);
}

static bool refuse (void *to, const void *data, size_t size)
{
    (void) data, (void) size;
    return --*(int *) to > 0;
}

TEST (a_sink_that_stops_ends_the_writer)
{
    for (int takes = 1; takes < 12; takes++) {
        int left = takes;
        arena_t *arena = arena_new ();
        zip_t zip;
        zip_begin (&zip, arena, 0, refuse, &left);
        CHECK (!(zip_entry (&zip, "a", 1, 0) && zip_data (&zip, "x", 1) && zip_entry_end (&zip) &&
                 zip_end (&zip)) ||
               takes > 7);
        arena_destroy (&arena);
    }
}
