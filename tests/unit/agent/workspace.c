/* workspace.c - a job's folders are emptied, and nothing outside them is touched. */

#include "agent/workspace.h"

#include "tests/unit/agent/folder.h"
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
    CHECK_INT (workspace_open (&workspace, arena, arena_printf (arena, "%s/work", root), &error), OK);
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

TEST (a_workspace_that_became_a_link_is_made_again)
{
    arena_t *arena = arena_new ();
    const char *root = folder_new (arena), *error = "";
    folder_put (root, "outside/precious", "x");
    workspace_t workspace;
    CHECK_INT (workspace_open (&workspace, arena, arena_printf (arena, "%s/work", root), &error), OK);
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
    CHECK (workspace_open (&workspace, arena, arena_printf (arena, "%s/file/work", root), &error) != OK);
    CHECK (strstr (error, "file/work") != NULL);
    folder_remove (root);
    arena_destroy (&arena);
}
