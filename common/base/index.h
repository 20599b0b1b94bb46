/* index.h - a hash table from texts to numbers. ASCII case is ignored, as GitHub ignores it in keys.
 *
 * Open addressing, at most half full, in an arena: a table that it outgrows stays there until the arena is reset. It borrows the texts. */

#ifndef OPENCICD_INDEX_H
#define OPENCICD_INDEX_H

#include "common/base/arena.h"

#include <stdint.h>

#define INDEX_NONE SIZE_MAX

typedef struct {
    const char *text;
    size_t value;
} index_slot_t;

typedef struct {
    arena_t *arena;
    index_slot_t *slots;
    size_t size, count; // size: a power of two, or 0
} index_t;

void index_init (index_t *self, arena_t *arena);
void index_put (index_t *self, const char *text, size_t value); // Replaces the number of an equal text
size_t index_find (const index_t *self, const char *text);      // INDEX_NONE where there is none
// For a text that is looked for in many tables: its hash, once.
uint64_t index_hash (const char *text);
size_t index_find_hashed (const index_t *self, const char *text, uint64_t hash);

#endif
