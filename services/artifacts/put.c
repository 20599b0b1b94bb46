/* put.c - one part of an upload: its checksums, its packed frames, its blob, made by a helper thread; then its row.
 *
 * The key of the errand is the part, not the request: two who send the same part at once share one result. */

#include "common/pack.h"
#include "services/artifacts/artifacts_self.h"

#include <string.h>

typedef struct {
    turn_t turn; // With an arena of its own
    blob_t *blob;
    artifact_row_t row; // In: before the part. Out: checksums and `wrong` after it
    const char *data;
    size_t size;
    part_t part;
    fault_t fault;
} putting_t;

// Ends the file: has it its checksum?
static void end_file (putting_t *self, const artifact_file_t *file)
{
    artifact_row_t *row = &self->row;
    if (file->sha256[0] && row->wrong[0] == '\0' &&
        strcmp (sha256_hex (&row->file_sha, self->turn.arena), file->sha256) != 0)
        row->wrong = file->path;
    sha256_init (&row->file_sha);
}

// Goes through the files in which the part's bytes are. `start`: the part's first byte in the artifact.
static void check_files (putting_t *self, const artifact_file_items_t *files, int64_t start)
{
    int64_t at = start, end = start + (int64_t) self->size, begin = 0;
    for (size_t i = 0; i < files->count && begin <= end; i++) {
        const artifact_file_t *file = &files->items[i];
        int64_t stop = begin + file->size;
        // An empty file ends where it begins: it belongs to the part that holds the byte before it, or the first.
        bool ends_here = stop <= end && (stop > start || start == 0);
        if (stop > at) {
            int64_t size = (stop < end ? stop : end) - at;
            sha256_add (&self->row.file_sha, self->data + (at - start), (size_t) size);
            at += size;
        }
        if (ends_here)
            end_file (self, file);
        begin = stop;
    }
}

static void put32 (unsigned char *into, size_t number)
{
    for (int i = 0; i < 4; i++)
        into[i] = (unsigned char) (number >> (i * 8));
}

static fault_t store_blob (putting_t *self)
{
    arena_t *arena = self->turn.arena;
    size_t count = (self->size + FRAME_MAX - 1) / FRAME_MAX, size = 0;
    char *bytes = arena_alloc (arena, self->size + 1);
    unsigned char *frames = arena_alloc (arena, count * 8 + 1);
    for (size_t i = 0; i < count; i++) {
        size_t at = i * FRAME_MAX, raw = self->size - at < FRAME_MAX ? self->size - at : FRAME_MAX, packed;
        const void *frame = pack (arena, self->data + at, raw, &packed);
        memcpy (bytes + size, frame, packed);
        put32 (frames + i * 8, raw);
        put32 (frames + i * 8 + 4, packed);
        size += packed;
    }
    self->part.frames = frames;
    self->part.frames_size = count * 8;
    fault_t fault = blob_put (self->blob, &self->turn, self->part.blob, bytes, size);
    if (fault != CONFLICT)
        return fault;
    // Other bytes were put there by a process that ended before it could note them.
    fault = blob_delete (self->blob, &self->turn, self->part.blob);
    return fault ? fault : blob_put (self->blob, &self->turn, self->part.blob, bytes, size);
}

static void put_part (void *data)
{
    putting_t *self = data;
    artifact_file_items_t files;
    self->fault = manifest_unpack (&self->turn, &self->row, &files);
    if (self->fault)
        return;
    check_files (self, &files, (int64_t) self->row.sha.size);
    sha256_add (&self->row.sha, self->data, self->size);
    self->fault = store_blob (self);
}

static fault_t begin (artifacts_t *self, turn_t *turn, const artifact_row_t *row, const artifact_put_t *ask,
                      const char *key)
{
    arena_t *arena = arena_new ();
    putting_t *putting = arena_alloc (arena, sizeof (*putting));
    *putting = (putting_t){.blob = self->blob, .row = *row, .size = ask->data.size};
    putting->data = arena_copy (arena, ask->data.data, ask->data.size);
    putting->row.manifest = arena_copy (arena, row->manifest, row->manifest_size);
    putting->row.wrong = arena_strdup (arena, row->wrong);
    putting->row.shown.id = arena_strdup (arena, row->shown.id);
    putting->part.part = ask->part;
    putting->part.blob = part_blob (arena, row->shown.id, ask->part);
    turn_init (&putting->turn, arena, "", 0);
    return errand_begin (self->errands, turn, key, put_part, &arena, putting);
}

static fault_t check (turn_t *turn, const artifact_row_t *row, const artifact_put_t *ask)
{
    int64_t left = row->shown.size - (int64_t) ask->part * row->shown.part_size;
    size_t wanted =
        left < (int64_t) row->shown.part_size ? (size_t) (left > 0 ? left : 0) : row->shown.part_size;
    if (wanted == 0)
        return turn_fail (turn, INVALID, "part: the artifact has no part %u", ask->part);
    if (ask->data.size != wanted)
        return turn_fail (turn, INVALID, "part %u has %zu bytes, not %zu", ask->part, wanted, ask->data.size);
    if (ask->part > row->shown.parts)
        return turn_fail (turn, CONFLICT, "part %lld is the next", (long long) row->shown.parts);
    return OK;
}

fault_t artifacts_put (void *service, turn_t *turn, const void *question, void *answer)
{
    artifacts_t *self = service;
    const artifact_put_t *ask = question;
    artifact_row_t row;
    putting_t *putting;
    fault_t fault = artifact_store_find (self->db, turn, ask->artifact, &row);
    if (!fault)
        fault = artifacts_may_write (turn, row.shown.job_id, row.attempt);
    if (!fault)
        fault = check (turn, &row, ask);
    *(artifact_t *) answer = row.shown;
    if (fault || ask->part < row.shown.parts) // It is there already
        return fault;
    const char *key = arena_printf (turn->arena, "put/%s/%u", row.shown.id, ask->part);
    fault = errand_find (self->errands, turn, key, (void **) &putting);
    if (fault == NOT_FOUND)
        return begin (self, turn, &row, ask, key);
    if (!fault && putting->fault)
        return turn_fail (turn, putting->fault, "%s",
                          putting->turn.detail ? putting->turn.detail : fault_text (putting->fault));
    if (!fault)
        fault = db_unit_write (self->db, turn);
    if (!fault)
        fault = artifact_store_add_part (self->db, turn, &putting->row, &putting->part);
    ((artifact_t *) answer)->parts = row.shown.parts + 1;
    return fault;
}
