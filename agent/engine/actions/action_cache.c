/* action_cache.c - see action_cache.h.
 *
 * Order of writes: files, then `size`, then the rename: a folder at its place is whole. A lock is flock on a descriptor of its own, which
 * holds threads off as well as processes and which the kernel gives back however its holder ends. */

#include "agent/engine/actions/action_cache.h"

#include "agent/engine/actions/action_source.h"
#include "agent/engine/folder/folder_copy.h"
#include "agent/engine/process/stop.h"
#include "common/base/clock.h"
#include "common/base/commit_id.h"
#include "common/base/sha256.h"
#include "common/os/file.h"
#include "common/os/folder.h"
#include "common/os/folder_empty.h"
#include "workflow/model/action_ref.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCKS        64 // Files, shared by all commits: those of one file wait for each other
#define LOCK_PAUSE   50 // Milliseconds; a flock that is waited for cannot be cancelled, so it is tried again
#define LOCK_SECONDS (2 * ACTION_FETCH_SECONDS + GIT_SOURCE_LOOK_SECONDS) // What its holder may need at most

fault_t action_cache_open (turn_t *turn, const action_cache_t *self)
{
    static const char *const folders[] = {"trees", "refs", "locks", "new"};
    for (size_t i = 0; i < sizeof (folders) / sizeof (folders[0]); i++)
        TRY (folder_make (turn, arena_printf (turn->arena, "%s/%s", self->folder, folders[i])));
    return OK;
}

// ---- locks

static int open_lock (arena_t *arena, const action_cache_t *self, const char *commit)
{
    char byte[3] = {commit[0], commit[0] ? commit[1] : '\0', '\0'};
    const char *path = arena_printf (arena, "%s/locks/%02lu", self->folder, strtoul (byte, NULL, 16) % LOCKS);
    return open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

fault_t action_cache_lock (turn_t *turn, const action_cache_t *self, const char *commit, bool exclusive,
                           struct cancel *cancel, int *fd)
{
    int64_t until_us = clock_monotonic_us () + SECONDS (LOCK_SECONDS);
    struct pollfd asked = {.fd = cancel ? cancel_handle (cancel) : -1, .events = POLLIN};
    *fd = open_lock (turn->arena, self, commit);
    if (*fd < 0)
        return turn_fail (turn, fault_from_errno (errno), "%s/locks: %s", self->folder, strerror (errno));
    while (flock (*fd, (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
        bool cancelled = poll (&asked, 1, LOCK_PAUSE) > 0;
        if (!cancelled && clock_monotonic_us () < until_us && (errno == EWOULDBLOCK || errno == EINTR))
            continue;
        close (*fd);
        *fd = -1;
        return turn_fail (turn, UNAVAILABLE,
                          cancelled ? "it was cancelled" : "another agent has held %s for too long", commit);
    }
    return OK;
}

fault_t action_cache_try (turn_t *turn, const action_cache_t *self, const char *commit, int *fd)
{
    *fd = open_lock (turn->arena, self, commit);
    if (*fd >= 0 && flock (*fd, LOCK_EX | LOCK_NB) == 0)
        return OK;
    if (*fd >= 0)
        close (*fd);
    *fd = -1;
    return CONFLICT;
}

// ---- trees

static const char *entry_path (arena_t *arena, const action_cache_t *self, const char *repository,
                               const char *commit)
{
    char *low = arena_strdup (arena, repository);
    for (char *at = low; *at; at++)
        *at = (char) tolower ((unsigned char) *at);
    return arena_printf (arena, "%s/trees/%s/%s", self->folder, low, commit);
}

const char *action_cache_tree (arena_t *arena, const action_cache_t *self, const char *repository,
                               const char *commit)
{
    const char *entry = entry_path (arena, self, repository, commit);
    return utimensat (AT_FDCWD, entry, NULL, AT_SYMLINK_NOFOLLOW) == 0
               ? arena_printf (arena, "%s/tree", entry)
               : NULL;
}

static void remove_folder (const char *path)
{
    fault_t ignored = folder_empty (path);
    (void) ignored; // What is left is tried again by the next prune
    rmdir (path);
}

fault_t action_cache_begin (turn_t *turn, const action_cache_t *self, const char **folder)
{
    char *path = arena_printf (turn->arena, "%s/new/XXXXXX", self->folder);
    if (!mkdtemp (path))
        return turn_fail (turn, fault_from_errno (errno), "%s: %s", path, strerror (errno));
    const char *tree = arena_printf (turn->arena, "%s/tree", path);
    *folder = path;
    if (mkdir (tree, 0700) == 0)
        return OK;
    return turn_fail (turn, fault_from_errno (errno), "%s: %s", tree, strerror (errno));
}

static fault_t put (turn_t *turn, const char *folder, const char *entry)
{
    int64_t size = 0;
    char *parent = arena_strdup (turn->arena, entry);
    *strrchr (parent, '/') = '\0';
    remove_folder (arena_printf (turn->arena, "%s/git", folder));
    TRY (folder_size (turn, arena_printf (turn->arena, "%s/tree", folder), &size));
    TRY (file_write (turn, arena_printf (turn->arena, "%s/size", folder),
                     arena_printf (turn->arena, "%lld\n", (long long) size)));
    TRY (folder_make (turn, parent));
    if (rename (folder, entry) == 0)
        return OK;
    return turn_fail (turn, fault_from_errno (errno), "%s: %s", entry, strerror (errno));
}

fault_t action_cache_end (turn_t *turn, const action_cache_t *self, const char *folder,
                          const char *repository, const char *commit, bool keep)
{
    fault_t fault = keep ? put (turn, folder, entry_path (turn->arena, self, repository, commit)) : OK;
    if (fault || !keep)
        remove_folder (folder);
    return fault;
}

// ---- refs

static const char *ref_path (arena_t *arena, const action_cache_t *self, const char *url, const char *ref)
{
    sha256_t sum;
    sha256_init (&sum);
    sha256_add (&sum, url, strlen (url) + 1);
    sha256_add (&sum, ref, strlen (ref));
    return arena_printf (arena, "%s/refs/%s", self->folder, sha256_hex (&sum, arena));
}

static int64_t age_seconds (const struct stat *status)
{
    int64_t age = clock_now_us (clock_system ()) / SECONDS (1) - status->st_mtim.tv_sec;
    return age < 0 ? INT64_MAX : age; // The clock was set back: nothing is known
}

const char *action_cache_ref (turn_t *turn, const action_cache_t *self, const char *url, const char *ref,
                              uint32_t seconds)
{
    const char *path = ref_path (turn->arena, self, url, ref), *text;
    struct stat status;
    if (stat (path, &status) != 0 || age_seconds (&status) >= seconds ||
        file_read (turn, path, 65, &text) != OK)
        return NULL;
    const char *commit = arena_strndup (turn->arena, text, strcspn (text, "\n"));
    return commit_id_is (commit) ? commit : NULL;
}

void action_cache_set_ref (turn_t *turn, const action_cache_t *self, const char *url, const char *ref,
                           const char *commit)
{
    fault_t ignored =
        file_write (turn, ref_path (turn->arena, self, url, ref), arena_printf (turn->arena, "%s\n", commit));
    (void) ignored; // It is looked up again then
}
