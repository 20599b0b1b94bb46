/* logs.c - the log collector's table of handlers, its unit of work, its tick. */

#include "services/logs/logs.h"

#include "services/logs/logs_self.h"

#include <stdlib.h>
#include <string.h>

#define THREADS            2
#define BACKGROUND_THREADS 2
#define FAR_THREADS        8 // Of reads and of segments, where they mostly wait for the blob store

logs_t *logs_new (const logs_options_t *options)
{
    logs_t *self = calloc (1, sizeof (*self));
    if (!self)
        abort ();
    self->db = options->db;
    self->blob = options->blob;
    self->tasks = background_new (options->threads ? options->threads : THREADS);
    bool is_far = blob_parallel (self->blob) > 1;
    self->reads = background_new (is_far ? FAR_THREADS : THREADS);
    self->background = background_new (is_far ? FAR_THREADS : BACKGROUND_THREADS);
    self->archivings_most = is_far ? ARCHIVED_AT_ONCE : 1;
    self->searches = background_new (1);
    self->tails = tails_new ();
    retention_init (&self->retention, self->db, self->blob, self->background);
    self->retention.kept_us = SECONDS (86400) * options->retention_days;
    self->retention.max_bytes = options->max_bytes;
    self->retention.project_bytes = options->project_bytes;
    return self;
}

void logs_destroy (logs_t **self_p)
{
    logs_t *self = *self_p;
    if (!self)
        return;
    tails_destroy (&self->tails);
    background_destroy (&self->searches);
    background_destroy (&self->background);
    background_destroy (&self->reads);
    background_destroy (&self->tasks);
    free (self);
    *self_p = NULL;
}

static fault_t begin (void *service, turn_t *turn)
{
    (void) turn; // The transaction begins with the first write
    tails_batch (((logs_t *) service)->tails);
    return OK;
}

// What the tails took from this batch was not written.
static void rollback (void *service)
{
    tails_clear (((logs_t *) service)->tails);
    db_unit_rollback (service);
}

static fault_t tick (void *service, turn_t *turn, int64_t *next_us)
{
    logs_t *self = service;
    tails_idle (self->tails, turn->now_us);
    TRY (logs_archive (self, turn, next_us));
    return retention_step (&self->retention, turn, next_us);
}

static void stop (void *service)
{
    logs_t *self = service;
    background_stop (self->searches);
    background_stop (self->background);
    background_stop (self->reads);
    background_stop (self->tasks);
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
    HANDLER_ROW (log_append),   HANDLER_ROW (log_seal),    HANDLER_ROW (log_show),
    HANDLER_ROW (log_read),     HANDLER_ROW (log_search),  HANDLER_ROW (log_purge),
    HANDLER_ROW (log_clock),    HANDLER_ROW (summary_put), HANDLER_ROW (summary_list),
    HANDLER_ROW (summary_read), HANDLER_ROW (log_excerpt), HANDLER_ROW (retention_of_logs),
};

const actor_class_t logs_class = {
    .name = "logs",
    .handlers = handlers,
    .count = sizeof (handlers) / sizeof (handlers[0]),
    .may = logs_may,
    .begin = begin,
    .commit = db_unit_commit,
    .rollback = rollback,
    .writes = db_unit_writes,
    .in_doubt = db_unit_in_doubt,
    .announce = db_unit_announce,
    .tick = tick,
    .stop = stop,
};
