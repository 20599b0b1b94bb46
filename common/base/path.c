/* path.c - part by part. Symbolic links are not its concern: who opens such a path follows none. */

#include "common/base/path.h"

#include <string.h>

bool path_is_dots (const char *part, size_t size)
{
    return size >= 1 && size <= 2 && strncmp (part, "..", size) == 0;
}

bool path_is_inside (const char *path)
{
    for (const char *part = path; *part;) {
        size_t size = strcspn (part, "/");
        if (size == 0 || path_is_dots (part, size))
            return false;
        part += size + (part[size] == '/');
    }
    return *path != 0;
}
