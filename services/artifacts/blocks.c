/* blocks.c - see blocks.h. Packing, writing and the checksums run in helper threads; the actor's thread reads and writes rows. */

#include "services/artifacts/blocks.h"

#include "common/base/id.h"
#include "common/base/metrics.h"
#include "common/base/pack.h"
#include "common/blob/blob_ahead.h"
#include "common/db/db_unit.h"
#include "services/artifacts/chunks.h"
#include "services/artifacts/frames.h"

#include <stdio.h>
#include <stdlib.h>
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
    bool cut; // Into chunks that others may have
    blob_keys_taken_t keys;
    chunk_list_t chunks;
    bool given_back; // Keys that were not needed
    fault_t fault;
} staging_t;

static void store_piece (void *data)
{
    staging_t *self = data;
    self->fault = (self->cut ? chunks_write : chunks_write_whole) (&self->turn, self->blob, self->data,
                                                                   self->size, &self->keys, &self->chunks);
}

static fault_t begin_piece (uploads_t *self, turn_t *turn, const bytes_t *data, bool cut, const char *key)
{
    arena_t *arena = arena_new ();
    staging_t *staging = arena_alloc (arena, sizeof (*staging));
    *staging = (staging_t){.blob = self->blob, .size = data->size, .cut = cut};
    fault_t fault = blob_keys_take_some (&self->keys, self->db, turn, arena, cut ? CHUNKS_OF (data->size) : 1,
                                         &staging->keys);
    if (fault) {
        arena_destroy (&arena);
        return fault;
    }
    staging->data = arena_copy (arena, data->data, data->size);
    turn_init (&staging->turn, arena, "", 0);
    return background_begin (self->tasks, turn, key, store_piece, &arena, staging);
}

static fault_t fault_of (turn_t *turn, fault_t fault, const turn_t *of)
{
    return turn_fail (turn, fault, "%s", of->detail ? of->detail : fault_text (fault));
}

// Once: the handler may be run again with the same task.
static void give_back (uploads_t *self, staging_t *staging)
{
    if (!staging->given_back)
        blob_keys_give_back (&self->keys, &staging->keys, staging->chunks.count);
    staging->given_back = true;
}

static void count_chunk (bool known, int64_t bytes)
{
    metric_add (metrics_counter ("opencicd_cache_chunk_bytes_total", "known", known ? "true" : "false",
                                 "Bytes of caches that came to be saved, by whether the project had them"),
                bytes);
}

static fault_t add_chunks (uploads_t *self, turn_t *turn, const char *project, block_piece_t *piece,
                           const chunk_list_t *chunks)
{
    TRY (db_unit_write (self->db, turn));
    for (size_t i = 0; i < chunks->count; i++) {
        chunk_t chunk = chunks->items[i];
        bool known;
        if (project) {
            TRY (chunk_store_hold (self->db, turn, project, piece->upload, &chunk, &known));
            count_chunk (known, chunk.bytes);
        }
        piece->chunk = (uint32_t) i;
        piece->held = project != NULL;
        piece->bytes = chunk.bytes;
        piece->part = chunk.part;
        TRY (block_store_add (self->db, turn, piece));
    }
    return OK;
}

static fault_t check_open (turn_t *turn, const upload_t *upload)
{
    if (upload->part_size == 0 && !upload->closed)
        return OK;
    return turn_fail (turn, CONFLICT, "this upload takes no blocks%s", upload->closed ? " any more" : "");
}

fault_t blocks_put (uploads_t *self, turn_t *turn, const upload_t *upload, const char *project,
                    const artifact_block_t *ask)
{
    staging_t *staging;
    size_t rows;
    block_piece_t piece = {.upload = upload->id, .block = ask->block, .take = ask->take, .piece = ask->piece};
    TRY (check_open (turn, upload));
    if (ask->data.size == 0)
        return turn_fail (turn, INVALID, "a block has at least one byte");
    const char *key = arena_printf (turn->arena, "block/%s/%s/%s/%u/%zu/%s", turn->request_id, upload->id,
                                    ask->take, ask->piece, ask->data.size, ask->block);
    fault_t fault = background_find (self->tasks, turn, key, (void **) &staging);
    TRY (block_store_has (self->db, turn, &piece, &rows));
    if (fault == NOT_FOUND && rows == 0)
        return begin_piece (self, turn, &ask->data, project != NULL, key);
    if (rows == 0) {
        TRY (fault);
        give_back (self, staging);
        if (staging->fault)
            return fault_of (turn, staging->fault, &staging->turn);
        TRY (add_chunks (self, turn, project, &piece, &staging->chunks));
    }
    if (!ask->last)
        return OK;
    TRY (db_unit_write (self->db, turn));
    return block_store_set (self->db, turn, &piece);
}

fault_t blocks_share (uploads_t *self, turn_t *turn, const upload_t *upload, const char *project,
                      const block_piece_t *of, const chunk_list_t *chunks, size_t *shared)
{
    block_piece_t piece = *of;
    TRY (check_open (turn, upload));
    TRY (block_store_has (self->db, turn, &piece, shared));
    if (*shared > 0) // The same request again
        return OK;
    TRY (db_unit_write (self->db, turn));
    for (; *shared < chunks->count; ++*shared) {
        chunk_t chunk = chunks->items[*shared];
        fault_t fault = chunk_store_share (self->db, turn, project, upload->id, &chunk);
        if (fault == NOT_FOUND)
            return OK;
        TRY (fault);
        piece.chunk = (uint32_t) *shared;
        piece.held = true;
        piece.bytes = chunk.bytes;
        piece.part = chunk.part;
        TRY (block_store_add (self->db, turn, &piece));
        count_chunk (true, chunk.bytes);
    }
    return OK;
}

// ---- the list ----

typedef struct {
    turn_t turn; // With an arena of its own
    blob_t *blob;
    part_t *parts; // part->start is their size yet
    size_t count;
    sha256_t sha;        // In: of what comes before them. Out: with them
    const char *damaged; // The blob that is
    fault_t fault;
} gathering_t;

static fault_t damaged (gathering_t *self, const part_t *part, bool short_or_long)
{
    self->damaged = part->blob;
    return short_or_long
               ? turn_fail (&self->turn, BROKEN, "%s does not have its size", part->blob)
               : turn_fail (&self->turn, BROKEN, "the blob store has lost or damaged %s", part->blob);
}

// Adds a part's bytes to the checksum; they must be as many as its row says.
static fault_t add_part (gathering_t *self, const part_t *part, blob_ahead_t *ahead, char *room)
{
    uint64_t before = self->sha.size;
    for (size_t i = 0; i < frames_count (part->frames_size); i++) {
        packed_frame_t frame = frames_at (part->frames, i);
        const char *packed;
        fault_t fault = blob_ahead_next (ahead, &self->turn, &packed);
        if (fault && fault != BROKEN)
            return fault;
        if (fault || unpack (packed, frame.packed, room, frame.raw) != OK)
            return damaged (self, part, false);
        sha256_add (&self->sha, room, frame.raw);
    }
    return self->sha.size - before == (uint64_t) part->start ? OK : damaged (self, part, true);
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
                return damaged (self, &self->parts[part], false);
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

typedef struct {
    db_t *db;
    char blob[MAX_NAME];
} retiring_t;

static fault_t retire (void *service, turn_t *turn, void *data)
{
    const retiring_t *self = data;
    (void) service;
    TRY (db_unit_write (self->db, turn));
    return chunk_store_retire (self->db, turn, self->blob);
}

// In a unit of work of its own, as this one fails: otherwise nobody could save these bytes any more.
static void retire_soon (uploads_t *self, turn_t *turn, const char *blob)
{
    retiring_t *retiring = calloc (1, sizeof (*retiring));
    if (!retiring)
        abort ();
    retiring->db = self->db;
    snprintf (retiring->blob, sizeof (retiring->blob), "%s", blob);
    actor_post (actor_of (turn), retire, retiring);
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
    TRY (block_store_close (self->db, turn, upload));
    return chunk_store_close (self->db, turn, upload->id);
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
        if (gathering->damaged)
            retire_soon (self, turn, gathering->damaged);
        if (gathering->fault)
            return fault_of (turn, gathering->fault, &gathering->turn);
        TRY (place (self, turn, upload, gathering, ask->blocks.count));
    }
    return ask->last && !upload->closed ? close_upload (self, turn, upload) : OK;
}
