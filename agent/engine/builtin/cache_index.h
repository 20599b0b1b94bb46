/* cache_index.h - of which pieces a restored cache is made: a job that saves what it made of it sends only the others.
 *
 * A text in RUNNER_TEMP, which the job's own steps can change: who does so damages the cache that it saves itself, and nothing else.
 *
 *     KEY
 *     PLACE
 *     SHA256 OFFSET SIZE          a line for each piece, one after the other from 0 on */

#ifndef OPENCICD_AGENT_ENGINE_BUILTIN_CACHE_INDEX_H
#define OPENCICD_AGENT_ENGINE_BUILTIN_CACHE_INDEX_H

#include "common/base/buffer.h"
#include "common/base/sha256.h"

#define CACHE_INDEX_PIECES 100000
#define CACHE_INDEX_BYTES  (12 << 20)
#define CACHE_INDEX_PIECE  (8 << 20) // Bytes of one piece, at most

typedef struct {
    char sha256[SHA256_HEX + 1];
    int64_t offset, size; // Where it is in the cache
} cache_piece_t;

typedef struct {
    const char *key, *place; // Of the cache that has them
    cache_piece_t *items;    // By their sums
    size_t count;
} cache_index_t;

void cache_index_begin (buffer_t *into, const char *key, const char *place);
void cache_index_add (buffer_t *into, const char *sha256, int64_t offset, int64_t size);
// Strings and pieces in the arena. INVALID where it is anything else than what the two above write.
MUST_USE fault_t cache_index_read (arena_t *arena, const char *text, cache_index_t *out);
const cache_piece_t *cache_index_find (const cache_index_t *self, const char *sha256); // NULL: it has none

#endif
