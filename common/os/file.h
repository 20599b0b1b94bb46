/* file.h - small files, read and written whole. */

#ifndef OPENCICD_FILE_H
#define OPENCICD_FILE_H

#include "common/base/turn.h"

// Replaces the file atomically: a reader sees the old or the new one, whatever happens. Only its owner may read it (0600).
MUST_USE fault_t file_write (turn_t *turn, const char *path, const char *text);
// The file, followed by a NUL, in the turn's arena. NOT_FOUND; TOO_LARGE past `max` bytes.
MUST_USE fault_t file_read (turn_t *turn, const char *path, size_t max, const char **out);
// The same for a path that somebody else chose: INVALID if it is a pipe, a device or a folder; never blocks.
MUST_USE fault_t file_read_plain (turn_t *turn, const char *path, size_t max, const char **out);
// Of a file that is open, which it closes; `path` for the detail.
MUST_USE fault_t file_read_open (turn_t *turn, int fd, const char *path, size_t max, const char **out);
// Opens such a path for reading. -1 with errno; EINVAL if it is not a regular file.
int file_open_plain (const char *path);

#endif
