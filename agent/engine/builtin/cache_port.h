/* cache_port.h - where a job's caches are: on the server, which knows what the job may see; or in a folder of this machine. */

#ifndef OPENCICD_AGENT_ENGINE_BUILTIN_CACHE_PORT_H
#define OPENCICD_AGENT_ENGINE_BUILTIN_CACHE_PORT_H

#include "common/base/turn.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const char *place; // Opaque; where `fetch` reads it
    const char *key;   // Under which it was saved
} cache_hit_t;

// A piece of a cache's bytes; false ends the transfer.
typedef bool cache_take_fn (void *self, const char *bytes, size_t size);

typedef struct cache_port {
    void *self;
    // The key, or what begins so; then each of the others likewise. hit->key NULL: none.
    fault_t (*look) (void *self, turn_t *turn, const char *key, const char *const *others, size_t count,
                     const char *version, cache_hit_t *hit);
    // Its bytes from `offset` on, to the end.
    fault_t (*fetch) (void *self, turn_t *turn, const cache_hit_t *hit, int64_t offset, cache_take_fn *take,
                      void *stream);
    // Bytes of all that was fetched in this job that were on this machine already. NULL: that is not known here.
    int64_t (*copied) (void *self);
    // Begins to save. CONFLICT: the key is taken, which is nobody's mistake. *place is for `put` and `commit`.
    fault_t (*reserve) (void *self, turn_t *turn, const char *key, const char *version, const char **place);
    // Bytes from `offset` on, which is its name: the same piece again is accepted.
    fault_t (*put) (void *self, turn_t *turn, const char *place, int64_t offset, const void *data,
                    size_t size);
    // The same with bytes that a cache has, which was found: they do not travel. NULL: that cannot be done here.
    fault_t (*copy) (void *self, turn_t *turn, const char *place, int64_t offset, const cache_hit_t *of,
                     int64_t from, int64_t size);
    // All pieces are there: others find it from now on. `starts` are their offsets, in order.
    fault_t (*commit) (void *self, turn_t *turn, const char *place, const int64_t *starts, size_t count,
                       int64_t size);
} cache_port_t;

#endif
