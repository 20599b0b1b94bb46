/* arena.c - memory of one turn. */

#include "common/base/arena.h"
#include "tests/unit/test.h"

#include <string.h>

TEST (memory_of_an_arena_is_zeroed_and_aligned)
{
    arena_t *arena = arena_new ();
    for (size_t size = 0; size < 3000; size += 7) {
        unsigned char *memory = arena_alloc (arena, size);
        CHECK_INT ((uintptr_t) memory % 16, 0);
        for (size_t i = 0; i < size; i++)
            CHECK (memory[i] == 0);
        memset (memory, 0xff, size);
    }
    size_t used = arena_used (arena);
    CHECK (used > 0);
    arena_reset (arena);
    CHECK_INT (arena_used (arena), 0);
    CHECK (*(char *) arena_alloc (arena, 1) == 0);
    arena_destroy (&arena);
    CHECK (!arena);
}

TEST (a_large_piece_gets_a_block_of_its_own)
{
    arena_t *arena = arena_new ();
    char *large = arena_alloc (arena, 5 << 20);
    large[(5 << 20) - 1] = 'x';
    CHECK_STR (arena_strdup (arena, "behind it"), "behind it");
    arena_destroy (&arena);
}

TEST (texts_are_copied_whole_or_up_to_a_size)
{
    arena_t *arena = arena_new ();
    CHECK (!arena_strdup (arena, NULL));
    CHECK_STR (arena_strndup (arena, "abcdef", 3), "abc");
    CHECK_STR (arena_strndup (arena, "ab", 30), "ab");
    CHECK_STR (arena_printf (arena, "%s-%d", "x", 42), "x-42");
    CHECK_STR (arena_copy (arena, "a\0b", 3), "a");
    arena_destroy (&arena);
}

TEST (memory_that_is_used_again_is_zeroed_but_for_room_and_copies_end_there)
{
    arena_t *arena = arena_new ();
    memset (arena_room (arena, 2000), 0xff, 2000);
    arena_reset (arena);
    char *copy = arena_copy (arena, "abc", 3);
    CHECK_INT (copy[3], 0);
    const unsigned char *zeroed = arena_alloc (arena, 100);
    for (size_t i = 0; i < 100; i++)
        CHECK (zeroed[i] == 0);
    CHECK_STR (arena_printf (arena, "%s", "text"), "text");
    CHECK_INT ((uintptr_t) arena_room (arena, 1) % 16, 0);
    arena_destroy (&arena);
}

TEST (an_array_grows_and_keeps_what_it_holds)
{
    arena_t *arena = arena_new ();
    int *numbers = NULL;
    size_t capacity = 0;
    for (int i = 0; i < 1000; i++) {
        numbers = arena_grow (arena, numbers, (size_t) i, &capacity, sizeof (int));
        numbers[i] = i;
    }
    for (int i = 0; i < 1000; i++)
        CHECK_INT (numbers[i], i);
    arena_destroy (&arena);
}
