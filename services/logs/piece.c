/* piece.c - see piece.h. */

#include "services/logs/piece.h"

#include "common/base/pack.h"

#include <string.h>

fault_t piece_read (const piece_t *self, blob_t *blob, turn_t *turn, const char **bytes)
{
    const char *packed = self->data;
    if (!packed) {
        size_t got = 0;
        char *room = arena_alloc (turn->arena, self->packed + 1);
        fault_t fault = blob_get (blob, turn, self->blob, self->at, room, self->packed, &got);
        if (fault == NOT_FOUND || (fault == OK && got != self->packed))
            return turn_fail (turn, BROKEN, "the blob store has lost a part of %s", self->blob);
        TRY (fault);
        packed = room;
    }
    if (self->packed == self->raw) {
        *bytes = packed;
        return OK;
    }
    char *room = arena_alloc (turn->arena, self->raw + 1);
    *bytes = room;
    if (unpack (packed, self->packed, room, self->raw) != OK)
        return turn_fail (turn, BROKEN, "the bytes of the log from %lld on are damaged",
                          (long long) self->start);
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
