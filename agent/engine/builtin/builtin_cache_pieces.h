/* builtin_cache_pieces.h - a cache goes in pieces: cut where its content says so and packed each, so that those of which an earlier cache has the
 * bytes need not travel. Packed pieces, one after the other, are one archive: whoever restores it notices nothing. */

#ifndef OPENCICD_AGENT_ENGINE_BUILTIN_BUILTIN_CACHE_PIECES_H
#define OPENCICD_AGENT_ENGINE_BUILTIN_BUILTIN_CACHE_PIECES_H

#include "agent/engine/builtin/builtin_cache.h"
#include "agent/engine/builtin/cache_index.h"

// Lists the pieces of the archive that came, for those that save later in this job.
void cache_pieces_list (caching_t *self, const cache_hit_t *hit);
// What was listed, and where it is now. False: there is nothing, or it cannot be copied from.
bool cache_pieces_listed (caching_t *self, cache_index_t *index, cache_hit_t *base);

typedef struct {
    int64_t *starts; // Offsets of what was put, in order; free() it
    size_t count, capacity;
    int64_t size;     // Of the cache
    int64_t sent;     // Bytes of it that travelled
    const char *base; // The key of the cache that has the others; NULL: all travelled
} cache_sent_t;

// Sends what the file has: as it is, or, with `packs`, cut and packed.
MUST_USE fault_t cache_pieces_send (caching_t *self, int fd, const char *place, bool packs,
                                    cache_sent_t *out);

#endif
