/* command_file.c - line by line; a line may end with CR LF. Refuses NUL bytes, nameless values and a heredoc without end. */

#include "agent/engine/output/command_file.h"

#include "common/base/line.h"

#include <string.h>

// A line may end with CR LF.
static bool next_line (line_t *self)
{
    if (!line_next (self))
        return false;
    self->size -= self->size && self->text[self->size - 1] == '\r';
    return true;
}

static void add (arena_t *arena, assignments_t *out, const char *name, const char *value)
{
    out->items = arena_grow (arena, out->items, out->count, &out->capacity, sizeof (*out->items));
    out->items[out->count++] = (assignment_t){.name = name, .value = value};
}

// The lines up to the one that is the delimiter, as they stand, without the last end of a line.
static fault_t read_heredoc (arena_t *arena, line_t *lines, const char *delimiter, const char **value,
                             const char **error)
{
    size_t first = lines->number, delimiter_size = strlen (delimiter);
    const char *begin = lines->rest;
    while (next_line (lines)) {
        if (lines->size != delimiter_size || memcmp (lines->text, delimiter, delimiter_size) != 0)
            continue;
        size_t length = (size_t) (lines->text - begin);
        length -= length > 0; // The last end of a line, which may be CR LF
        length -= length > 0 && begin[length - 1] == '\r';
        *value = arena_strndup (arena, begin, length);
        return OK;
    }
    *error = arena_printf (arena, "line %zu: the end \"%s\" of this value is missing", first, delimiter);
    return INVALID;
}

static fault_t read_assignment (arena_t *arena, line_t *lines, assignments_t *out, const char **error)
{
    const char *line = lines->text;
    size_t size = lines->size;
    const char *equals = memchr (line, '=', size), *heredoc = memmem (line, size, "<<", 2), *value;
    bool many = heredoc && (!equals || heredoc < equals);
    const char *end = many ? heredoc : equals;
    if (!end || end == line) {
        *error = arena_printf (arena, "line %zu: \"%.*s\" is neither NAME=VALUE nor NAME<<DELIMITER",
                               lines->number, (int) (size < 80 ? size : 80), line);
        return INVALID;
    }
    const char *name = arena_strndup (arena, line, (size_t) (end - line));
    if (!many) {
        add (arena, out, name, arena_strndup (arena, end + 1, (size_t) (line + size - end - 1)));
        return OK;
    }
    const char *delimiter = arena_strndup (arena, end + 2, (size_t) (line + size - end - 2));
    if (!*delimiter) {
        *error = arena_printf (arena, "line %zu: no delimiter follows <<", lines->number);
        return INVALID;
    }
    fault_t fault = read_heredoc (arena, lines, delimiter, &value, error);
    if (!fault)
        add (arena, out, name, value);
    return fault;
}

fault_t command_file_parse (arena_t *arena, const char *text, size_t size, assignments_t *out,
                            const char **error)
{
    line_t line = line_begin (text, size);
    if (memchr (text, 0, size)) {
        *error = "it holds a NUL byte";
        return INVALID;
    }
    if (size >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0) // PowerShell's mark
        line = line_begin (text + 3, size - 3);
    fault_t fault = OK;
    while (!fault && next_line (&line))
        if (line.size)
            fault = read_assignment (arena, &line, out, error);
    return fault;
}

void command_file_lines (arena_t *arena, const char *text, size_t size, assignments_t *out)
{
    line_t line = line_begin (text, size);
    while (next_line (&line))
        if (line.size &&
            !memchr (line.text, 0,
                     line.size)) // Cut there it would be another path, or none: the current folder
            add (arena, out, arena_strndup (arena, line.text, line.size), "");
}
