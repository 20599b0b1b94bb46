/* cache_index.c - the list of a cache's pieces, as it is written and as a job may leave it. */

#include "agent/engine/builtin/cache_index.h"

#include "tests/unit/test.h"

#include <string.h>

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

TEST (pieces_are_found_by_their_sums)
{
    arena_t *arena = arena_new ();
    buffer_t *text = buffer_new (1 << 16);
    cache_index_t index;
    cache_index_begin (text, "deps-1", "/signed/x");
    cache_index_add (text, B, 0, 700);
    cache_index_add (text, A, 700, 1);
    CHECK_INT (cache_index_read (arena, buffer_text (text), &index), OK);
    CHECK_STR (index.key, "deps-1");
    CHECK_STR (index.place, "/signed/x");
    CHECK_INT (index.count, 2);
    CHECK_INT (cache_index_find (&index, A)->offset, 700);
    CHECK_INT (cache_index_find (&index, B)->size, 700);
    CHECK (!cache_index_find (&index, "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"));
    buffer_destroy (&text);
    arena_destroy (&arena);
}

TEST (anything_else_than_a_list_of_pieces_is_refused)
{
    static const char *const wrong[] = {
        "",
        "key",
        "key\n",
        "\nplace\n",
        "key\nplace",
        "key\nplace\nx\n",
        "key\nplace\n" A "\n",
        "key\nplace\n" A " 0\n",
        "key\nplace\n" A " 0 1",
        "key\nplace\n" A " 0 0\n",
        "key\nplace\n" A " 1 1\n",       // It begins at 0
        "key\nplace\n" A " 0 9999999\n", // Larger than a piece can be
        "key\nplace\n" A " 0 -1\n",
        "key\nplace\n" A " 0 1\n" B " 2 1\n", // A gap
        "key\nplace\n" A " 0 99999999999999999999\n",
        "key\nplace\nAA" A " 0 1\n",
    };
    arena_t *arena = arena_new ();
    cache_index_t index;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CHECK_INT (cache_index_read (arena, wrong[i], &index), INVALID);
    CHECK_INT (cache_index_read (arena, "key\nplace\n", &index), OK);
    CHECK (!cache_index_find (&index, A));
    arena_destroy (&arena);
}
