/* pack.h - one zstd frame of a piece of bytes whose size is known.
 *
 * What does not shrink is kept as it is: packed and raw size are then equal, and that is how unpack() knows. Contexts belong to
 * the thread and live until it ends. Refuses frames of any other size than the one that was stored beside them. */

#ifndef OPENCICD_PACK_H
#define OPENCICD_PACK_H

#include "common/arena.h"
#include "common/fault.h"

#define PACK_FAST 1 // zstd's level for what somebody waits for

// The packed bytes, at most `size` of them, in the arena.
void *pack (arena_t *arena, const void *data, size_t size, size_t *packed);
MUST_USE fault_t unpack (const void *data, size_t packed, void *into,
                         size_t raw); // BROKEN where it is not that

#endif
