/* trial.c - see trial.h. */

#include "services/scm/trial.h"

#include "common/base/clock.h"
#include "common/os/file.h"
#include "common/os/folder.h"
#include "common/os/git.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FOLDERS 16        // Descriptors of a walk
#define WINDOW  (1 << 20) // Bytes that are in memory at once
#define PREFIX  "trial-"  // Of what is unpacked
#define STALE_S 3600      // Longer than any is read

static const char *key_of (arena_t *arena, const char *id, uint32_t part)
{
    return arena_printf (arena, "trials/%s/%" PRIu32, id, part);
}

static fault_t is_kept (const trials_t *self, turn_t *turn)
{
    return self->blob ? OK : turn_fail (turn, UNAVAILABLE, "this server keeps no trials");
}

fault_t trial_put (const trials_t *self, turn_t *turn, const char *id, uint32_t part, const bytes_t *data)
{
    TRY (is_kept (self, turn));
    return blob_put (self->blob, turn, key_of (turn->arena, id, part), data->data, data->size);
}

static fault_t size_of (const trials_t *self, turn_t *turn, const char *id, int64_t *out)
{
    *out = 0;
    for (uint32_t part = 0; part < TRIAL_PARTS; part++) {
        uint64_t size;
        fault_t fault = blob_size (self->blob, turn, key_of (turn->arena, id, part), &size);
        if (fault == NOT_FOUND && part > 0) {
            turn->detail = NULL;
            return OK;
        }
        if (fault != OK)
            return fault == NOT_FOUND ? turn_fail (turn, NOT_FOUND, "there is no bundle of trial %s", id)
                                      : fault;
        *out += (int64_t) size;
        if (size < MAX_PART) // The last one
            break;
    }
    return OK;
}

// Of one whose size is known. A range may begin in one part and end in the next.
static fault_t read_known (const trials_t *self, turn_t *turn, const char *id, int64_t offset, size_t size,
                           trial_bytes_t *out)
{
    if (offset < 0 || offset > out->size)
        return turn_fail (turn, BAD_RANGE, "there are %" PRId64 " bytes", out->size);
    if ((int64_t) size > out->size - offset)
        size = (size_t) (out->size - offset);
    char *data = arena_alloc (turn->arena, size + 1);
    out->data = (bytes_t){data, 0};
    while (out->data.size < size) {
        int64_t at = offset + (int64_t) out->data.size;
        size_t got;
        TRY (blob_get (self->blob, turn, key_of (turn->arena, id, (uint32_t) (at / MAX_PART)),
                       (uint64_t) (at % MAX_PART), data + out->data.size, size - out->data.size, &got));
        if (got == 0)
            return turn_fail (turn, BROKEN, "bytes are missing from %" PRId64 " on", at);
        out->data.size += got;
    }
    return OK;
}

fault_t trial_read (const trials_t *self, turn_t *turn, const char *id, int64_t offset, size_t size,
                    trial_bytes_t *out)
{
    TRY (is_kept (self, turn));
    TRY (size_of (self, turn, id, &out->size));
    return read_known (self, turn, id, offset, size, out);
}

// The first part goes last: while it is there the rest can be found.
fault_t trial_drop (const trials_t *self, turn_t *turn, const char *id)
{
    const char *keys[TRIAL_PARTS];
    fault_t faults[TRIAL_PARTS];
    TRY (is_kept (self, turn));
    for (uint32_t part = 0; part < TRIAL_PARTS; part++)
        keys[part] = key_of (turn->arena, id, part);
    TRY (blob_delete_many (self->blob, turn, keys + 1, TRIAL_PARTS - 1, faults));
    return blob_delete (self->blob, turn, keys[0]);
}

// ---- unpacked ----

static int remove_any (const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void) status, (void) type, (void) walk;
    remove (path);
    return 0;
}

void trial_remove (trial_copy_t *copy)
{
    if (copy->folder)
        nftw (copy->folder, remove_any, FOLDERS, FTW_PHYS | FTW_DEPTH);
    copy->folder = NULL;
}

static bool write_all (int fd, const void *data, size_t size)
{
    for (const char *at = data; size > 0;) {
        ssize_t done = write (fd, at, size);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        at += done;
        size -= (size_t) done;
    }
    return true;
}

// What follows the head, window by window in memory of its own.
static fault_t copy_pack (const trials_t *self, turn_t *turn, const char *id, int64_t offset, int64_t whole,
                          int fd)
{
    while (offset < whole) {
        arena_t *arena = arena_new ();
        turn_t own;
        trial_bytes_t got = {.size = whole};
        turn_init (&own, arena, turn->request_id, turn->now_us);
        fault_t fault = read_known (self, &own, id, offset, WINDOW, &got);
        if (fault == OK && !write_all (fd, got.data.data, got.data.size))
            fault = turn_fail (&own, fault_from_errno (errno), "a trial cannot be written: %m");
        if (fault != OK && own.detail)
            turn->detail = arena_strdup (turn->arena, own.detail);
        offset += (int64_t) got.data.size;
        arena_destroy (&arena);
        TRY (fault);
    }
    return OK;
}

static fault_t index_pack (const trials_t *self, turn_t *turn, const char *view, const trial_copy_t *copy,
                           const char *pack)
{
    process_output_t output;
    const git_location_t location = {.folder = view, .objects = copy->objects};
    const git_bounds_t bounds = {.until_us = clock_monotonic_us () + TRIAL_INDEX_US, .stop = self->stop};
    const char *const args[] = {"-c", "pack.threads=1", "-c", "core.bigFileThreshold=1m", "index-pack", pack,
                                NULL};
    fault_t fault = git_run (turn, args, &location, &bounds, NULL, &output);
    return fault == UNAVAILABLE && output.end.status > 0 && !output.end.signal ? INVALID : fault;
}

static fault_t unpack (const trials_t *self, turn_t *turn, const char *id, const char *view,
                       const char *objects, trial_copy_t *out)
{
    trial_bytes_t head;
    const char *pack = arena_printf (turn->arena, "%s/pack/pack-%s.pack", out->objects, id);
    TRY (trial_read (self, turn, id, 0, BUNDLE_HEAD, &head));
    TRY (git_bundle_read (turn, head.data.data, head.data.size, &out->bundle));
    TRY (folder_make (turn, arena_printf (turn->arena, "%s/pack", out->objects)));
    TRY (folder_make (turn, arena_printf (turn->arena, "%s/info", out->objects)));
    TRY (file_write (turn, arena_printf (turn->arena, "%s/info/alternates", out->objects),
                     arena_printf (turn->arena, "%s\n", objects)));
    int fd = open (pack, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return turn_fail (turn, fault_from_errno (errno), "%s: %m", pack);
    fault_t fault = copy_pack (self, turn, id, (int64_t) out->bundle.size, head.size, fd);
    close (fd);
    return fault == OK ? index_pack (self, turn, view, out, pack) : fault;
}

// What a service that was killed has left.
static void remove_left (const trials_t *self, turn_t *turn)
{
    DIR *folder = opendir (self->folder);
    for (struct dirent *entry; folder && (entry = readdir (folder));) {
        struct stat status;
        trial_copy_t left = {.folder = arena_printf (turn->arena, "%s/%s", self->folder, entry->d_name)};
        if (strncmp (entry->d_name, PREFIX, strlen (PREFIX)) == 0 && lstat (left.folder, &status) == 0 &&
            status.st_mtime + STALE_S < time (NULL))
            trial_remove (&left);
    }
    if (folder)
        closedir (folder);
}

fault_t trial_unpack (const trials_t *self, turn_t *turn, const char *id, const char *view,
                      const char *objects, trial_copy_t *out)
{
    char *folder = arena_printf (turn->arena, "%s/" PREFIX "XXXXXX", self->folder);
    *out = (trial_copy_t){.folder = NULL};
    TRY (is_kept (self, turn));
    remove_left (self, turn);
    if (!mkdtemp (folder))
        return turn_fail (turn, fault_from_errno (errno), "%s: %m", folder);
    out->folder = folder;
    out->objects = arena_printf (turn->arena, "%s/objects", folder);
    fault_t fault = unpack (self, turn, id, view, objects, out);
    if (fault != OK)
        trial_remove (out);
    return fault;
}
