/* action_download.c - actions/download-artifact: one artifact of this run by name, or those whose names match a pattern.
 *
 * Paths come from the server and are checked again: nothing is written outside the folder, and through no link. Every file's
 * checksum is compared before it gets its name. */

#include "agent/action.h"

#include "agent/hash_files.h"
#include "agent/workspace.h"
#include "common/clock.h"
#include "common/folder.h"
#include "common/sha256.h"
#include "proto/messages.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const action_download_inputs[] = {"name",           "pattern",      "path",
                                              "merge-multiple", "artifact-ids", "github-token",
                                              "repository",     "run-id",       NULL};

#define PAGES_MAX 1000 // Of a run's artifacts

typedef struct {
    const action_call_t *call;
    const char *name, *pattern, *folder;
    bool merge;
    turn_t turn;
    char *bytes; // MAX_CHUNK of them
    size_t taken;
} download_t;

static bool refused (download_t *self, const char *what, fault_t fault)
{
    return action_fail (self->call, "%s: %s", what,
                        self->turn.detail ? self->turn.detail : fault_text (fault));
}

static bool is_safe (const char *path)
{
    if (!*path || *path == '/')
        return false;
    while (*path) {
        size_t size = strcspn (path, "/");
        if (size == 0 || (size == 1 && *path == '.') || (size == 2 && strncmp (path, "..", 2) == 0))
            return false;
        path += size + (path[size] == '/');
    }
    return true;
}

// Opens the folder of a file below `folder`, making what is missing, through no link. -1 with errno.
static int open_folder (const char *folder, const char *path, const char **name)
{
    int at = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (at >= 0) {
        size_t size = strcspn (path, "/");
        if (!path[size])
            break;
        char segment[NAME_MAX + 1];
        snprintf (segment, sizeof (segment), "%.*s", (int) size, path);
        mkdirat (at, segment, 0755);
        int next = openat (at, segment, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int error = errno;
        close (at);
        errno = error;
        at = next;
        path += size + 1;
    }
    *name = path;
    return at;
}

static bool copy_bytes (download_t *self, const artifact_t *artifact, int64_t offset,
                        const artifact_file_t *file, int fd)
{
    const artifact_port_t *port = self->call->artifacts;
    sha256_t sum;
    sha256_init (&sum);
    int64_t left = file->size;
    fault_t fault = OK;
    while (left && !fault && !self->call->stopped (self->call->self)) {
        size_t got = 0, wanted = left < MAX_CHUNK ? (size_t) left : MAX_CHUNK;
        fault = port->read (port->self, &self->turn, artifact->id, offset, self->bytes, wanted, &got);
        if (!fault && (got == 0 || got > wanted))
            fault = BROKEN;
        if (!fault && write (fd, self->bytes, got) != (ssize_t) got)
            fault = errno == ENOSPC ? NO_SPACE : BROKEN;
        sha256_add (&sum, self->bytes, got);
        offset += (int64_t) got;
        left -= (int64_t) got;
    }
    if (fault)
        return refused (self, file->path, fault);
    return left == 0 && (strcmp (sha256_hex (&sum, self->turn.arena), file->sha256) == 0 ||
                         action_fail (self->call, "%s did not arrive as it was sent", file->path));
}

static bool take_file (download_t *self, const artifact_t *artifact, int64_t offset,
                       const artifact_file_t *file, const char *folder)
{
    const char *name;
    if (!is_safe (file->path))
        return action_fail (self->call, "\"%s\" is no path for a file", file->path);
    int at = open_folder (folder, file->path, &name);
    if (at < 0)
        return action_fail (self->call, "%s/%s: %s", folder, file->path, strerror (errno));
    const char *part = arena_printf (self->call->arena, ".%.200s.part", name);
    unlinkat (at, part, 0);
    int fd = openat (at, part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool good = fd >= 0 || action_fail (self->call, "%s/%s: %s", folder, file->path, strerror (errno));
    good = good && copy_bytes (self, artifact, offset, file, fd);
    if (good &&
        (fchmod (fd, file->mode ? file->mode & 0777 : 0644) != 0 || renameat (at, part, at, name) != 0))
        good = action_fail (self->call, "%s/%s: %s", folder, file->path, strerror (errno));
    if (fd >= 0)
        close (fd);
    if (!good)
        unlinkat (at, part, 0);
    close (at);
    return good;
}

static bool take_artifact (download_t *self, const artifact_t *listed)
{
    const artifact_port_t *port = self->call->artifacts;
    bool apart = !*self->name && !self->merge;
    artifact_t artifact = {.id = NULL};
    fault_t fault = port->show (port->self, &self->turn, listed->id, &artifact);
    if (fault)
        return refused (self, listed->name, fault);
    const char *folder = self->folder;
    if (apart && (!is_safe (artifact.name) || strchr (artifact.name, '/')))
        return action_fail (self->call, "\"%s\" is no name for a folder", artifact.name);
    if (apart)
        folder = arena_printf (self->call->arena, "%s/%s", folder, artifact.name);
    if (folder_make_open (&self->turn, folder) != OK)
        return action_fail (self->call, "%s", self->turn.detail);
    int64_t offset = 0;
    bool good = true;
    for (size_t i = 0; i < artifact.files.count && good; i++) {
        good = take_file (self, &artifact, offset, artifact.files.items + i, folder);
        offset += artifact.files.items[i].size;
    }
    if (good)
        action_say (self->call, "The artifact %s, %zu files, %lld bytes, is in %s", artifact.name,
                    artifact.files.count, (long long) artifact.size, folder);
    self->taken += good;
    return good;
}

static bool is_wanted (const download_t *self, const artifact_t *artifact)
{
    if (!artifact->complete)
        return false;
    if (*self->name)
        return strcmp (self->name, artifact->name) == 0;
    return !*self->pattern || fnmatch (self->pattern, artifact->name, 0) == 0;
}

static bool take_all (download_t *self)
{
    const artifact_port_t *port = self->call->artifacts;
    const char *cursor = "";
    for (int pages = 0; pages < PAGES_MAX; pages++) {
        artifact_page_t page = {.next = NULL};
        fault_t fault = port->list (port->self, &self->turn, self->name, cursor, &page);
        if (fault)
            return refused (self, "the artifacts of this run", fault);
        for (size_t i = 0; i < page.items.count; i++)
            if (is_wanted (self, page.items.items + i) && !take_artifact (self, page.items.items + i))
                return false;
        if (!page.next || !*page.next)
            break;
        cursor = page.next;
    }
    if (!self->taken && *self->name)
        return action_fail (self->call, "this run has no artifact \"%s\"", self->name);
    if (!self->taken)
        action_say (self->call, "##[warning]this run has no such artifacts");
    return true;
}

bool action_download (const action_call_t *call)
{
    download_t self = {.call = call,
                       .name = call->input (call->self, "name"),
                       .pattern = call->input (call->self, "pattern")};
    const char *path = call->input (call->self, "path");
    if (!call->artifacts)
        return action_fail (call, "artifacts need a server");
    if (*call->input (call->self, "run-id") || *call->input (call->self, "artifact-ids"))
        return action_fail (call, "artifacts are taken from this run by `name` or `pattern`, not by ids");
    if (!action_flag (call, "merge-multiple", false, &self.merge))
        return false;
    self.folder = *path == '/' ? path : arena_printf (call->arena, "%s/%s", call->workspace, path);
    turn_init (&self.turn, call->arena, "", clock_now_us (clock_system ()));
    self.bytes = malloc (MAX_CHUNK);
    if (!self.bytes)
        abort ();
    bool good = take_all (&self);
    free (self.bytes);
    if (good)
        call->output (call->self, "download-path", self.folder);
    return good;
}
