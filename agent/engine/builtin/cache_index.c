/* cache_index.c - see cache_index.h. */

#include "agent/engine/builtin/cache_index.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS 15 // Of a number

void cache_index_begin (buffer_t *into, const char *key, const char *place)
{
    buffer_printf (into, "%s\n%s\n", key, place);
}

void cache_index_add (buffer_t *into, const char *sha256, int64_t offset, int64_t size)
{
    buffer_printf (into, "%s %" PRId64 " %" PRId64 "\n", sha256, offset, size);
}

static bool take_line (arena_t *arena, const char **at, const char **out)
{
    size_t size = strcspn (*at, "\n");
    if (!size || !(*at)[size])
        return false;
    *out = arena_strndup (arena, *at, size);
    *at += size + 1;
    return true;
}

// Digits, then `after`.
static bool take_number (const char **at, char after, int64_t *out)
{
    size_t digits = strspn (*at, "0123456789");
    if (digits == 0 || digits > DIGITS || (*at)[digits] != after)
        return false;
    *out = strtoll (*at, NULL, 10);
    *at += digits + 1;
    return true;
}

static bool take_piece (const char **at, int64_t offset, cache_piece_t *piece)
{
    if (strnlen (*at, SHA256_HEX + 1) <= SHA256_HEX || (*at)[SHA256_HEX] != ' ')
        return false;
    memcpy (piece->sha256, *at, SHA256_HEX);
    piece->sha256[SHA256_HEX] = 0;
    *at += SHA256_HEX + 1;
    return sha256_is_hex (piece->sha256) && take_number (at, ' ', &piece->offset) &&
           take_number (at, '\n', &piece->size) && piece->offset == offset && piece->size > 0 &&
           piece->size <= CACHE_INDEX_PIECE;
}

static int by_sum (const void *left, const void *right)
{
    const cache_piece_t *a = left, *b = right;
    return strcmp (a->sha256, b->sha256);
}

fault_t cache_index_read (arena_t *arena, const char *text, cache_index_t *out)
{
    int64_t offset = 0;
    size_t capacity = 0;
    *out = (cache_index_t){.items = NULL};
    if (!take_line (arena, &text, &out->key) || !take_line (arena, &text, &out->place))
        return INVALID;
    while (*text) {
        cache_piece_t piece;
        if (out->count == CACHE_INDEX_PIECES || !take_piece (&text, offset, &piece))
            return INVALID;
        out->items = arena_grow (arena, out->items, out->count, &capacity, sizeof (out->items[0]));
        out->items[out->count++] = piece;
        offset += piece.size;
    }
    if (out->count)
        qsort (out->items, out->count, sizeof (out->items[0]), by_sum);
    return OK;
}

const cache_piece_t *cache_index_find (const cache_index_t *self, const char *sha256)
{
    cache_piece_t wanted;
    if (self->count == 0)
        return NULL;
    memcpy (wanted.sha256, sha256, sizeof (wanted.sha256));
    return bsearch (&wanted, self->items, self->count, sizeof (self->items[0]), by_sum);
}
