/* rooted.h - files by the paths of another file system's root, as the processes there see them: of a job's sandbox.
 *
 * A path that a job chose, or a folder that it may have turned into a link, leads where it leads for the job's own processes, and
 * nowhere else: links are followed below that root, and what is hidden there is not found (openat2, RESOLVE_IN_ROOT). Paths are absolute. */

#ifndef OPENCICD_ROOTED_H
#define OPENCICD_ROOTED_H

#include "common/base/turn.h"

#include <dirent.h>
#include <stdbool.h>
#include <sys/stat.h>

#define ROOTED_OURS 0 // As `root`, which is never our standard input: this program's own

// All: -1 or NULL with errno. O_CLOEXEC is added.
int rooted_open (int root, const char *path, int flags, unsigned mode);
// For reading, and at once: EINVAL if it is not a regular file.
int rooted_open_plain (int root, const char *path);
DIR *rooted_list (int root, const char *path);
int rooted_stat (int root, const char *path, bool follow, struct stat *out);
int rooted_unlink (int root, const char *path);

// As file_read_plain and folder_make_open (file.h, folder.h).
MUST_USE fault_t rooted_read (turn_t *turn, int root, const char *path, size_t max, const char **out);
MUST_USE fault_t rooted_make_folders (turn_t *turn, int root, const char *path);
// As folder_empty_volume; a link is followed.
MUST_USE fault_t rooted_empty (int root, const char *path);

#endif
