/* upload_put.c - one part of an upload: its checksums, its packed frames and its blob, made by a helper thread; then its row.
 *
 * Nothing is shared between two requests: each writes a blob under a key of its own, and the row of the upload decides which
 * of them is the part. */

#include "common/db/db_unit.h"
#include "services/artifacts/frames.h"
#include "services/artifacts/manifest.h"
#include "services/artifacts/upload.h"

#include <string.h>

typedef struct {
    turn_t turn; // With an arena of its own
    blob_t *blob;
    manifest_t manifest;
    upload_t upload; // In: before the part. Out: checksums and `wrong` after it
    const char *data;
    size_t size;
    part_t part;
    fault_t fault;
} putting_t;

// Ends a file: does its checksum match? The first mismatch is recorded.
static void end_file (putting_t *self, const artifact_file_t *file)
{
    upload_t *upload = &self->upload;
    if (file->sha256[0] && upload->wrong[0] == '\0' &&
        strcmp (sha256_hex (&upload->file_sha, self->turn.arena), file->sha256) != 0)
        upload->wrong = file->path;
    sha256_init (&upload->file_sha);
}

// Goes through the files in which the part's bytes are. `start`: the part's first byte in the upload.
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
            sha256_add (&self->upload.file_sha, self->data + (at - start), (size_t) size);
            at += size;
        }
        if (ends_here)
            end_file (self, file);
        begin = stop;
    }
}

static void store_part (void *data)
{
    putting_t *self = data;
    artifact_file_items_t files;
    self->fault = manifest_unpack (&self->turn, &self->manifest, &files);
    if (self->fault)
        return;
    check_files (self, &files, (int64_t) self->upload.sha.size);
    sha256_add (&self->upload.sha, self->data, self->size);
    frames_t frames = frames_pack (self->turn.arena, self->data, self->size);
    self->part.frames = frames.table;
    self->part.frames_size = frames.table_size;
    self->fault = blob_put (self->blob, &self->turn, self->part.blob, frames.data, frames.size);
}

static fault_t begin (uploads_t *self, turn_t *turn, const upload_t *upload, const bytes_t *data,
                      const char *key)
{
    const char *blob;
    manifest_t manifest;
    TRY (blob_keys_take (&self->keys, self->db, turn, turn->arena, &blob));
    TRY (upload_store_manifest (self->db, turn, upload->id, &manifest));
    arena_t *arena = arena_new ();
    putting_t *putting = arena_alloc (arena, sizeof (*putting));
    *putting = (putting_t){.blob = self->blob, .manifest = manifest, .upload = *upload, .size = data->size};
    putting->manifest.data = arena_copy (arena, manifest.data, manifest.size);
    putting->data = arena_copy (arena, data->data, data->size);
    putting->upload.wrong = arena_strdup (arena, upload->wrong);
    putting->upload.id = arena_strdup (arena, upload->id);
    putting->upload.sha256 = putting->upload.manifest_sum = ""; // Of this turn's arena, and not needed
    putting->part = (part_t){.part = upload->parts,
                             .start = upload->parts * upload->part_size,
                             .blob = arena_strdup (arena, blob)};
    turn_init (&putting->turn, arena, "", 0);
    return background_begin (self->tasks, turn, key, store_part, &arena, putting);
}

static fault_t check (turn_t *turn, const upload_t *upload, uint32_t part, size_t size)
{
    if (upload->part_size == 0)
        return turn_fail (turn, CONFLICT, "this upload takes blocks, not parts");
    int64_t left = upload->size - (int64_t) part * upload->part_size;
    size_t expected = left < upload->part_size ? (size_t) (left > 0 ? left : 0) : (size_t) upload->part_size;
    if (expected == 0)
        return turn_fail (turn, INVALID, "part: there is no part %u", part);
    if (size != expected)
        return turn_fail (turn, INVALID, "part %u has %zu bytes, not %zu", part, expected, size);
    if (part > upload->parts)
        return turn_fail (turn, CONFLICT, "part %lld is the next", (long long) upload->parts);
    return OK;
}

static fault_t commit (uploads_t *self, turn_t *turn, upload_t *upload, const putting_t *putting)
{
    bool stored;
    TRY (db_unit_write (self->db, turn));
    TRY (upload_store_add_part (self->db, turn, &putting->upload, &putting->part, &stored));
    if (!stored) { // Another request was faster, with this part or with all
        TRY (upload_store_find (self->db, turn, upload->id, upload));
        return upload->parts > putting->part.part
                   ? OK
                   : turn_fail (turn, CONFLICT, "part %lld is the next", (long long) upload->parts);
    }
    upload->parts = putting->part.part + 1;
    return OK;
}

fault_t upload_put (uploads_t *self, turn_t *turn, upload_t *upload, uint32_t part, const bytes_t *data)
{
    putting_t *putting;
    TRY (check (turn, upload, part, data->size));
    if (part < upload->parts) // It is there already
        return OK;
    const char *key = arena_printf (turn->arena, "put/%s/%s/%u", turn->request_id, upload->id, part);
    fault_t fault = background_find (self->tasks, turn, key, (void **) &putting);
    if (fault == NOT_FOUND)
        return begin (self, turn, upload, data, key);
    TRY (fault);
    if (putting->fault)
        return turn_fail (turn, putting->fault, "%s",
                          putting->turn.detail ? putting->turn.detail : fault_text (putting->fault));
    return commit (self, turn, upload, putting);
}
