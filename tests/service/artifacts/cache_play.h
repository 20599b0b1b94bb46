/* cache_play.h - caches as jobs save and find them in the tests. */

#ifndef OPENCICD_TEST_CACHE_PLAY_H
#define OPENCICD_TEST_CACHE_PLAY_H

#include "tests/service/artifacts/world.h"

#define VERSION "4982f784"

void play_as (world_t *world, const char *job); // From now on the world's caller is this job, in attempt 1
// Its id in the world's own arena; fails the test where it is refused.
const char *play_reserve (world_t *world, const char *key);
fault_t play_reserves (world_t *world, const char *key, cache_t *out);
fault_t play_put (world_t *world, const char *id, const char *block, const void *data, size_t size);
fault_t play_gather (world_t *world, const char *id, const char *block); // A list of that block alone
fault_t play_close (world_t *world, const char *key, size_t size, cache_t *out);
// A whole cache of so many bytes, all of them `fill`.
const char *play_save (world_t *world, const char *key, char fill, size_t size);
// The key that is found; "" for none. `keys` ends with NULL.
const char *play_find (world_t *world, const char *const *keys);
const char *play_find_one (world_t *world, const char *key);
const char *play_ref (world_t *world, const char *key); // The ref of the cache that is found; "" for none
size_t play_listed (world_t *world, cache_list_t ask);

#endif
