/* seal.c - the last word about a log: its size and checksum are compared, then nothing more is taken. And what is known of it. */

#include "services/logs/logs_self.h"

#include <string.h>

static fault_t bad_range (turn_t *turn, int64_t here, const char *there, int64_t other)
{
    return turn_fail (turn, BAD_RANGE, "the log has %lld bytes here, %s %lld", (long long) here, there,
                      (long long) other);
}

// What came with the last word is appended first; what is known of it is left out.
static fault_t add_rest (turn_t *turn, const log_seal_t *ask, growth_t *growth)
{
    int64_t at = ask->rest_offset;
    if (ask->rest.count > 0 && (at < 0 || at > growth->is.size))
        return bad_range (turn, growth->is.size, "its rest begins at", at);
    for (size_t i = 0; i < ask->rest.count; i++) {
        const char *text = ask->rest.items[i].text;
        size_t size = strlen (text);
        int64_t known = growth->is.size - at;
        at += (int64_t) size;
        if (at - ask->rest_offset > MAX_REST)
            return turn_fail (turn, TOO_LARGE, "the rest of a log has at most %d bytes", MAX_REST);
        if (known >= (int64_t) size)
            continue;
        growth->data = text + known;
        growth->size = size - (size_t) known;
        growth->step = ask->rest.items[i].step;
        log_grow (growth);
    }
    return OK;
}

// An empty checksum is a service's: the agent was lost, what is there is all.
static fault_t check (turn_t *turn, const log_row_t *row, const extent_t *is, const log_seal_t *ask,
                      const char **sha256)
{
    bool whatever = ask->sha256[0] == '\0';
    if (whatever && turn->caller.role != ROLE_SERVICE)
        return turn_fail (turn, INVALID, "sha256: a log is sealed with its checksum");
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

fault_t logs_seal (void *service, turn_t *turn, const void *question, void *reply)
{
    logs_t *self = service;
    const log_seal_t *ask = question;
    log_row_t row;
    const char *sha256 = "";
    fault_t fault = logs_may_write (turn, ask->job, ask->attempt);
    if (!fault && ask->attempt == 0)
        fault = turn_fail (turn, BAD_INPUT, "attempts are counted from 1");
    if (!fault)
        fault = log_store_find (self->db, turn, ask->job, ask->attempt, &row);
    if (fault)
        return fault;
    growth_t growth = {.arena = turn->arena, .was = row.extent, .is = row.extent};
    if (!row.sealed)
        fault = add_rest (turn, ask, &growth);
    if (!fault)
        fault = check (turn, &row, &growth.is, ask, &sha256);
    *(log_offset_t *) reply = (log_offset_t){.offset = growth.is.size, .sealed = true};
    if (fault || row.sealed)
        return fault;
    bool done = false;
    fault = logs_change (self, turn, &row, &growth, sha256, &done);
    if (!fault && !done)
        return turn_fail (turn, UNAVAILABLE, "the log of job %s has grown meanwhile", ask->job);
    return fault;
}

// Lines that any byte of the step is of.
static int64_t lines_of (const mark_t *mark, int64_t next_before, bool next_midline)
{
    return next_before - mark->before + next_midline;
}

fault_t logs_show (void *service, turn_t *turn, const void *question, void *reply)
{
    logs_t *self = service;
    const log_show_t *ask = question;
    log_info_t *info = reply;
    log_row_t row;
    marks_t marks;
    fault_t fault = logs_need (self, turn, ask->job, ask->attempt, &row);
    if (!fault)
        fault = log_store_steps (self->db, turn, &row, &marks);
    if (fault)
        return fault;
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
