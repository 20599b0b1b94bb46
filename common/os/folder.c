/* folder.c - see folder.h. */

#include "common/os/folder.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static fault_t make (turn_t *turn, const char *path, mode_t mode)
{
    char *part = arena_strdup (turn->arena, path);
    for (char *at = part; *at; at++) {
        if (at[1] != '/' && at[1] != 0)
            continue;
        char after = at[1];
        at[1] = 0;
        if (mkdir (part, mode) != 0 && errno != EEXIST && errno != EISDIR && !(errno == EROFS && after))
            return turn_fail (turn, fault_from_errno (errno), "cannot make the folder %s: %s", part,
                              strerror (errno));
        at[1] = after;
    }
    struct stat status;
    if (stat (path, &status) != 0 || !S_ISDIR (status.st_mode))
        return turn_fail (turn, CONFLICT, "%s is not a folder", path);
    return OK;
}

fault_t folder_make (turn_t *turn, const char *path)
{
    return make (turn, path, 0700);
}

fault_t folder_make_open (turn_t *turn, const char *path)
{
    return make (turn, path, 0755);
}
