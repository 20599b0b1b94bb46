/* cache_self.h - what the parts of the artifact store that are about caches share. Private to services/artifacts/. */

#ifndef OPENCICD_CACHE_SELF_H
#define OPENCICD_CACHE_SELF_H

#include "services/artifacts/cache_store.h"

#define CACHES_MAX 10000 // Of one project; past that the least recently used one makes way

struct artifacts;

cache_t cache_shown (const cache_row_t *row);
int64_t cache_due (const struct artifacts *self, int64_t used_us); // Removed then, if nobody finds it
// May this much more arrive? CONFLICT, TOO_LARGE.
MUST_USE fault_t cache_check_piece (struct artifacts *self, turn_t *turn, const cache_row_t *row,
                                    size_t size);

// What is counted, for Prometheus.
void cache_count_look (const char *result);
void cache_count_bytes (const char *direction, int64_t bytes);
void cache_count_removed (const char *reason, int64_t count);

#endif
