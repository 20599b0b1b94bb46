/* blocks.c - see blocks.h. Packing, writing and the checksums run in helper threads; the actor's thread reads and writes rows. */

#include "services/artifacts/blocks.h"

#include "common/base/id.h"
#include "common/base/pack.h"
#include "common/blob/blob_ahead.h"
#include "common/db/db_unit.h"
#include "services/artifacts/frames.h"

#include <string.h>

fault_t blocks_open (uploads_t *self, turn_t *turn, upload_t *out)
{
    *out = (upload_t){.id = id_new (turn->arena, 'u', turn->now_us),
                      .sha256 = "",
                      .wrong = "",
                      .manifest_sum = "",
                      .changed_at = turn->now_us};
    sha256_init (&out->sha);
    sha256_init (&out->file_sha);
    return upload_store_add (self->db, turn, out, NULL);
}

// ---- a piece ----

typedef struct {
    turn_t turn; // With an arena of its own
    blob_t *blob;
    const char *data;
    size_t size;
    part_t part;
    fault_t fault;
} staging_t;

static void store_piece (void *data)
{
    staging_t *self = data;
    frames_t frames = frames_pack (self->turn.arena, self->data, self->size);
    self->part.frames = frames.table;
    self->part.frames_size = frames.table_size;
    self->fault = blob_put (self->blob, &self->turn, self->part.blob, frames.data, frames.size);
}

static fault_t begin_piece (uploads_t *self, turn_t *turn, const bytes_t *data, const char *key)
{
    const char *blob;
    TRY (blob_keys_take (&self->keys, self->db, turn, turn->arena, &blob));
    arena_t *arena = arena_new ();
    staging_t *staging = arena_alloc (arena, sizeof (*staging));
    *staging = (staging_t){.blob = self->blob, .size = data->size};
    staging->data = arena_copy (arena, data->data, data->size);
    staging->part.blob = arena_strdup (arena, blob);
    turn_init (&staging->turn, arena, "", 0);
    return background_begin (self->tasks, turn, key, store_piece, &arena, staging);
}

static fault_t fault_of (turn_t *turn, fault_t fault, const turn_t *of)
{
    return turn_fail (turn, fault, "%s", of->detail ? of->detail : fault_text (fault));
}

fault_t blocks_put (uploads_t *self, turn_t *turn, const upload_t *upload, const artifact_block_t *ask)
{
    staging_t *staging;
    bool has;
    block_piece_t piece = {.upload = upload->id,
                           .block = ask->block,
                           .take = ask->take,
                           .piece = ask->piece,
                           .bytes = (int64_t) ask->data.size};
    if (upload->part_size != 0 || upload->closed)
        return turn_fail (turn, CONFLICT, "this upload takes no blocks%s", upload->closed ? " any more" : "");
    if (ask->data.size == 0)
        return turn_fail (turn, INVALID, "a block has at least one byte");
    const char *key = arena_printf (turn->arena, "block/%s/%s/%s/%u/%s", turn->request_id, upload->id,
                                    ask->take, ask->piece, ask->block);
    fault_t fault = background_find (self->tasks, turn, key, (void **) &staging);
    TRY (block_store_has (self->db, turn, &piece, &has));
    if (fault == NOT_FOUND && !has)
        return begin_piece (self, turn, &ask->data, key);
    if (!has) {
        TRY (fault);
        if (staging->fault)
            return fault_of (turn, staging->fault, &staging->turn);
        piece.part = staging->part;
        TRY (db_unit_write (self->db, turn));
        TRY (block_store_add (self->db, turn, &piece));
    }
    if (!ask->last)
        return OK;
    TRY (db_unit_write (self->db, turn));
    return block_store_set (self->db, turn, &piece);
}

// ---- the list ----

typedef struct {
    turn_t turn; // With an arena of its own
    blob_t *blob;
    part_t *parts; // part->start is their size yet
    size_t count;
    sha256_t sha; // In: of what comes before them. Out: with them
    fault_t fault;
} gathering_t;

// Adds a part's bytes to the checksum; they must be as many as its row says.
static fault_t add_part (gathering_t *self, const part_t *part, blob_ahead_t *ahead, char *room)
{
    uint64_t before = self->sha.size;
    for (size_t i = 0; i < frames_count (part->frames_size); i++) {
        packed_frame_t frame = frames_at (part->frames, i);
        const char *packed;
        TRY (blob_ahead_next (ahead, &self->turn, &packed));
        if (unpack (packed, frame.packed, room, frame.raw) != OK)
            return turn_fail (&self->turn, BROKEN, "the blob store has lost or damaged %s", part->blob);
        sha256_add (&self->sha, room, frame.raw);
    }
    return self->sha.size - before == (uint64_t) part->start
               ? OK
               : turn_fail (&self->turn, BROKEN, "%s does not have its size", part->blob);
}

// All of their frames, in order.
static fault_t list_frames (gathering_t *self, blob_range_t **ranges, size_t *count)
{
    size_t capacity = 0;
    *ranges = NULL;
    *count = 0;
    for (size_t part = 0; part < self->count; part++) {
        uint64_t at = 0;
        for (size_t i = 0; i < frames_count (self->parts[part].frames_size); i++) {
            packed_frame_t frame = frames_at (self->parts[part].frames, i);
            if (frame.raw > FRAME_MAX || frame.packed > FRAME_MAX)
                return turn_fail (&self->turn, BROKEN, "the frames of %s are damaged",
                                  self->parts[part].blob);
            *ranges = arena_grow (self->turn.arena, *ranges, *count, &capacity, sizeof **ranges);
            (*ranges)[(*count)++] =
                (blob_range_t){.key = self->parts[part].blob, .offset = at, .size = frame.packed};
            at += frame.packed;
        }
    }
    return OK;
}

static void take_sum (void *data)
{
    gathering_t *self = data;
    blob_range_t *ranges;
    size_t count;
    char *room = arena_alloc (self->turn.arena, FRAME_MAX);
    self->fault = list_frames (self, &ranges, &count);
    if (self->fault)
        return;
    blob_ahead_t ahead = blob_ahead_begin (self->blob, ranges, count);
    for (size_t i = 0; i < self->count && self->fault == OK; i++)
        self->fault = add_part (self, &self->parts[i], &ahead, room);
    blob_ahead_end (&ahead);
}

static fault_t begin_gathering (uploads_t *self, turn_t *turn, const upload_t *upload, const strs_t *blocks,
                                const char *key)
{
    arena_t *arena = arena_new ();
    gathering_t *gathering = arena_alloc (arena, sizeof (*gathering));
    size_t capacity = 0;
    fault_t fault = OK;
    *gathering = (gathering_t){.blob = self->blob, .sha = upload->sha};
    turn_init (&gathering->turn, arena, "", 0);
    for (size_t i = 0; i < blocks->count && fault == OK; i++) // Their rows are read into the task's arena
        fault = block_store_pieces (self->db, &gathering->turn, upload->id, blocks->items[i],
                                    &gathering->parts, &gathering->count, &capacity);
    if (fault == OK)
        return background_begin (self->tasks, turn, key, take_sum, &arena, gathering);
    fault = fault_of (turn, fault, &gathering->turn);
    arena_destroy (&arena);
    return fault;
}

static fault_t place (uploads_t *self, turn_t *turn, upload_t *upload, const gathering_t *gathering,
                      size_t blocks)
{
    bool moved;
    upload_t next = *upload;
    next.sha = gathering->sha;
    next.parts += (int64_t) gathering->count;
    next.gathered += (int64_t) blocks;
    TRY (db_unit_write (self->db, turn));
    TRY (block_store_advance (self->db, turn, &next, upload->gathered, &moved));
    if (!moved) { // Another was faster with these, or the list is another by now
        TRY (upload_store_find (self->db, turn, upload->id, upload));
        bool placed =
            strcmp (upload->manifest_sum, next.manifest_sum) == 0 && upload->gathered >= next.gathered;
        return placed ? OK
                      : turn_fail (turn, CONFLICT, "the blocks of this upload changed; send the list again");
    }
    part_t part = {.part = upload->parts, .start = (int64_t) upload->sha.size};
    for (size_t i = 0; i < gathering->count; i++, part.part++) {
        int64_t size = gathering->parts[i].start;
        part.blob = gathering->parts[i].blob;
        part.frames = gathering->parts[i].frames;
        part.frames_size = gathering->parts[i].frames_size;
        TRY (upload_store_place (self->db, turn, upload->id, &part));
        part.start += size;
    }
    *upload = next;
    return OK;
}

// Is there nothing to do, because the same was done before? Else the list is the one that is being worked off.
static fault_t take_list (uploads_t *self, turn_t *turn, upload_t *upload, const artifact_gather_t *ask,
                          bool *done)
{
    bool same = strcmp (upload->manifest_sum, ask->list) == 0;
    *done = false;
    if (upload->part_size != 0)
        return turn_fail (turn, CONFLICT, "this upload takes parts, not blocks");
    if (upload->closed && !same)
        return turn_fail (turn, CONFLICT, "this upload was finished with another list of blocks");
    if (!same && ask->first == 0) {
        TRY (db_unit_write (self->db, turn));
        TRY (block_store_restart (self->db, turn, upload->id, ask->list));
        upload->manifest_sum = ask->list;
        upload->gathered = upload->parts = 0;
        sha256_init (&upload->sha);
        return OK;
    }
    if (!same || ask->first > upload->gathered)
        return turn_fail (turn, CONFLICT, "the list of blocks is to be sent from its beginning");
    *done = upload->closed || ask->first < upload->gathered;
    return OK;
}

static fault_t close_upload (uploads_t *self, turn_t *turn, upload_t *upload)
{
    upload->size = (int64_t) upload->sha.size;
    upload->closed = true;
    TRY (db_unit_write (self->db, turn));
    return block_store_close (self->db, turn, upload);
}

fault_t blocks_gather (uploads_t *self, turn_t *turn, upload_t *upload, const artifact_gather_t *ask)
{
    gathering_t *gathering;
    bool done;
    const char *key =
        arena_printf (turn->arena, "gather/%s/%s/%s/%u", turn->request_id, upload->id, ask->list, ask->first);
    fault_t fault = ask->blocks.count ? background_find (self->tasks, turn, key, (void **) &gathering) : OK;
    TRY (take_list (self, turn, upload, ask, &done));
    if (done)
        return OK;
    if (fault == NOT_FOUND)
        return begin_gathering (self, turn, upload, &ask->blocks, key);
    TRY (fault);
    if (ask->blocks.count) {
        if (gathering->fault)
            return fault_of (turn, gathering->fault, &gathering->turn);
        TRY (place (self, turn, upload, gathering, ask->blocks.count));
    }
    return ask->last && !upload->closed ? close_upload (self, turn, upload) : OK;
}
