/* segment.c - see segment.h. */

#include "services/logs/segment.h"

#include "common/base/pack.h"

#include <string.h>

#define LARGE (PIECE_MAX / 2) // A chunk of so many bytes is copied as it is

_Static_assert(SEGMENT_MAX + PIECE_MAX <= BLOB_PUT_MAX, "a segment fits into a blob");

typedef struct {
    char *bytes; // Of the blob
    size_t size;
    unsigned char *frames;
    size_t frames_size;
    char *room; // Small chunks, unpacked; PIECE_MAX
    piece_t joined;
} maker_t;

static void put_frame (maker_t *self, const piece_t *piece)
{
    memcpy (self->bytes + self->size, piece->data, piece->packed);
    self->size += piece->packed;
    frame_put (self->frames + self->frames_size, piece);
    self->frames_size += FRAME_SIZE;
}

static void put_joined (maker_t *self, arena_t *arena)
{
    piece_t *joined = &self->joined;
    if (joined->raw == 0)
        return;
    joined->data = pack (arena, self->room, joined->raw, &joined->packed);
    put_frame (self, joined);
    *joined = (piece_t){0};
}

static fault_t put_chunk (maker_t *self, const piece_t *chunk, turn_t *turn)
{
    if (chunk->raw >= LARGE || self->joined.raw + chunk->raw > PIECE_MAX)
        put_joined (self, turn->arena);
    if (chunk->raw >= LARGE) {
        put_frame (self, chunk);
        return OK;
    }
    if (unpack (chunk->data, chunk->packed, self->room + self->joined.raw, chunk->raw) != OK)
        return turn_fail (turn, BROKEN, "a chunk of a log is damaged");
    self->joined.raw += chunk->raw;
    self->joined.newlines += chunk->newlines;
    return OK;
}

// Bytes that the blob has at most.
static size_t room_for (const pieces_t *chunks)
{
    size_t size = 1;
    for (size_t i = 0; i < chunks->count; i++)
        size += chunks->items[i].raw >= LARGE ? chunks->items[i].packed : chunks->items[i].raw;
    return size;
}

static void sum_up (segment_t *segment, const pieces_t *chunks)
{
    segment->start = chunks->items[0].start;
    segment->before = chunks->items[0].before;
    for (size_t i = 0; i < chunks->count; i++) {
        segment->raw += (int64_t) chunks->items[i].raw;
        segment->newlines += (int64_t) chunks->items[i].newlines;
    }
}

void segment_make (void *making)
{
    making_t *self = making;
    arena_t *arena = self->turn.arena;
    sum_up (&self->segment, &self->chunks);
    maker_t maker = {.bytes = arena_alloc (arena, room_for (&self->chunks)),
                     .frames = arena_alloc (arena, self->chunks.count * FRAME_SIZE),
                     .room = arena_alloc (arena, PIECE_MAX)};
    self->fault = OK;
    for (size_t i = 0; self->fault == OK && i < self->chunks.count; i++)
        self->fault = put_chunk (&maker, &self->chunks.items[i], &self->turn);
    if (self->fault)
        return;
    put_joined (&maker, arena);
    self->segment.frames = maker.frames;
    self->segment.frames_size = maker.frames_size;
    self->fault = blob_put (self->blob, &self->turn, self->segment.blob, maker.bytes, maker.size);
}
