/* builtin_files.c - see builtin_files.h. A file is written beside its place, under a name of its own, and moved there when it is whole. */

#include "agent/engine/builtin/builtin_files.h"

#include "common/base/path.h"
#include "common/base/sha256.h"
#include "common/os/rooted.h"
#include "common/zip/zip_inflate.h"
#include "proto/messages.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    const builtin_call_t *call;
    turn_t *turn;
    const artifact_t *artifact;
    const char *folder;
    char *bytes;
    int64_t offset; // Of the file's bytes in those of all
    int fd;
    sha256_t sum;
    fault_t fault;
} writing_t;

// Opens the folder of a file below `folder`, making what is missing, through no link. -1 with errno.
static int open_folder (int view, const char *folder, const char *path, const char **name)
{
    int at = rooted_open (view, folder, O_RDONLY | O_DIRECTORY, 0);
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

static bool put_bytes (void *to, const void *data, size_t size)
{
    writing_t *self = to;
    const char *at = data;
    sha256_add (&self->sum, data, size);
    while (size) {
        ssize_t wrote = write (self->fd, at, size);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0) {
            self->fault = errno == ENOSPC ? NO_SPACE : BROKEN;
            return false;
        }
        at += wrote;
        size -= (size_t) wrote;
    }
    return true;
}

// Up to MAX_CHUNK of the artifact's bytes into self->bytes.
static fault_t read_piece (writing_t *self, int64_t offset, int64_t left, size_t *got)
{
    const artifact_port_t *port = self->call->artifacts;
    size_t wanted = left < MAX_CHUNK ? (size_t) left : MAX_CHUNK;
    builtin_retry_t retry = {.until_us = 0};
    fault_t fault;
    do
        fault = port->read (port->self, self->turn, self->artifact->id, offset, self->bytes, wanted, got);
    while (builtin_retry (self->call, self->turn, fault, &retry));
    TRY (fault);
    return *got == 0 || *got > wanted ? BROKEN : OK;
}

static fault_t copy_plain (writing_t *self, const artifact_file_t *file)
{
    int64_t offset = self->offset, end = offset + file->size;
    while (offset < end && !self->call->stopped (self->call->self)) {
        size_t got;
        TRY (read_piece (self, offset, end - offset, &got));
        if (!put_bytes (self, self->bytes, got))
            return self->fault;
        offset += (int64_t) got;
    }
    if (offset < end)
        return GONE;
    bool same = !file->sha256[0] || strcmp (sha256_hex (&self->sum, self->turn->arena), file->sha256) == 0;
    return same ? OK : INVALID;
}

static fault_t unpack_entry (writing_t *self, const artifact_file_t *file, int64_t offset,
                             zip_inflate_t *inflate)
{
    int64_t end = offset + file->packed;
    while (offset < end && !self->call->stopped (self->call->self)) {
        size_t got;
        TRY (read_piece (self, offset, end - offset, &got));
        fault_t fault = zip_inflate_feed (inflate, self->bytes, got, put_bytes, self);
        if (fault)
            return fault == GONE ? self->fault : fault;
        offset += (int64_t) got;
    }
    return offset < end ? GONE : zip_inflate_end (inflate);
}

static fault_t copy_entry (writing_t *self, const artifact_file_t *file)
{
    size_t got;
    uint64_t offset;
    TRY (read_piece (self, file->offset, ZIP_HEADER, &got));
    if (got != ZIP_HEADER || zip_data_offset (self->bytes, (uint64_t) file->offset, &offset) != OK)
        return INVALID;
    zip_inflate_t *inflate = zip_inflate_new ((uint16_t) file->method, (uint64_t) file->size, file->crc32);
    fault_t fault = unpack_entry (self, file, (int64_t) offset, inflate);
    zip_inflate_destroy (&inflate);
    return fault;
}

static bool copy_file (writing_t *self, const artifact_file_t *file)
{
    sha256_init (&self->sum);
    self->turn->detail = NULL;
    fault_t fault = self->artifact->archive ? copy_entry (self, file) : copy_plain (self, file);
    if (fault == INVALID && !self->turn->detail)
        return builtin_fail (self->call, "%s was damaged on the way: it is not what was uploaded",
                             file->path);
    if (fault == GONE && !self->turn->detail) // Told to stop
        return false;
    return fault == OK || builtin_fail (self->call, "%s: %s", file->path,
                                        self->turn->detail ? self->turn->detail : fault_own_text (fault));
}

static bool failed (const writing_t *self, const artifact_file_t *file)
{
    return builtin_fail (self->call, "%s/%s: %s", self->folder, file->path, strerror (errno));
}

static bool write_file (writing_t *self, const artifact_file_t *file)
{
    const char *name;
    if (!path_is_inside (file->path))
        return builtin_fail (self->call, "\"%s\" is not a path for a file", file->path);
    int at = open_folder (self->call->view, self->folder, file->path, &name);
    if (at < 0)
        return failed (self, file);
    const char *part = arena_printf (self->call->arena, ".%.200s.part", name);
    unlinkat (at, part, 0);
    self->fd = openat (at, part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool good = (self->fd >= 0 || failed (self, file)) && copy_file (self, file);
    if (good &&
        (fchmod (self->fd, file->mode ? file->mode & 0777 : 0644) != 0 || renameat (at, part, at, name) != 0))
        good = failed (self, file);
    if (self->fd >= 0)
        close (self->fd);
    if (!good)
        unlinkat (at, part, 0);
    close (at);
    return good;
}

bool builtin_write_files (const builtin_call_t *call, turn_t *turn, const artifact_t *artifact,
                          const char *folder, char *bytes)
{
    writing_t self = {.call = call, .turn = turn, .artifact = artifact, .folder = folder, .bytes = bytes};
    if (rooted_make_folders (turn, call->view, folder) != OK)
        return builtin_fail (call, "%s", turn->detail);
    for (size_t i = 0; i < artifact->files.count; i++) {
        if (!write_file (&self, &artifact->files.items[i]))
            return false;
        self.offset += artifact->files.items[i].size;
    }
    return true;
}
