/* beside.c - see beside.h. */

#include "common/os/beside.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

const char *beside_path (arena_t *arena, const char *name)
{
    char path[PATH_MAX];
    ssize_t size = readlink ("/proc/self/exe", path, sizeof path - 1);
    path[size > 0 ? size : 0] = 0;
    const char *slash = strrchr (path, '/');
    return arena_printf (arena, "%.*s/%s", slash ? (int) (slash - path) : 0, path, name);
}

const char *beside_program (arena_t *arena, const char *name)
{
    const char *path = beside_path (arena, name);
    return access (path, X_OK) == 0 ? path : NULL;
}
