/* file.h - small files, read and written whole. */

#ifndef OPENCICD_FILE_H
#define OPENCICD_FILE_H

#include "common/base/turn.h"

// Replaces the file atomically: it is the old or the new one, whatever happens. Only its owner may read it (0600).
MUST_USE fault_t file_write (turn_t *turn, const char *path, const char *text);
// The file, followed by a NUL, in the turn's arena. NOT_FOUND; TOO_LARGE past `max` bytes.
MUST_USE fault_t file_read (turn_t *turn, const char *path, size_t max, const char **out);
// The same of a path that somebody else chose: INVALID where it is a pipe, a device or a folder, and it never waits.
MUST_USE fault_t file_read_plain (turn_t *turn, const char *path, size_t max, const char **out);
// Opens such a path to read it. -1 with errno: EINVAL where it is not a plain file.
int file_open_plain (const char *path);

#endif
