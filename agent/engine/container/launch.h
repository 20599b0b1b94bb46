/* launch.h - one container in which steps run, or a service: its image, its body for the engine, and its start. */

#ifndef OPENCICD_AGENT_ENGINE_CONTAINER_LAUNCH_H
#define OPENCICD_AGENT_ENGINE_CONTAINER_LAUNCH_H

#include "agent/engine/container/containers.h"
#include "agent/engine/container/door.h"

typedef struct {
    step_run_t *by;
    docker_t *docker;
    docker_spec_t spec;
    docker_image_t image;
    const char *name; // Of the container
    const char *id;
    door_t door;
    sandbox_link_t *link;
    give_t user; // Of its first process
} launch_t;

// All: the scope of `by` says what went wrong. They leave the job's lock while they wait.
// The image is pulled where the agent is to, or where the engine does not have it.
MUST_USE fault_t launch_image (launch_t *self, const container_settings_t *settings);
// What a settings says besides the image.
MUST_USE fault_t launch_settings (launch_t *self, const container_settings_t *settings);
// Creates and starts it, on the job's network where there is one. `inside`: its first process is ours, and self->link leads to it.
MUST_USE fault_t launch_start (launch_t *self, const char *kind, bool inside);
// Where `inside`: all of it ends, and the engine removes it.
void launch_end (launch_t *self);

// A line of the engine's for the log of the step: for docker_log_t.
void launch_log (void *by, const char *line);
fault_t launch_fail (step_run_t *by, const turn_t *turn,
                     fault_t fault); // The turn's detail becomes the scope's error

#endif
