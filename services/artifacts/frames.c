/* frames.c - see frames.h. */

#include "services/artifacts/frames.h"

#include "common/base/bytes.h"
#include "common/base/pack.h"

#include <string.h>

#define ROW 8 // Bytes of the table for one frame

frames_t frames_pack (arena_t *arena, const void *data, size_t size)
{
    size_t count = (size + FRAME_MAX - 1) / FRAME_MAX, end = 0;
    char *bytes = arena_alloc (arena, size + 1); // Packing never makes them more
    unsigned char *table = arena_alloc (arena, count * ROW + 1);
    for (size_t i = 0; i < count; i++) {
        size_t at = i * FRAME_MAX, raw = size - at < FRAME_MAX ? size - at : FRAME_MAX, packed;
        const void *frame = pack (arena, (const char *) data + at, raw, &packed);
        memcpy (bytes + end, frame, packed);
        bytes_put32 (table + i * ROW, raw);
        bytes_put32 (table + i * ROW + 4, packed);
        end += packed;
    }
    return (frames_t){.data = bytes, .size = end, .table = table, .table_size = count * ROW};
}

size_t frames_count (size_t table_size)
{
    return table_size / ROW;
}

packed_frame_t frames_at (const unsigned char *table, size_t index)
{
    return (packed_frame_t){.raw = bytes_get32 (table + index * ROW),
                            .packed = bytes_get32 (table + index * ROW + 4)};
}
