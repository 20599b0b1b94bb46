/* container_action.h - the container of a Docker action: one for each of its stages, in the job's network where there is one. */

#ifndef OPENCICD_AGENT_ENGINE_CONTAINER_CONTAINER_ACTION_H
#define OPENCICD_AGENT_ENGINE_CONTAINER_CONTAINER_ACTION_H

#include "agent/engine/container/launch.h"
#include "agent/engine/step/places.h"

// What its steps' paths are there: for place_translate. Ends with a NULL `from`.
const path_pair_t *action_places (const job_run_t *job, arena_t *arena);

// The image is pulled (docker://) or built of the action's folder: the launch has it afterwards.
MUST_USE fault_t action_image (launch_t *self, const char *image);
// Starts the container, in which nothing runs yet; *base: its variables.
MUST_USE fault_t action_start (launch_t *self, environ_t *base);

#endif
