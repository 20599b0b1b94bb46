/* give.c - what is in a folder becomes another user's, and nothing that it only leads to. */

#include "common/os/give.h"

#include "common/base/arena.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define SOMEBODY 4711

static uid_t owner_of (const char *path)
{
    struct stat status;
    CHECK_INT (lstat (path, &status), 0);
    return status.st_uid;
}

static void make_file (const char *path)
{
    FILE *file = fopen (path, "w");
    CHECK (file);
    fclose (file);
}

TEST (what_is_in_a_folder_is_given_but_not_what_a_link_leads_to)
{
    char folder[200];
    arena_t *arena = arena_new ();
    const give_t to = {SOMEBODY, SOMEBODY};
    test_folder (folder, sizeof (folder));
    const char *given = arena_printf (arena, "%s/given", folder),
               *outside = arena_printf (arena, "%s/outside", folder);
    const char *file = arena_printf (arena, "%s/a/b", given), *link = arena_printf (arena, "%s/link", given);
    const char *loop = arena_printf (arena, "%s/loop", given);
    CHECK_INT (mkdir (given, 0700), 0);
    CHECK_INT (mkdir (arena_printf (arena, "%s/a", given), 0755), 0);
    make_file (file);
    make_file (outside);
    CHECK_INT (symlink (outside, link), 0);
    CHECK_INT (symlink ("..", loop), 0);
    bool root = geteuid () == 0;
    uid_t want = root ? SOMEBODY : geteuid ();
    give_folder (given, &to);
    give_folder (arena_printf (arena, "%s/none", folder), &to);
    CHECK_INT (owner_of (given), want);
    CHECK_INT (owner_of (file), want);
    CHECK_INT (owner_of (link), want);
    CHECK_INT (owner_of (outside), geteuid ());
    CHECK_INT (owner_of (folder), geteuid ());
    // A folder that has become a link is no folder to give
    give_folder (loop, &to);
    CHECK_INT (owner_of (folder), geteuid ());
    test_folder_remove (folder);
    arena_destroy (&arena);
}
