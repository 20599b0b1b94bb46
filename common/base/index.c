/* index.c - see index.h. The hash is FNV-1a over lower-cased bytes: what is indexed is bounded (jobs of a run), so that texts chosen to
 * collide cost a bounded square and no key is needed. */

#include "common/base/index.h"

#include <string.h>
#include <strings.h>

#define FIRST_SIZE 32

void index_init (index_t *self, arena_t *arena)
{
    *self = (index_t){.arena = arena};
}

uint64_t index_hash (const char *text)
{
    uint64_t hash = 14695981039346656037u;
    for (; *text; text++) {
        unsigned char byte = (unsigned char) *text;
        if (byte >= 'A' && byte <= 'Z')
            byte = (unsigned char) (byte + 32);
        hash = (hash ^ byte) * 1099511628211u;
    }
    return hash ^ hash >> 32;
}

// Where the text is, or would be.
static index_slot_t *slot_of (const index_t *self, const char *text, uint64_t hash)
{
    size_t at = hash & (self->size - 1);
    while (self->slots[at].text && strcasecmp (self->slots[at].text, text) != 0)
        at = (at + 1) & (self->size - 1);
    return &self->slots[at];
}

static void grow (index_t *self)
{
    index_t old = *self;
    self->size = old.size ? old.size * 2 : FIRST_SIZE;
    self->slots = arena_array (self->arena, self->size, sizeof *self->slots);
    for (size_t i = 0; i < old.size; i++)
        if (old.slots[i].text)
            *slot_of (self, old.slots[i].text, index_hash (old.slots[i].text)) = old.slots[i];
}

void index_put (index_t *self, const char *text, size_t value)
{
    if (self->count * 2 >= self->size)
        grow (self);
    index_slot_t *slot = slot_of (self, text, index_hash (text));
    self->count += slot->text == NULL;
    *slot = (index_slot_t){text, value};
}

size_t index_find_hashed (const index_t *self, const char *text, uint64_t hash)
{
    if (self->size == 0)
        return INDEX_NONE;
    const index_slot_t *slot = slot_of (self, text, hash);
    return slot->text ? slot->value : INDEX_NONE;
}

size_t index_find (const index_t *self, const char *text)
{
    return index_find_hashed (self, text, self->size ? index_hash (text) : 0);
}
