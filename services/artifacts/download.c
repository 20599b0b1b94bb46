/* download.c - list, show, read, remove. */

#include "common/log.h"
#include "common/pack.h"
#include "services/artifacts/artifacts_self.h"

#include <string.h>

#define PAGE_SIZE 50

fault_t artifacts_list (void *service, turn_t *turn, const void *question, void *answer)
{
    artifacts_t *self = service;
    artifact_list_t ask = *(const artifact_list_t *) question;
    fault_t fault = OK;
    if (turn->caller.role == ROLE_JOB) {
        const char *own;
        fault = artifacts_run_of (self, turn, turn->caller.subject, &own);
        if (!fault && ask.run[0] && strcmp (ask.run, own) != 0)
            return turn_fail (turn, FORBIDDEN, "a job lists the artifacts of its own run");
        ask.run = own;
    }
    return fault ? fault
                 : artifact_store_list (self->db, turn, &ask, ask.limit ? ask.limit : PAGE_SIZE, answer);
}

fault_t artifacts_show (void *service, turn_t *turn, const void *question, void *answer)
{
    artifacts_t *self = service;
    const artifact_show_t *ask = question;
    artifact_t *shown = answer;
    artifact_row_t row;
    fault_t fault = artifact_store_find (self->db, turn, ask->artifact, &row);
    if (!fault)
        fault = artifacts_may_read (self, turn, row.shown.run_id);
    if (fault)
        return fault;
    *shown = row.shown;
    return manifest_unpack (turn, &row, &shown->files);
}

fault_t artifacts_remove (void *service, turn_t *turn, const void *question, void *answer)
{
    artifacts_t *self = service;
    const artifact_remove_t *ask = question;
    artifact_row_t row;
    (void) answer;
    if (turn->caller.role < ROLE_DEVELOPER)
        return turn_fail (turn, FORBIDDEN, "a developer may remove artifacts");
    fault_t fault = artifact_store_find (self->db, turn, ask->artifact, &row);
    if (fault == NOT_FOUND)
        return OK; // It is not there: that is what was wanted
    if (!fault)
        fault = db_unit_write (self->db, turn);
    if (!fault)
        fault = artifact_store_remove (self->db, turn, row.shown.id, row.shown.parts);
    self->clean_us = 0;
    actor_tick_at (turn, turn->now_us);
    return fault;
}

// ---- reading ----

typedef struct {
    turn_t turn; // With an arena of its own
    blob_t *blob;
    part_t *parts; // That hold the range
    size_t count;
    int64_t part_size;
    int64_t from;
    size_t size;
    char *data;
    size_t got;
    fault_t fault;
} reading_t;

static size_t number_at (const unsigned char *from)
{
    return (size_t) from[0] | (size_t) from[1] << 8 | (size_t) from[2] << 16 | (size_t) from[3] << 24;
}

static fault_t read_frame (reading_t *self, const part_t *part, size_t index, uint64_t at, char *room)
{
    size_t raw = number_at (part->frames + index * 8), packed = number_at (part->frames + index * 8 + 4), got;
    char *bytes = arena_alloc (self->turn.arena, packed + 1);
    fault_t fault = blob_get (self->blob, &self->turn, part->blob, at, bytes, packed, &got);
    if (fault && fault != NOT_FOUND)
        return fault;
    if (fault || raw > FRAME_MAX || got != packed || unpack (bytes, packed, room, raw) != OK)
        return turn_fail (&self->turn, BROKEN, "the blob store has lost or damaged %s", part->blob);
    return OK;
}

// Adds what of this part is wanted.
static fault_t read_part (reading_t *self, const part_t *part, char *room)
{
    int64_t start = part->part * self->part_size;
    uint64_t at = 0;
    for (size_t i = 0; i < part->frames_size / 8 && self->got < self->size; i++) {
        size_t raw = number_at (part->frames + i * 8);
        int64_t want = self->from + (int64_t) self->got;
        if (want >= start && want < start + (int64_t) raw) {
            fault_t fault = read_frame (self, part, i, at, room);
            if (fault)
                return fault;
            size_t skip = (size_t) (want - start), size = raw - skip;
            if (size > self->size - self->got)
                size = self->size - self->got;
            memcpy (self->data + self->got, room + skip, size);
            self->got += size;
        }
        start += (int64_t) raw;
        at += number_at (part->frames + i * 8 + 4);
    }
    return OK;
}

static void read_range (void *data)
{
    reading_t *self = data;
    char *room = arena_alloc (self->turn.arena, FRAME_MAX);
    self->data = arena_alloc (self->turn.arena, self->size + 1);
    self->fault = OK;
    for (size_t i = 0; self->fault == OK && i < self->count; i++)
        self->fault = read_part (self, &self->parts[i], room);
    if (self->fault == OK && self->got != self->size)
        self->fault = turn_fail (&self->turn, BROKEN, "a part of the artifact is missing");
}

static fault_t begin_read (artifacts_t *self, turn_t *turn, const artifact_row_t *row,
                           const artifact_read_t *ask, const char *key)
{
    size_t wanted = ask->size ? ask->size : MAX_CHUNK;
    int64_t left = row->shown.size - ask->offset, part_size = row->shown.part_size;
    if (left <= 0)
        return OK;
    size_t size = (int64_t) wanted < left ? wanted : (size_t) left;
    arena_t *arena = arena_new ();
    reading_t *reading = arena_alloc (arena, sizeof (*reading));
    *reading = (reading_t){.blob = self->blob, .part_size = part_size, .from = ask->offset, .size = size};
    turn_init (&reading->turn, arena, "", 0);
    // Its rows are read into the errand's arena.
    fault_t fault = artifact_store_parts (self->db, &reading->turn, row->shown.id, ask->offset / part_size,
                                          (ask->offset + (int64_t) size - 1) / part_size, &reading->parts,
                                          &reading->count);
    if (!fault)
        return errand_begin (self->errands, turn, key, read_range, &arena, reading);
    arena_destroy (&arena);
    return turn_fail (turn, fault, "the parts of artifact %s cannot be found", row->shown.id);
}

fault_t artifacts_read (void *service, turn_t *turn, const void *question, void *answer)
{
    artifacts_t *self = service;
    const artifact_read_t *ask = question;
    artifact_row_t row;
    reading_t *reading;
    fault_t fault = artifact_store_find (self->db, turn, ask->artifact, &row);
    if (!fault)
        fault = artifacts_may_read (self, turn, row.shown.run_id);
    if (!fault && !row.shown.complete)
        fault = turn_fail (turn, CONFLICT, "artifact %s is not uploaded whole", row.shown.id);
    if (!fault && ask->offset < 0)
        fault = turn_fail (turn, BAD_INPUT, "bytes are counted from 0");
    if (fault)
        return fault;
    const char *key = arena_printf (turn->arena, "read/%s/%s/%lld/%u", turn->request_id, row.shown.id,
                                    (long long) ask->offset, ask->size);
    fault = errand_find (self->errands, turn, key, (void **) &reading);
    if (fault == NOT_FOUND)
        return begin_read (self, turn, &row, ask, key);
    if (!fault && reading->fault)
        return turn_fail (turn, reading->fault, "%s",
                          reading->turn.detail ? reading->turn.detail : fault_text (reading->fault));
    if (!fault)
        ((artifact_bytes_t *) answer)->data = (bytes_t){reading->data, reading->got};
    return fault;
}
