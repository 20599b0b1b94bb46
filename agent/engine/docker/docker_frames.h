/* docker_frames.h - what comes in pieces from the engine: a container's output as frames, and progress as lines of JSON.
 *
 * A frame is 8 bytes (1 stdout or 2 stderr, three zeros, the size in network order) and that many bytes of output. A container with a
 * terminal has none: its output comes as it is. Both readers take any split of the bytes, keep nothing beyond their bounds, and stop at
 * what is no such stream.
 *
 * Source: Docker Engine API v1.41, "Attach to a container: Stream format". */

#ifndef OPENCICD_AGENT_ENGINE_DOCKER_DOCKER_FRAMES_H
#define OPENCICD_AGENT_ENGINE_DOCKER_DOCKER_FRAMES_H

#include "common/base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DOCKER_LINE_MAX (256 << 10) // Bytes of one line of progress; a longer one is dropped

typedef struct {
    void (*emit) (void *self, const char *bytes, size_t size);
    void *self;
    unsigned char head[8];
    size_t have;   // Of the head
    uint32_t left; // Of the frame
    bool wrong;    // It is not a stream of frames
} docker_frames_t;

// False where it is not a stream of frames, from then on.
bool docker_frames_add (docker_frames_t *self, const char *bytes, size_t size);

typedef struct {
    void (*emit) (void *self, const char *line, size_t size); // Without its end; none is empty
    void *self;
    buffer_t *part; // Of a line whose end has not come; NULL at first
} docker_lines_t;

void docker_lines_add (docker_lines_t *self, const char *bytes, size_t size);
void docker_lines_end (docker_lines_t *self); // The last line may have no end

#endif
