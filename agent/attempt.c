/* attempt.c - see attempt.h. The reporter says what it waits for, and is woken once when that is there. */

#include "agent/attempt.h"

#include "common/base/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STEPS_MAX 3002 // 1000 steps, each with a pre and a post, and two rows of the job

typedef struct {
    step_row_t row;
    int64_t log_end; // When it ended, of what all steps had printed: it is stored first
} kept_row_t;

struct job_attempt {
    arena_t *arena;
    const job_offer_t *offer;
    spool_t *spool;
    cancel_t *cancel;
    pthread_mutex_t lock; // For what follows
    pthread_cond_t changed;
    kept_row_t *rows;
    size_t row_count, row_capacity;
    annotation_t annotations[MAX_ANNOTATIONS]; // Strings in its arena
    size_t annotation_count;
    uint64_t version;
    int64_t log_size, steps_end;
    attempt_view_t wait_for; // What the reporter waits for
    bool waits;              // For that
    bool ended;
    attempt_end_t end;
};

fault_t attempt_new (job_attempt_t **out, arena_t **arena, const job_offer_t *offer, spool_t *spool)
{
    cancel_t *cancel;
    TRY (cancel_new (&cancel));
    job_attempt_t *self = calloc (1, sizeof (job_attempt_t));
    if (!self)
        abort ();
    self->cancel = cancel;
    self->arena = *arena;
    *arena = NULL;
    self->offer = offer;
    self->spool = spool;
    self->end.reason = self->end.outputs = "";
    pthread_mutex_init (&self->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init (&attributes);
    pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
    pthread_cond_init (&self->changed, &attributes);
    pthread_condattr_destroy (&attributes);
    *out = self;
    return OK;
}

void attempt_destroy (job_attempt_t **self_p)
{
    job_attempt_t *self = *self_p;
    if (!self)
        return;
    pthread_mutex_destroy (&self->lock);
    pthread_cond_destroy (&self->changed);
    cancel_destroy (&self->cancel);
    arena_destroy (&self->arena);
    free (self->rows);
    free (self);
    *self_p = NULL;
}

const job_offer_t *attempt_offer (const job_attempt_t *self)
{
    return self->offer;
}

arena_t *attempt_arena (job_attempt_t *self)
{
    return self->arena;
}

spool_t *attempt_spool (job_attempt_t *self)
{
    return self->spool;
}

cancel_t *attempt_cancel (job_attempt_t *self)
{
    return self->cancel;
}

static void wake (job_attempt_t *self)
{
    const attempt_view_t *wait_for = &self->wait_for;
    if (!self->waits)
        return;
    if (self->log_size < wait_for->log_size && self->version < wait_for->version &&
        !(self->ended && wait_for->ended))
        return;
    self->waits = false;
    pthread_cond_broadcast (&self->changed);
}

fault_t attempt_log (void *self_, uint32_t step, const void *data, size_t size)
{
    job_attempt_t *self = self_;
    TRY (spool_add (self->spool, step, data, size));
    pthread_mutex_lock (&self->lock);
    self->log_size += (int64_t) size;
    wake (self);
    pthread_mutex_unlock (&self->lock);
    return OK;
}

static void put_row (job_attempt_t *self, const step_row_t *row)
{
    size_t place = 0;
    while (place < self->row_count && self->rows[place].row.number != row->number)
        place++;
    if (place == STEPS_MAX)
        return;
    if (place == self->row_capacity) {
        self->row_capacity = self->row_capacity ? self->row_capacity * 2 : 16;
        self->rows = realloc (self->rows, self->row_capacity * sizeof (kept_row_t));
        if (!self->rows)
            abort ();
    }
    self->rows[place] = (kept_row_t){*row, 0};
    if (row->state == step_finished && row->outcome != result_skipped)
        self->rows[place].log_end = self->steps_end = self->log_size;
    self->row_count += place == self->row_count;
}

void attempt_step (job_attempt_t *self, const step_row_t *row)
{
    pthread_mutex_lock (&self->lock);
    put_row (self, row);
    self->version++;
    wake (self);
    pthread_mutex_unlock (&self->lock);
}

void attempt_annotate (job_attempt_t *self, const annotation_t *annotation)
{
    pthread_mutex_lock (&self->lock);
    if (self->annotation_count < MAX_ANNOTATIONS)
        self->annotations[self->annotation_count++] = *annotation;
    self->version++;
    wake (self);
    pthread_mutex_unlock (&self->lock);
}

void attempt_end (job_attempt_t *self, const attempt_end_t *end)
{
    pthread_mutex_lock (&self->lock);
    self->ended = true;
    self->end = *end;
    self->waits = false;
    pthread_cond_broadcast (&self->changed);
    pthread_mutex_unlock (&self->lock);
}

attempt_view_t attempt_wait (job_attempt_t *self, const attempt_view_t *wait_for, int64_t until_us)
{
    struct timespec until = {.tv_sec = (time_t) (until_us / 1000000), .tv_nsec = (until_us % 1000000) * 1000};
    pthread_mutex_lock (&self->lock);
    self->wait_for = *wait_for;
    self->waits = true;
    wake (self);
    while (self->waits && pthread_cond_timedwait (&self->changed, &self->lock, &until) == 0)
        continue;
    self->waits = false;
    attempt_view_t now = {.log_size = self->log_size,
                          .steps_end = self->steps_end,
                          .version = self->version,
                          .ended = self->ended};
    pthread_mutex_unlock (&self->lock);
    return now;
}

void attempt_wait_end (job_attempt_t *self)
{
    pthread_mutex_lock (&self->lock);
    while (!self->ended)
        pthread_cond_wait (&self->changed, &self->lock);
    pthread_mutex_unlock (&self->lock);
}

// As it was before it ended.
static void not_ended (step_row_t *row)
{
    row->state = step_running;
    row->outcome = row->conclusion = result_none;
    row->finished_at = row->exit_code = 0;
    row->out_of_memory = false;
}

static void read_progress (job_attempt_t *self, arena_t *arena, int64_t stored, job_status_t *out)
{
    *out = (job_status_t){.job = arena_strdup (arena, self->offer->job),
                          .attempt = self->offer->attempt,
                          .state = job_running,
                          .reason = "",
                          .outputs = "",
                          .log_sha256 = ""};
    pthread_mutex_lock (&self->lock);
    step_row_t *rows = arena_array (arena, self->row_count + 1, sizeof (step_row_t));
    for (size_t i = 0; i < self->row_count; i++) {
        rows[i] = self->rows[i].row;
        if (self->rows[i].log_end > stored && !self->ended)
            not_ended (&rows[i]);
    }
    out->steps = (step_row_items_t){.items = rows, .count = self->row_count};
    annotation_t *said =
        arena_copy (arena, self->annotations, self->annotation_count * sizeof (annotation_t));
    out->annotations = (annotation_items_t){.items = said, .count = self->annotation_count};
    if (self->ended) {
        out->state = job_finished;
        out->result = self->end.result;
        out->reason = arena_strdup (arena, self->end.reason);
        out->outputs = arena_strdup (arena, self->end.outputs);
        out->given_back = self->end.given_back;
        out->environment_url =
            self->end.environment_url ? arena_strdup (arena, self->end.environment_url) : "";
    }
    pthread_mutex_unlock (&self->lock);
    for (size_t i = 0; i < out->steps.count; i++) {
        rows[i].id = arena_strdup (arena, rows[i].id);
        rows[i].name = arena_strdup (arena, rows[i].name);
    }
    for (size_t i = 0; i < out->annotations.count; i++) {
        said[i].title = arena_strdup (arena, said[i].title);
        said[i].file = arena_strdup (arena, said[i].file);
        said[i].message = arena_strdup (arena, said[i].message);
    }
}

void attempt_progress (job_attempt_t *self, arena_t *arena, job_status_t *out)
{
    read_progress (self, arena, INT64_MAX, out);
}

fault_t attempt_status (job_attempt_t *self, arena_t *arena, int64_t stored, job_status_t *out)
{
    read_progress (self, arena, stored, out);
    if (out->state != job_finished)
        return OK;
    fault_t fault = spool_sha256 (self->spool, arena, &out->log_sha256);
    out->log_size = spool_size (self->spool);
    return fault;
}
