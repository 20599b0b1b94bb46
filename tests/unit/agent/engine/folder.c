/* folder.c - see folder.h. */

#include "tests/unit/agent/engine/folder.h"

#include "common/os/folder.h"
#include "common/os/folder_empty.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *folder_new (arena_t *arena)
{
    char path[256], real[PATH_MAX];
    test_folder (path, sizeof (path));
    CHECK (realpath (path, real));
    return arena_strdup (arena, real);
}

void folder_remove (const char *path)
{
    CHECK_INT (folder_empty (path), OK);
    CHECK_INT (rmdir (path), 0);
}

void folder_put (const char *folder, const char *path, const char *text)
{
    arena_t *arena = arena_new ();
    char *full = arena_printf (arena, "%s/%s", folder, path);
    char *slash = strrchr (full, '/');
    *slash = 0;
    turn_t turn;
    turn_init (&turn, arena, "folder", 0);
    CHECK_INT (folder_make_open (&turn, full), OK);
    *slash = '/';
    FILE *file = fopen (full, "w");
    CHECK (file && fputs (text, file) >= 0 && fclose (file) == 0);
    arena_destroy (&arena);
}

bool folder_has (const char *folder, const char *path)
{
    char full[PATH_MAX];
    struct stat status;
    snprintf (full, sizeof (full), "%s/%s", folder, path);
    return lstat (full, &status) == 0;
}

const char *folder_read (arena_t *arena, const char *folder, const char *path)
{
    char text[65536] = "";
    FILE *file = fopen (arena_printf (arena, "%s/%s", folder, path), "r");
    if (!file)
        return "";
    size_t size = fread (text, 1, sizeof (text) - 1, file);
    fclose (file);
    return arena_strndup (arena, text, size);
}
