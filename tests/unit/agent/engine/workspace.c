/* workspace.c - a job's folders are emptied, and nothing outside them is touched. */

#include "agent/engine/workspace.h"

#include "tests/unit/agent/engine/folder.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TEST (links_out_of_the_workspace_are_removed_and_not_followed)
{
    arena_t *arena = arena_new ();
    const char *root = folder_new (arena), *error = "";
    folder_put (root, "outside/precious", "x");
    workspace_t workspace;
    CHECK_INT (workspace_open (&workspace, arena, arena_printf (arena, "%s/work", root), NULL, &error), OK);
    folder_put (workspace.workspace, "a/b/c", "x");
    folder_put (workspace.temp, "t", "x");
    CHECK_INT (symlink ("../../outside", arena_printf (arena, "%s/link", workspace.workspace)), 0);
    CHECK_INT (symlink ("/", arena_printf (arena, "%s/a/root", workspace.workspace)), 0);
    CHECK_INT (chmod (arena_printf (arena, "%s/a/b", workspace.workspace), 0), 0);
    CHECK_INT (workspace_clean (&workspace, &error), OK);
    CHECK (!folder_has (workspace.workspace, "a") && !folder_has (workspace.workspace, "link"));
    CHECK (!folder_has (workspace.temp, "t"));
    CHECK (folder_has (root, "outside/precious"));
    folder_remove (root);
    arena_destroy (&arena);
}

TEST (what_every_job_has_is_emptied_and_kept_unless_a_job_changed_it)
{
    arena_t *arena = arena_new ();
    const char *root = folder_new (arena), *error = "";
    workspace_t workspace;
    CHECK_INT (workspace_open (&workspace, arena, arena_printf (arena, "%s/work", root), NULL, &error), OK);
    static const char *const names[] = {"ENV-1", "OUTPUT-1", "PATH-2", "STATE-1", "event.json", "ENV-5"};
    const char *paths[6];
    for (size_t i = 0; i < 6; i++) {
        paths[i] = arena_printf (arena, "%s/%s", workspace.commands, names[i]);
        int fd = file_reset (paths[i], 0644);
        CHECK (fd >= 0 && write (fd, "secret", 6) == 6 && close (fd) == 0);
    }
    const char *outside = arena_printf (arena, "%s/kept", root);
    CHECK_INT (link (paths[1], outside), 0);
    CHECK_INT (unlink (paths[2]), 0);
    CHECK_INT (symlink (outside, paths[2]), 0);
    CHECK_INT (chmod (paths[3], 0777), 0);
    CHECK (unlink (paths[4]) == 0 && mkfifo (paths[4], 0600) == 0);
    CHECK_INT (workspace_clean (&workspace, &error), OK);
    struct stat status;
    CHECK (lstat (paths[0], &status) == 0 && S_ISREG (status.st_mode) && status.st_size == 0);
    for (size_t i = 1; i < 6; i++)
        CHECK (!folder_has (workspace.commands, names[i]));
    CHECK (stat (outside, &status) == 0 && status.st_size == 6);
    folder_remove (root);
    arena_destroy (&arena);
}

TEST (a_file_that_is_reset_is_empty_and_shares_nothing_with_what_was_there)
{
    arena_t *arena = arena_new ();
    const char *root = folder_new (arena), *path = arena_printf (arena, "%s/f", root);
    const char *outside = arena_printf (arena, "%s/outside", root);
    enum { NOTHING, PLAIN, LINKED, SYMLINK, FIFO, FOREIGN_MODE, KINDS };
    folder_put (root, "outside", "kept");
    for (int kind = NOTHING; kind < KINDS; kind++) {
        struct stat status;
        unlink (path);
        if (kind == PLAIN || kind == FOREIGN_MODE)
            folder_put (root, "f", "old");
        CHECK (kind != FOREIGN_MODE || chmod (path, 04777) == 0);
        CHECK (kind != LINKED || link (outside, path) == 0);
        CHECK (kind != SYMLINK || symlink (outside, path) == 0);
        CHECK (kind != FIFO || mkfifo (path, 0600) == 0);
        int fd = file_reset (path, 0644);
        CHECK (fd >= 0 && write (fd, "new", 3) == 3 && close (fd) == 0);
        CHECK (lstat (path, &status) == 0 && S_ISREG (status.st_mode) && status.st_size == 3);
        CHECK (status.st_nlink == 1 && !(status.st_mode & 07133));
        CHECK (stat (outside, &status) == 0 && status.st_size == 4);
    }
    folder_remove (root);
    arena_destroy (&arena);
}

TEST (a_workspace_that_became_a_link_is_made_again)
{
    arena_t *arena = arena_new ();
    const char *root = folder_new (arena), *error = "";
    folder_put (root, "outside/precious", "x");
    workspace_t workspace;
    CHECK_INT (workspace_open (&workspace, arena, arena_printf (arena, "%s/work", root), NULL, &error), OK);
    CHECK_INT (rmdir (workspace.workspace), 0);
    CHECK_INT (symlink ("../outside", workspace.workspace), 0);
    CHECK_INT (rmdir (workspace.temp), 0);
    CHECK_INT (workspace_clean (&workspace, &error), OK);
    struct stat status;
    CHECK (lstat (workspace.workspace, &status) == 0 && S_ISDIR (status.st_mode));
    CHECK (lstat (workspace.temp, &status) == 0 && S_ISDIR (status.st_mode));
    CHECK (folder_has (root, "outside/precious"));
    folder_remove (root);
    arena_destroy (&arena);
}

TEST (a_work_folder_that_cannot_be_made_is_named)
{
    arena_t *arena = arena_new ();
    const char *root = folder_new (arena), *error = "";
    folder_put (root, "file", "x");
    workspace_t workspace;
    CHECK (workspace_open (&workspace, arena, arena_printf (arena, "%s/file/work", root), NULL, &error) !=
           OK);
    CHECK (strstr (error, "file/work") != NULL);
    folder_remove (root);
    arena_destroy (&arena);
}
