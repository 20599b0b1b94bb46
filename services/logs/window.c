/* window.c - see window.h. */

#include "services/logs/window.h"

#include <string.h>

static void begin (window_t *self, const piece_t *first, const char *bytes)
{
    size_t at = self->skip < 0 ? (size_t) (self->offset - first->start)
                               : after_newline (bytes, first->raw, (size_t) (self->skip - first->before));
    self->window.offset = first->start + (int64_t) at;
    self->window.line = first->before + (int64_t) count_newlines (bytes, at) + 1;
}

// Adds what of the piece is within the window; true when the window is full.
static bool add (window_t *self, const piece_t *piece, const char *bytes, char *room, size_t most)
{
    bytes_t *data = &self->window.data;
    size_t from = (size_t) (self->window.offset + (int64_t) data->size - piece->start);
    size_t size = piece->raw - from, cut;
    if (size > most - data->size)
        size = most - data->size;
    cut = size;
    if (self->lines > 0) {
        cut = after_newline (bytes + from, size, self->lines - self->found);
        self->found += count_newlines (bytes + from, cut);
    }
    memcpy (room + data->size, bytes + from, cut);
    data->size += cut;
    return data->size == most || (self->lines > 0 && self->found == self->lines);
}

static fault_t fill (window_t *self, pieces_reader_t *reader)
{
    size_t most = 0;
    char *room = NULL;
    bool full = false;
    for (size_t i = 0; !full && i < self->pieces.count; i++) {
        const piece_t *piece = &self->pieces.items[i];
        const char *bytes;
        TRY (pieces_read_next (reader, piece, &self->turn, &bytes));
        if (i == 0) {
            begin (self, piece, bytes);
            int64_t left = self->end - self->window.offset;
            most = left < MAX_CHUNK ? (size_t) (left > 0 ? left : 0) : MAX_CHUNK;
            room = arena_alloc (self->turn.arena, most + 1);
            self->window.data.data = room;
            full = most == 0;
        }
        if (!full && piece->start + (int64_t) piece->raw > self->window.offset)
            full = add (self, piece, bytes, room, most);
    }
    return OK;
}

// A window that does not reach the end ends with a line.
static void end_with_line (window_t *self)
{
    bytes_t *data = &self->window.data;
    if (self->window.offset + (int64_t) data->size >= self->end)
        return;
    const char *last = memrchr (data->data, '\n', data->size);
    if (last)
        data->size = (size_t) (last + 1 - (const char *) data->data);
}

void window_cut (void *context)
{
    window_t *self = context;
    log_window_t *window = &self->window;
    *window = (log_window_t){.attempt = self->attempt, .size = self->size, .lines = self->total_lines};
    window->offset = self->offset;
    window->line = self->newlines + 1;
    window->data.data = "";
    pieces_reader_t reader = pieces_read_begin (&self->pieces, self->blob, self->turn.arena);
    self->fault = fill (self, &reader);
    pieces_read_end (&reader);
    if (self->fault)
        return;
    end_with_line (self);
    window->next_offset = window->offset + (int64_t) window->data.size;
    window->next_line = window->line + (int64_t) count_newlines (window->data.data, window->data.size);
    window->complete = self->final && window->next_offset >= self->end;
}
