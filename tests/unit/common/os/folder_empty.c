/* folder_empty.c - all that is in a folder goes, and nothing else. */

#include "common/os/folder_empty.h"

#include "tests/unit/folder.h"
#include "tests/unit/own_mounts.h"
#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LEVELS 3000

static void nest (const char *path, int levels)
{
    int at = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; i < levels; i++) {
        CHECK (mkdirat (at, "d", 0755) == 0);
        int file = openat (at, "f", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
        int next = openat (at, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        CHECK (file >= 0 && next >= 0);
        close (file);
        close (at);
        at = next;
    }
    CHECK (symlinkat ("/", at, "root") == 0 && fchmod (at, 0) == 0);
    close (at);
}

TEST (folders_of_any_depth_are_removed)
{
    char path[256];
    test_folder (path, sizeof (path));
    nest (path, LEVELS);
    CHECK_INT (folder_empty (path), OK);
    test_folder_is_empty (path);
}

TEST (a_removal_that_is_stopped_goes_no_further)
{
    char path[256], inside[300];
    atomic_bool stop = true;
    test_folder (path, sizeof (path));
    nest (path, 1);
    CHECK_INT (folder_empty_until (path, &stop), UNAVAILABLE);
    snprintf (inside, sizeof (inside), "%s/d", path);
    CHECK (access (inside, F_OK) == 0);
    CHECK_INT (folder_empty (path), OK);
    test_folder_is_empty (path);
}

static int make (const char *folder, const char *name)
{
    char path[600];
    snprintf (path, sizeof (path), "%s/%s", folder, name);
    int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return fd < 0 ? -1 : close (fd);
}

// A folder and a file of somebody else's, mounted below; the folder far below, where it would be moved up.
static const char *empty_around_mounts (void *context)
{
    const char *path = context;
    char theirs[300], deep[600] = "", file[600];
    snprintf (theirs, sizeof (theirs), "%s/theirs", path);
    int size = snprintf (deep, sizeof (deep), "%s/job", path);
    if (mkdir (theirs, 0755) != 0 || mkdir (deep, 0755) != 0 || make (theirs, "precious") != 0)
        return "the folders cannot be made";
    for (int i = 0; i <= 33; i++) {
        size += snprintf (deep + size, sizeof (deep) - (size_t) size, "/d");
        if (mkdir (deep, 0755) != 0)
            return "the folders cannot be made";
    }
    snprintf (file, sizeof (file), "%s/job/file", path);
    if (make (path, "job/file") != 0 || mount (theirs, deep, NULL, MS_BIND, NULL) != 0 ||
        mount ("/dev/null", file, NULL, MS_BIND, NULL) != 0)
        return "nothing can be mounted";
    snprintf (file, sizeof (file), "%s/job", path);
    if (folder_empty (file) == OK)
        return "all is said to be gone";
    snprintf (file, sizeof (file), "%s/precious", theirs);
    return access (file, F_OK) == 0 ? NULL : "what was mounted is gone";
}

TEST (what_is_mounted_below_a_folder_is_not_emptied_with_it)
{
    char path[256];
    test_folder (path, sizeof (path));
    in_own_mounts (empty_around_mounts, path);
    test_folder_remove (path);
}

static const char *empty_a_mount (void *context)
{
    const char *path = context;
    char theirs[300], job[300], file[600];
    snprintf (theirs, sizeof (theirs), "%s/theirs", path);
    snprintf (job, sizeof (job), "%s/job", path);
    snprintf (file, sizeof (file), "%s/precious", theirs);
    if (mkdir (theirs, 0755) != 0 || mkdir (job, 0755) != 0 || make (theirs, "precious") != 0 ||
        mount (theirs, job, NULL, MS_BIND, NULL) != 0)
        return "nothing can be mounted";
    if (folder_empty (job) == OK || access (file, F_OK) != 0)
        return "what somebody mounted was emptied";
    if (folder_empty_volume (job) != OK || access (file, F_OK) == 0)
        return "a volume was not emptied";
    return umount (job) == 0 && folder_empty (job) == OK ? NULL : "a folder is not empty";
}

TEST (what_is_mounted_on_a_folder_is_emptied_only_where_it_is_meant)
{
    char path[256];
    test_folder (path, sizeof (path));
    in_own_mounts (empty_a_mount, path);
    test_folder_remove (path);
}

#define STAYS_BELOW 24 // Levels: tried again at each, what stays would be tried 16 million times
#define NOBODY      65534

// Folders of somebody's within each other, the last one of us: all above it are opened up, and it stays.
static const char *empty_what_stays (void *context)
{
    const char *path = context;
    char deep[600];
    int size = snprintf (deep, sizeof (deep), "%s", path);
    for (int i = 0; i < STAYS_BELOW; i++) {
        size += snprintf (deep + size, sizeof (deep) - (size_t) size, "/d");
        if (mkdir (deep, 0755) != 0 || chown (deep, NOBODY, NOBODY) != 0)
            return "the folders cannot be made";
    }
    size += snprintf (deep + size, sizeof (deep) - (size_t) size, "/ours");
    if (mkdir (deep, 0755) != 0)
        return "the folders cannot be made";
    snprintf (deep + size, sizeof (deep) - (size_t) size, "/stays");
    if (mkdir (deep, 0755) != 0)
        return "the folders cannot be made";
    // Of this thread alone, as libc's would change them all
    if (chown (path, NOBODY, NOBODY) != 0 || syscall (SYS_setresuid, NOBODY, NOBODY, NOBODY) != 0)
        return "nobody cannot be played";
    return folder_empty (path) == FORBIDDEN ? NULL : "what stays is not said";
}

TEST (what_cannot_be_removed_is_tried_once_however_deep_it_is)
{
    char path[256];
    test_folder (path, sizeof (path));
    in_own_mounts (empty_what_stays, path);
    test_folder_remove (path);
}
