/* tails.c - see tails.h. A table that is searched from end to end: it is short, and most logs are not in it. */

#include "services/logs/tails.h"

#include "proto/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARKS_MAX 32 // Steps that begin within one tail; with more it begins anew

struct tail {
    char job[MAX_ID + 1];
    uint32_t attempt; // 0: free
    bool sealed;
    uint64_t batch; // In which it was current
    int64_t read_us;
    extent_t extent; // Of the log; without inline bytes and checksum
    int64_t start;   // Of the first byte here
    int64_t before;  // Newlines before it
    char *bytes;
    size_t size;
    mark_t marks[MARKS_MAX]; // The first is of the first byte
    size_t marks_count;
};

struct tails {
    tail_t items[TAILS_MAX];
    uint64_t batch;
    size_t bytes; // Of all
};

tails_t *tails_new (void)
{
    tails_t *self = calloc (1, sizeof (*self));
    if (!self)
        abort ();
    self->batch = 1;
    return self;
}

// Without its bytes; the log's extent stays.
static void empty (tails_t *self, tail_t *tail)
{
    self->bytes -= tail->size;
    free (tail->bytes);
    tail->bytes = NULL;
    tail->size = 0;
    tail->start = tail->extent.size;
    tail->before = tail->extent.newlines;
    tail->marks[0] = (mark_t){.step = tail->extent.step, .start = tail->start, .before = tail->before};
    tail->marks_count = 1;
}

static void drop (tails_t *self, tail_t *tail)
{
    empty (self, tail);
    *tail = (tail_t){0};
}

void tails_clear (tails_t *self)
{
    for (size_t i = 0; i < TAILS_MAX; i++)
        drop (self, &self->items[i]);
}

void tails_destroy (tails_t **self_p)
{
    if (!*self_p)
        return;
    tails_clear (*self_p);
    free (*self_p);
    *self_p = NULL;
}

void tails_batch (tails_t *self)
{
    self->batch++;
}

void tails_idle (tails_t *self, int64_t now_us)
{
    for (size_t i = 0; i < TAILS_MAX; i++)
        if (self->items[i].attempt && self->items[i].read_us + TAIL_IDLE <= now_us)
            drop (self, &self->items[i]);
}

static tail_t *find (tails_t *self, const char *job, uint32_t attempt)
{
    for (size_t i = 0; attempt && i < TAILS_MAX; i++)
        if (self->items[i].attempt == attempt && strcmp (self->items[i].job, job) == 0)
            return &self->items[i];
    return NULL;
}

tail_t *tails_find (tails_t *self, const char *job, uint32_t attempt, int64_t now_us)
{
    tail_t *tail = find (self, job, attempt);
    if (tail)
        tail->read_us = now_us;
    return tail;
}

// The one that was read longest ago, but for `keep`. NULL for none.
static tail_t *oldest (tails_t *self, const tail_t *keep)
{
    tail_t *found = NULL;
    for (size_t i = 0; i < TAILS_MAX; i++) {
        tail_t *tail = &self->items[i];
        if (tail->attempt && tail != keep && (!found || tail->read_us < found->read_us))
            found = tail;
    }
    return found;
}

static tail_t *take_slot (tails_t *self)
{
    for (size_t i = 0; i < TAILS_MAX; i++)
        if (!self->items[i].attempt)
            return &self->items[i];
    tail_t *tail = oldest (self, NULL);
    drop (self, tail);
    return tail;
}

void tails_check (tails_t *self, tail_t *tail, const log_row_t *row)
{
    bool same = tail->extent.size == row->extent.size;
    tail->batch = self->batch;
    tail->sealed = row->sealed;
    if (same)
        return;
    tail->extent = row->extent;
    tail->extent.tail = NULL;
    tail->extent.tail_size = 0;
    empty (self, tail);
}

void tails_follow (tails_t *self, const log_row_t *row, int64_t now_us)
{
    if (row->attempt == 0 || strlen (row->job) > MAX_ID || find (self, row->job, row->attempt))
        return;
    tail_t *tail = take_slot (self);
    snprintf (tail->job, sizeof (tail->job), "%s", row->job);
    tail->attempt = row->attempt;
    tail->read_us = now_us;
    tail->extent.size = -1; // It matches no row
    tails_check (self, tail, row);
}

// As log_grow() does.
static void mark (tails_t *self, tail_t *tail, uint32_t step)
{
    extent_t *is = &tail->extent;
    if (is->size > 0 && step == is->step)
        return;
    is->step = step;
    if (tail->marks_count == MARKS_MAX || tail->start == is->size) {
        empty (self, tail); // Its first mark is of this step
        return;
    }
    tail->marks[tail->marks_count++] =
        (mark_t){.step = step, .start = is->size, .before = is->newlines, .midline = is->midline};
}

// Drops old bytes except for TAIL_KEPT.
static void forget_old (tails_t *self, tail_t *tail)
{
    size_t old = tail->size > TAIL_KEPT ? tail->size - TAIL_KEPT : 0, marks = 0;
    if (old == 0)
        return;
    tail->start += (int64_t) old;
    tail->before += (int64_t) count_newlines (tail->bytes, old);
    tail->size -= old;
    self->bytes -= old;
    memmove (tail->bytes, tail->bytes + old, tail->size);
    while (marks + 1 < tail->marks_count && tail->marks[marks + 1].start <= tail->start)
        marks++;
    tail->marks_count -= marks;
    memmove (tail->marks, tail->marks + marks, tail->marks_count * sizeof (mark_t));
}

static void put (tails_t *self, tail_t *tail, const char *data, size_t size)
{
    forget_old (self, tail);
    for (tail_t *old; self->bytes + size > TAILS_BYTES && (old = oldest (self, tail));)
        drop (self, old);
    tail->bytes = realloc (tail->bytes, tail->size + size);
    if (!tail->bytes)
        abort ();
    memcpy (tail->bytes + tail->size, data, size);
    tail->size += size;
    self->bytes += size;
    tail->extent.size += (int64_t) size;
    tail->extent.newlines += (int64_t) count_newlines (data, size);
    tail->extent.midline = data[size - 1] != '\n';
}

void tails_add (tails_t *self, const log_row_t *row, int64_t offset, uint32_t step, const void *data,
                size_t size)
{
    tail_t *tail = find (self, row->job, row->attempt);
    if (!tail)
        return;
    int64_t known = tail->extent.size - offset;
    if (known < 0 || known > (int64_t) size) { // Not of the same log as ours; the next reader looks
        drop (self, tail);
        return;
    }
    tail->batch = self->batch;
    if (known == (int64_t) size)
        return;
    mark (self, tail, step);
    put (self, tail, (const char *) data + known, size - (size_t) known);
}

void tails_seal (tails_t *self, const log_row_t *row)
{
    tail_t *tail = find (self, row->job, row->attempt);
    if (tail)
        tail->sealed = true;
}

bool tail_is_current (const tails_t *self, const tail_t *tail)
{
    return tail->batch == self->batch;
}

bool tail_reaches (const tail_t *self, int64_t offset)
{
    return offset >= self->start;
}

void tail_show (tail_t *self, log_row_t *row, piece_t *piece, marks_t *marks)
{
    *row = (log_row_t){
        .job = self->job, .attempt = self->attempt, .there = self->extent.size > 0 || self->sealed};
    row->extent = self->extent;
    row->sealed = self->sealed;
    *piece = (piece_t){.start = self->start, .before = self->before, .raw = self->size, .packed = self->size};
    piece->data = self->bytes;
    *marks = (marks_t){.items = self->marks, .count = self->marks_count};
}
