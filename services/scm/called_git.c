/* called_git.c - see called_git.h. */

#include "services/scm/called_git.h"

#include "common/base/clock.h"
#include "common/os/folder_empty.h"
#include "common/os/git_source.h"
#include "services/scm/called.h"
#include "services/scm/git_mirror.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PREFIX "fetch-" // Of folders that are fetched into
#define FILLS \
    (1 + TREE_FILES / GIT_MIRROR_NAMES) // How often files are fetched that were kept away, some at a time
#define STALE_S (2 * CALLED_SECONDS)    // What is older was left by a service that was killed

// ---- a folder of this machine

static fault_t read_folder (const called_git_t *self, turn_t *turn, const char *path, bool is_mirror,
                            const scm_fetch_t *ask, tree_reading_t *reading, scm_tree_t *tree)
{
    *reading = (tree_reading_t){.readers = self->readers,
                                .policy = self->policy,
                                .ask = ask,
                                .trials = self->trials,
                                .path = path,
                                .is_mirror = is_mirror,
                                .stop = self->stop,
                                .tree = tree};
    fault_t fault = tree_read (reading, turn);
    return fault == INVALID ? NOT_FOUND : fault; // It is not a repository
}

static scm_fetch_t fetch_of (const address_t *address, bool trusted, const char *ref, const char *sha)
{
    return (scm_fetch_t){
        .url = address->url, .ref = ref, .sha = sha, .before = "", .trial = "", .trusted = trusted};
}

static fault_t look_in_folder (const called_git_t *self, turn_t *turn, const address_t *address, bool trusted,
                               const char *ref, const char **commit)
{
    static const char *const prefixes[] = {"refs/tags/", "refs/heads/"};
    bool full = strncmp (ref, "refs/", 5) == 0;
    fault_t fault = NOT_FOUND;
    for (size_t i = 0; i < (full ? 1 : 2) && fault == NOT_FOUND; i++) {
        tree_reading_t reading;
        scm_tree_t tree;
        const char *name = arena_printf (turn->arena, "%s%s", full ? "" : prefixes[i], ref);
        const scm_fetch_t ask = fetch_of (address, trusted, name, "");
        fault = read_folder (self, turn, address->folder, false, &ask, &reading, &tree);
        *commit = tree.sha;
    }
    return fault;
}

// ---- elsewhere

static git_bounds_t bounds_of (const called_git_t *self, int64_t seconds)
{
    int64_t until_us = clock_monotonic_us () + SECONDS (seconds);
    return (git_bounds_t){.until_us = until_us < self->until_us ? until_us : self->until_us,
                          .silence_us = self->silence_us,
                          .stop = self->stop};
}

fault_t called_git_look (const called_git_t *self, turn_t *turn, const address_t *address, bool trusted,
                         const char *ref, const char **commit)
{
    git_location_t location;
    const git_bounds_t bounds = bounds_of (self, GIT_SOURCE_LOOK_SECONDS);
    if (address->folder)
        return look_in_folder (self, turn, address, trusted, ref, commit);
    TRY (address_reach (turn, self->policy, address, trusted, self->config, &location));
    return git_source_look (turn, &location, &bounds, address->url, ref, commit);
}

// What is received is counted while git reports its progress: a repository of any size could be named.
typedef struct {
    const char *pack; // The folder where it is received
    int64_t most;     // Bytes
    int full;         // eventfd: readable when it is more
    bool is_full;
} size_watch_t;

static void measure (void *context, const char *bytes, size_t size)
{
    size_watch_t *self = context;
    int64_t sum = 0;
    DIR *folder = self->is_full ? NULL : opendir (self->pack);
    (void) bytes, (void) size;
    for (struct dirent *at; folder && (at = readdir (folder));) {
        struct stat status;
        if (fstatat (dirfd (folder), at->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0)
            sum += status.st_size;
    }
    if (folder)
        closedir (folder);
    if (sum > self->most) {
        self->is_full = true;
        (void) !write (self->full, &(uint64_t){1}, sizeof (uint64_t));
    }
}

// One descriptor for two: that the service ends, and that too much came.
static int either (int one, int two)
{
    int both = epoll_create1 (EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN};
    if (both < 0 || epoll_ctl (both, EPOLL_CTL_ADD, two, &event) != 0 ||
        (one > 0 && epoll_ctl (both, EPOLL_CTL_ADD, one, &event) != 0))
        abort ();
    return both;
}

static fault_t run_watched (const called_git_t *self, turn_t *turn, const char *const *args,
                            const git_location_t *location, process_output_t *output)
{
    git_bounds_t bounds = bounds_of (self, CALLED_SECONDS);
    size_watch_t watch = {.pack = arena_printf (turn->arena, "%s/objects/pack", location->folder),
                          .most = self->most,
                          .full = eventfd (0, EFD_CLOEXEC)};
    const git_listener_t listener = {measure, &watch};
    if (watch.full < 0)
        return turn_fail (turn, UNAVAILABLE, "no file can be opened: %m");
    bounds.stop = either (self->stop, watch.full);
    turn->detail = NULL;
    fault_t fault = git_run (turn, args, location, &bounds, &listener, output);
    close (bounds.stop);
    close (watch.full);
    if (watch.is_full)
        return turn_fail (turn, TOO_LARGE, "its commit has more than %lld MiB", (long long) self->most >> 20);
    return git_source_fault (turn, fault == TIMEOUT ? UNAVAILABLE : fault, output);
}

// Alone; a server that gives no commit by its id is asked for all branches and tags. git keeps what is said to be elsewhere away.
static fault_t fetch_commit (const called_git_t *self, turn_t *turn, const git_location_t *location,
                             const char *commit)
{
    process_output_t output;
    const char *const alone[] = {"fetch",      "--depth=1", "--filter=blob:none",
                                 "--progress", "--no-tags", "--no-write-fetch-head",
                                 "origin",     commit,      NULL};
    static const char *const all[] = {"fetch",
                                      "--filter=blob:none",
                                      "--progress",
                                      "--no-tags",
                                      "--no-write-fetch-head",
                                      "origin",
                                      "+refs/heads/*:refs/heads/*",
                                      "+refs/tags/*:refs/tags/*",
                                      NULL};
    fault_t fault = run_watched (self, turn, alone, location, &output);
    bool refused =
        fault && (strstr (output.err, "not our ref") || strstr (output.err, "unadvertised object"));
    return refused ? run_watched (self, turn, all, location, &output) : fault;
}

static fault_t read_fetched (const called_git_t *self, turn_t *turn, const git_location_t *location,
                             const scm_fetch_t *ask, scm_tree_t *tree)
{
    tree_reading_t reading;
    const git_mirror_t mirror = {
        .folder = location->folder, .location = *location, .bounds = bounds_of (self, CALLED_SECONDS)};
    fault_t fault = read_folder (self, turn, location->folder, true, ask, &reading, tree);
    for (int i = 0; i < FILLS && fault == NOT_FOUND && reading.missing.count > 0; i++) {
        turn->detail = NULL;
        TRY (git_mirror_fetch (&mirror, turn, reading.missing.items, reading.missing.count));
        fault = read_folder (self, turn, location->folder, true, ask, &reading, tree);
    }
    return fault;
}

static fault_t fetch_and_read (const called_git_t *self, turn_t *turn, git_location_t *location,
                               const scm_fetch_t *ask, scm_tree_t *tree)
{
    process_output_t output;
    const git_location_t here = {0};
    const git_bounds_t bounds = bounds_of (self, GIT_SOURCE_LOOK_SECONDS);
    const char *const init[] = {"init",
                                "--quiet",
                                "--bare",
                                "--template=",
                                strlen (ask->sha) == 64 ? "--object-format=sha256" : "--object-format=sha1",
                                "--",
                                location->folder,
                                NULL};
    TRY (git_run (turn, init, &here, &bounds, NULL, &output));
    TRY (fetch_commit (self, turn, location, ask->sha));
    return read_fetched (self, turn, location, ask, tree);
}

static void remove_folder (const char *path)
{
    if (folder_empty (path) == OK)
        (void) rmdir (path);
}

static void remove_left (const called_git_t *self, turn_t *turn)
{
    DIR *folder = opendir (self->folder);
    for (struct dirent *at; folder && (at = readdir (folder));) {
        struct stat status;
        const char *path = arena_printf (turn->arena, "%s/%s", self->folder, at->d_name);
        if (strncmp (at->d_name, PREFIX, strlen (PREFIX)) == 0 && lstat (path, &status) == 0 &&
            status.st_mtime + STALE_S < time (NULL))
            remove_folder (path);
    }
    if (folder)
        closedir (folder);
}

fault_t called_git_read (const called_git_t *self, turn_t *turn, const address_t *address, bool trusted,
                         const char *commit, file_text_items_t *files)
{
    scm_tree_t tree;
    tree_reading_t reading;
    git_location_t location;
    const scm_fetch_t ask = fetch_of (address, trusted, "", commit);
    char *folder = arena_printf (turn->arena, "%s/" PREFIX "XXXXXX", self->folder);
    if (address->folder) {
        TRY (read_folder (self, turn, address->folder, false, &ask, &reading, &tree));
        *files = tree.files;
        return OK;
    }
    TRY (address_reach (turn, self->policy, address, trusted, self->config, &location));
    remove_left (self, turn);
    if (!mkdtemp (folder))
        return turn_fail (turn, fault_from_errno (errno), "%s: %m", folder);
    location.folder = folder;
    fault_t fault = fetch_and_read (self, turn, &location, &ask, &tree);
    remove_folder (folder);
    if (fault == OK)
        *files = tree.files;
    return fault;
}
