/* blob_ahead.c - see blob_ahead.h. */

#include "common/blob/blob_ahead.h"

#include <string.h>

blob_ahead_t blob_ahead_begin (blob_t *blob, const blob_range_t *ranges, size_t count)
{
    return (blob_ahead_t){.blob = blob, .ranges = ranges, .count = count};
}

void blob_ahead_end (blob_ahead_t *self)
{
    arena_destroy (&self->arena);
}

static bool are_neighbours (const blob_range_t *one, const blob_range_t *next)
{
    return strcmp (one->key, next->key) == 0 && one->offset + one->size == next->offset;
}

// From range `at` on: neighbours as one request. How many it covers.
static size_t join (const blob_ahead_t *self, size_t at, blob_range_t *out)
{
    size_t count = 1;
    *out = (blob_range_t){
        .key = self->ranges[at].key, .offset = self->ranges[at].offset, .size = self->ranges[at].size};
    for (; at + count < self->count; count++) {
        const blob_range_t *next = &self->ranges[at + count];
        if (!are_neighbours (&self->ranges[at + count - 1], next) || out->size + next->size > AHEAD_REQUEST)
            break;
        out->size += next->size;
    }
    return count;
}

// Their bytes lie one after the other in one block, so that each range's follow from what precedes it.
static fault_t fetch (blob_ahead_t *self, turn_t *turn)
{
    size_t most = blob_parallel (self->blob), count = 0, size = 0;
    if (!self->arena) // A log's end is in no blob
        self->arena = arena_new ();
    arena_reset (self->arena);
    blob_range_t *requests = arena_array (self->arena, most, sizeof *requests);
    for (self->upto = self->at; self->upto < self->count && count < most;) {
        blob_range_t request;
        size_t covers = join (self, self->upto, &request);
        if (count > 0 && size + request.size > AHEAD_ROUND)
            break;
        size += request.size;
        requests[count++] = request;
        self->upto += covers;
    }
    char *room = arena_room (self->arena, size + 1);
    self->bytes = room;
    for (size_t i = 0; i < count; room += requests[i++].size)
        requests[i].into = room;
    fault_t fault = blob_get_many (self->blob, turn, requests, count);
    for (size_t i = 0; i < count; i++)
        if (requests[i].fault == NOT_FOUND || (!requests[i].fault && requests[i].got != requests[i].size))
            return turn_fail (turn, BROKEN, "the blob store has lost or damaged %s", requests[i].key);
    return fault;
}

fault_t blob_ahead_next (blob_ahead_t *self, turn_t *turn, const char **bytes)
{
    if (self->at == self->count)
        return NOT_FOUND;
    if (self->at == self->upto)
        TRY (fetch (self, turn));
    *bytes = self->bytes;
    self->bytes += self->ranges[self->at++].size;
    return OK;
}
