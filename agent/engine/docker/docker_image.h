/* docker_image.h - images: is it there, get it from its registry, build it from a folder. */

#ifndef OPENCICD_AGENT_ENGINE_DOCKER_DOCKER_IMAGE_H
#define OPENCICD_AGENT_ENGINE_DOCKER_DOCKER_IMAGE_H

#include "agent/engine/docker/docker.h"

#define DOCKER_PULL_TRIES 3
#define DOCKER_PULL_MS    (3600 * 1000) // Of one try
#define DOCKER_BUILD_MS   (6 * 3600 * 1000)

typedef struct {
    const char *id;
    const char *user;                                  // "" for root
    const value_t *environment, *entrypoint, *command; // Arrays of strings, or null
    const char *folder;                                // Its WORKDIR; "" for the root
    bool has_health;                                   // It says how it is seen to be healthy
} docker_image_t;

typedef struct {
    void (*log) (void *self, const char *line);
    void *self;
} docker_log_t;

typedef struct {
    const char *user, *password; // user NULL: none
    const char *server;          // Of the image's name; "" for Docker Hub
} docker_auth_t;

// The registry that an image's name begins with, in the arena; "" where it is Docker Hub.
const char *docker_image_server (arena_t *arena, const char *image);

// NOT_FOUND where the engine does not have it.
MUST_USE fault_t docker_image_inspect (docker_t *self, turn_t *turn, const char *image, docker_image_t *out);
// `auth` may be NULL. Tried DOCKER_PULL_TRIES times; what the registry refuses, once. `platform` NULL: the engine's own.
MUST_USE fault_t docker_image_pull (docker_t *self, turn_t *turn, const char *image, const char *platform,
                                    const docker_auth_t *auth, const docker_log_t *log);

typedef struct {
    int context;            // A tar archive, read from its beginning
    const char *dockerfile; // Its path in there
    const char *tag;
    const value_t *labels; // An object
} docker_build_t;
MUST_USE fault_t docker_image_build (docker_t *self, turn_t *turn, const docker_build_t *build,
                                     const docker_log_t *log);
MUST_USE fault_t docker_image_remove (docker_t *self, turn_t *turn, const char *image);

#endif
