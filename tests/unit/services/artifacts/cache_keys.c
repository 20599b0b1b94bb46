/* Which keys of caches are accepted, and what a prefix spans. */

#include "services/artifacts/cache_keys.h"
#include "tests/unit/test.h"

#include <string.h>

static fault_t check (const char *key)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "test", 0);
    fault_t fault = cache_key_check (&turn, "keys[2]", key);
    if (fault)
        CHECK (strncmp (turn.detail, "keys[2]: ", 9) == 0);
    arena_destroy (&arena);
    return fault;
}

TEST (a_key_is_text_without_a_comma)
{
    CHECK_INT (check ("lin-\xc3\xbc-/.\\\"'%_ "), OK);
    CHECK_INT (check (""), INVALID);
    CHECK_INT (check (NULL), INVALID);
    CHECK_INT (check ("a,b"), INVALID);
    CHECK_INT (check ("\xff"), INVALID);
}

// Between a prefix and its end is all that begins with it, and nothing else.
TEST (the_end_of_a_prefix_comes_after_all_that_begins_with_it)
{
    static const char *const prefixes[] = {"", "a", "lin-", "k-\xc3\xbf", "\xf4\x8f\xbf\xbf", "~\x7f"};
    static const char *const tails[] = {"", "\x01", "z", "\xf4\x8f\xbf\xbf", "\x7f\x7f"};
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof (prefixes) / sizeof (prefixes[0]); i++) {
        bytes_t end = cache_prefix_end (arena, prefixes[i]);
        const char *bound = arena_strndup (arena, end.data, end.size);
        CHECK (strcmp (prefixes[i], bound) < 0);
        for (size_t n = 0; n < sizeof (tails) / sizeof (tails[0]); n++)
            CHECK (strcmp (arena_printf (arena, "%s%s", prefixes[i], tails[n]), bound) < 0);
    }
    CHECK_STR (arena_strndup (arena, cache_prefix_end (arena, "lin-").data, 4), "lin.");
    arena_destroy (&arena);
}
