/* fuzz_zip.c - any bytes as the end of an archive, as its directory, and as an entry's packed data.
 *
 * Holds: what is taken lies in the archive; an entry gives no more bytes than it says. */

#include "common/zip/zip_inflate.h"
#include "tests/fuzz/fuzz.h"

static bool count (void *to, const void *data, size_t size)
{
    (void) data;
    *(uint64_t *) to += size;
    return true;
}

static void check_entry (const zip_member_t *member, const uint8_t *data, size_t size)
{
    uint64_t from = 0, got = 0;
    FUZZ_CHECK (member->offset + ZIP_HEADER + member->packed <= size && *member->name);
    if (zip_data_offset (data + member->offset, member->offset, &from) != OK || from > size ||
        member->packed > size - from)
        return;
    zip_inflate_t *inflate = zip_inflate_new (member->method, member->size, member->crc);
    fault_t fault = zip_inflate_feed (inflate, data + from, (size_t) member->packed, count, &got);
    FUZZ_CHECK (got <= member->size);
    if (fault == OK && zip_inflate_end (inflate) == OK)
        FUZZ_CHECK (got == member->size);
    zip_inflate_destroy (&inflate);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    zip_directory_t directory;
    zip_reader_t reader;
    zip_member_t member;
    const char *error;
    fault_t fault;
    if (zip_directory_find (data, size, size, &directory, &error) != OK)
        return 0;
    FUZZ_CHECK (directory.offset <= size && directory.size <= size - directory.offset);
    arena_t *arena = arena_new ();
    zip_reader_init (&reader, arena, &directory, data + directory.offset);
    while ((fault = zip_reader_next (&reader, &member)) == OK)
        check_entry (&member, data, size);
    FUZZ_CHECK (fault == NOT_FOUND || (fault == INVALID && reader.error));
    arena_destroy (&arena);
    return 0;
}
