/* piece.c - see piece.h. */

#include "services/logs/piece.h"

#include "common/base/pack.h"

#include <string.h>

pieces_reader_t pieces_read_begin (const pieces_t *pieces, blob_t *blob, arena_t *arena)
{
    size_t count = 0;
    blob_range_t *ranges = arena_array (arena, pieces->count + 1, sizeof *ranges);
    for (size_t i = 0; i < pieces->count; i++) {
        const piece_t *piece = &pieces->items[i];
        if (!piece->data)
            ranges[count++] = (blob_range_t){.key = piece->blob, .offset = piece->at, .size = piece->packed};
    }
    return (pieces_reader_t){blob_ahead_begin (blob, ranges, count)};
}

void pieces_read_end (pieces_reader_t *self)
{
    blob_ahead_end (&self->ahead);
}

fault_t pieces_read_next (pieces_reader_t *self, const piece_t *piece, turn_t *turn, const char **bytes)
{
    const char *packed = piece->data;
    if (!packed)
        TRY (blob_ahead_next (&self->ahead, turn, &packed));
    if (piece->packed == piece->raw) {
        *bytes = packed;
        return OK;
    }
    char *room = arena_alloc (turn->arena, piece->raw + 1);
    *bytes = room;
    if (unpack (packed, piece->packed, room, piece->raw) != OK)
        return turn_fail (turn, BROKEN, "the bytes of the log from %lld on are damaged",
                          (long long) piece->start);
    return OK;
}

size_t count_newlines (const void *data, size_t size)
{
    const char *at = data, *end = at + size;
    size_t count = 0;
    while (at < end && (at = memchr (at, '\n', (size_t) (end - at)))) {
        count++;
        at++;
    }
    return count;
}

size_t after_newline (const char *data, size_t size, size_t nth)
{
    const char *at = data, *end = data + size;
    while (nth > 0 && at < end && (at = memchr (at, '\n', (size_t) (end - at)))) {
        nth--;
        at++;
    }
    return at && nth == 0 ? (size_t) (at - data) : size;
}
