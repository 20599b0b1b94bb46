/* lines.c - see lines.h. */

#include "cli/terminal/lines.h"

#include "common/base/buffer.h"
#include "workflow/expression/text.h"

#include <stdlib.h>
#include <string.h>

struct lines {
    FILE *out;
    bool colour, in_group;
    buffer_t *partial;
    char *prefix;              // With its colours; "" for none
    const user_paths_t *paths; // NULL: all are left as they are
    buffer_t *changed;
    size_t columns; // Before lines that are added
    char stamp[40];
};

// Source: GitHub's "Workflow commands", as its runner writes them into logs.
static const struct {
    const char *marker, *shown; // NULL: the line is not shown
    paint_t kind;
    int group; // 1: begins one, -1: ends it
} markers[] = {{"##[group]", "> ", BOLD, 1},        {"##[endgroup]", NULL, PLAIN, -1},
               {"##[error]", "Error: ", RED, 0},    {"##[warning]", "Warning: ", YELLOW, 0},
               {"##[notice]", "Notice: ", CYAN, 0}, {"##[debug]", "Debug: ", DIM, 0},
               {"##[command]", "$ ", BLUE, 0},      {"##[section]", "> ", BOLD, 0}};

lines_t *lines_new (FILE *out, bool colour)
{
    lines_t *self = calloc (1, sizeof (lines_t));
    if (!self || !(self->prefix = strdup ("")))
        abort ();
    self->out = out;
    self->colour = colour;
    self->partial = buffer_new (LINES_LONGEST + 1);
    self->changed = buffer_new (LINES_LONGEST + 1);
    return self;
}

void lines_destroy (lines_t **self_p)
{
    lines_t *self = *self_p;
    if (!self)
        return;
    buffer_destroy (&self->partial);
    buffer_destroy (&self->changed);
    free (self->prefix);
    free (self);
    *self_p = NULL;
}

size_t lines_width (const char *name)
{
    size_t width = text_length (name, strlen (name));
    return width < LINES_NAME ? width : LINES_NAME;
}

void lines_name (lines_t *self, const char *name, size_t width, paint_t kind)
{
    arena_t *arena = arena_new ();
    const char *prefix = "";
    if (name) {
        const char *safe = paint_safe (arena, name);
        size_t size = strlen (safe), at = 0, count = 0, used;
        for (; at < size && count < width; at += used, count++)
            text_decode (safe + at, size - at, &used);
        prefix = arena_printf (arena, "%.*s%*s", (int) at, safe, (int) (width - count), "");
        prefix = arena_printf (arena, "%s | ", paint (arena, self->colour, kind, prefix));
    }
    free (self->prefix);
    if (!(self->prefix = strdup (prefix)))
        abort ();
    arena_destroy (&arena);
}

void lines_stamp (lines_t *self, const char *stamp)
{
    snprintf (self->stamp, sizeof self->stamp, "%s", stamp);
}

void lines_indent (lines_t *self, size_t columns)
{
    self->columns = columns;
}

void lines_paths (lines_t *self, const user_paths_t *paths)
{
    self->paths = paths;
}

static void print_text (lines_t *self, const char *text, size_t size)
{
    if (self->paths && size < LINES_LONGEST / 8) { // With paths in front of paths it may grow
        buffer_clear (self->changed);
        user_paths_add (self->paths, text, size, self->changed);
        text = buffer_text (self->changed);
        size = buffer_size (self->changed);
    }
    fwrite (text, 1, size, self->out);
}

static void start_colour (const lines_t *self, paint_t kind)
{
    if (self->colour && kind != PLAIN)
        fprintf (self->out, "\033[%dm", kind);
}

// A colour that the line left on must not reach the next one.
static void end_line (const lines_t *self, bool coloured)
{
    fputs (self->colour && coloured ? "\033[0m\n" : "\n", self->out);
}

static void print_line (lines_t *self, const char *line, size_t size)
{
    const char *shown = "";
    paint_t kind = PLAIN;
    bool indent = self->in_group;
    size -= size && line[size - 1] == '\r';
    for (size_t i = 0; i < sizeof markers / sizeof markers[0]; i++) {
        size_t length = strlen (markers[i].marker);
        if (size < length || memcmp (line, markers[i].marker, length) != 0)
            continue;
        shown = markers[i].shown;
        kind = markers[i].kind;
        self->in_group = markers[i].group ? markers[i].group > 0 : self->in_group;
        indent = indent && markers[i].group == 0;
        line += length;
        size -= length;
        break;
    }
    if (!shown)
        return;
    fputs (self->prefix, self->out);
    if (*self->stamp) {
        start_colour (self, DIM);
        fprintf (self->out, self->colour ? "%s\033[0m " : "%s ", self->stamp);
    }
    fprintf (self->out, "%*s%s", (int) self->columns, "", indent ? "  " : "");
    start_colour (self, kind);
    fputs (shown, self->out);
    print_text (self, line, size);
    end_line (self, kind != PLAIN || memchr (line, 033, size));
}

static void print_partial (lines_t *self)
{
    print_line (self, buffer_text (self->partial), buffer_size (self->partial));
    buffer_clear (self->partial);
}

// A line without an end is bounded: past LINES_LONGEST it is printed in pieces.
static void keep (lines_t *self, const char *bytes, size_t size)
{
    while (size) {
        size_t room = LINES_LONGEST - buffer_size (self->partial), piece = size < room ? size : room;
        buffer_add (self->partial, bytes, piece);
        bytes += piece;
        size -= piece;
        if (size)
            print_partial (self);
    }
}

void lines_add (lines_t *self, const char *bytes, size_t size)
{
    for (const char *end; size && (end = memchr (bytes, '\n', size));) {
        size_t length = (size_t) (end - bytes);
        if (buffer_size (self->partial) || length > LINES_LONGEST) {
            keep (self, bytes, length);
            print_partial (self);
        } else
            print_line (self, bytes, length); // Nearly every line: printed from where it is
        bytes += length + 1;
        size -= length + 1;
    }
    keep (self, bytes, size);
}

void lines_end (lines_t *self)
{
    if (buffer_size (self->partial))
        print_partial (self);
}

void lines_report (lines_t *self, paint_t kind, const char *text)
{
    fputs (self->prefix, self->out);
    start_colour (self, kind);
    fputs (text, self->out);
    end_line (self, kind != PLAIN);
}
