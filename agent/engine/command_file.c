/* command_file.c - line by line; a line may end with CR LF. Refuses NUL bytes, nameless values and a heredoc without end. */

#include "agent/engine/command_file.h"

#include <string.h>

typedef struct {
    const char *text;
    size_t size;
    size_t number; // Of the line that was read last, from 1
} text_lines_t;

static bool next_line (text_lines_t *self, const char **line, size_t *size)
{
    if (self->size == 0)
        return false;
    const char *end = memchr (self->text, '\n', self->size);
    size_t length = end ? (size_t) (end - self->text) : self->size;
    *line = self->text;
    *size = length && self->text[length - 1] == '\r' ? length - 1 : length;
    self->text += length + (end != NULL);
    self->size -= length + (end != NULL);
    self->number++;
    return true;
}

static void add (arena_t *arena, assignments_t *out, const char *name, const char *value)
{
    out->items = arena_grow (arena, out->items, out->count, &out->capacity, sizeof (*out->items));
    out->items[out->count++] = (assignment_t){.name = name, .value = value};
}

// The lines up to the one that is the delimiter, as they stand, without the last end of a line.
static fault_t read_heredoc (arena_t *arena, text_lines_t *lines, const char *delimiter, const char **value,
                             const char **error)
{
    size_t first = lines->number, delimiter_size = strlen (delimiter), size;
    const char *begin = lines->text, *line;
    while (next_line (lines, &line, &size)) {
        if (size != delimiter_size || memcmp (line, delimiter, size) != 0)
            continue;
        size_t length = (size_t) (line - begin);
        length -= length > 0; // The last end of a line, which may be CR LF
        length -= length > 0 && begin[length - 1] == '\r';
        *value = arena_strndup (arena, begin, length);
        return OK;
    }
    *error = arena_printf (arena, "line %zu: the end \"%s\" of this value is missing", first, delimiter);
    return INVALID;
}

static fault_t read_assignment (arena_t *arena, text_lines_t *lines, const char *line, size_t size,
                                assignments_t *out, const char **error)
{
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
        *error = arena_printf (arena, "line %zu: no delimiter stands behind <<", lines->number);
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
    text_lines_t lines = {.text = text, .size = size};
    const char *line;
    size_t length;
    if (memchr (text, 0, size)) {
        *error = "it holds a NUL byte";
        return INVALID;
    }
    if (size >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0) // PowerShell's mark
        lines.text += 3, lines.size -= 3;
    fault_t fault = OK;
    while (!fault && next_line (&lines, &line, &length))
        if (length)
            fault = read_assignment (arena, &lines, line, length, out, error);
    return fault;
}

void command_file_lines (arena_t *arena, const char *text, size_t size, assignments_t *out)
{
    text_lines_t lines = {.text = text, .size = size};
    const char *line;
    size_t length;
    while (next_line (&lines, &line, &length))
        if (length &&
            !memchr (line, 0, length)) // Cut there it would be another path, or none: the current folder
            add (arena, out, arena_strndup (arena, line, length), "");
}
