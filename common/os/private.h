/* private.h - folders and files that only we may access: databases, tokens and keys. */

#ifndef OPENCICD_PRIVATE_H
#define OPENCICD_PRIVATE_H

#include "common/base/turn.h"

// A folder that is writable by everybody, where others could replace our files, is closed to others (0700) if it is
// ours. The log warns of that, and of a folder that stays open, or that others may read.
MUST_USE fault_t private_folder (turn_t *turn, const char *path);
// A file of ours that others may read or write is closed to them (0600), and a warning says that it was open. OK if there is none.
MUST_USE fault_t private_file (turn_t *turn, const char *path);

#endif
