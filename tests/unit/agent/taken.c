/* Which attempts an agent took, also before it was started again. */

#include "agent/taken.h"

#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    char folder[200], path[220];
    taken_t *taken;
} world_t;

static void open_again (world_t *world)
{
    taken_destroy (&world->taken);
    CHECK_INT (taken_new (&world->taken, world->path), OK);
}

static void begin (world_t *world)
{
    *world = (world_t){0};
    test_folder (world->folder, sizeof world->folder);
    snprintf (world->path, sizeof world->path, "%s/taken", world->folder);
    open_again (world);
}

static void end (world_t *world)
{
    taken_destroy (&world->taken);
    test_folder_remove (world->folder);
}

TEST (an_attempt_that_was_taken_is_known_after_a_restart_and_no_other_is)
{
    world_t world;
    begin (&world);
    CHECK (!taken_has (world.taken, "j1", 1));
    taken_add (world.taken, "j1", 1);
    for (int restarts = 0; restarts < 3; restarts++) {
        CHECK (taken_has (world.taken, "j1", 1));
        CHECK (!taken_has (world.taken, "j1", 2));
        CHECK (!taken_has (world.taken, "j2", 1));
        open_again (&world);
    }
    end (&world);
}

TEST (only_the_oldest_attempts_are_forgotten_also_over_restarts)
{
    world_t world;
    begin (&world);
    for (uint32_t attempt = 1; attempt <= TAKEN_KEPT + 10; attempt++) {
        taken_add (world.taken, "j1", attempt);
        if (attempt % 1000 == 0)
            open_again (&world);
    }
    for (uint32_t attempt = 1; attempt <= TAKEN_KEPT + 10; attempt++)
        if (taken_has (world.taken, "j1", attempt) != (attempt > 10))
            CHECK_INT (attempt, -1);
    end (&world);
}

TEST (the_room_for_all_attempts_is_reserved_at_once)
{
    world_t world;
    struct stat before, after;
    begin (&world);
    CHECK_INT (stat (world.path, &before), 0);
    CHECK (before.st_blocks * 512 >= before.st_size);
    for (uint32_t attempt = 1; attempt <= TAKEN_KEPT; attempt++)
        taken_add (world.taken, "j1", attempt);
    CHECK_INT (stat (world.path, &after), 0);
    CHECK_INT (after.st_size, before.st_size);
    end (&world);
}

TEST (a_file_that_was_cut_off_is_read_as_far_as_it_goes)
{
    world_t world;
    begin (&world);
    taken_add (world.taken, "j1", 1);
    CHECK_INT (truncate (world.path, 40), 0);
    open_again (&world);
    CHECK (taken_has (world.taken, "j1", 1));
    taken_add (world.taken, "j2", 1);
    open_again (&world);
    CHECK (taken_has (world.taken, "j1", 1));
    CHECK (taken_has (world.taken, "j2", 1));
    end (&world);
}
