/* folder.h - folders, made with those above them. */

#ifndef OPENCICD_FOLDER_H
#define OPENCICD_FOLDER_H

#include "common/turn.h"

// Make the folder and those above it, readable by us alone (0700). OK where it is there; the detail names the path.
MUST_USE fault_t folder_make (turn_t *turn, const char *path);
// The same for one that others may read (0755), as far as the umask allows.
MUST_USE fault_t folder_make_open (turn_t *turn, const char *path);

#endif
