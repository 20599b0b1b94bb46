/* upload_read.c - a range of an upload's bytes, out of the frames that hold it; in a helper thread.
 *
 * The handler reads the rows of the parts alone: neither the list of files nor a blob is touched in the actor's thread. */

#include "common/base/pack.h"
#include "common/blob/blob_ahead.h"
#include "services/artifacts/frames.h"
#include "services/artifacts/upload.h"
#include "services/artifacts/upload_range.h"

#include <string.h>

typedef struct {
    upload_range_t range;
    size_t size;           // Of what was asked for; the rest is what comes next
    upload_ahead_t *ahead; // That keeps it
    const char *upload;
    fault_t fault;
} reading_t;

// The frames that hold requested bytes, in order.
typedef struct {
    blob_range_t *ranges;
    packed_frame_t *frames;
    int64_t *starts; // First byte of each in the upload
    size_t count;
} frame_list_t;

static void list_frames (const upload_range_t *self, const part_t *part, frame_list_t *list)
{
    int64_t start = part->start, end = self->from + (int64_t) self->size;
    uint64_t at = 0;
    for (size_t i = 0; i < frames_count (part->frames_size); i++) {
        packed_frame_t frame = frames_at (part->frames, i);
        if (start < end && start + (int64_t) frame.raw > self->from) {
            list->ranges[list->count] = (blob_range_t){.key = part->blob, .offset = at, .size = frame.packed};
            list->frames[list->count] = frame;
            list->starts[list->count++] = start;
        }
        start += (int64_t) frame.raw;
        at += frame.packed;
    }
}

static frame_list_t frames_of (const upload_range_t *self)
{
    size_t most = 1;
    for (size_t i = 0; i < self->count; i++)
        most += frames_count (self->parts[i].frames_size);
    frame_list_t list = {.ranges = arena_array (self->turn.arena, most, sizeof *list.ranges),
                         .frames = arena_array (self->turn.arena, most, sizeof *list.frames),
                         .starts = arena_array (self->turn.arena, most, sizeof *list.starts)};
    for (size_t i = 0; i < self->count; i++)
        list_frames (self, &self->parts[i], &list);
    return list;
}

// Adds its requested bytes, where they continue what there is.
static fault_t take_frame (upload_range_t *self, const frame_list_t *list, size_t nth, const char *bytes,
                           char *room)
{
    packed_frame_t frame = list->frames[nth];
    int64_t want = self->from + (int64_t) self->got, start = list->starts[nth];
    if (frame.raw > FRAME_MAX || unpack (bytes, frame.packed, room, frame.raw) != OK)
        return turn_fail (&self->turn, BROKEN, "the blob store has lost or damaged %s",
                          list->ranges[nth].key);
    if (want < start || want >= start + (int64_t) frame.raw)
        return OK;
    size_t skip = (size_t) (want - start), size = frame.raw - skip;
    if (size > self->size - self->got)
        size = self->size - self->got;
    memcpy (self->data + self->got, room + skip, size);
    self->got += size;
    return OK;
}

fault_t upload_range_read (upload_range_t *self)
{
    frame_list_t list = frames_of (self);
    fault_t fault = OK;
    char *room = arena_alloc (self->turn.arena, FRAME_MAX);
    self->data = arena_alloc (self->turn.arena, self->size + 1);
    self->got = 0;
    blob_ahead_t ahead = blob_ahead_begin (self->blob, list.ranges, list.count);
    for (size_t i = 0; i < list.count && fault == OK; i++) {
        const char *bytes;
        fault = blob_ahead_next (&ahead, &self->turn, &bytes);
        if (!fault)
            fault = take_frame (self, &list, i, bytes, room);
    }
    blob_ahead_end (&ahead);
    TRY (fault);
    return self->got == self->size ? OK : turn_fail (&self->turn, BROKEN, "a part of the upload is missing");
}

static void read_range (void *data)
{
    reading_t *self = data;
    const upload_range_t *range = &self->range;
    self->fault = upload_range_read (&self->range);
    if (self->fault == OK && range->size > self->size)
        upload_ahead_put (self->ahead, self->upload, range->from + (int64_t) self->size,
                          range->data + self->size, range->size - self->size);
}

static fault_t begin (uploads_t *self, turn_t *turn, const upload_t *upload, int64_t offset, size_t size,
                      size_t more, const char *key)
{
    arena_t *arena = arena_new ();
    reading_t *reading = arena_alloc (arena, sizeof (*reading));
    *reading = (reading_t){.range = {.blob = self->blob, .from = offset, .size = size + more},
                           .size = size,
                           .ahead = &self->ahead,
                           .upload = arena_strdup (arena, upload->id)};
    turn_init (&reading->range.turn, arena, "", 0);
    // Its rows are read into the task's arena.
    fault_t fault = upload_store_parts (self->db, &reading->range.turn, upload->id, offset,
                                        offset + (int64_t) (size + more) - 1, &reading->range.parts,
                                        &reading->range.count);
    if (!fault)
        return background_begin (self->tasks, turn, key, read_range, &arena, reading);
    arena_destroy (&arena);
    return turn_fail (turn, fault, "the parts of upload %s cannot be found", upload->id);
}

// Bytes after these that are worth fetching with them.
static size_t more_of (uploads_t *self, const upload_t *upload, int64_t offset, size_t size)
{
    int64_t left = upload->size - offset - (int64_t) size, most = AHEAD_WINDOWS * MAX_CHUNK;
    bool foreseen = size == MAX_CHUNK && upload_ahead_foresees (&self->ahead, upload->id, offset, size);
    return foreseen ? (size_t) (left < most ? left : most) : 0;
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
    if (fault == NOT_FOUND) {
        size_t more = blob_parallel (self->blob) > 1 ? more_of (self, upload, offset, size) : 0;
        if (upload_ahead_take (&self->ahead, turn->arena, upload->id, offset, size, out))
            return OK;
        return begin (self, turn, upload, offset, size, more, key);
    }
    TRY (fault);
    if (reading->fault)
        return turn_fail (turn, reading->fault, "%s",
                          reading->range.turn.detail ? reading->range.turn.detail
                                                     : fault_text (reading->fault));
    *out = (bytes_t){reading->range.data, reading->size};
    return OK;
}
