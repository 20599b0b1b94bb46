/* disk_use.h - how many bytes of a disk a folder takes, also one in which somebody else is at work. */

#ifndef OPENCICD_DISK_USE_H
#define OPENCICD_DISK_USE_H

#include "common/base/fault.h"

#include <stdatomic.h>
#include <stdint.h>

#define DISK_USE_DEPTH 128 // Of a folder that can be measured

// Adds to *bytes what its files and folders take; a file with several names counts with each. No link is followed and no mount entered; what
// goes away meanwhile is left out. It ends as soon as there are more than `most`. TOO_LARGE: it is nested too deeply to be measured.
// UNAVAILABLE: *stop was set. Whatever else cannot be read is left out.
MUST_USE fault_t disk_use (const char *path, int64_t most, const atomic_bool *stop, int64_t *bytes);

#endif
