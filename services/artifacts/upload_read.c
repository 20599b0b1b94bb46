/* upload_read.c - a range of an upload's bytes, out of the frames that hold it; in a helper thread.
 *
 * The handler reads the rows of the parts alone: neither the list of files nor a blob is touched in the actor's thread. */

#include "common/base/pack.h"
#include "services/artifacts/frames.h"
#include "services/artifacts/upload.h"
#include "services/artifacts/upload_range.h"

#include <string.h>

typedef struct {
    upload_range_t range;
    fault_t fault;
} reading_t;

static fault_t read_frame (upload_range_t *self, const part_t *part, packed_frame_t frame, uint64_t at,
                           char *room)
{
    size_t got;
    char *bytes = arena_alloc (self->turn.arena, frame.packed + 1);
    fault_t fault = blob_get (self->blob, &self->turn, part->blob, at, bytes, frame.packed, &got);
    if (fault && fault != NOT_FOUND)
        return fault;
    if (fault || frame.raw > FRAME_MAX || got != frame.packed ||
        unpack (bytes, frame.packed, room, frame.raw) != OK)
        return turn_fail (&self->turn, BROKEN, "the blob store has lost or damaged %s", part->blob);
    return OK;
}

// Adds the requested bytes of this part.
static fault_t read_part (upload_range_t *self, const part_t *part, char *room)
{
    int64_t start = part->start;
    uint64_t at = 0;
    for (size_t i = 0; i < frames_count (part->frames_size) && self->got < self->size; i++) {
        packed_frame_t frame = frames_at (part->frames, i);
        int64_t want = self->from + (int64_t) self->got;
        if (want >= start && want < start + (int64_t) frame.raw) {
            TRY (read_frame (self, part, frame, at, room));
            size_t skip = (size_t) (want - start), size = frame.raw - skip;
            if (size > self->size - self->got)
                size = self->size - self->got;
            memcpy (self->data + self->got, room + skip, size);
            self->got += size;
        }
        start += (int64_t) frame.raw;
        at += frame.packed;
    }
    return OK;
}

fault_t upload_range_read (upload_range_t *self)
{
    char *room = arena_alloc (self->turn.arena, FRAME_MAX);
    self->data = arena_alloc (self->turn.arena, self->size + 1);
    self->got = 0;
    for (size_t i = 0; i < self->count; i++)
        TRY (read_part (self, &self->parts[i], room));
    return self->got == self->size ? OK : turn_fail (&self->turn, BROKEN, "a part of the upload is missing");
}

static void read_range (void *data)
{
    reading_t *self = data;
    self->fault = upload_range_read (&self->range);
}

static fault_t begin (uploads_t *self, turn_t *turn, const upload_t *upload, int64_t offset, size_t size,
                      const char *key)
{
    arena_t *arena = arena_new ();
    reading_t *reading = arena_alloc (arena, sizeof (*reading));
    reading->range = (upload_range_t){.blob = self->blob, .from = offset, .size = size};
    turn_init (&reading->range.turn, arena, "", 0);
    // Its rows are read into the task's arena.
    fault_t fault =
        upload_store_parts (self->db, &reading->range.turn, upload->id, offset, offset + (int64_t) size - 1,
                            &reading->range.parts, &reading->range.count);
    if (!fault)
        return background_begin (self->tasks, turn, key, read_range, &arena, reading);
    arena_destroy (&arena);
    return turn_fail (turn, fault, "the parts of upload %s cannot be found", upload->id);
}

fault_t upload_read (uploads_t *self, turn_t *turn, const upload_t *upload, int64_t offset, size_t size,
                     bytes_t *out)
{
    reading_t *reading;
    int64_t left = upload->size - offset;
    *out = (bytes_t){0};
    if (offset < 0)
        return turn_fail (turn, BAD_INPUT, "bytes are counted from 0");
    if (left <= 0)
        return OK;
    if ((int64_t) size > left)
        size = (size_t) left;
    const char *key = arena_printf (turn->arena, "read/%s/%s/%lld/%zu", turn->request_id, upload->id,
                                    (long long) offset, size);
    fault_t fault = background_find (self->tasks, turn, key, (void **) &reading);
    if (fault == NOT_FOUND)
        return begin (self, turn, upload, offset, size, key);
    TRY (fault);
    if (reading->fault)
        return turn_fail (turn, reading->fault, "%s",
                          reading->range.turn.detail ? reading->range.turn.detail
                                                     : fault_text (reading->fault));
    *out = (bytes_t){reading->range.data, reading->range.got};
    return OK;
}
