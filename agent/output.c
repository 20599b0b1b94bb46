/* output.c - looks for "::" at the beginning of lines, in pieces of any size, without looking at every line. */

#include "agent/output.h"

#include "common/buffer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct output {
    mask_stream_t *masked;
    command_fn act;
    void *act_self;
    buffer_t *line; // A line that begins with ':' and is not whole yet
    bool blank;     // Since the last end of a line only blanks came
    char *stopped;  // The token that ends ::stop-commands::, or NULL
};

output_t *output_new (const mask_t *mask, command_fn act, bytes_fn emit, void *fn_self)
{
    output_t *self = calloc (1, sizeof (output_t));
    if (!self)
        abort ();
    self->masked = mask_stream_new (mask, emit, fn_self);
    self->act = act;
    self->act_self = fn_self;
    self->line = buffer_new (COMMAND_LINE_MAX);
    self->blank = true;
    return self;
}

void output_destroy (output_t **self_p)
{
    output_t *self = *self_p;
    if (!self)
        return;
    mask_stream_destroy (&self->masked);
    buffer_destroy (&self->line);
    free (self->stopped);
    free (self);
    *self_p = NULL;
}

static void obey (output_t *self, const command_t *command)
{
    if (self->stopped) {
        if (strcmp (command->name, self->stopped) == 0) {
            free (self->stopped);
            self->stopped = NULL;
        }
        return;
    }
    if (strcasecmp (command->name, "stop-commands") == 0) {
        if (*command->message && !(self->stopped = strdup (command->message)))
            abort ();
        return;
    }
    self->act (self->act_self, command);
}

static void finish_line (output_t *self)
{
    if (buffer_size (self->line) == 0)
        return;
    arena_t *arena = arena_new ();
    command_t command;
    if (command_parse (arena, buffer_text (self->line), buffer_size (self->line), &command))
        obey (self, &command);
    arena_destroy (&arena);
    mask_stream_add (self->masked, buffer_text (self->line), buffer_size (self->line));
    buffer_clear (self->line);
    self->blank = true;
}

// It turned out to be ordinary output.
static void release_line (output_t *self)
{
    mask_stream_add (self->masked, buffer_text (self->line), buffer_size (self->line));
    buffer_clear (self->line);
    self->blank = false;
}

// Continue a line that is held; returns how many bytes were taken.
static size_t take_line (output_t *self, const char *data, size_t size)
{
    const char *end = memchr (data, '\n', size);
    size_t taken = end ? (size_t) (end + 1 - data) : size;
    size_t before = buffer_size (self->line);
    if (before + taken > COMMAND_LINE_MAX || (before == 1 && data[0] != ':')) {
        release_line (self);
        return 0;
    }
    buffer_add (self->line, data, taken);
    if (end)
        finish_line (self);
    return taken;
}

// Are there only blanks between the line's beginning and data[at]?
static bool begins_line (const output_t *self, const char *data, size_t at)
{
    while (at > 0 && (data[at - 1] == ' ' || data[at - 1] == '\t'))
        at--;
    return at == 0 ? self->blank : data[at - 1] == '\n';
}

// Where the next command could begin, or `size`.
static size_t find_command (const output_t *self, const char *data, size_t size)
{
    for (size_t at = 0; at < size;) {
        const char *found = memchr (data + at, ':', size - at);
        if (!found)
            break;
        size_t place = (size_t) (found - data);
        if (begins_line (self, data, place) && (place + 1 == size || data[place + 1] == ':'))
            return place;
        const char *end = memchr (found, '\n', size - place);
        at = end ? (size_t) (end + 1 - data) : size;
    }
    return size;
}

void output_add (output_t *self, const void *data_, size_t size)
{
    const char *data = data_;
    while (size) {
        size_t taken = 0;
        if (buffer_size (self->line) && (taken = take_line (self, data, size)) > 0) {
            data += taken;
            size -= taken;
            continue;
        }
        size_t plain = find_command (self, data, size);
        mask_stream_add (self->masked, data, plain);
        self->blank = plain == size && begins_line (self, data, size);
        if (plain < size)
            buffer_putc (self->line, data[plain++]);
        data += plain;
        size -= plain;
    }
}

void output_end (output_t *self)
{
    finish_line (self);
    mask_stream_end (self->masked);
    self->blank = true;
}
