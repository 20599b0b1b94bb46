/* docker_container.h - containers, networks and volumes, by id or name. Each is there or gone when its function returns. */

#ifndef OPENCICD_AGENT_ENGINE_DOCKER_DOCKER_CONTAINER_H
#define OPENCICD_AGENT_ENGINE_DOCKER_DOCKER_CONTAINER_H

#include "agent/engine/docker/docker.h"
#include "agent/engine/docker/docker_image.h"

#define DOCKER_LOG_LINES 200       // The last ones of a container whose log is shown
#define DOCKER_LOG_BYTES (1 << 20) // More are left out
#define DOCKER_LIST_MAX  1000      // Of one look for what was left behind

typedef enum { HEALTH_NONE, HEALTH_STARTING, HEALTH_GOOD, HEALTH_BAD } docker_health_t;

typedef struct {
    bool running;
    int exit_code;
    docker_health_t health;
    const char *error;          // The engine's, of one that could not be started; "" for none
    const value_t *environment; // An array of "NAME=value"
    const value_t *ports;       // As the engine gives it: {"6379/tcp": [{HostIp, HostPort}]}
} docker_state_t;

// `body`: of "Create a container". *id is in the turn's arena.
MUST_USE fault_t docker_container_create (docker_t *self, turn_t *turn, const char *name,
                                          const char *platform, const value_t *body, const char **id);
MUST_USE fault_t docker_container_start (docker_t *self, turn_t *turn, const char *id);
MUST_USE fault_t docker_container_inspect (docker_t *self, turn_t *turn, const char *id, docker_state_t *out);
MUST_USE fault_t docker_container_kill (docker_t *self, turn_t *turn, const char *id, const char *signal);
MUST_USE fault_t docker_container_wait (docker_t *self, turn_t *turn, const char *id, uint32_t ms);
// Its last lines, one a call.
MUST_USE fault_t docker_container_logs (docker_t *self, turn_t *turn, const char *id,
                                        const docker_log_t *log);
MUST_USE fault_t docker_container_remove (docker_t *self, turn_t *turn,
                                          const char *id); // OK where it is gone

MUST_USE fault_t docker_network_create (docker_t *self, turn_t *turn, const char *name, const value_t *labels,
                                        const char **id);
MUST_USE fault_t docker_network_remove (docker_t *self, turn_t *turn, const char *id);
MUST_USE fault_t docker_volume_create (docker_t *self, turn_t *turn, const char *name, const value_t *labels);
MUST_USE fault_t docker_volume_remove (docker_t *self, turn_t *turn, const char *name);

// Removes every container, network and volume that carries this label "NAME=value"; the first fault of what stays. *count: how many.
MUST_USE fault_t docker_remove_labelled (docker_t *self, turn_t *turn, const char *label, size_t *count);

#endif
