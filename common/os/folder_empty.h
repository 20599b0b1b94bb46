/* folder_empty.h - removes all that is in a folder, whatever somebody else left there.
 *
 * No symbolic link is followed and no mount is entered: what is mounted on the folder or below stays as it is. Any depth is removed with a bounded
 * stack and a bounded number of descriptors: what lies deep is moved up to the top, and removed from there. */

#ifndef OPENCICD_FOLDER_EMPTY_H
#define OPENCICD_FOLDER_EMPTY_H

#include "common/base/fault.h"

#include <stdatomic.h>

// `path` has no slash at its end. Continues past what cannot be removed, so that as much as possible is gone; returns the first fault.
MUST_USE fault_t folder_empty (const char *path);
// The same, until *stop is set by another thread: UNAVAILABLE.
MUST_USE fault_t folder_empty_until (const char *path, const atomic_bool *stop);
// The same, even if something is mounted on the folder: for a volume that its owner has provided to be emptied.
MUST_USE fault_t folder_empty_volume (const char *path);
// The same for a folder that is open, which it closes; -1 with errno: it could not be opened.
MUST_USE fault_t folder_empty_open (int folder);
// Opens a real folder: neither a link nor a mount point. -1 with errno; EXDEV for a mount point.
int folder_open_plain (int parent, const char *name);

#endif
