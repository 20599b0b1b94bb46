/* folder.h - creates folders and their parents. */

#ifndef OPENCICD_FOLDER_H
#define OPENCICD_FOLDER_H

#include "common/base/turn.h"

// Creates the folder and its parents, readable only by us (0700). OK if it exists; the detail names the path.
MUST_USE fault_t folder_make (turn_t *turn, const char *path);
// The same for one that others may read (0755), as far as the umask allows.
MUST_USE fault_t folder_make_open (turn_t *turn, const char *path);

#endif
