/* output.c - looks for the marks of commands, in pieces of any size, without looking at every line. */

#include "agent/engine/output/output.h"

#include "common/base/buffer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MARK     "::"  // At the beginning of a line, blanks before it allowed
#define OLD_MARK "##[" // Anywhere

struct output {
    mask_stream_t *masked;
    const output_use_t *use;
    void *use_self;
    buffer_t *line; // What may be a command, from its mark on, and is not whole yet
    bool blank;     // Since the last end of a line only blanks came
    bool fresh;     // Nothing came since
    bool whole;     // `line` is a line from its beginning, whatever it holds: somebody looks at each
    bool plain;     // What is left of this line holds no command: it was too long for one
    char *stopped;  // The token that ends ::stop-commands::, or NULL
};

output_t *output_new (const mask_t *mask, const output_use_t *use, void *use_self)
{
    output_t *self = calloc (1, sizeof (output_t));
    if (!self)
        abort ();
    self->masked = mask_stream_new (mask, use->emit, use_self);
    self->use = use;
    self->use_self = use_self;
    self->line = buffer_new (COMMAND_LINE_MAX);
    self->blank = self->fresh = true;
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

const char output_plain[] = "";

// Gives what the log shows instead of the line; NULL: the line. OUTPUT_PLAIN: it was no command.
static const char *obey (output_t *self, arena_t *arena, const workflow_command_t *command)
{
    if (self->stopped) {
        if (strcasecmp (command->name, self->stopped) != 0)
            return OUTPUT_PLAIN;
        free (self->stopped);
        self->stopped = NULL;
        return NULL;
    }
    if (strcasecmp (command->name, "stop-commands") == 0) {
        bool stops = self->use->may_stop (self->use_self, command->message);
        if (stops && !(self->stopped = strdup (command->message)))
            abort ();
        return NULL;
    }
    return self->use->act (self->use_self, arena, command);
}

// Where a line that was held from its beginning may be a command.
static size_t find_in_line (const char *line, size_t size)
{
    size_t blanks = 0;
    while (blanks < size && (line[blanks] == ' ' || line[blanks] == '\t'))
        blanks++;
    if (size - blanks >= strlen (MARK) && memcmp (line + blanks, MARK, strlen (MARK)) == 0)
        return blanks;
    const char *old = memmem (line, size, OLD_MARK, strlen (OLD_MARK));
    return old ? (size_t) (old - line) : 0;
}

// What the log shows instead of the line; NULL: the line.
static const char *attend (output_t *self, arena_t *arena)
{
    workflow_command_t command;
    const char *line = buffer_text (self->line);
    size_t size = buffer_size (self->line), at = self->whole ? find_in_line (line, size) : 0;
    const char *shown =
        command_parse (arena, line + at, size - at, &command) ? obey (self, arena, &command) : OUTPUT_PLAIN;
    if (shown != OUTPUT_PLAIN)
        return shown;
    if (!self->whole)
        return NULL;
    while (size && (line[size - 1] == '\n' || line[size - 1] == '\r'))
        size--;
    return self->use->look (self->use_self, arena, line, size);
}

static void finish_line (output_t *self)
{
    if (buffer_size (self->line) == 0)
        return;
    arena_t *arena = arena_new ();
    const char *shown = attend (self, arena);
    if (!shown)
        mask_stream_add (self->masked, buffer_text (self->line), buffer_size (self->line));
    else if (*shown || !self->fresh) {
        mask_stream_add (self->masked, shown, strlen (shown));
        mask_stream_add (self->masked, "\n", 1);
    }
    arena_destroy (&arena);
    buffer_clear (self->line);
    self->blank = self->fresh = true;
    self->whole = false;
}

// It turned out to be ordinary output: all of it, or where more of "##[" may follow the first #, that one.
static void release (output_t *self)
{
    size_t size = buffer_size (self->line), kept = 0;
    if (!self->whole && size < strlen (OLD_MARK) && *buffer_text (self->line) == *OLD_MARK)
        kept = size - 1;
    mask_stream_add (self->masked, buffer_text (self->line), size - kept);
    buffer_clear (self->line);
    buffer_add (self->line, OLD_MARK, kept);
    self->blank = self->fresh = self->whole = false;
}

// Does what is held still begin like a command with these bytes after it?
static bool may_go_on (const output_t *self, const char *data, size_t size)
{
    const char *mark = *buffer_text (self->line) == *MARK ? MARK : OLD_MARK;
    size_t before = buffer_size (self->line);
    for (size_t i = before; i < strlen (mark) && i - before < size; i++)
        if (data[i - before] != mark[i])
            return false;
    return true;
}

// Continue a line that is held; returns how many bytes were taken.
static size_t take_line (output_t *self, const char *data, size_t size)
{
    const char *end = memchr (data, '\n', size);
    size_t taken = end ? (size_t) (end + 1 - data) : size;
    bool like_one = self->whole || may_go_on (self, data, taken);
    self->plain = like_one && buffer_size (self->line) + taken > COMMAND_LINE_MAX;
    if (!like_one || self->plain) {
        release (self);
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

// Where the next :: could begin a line, or `size`.
static size_t find_mark (const output_t *self, const char *data, size_t size)
{
    for (size_t at = 0; at < size;) {
        const char *found = memchr (data + at, *MARK, size - at);
        if (!found)
            break;
        size_t place = (size_t) (found - data);
        if (begins_line (self, data, place) && (place + 1 == size || data[place + 1] == MARK[1]))
            return place;
        const char *end = memchr (found, '\n', size - place);
        at = end ? (size_t) (end + 1 - data) : size;
    }
    return size;
}

// Where the next ##[ could begin, anywhere in a line, or `size`.
static size_t find_old_mark (const char *data, size_t size)
{
    for (size_t at = 0; at < size; at++) {
        const char *found = memchr (data + at, *OLD_MARK, size - at);
        if (!found)
            break;
        at = (size_t) (found - data);
        size_t there = size - at < strlen (OLD_MARK) ? size - at : strlen (OLD_MARK);
        if (memcmp (found, OLD_MARK, there) == 0)
            return at;
    }
    return size;
}

static void pass (output_t *self, const char *data, size_t size)
{
    mask_stream_add (self->masked, data, size);
    self->blank = begins_line (self, data, size);
    if (size > 0)
        self->fresh = data[size - 1] == '\n';
}

// Bytes that no command is held before; returns how many were taken.
static size_t take_plain (output_t *self, const char *data, size_t size)
{
    if (self->plain) {
        const char *end = memchr (data, '\n', size);
        size_t taken = end ? (size_t) (end + 1 - data) : size;
        self->plain = !end;
        pass (self, data, taken);
        return taken;
    }
    self->whole = self->fresh && self->use->watches && self->use->watches (self->use_self);
    if (self->whole)
        return take_line (self, data, size);
    size_t taken = find_old_mark (data, find_mark (self, data, size));
    pass (self, data, taken);
    if (taken < size)
        buffer_putc (self->line, data[taken++]);
    return taken;
}

void output_add (output_t *self, const void *data_, size_t size)
{
    const char *data = data_;
    while (size) {
        size_t taken = buffer_size (self->line) ? take_line (self, data, size) : 0;
        if (taken == 0 && buffer_size (self->line) == 0)
            taken = take_plain (self, data, size);
        data += taken;
        size -= taken;
    }
}

void output_end (output_t *self)
{
    finish_line (self);
    mask_stream_end (self->masked);
    self->blank = self->fresh = true;
    self->plain = false;
}
