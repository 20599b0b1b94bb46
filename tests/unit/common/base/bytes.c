/* Numbers lie in bytes as every machine reads them. */

#include "common/base/bytes.h"

#include "tests/unit/test.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

TEST (a_number_is_written_with_its_lowest_byte_first_and_read_back)
{
    unsigned char bytes[6] = {9, 9, 9, 9, 9, 9};
    bytes_put32 (bytes + 1, UINT32_C (0x81020304)); // Aligned to nothing
    CHECK (memcmp (bytes, "\x09\x04\x03\x02\x81\x09", 6) == 0);
    CHECK_INT (bytes_get32 (bytes + 1), INT64_C (0x81020304));
}

TEST (bytes_are_written_whole_or_the_failure_is_seen)
{
    int ends[2];
    char read_back[3];
    CHECK_INT (pipe2 (ends, O_CLOEXEC), 0);
    CHECK (bytes_write (ends[1], "abc", 3));
    CHECK_INT (read (ends[0], read_back, 3), 3);
    CHECK (memcmp (read_back, "abc", 3) == 0);
    close (ends[0]);
    CHECK (!bytes_write (ends[1], "abc", 3));
    close (ends[1]);
}

TEST (bytes_are_written_in_both_alphabets_of_base64)
{
    arena_t *arena = arena_new ();
    CHECK_STR (bytes_base64 (arena, "\xfb\xff\xfe\x00", 4), "+//+AA==");
    CHECK_STR (bytes_base64url (arena, "\xfb\xff\xfe\x00", 4), "-__-AA");
    CHECK_STR (bytes_base64 (arena, "", 0), "");
    arena_destroy (&arena);
}
