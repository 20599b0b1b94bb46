/* id.c - ids and secrets. */

#include "common/base/id.h"
#include "common/base/clock.h"
#include "tests/unit/test.h"

#include <string.h>

TEST (an_id_is_21_characters_and_knows_its_kind)
{
    arena_t *arena = arena_new ();
    const char *id = id_new (arena, 'r', clock_now_us (clock_system ()));
    CHECK_INT (strlen (id), ID_SIZE - 1);
    CHECK (id_is (id, 'r'));
    CHECK (!id_is (id, 'j'));
    arena_destroy (&arena);
}

TEST (what_is_not_an_id_is_not_mistaken_for_one)
{
    static const char *const wrong[] = {"",
                                        "r",
                                        "r01k9qz6f3xm4t0v8w2y",
                                        "r01k9qz6f3xm4t0v8w2yaa",
                                        "r01k9qz6f3xm4t0v8w2yi",
                                        "r01k9qz6f3xm4t0v8w2y/",
                                        "R01k9qz6f3xm4t0v8w2ya",
                                        "r01K9qz6f3xm4t0v8w2ya"};
    CHECK (id_is ("r01k9qz6f3xm4t0v8w2ya", 'r'));
    CHECK (!id_is (NULL, 'r'));
    for (size_t i = 0; i < sizeof (wrong) / sizeof (wrong[0]); i++)
        if (id_is (wrong[i], 'r'))
            test_fail (__FILE__, __LINE__, "\"%s\" was taken", wrong[i]);
}

TEST (ids_sort_by_the_time_they_were_made)
{
    arena_t *arena = arena_new ();
    int64_t now_us = SECONDS (1795457280);
    const char *before = id_new (arena, 'r', now_us);
    for (int i = 1; i <= 100; i++) {
        const char *id = id_new (arena, 'r', now_us + MILLISECONDS (i * 37));
        CHECK (strcmp (before, id) < 0);
        before = id;
    }
    before = id_new (arena, 'r', now_us);
    for (int i = 1; i <= 10000; i++) { // Of one millisecond too
        const char *id = id_new (arena, 'r', now_us);
        CHECK (strcmp (before, id) < 0);
        before = id;
    }
    arena_destroy (&arena);
}

TEST (a_secret_is_its_prefix_and_43_characters_and_only_its_hash_is_kept)
{
    arena_t *arena = arena_new ();
    const char *secret = secret_new (arena, "oci_");
    CHECK_INT (strlen (secret), 4 + 43);
    CHECK (strncmp (secret, "oci_", 4) == 0);
    CHECK (strcmp (secret, secret_new (arena, "oci_")) != 0);
    CHECK_INT (strlen (secret_hash (arena, secret)), 64);
    CHECK_STR (secret_hash (arena, "abc"),
               "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
    arena_destroy (&arena);
}

TEST (an_id_shows_when_it_was_made)
{
    arena_t *arena = arena_new ();
    int64_t now_us = 1900000000123456;
    CHECK_INT (id_time_us (id_new (arena, 'j', now_us)), 1900000000123000);
    CHECK_INT (id_time_us (id_new (arena, 'j', 0)), 0);
    arena_destroy (&arena);
}
