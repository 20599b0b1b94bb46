/* chunks.c - see chunks.h. */

#include "services/artifacts/chunks.h"

#include "common/base/chunk.h"
#include "common/base/pack.h"
#include "services/artifacts/frames.h"

static size_t cut (const chunker_t *chunker, const char *data, size_t size)
{
    size_t at = 0, frame;
    while (at < size && at < CUT_LEAST && (frame = pack_frame_size (data + at, size - at)) > 0)
        at += frame;
    return at > 0 ? at : chunk_next (chunker, data, size);
}

static fault_t write_one (turn_t *turn, blob_t *blob, const char *data, size_t size, const char *key,
                          chunk_t *out)
{
    frames_t frames = frames_pack (turn->arena, data, size);
    *out = (chunk_t){.bytes = (int64_t) size,
                     .part = {.blob = key, .frames = frames.table, .frames_size = frames.table_size}};
    return blob_put (blob, turn, key, frames.data, frames.size);
}

fault_t chunks_write (turn_t *turn, blob_t *blob, const char *data, size_t size,
                      const blob_keys_taken_t *keys, chunk_list_t *out)
{
    chunker_t chunker;
    chunker_init (&chunker);
    *out = (chunk_list_t){arena_array (turn->arena, keys->count, sizeof (chunk_t)), 0};
    for (size_t at = 0; at < size;) {
        bool last = out->count + 1 == keys->count;
        size_t some = last ? size - at : cut (&chunker, data + at, size - at);
        chunk_t *chunk = &out->items[out->count];
        sha256_t sum;
        TRY (write_one (turn, blob, data + at, some, keys->items[out->count++], chunk));
        sha256_init (&sum);
        sha256_add (&sum, data + at, some);
        chunk->sum = sha256_hex (&sum, turn->arena);
        at += some;
    }
    return OK;
}

fault_t chunks_write_whole (turn_t *turn, blob_t *blob, const char *data, size_t size,
                            const blob_keys_taken_t *keys, chunk_list_t *out)
{
    *out = (chunk_list_t){arena_array (turn->arena, 1, sizeof (chunk_t)), 1};
    return write_one (turn, blob, data, size, keys->items[0], out->items);
}
