/* paths.h - which names of artifacts and paths of files are accepted: pure functions over what came from outside. */

#ifndef OPENCICD_ARTIFACTS_PATHS_H
#define OPENCICD_ARTIFACTS_PATHS_H

#include "common/base/turn.h"
#include "proto/messages.h"

#define PATH_SEGMENTS 100 // Of one path

// Without control characters, none of \ / : * ? " < > |, not . or ..; INVALID with the reason.
MUST_USE fault_t artifact_name_check (turn_t *turn, const char *name);
// Every path relative, of at most PATH_SEGMENTS, without empty, . and .. segments, \ and control characters; none twice, none both file
// and folder; sums well formed; in the time that sorting them takes. Gives the bytes of all; TOO_LARGE past UPLOAD_MAX.
MUST_USE fault_t file_list_check (turn_t *turn, const artifact_file_items_t *files, int64_t *size);

#endif
