/* docker.h - a client of the Docker Engine API: requests over its socket, without the docker program.
 *
 * Podman's socket speaks the same. What is spoken is the newest version that both sides know, from DOCKER_OLDEST on. A request ends early
 * where the job is to stop (docker_stop_t). Answers are foreign: bounded, and read with the same care as a stranger's.
 * A docker_t belongs to one thread; to make another costs a connection.
 *
 * Source: Docker Engine API v1.41 to v1.44. */

#ifndef OPENCICD_AGENT_ENGINE_DOCKER_DOCKER_H
#define OPENCICD_AGENT_ENGINE_DOCKER_DOCKER_H

#include "common/base/turn.h"
#include "workflow/expression/value.h"

#include <stdbool.h>

#define DOCKER_HOST_DEFAULT "/var/run/docker.sock"
#define DOCKER_OLDEST       40 // API 1.40: Docker 19.03, Podman 3
#define DOCKER_NEWEST       44 // API 1.44: the oldest that Docker 29 still speaks

#define DOCKER_ANSWER_MAX (8 << 20)  // Bytes of an answer in JSON
#define DOCKER_MEMORY_MAX (64 << 20) // Bytes that it may take once it is read
#define DOCKER_CALL_MS    60000 // For what is answered at once; an engine that starts a container may be busy

typedef struct docker docker_t;

// While a request is under way: is it to stop? Asked when `fd` (-1: never) becomes readable.
typedef struct {
    int fd;
    bool (*stopped) (void *self);
    void *self;
} docker_stop_t;

typedef struct {
    const char *method;        // NULL: GET
    const char *path;          // "/containers/json?all=1", percent-encoded where needed
    const value_t *body;       // JSON; NULL: none
    const char *type;          // Of what `read` gives
    const char *registry_auth; // The value of X-Registry-Auth; NULL: none
    int64_t (*read) (void *self, int64_t offset, void *into,
                     size_t size); // A body that is read piece by piece
    int64_t read_size;
    bool (*take) (void *self, const char *bytes, size_t size); // NULL: the answer is JSON
    void *stream;                                              // First argument of read and take
    uint32_t total_ms;                                         // 0: DOCKER_CALL_MS
} docker_request_t;

// `host`: "/path/of/socket", "unix:///path", or "tcp://host:port". Asks for its version. The detail names the host and what is wrong.
MUST_USE fault_t docker_open (docker_t **out, turn_t *turn, const char *host, const docker_stop_t *stop);
void docker_close (docker_t **self_p);
// "Docker 20.10.24, API 1.41"
const char *docker_version (const docker_t *self);
unsigned docker_api (const docker_t *self); // 41 of 1.41

// OK for 2xx and for 304; the engine's own message is the detail of another one: NOT_FOUND, CONFLICT, INVALID, UNAUTHORIZED, BROKEN.
// *answer, in the turn's arena, is null where there is none; it may be NULL.
MUST_USE fault_t docker_call (docker_t *self, turn_t *turn, const docker_request_t *request,
                              const value_t **answer);

// Items of a value, for what is built and read: VALUE_NULL where a part of the path "Config.Env" is missing.
const value_t *docker_get (const value_t *value, const char *path);

#endif
