/* git_mirror.c - see git_mirror.h. */

#include "services/scm/git_mirror.h"

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/os/file.h"
#include "common/os/folder.h"
#include "services/scm/git_object.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MIRROR_LOCK "mirror.lock" // In its folder
#define LOCK_MS     50            // How often a mirror that another update holds is checked
#define FOLDERS     16            // Descriptors of a walk
#define STALE_S     300 // Longer than any git of ours is silent: older lock files and partial packs are leftovers

// flock() itself would wait without a bound.
static fault_t wait_for_lock (turn_t *turn, const char *path, int fd, const git_bounds_t *bounds)
{
    struct pollfd stop = {.fd = bounds->stop > 0 ? bounds->stop : -1, .events = POLLIN};
    while (flock (fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return turn_fail (turn, BROKEN, "%s cannot be locked: %m", path);
        if (clock_monotonic_us () >= bounds->until_us)
            return turn_fail (turn, UNAVAILABLE, "another update of this repository has not ended in time");
        if (poll (&stop, 1, LOCK_MS) > 0)
            return turn_fail (turn, UNAVAILABLE, "the service is being stopped");
    }
    return OK;
}

static bool is_same_file (int fd, const char *path)
{
    struct stat ours, there;
    return fstat (fd, &ours) == 0 && stat (path, &there) == 0 && ours.st_ino == there.st_ino &&
           ours.st_dev == there.st_dev;
}

static fault_t take_lock (turn_t *turn, const char *folder, const git_bounds_t *bounds, int *out)
{
    const char *path = arena_printf (turn->arena, "%s/" MIRROR_LOCK, folder);
    for (;;) {
        TRY (folder_make (turn, folder));
        *out = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (*out < 0 && errno == ENOENT)
            continue; // The whole mirror is being removed
        if (*out < 0)
            return turn_fail (turn, fault_from_errno (errno), "%s: %m", path);
        fault_t fault = wait_for_lock (turn, path, *out, bounds);
        if (fault == OK && is_same_file (*out, path))
            return OK;
        close (*out);
        if (fault != OK) // Else the previous holder has removed the mirror, and the lock with it
            return fault;
    }
}

#define PROGRESS_MAX 200        // Bytes of one line that is passed on
#define READY        "mirrored" // In its folder once it was brought up to date

// git ends finished progress with a newline and ongoing progress with a carriage return.
typedef struct {
    const git_mirror_t *mirror;
    buffer_t *lines; // The lines that ended
    char line[PROGRESS_MAX];
    size_t size;
} progress_t;

static void take_output (void *context, const char *bytes, size_t size)
{
    progress_t *self = context;
    for (size_t i = 0; i < size; i++) {
        char c = bytes[i];
        if (c != '\r' && c != '\n') {
            if (self->size < sizeof self->line - 1)
                self->line[self->size++] = (unsigned char) c < ' ' || (unsigned char) c >= 0x7F ? '?' : c;
            continue;
        }
        self->line[self->size] = 0;
        if (c == '\r' && self->size > 0 && self->mirror->progress)
            self->mirror->progress (self->mirror->context, self->line);
        if (c == '\n') {
            buffer_puts (self->lines, self->line);
            buffer_putc (self->lines, '\n');
        }
        self->size = 0;
    }
}

// git_run, with its progress, and its error from its last lines.
static fault_t transfer (const git_mirror_t *self, turn_t *turn, const char *const *args)
{
    process_output_t output;
    progress_t progress = {.mirror = self, .lines = buffer_new (PROCESS_MAX_ERR)};
    const git_listener_t listener = {take_output, &progress};
    fault_t fault = git_run (turn, args, &self->location, &self->bounds, &listener, &output);
    if (fault == UNAVAILABLE && output.end.status > 0 && !output.end.signal)
        fault =
            turn_fail (turn, UNAVAILABLE, "git: %s", git_reason (turn->arena, buffer_text (progress.lines)));
    if (fault == TIMEOUT)
        fault = turn_fail (turn, UNAVAILABLE, "git: the remote does not answer");
    buffer_destroy (&progress.lines);
    return fault;
}

// "ref: refs/heads/main\tHEAD" is the first line if the remote has a branch at HEAD.
static fault_t follow_head (const git_mirror_t *self, turn_t *turn)
{
    process_output_t output;
    static const char *const ask[] = {"ls-remote", "--symref", "origin", "HEAD", NULL};
    fault_t fault = git_run (turn, ask, &self->location, &self->bounds, NULL, &output);
    if (fault != OK)
        return fault;
    const char *name = git_head_read (turn->arena, output.out, strcspn (output.out, "\t\n"));
    if (!name || !git_name_ok (name) || strncmp (name, "refs/", 5) != 0)
        return OK; // An empty repository, or a detached HEAD
    const char *set[] = {"symbolic-ref", "HEAD", name, NULL};
    return git_run (turn, set, &self->location, &self->bounds, NULL, &output);
}

static const char *ready_file (arena_t *arena, const char *folder)
{
    return arena_printf (arena, "%s/" READY, folder);
}

bool git_mirror_exists (turn_t *turn, const char *folder)
{
    return access (ready_file (turn->arena, folder), F_OK) == 0;
}

static fault_t update (const git_mirror_t *self, turn_t *turn)
{
    process_output_t output;
    const char *init[] = {"init", "--bare", "--quiet", "--template=", "--", self->folder, NULL};
    static const char *const fetch[] = {"fetch",
                                        "--filter=blob:none",
                                        "--prune",
                                        "--force",
                                        "--progress",
                                        "--no-tags",
                                        "--no-write-fetch-head",
                                        "origin",
                                        "+refs/heads/*:refs/heads/*",
                                        "+refs/tags/*:refs/tags/*",
                                        NULL};
    const git_location_t here = {0};
    TRY (git_run (turn, init, &here, &self->bounds, NULL, &output));
    TRY (transfer (self, turn, fetch));
    TRY (follow_head (self, turn));
    return git_mirror_exists (turn, self->folder)
               ? OK
               : file_write (turn, ready_file (turn->arena, self->folder), "");
}

#define PULLS "refs/pull/" // As GitHub names the heads of pull requests

static const char *name_there (const git_mirror_t *self, arena_t *arena, const char *name)
{
    return self->pull_refs && *self->pull_refs && strncmp (name, PULLS, strlen (PULLS)) == 0
               ? arena_printf (arena, "%s%s", self->pull_refs, name + strlen (PULLS))
               : name;
}

fault_t git_mirror_fetch (const git_mirror_t *self, turn_t *turn, const char *const *names, size_t count)
{
    const char *args[GIT_MIRROR_NAMES + 8] = {
        "fetch", "--force", "--progress", "--no-tags", "--no-write-fetch-head", "origin"};
    size_t at = 6;
    for (size_t i = 0; i < count && i < GIT_MIRROR_NAMES; i++)
        args[at++] =
            strncmp (names[i], "refs/", 5) == 0
                ? arena_printf (turn->arena, "+%s:%s", name_there (self, turn->arena, names[i]), names[i])
                : names[i];
    fault_t fault = transfer (self, turn, args);
    return fault == UNAVAILABLE && strstr (turn->detail, "couldn't find remote ref") ? NOT_FOUND : fault;
}

static bool is_stale (const struct stat *status, int type)
{
    return type == FTW_F && status->st_mtime + STALE_S < time (NULL);
}

// refs/heads/main.lock; no ref ends so.
static int remove_lock (const char *path, const struct stat *status, int type, struct FTW *walk)
{
    const char *name = path + walk->base, *dot = strrchr (name, '.');
    if (is_stale (status, type) && dot && strcmp (dot, ".lock") == 0 && strcmp (name, MIRROR_LOCK) != 0)
        unlink (path);
    return 0;
}

// objects/pack/tmp_pack_x1Y2z3
static int remove_half (const char *path, const struct stat *status, int type, struct FTW *walk)
{
    if (is_stale (status, type) && strncmp (path + walk->base, "tmp_", 4) == 0)
        unlink (path);
    return 0;
}

fault_t git_mirror_update (const git_mirror_t *self, turn_t *turn)
{
    int lock;
    TRY (take_lock (turn, self->folder, &self->bounds, &lock));
    fault_t fault = update (self, turn);
    if (fault == CONFLICT || fault == UNAVAILABLE) { // What a killed git left may be in the way
        nftw (self->folder, remove_lock, FOLDERS, FTW_PHYS);
        nftw (arena_printf (turn->arena, "%s/objects", self->folder), remove_half, FOLDERS, FTW_PHYS);
    }
    if (fault == CONFLICT)
        fault = update (self, turn);
    close (lock); // Gives it back
    return fault == CONFLICT ? UNAVAILABLE : fault;
}

static int remove_any (const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void) status, (void) type, (void) walk;
    return remove (path) == 0 || errno == ENOENT ? 0 : errno;
}

fault_t git_mirror_remove (turn_t *turn, const char *folder, const git_bounds_t *bounds)
{
    int lock;
    if (access (folder, F_OK) != 0)
        return OK;
    TRY (take_lock (turn, folder, bounds, &lock));
    // First the file that marks it as complete: a partial mirror is made anew
    (void) unlink (ready_file (turn->arena, folder));
    int error = nftw (folder, remove_any, FOLDERS, FTW_PHYS | FTW_DEPTH);
    close (lock);
    return error ? turn_fail (turn, UNAVAILABLE, "the mirror %s cannot be removed: %s", folder,
                              strerror (error > 0 ? error : EIO))
                 : OK;
}
