/* id.h - opaque ids and secrets for the outside.
 *
 * An id is 21 characters: a one-letter kind, then in Crockford's base 32, lower case, 10 characters of time (50 bits of
 * milliseconds) and 10 of randomness (50 bits): "r01k9qz6f3xm4t0v8w2ya". Ids of one kind sort by the millisecond in which
 * they were made, those that one actor makes in the order in which they were made. They are names, not secrets. */

#ifndef OPENCICD_ID_H
#define OPENCICD_ID_H

#include "common/base/arena.h"

#include <stdbool.h>
#include <stdint.h>

#define ID_SIZE 22 // 21 characters and the NUL

const char *id_new (arena_t *arena, char kind, int64_t now_us);
bool id_is (const char *text, char kind); // Well formed and of that kind?
const char *id_from (arena_t *arena, char kind,
                     int64_t us);    // Before all ids of that millisecond, after all before it
int64_t id_time_us (const char *id); // When a well-formed id was made, to the millisecond
const char *secret_new (arena_t *arena, const char *prefix);  // prefix + 43 characters, 256 bits, base64url
const char *secret_hash (arena_t *arena, const char *secret); // BLAKE2b-256 in hex; what is stored

#endif
