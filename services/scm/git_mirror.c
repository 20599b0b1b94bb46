/* git_mirror.c - see git_mirror.h. */

#include "services/scm/git_mirror.h"

#include "common/clock.h"
#include "common/folder.h"
#include "services/scm/git.h"
#include "services/scm/git_object.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MIRROR_LOCK "mirror.lock" // In its folder
#define LOCK_MS     50            // How often a mirror that another update has is looked at
#define FOLDERS     16            // Descriptors of a walk
#define STALE_S     300 // No git of ours runs so long: its lock files and half packs were left behind

// flock() itself would wait without a bound.
static fault_t wait_for_lock (turn_t *turn, const char *path, int fd, const git_bounds_t *bounds)
{
    struct pollfd stop = {.fd = bounds->stop > 0 ? bounds->stop : -1, .events = POLLIN};
    while (flock (fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return turn_fail (turn, BROKEN, "%s cannot be locked: %m", path);
        if (clock_monotonic_us () >= bounds->until_us)
            return turn_fail (turn, TIMEOUT, "another update of this repository has not ended in time");
        if (poll (&stop, 1, LOCK_MS) > 0)
            return turn_fail (turn, UNAVAILABLE, "the service is being stopped");
    }
    return OK;
}

static fault_t take_lock (turn_t *turn, const char *folder, const git_bounds_t *bounds, int *out)
{
    const char *path = arena_printf (turn->arena, "%s/" MIRROR_LOCK, folder);
    fault_t fault = folder_make (turn, folder);
    if (fault != OK)
        return fault;
    *out = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*out < 0)
        return turn_fail (turn, fault_from_errno (errno), "%s: %m", path);
    fault = wait_for_lock (turn, path, *out, bounds);
    if (fault != OK)
        close (*out);
    return fault;
}

// "ref: refs/heads/main\tHEAD" is the first line where the other side has a branch at HEAD.
static fault_t follow_head (turn_t *turn, const char *url, const char *folder, const git_bounds_t *bounds)
{
    process_output_t output;
    const char *ask[] = {"ls-remote", "--symref", "--", url, "HEAD", NULL};
    fault_t fault = git_run (turn, ask, bounds, &output);
    if (fault != OK)
        return fault;
    const char *name = git_head_read (turn->arena, output.out, strcspn (output.out, "\t\n"));
    if (!name || !git_name_ok (name))
        return OK; // An empty repository, or a detached HEAD
    const char *set[] = {"--git-dir", folder, "symbolic-ref", "HEAD", name, NULL};
    return git_run (turn, set, bounds, &output);
}

static fault_t update (turn_t *turn, const char *url, const char *folder, const git_bounds_t *bounds)
{
    process_output_t output;
    const char *init[] = {"init", "--bare", "--quiet", "--", folder, NULL};
    const char *fetch[] = {"--git-dir",
                           folder,
                           "fetch",
                           "--prune",
                           "--force",
                           "--quiet",
                           "--no-write-fetch-head",
                           "--",
                           url,
                           "+refs/heads/*:refs/heads/*",
                           "+refs/tags/*:refs/tags/*",
                           NULL};
    fault_t fault = git_run (turn, init, bounds, &output);
    if (fault == OK)
        fault = git_run (turn, fetch, bounds, &output);
    return fault == OK ? follow_head (turn, url, folder, bounds) : fault;
}

static bool is_stale (const struct stat *status, int type)
{
    return type == FTW_F && status->st_mtime + STALE_S < time (NULL);
}

// refs/heads/main.lock; no ref ends so.
static int remove_lock (const char *path, const struct stat *status, int type, struct FTW *place)
{
    const char *name = path + place->base, *dot = strrchr (name, '.');
    if (is_stale (status, type) && dot && strcmp (dot, ".lock") == 0 && strcmp (name, MIRROR_LOCK) != 0)
        unlink (path);
    return 0;
}

// objects/pack/tmp_pack_x1Y2z3
static int remove_half (const char *path, const struct stat *status, int type, struct FTW *place)
{
    if (is_stale (status, type) && strncmp (path + place->base, "tmp_", 4) == 0)
        unlink (path);
    return 0;
}

static void remove_left (turn_t *turn, const char *folder)
{
    nftw (folder, remove_lock, FOLDERS, FTW_PHYS);
    nftw (arena_printf (turn->arena, "%s/objects", folder), remove_half, FOLDERS, FTW_PHYS);
}

fault_t git_mirror_update (turn_t *turn, const char *url, const char *folder, const git_bounds_t *bounds)
{
    int lock;
    fault_t fault = take_lock (turn, folder, bounds, &lock);
    if (fault != OK)
        return fault;
    fault = update (turn, url, folder, bounds);
    if (fault == CONFLICT || fault == TIMEOUT)
        remove_left (turn, folder);
    if (fault == CONFLICT)
        fault = update (turn, url, folder, bounds);
    close (lock); // Gives it back
    return fault;
}
