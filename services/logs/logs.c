/* logs.c - the log collector's table of handlers, its unit of work, its tick. */

#include "services/logs/logs.h"

#include "common/sweep.h"
#include "services/logs/archive_store.h"
#include "services/logs/logs_self.h"

#include <stdlib.h>
#include <string.h>

#define THREADS 2

logs_t *logs_new (const logs_options_t *options)
{
    logs_t *self = calloc (1, sizeof (*self));
    if (!self)
        abort ();
    self->db = options->db;
    self->blob = options->blob;
    self->errands = errands_new (options->threads ? options->threads : THREADS);
    self->retention_us = SECONDS (86400) * options->retention_days;
    return self;
}

void logs_destroy (logs_t **self_p)
{
    logs_t *self = *self_p;
    if (!self)
        return;
    errands_destroy (&self->errands);
    free (self);
    *self_p = NULL;
}

static int64_t tick (void *service, turn_t *turn)
{
    static const sweep_t old = {.what = "logs",
                                .over = archive_store_old,
                                .remove = archive_store_forget,
                                .garbage = archive_store_garbage,
                                .gone = archive_store_gone};
    logs_t *self = service;
    int64_t before = self->retention_us ? turn->now_us - self->retention_us : 0;
    int64_t archive = logs_archive (self, turn);
    int64_t clean = sweep (&old, self->db, self->blob, turn, before, &self->clean_us);
    return archive < clean ? archive : clean;
}

static void stop (void *self)
{
    errands_stop (((logs_t *) self)->errands);
}

const char *logs_topic (turn_t *turn, const char *job)
{
    return arena_printf (turn->arena, "log:%s", job);
}

fault_t logs_may_write (turn_t *turn, const char *job, uint32_t attempt)
{
    const caller_t *caller = &turn->caller;
    if (caller->role == ROLE_SERVICE)
        return OK;
    if (caller->role != ROLE_JOB || strcmp (caller->subject, job) != 0 || caller->attempt != attempt)
        return turn_fail (turn, FORBIDDEN, "only job %s itself, in attempt %u, may write its log", job,
                          attempt);
    return OK;
}

fault_t logs_need (logs_t *self, turn_t *turn, const char *job, uint32_t attempt, log_row_t *row)
{
    fault_t fault = log_store_find (self->db, turn, job, attempt, row);
    if (!fault && !row->there)
        return turn_fail (turn, NOT_FOUND, "job %s has no log%s", job, attempt ? " of that attempt" : "");
    return fault;
}

uint32_t step_at (const marks_t *marks, int64_t offset)
{
    uint32_t step = 0;
    for (size_t i = 0; i < marks->count && marks->items[i].start <= offset; i++)
        step = marks->items[i].step;
    return step;
}

pieces_t pieces_copy (const pieces_t *from, arena_t *arena)
{
    pieces_t copy = {.count = from->count, .capacity = from->count, .in_blobs = from->in_blobs};
    copy.items = arena_array (arena, from->count + 1, sizeof (piece_t));
    for (size_t i = 0; i < from->count; i++) {
        piece_t *piece = &copy.items[i];
        *piece = from->items[i];
        if (piece->data)
            piece->data = arena_copy (arena, piece->data, piece->packed);
        // Frames of one segment follow each other: its key is copied once.
        else if (i > 0 && from->items[i - 1].blob == piece->blob)
            piece->blob = copy.items[i - 1].blob;
        else
            piece->blob = arena_strdup (arena, piece->blob);
    }
    return copy;
}

static const handler_t handlers[] = {
    {MSG_log_append, logs_append}, {MSG_log_seal, logs_seal},     {MSG_log_show, logs_show},
    {MSG_log_read, logs_read},     {MSG_log_search, logs_search},
};

const actor_class_t logs_class = {
    .name = "logs",
    .handlers = handlers,
    .count = sizeof (handlers) / sizeof (handlers[0]),
    .commit = db_unit_commit,
    .rollback = db_unit_rollback,
    .writes = db_unit_writes,
    .announce = db_unit_announce,
    .tick = tick,
    .stop = stop,
};
