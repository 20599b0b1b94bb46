/* What a folder takes of the disk is counted without following what leads out of it, and within bounds. */

#include "common/os/disk_use.h"

#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MIB 1048576

static char folder[200], path[600];
static const atomic_bool going = false;

static const char *below (const char *name)
{
    snprintf (path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void fill (const char *name, size_t bytes)
{
    char *data = calloc (1, bytes);
    int fd = open (below (name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    CHECK (data && fd >= 0 && write (fd, data, bytes) == (ssize_t) bytes);
    close (fd);
    free (data);
}

static void begin (void)
{
    test_folder (folder, sizeof folder);
    CHECK_INT (mkdir (below ("own"), 0755), 0);
    CHECK_INT (mkdir (below ("own/inner"), 0755), 0);
}

static int64_t size_of (const char *name, int64_t most)
{
    int64_t bytes = 0;
    CHECK_INT (disk_use (below (name), most, &going, &bytes), OK);
    return bytes;
}

TEST (the_files_of_all_folders_below_are_counted)
{
    begin ();
    fill ("own/one", MIB);
    fill ("own/inner/two", 2 * MIB);
    int64_t bytes = size_of ("own", INT64_MAX);
    CHECK (bytes >= 3 * MIB && bytes < 4 * MIB);
    test_folder_remove (folder);
}

TEST (a_hole_takes_nothing)
{
    begin ();
    int fd = open (below ("own/hole"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    CHECK_INT (ftruncate (fd, 1 << 30), 0);
    close (fd);
    CHECK (size_of ("own", INT64_MAX) < MIB);
    test_folder_remove (folder);
}

TEST (no_link_is_followed)
{
    begin ();
    fill ("outside", 2 * MIB);
    CHECK_INT (symlink ("../outside", below ("own/link")), 0);
    CHECK_INT (symlink (folder, below ("own/folder")), 0);
    CHECK (size_of ("own", INT64_MAX) < MIB);
    CHECK_INT (size_of ("own/folder", INT64_MAX), 0);
    test_folder_remove (folder);
}

TEST (what_is_not_there_takes_nothing)
{
    begin ();
    CHECK_INT (size_of ("absent", INT64_MAX), 0);
    test_folder_remove (folder);
}

TEST (it_stops_past_the_bound_and_when_it_is_told_to)
{
    static const atomic_bool stopping = true;
    char name[40];
    int64_t bytes = 0;
    begin ();
    for (int i = 0; i < 20; i++) {
        snprintf (name, sizeof name, "own/%d", i);
        fill (name, MIB);
    }
    int64_t most = size_of ("own", 5 * MIB);
    CHECK (most > 5 * MIB && most < 8 * MIB);
    CHECK_INT (disk_use (below ("own"), INT64_MAX, &stopping, &bytes), UNAVAILABLE);
    test_folder_remove (folder);
}

// `deep` folders in each other below own.
static void nest (int deep)
{
    int fd = open (below ("own"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; i < deep; i++) {
        CHECK_INT (mkdirat (fd, "d", 0755), 0);
        int inner = openat (fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        close (fd);
        CHECK (inner >= 0);
        fd = inner;
    }
    close (fd);
}

TEST (a_folder_that_is_nested_too_deeply_is_said_to_be)
{
    int64_t bytes = 0;
    begin ();
    nest (DISK_USE_DEPTH);
    CHECK_INT (disk_use (below ("own"), INT64_MAX, &going, &bytes), OK);
    test_folder_remove (folder);
    begin ();
    nest (DISK_USE_DEPTH + 1);
    CHECK_INT (disk_use (below ("own"), INT64_MAX, &going, &bytes), TOO_LARGE);
    test_folder_remove (folder);
}
