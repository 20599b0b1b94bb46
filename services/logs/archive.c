/* archive.c - moves chunks into segments in the blob store; in the tick, in small steps.
 *
 * One segment of a log at a time, and of several logs where the blob store is far: note its key as garbage, and after that commit let a helper thread make and put it; then one
 * transaction puts it in the place of its chunks. Where the store is full or gone, the chunks stay where they are. A log whose
 * chunks could not be moved is tried again after all others had their turn. */

#include "common/base/id.h"
#include "services/logs/logs_self.h"
#include "services/logs/segment.h"

#include <stdio.h>
#include <string.h>

#define AGAIN_AFTER   SECONDS (2)    // Before a failure is retried
#define GARBAGE_AFTER SECONDS (3600) // A blob that no segment took by then

static bool is_archiving (const logs_t *self, const char *job, uint32_t attempt)
{
    for (size_t i = 0; i < self->archivings; i++)
        if (self->archiving[i].attempt == attempt && strcmp (self->archiving[i].job, job) == 0)
            return true;
    return false;
}

static void end_archiving (logs_t *self, const char *job, uint32_t attempt)
{
    for (size_t i = 0; i < self->archivings; i++)
        if (self->archiving[i].attempt == attempt && strcmp (self->archiving[i].job, job) == 0) {
            self->archiving[i] = self->archiving[--self->archivings];
            return;
        }
}

// In the actor's thread: the segment is in the blob store, or could not be put there. Then the chunks stay, and a tick begins anew.
static fault_t made (void *service, turn_t *turn, void *data)
{
    logs_t *self = service;
    making_t *making = data;
    bool done = false;
    end_archiving (self, making->row.job, making->row.attempt);
    self->archive_after = making->due; // Unless it succeeds
    if (making->fault)
        return turn_fail (turn, making->fault, "a part of a log could not be archived: %s",
                          making->turn.detail ? making->turn.detail : fault_text (making->fault));
    TRY (db_unit_write (self->db, turn));
    TRY (archive_store_take (self->db, turn, &making->row, &making->segment, &done));
    if (done)
        self->archive_after = (due_t){0};
    actor_wake (turn, logs_topic (turn, making->row.job));
    actor_tick_at (turn, turn->now_us);
    return OK;
}

// What the tick leaves for after its commit.
typedef struct {
    turn_t *turn;
    const log_row_t *row;
    const pieces_t *chunks;
    const char *blob;
    due_t due;
} handover_t;

static void make (void *service, void *data)
{
    logs_t *self = service;
    const handover_t *order = data;
    arena_t *arena = arena_new ();
    making_t *making = arena_alloc (arena, sizeof (*making));
    making->blob = self->blob;
    making->row = *order->row;
    making->row.job = arena_strdup (arena, order->row->job);
    making->segment.blob = arena_strdup (arena, order->blob);
    making->due = order->due;
    making->chunks = pieces_copy (order->chunks, arena);
    turn_init (&making->turn, arena, "", 0);
    if (background_send (self->background, order->turn, segment_make, made, &arena, making) != OK)
        return;
    archiving_t *archiving = &self->archiving[self->archivings++];
    snprintf (archiving->job, sizeof archiving->job, "%s", order->row->job);
    archiving->attempt = order->row->attempt;
}

static fault_t begin_segment (logs_t *self, turn_t *turn, const log_row_t *row, const pieces_t *chunks,
                              const due_t *due)
{
    const char *key = arena_printf (turn->arena, "logs/%s", id_new (turn->arena, 'l', turn->now_us));
    TRY (db_unit_write (self->db, turn));
    TRY (archive_store_discard (self->db, turn, key, turn->now_us + GARBAGE_AFTER));
    handover_t *order = arena_alloc (turn->arena, sizeof (*order));
    *order = (handover_t){.turn = turn, .row = row, .chunks = chunks, .blob = key, .due = *due};
    actor_after (turn, make, order);
    return OK;
}

static fault_t archive_one (logs_t *self, turn_t *turn)
{
    uint32_t attempt;
    due_t *due = arena_alloc (turn->arena, sizeof (*due));
    log_row_t *row = arena_alloc (turn->arena, sizeof (*row));
    pieces_t *chunks = arena_alloc (turn->arena, sizeof (*chunks));
    for (due_t after = self->archive_after;; after = *due) { // Past those whose segment is being written
        TRY (archive_store_due (self->db, turn, &after, due, &attempt));
        if (!is_archiving (self, due->job, attempt))
            break;
    }
    TRY (log_store_find (self->db, turn, due->job, attempt, row));
    TRY (archive_store_chunks (self->db, turn, row, chunks));
    if (chunks->count > 0)
        return begin_segment (self, turn, row, chunks, due);
    TRY (db_unit_write (
        self->db, turn)); // All is archived; or its next chunk is missing, and what is left stays where it is
    return archive_store_not_due (self->db, turn, row);
}

fault_t logs_archive (logs_t *self, turn_t *turn, int64_t *next_us)
{
    if (self->archivings == self->archivings_most)
        return OK; // made() asks for the next tick
    fault_t fault = archive_one (self, turn);
    if (fault == NOT_FOUND && self->archive_after.changed_us == 0)
        return OK;
    // In case made() is not called; at once where more may be begun
    *next_us = turn->now_us + (fault == OK && self->archivings + 1 < self->archivings_most ? 0 : AGAIN_AFTER);
    if (fault != NOT_FOUND)
        return fault;
    self->archive_after = (due_t){0}; // All have had their turn
    return OK;
}
