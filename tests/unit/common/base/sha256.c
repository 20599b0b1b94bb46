/* A checksum goes on where it was stored. */

#include "common/base/sha256.h"
#include "tests/unit/test.h"

#include <string.h>

static const char *const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST (sha256_of_nothing_and_of_abc_are_those_of_the_standard)
{
    arena_t *arena = arena_new ();
    sha256_t sha;
    sha256_init (&sha);
    CHECK_STR (sha256_hex (&sha, arena), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    sha256_add (&sha, "abc", 3);
    CHECK_STR (sha256_hex (&sha, arena), abc);
    CHECK (sha256_is_hex (abc));
    CHECK (!sha256_is_hex ("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"));
    arena_destroy (&arena);
}

TEST (a_stored_state_resumes_to_the_same_checksum)
{
    arena_t *arena = arena_new ();
    unsigned char saved[SHA256_SAVED], data[1000];
    memset (data, 'x', sizeof (data));
    sha256_t whole, parts, taken_up;
    sha256_init (&whole);
    sha256_init (&parts);
    sha256_add (&whole, data, sizeof (data));
    for (size_t at = 0, size; at < sizeof (data); at += size) {
        size = at + 37 < sizeof (data) ? 37 : sizeof (data) - at;
        sha256_add (&parts, data + at, size);
        sha256_save (&parts, saved);
        CHECK_INT (sha256_load (&taken_up, saved, sizeof (saved)), OK);
        parts = taken_up;
    }
    CHECK_STR (sha256_hex (&parts, arena), sha256_hex (&whole, arena));
    CHECK_INT (sha256_load (&parts, saved, 3), BROKEN);
    arena_destroy (&arena);
}
