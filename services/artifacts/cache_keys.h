/* cache_keys.h - which keys of caches are accepted, and what a key's prefix spans: pure functions over what came from outside.
 *
 * The limits are GitHub's, so that a workflow that works here works there. */

#ifndef OPENCICD_CACHE_KEYS_H
#define OPENCICD_CACHE_KEYS_H

#include "common/base/turn.h"
#include "proto/messages.h"

#define CACHE_KEY_CHARACTERS 512

// INVALID says what is wrong with it; `what` names it, "key" or "keys[2]".
MUST_USE fault_t cache_key_check (turn_t *turn, const char *what, const char *key);
MUST_USE fault_t cache_keys_check (turn_t *turn, const strs_t *keys); // At least one
// The first bytes after all those that begin with `prefix`, in the order of bytes: "lin-" gives "lin.".
bytes_t cache_prefix_end (arena_t *arena, const char *prefix);

#endif
