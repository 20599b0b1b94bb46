/* line.c - see line.h. */

#include "common/base/line.h"

#include <string.h>

line_t line_begin (const char *text, size_t size)
{
    return (line_t){.text = text, .rest = text, .left = size};
}

bool line_next (line_t *self)
{
    if (self->left == 0)
        return false;
    const char *end = memchr (self->rest, '\n', self->left);
    self->text = self->rest;
    self->size = end ? (size_t) (end - self->rest) : self->left;
    self->rest += self->size + (end != NULL);
    self->left -= self->size + (end != NULL);
    self->number++;
    return true;
}

static bool is_blank (char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

void line_trim (line_t *self)
{
    for (; self->size && is_blank (self->text[0]); self->size--)
        self->text++;
    while (self->size && is_blank (self->text[self->size - 1]))
        self->size--;
}

const char *line_take (line_t *self, arena_t *arena)
{
    return line_next (self) ? arena_strndup (arena, self->text, self->size) : "";
}

size_t line_count (const char *text)
{
    line_t line = line_begin (text, strlen (text));
    while (line_next (&line))
        ;
    return line.number;
}

bool line_is_in (const char *text, const char *line, size_t size)
{
    for (line_t at = line_begin (text, strlen (text)); line_next (&at);)
        if (at.size == size && memcmp (at.text, line, size) == 0)
            return true;
    return false;
}
