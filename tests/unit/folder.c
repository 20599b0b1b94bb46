/* folder.c - see folder.h. */

#include "tests/unit/folder.h"

#include "tests/unit/test.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define OPEN_FOLDERS 16 // Of a walk

void test_folder (char *path, size_t size)
{
    const char *base = getenv ("TMPDIR");
    CHECK ((size_t) snprintf (path, size, "%s/opencicd-test-XXXXXX", base ? base : "/tmp") < size);
    CHECK (mkdtemp (path));
}

static int remove_one (const char *path, const struct stat *stat, int kind, struct FTW *walk)
{
    (void) stat, (void) kind, (void) walk;
    return remove (path);
}

void test_folder_remove (const char *path)
{
    CHECK_INT (nftw (path, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS), 0);
}

void test_folder_is_empty (const char *path)
{
    CHECK_INT (rmdir (path), 0);
}
