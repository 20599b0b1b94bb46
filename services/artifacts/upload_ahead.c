/* upload_ahead.c - see upload_ahead.h. */

#include "services/artifacts/upload_ahead.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void upload_ahead_init (upload_ahead_t *self)
{
    *self = (upload_ahead_t){.count = 0};
    pthread_mutex_init (&self->lock, NULL);
}

void upload_ahead_clear (upload_ahead_t *self)
{
    for (size_t i = 0; i < AHEAD_KEPT; i++)
        free (self->windows[i].bytes);
    pthread_mutex_destroy (&self->lock);
}

bool upload_ahead_foresees (upload_ahead_t *self, const char *upload, int64_t offset, size_t size)
{
    ahead_reader_t *reader = NULL;
    for (size_t i = 0; i < AHEAD_READERS && !reader; i++)
        if (self->readers[i].next == offset && strcmp (self->readers[i].upload, upload) == 0)
            reader = &self->readers[i];
    bool found = reader && offset > 0;
    if (!reader)
        reader = &self->readers[self->reader++ % AHEAD_READERS];
    snprintf (reader->upload, sizeof reader->upload, "%s", upload);
    reader->next = offset + (int64_t) size;
    return found;
}

static ahead_window_t *find (upload_ahead_t *self, const char *upload, int64_t offset)
{
    for (size_t i = 0; i < AHEAD_KEPT; i++) {
        ahead_window_t *window = &self->windows[i];
        if (window->bytes && window->offset == offset && strcmp (window->upload, upload) == 0)
            return window;
    }
    return NULL;
}

static void drop (ahead_window_t *window)
{
    free (window->bytes);
    *window = (ahead_window_t){.bytes = NULL};
}

bool upload_ahead_take (upload_ahead_t *self, arena_t *arena, const char *upload, int64_t offset, size_t size,
                        bytes_t *out)
{
    pthread_mutex_lock (&self->lock);
    ahead_window_t *window = find (self, upload, offset);
    bool whole = window && window->size >= size;
    if (whole)
        *out = (bytes_t){arena_copy (arena, window->bytes, size), size};
    if (window) // Nobody asks for it twice; one that is too short is of no use
        drop (window);
    pthread_mutex_unlock (&self->lock);
    return whole;
}

// Free, or the oldest.
static ahead_window_t *room_for (upload_ahead_t *self)
{
    ahead_window_t *oldest = &self->windows[0];
    for (size_t i = 0; i < AHEAD_KEPT; i++) {
        if (!self->windows[i].bytes)
            return &self->windows[i];
        oldest = self->windows[i].turn < oldest->turn ? &self->windows[i] : oldest;
    }
    drop (oldest);
    return oldest;
}

void upload_ahead_put (upload_ahead_t *self, const char *upload, int64_t offset, const char *bytes,
                       size_t size)
{
    pthread_mutex_lock (&self->lock);
    for (size_t at = 0, part; at < size; at += part) {
        part = size - at < MAX_CHUNK ? size - at : MAX_CHUNK;
        ahead_window_t *window = find (self, upload, offset + (int64_t) at);
        if (window)
            continue;
        window = room_for (self);
        snprintf (window->upload, sizeof window->upload, "%s", upload);
        window->offset = offset + (int64_t) at;
        window->bytes = malloc (part);
        if (!window->bytes)
            abort ();
        memcpy (window->bytes, bytes + at, part);
        window->size = part;
        window->turn = ++self->count;
    }
    pthread_mutex_unlock (&self->lock);
}
