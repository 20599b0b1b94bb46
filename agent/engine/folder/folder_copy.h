/* folder_copy.h - copies a folder recursively: files with their permissions, folders, symbolic links as links.
 *
 * On file systems that share blocks (btrfs, xfs) no data is copied. Links are never followed. */

#ifndef OPENCICD_AGENT_ENGINE_FOLDER_FOLDER_COPY_H
#define OPENCICD_AGENT_ENGINE_FOLDER_FOLDER_COPY_H

#include "common/base/turn.h"

#define FOLDER_DEPTH   100
#define FOLDER_ENTRIES 200000
#define FOLDER_BYTES   (INT64_C (2) << 30)

// `to` must not exist. On a fault what was copied so far stays. TOO_LARGE past one of the bounds.
MUST_USE fault_t folder_copy (turn_t *turn, const char *from, const char *to);
// The sum of all files' sizes, in bytes. The same bounds.
MUST_USE fault_t folder_size (turn_t *turn, const char *folder, int64_t *size);

#endif
