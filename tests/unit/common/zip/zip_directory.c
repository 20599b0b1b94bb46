/* What an archive's directory says is read or refused; it is never believed. */

#include "common/zip/zip_directory.h"
#include "common/zip/zip_inflate.h"
#include "common/zip/zip_writer.h"
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

typedef struct {
    unsigned char data[4096];
    size_t size;
} archive_t;

static bool keep (void *to, const void *data, size_t size)
{
    archive_t *self = to;
    CHECK (size <= sizeof (self->data) - self->size);
    memcpy (self->data + self->size, data, size);
    self->size += size;
    return true;
}

static archive_t make (arena_t *arena, const char *const *names, size_t count)
{
    archive_t out = {.size = 0};
    zip_t zip;
    zip_begin (&zip, arena, 0, keep, &out);
    for (size_t i = 0; i < count; i++)
        CHECK (zip_entry (&zip, names[i], 3, 0640) && zip_data (&zip, "abc", 3) && zip_entry_end (&zip));
    CHECK (zip_end (&zip));
    return out;
}

// Reads it all; how many entries, or -1.
static int read_all (arena_t *arena, const archive_t *archive, zip_member_t *first)
{
    zip_directory_t directory;
    zip_reader_t reader;
    zip_member_t member;
    const char *error;
    if (zip_directory_find (archive->data, archive->size, archive->size, &directory, &error) != OK)
        return -1;
    zip_reader_init (&reader, arena, &directory, archive->data + directory.offset);
    for (int count = 0;; count++) {
        fault_t fault = zip_reader_next (&reader, &member);
        if (fault == NOT_FOUND)
            return count;
        if (fault) {
            CHECK (reader.error && *reader.error);
            return -1;
        }
        if (count == 0 && first)
            *first = member;
    }
}

TEST (entries_are_read_with_all_their_metadata)
{
    static const char *const names[] = {"folder/a", "b"};
    arena_t *arena = arena_new ();
    archive_t archive = make (arena, names, 2);
    zip_member_t member;
    uint64_t data;
    CHECK_INT (read_all (arena, &archive, &member), 2);
    CHECK_STR (member.name, "folder/a");
    CHECK (member.size == 3 && member.packed == 3 && member.offset == 0 && member.mode == 0640);
    CHECK_INT (member.method, ZIP_STORED);
    CHECK_INT (member.crc, crc32 (0, (const unsigned char *) "abc", 3));
    CHECK_INT (zip_data_offset (archive.data, member.offset, &data), OK);
    CHECK (memcmp (archive.data + data, "abc", 3) == 0);
    CHECK_INT (zip_data_offset (archive.data + 1, 0, &data), INVALID);
    archive_t empty = make (arena, names, 0);
    CHECK_INT (read_all (arena, &empty, NULL), 0);
    arena_destroy (&arena);
}

TEST (an_archive_that_is_cut_anywhere_is_refused)
{
    static const char *const names[] = {"a", "b"};
    arena_t *arena = arena_new ();
    archive_t archive = make (arena, names, 2);
    for (size_t size = 0; size < archive.size; size++) {
        archive_t cut = archive;
        cut.size = size;
        CHECK_INT (read_all (arena, &cut, NULL), -1);
    }
    arena_destroy (&arena);
}

// The directory's first entry, or the end, with one field changed.
static int with (arena_t *arena, const archive_t *archive, bool end, size_t at, size_t bytes, uint64_t value)
{
    archive_t changed = *archive;
    size_t start = end ? changed.size - 22 : 0;
    while (!end && memcmp (changed.data + start, "PK\1\2", 4) != 0)
        start++;
    for (size_t i = 0; i < bytes; i++)
        changed.data[start + at + i] = (unsigned char) (value >> (8 * i));
    return read_all (arena, &changed, NULL);
}

TEST (what_a_directory_says_of_bytes_that_are_not_there_is_refused)
{
    static const char *const names[] = {"a", "b"};
    static const struct {
        bool end;
        size_t at, bytes;
        uint64_t value;
    } cases[] = {{false, 8, 2, 1},           // Encrypted
                 {false, 10, 2, 12},         // bzip2
                 {false, 20, 4, 4},          // Packed otherwise than its size, though stored
                 {false, 20, 4, 0xffffffff}, // A zip64 field that is not there
                 {false, 28, 2, 0},          // No name
                 {false, 28, 2, 5000},       // A name past the end
                 {false, 30, 2, 4000},       // An extra field past the end
                 {false, 42, 4, 0x7fffffff}, // A header past the end
                 {false, 46, 1, 0},          // A NUL in its name
                 {true, 4, 2, 1},            // A second disk
                 {true, 10, 2, 1},           // Fewer entries than there are
                 {true, 10, 2, 3},           // More
                 {true, 10, 2, 0xffff},      // zip64 that is not there
                 {true, 12, 4, 0x7fffffff},  // A directory that is larger than all
                 {true, 16, 4, 0x7fffffff}}; // ... or after it
    arena_t *arena = arena_new ();
    archive_t archive = make (arena, names, 2);
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++)
        if (with (arena, &archive, cases[i].end, cases[i].at, cases[i].bytes, cases[i].value) != -1)
            test_fail (__FILE__, __LINE__, "case %zu is taken", i);
    arena_destroy (&arena);
}

TEST (numbers_that_are_too_large_are_read_from_their_zip64_fields)
{
    arena_t *arena = arena_new ();
    unsigned char entry[46 + 1 + 28] = "PK\1\2";
    const zip_directory_t directory = {.offset = INT64_C (6) << 32, .size = sizeof (entry), .count = 1};
    zip_reader_t reader;
    zip_member_t member;
    memset (entry + 20, 0xff, 8);
    memset (entry + 42, 0xff, 4);
    entry[28] = 1;
    entry[30] = 28;
    entry[46] = 'a';
    memcpy (entry + 47, "\1\0\30\0", 4);
    entry[51 + 4] = 5; // 5 << 32 of size, then packed, then where
    entry[59 + 4] = 5;
    entry[67 + 4] = 0;
    entry[67] = 7;
    zip_reader_init (&reader, arena, &directory, entry);
    CHECK_INT (zip_reader_next (&reader, &member), OK);
    CHECK (member.size == UINT64_C (5) << 32 && member.packed == UINT64_C (5) << 32 && member.offset == 7);
    CHECK_INT (zip_reader_next (&reader, &member), NOT_FOUND);
    arena_destroy (&arena);
}

// ---- an entry's bytes ----

static size_t deflated (const char *text, size_t size, unsigned char *into, size_t room)
{
    z_stream stream = {.next_in = (unsigned char *) (uintptr_t) text, .avail_in = (uInt) size};
    stream.next_out = into;
    stream.avail_out = (uInt) room;
    CHECK_INT (deflateInit2 (&stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    CHECK_INT (deflate (&stream, Z_FINISH), Z_STREAM_END);
    size_t packed = stream.total_out;
    deflateEnd (&stream);
    return packed;
}

static bool count (void *to, const void *data, size_t size)
{
    (void) data;
    *(size_t *) to += size;
    return true;
}

static bool refuse (void *to, const void *data, size_t size)
{
    (void) to, (void) data, (void) size;
    return false;
}

TEST (packed_bytes_become_what_they_were_piece_by_piece)
{
    enum { SIZE = 1 << 20 };
    char *text = malloc (SIZE);
    unsigned char *packed = malloc (SIZE);
    for (size_t i = 0; i < SIZE; i++)
        text[i] = "abcdefgh"[i * i % 7];
    size_t size = deflated (text, SIZE, packed, SIZE), got = 0;
    uint32_t crc = (uint32_t) crc32 (0, (unsigned char *) text, SIZE);
    zip_inflate_t *inflate = zip_inflate_new (ZIP_DEFLATED, SIZE, crc);
    for (size_t i = 0; i < size; i++) {
        CHECK_INT (zip_inflate_end (inflate), INVALID); // Not yet
        CHECK_INT (zip_inflate_feed (inflate, packed + i, 1, count, &got), OK);
    }
    CHECK_INT (zip_inflate_end (inflate), OK);
    CHECK_INT (got, SIZE);
    CHECK_INT (zip_inflate_feed (inflate, packed, 1, count, &got), INVALID); // More than there is
    zip_inflate_destroy (&inflate);
    const struct {
        uint64_t size;
        uint32_t crc;
    } wrong[] = {{SIZE - 1, crc}, {SIZE + 1, crc}, {SIZE, crc + 1}, {0, crc}};
    for (size_t i = 0; i < sizeof (wrong) / sizeof (wrong[0]); i++) {
        inflate = zip_inflate_new (ZIP_DEFLATED, wrong[i].size, wrong[i].crc);
        got = 0;
        fault_t fault = zip_inflate_feed (inflate, packed, size, count, &got);
        CHECK (got <= wrong[i].size);
        CHECK_INT (fault == OK ? zip_inflate_end (inflate) : fault, INVALID);
        zip_inflate_destroy (&inflate);
    }
    inflate = zip_inflate_new (ZIP_DEFLATED, SIZE, crc);
    CHECK_INT (zip_inflate_feed (inflate, packed, size, refuse, NULL), GONE);
    zip_inflate_destroy (&inflate);
    free (packed);
    free (text);
}

TEST (stored_bytes_are_checked_too)
{
    size_t got = 0;
    zip_inflate_t *inflate =
        zip_inflate_new (ZIP_STORED, 3, (uint32_t) crc32 (0, (const unsigned char *) "abc", 3));
    CHECK_INT (zip_inflate_feed (inflate, "ab", 2, count, &got), OK);
    CHECK_INT (zip_inflate_end (inflate), INVALID);
    CHECK_INT (zip_inflate_feed (inflate, "c", 1, count, &got), OK);
    CHECK_INT (zip_inflate_end (inflate), OK);
    CHECK_INT (zip_inflate_feed (inflate, "d", 1, count, &got), INVALID);
    zip_inflate_destroy (&inflate);
}
