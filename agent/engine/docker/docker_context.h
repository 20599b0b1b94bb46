/* docker_context.h - a folder as the tar archive that an image is built from, without what its .dockerignore names.
 *
 * Files, folders and links, as they are; sockets, pipes and devices are left out. The .dockerignore and the Dockerfile are always in it.
 * Source: POSIX.1-2008, pax: the ustar format, and extended headers for what does not fit into it. */

#ifndef OPENCICD_AGENT_ENGINE_DOCKER_DOCKER_CONTEXT_H
#define OPENCICD_AGENT_ENGINE_DOCKER_DOCKER_CONTEXT_H

#include "common/base/turn.h"

#define DOCKER_CONTEXT_BYTES   (INT64_C (4) << 30)
#define DOCKER_CONTEXT_ENTRIES 200000
#define DOCKER_CONTEXT_DEPTH   60

typedef struct {
    int view;               // Whose paths they are: common/os/rooted.h
    const char *folder;     // Absolute
    const char *dockerfile; // Its path in there
    const char *scratch;    // A folder for the archive, which has no name there
} docker_context_t;

// *fd: the archive. TOO_LARGE, NOT_FOUND (there is no such folder or Dockerfile), NO_SPACE: the detail names the file.
MUST_USE fault_t docker_context_open (turn_t *turn, const docker_context_t *context, int *fd);

#endif
