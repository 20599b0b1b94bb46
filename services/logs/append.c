/* append.c - takes bytes into a log: overlaps are dropped, gaps are not taken, the answer is what is durable.
 *
 * The answer's offset is how far the log is. A sender whose piece ends behind it goes back to it: that happens after a gap, when the
 * piece does not continue what is stored. What somebody else appended meanwhile shows as a row that has changed; then the
 * piece is looked at again. */

#include "services/logs/logs_self.h"

#define AT_ONCE (64 << 10) // Bytes that are packed in the actor's own thread
#define TRIES   3          // After others changed the row

// Is there nothing to add? Then the answer, or a fault.
static bool settled (turn_t *turn, const log_row_t *row, const log_append_t *ask, log_offset_t *answer,
                     fault_t *fault)
{
    int64_t size = row->extent.size, end = ask->offset + (int64_t) ask->data.size;
    *answer = (log_offset_t){.offset = size, .sealed = row->sealed};
    *fault = OK;
    if (ask->offset > size || end <= size) {
        if (row->sealed && ask->offset > size)
            *fault = turn_fail (turn, CONFLICT, "the log is sealed at %lld bytes", (long long) size);
        return true;
    }
    if (row->sealed)
        *fault = turn_fail (turn, CONFLICT, "the log is sealed at %lld bytes", (long long) size);
    else if (end > LOG_MAX)
        *fault = turn_fail (turn, TOO_LARGE, "a log has at most %lld bytes", (long long) LOG_MAX);
    return *fault != OK;
}

static growth_t *plan (arena_t *arena, const log_row_t *row, const log_append_t *ask, bool copy)
{
    growth_t *growth = arena_alloc (arena, sizeof (*growth));
    size_t known = (size_t) (row->extent.size - ask->offset);
    *growth = (growth_t){.arena = arena, .was = row->extent, .is = row->extent, .step = ask->step};
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
        *growth = plan (turn->arena, row, ask, false);
        log_grow (*growth);
        return OK;
    }
    const char *key =
        arena_printf (turn->arena, "append/%s/%s/%u/%lld/%lld/%zu", turn->request_id, ask->job, ask->attempt,
                      (long long) row->extent.size, (long long) ask->offset, ask->data.size);
    fault_t fault = errand_find (self->errands, turn, key, (void **) growth);
    if (fault != NOT_FOUND)
        return fault;
    arena_t *arena = arena_new ();
    growth_t *work = plan (arena, row, ask, true);
    return errand_begin (self->errands, turn, key, log_grow, &arena, work);
}

fault_t logs_change (logs_t *self, turn_t *turn, const log_row_t *row, const growth_t *growth,
                     const char *sha256, bool *done)
{
    fault_t fault = db_unit_write (self->db, turn);
    if (!fault)
        fault = log_store_change (self->db, turn, row, growth, sha256, done);
    if (fault || !*done)
        return fault;
    actor_announce (turn, logs_topic (turn, row->job));
    if (growth->is.loose >= (sha256 ? 1 : SEGMENT_MAX))
        actor_tick_at (turn, turn->now_us);
    return OK;
}

fault_t logs_append (void *service, turn_t *turn, const void *question, void *reply)
{
    logs_t *self = service;
    const log_append_t *ask = question;
    log_offset_t *answer = reply;
    fault_t fault = logs_may_write (turn, ask->job, ask->attempt);
    if (!fault && (ask->attempt == 0 || ask->offset < 0))
        fault = turn_fail (turn, BAD_INPUT, "attempts are counted from 1, bytes from 0");
    bool done = false;
    for (int i = 0; !fault && !done && i < TRIES; i++) {
        log_row_t row;
        growth_t *growth;
        fault = log_store_find (self->db, turn, ask->job, ask->attempt, &row);
        if (fault || settled (turn, &row, ask, answer, &fault))
            return fault;
        fault = grow (self, turn, &row, ask, &growth);
        if (!fault)
            fault = logs_change (self, turn, &row, growth, NULL, &done);
        if (!fault)
            answer->offset = growth->is.size;
    }
    if (!fault && !done)
        return turn_fail (turn, UNAVAILABLE, "somebody else writes the log of job %s as well", ask->job);
    return fault;
}
