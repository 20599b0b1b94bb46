/* Packing gives back the same bytes, and refuses what is not theirs. */

#include "common/base/pack.h"
#include "tests/unit/test.h"

#include <string.h>

static size_t there_and_back (const char *data, size_t size)
{
    arena_t *arena = arena_new ();
    size_t packed;
    void *frame = pack (arena, data, size, &packed);
    char *back = arena_alloc (arena, size + 1);
    CHECK_INT (unpack (frame, packed, back, size), OK);
    CHECK (memcmp (back, data, size) == 0);
    arena_destroy (&arena);
    return packed;
}

TEST (text_shrinks_and_comes_back)
{
    char text[5000];
    memset (text, 'a', sizeof (text));
    CHECK (there_and_back (text, sizeof (text)) < 100);
}

TEST (what_does_not_shrink_is_kept_as_it_is)
{
    CHECK_INT (there_and_back ("\x01\xfe*", 3), 3);
    CHECK_INT (there_and_back ("", 0), 0);
}

TEST (a_frame_of_another_size_or_damaged_is_broken)
{
    arena_t *arena = arena_new ();
    char text[1000] = "", back[2000];
    size_t packed;
    char *frame = pack (arena, text, sizeof (text), &packed);
    CHECK_INT (unpack (frame, packed, back, 999), BROKEN);
    CHECK_INT (unpack (frame, packed, back, 1001), BROKEN);
    CHECK_INT (unpack (frame, packed - 1, back, 1000), BROKEN);
    frame[0] ^= 1;
    CHECK_INT (unpack (frame, packed, back, 1000), BROKEN);
    arena_destroy (&arena);
}
