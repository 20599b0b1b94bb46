/* folder_copy.h - a folder copied with all that is in it: files with their rights, folders, symbolic links as they are.
 *
 * Where the file system can share blocks (btrfs, xfs) no data is copied. Links are never followed. */

#ifndef OPENCICD_AGENT_ENGINE_FOLDER_COPY_H
#define OPENCICD_AGENT_ENGINE_FOLDER_COPY_H

#include "common/base/turn.h"

#define FOLDER_DEPTH   100
#define FOLDER_ENTRIES 200000
#define FOLDER_BYTES   (INT64_C (2) << 30)

// `to` must not be there; what was copied by then is left where it fails. TOO_LARGE past one of the bounds.
MUST_USE fault_t folder_copy (turn_t *turn, const char *from, const char *to);
// Bytes of all files. The same bounds.
MUST_USE fault_t folder_size (turn_t *turn, const char *folder, int64_t *size);

#endif
