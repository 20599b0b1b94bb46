/* workspace.c - a job's folders are emptied, and nothing outside them is touched. */

#include "agent/engine/folder/workspace.h"

#include "agent/engine/engine.h"
#include "agent/engine/folder/trash.h"
#include "common/base/clock.h"
#include "tests/unit/agent/engine/folder.h"
#include "tests/unit/own_mounts.h"
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
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

TEST (what_a_job_left_is_set_aside_at_once_and_removed_meanwhile)
{
    arena_t *arena = arena_new ();
    const char *root = folder_new (arena), *error = "";
    workspace_t workspace;
    CHECK_INT (workspace_open (&workspace, arena, root, NULL, &error), OK);
    CHECK_INT (workspace.set_aside, 0);
    folder_put (workspace.workspace, "a/b", "x");
    folder_put (workspace.actions, "c", "x");
    CHECK_INT (chmod (workspace.temp, 0), 0);
    CHECK_INT (rmdir (workspace.trash), 0);
    CHECK_INT (symlink ("/", workspace.trash), 0);
    CHECK_INT (workspace_clean (&workspace, &error), OK);
    CHECK (!folder_has (workspace.workspace, "a") && !folder_has (workspace.actions, "c"));
    CHECK (folder_has (workspace.trash, "workspace.1/a/b") && folder_has (workspace.trash, "actions.3/c"));
    CHECK_INT (access (workspace.temp, W_OK), 0);
    CHECK_INT (workspace_open (&workspace, arena, root, NULL, &error), OK); // By the next agent
    CHECK_INT (workspace.set_aside, 1);
    trash_t *trash = trash_new (workspace.trash);
    trash_empty (trash);
    for (int64_t until = test_until_us (); rmdir (workspace.trash) != 0; poll (NULL, 0, 1))
        CHECK (clock_monotonic_us () < until);
    trash_destroy (&trash);
    folder_remove (root);
    arena_destroy (&arena);
}

// In a file system in which a job has taken every inode.
static const char *clean_where_nothing_can_be_made (void *context)
{
    arena_t *arena = arena_new ();
    const char *root = context, *error = "", *path = "";
    workspace_t workspace;
    if (mount ("none", root, "tmpfs", 0, "size=4m,nr_inodes=60") != 0)
        return "nothing can be mounted";
    if (workspace_open (&workspace, arena, root, NULL, &error) != OK)
        return "it cannot be opened";
    if (mkdir (arena_printf (arena, "%s/d", workspace.workspace), 0755) != 0)
        return "there is no room at first";
    int made = 0, fd;
    while ((fd = open (path = arena_printf (arena, "%s/d/%d", workspace.workspace, made), O_CREAT | O_WRONLY,
                       0600)) >= 0) {
        made++;
        close (fd);
    }
    if (errno != ENOSPC || made < 10)
        return "it did not run out of inodes";
    if (workspace_clean (&workspace, &error) != OK)
        return arena_printf (arena, "%s cannot be cleaned", error);
    const char *wrong = folder_has (workspace.workspace, "d") ? "the next job sees it" : NULL;
    arena_destroy (&arena);
    return wrong;
}

TEST (a_job_that_leaves_no_inode_does_not_fail_the_next_one)
{
    arena_t *arena = arena_new ();
    const char *root = folder_new (arena);
    in_own_mounts (clean_where_nothing_can_be_made, (void *) root);
    folder_remove (root);
    arena_destroy (&arena);
}

// Of what a job has mounted within its folders, and on two of them.
static const char *clean_around_mounts (void *context)
{
    arena_t *arena = arena_new ();
    const char *root = context, *error = "", *theirs = arena_printf (arena, "%s/theirs", root);
    workspace_t workspace;
    if (workspace_open (&workspace, arena, arena_printf (arena, "%s/work", root), NULL, &error) != OK)
        return "it cannot be opened";
    const char *within = arena_printf (arena, "%s/data", workspace.workspace);
    if (mkdir (within, 0755) != 0 || mount (theirs, within, NULL, MS_BIND, NULL) != 0 ||
        mount (theirs, workspace.temp, NULL, MS_BIND, NULL) != 0 ||
        mount (theirs, workspace.temp, NULL, MS_BIND, NULL) != 0 ||
        mount (theirs, workspace.commands, NULL, MS_BIND, NULL) != 0)
        return "nothing can be mounted";
    if (workspace_clean (&workspace, &error) != OK)
        return "it cannot be cleaned";
    if (folder_has (workspace.workspace, "data") || folder_has (workspace.temp, "precious") ||
        folder_has (workspace.commands, "precious"))
        return "the next job would meet it";
    bool there = folder_has (theirs, "precious");
    arena_destroy (&arena);
    return there ? NULL : "what was mounted was emptied";
}

TEST (what_a_job_mounted_is_left_as_it_is_and_not_in_the_next_jobs_folders)
{
    arena_t *arena = arena_new ();
    const char *root = folder_new (arena);
    folder_put (root, "theirs/precious", "x");
    in_own_mounts (clean_around_mounts, (void *) root);
    folder_remove (root);
    arena_destroy (&arena);
}

// A volume that the operator has mounted for the workspace: it cannot be renamed.
static const char *clean_a_mount (void *context)
{
    arena_t *arena = arena_new ();
    const char *root = context, *error = "", *volume = arena_printf (arena, "%s/volume", root);
    const char *work = arena_printf (arena, "%s/work", root);
    workspace_t workspace;
    if (workspace_open (&workspace, arena, work, NULL, &error) != OK ||
        mount (volume, workspace.workspace, NULL, MS_BIND, NULL) != 0 ||
        workspace_open (&workspace, arena, work, NULL, &error) != OK)
        return "nothing can be mounted";
    folder_put (workspace.workspace, "a/b", "x");
    if (workspace_clean (&workspace, &error) != OK)
        return "it cannot be cleaned";
    const char *wrong = folder_has (volume, "a") ? "it was not emptied" : NULL;
    arena_destroy (&arena);
    return wrong;
}

TEST (a_workspace_that_is_a_volume_is_emptied_in_place)
{
    arena_t *arena = arena_new ();
    const char *root = folder_new (arena);
    CHECK_INT (mkdir (arena_printf (arena, "%s/volume", root), 0755), 0);
    in_own_mounts (clean_a_mount, (void *) root);
    folder_remove (root);
    arena_destroy (&arena);
}

// Root's job can mount what it likes where it likes: also where the agent empties what jobs left.
static const char *clean_beside_a_mount_on_the_trash (void *context)
{
    arena_t *arena = arena_new ();
    const char *root = context, *error = "", *volume = arena_printf (arena, "%s/volume", root);
    const engine_options_t options = {.work_dir = root, .name = "ada", .server = "http://server"};
    engine_t *engine;
    if (engine_new (&engine, arena, &options, &error) != OK || mkdir (volume, 0755) != 0 ||
        mount (volume, arena_printf (arena, "%s/trash", root), NULL, MS_BIND, NULL) != 0)
        return "nothing can be mounted";
    folder_put (volume, "data", "x");
    folder_put (root, "workspace/left", "x");
    if (engine_clean (engine, &error) != OK)
        return "it cannot be cleaned";
    engine_destroy (&engine);
    bool wrong = !folder_has (volume, "data") || folder_has (volume, "workspace.1");
    arena_destroy (&arena);
    return wrong ? "the mounted volume was touched" : NULL;
}

TEST (what_a_job_has_mounted_on_the_trash_is_taken_off_and_not_emptied)
{
    arena_t *arena = arena_new ();
    const char *root = folder_new (arena);
    in_own_mounts (clean_beside_a_mount_on_the_trash, (void *) root);
    folder_remove (root);
    arena_destroy (&arena);
}

static fault_t take_log (void *self, uint32_t step, const void *data, size_t size)
{
    (void) self, (void) step, (void) data, (void) size;
    return OK;
}

static void take_step (void *self, const engine_step_t *step)
{
    (void) self, (void) step;
}

static engine_result_t run_job (engine_t *engine, arena_t *arena)
{
    cancel_t *cancel;
    engine_result_t result = {.result = result_none};
    if (cancel_new (&cancel) != OK)
        return result;
    const engine_job_t job = {
        .id = "j1", .definition = "{\"key\":\"k\",\"steps\":[{\"run\":\"true\"}]}", .cancel = cancel};
    const engine_sink_t sink = {.log = take_log, .step = take_step};
    engine_run (engine, arena, &job, &sink, &result);
    cancel_destroy (&cancel);
    return result;
}

// Nothing can be renamed to another mount, and of so many some are left.
static const char *run_beside_what_is_left (void *context)
{
    arena_t *arena = arena_new ();
    const char *root = context, *error = "", *trash = arena_printf (arena, "%s/trash", root);
    const char *volume = arena_printf (arena, "%s/volume", root);
    const engine_options_t options = {.work_dir = root, .name = "ada", .server = "http://server"};
    engine_t *engine;
    if (engine_new (&engine, arena, &options, &error) != OK || mkdir (volume, 0755) != 0)
        return "it cannot begin";
    for (int i = 0; i < 64; i++)
        if (mount (volume, trash, NULL, MS_BIND, NULL) != 0)
            return "nothing can be mounted";
    folder_put (volume, "data", "x");
    folder_put (root, "workspace/left", "x");
    if (engine_clean (engine, &error) == OK)
        return "it is said to be clean";
    engine_result_t result = run_job (engine, arena);
    if (result.result != result_failure ||
        !strstr (result.reason, "/workspace holds what an earlier job left"))
        return "a job has met what another left";
    if (!folder_has (root, "workspace/left"))
        return "what is left was touched";
    while (umount2 (trash, MNT_DETACH) == 0)
        ;
    result = run_job (engine, arena);
    engine_destroy (&engine); // Ends what empties the trash
    bool kept = folder_has (volume, "data");
    arena_destroy (&arena);
    return result.result != result_success ? "the next job does not run"
           : kept                          ? NULL
                                           : "it emptied a volume";
}

TEST (no_job_runs_beside_what_another_left)
{
    arena_t *arena = arena_new ();
    const char *root = folder_new (arena);
    in_own_mounts (run_beside_what_is_left, (void *) root);
    folder_remove (root);
    arena_destroy (&arena);
}
