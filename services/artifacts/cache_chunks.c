/* cache_chunks.c - of which chunks a cache is made: given to another one that is saved, without their bytes being read; listed for who restores it.
 *
 * The gateway asks for both only with an address that the server signed for this cache: that is the proof that the job may read it. */

#include "services/artifacts/artifacts_self.h"
#include "services/artifacts/blocks.h"
#include "services/artifacts/cache_self.h"

#include <string.h>

static fault_t source_of (artifacts_t *self, turn_t *turn, const char *id, cache_row_t *out)
{
    TRY (cache_store_find (self->db, turn, id, out));
    return out->complete ? OK : turn_fail (turn, CONFLICT, "cache %s is still being saved", out->id);
}

// Those that are within `size` bytes from `offset` as a whole, the first where `offset` is. Else *skip is how many bytes come before one.
static fault_t take_range (turn_t *turn, const cache_row_t *source, const cache_copy_t *ask,
                           chunk_list_t *chunks, int64_t *skip)
{
    size_t first = 0, count = 0;
    int64_t end = ask->offset + ask->size;
    if (end > source->size)
        return turn_fail (turn, BAD_RANGE, "the cache has no such bytes");
    while (first < chunks->count && chunks->items[first].part.start < ask->offset)
        first++;
    *skip = first < chunks->count && chunks->items[first].part.start < end
                ? chunks->items[first].part.start - ask->offset
                : ask->size;
    while (*skip == 0 && first + count < chunks->count &&
           chunks->items[first + count].part.start + chunks->items[first + count].bytes <= end)
        count++;
    if (*skip == 0 && count == 0)
        *skip = ask->size; // The range ends within this one
    *chunks = (chunk_list_t){chunks->items + first, count};
    return OK;
}

static int64_t bytes_of (const chunk_list_t *chunks, size_t count)
{
    int64_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += chunks->items[i].bytes;
    return bytes;
}

HANDLER (cache_copy)
{
    artifacts_t *self = context;
    const cache_copy_t *ask = asked;
    copied_t *out = answered;
    cache_row_t row, source;
    chunk_list_t chunks;
    size_t shared = 0;
    TRY (cache_store_find (self->db, turn, ask->artifact, &row));
    TRY (fence_lately (&self->fence, turn, row.job, row.attempt));
    TRY (cache_check_piece (self, turn, &row, (size_t) ask->size));
    TRY (source_of (self, turn, ask->cache, &source));
    TRY (chunk_store_list (self->db, turn, source.upload.id, ask->offset, CHUNKS_COPIED, &chunks));
    TRY (take_range (turn, &source, ask, &chunks, &out->skip));
    if (strcmp (source.project, row.project) != 0) { // Nothing is shared between projects: its bytes are read
        out->skip = ask->size;
        return OK;
    }
    block_piece_t piece = {
        .upload = row.upload.id, .block = ask->block, .take = ask->take, .piece = ask->piece};
    if (out->skip == 0)
        TRY (blocks_share (&self->uploads, turn, &row.upload, row.project, &piece, &chunks, &shared));
    if (out->skip == 0 && shared == 0)
        out->skip = chunks.items[0].bytes; // Just removed
    out->bytes = bytes_of (&chunks, shared);
    if (out->bytes < ask->size || !ask->last)
        return OK;
    TRY (db_unit_write (self->db, turn));
    return block_store_set (self->db, turn, &piece);
}

HANDLER (cache_chunks)
{
    artifacts_t *self = context;
    const cache_chunks_t *ask = asked;
    chunk_page_t *out = answered;
    cache_row_t row;
    chunk_list_t chunks;
    TRY (source_of (self, turn, ask->cache, &row));
    TRY (chunk_store_list (self->db, turn, row.upload.id, ask->offset, CHUNKS_LISTED, &chunks));
    out->chunks.items = arena_array (turn->arena, chunks.count + 1, sizeof (cache_chunk_t));
    for (out->chunks.count = 0; out->chunks.count < chunks.count; out->chunks.count++) {
        const chunk_t *chunk = &chunks.items[out->chunks.count];
        out->chunks.items[out->chunks.count] =
            (cache_chunk_t){.sha256 = chunk->sum, .offset = chunk->part.start, .size = chunk->bytes};
    }
    out->size = row.size;
    return OK;
}
