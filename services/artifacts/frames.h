/* frames.h - a part's bytes as packed frames of at most FRAME_MAX bytes, each of which can be read without the others.
 *
 * The table that is kept beside them holds, for each frame, its bytes and its packed bytes: two numbers of 32 bits, low byte first. */

#ifndef OPENCICD_ARTIFACTS_FRAMES_H
#define OPENCICD_ARTIFACTS_FRAMES_H

#include "common/base/arena.h"
#include "proto/limits.h"

#define FRAME_MAX MAX_CHUNK // Bytes of a frame before packing

typedef struct {
    const void *data; // One after the other
    size_t size;
    const unsigned char *table;
    size_t table_size;
} frames_t;

typedef struct {
    size_t raw;
    size_t packed;
} packed_frame_t;

frames_t frames_pack (arena_t *arena, const void *data, size_t size);
size_t frames_count (size_t table_size);
packed_frame_t frames_at (const unsigned char *table, size_t index);

#endif
