/* workspace.c - see workspace.h. What a job left is set aside by a rename, which takes no time however much it is; trash.c removes it. */

#include "agent/engine/folder/workspace.h"

#include "common/base/path.h"
#include "common/os/folder.h"
#include "common/os/folder_empty.h"
#include "common/os/rooted.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define REUSE_FLAGS  (O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)

#define TIDY_MAX \
    256 // Entries of `commands` that are removed one by one; where there are more it is set aside as a whole
#define MOUNTS_MAX 16 // On one folder, one above the other

// What most jobs have in `commands`: the files of their first KEPT_RUNS step runs. They are emptied and kept: to make one where many were
// removed lately is slow, because ext4 looks for a number that was not given back within the last seconds.
#define KEPT_RUNS 4
static const struct {
    const char *name; // "NAME-" is followed by the number of the run, and perhaps by an extension
    unsigned mode;
} kept_files[] = {
    {"ENV-", 0666},          {"OUTPUT-", 0666},    {"PATH-", 0666},           {"STATE-", 0666},
    {"STEP_SUMMARY-", 0666}, {"ARTIFACTS-", 0666}, {"ARTIFACTS_LIST-", 0666}, {"event.json", 0644},
    {"script-", 0755}};

static bool is_kept (const char *name, const char *kept)
{
    size_t size = strlen (kept);
    if (strncmp (name, kept, size) != 0 || kept[size - 1] != '-')
        return strcmp (name, kept) == 0;
    name += size;
    return name[0] >= '1' && name[0] <= '0' + KEPT_RUNS && (!name[1] || strcmp (name + 1, ".sh") == 0);
}

// A file as we made it: under this name alone, and nobody gave it other rights.
static bool is_as_made (const struct stat *status, unsigned mode)
{
    return S_ISREG (status->st_mode) && status->st_nlink == 1 && status->st_uid == geteuid () &&
           !(status->st_mode & 07777 & ~mode) && (status->st_mode & S_IRWXU) == (mode & S_IRWXU);
}

// False where it is none to be kept.
static bool keep_empty (int folder, const char *name)
{
    struct stat status;
    size_t i = 0, count = sizeof (kept_files) / sizeof (kept_files[0]);
    while (i < count && !is_kept (name, kept_files[i].name))
        i++;
    if (i == count || fstatat (folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
        !is_as_made (&status, kept_files[i].mode))
        return false;
    if (status.st_size == 0)
        return true;
    int fd = openat (folder, name, REUSE_FLAGS | O_TRUNC);
    if (fd >= 0)
        close (fd);
    return fd >= 0;
}

// Nothing is left but what is kept. False where more is there than a few files.
static bool tidy (int fd, bool keep)
{
    DIR *folder = fdopendir (fd); // Takes it
    bool good = folder != NULL;
    struct dirent *entry;
    for (size_t removed = 0; good && (entry = readdir (folder));) {
        if (path_is_dots (entry->d_name, strlen (entry->d_name)) || (keep && keep_empty (fd, entry->d_name)))
            continue;
        good =
            keep && removed++ < TIDY_MAX && entry->d_type != DT_DIR && unlinkat (fd, entry->d_name, 0) == 0;
    }
    if (folder)
        closedir (folder);
    else
        close (fd);
    return good;
}

static fault_t make (const char *path)
{
    turn_t turn;
    arena_t *arena = arena_new ();
    turn_init (&turn, arena, "workspace", 0);
    fault_t fault = folder_make_open (&turn, path);
    arena_destroy (&arena);
    return fault;
}

// ---- mounts

static folder_id_t id_of (const char *path)
{
    struct stat status;
    if (lstat (path, &status) != 0)
        return (folder_id_t){0, 0};
    return (folder_id_t){status.st_dev, status.st_ino};
}

// A kernel before 5.8 does not say it in one call.
static bool is_mount_by_opening (const workspace_t *self, const workspace_folder_t *folder)
{
    int root = open (self->root, FOLDER_FLAGS);
    int fd = root < 0 ? -1 : folder_open_plain (root, folder->name);
    bool mounted = root >= 0 && fd < 0 && errno == EXDEV;
    if (fd >= 0)
        close (fd);
    if (root >= 0)
        close (root);
    return mounted;
}

static bool is_mount (const workspace_t *self, const workspace_folder_t *folder)
{
    struct statx status;
    if (statx (AT_FDCWD, folder->path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0, &status) != 0)
        return false;
    if (!(status.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT))
        return is_mount_by_opening (self, folder);
    return status.stx_attributes & STATX_ATTR_MOUNT_ROOT;
}

// What a job has mounted on one of the folders is somebody's data: it is taken off, and stays as it is.
static fault_t uncover (const workspace_t *self, const workspace_folder_t *folder)
{
    for (int i = 0; i < MOUNTS_MAX; i++) {
        if (!is_mount (self, folder))
            return OK;
        folder_id_t id = id_of (folder->path);
        if (folder->mounted && id.device == folder->id.device && id.inode == folder->id.inode)
            return OK; // The operator's own
        if (umount2 (folder->path, MNT_DETACH | UMOUNT_NOFOLLOW) != 0)
            return fault_from_errno (errno);
    }
    return is_mount (self, folder) && !folder->mounted ? BROKEN : OK;
}

// ---- setting aside

// Under a name that nobody has. A folder without rights cannot change its id.
static bool move_aside (workspace_t *self, const char *name, const char *path)
{
    char aside[PATH_MAX];
    for (bool opened = false;;) {
        snprintf (aside, sizeof (aside), "%s/%s.%u", self->trash, name, ++self->set_aside);
        if (renameat2 (AT_FDCWD, path, AT_FDCWD, aside, RENAME_NOREPLACE) == 0)
            return true;
        if (errno == EACCES && !opened && fchmodat (AT_FDCWD, path, 0700, 0) == 0)
            opened = true;
        else if (errno != EEXIST)
            return false;
    }
}

// A job may have left no room even for one more folder: what it left goes first, and its successor waits for that rather than fail for it.
static fault_t make_anew (const workspace_t *self, const char *path)
{
    fault_t fault = make (path);
    if (fault != NO_SPACE)
        return fault;
    (void) !folder_empty (self->trash); // Perhaps not all of it: what counts is whether there is room now
    return make (path);
}

static fault_t renew (workspace_t *self, const workspace_folder_t *folder)
{
    if (folder->mounted)
        return folder_empty_volume (folder->path);
    if (!move_aside (self, folder->name, folder->path))
        return fault_from_errno (errno);
    return make_anew (self, folder->path);
}

static bool is_usable (int fd)
{
    struct stat status;
    return fstat (fd, &status) == 0 && status.st_uid == geteuid () && (status.st_mode & S_IRWXU) == S_IRWXU;
}

// Each by itself: the folder stays, and with it what opencicd-sandbox has set for it.
static fault_t clean_sandbox (workspace_t *self, const workspace_folder_t *folder)
{
    char path[PATH_MAX];
    DIR *list = opendir (folder->path);
    struct dirent *entry;
    fault_t fault = list ? OK : fault_from_errno (errno);
    while (list && !fault && (entry = readdir (list))) {
        if (path_is_dots (entry->d_name, strlen (entry->d_name)))
            continue;
        snprintf (path, sizeof (path), "%s/%s", folder->path, entry->d_name);
        if (!move_aside (self, folder->name, path))
            fault = fault_from_errno (errno);
    }
    if (list)
        closedir (list);
    return fault;
}

static fault_t clean (workspace_t *self, const workspace_folder_t *folder)
{
    TRY (uncover (self, folder));
    int fd = open (folder->path, FOLDER_FLAGS);
    if (fd < 0 && errno == ENOENT) // The job removed it
        return make_anew (self, folder->path);
    if (folder->path == self->sandbox && !folder->mounted && fd >= 0 && is_usable (fd)) {
        close (fd);
        return clean_sandbox (self, folder);
    }
    bool usable = fd >= 0 && is_usable (fd);
    if (fd >= 0 && tidy (fd, folder->keeps_files) && usable)
        return OK;
    return renew (self, folder);
}

fault_t workspace_open (workspace_t *self, arena_t *arena, const char *work_dir, const char *tools,
                        const char **error)
{
    *error = work_dir;
    fault_t fault = make (work_dir);
    char real[PATH_MAX];
    TRY (fault);
    if (!realpath (work_dir, real))
        return fault_from_errno (errno);
    *self = (workspace_t){.root = arena_strdup (arena, real), .view = ROOTED_OURS};
    const struct {
        const char *name, **path;
    } folders[] = {{"workspace", &self->workspace}, {"temp", &self->temp},       {"actions", &self->actions},
                   {"commands", &self->commands},   {"sandbox", &self->sandbox}, {"tools", &self->tools},
                   {"trash", &self->trash}};
    for (size_t i = 0; i < sizeof (folders) / sizeof (folders[0]) && !fault; i++) {
        bool elsewhere = tools && folders[i].path == &self->tools;
        *error = *folders[i].path = elsewhere ? arena_strdup (arena, tools)
                                              : arena_printf (arena, "%s/%s", self->root, folders[i].name);
        if (folders[i].path == &self->trash && rmdir (self->trash) != 0 && errno == ENOTEMPTY)
            self->set_aside++; // By an agent that was killed
        fault = make (*folders[i].path);
        if (i >= WORKSPACE_FOLDERS)
            continue;
        workspace_folder_t *folder = &self->folders[i];
        *folder = (workspace_folder_t){.name = folders[i].name, .path = *folders[i].path};
        folder->keeps_files = folder->path == self->commands;
        folder->mounted = is_mount (self, folder);
        folder->id = id_of (folder->path);
    }
    return fault;
}

// A job may have removed it, or mounted something on it: nothing can be renamed to that.
static void open_trash (const workspace_t *self)
{
    struct stat status;
    const workspace_folder_t folder = {.name = "trash", .path = self->trash};
    if (uncover (self, &folder) != OK)
        return; // Then nothing can be set aside, which is reported
    bool there = lstat (self->trash, &status) == 0;
    if (there && S_ISDIR (status.st_mode))
        return;
    if (there)
        unlink (self->trash);
    mkdir (self->trash, 0755);
}

fault_t workspace_clean (workspace_t *self, const char **error)
{
    open_trash (self);
    fault_t first = OK;
    for (size_t i = 0; i < WORKSPACE_FOLDERS; i++) {
        fault_t fault = clean (self, &self->folders[i]);
        if (fault && !first) {
            first = fault;
            *error = self->folders[i].path;
        }
    }
    return first;
}

int file_reset (const char *path, unsigned mode)
{
    struct stat status;
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, fd = -1;
    if (lstat (path, &status) == 0 && is_as_made (&status, mode))
        // ext4 writes what was truncated out at the next close, even where it was empty
        fd = open (path, status.st_size > 0 ? REUSE_FLAGS | O_TRUNC : REUSE_FLAGS);
    if (fd < 0)
        fd = open (path, flags, mode);
    if (fd < 0 && errno == EEXIST && unlink (path) == 0)
        fd = open (path, flags, mode);
    return fd;
}
