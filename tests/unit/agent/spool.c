/* A log on the agent's disk: which step a byte is of, and that one log knows nothing of the one before. */

#include "agent/spool.h"

#include "common/base/sha256.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    char folder[200];
    arena_t *arena;
    spool_t *spool;
} world_t;

static void begin (world_t *self)
{
    char path[220];
    *self = (world_t){.arena = arena_new ()};
    test_folder (self->folder, sizeof self->folder);
    snprintf (path, sizeof path, "%s/log", self->folder);
    CHECK_INT (spool_new (&self->spool, path), OK);
}

static void end (world_t *self)
{
    spool_destroy (&self->spool);
    test_folder_remove (self->folder);
    arena_destroy (&self->arena);
}

static void add (world_t *self, uint32_t step, const char *text)
{
    CHECK_INT (spool_add (self->spool, step, text, strlen (text)), OK);
}

// "STEP: what it printed", from the offset on.
static const char *read_from (world_t *self, int64_t offset)
{
    char text[64] = "";
    size_t got;
    spool_place_t place;
    CHECK_INT (spool_read (self->spool, offset, text, sizeof text - 1, &got, &place), OK);
    return arena_printf (self->arena, "%u: %.*s", place.step, (int) got, text);
}

static const char *sum_of (world_t *self, const char *text)
{
    sha256_t sum;
    sha256_init (&sum);
    sha256_add (&sum, text, strlen (text));
    return sha256_hex (&sum, self->arena);
}

TEST (a_byte_is_of_the_step_that_printed_it)
{
    world_t world;
    begin (&world);
    add (&world, 1, "one");
    add (&world, 2, "two");
    add (&world, 1, "again");
    CHECK_STR (read_from (&world, 0), "1: one");
    CHECK_STR (read_from (&world, 2), "1: e");
    CHECK_STR (read_from (&world, 3), "2: two");
    CHECK_STR (read_from (&world, 6), "1: again");
    CHECK_INT (spool_size (world.spool), 11);
    end (&world);
}

TEST (the_next_log_has_its_own_steps_and_checksum)
{
    world_t world;
    const char *sum;
    begin (&world);
    add (&world, 1, "one");
    add (&world, 2, "two");
    CHECK_STR (read_from (&world, 0), "1: one");
    CHECK_INT (spool_begin (world.spool), OK);
    CHECK_INT (spool_size (world.spool), 0);
    add (&world, 2, "next");
    CHECK_STR (read_from (&world, 0), "2: next");
    CHECK_INT (spool_sha256 (world.spool, world.arena, &sum), OK);
    CHECK_STR (sum, sum_of (&world, "next"));
    end (&world);
}

TEST (a_checksum_counts_each_byte_once_in_whatever_order_they_are_read)
{
    world_t world;
    const char *sum;
    begin (&world);
    add (&world, 1, "0123456789");
    CHECK_STR (read_from (&world, 4), "1: 456789"); // In front of it something is missing
    CHECK_STR (read_from (&world, 0), "1: 0123456789");
    CHECK_STR (read_from (&world, 7), "1: 789");
    add (&world, 1, "ab");
    CHECK_STR (read_from (&world, 8), "1: 89ab");
    add (&world, 2, "cd");
    CHECK_INT (spool_sha256 (world.spool, world.arena, &sum), OK);
    CHECK_STR (sum, sum_of (&world, "0123456789abcd"));
    end (&world);
}
