/* action_file.h - the metadata file of an action in its folder: action.yml, action.yaml, or a Dockerfile alone. */

#ifndef OPENCICD_AGENT_ENGINE_ACTIONS_ACTION_FILE_H
#define OPENCICD_AGENT_ENGINE_ACTIONS_ACTION_FILE_H

#include "common/base/turn.h"
#include "workflow/model/action.h"
#include "workflow/model/action_ref.h"

// `view`: whose paths (common/os/rooted.h). NOT_FOUND if there is none of them, INVALID if it is wrong; the detail names `ref`, file, line and column.
MUST_USE fault_t action_file_load (turn_t *turn, const action_ref_t *ref, int view, const char *folder,
                                   const action_t **out);

#endif
