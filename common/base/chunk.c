/* chunk.c - see chunk.h. */

#include "common/base/chunk.h"

#define MASK \
    ((uint64_t) (CHUNK_USUAL - 1) << 44) // So many bits as CHUNK_USUAL has, at the top, where 64 bytes meet

// SplitMix64: any fixed table of random numbers would do, as long as it never changes.
void chunker_init (chunker_t *self)
{
    uint64_t state = 0;
    for (int i = 0; i < 256; i++) {
        uint64_t mixed = state += 0x9e3779b97f4a7c15;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
        self->gear[i] = mixed ^ (mixed >> 31);
    }
}

size_t chunk_next (const chunker_t *self, const void *data, size_t size)
{
    const unsigned char *bytes = data;
    size_t most = size < CHUNK_MOST ? size : CHUNK_MOST;
    uint64_t sum = 0;
    for (size_t i = most < CHUNK_LEAST ? most : CHUNK_LEAST - 64; i < most; i++) {
        sum = (sum << 1) + self->gear[bytes[i]];
        if (i >= CHUNK_LEAST && !(sum & MASK))
            return i + 1;
    }
    return most;
}
