/* file.h - small files, read and written whole. */

#ifndef OPENCICD_FILE_H
#define OPENCICD_FILE_H

#include "common/turn.h"

// Replaces the file: it is the old one or the new one whole, whatever happens. Only its owner may read it (0600).
MUST_USE fault_t file_write (turn_t *turn, const char *path, const char *text);
// The file with a NUL behind it, in the turn's arena. NOT_FOUND; TOO_LARGE past `max` bytes.
MUST_USE fault_t file_read (turn_t *turn, const char *path, size_t max, const char **out);

#endif
