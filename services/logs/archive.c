/* archive.c - moves chunks into segments in the blob store; in the tick, in small steps.
 *
 * One segment at a time: note its key as garbage, and after that commit let a helper thread make and put it; then one
 * transaction puts it in the place of its chunks. Where the store is full or gone, the chunks stay where they are. */

#include "common/id.h"
#include "common/log.h"
#include "services/logs/logs_self.h"
#include "services/logs/segment.h"

#define AGAIN_AFTER   SECONDS (2)    // When something did not work
#define GARBAGE_AFTER SECONDS (3600) // A blob that no segment took by then

static void log_fault (const char *text, fault_t fault, const turn_t *turn)
{
    log_warn (text, "fault", fault_name (fault), "detail", turn->detail ? turn->detail : "", NULL);
}

// In the actor's thread: the segment is in the blob store, or could not be put there.
static void made (void *service, turn_t *turn, void *data)
{
    logs_t *self = service;
    making_t *making = data;
    bool done = false;
    self->archiving = false;
    fault_t fault = making->fault;
    turn->detail = making->turn.detail;
    if (!fault)
        fault = db_unit_write (self->db, turn);
    if (!fault)
        fault = archive_store_take (self->db, turn, &making->row, &making->segment, &done);
    if (fault)
        log_fault ("a part of a log could not be archived", fault, turn);
    actor_wake (turn, logs_topic (turn, making->row.job));
    actor_tick_at (turn, fault ? turn->now_us + AGAIN_AFTER : turn->now_us);
}

// What the tick leaves for after its commit.
typedef struct {
    turn_t *turn;
    const log_row_t *row;
    const pieces_t *chunks;
    const char *blob;
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
    making->chunks = pieces_copy (order->chunks, arena);
    turn_init (&making->turn, arena, "", 0);
    self->archiving = errand_send (self->errands, order->turn, segment_make, made, &arena, making) == OK;
}

static fault_t begin_segment (logs_t *self, turn_t *turn, const log_row_t *row, const pieces_t *chunks)
{
    const char *key = arena_printf (turn->arena, "logs/%s", id_new (turn->arena, 'l', turn->now_us));
    fault_t fault = db_unit_write (self->db, turn);
    if (!fault)
        fault = archive_store_discard (self->db, turn, key, turn->now_us + GARBAGE_AFTER);
    if (fault)
        return fault;
    handover_t *order = arena_alloc (turn->arena, sizeof (*order));
    *order = (handover_t){.turn = turn, .row = row, .chunks = chunks, .blob = key};
    actor_after (turn, make, order);
    return OK;
}

static fault_t archive_one (logs_t *self, turn_t *turn)
{
    const char *job;
    uint32_t attempt;
    log_row_t *row = arena_alloc (turn->arena, sizeof (*row));
    pieces_t *chunks = arena_alloc (turn->arena, sizeof (*chunks));
    fault_t fault = archive_store_due (self->db, turn, &job, &attempt);
    if (!fault)
        fault = log_store_find (self->db, turn, job, attempt, row);
    if (!fault)
        fault = archive_store_chunks (self->db, turn, row, chunks);
    if (fault)
        return fault;
    if (chunks->count > 0)
        return begin_segment (self, turn, row, chunks);
    fault = db_unit_write (self->db, turn);
    return fault ? fault : archive_store_not_due (self->db, turn, row);
}

int64_t logs_archive (logs_t *self, turn_t *turn)
{
    if (self->archiving)
        return NEVER; // made() asks for the next tick
    fault_t fault = archive_one (self, turn);
    if (fault == NOT_FOUND)
        return NEVER;
    if (fault)
        log_fault ("logs could not be archived", fault, turn);
    return turn->now_us + AGAIN_AFTER;
}
