/* rooted.c - paths below another root: nothing leads out of it, by whatever links. */

#include "common/os/rooted.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    arena_t *arena;
    turn_t turn;
    char folder[200];
    int root;
} world_t;

static const char *at (world_t *self, const char *name)
{
    return arena_printf (self->arena, "%s/%s", self->folder, name);
}

static void put (world_t *self, const char *name, const char *text)
{
    FILE *file = fopen (at (self, name), "w");
    CHECK (file);
    fputs (text, file);
    fclose (file);
}

// FOLDER/root is the other root; FOLDER/secret is outside of it.
static void world_begin (world_t *self)
{
    *self = (world_t){.arena = arena_new ()};
    turn_init (&self->turn, self->arena, "test", 0);
    test_folder (self->folder, sizeof (self->folder));
    CHECK_INT (mkdir (at (self, "root"), 0755), 0);
    CHECK_INT (mkdir (at (self, "root/inner"), 0755), 0);
    CHECK_INT (mkdir (at (self, "secret"), 0755), 0);
    put (self, "secret/key", "s3cret");
    put (self, "root/inner/plain", "plain");
    put (self, "root/top", "top");
    CHECK_INT (symlink (at (self, "secret/key"), at (self, "root/inner/absolute")), 0);
    CHECK_INT (symlink ("../../secret/key", at (self, "root/inner/climbs")), 0);
    CHECK_INT (symlink ("/top", at (self, "root/inner/inside")), 0);
    CHECK_INT (symlink (at (self, "secret"), at (self, "root/inner/folder")), 0);
    self->root = open (at (self, "root"), O_PATH | O_DIRECTORY | O_CLOEXEC);
    CHECK (self->root > 0);
}

static void world_end (world_t *self)
{
    close (self->root);
    test_folder_remove (self->folder);
    arena_destroy (&self->arena);
}

TEST (a_link_is_followed_below_the_other_root)
{
    static const struct {
        const char *path, *text; // NULL: there is no such file
    } cases[] = {{"/inner/plain", "plain"}, {"/inner/inside", "top"}, {"/../../inner/plain", "plain"},
                 {"/inner/absolute", NULL}, {"/inner/climbs", NULL},  {"/inner/folder/key", NULL},
                 {"/secret/key", NULL},     {"/../secret/key", NULL}};
    world_t world;
    world_begin (&world);
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++) {
        const char *text = NULL;
        fault_t fault = rooted_read (&world.turn, world.root, cases[i].path, 100, &text);
        CHECK_STR (fault ? "" : text, cases[i].text ? cases[i].text : "");
        CHECK_INT (fault, cases[i].text ? OK : NOT_FOUND);
    }
    world_end (&world);
}

TEST (without_another_root_a_path_is_as_it_is)
{
    world_t world;
    const char *text;
    world_begin (&world);
    CHECK_INT (rooted_read (&world.turn, ROOTED_OURS, at (&world, "root/inner/absolute"), 100, &text), OK);
    CHECK_STR (text, "s3cret");
    world_end (&world);
}

TEST (what_is_not_a_file_below_the_other_root_is_not_read_and_not_waited_for)
{
    world_t world;
    const char *text;
    world_begin (&world);
    CHECK_INT (mkfifo (at (&world, "root/inner/pipe"), 0600), 0);
    CHECK_INT (rooted_read (&world.turn, world.root, "/inner/pipe", 100, &text), INVALID);
    CHECK_INT (rooted_read (&world.turn, world.root, "/inner", 100, &text), INVALID);
    CHECK_INT (rooted_read (&world.turn, world.root, "/inner/plain", 4, &text), TOO_LARGE);
    world_end (&world);
}

TEST (a_link_itself_can_be_looked_at_and_removed)
{
    world_t world;
    struct stat status;
    world_begin (&world);
    CHECK_INT (rooted_stat (world.root, "/inner/absolute", false, &status), 0);
    CHECK (S_ISLNK (status.st_mode));
    CHECK_INT (rooted_stat (world.root, "/inner/absolute", true, &status), -1);
    CHECK_INT (errno, ENOENT);
    CHECK_INT (rooted_unlink (world.root, "/inner/folder/key"), -1);
    CHECK_INT (rooted_unlink (world.root, "/inner/absolute"), 0);
    CHECK_INT (access (at (&world, "secret/key"), F_OK), 0);
    CHECK_INT (rooted_stat (world.root, "/inner/absolute", false, &status), -1);
    world_end (&world);
}

TEST (folders_are_made_below_the_other_root_alone)
{
    world_t world;
    struct stat status;
    world_begin (&world);
    CHECK_INT (rooted_make_folders (&world.turn, world.root, "/inner/a/b/c"), OK);
    CHECK_INT (rooted_make_folders (&world.turn, world.root, "/inner/a/b/c"), OK);
    CHECK_INT (lstat (at (&world, "root/inner/a/b/c"), &status), 0);
    CHECK (rooted_make_folders (&world.turn, world.root, "/inner/folder/made") != OK);
    CHECK (access (at (&world, "secret/made"), F_OK) != 0);
    CHECK_INT (rooted_make_folders (&world.turn, world.root, "/inner/plain"), CONFLICT);
    world_end (&world);
}

TEST (only_a_folder_below_the_other_root_is_emptied)
{
    world_t world;
    world_begin (&world);
    CHECK (rooted_empty (world.root, "/inner/folder") != OK);
    CHECK_INT (access (at (&world, "secret/key"), F_OK), 0);
    CHECK_INT (rooted_empty (world.root, "/inner"), OK);
    CHECK (access (at (&world, "root/inner/plain"), F_OK) != 0);
    CHECK_INT (access (at (&world, "secret/key"), F_OK), 0);
    world_end (&world);
}
