/* append.c - appends bytes to a log: overlaps are dropped, the answer's offset is what is durable.
 *
 * A gap is refused with BAD_RANGE (HTTP 416): the sender goes back to the collector's offset, which log_show gives. That also happens
 * where the collector has fewer bytes than it once acknowledged (a database restored from a backup). Two writers need no lock: what was
 * read is the condition of what is written, and a row that has changed meanwhile is read again. */

#include "services/logs/logs_self.h"

#define AT_ONCE (64 << 10) // Bytes that are packed in the actor's own thread
#define TRIES   3          // After others changed the row

// Is there nothing to add? Then the answer, or a fault.
static bool settled (turn_t *turn, const log_row_t *row, const log_append_t *ask, log_offset_t *answer,
                     fault_t *fault)
{
    int64_t size = row->extent.size, end;
    *answer = (log_offset_t){.offset = size, .sealed = row->sealed};
    *fault = OK;
    if (__builtin_add_overflow (ask->offset, (int64_t) ask->data.size, &end) || end > LOG_MAX)
        *fault = turn_fail (turn, TOO_LARGE, "a log has at most %lld bytes", (long long) LOG_MAX);
    else if (row->sealed && (ask->offset > size || end > size))
        *fault = turn_fail (turn, CONFLICT, "the log is sealed at %lld bytes", (long long) size);
    else if (ask->offset > size)
        *fault = turn_fail (turn, BAD_RANGE, "the log has %lld bytes: send it from there", (long long) size);
    return *fault != OK || end <= size;
}

// A clock that is ahead of ours does not decide.
int64_t logs_time (const turn_t *turn, int64_t at_us)
{
    return at_us > 0 && at_us < turn->now_us ? at_us : turn->now_us;
}

static growth_t *plan (arena_t *arena, const turn_t *turn, const log_row_t *row, const log_append_t *ask,
                       bool copy)
{
    growth_t *growth = arena_alloc (arena, sizeof (*growth));
    size_t known = (size_t) (row->extent.size - ask->offset);
    *growth = (growth_t){.arena = arena, .was = row->extent, .is = row->extent, .step = ask->step};
    growth->at_us = logs_time (turn, ask->at);
    growth->data = (const char *) ask->data.data + known;
    growth->size = ask->data.size - known;
    if (copy) {
        growth->data = arena_copy (arena, growth->data, growth->size);
        growth->is.tail = arena_copy (arena, growth->is.tail, growth->is.tail_size);
    }
    return growth;
}

static fault_t grow (logs_t *self, turn_t *turn, const log_row_t *row, const log_append_t *ask,
                     growth_t **growth)
{
    if (ask->data.size <= AT_ONCE) {
        *growth = plan (turn->arena, turn, row, ask, false);
        log_grow (*growth);
        return OK;
    }
    const char *key =
        arena_printf (turn->arena, "append/%s/%s/%u/%lld/%lld/%zu", turn->request_id, ask->job, ask->attempt,
                      (long long) row->extent.size, (long long) ask->offset, ask->data.size);
    fault_t fault = background_find (self->tasks, turn, key, (void **) growth);
    if (fault != NOT_FOUND)
        return fault;
    arena_t *arena = arena_new ();
    growth_t *work = plan (arena, turn, row, ask, true);
    return background_begin (self->tasks, turn, key, log_grow, &arena, work);
}

fault_t logs_change (logs_t *self, turn_t *turn, const log_row_t *row, const growth_t *growth,
                     const char *sha256, bool *done)
{
    fault_t fault = db_unit_write (self->db, turn);
    if (!fault)
        fault = log_store_change (self->db, turn, row, growth, sha256, done);
    if (fault || !*done)
        return fault;
    actor_announce_soon (turn, logs_topic (turn, row->job));
    if (growth->is.loose >= (sha256 ? 1 : SEGMENT_MAX))
        actor_tick_at (turn, turn->now_us);
    return OK;
}

// Appends to the log in the state of `row`. *done is false if it has changed meanwhile.
static fault_t append_to (logs_t *self, turn_t *turn, const log_row_t *row, const log_append_t *ask,
                          log_offset_t *answer, bool *done)
{
    growth_t *growth;
    fault_t fault;
    *done = settled (turn, row, ask, answer, &fault);
    if (*done)
        return fault;
    TRY (grow (self, turn, row, ask, &growth));
    TRY (logs_change (self, turn, row, growth, NULL, done));
    if (!*done)
        return OK;
    answer->offset = growth->is.size;
    tails_add (self->tails, row, ask->offset, ask->step, ask->data.data, ask->data.size);
    return OK;
}

HANDLER (log_append)
{
    logs_t *self = context;
    const log_append_t *ask = asked;
    bool done = false;
    TRY (logs_may_write (turn, ask->job, ask->attempt));
    if (ask->attempt == 0 || ask->offset < 0)
        return turn_fail (turn, BAD_INPUT, "attempts are counted from 1, bytes from 0");
    // A first chunk is assumed to start a new log, without reading: an existing row is not replaced.
    bool looks = ask->offset > 0 || ask->data.size > AT_ONCE || ask->data.size == 0;
    for (int i = 0; !done && i < TRIES; i++, looks = true) {
        log_row_t row = log_row_none (ask->job, ask->attempt);
        if (looks)
            TRY (log_store_find (self->db, turn, ask->job, ask->attempt, &row));
        TRY (append_to (self, turn, &row, ask, answered, &done));
    }
    return done ? OK : turn_fail (turn, UNAVAILABLE, "another sender is writing the log of job %s", ask->job);
}
