/* seal.c - seals a log: its size and checksum are compared, then no more bytes are accepted. And describes a log. */

#include "services/logs/logs_self.h"

#include <string.h>

static fault_t bad_range (turn_t *turn, int64_t here, const char *there, int64_t other)
{
    return turn_fail (turn, BAD_RANGE, "the log has %lld bytes here, %s %lld", (long long) here, there,
                      (long long) other);
}

// What came with the final status is appended first; what is stored already is left out.
static fault_t add_trailer (turn_t *turn, const log_seal_t *ask, growth_t *growth)
{
    int64_t at = ask->trailer_offset;
    if (ask->trailer.count > 0 && (at < 0 || at > growth->is.size))
        return bad_range (turn, growth->is.size, "its trailer begins at", at);
    for (size_t i = 0; i < ask->trailer.count; i++) {
        const char *text = ask->trailer.items[i].text;
        size_t size = strlen (text);
        int64_t known = growth->is.size - at;
        at += (int64_t) size;
        if (at - ask->trailer_offset > MAX_TRAILER)
            return turn_fail (turn, TOO_LARGE, "the trailer of a log has at most %d bytes", MAX_TRAILER);
        if (known >= (int64_t) size)
            continue;
        growth->data = text + known;
        growth->size = size - (size_t) known;
        growth->step = ask->trailer.items[i].step;
        growth->at_us = logs_time (turn, ask->trailer.items[i].at);
        log_grow (growth);
    }
    return growth->is.size <= LOG_MAX
               ? OK
               : turn_fail (turn, TOO_LARGE, "a log has at most %lld bytes", (long long) LOG_MAX);
}

// An empty checksum comes from a service: the agent was lost, what is stored is all.
static fault_t check (turn_t *turn, const log_row_t *row, const extent_t *is, const log_seal_t *ask,
                      const char **sha256)
{
    bool whatever = ask->sha256[0] == '\0';
    if (whatever && turn->caller.role != ROLE_SERVICE)
        return turn_fail (turn, INVALID, "sha256: sealing a log needs its checksum");
    if (!whatever && !sha256_is_hex (ask->sha256))
        return turn_fail (turn, INVALID, "sha256: 64 hexadecimal digits in lower case, not \"%.80s\"",
                          ask->sha256);
    if (!whatever && is->size != ask->size)
        return row->sealed
                   ? turn_fail (turn, CONFLICT, "the log is sealed at %lld bytes", (long long) is->size)
                   : bad_range (turn, is->size, "there are", ask->size);
    *sha256 = row->sealed ? row->sha256 : sha256_hex (&is->sha, turn->arena);
    if (!whatever && strcmp (*sha256, ask->sha256) != 0)
        return turn_fail (turn, INVALID, "sha256: the stored bytes have %s", *sha256);
    return OK;
}

// Followers of the log see its end from memory.
static void show_end (logs_t *self, const log_row_t *row, const log_seal_t *ask)
{
    int64_t at = ask->trailer_offset;
    for (size_t i = 0; i < ask->trailer.count; i++) {
        const log_trailer_t *trailer = &ask->trailer.items[i];
        size_t size = strlen (trailer->text);
        if (at + (int64_t) size > row->extent.size)
            tails_add (self->tails, row, at, trailer->step, trailer->text, size);
        at += (int64_t) size;
    }
    tails_seal (self->tails, row);
}

// What the log becomes and its checksum, where the request fits what `row` says.
static fault_t end_of (turn_t *turn, const log_seal_t *ask, const log_row_t *row, growth_t *growth,
                       const char **sha256)
{
    *growth = (growth_t){.arena = turn->arena, .was = row->extent, .is = row->extent};
    if (!row->sealed)
        TRY (add_trailer (turn, ask, growth));
    return check (turn, row, &growth->is, ask, sha256);
}

static fault_t write_end (logs_t *self, turn_t *turn, const log_seal_t *ask, log_row_t *row,
                          const growth_t *growth, const char *sha256, bool *done)
{
    if (turn->caller.role == ROLE_SERVICE) // A job could fill the room of another project
        row->project = ask->project;
    TRY (logs_change (self, turn, row, growth, sha256, done));
    if (*done)
        show_end (self, row, ask);
    return OK;
}

// A small log arrives whole with its seal: it is assumed to be new, without reading. An existing row is not replaced.
static fault_t seal_new (logs_t *self, turn_t *turn, const log_seal_t *ask, log_offset_t *answer, bool *done)
{
    growth_t growth;
    const char *sha256;
    log_row_t row = log_row_none (ask->job, ask->attempt);
    *done = false;
    if (ask->trailer.count == 0 || ask->trailer_offset > 0)
        return OK;
    if (end_of (turn, ask, &row, &growth, &sha256) != OK) { // It does not fit a new log
        turn->detail = NULL;
        return OK;
    }
    *answer = (log_offset_t){.offset = growth.is.size, .sealed = true};
    return write_end (self, turn, ask, &row, &growth, sha256, done);
}

HANDLER (log_seal)
{
    logs_t *self = context;
    const log_seal_t *ask = asked;
    log_row_t row;
    growth_t growth;
    const char *sha256 = "";
    bool done;
    TRY (logs_may_write (turn, ask->job, ask->attempt));
    if (ask->attempt == 0)
        return turn_fail (turn, BAD_INPUT, "attempts are counted from 1");
    TRY (seal_new (self, turn, ask, answered, &done));
    if (done)
        return OK;
    TRY (log_store_find (self->db, turn, ask->job, ask->attempt, &row));
    TRY (end_of (turn, ask, &row, &growth, &sha256));
    *(log_offset_t *) answered = (log_offset_t){.offset = growth.is.size, .sealed = true};
    if (row.sealed)
        return OK;
    TRY (write_end (self, turn, ask, &row, &growth, sha256, &done));
    return done ? OK : turn_fail (turn, UNAVAILABLE, "the log of job %s has grown meanwhile", ask->job);
}

// Lines that any byte of the step is of.
static int64_t lines_of (const mark_t *mark, int64_t next_before, bool next_midline)
{
    return next_before - mark->before + next_midline;
}

HANDLER (log_show)
{
    logs_t *self = context;
    const log_show_t *ask = asked;
    log_info_t *info = answered;
    log_row_t row;
    marks_t marks;
    TRY (logs_need (self, turn, ask->job, ask->attempt, &row));
    TRY (log_store_steps (self->db, turn, &row, &marks));
    *info = (log_info_t){.job = row.job,
                         .attempt = row.attempt,
                         .size = row.extent.size,
                         .lines = extent_lines (&row.extent),
                         .sealed = row.sealed,
                         .sha256 = row.sha256};
    info->steps.count = marks.count;
    info->steps.items = arena_array (turn->arena, marks.count + 1, sizeof (log_step_t));
    for (size_t i = 0; i < marks.count; i++) {
        const mark_t *mark = &marks.items[i];
        bool last = i + 1 == marks.count;
        info->steps.items[i] = (log_step_t){
            .step = mark->step,
            .first_line = mark->before + 1,
            .lines = last ? lines_of (mark, row.extent.newlines, row.extent.midline)
                          : lines_of (mark, marks.items[i + 1].before, marks.items[i + 1].midline),
            .offset = mark->start,
            .at = mark->at_us};
    }
    return OK;
}

HANDLER (log_clock)
{
    logs_t *self = context;
    const log_clock_t *ask = asked;
    log_row_t row;
    if (ask->offset < 0)
        return turn_fail (turn, BAD_INPUT, "bytes are counted from 0");
    TRY (logs_need (self, turn, ask->job, ask->attempt, &row));
    return log_store_times (self->db, turn, &row, ask->offset, answered);
}
