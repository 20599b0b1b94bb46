/* workspace.c - see workspace.h. Removal goes by descriptors (openat, unlinkat), never by path, so that nobody can turn a folder into a
 * link under its feet; a folder that a job made unreadable is opened up first. */

#include "agent/engine/workspace.h"

#include "common/os/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define REUSE_FLAGS  (O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)

// What most jobs have in `commands`: the files of their first KEPT_RUNS step runs. They are emptied and kept: to make one where many were
// removed lately is slow, because ext4 looks for a number that was not given back within the last seconds.
#define KEPT_RUNS 4
static const struct {
    const char *name; // "NAME-" is followed by the number of the run, and perhaps by an extension
    unsigned mode;
} kept_files[] = {{"ENV-", 0666},          {"OUTPUT-", 0666},    {"PATH-", 0666},  {"STATE-", 0666},
                  {"STEP_SUMMARY-", 0666}, {"event.json", 0644}, {"script-", 0755}};

static bool is_kept (const char *name, const char *kept)
{
    size_t size = strlen (kept);
    if (strncmp (name, kept, size) != 0 || kept[size - 1] != '-')
        return strcmp (name, kept) == 0;
    name += size;
    return name[0] >= '1' && name[0] <= '0' + KEPT_RUNS && (!name[1] || strcmp (name + 1, ".sh") == 0);
}

static fault_t empty (int fd, int depth, bool keep);

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

static fault_t remove_folder (int parent, const char *name, int depth)
{
    int fd = openat (parent, name, FOLDER_FLAGS);
    if (fd < 0 && errno == EACCES && fchmodat (parent, name, 0700, 0) == 0)
        fd = openat (parent, name, FOLDER_FLAGS);
    if (fd < 0)
        return fault_from_errno (errno);
    fault_t fault = empty (fd, depth + 1, false);
    if (!fault && unlinkat (parent, name, AT_REMOVEDIR) != 0)
        fault = fault_from_errno (errno);
    return fault;
}

static fault_t remove_entry (int parent, const struct dirent *entry, int depth)
{
    if (entry->d_type != DT_DIR && unlinkat (parent, entry->d_name, 0) == 0)
        return OK;
    if (entry->d_type != DT_DIR && errno != EISDIR)
        return fault_from_errno (errno);
    return depth < WORKSPACE_DEPTH ? remove_folder (parent, entry->d_name, depth) : TOO_LARGE;
}

static bool is_itself (const char *name)
{
    return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

// Takes fd. Goes on after a failure, so that as much as possible is gone; returns the first.
static fault_t empty (int fd, int depth, bool keep)
{
    DIR *folder = fdopendir (fd);
    if (!folder) {
        close (fd);
        return fault_from_errno (errno);
    }
    fault_t first = OK;
    struct dirent *entry;
    while ((entry = readdir (folder))) {
        if (is_itself (entry->d_name) || (keep && keep_empty (fd, entry->d_name)))
            continue;
        fault_t fault = remove_entry (fd, entry, depth);
        if (fault == FORBIDDEN && fchmod (fd, 0700) == 0)
            fault = remove_entry (fd, entry, depth);
        if (fault && !first)
            first = fault;
    }
    closedir (folder);
    return first;
}

static fault_t empty_at (const char *path, bool keep)
{
    int fd = open (path, FOLDER_FLAGS);
    if (fd >= 0)
        return empty (fd, 0, keep);
    if (errno != ENOTDIR && errno != ELOOP)
        return fault_from_errno (errno);
    // The job put something else in its place
    if (unlink (path) != 0 || mkdir (path, 0755) != 0)
        return fault_from_errno (errno);
    return OK;
}

fault_t folder_empty (const char *path)
{
    return empty_at (path, false);
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

fault_t workspace_open (workspace_t *self, arena_t *arena, const char *work_dir, const char *tools,
                        const char **error)
{
    *error = work_dir;
    fault_t fault = make (work_dir);
    char real[PATH_MAX];
    TRY (fault);
    if (!realpath (work_dir, real))
        return fault_from_errno (errno);
    self->root = arena_strdup (arena, real);
    const struct {
        const char *name, **path;
    } folders[] = {{"workspace", &self->workspace},
                   {"temp", &self->temp},
                   {"commands", &self->commands},
                   {"tools", &self->tools},
                   {"actions", &self->actions}};
    for (size_t i = 0; i < sizeof (folders) / sizeof (folders[0]) && !fault; i++) {
        bool elsewhere = tools && folders[i].path == &self->tools;
        *error = *folders[i].path = elsewhere ? arena_strdup (arena, tools)
                                              : arena_printf (arena, "%s/%s", self->root, folders[i].name);
        fault = make (*folders[i].path);
    }
    return fault;
}

fault_t workspace_clean (const workspace_t *self, const char **error)
{
    const char *const folders[] = {self->workspace, self->temp, self->actions, self->commands};
    fault_t first = OK;
    for (size_t i = 0; i < sizeof (folders) / sizeof (folders[0]); i++) {
        fault_t fault = empty_at (folders[i], folders[i] == self->commands);
        if (fault == NOT_FOUND) // The job removed it
            fault = make (folders[i]);
        if (fault && !first) {
            first = fault;
            *error = folders[i];
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
