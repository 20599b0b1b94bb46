/* docker_ignore.h - .dockerignore: which files of a folder are not part of what an image is built from.
 *
 * A pattern a line; # begins a comment, ! takes a file back in; the last one that matches a path, or a folder above it, decides. `*`, `?` and
 * [...] stay within a segment, a segment ** is any number of them.
 * Source: docs.docker.com, "Build context: .dockerignore files". */

#ifndef OPENCICD_AGENT_ENGINE_DOCKER_DOCKER_IGNORE_H
#define OPENCICD_AGENT_ENGINE_DOCKER_DOCKER_IGNORE_H

#include "common/base/arena.h"

#include <stdbool.h>
#include <stddef.h>

#define DOCKER_IGNORE_BYTES    (1 << 20)
#define DOCKER_IGNORE_PATTERNS 1000 // Those after them count for nothing
#define DOCKER_IGNORE_SEGMENTS 64   // Of a pattern or a path; a longer one matches nothing

typedef struct {
    const char *text;
    bool back; // Takes it back in
} docker_pattern_t;

typedef struct {
    docker_pattern_t *items;
    size_t count, capacity;
    bool any_back;
} docker_ignore_t;

void docker_ignore_read (docker_ignore_t *self, arena_t *arena, const char *text, size_t size);
bool docker_ignore_has (const docker_ignore_t *self, const char *path); // Relative, without ./

#endif
