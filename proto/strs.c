/* strs.c - see strs.h. */

#include "proto/strs.h"

#include "common/base/line.h"

#include <string.h>

const char *strs_join (arena_t *arena, const strs_t *list)
{
    size_t size = 1;
    for (size_t i = 0; i < list->count; i++)
        size += strlen (list->items[i]) + 1;
    char *text = arena_alloc (arena, size), *at = text;
    for (size_t i = 0; i < list->count; i++) {
        size_t length = strlen (list->items[i]);
        if (i > 0)
            *at++ = '\n';
        memcpy (at, list->items[i], length);
        at += length;
    }
    return text;
}

bool strs_has (const strs_t *list, const char *text)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp (list->items[i], text) == 0)
            return true;
    return false;
}

strs_t strs_split (arena_t *arena, const char *text)
{
    strs_t list = {0};
    size_t lines = line_count (text);
    if (lines > 0)
        list.items = arena_array (arena, lines, sizeof *list.items);
    for (line_t line = line_begin (text, strlen (text)); line_next (&line);)
        list.items[list.count++] = arena_strndup (arena, line.text, line.size);
    return list;
}
