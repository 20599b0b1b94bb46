/* paths.h - which names of artifacts and paths of files are accepted: pure functions over what came from outside. */

#ifndef OPENCICD_ARTIFACTS_PATHS_H
#define OPENCICD_ARTIFACTS_PATHS_H

#include "common/turn.h"
#include "proto/messages.h"

// Without control characters, none of \ / : * ? " < > |, not . or ..; else INVALID with words.
MUST_USE fault_t artifact_name_check (turn_t *turn, const char *name);
// Every path relative, without empty, . and .. segments, \ and control characters; none twice, none both file and folder;
// sums well formed. Gives the bytes of all; TOO_LARGE past ARTIFACT_MAX.
MUST_USE fault_t artifact_files_check (turn_t *turn, const artifact_file_items_t *files, int64_t *size);

#endif
