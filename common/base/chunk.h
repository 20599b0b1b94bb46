/* chunk.h - cuts a stream of bytes where its content says so: bytes put in somewhere change the chunks around them, and no others.
 *
 * A cut is where the highest bits of a rolling sum over the last 64 bytes are all 0. Source: "gear" of Xia et al., Ddelta (2014) and FastCDC
 * (USENIX ATC 2016). The same bytes are cut alike by every version of this program: others compare the chunks. */

#ifndef OPENCICD_CHUNK_H
#define OPENCICD_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHUNK_LEAST (256 << 10)
#define CHUNK_USUAL (1 << 20) // Beyond CHUNK_LEAST, on average
#define CHUNK_MOST  (4 << 20)

typedef struct {
    uint64_t gear[256];
} chunker_t;

void chunker_init (chunker_t *self);
// How long the next chunk is, of bytes that are CHUNK_MOST or more, or all that is left of the stream. 0 only for no bytes.
size_t chunk_next (const chunker_t *self, const void *data, size_t size);

#endif
