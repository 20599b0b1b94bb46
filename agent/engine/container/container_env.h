/* container_env.h - what a container has besides its body: its variables as a process's, and the node that it gets. */

#ifndef OPENCICD_AGENT_ENGINE_CONTAINER_CONTAINER_ENV_H
#define OPENCICD_AGENT_ENGINE_CONTAINER_CONTAINER_ENV_H

#include "agent/engine/docker/docker_options.h"
#include "agent/engine/process/environ.h"

// `list`: an array of "NAME=value", or null.
void container_env_take (environ_t *out, arena_t *arena, const value_t *list);

// Each folder of the setting that is there is mounted, read-only, at /__e, the next ones at /__e1, /__e2, ...
#define CONTAINER_NODES 8
void container_mount_nodes (docker_spec_t *spec, const char *node_folders);
// A path in one of these folders as the container sees it.
const char *container_node_path (arena_t *arena, const char *node_folders, const char *path);

#endif
