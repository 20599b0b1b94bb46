/* grow.c - see grow.h. Tail and new bytes together stay in the row while they are few; else all of them become chunks. */

#include "services/logs/grow.h"

#include "common/base/pack.h"

#include <string.h>

int64_t extent_stored (const extent_t *self)
{
    return self->size - (int64_t) self->tail_size;
}

int64_t extent_stored_newlines (const extent_t *self)
{
    return self->newlines - (int64_t) count_newlines (self->tail, self->tail_size);
}

int64_t extent_lines (const extent_t *self)
{
    return self->newlines + self->midline;
}

static const char *join (const growth_t *self, size_t *size)
{
    *size = self->is.tail_size + self->size;
    if (self->is.tail_size == 0)
        return self->data;
    char *all = arena_alloc (self->arena, *size);
    memcpy (all, self->is.tail, self->is.tail_size);
    memcpy (all + self->is.tail_size, self->data, self->size);
    return all;
}

static void cut_into_chunks (growth_t *self, const char *all, size_t size)
{
    int64_t start = extent_stored (&self->is), before = extent_stored_newlines (&self->is);
    for (size_t at = 0; at < size;) {
        size_t raw = size - at < PIECE_MAX ? size - at : PIECE_MAX;
        pieces_t *list = &self->chunks;
        list->items = arena_grow (self->arena, list->items, list->count, &list->capacity, sizeof (piece_t));
        piece_t *chunk = &list->items[list->count++];
        *chunk = (piece_t){.start = start, .before = before, .raw = raw};
        chunk->newlines = count_newlines (all + at, raw);
        chunk->data = pack (self->arena, all + at, raw, &chunk->packed);
        start += (int64_t) raw;
        before += (int64_t) chunk->newlines;
        at += raw;
    }
}

static void add_mark (growth_t *self, marks_t *list, int64_t at_us)
{
    const extent_t *is = &self->is;
    list->items = arena_grow (self->arena, list->items, list->count, &list->capacity, sizeof (mark_t));
    list->items[list->count++] = (mark_t){
        .step = is->step, .start = is->size, .before = is->newlines, .midline = is->midline, .at_us = at_us};
    self->is.timed_us = at_us;
}

// Steps run at the same time: any number may begin, and come back. Time never goes back.
static void mark_place (growth_t *self)
{
    extent_t *is = &self->is;
    int64_t at = self->at_us > is->timed_us ? self->at_us : is->timed_us;
    if (is->size == 0)
        is->began_us = at;
    int64_t gap = (at - is->began_us) / TIMES_MANY;
    if (is->size == 0 || self->step != is->step) {
        is->step = self->step;
        add_mark (self, &self->marks, at);
    } else if (at - is->timed_us >= (gap > TIME_STEP ? gap : TIME_STEP)) {
        add_mark (self, &self->times, at);
    }
}

static void keep (growth_t *self, const char *all, size_t size)
{
    extent_t *is = &self->is;
    if (size <= LOG_INLINE) {
        is->newlines += (int64_t) count_newlines (self->data, self->size);
        is->tail = all;
        is->tail_size = size;
        return;
    }
    cut_into_chunks (self, all, size);
    const piece_t *last = &self->chunks.items[self->chunks.count - 1];
    is->newlines = last->before + (int64_t) last->newlines;
    is->loose += (int64_t) size;
    is->tail = NULL;
    is->tail_size = 0;
}

void log_grow (void *growth)
{
    growth_t *self = growth;
    extent_t *is = &self->is;
    size_t size;
    if (self->size == 0)
        return;
    const char *all = join (self, &size);
    mark_place (self);
    keep (self, all, size);
    is->size += (int64_t) self->size;
    is->midline = all[size - 1] != '\n';
    sha256_add (&is->sha, self->data, self->size);
}
