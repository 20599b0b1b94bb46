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

#endif
