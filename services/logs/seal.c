/* seal.c - the last word about a log: its size and checksum are compared, then nothing more is taken. And what is known of it. */

#include "services/logs/logs_self.h"

#include <string.h>

static fault_t check_size (turn_t *turn, const log_row_t *row, int64_t size)
{
    if (row->extent.size == size)
        return OK;
    return turn_fail (turn, BAD_RANGE, "the log has %lld bytes here, %lld there",
                      (long long) row->extent.size, (long long) size);
}

// An empty checksum is a service's: the agent was lost, what is there is all.
static fault_t check (turn_t *turn, const log_row_t *row, const log_seal_t *ask, const char **sha256)
{
    bool whatever = ask->sha256[0] == '\0';
    if (whatever && turn->caller.role != ROLE_SERVICE)
        return turn_fail (turn, INVALID, "sha256: a log is sealed with its checksum");
    if (!whatever && !sha256_is_hex (ask->sha256))
        return turn_fail (turn, INVALID, "sha256: 64 hexadecimal digits in lower case, not \"%.80s\"",
                          ask->sha256);
    fault_t fault = whatever ? OK : check_size (turn, row, ask->size);
    if (fault)
        return row->sealed ? turn_fail (turn, CONFLICT, "the log is sealed at %lld bytes",
                                        (long long) row->extent.size)
                           : fault;
    *sha256 = row->sealed ? row->sha256 : sha256_hex (&row->extent.sha, turn->arena);
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
    if (!fault)
        fault = check (turn, &row, ask, &sha256);
    if (fault)
        return fault;
    *(log_offset_t *) reply = (log_offset_t){.offset = row.extent.size, .sealed = true};
    if (row.sealed)
        return OK;
    bool done = false;
    fault = db_unit_write (self->db, turn);
    if (!fault)
        fault = log_store_seal (self->db, turn, &row, sha256, &done);
    if (!fault && !done)
        return turn_fail (turn, UNAVAILABLE, "the log of job %s has grown meanwhile", ask->job);
    if (fault)
        return fault;
    actor_wake (turn, logs_topic (turn, ask->job));
    if (row.extent.loose > 0)
        actor_tick_at (turn, turn->now_us);
    return OK;
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
