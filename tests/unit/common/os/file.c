/* A small file is the old or the new one, whatever happens, and what is read of it is bounded. */

#include "common/os/file.h"

#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    char folder[256];
    arena_t *arena;
    turn_t turn;
} world_t;

static void begin (world_t *self)
{
    *self = (world_t){.arena = arena_new ()};
    test_folder (self->folder, sizeof (self->folder));
    turn_init (&self->turn, self->arena, "test", 0);
}

static void end (world_t *self)
{
    test_folder_remove (self->folder);
    arena_destroy (&self->arena);
}

static const char *in (world_t *self, const char *name)
{
    return arena_printf (self->arena, "%s/%s", self->folder, name);
}

static int count (world_t *self)
{
    int files = 0;
    DIR *folder = opendir (self->folder);
    for (struct dirent *entry; (entry = readdir (folder));)
        files += entry->d_name[0] != '.';
    closedir (folder);
    return files;
}

TEST (a_file_is_replaced_by_the_whole_new_one_which_is_for_nobody_else)
{
    world_t world;
    struct stat status;
    const char *text;
    begin (&world);
    CHECK_INT (file_write (&world.turn, in (&world, "a"), "the old one, which is longer"), OK);
    CHECK_INT (chmod (in (&world, "a"), 0644), 0);
    CHECK_INT (file_write (&world.turn, in (&world, "a"), "new"), OK);
    CHECK_INT (file_read (&world.turn, in (&world, "a"), 3, &text), OK);
    CHECK_STR (text, "new");
    CHECK_INT (stat (in (&world, "a"), &status), 0);
    CHECK_INT (status.st_mode & 07777, 0600);
    CHECK_INT (count (&world), 1);
    end (&world);
}

TEST (a_file_that_cannot_be_written_leaves_nothing_behind)
{
    world_t world;
    begin (&world);
    CHECK_INT (mkdir (in (&world, "a"), 0700), 0);
    CHECK_INT (mkdir (in (&world, "a/b"), 0700), 0);
    CHECK (file_write (&world.turn, in (&world, "a"), "text") != OK); // A folder is in its place
    CHECK_INT (count (&world), 1);
    CHECK (file_write (&world.turn, in (&world, "missing/a"), "text") != OK);
    CHECK_INT (count (&world), 1);
    end (&world);
}

TEST (what_is_larger_than_its_bound_or_no_plain_file_is_not_read)
{
    world_t world;
    const char *text;
    begin (&world);
    CHECK_INT (file_write (&world.turn, in (&world, "a"), "four"), OK);
    CHECK_INT (file_read (&world.turn, in (&world, "a"), 4, &text), OK);
    CHECK_STR (text, "four");
    CHECK_INT (file_read (&world.turn, in (&world, "a"), 3, &text), TOO_LARGE);
    CHECK_INT (file_read_plain (&world.turn, in (&world, "a"), 3, &text), TOO_LARGE);
    CHECK_INT (file_read (&world.turn, in (&world, "b"), 3, &text), NOT_FOUND);
    CHECK_INT (mkfifo (in (&world, "pipe"), 0600), 0); // Who reads it would wait
    CHECK_INT (file_read_plain (&world.turn, in (&world, "pipe"), 3, &text), INVALID);
    CHECK_INT (file_read_plain (&world.turn, world.folder, 3, &text), INVALID);
    end (&world);
}
