/* pack.h - packs bytes of a known size into one zstd frame.
 *
 * Incompressible bytes are kept as they are: packed and raw size are then equal, by which unpack() knows. Contexts belong to
 * the thread and live until it ends. Refuses frames of any other size than the one that was stored beside them. */

#ifndef OPENCICD_PACK_H
#define OPENCICD_PACK_H

#include "common/base/arena.h"
#include "common/base/fault.h"

#define PACK_FAST 1 // zstd's level where a user waits for the result

// The packed bytes, at most `size` of them, in the arena.
void *pack (arena_t *arena, const void *data, size_t size, size_t *packed);
MUST_USE fault_t unpack (const void *data, size_t packed, void *into,
                         size_t raw); // BROKEN if it is anything else

// A zstd frame for a stream of them, which any zstd unpacks as one: whatever the bytes are, and the same for the same bytes.
#define PACK_STREAM 3 // zstd's level, as its program has it
size_t pack_frame_bound (size_t size);
size_t pack_frame (void *into, size_t room, const void *data, size_t size);
// Of the frame that begins here; 0 where none does, or its end is not among these bytes.
size_t pack_frame_size (const void *data, size_t size);

#endif
