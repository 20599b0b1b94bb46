/* members.c - see members.h. */

#include "services/identity/providers/members.h"

#include <string.h>

#define NAME_MAX 256

// A text without NUL; any other value is skipped, and leaves NULL.
static bool take_text (json_reader_t *reader, arena_t *arena, const char **out)
{
    const char *text;
    size_t size;
    if (json_reader_next (reader) != JSON_IS_STRING)
        return json_reader_skip (reader);
    if (!json_reader_string (reader, arena, &text, &size) || strlen (text) != size || *out)
        return false;
    *out = text;
    return true;
}

static const char **slot_of (const members_t *self, const char *name)
{
    for (const member_t *row = self->texts; row->name; row++)
        if (strcmp (row->name, name) == 0)
            return (const char **) ((char *) self->into + row->offset);
    return NULL;
}

bool members_object (members_t *self, json_reader_t *reader)
{
    char name[NAME_MAX];
    if (json_reader_next (reader) != JSON_IS_OBJECT || !json_reader_enter (reader))
        return false;
    while (json_reader_more (reader, '}')) {
        if (!json_reader_key (reader, name, sizeof name))
            return false;
        const char **slot = slot_of (self, name);
        bool good = slot          ? take_text (reader, self->arena, slot)
                    : self->other ? self->other (self, reader, name)
                                  : json_reader_skip (reader);
        if (!good)
            return false;
    }
    return !reader->error;
}

fault_t members_read (members_t *self, turn_t *turn, const char *text, size_t size)
{
    json_reader_t reader;
    json_shape_t shape = json_shape (text, size);
    if (shape.depth > JSON_DEPTH || shape.values > MEMBERS_VALUES)
        return turn_fail (turn, INVALID, "it is nested too deeply, or has too many values");
    json_reader_begin (&reader, text, size);
    bool read = members_object (self, &reader);
    const char *error = reader.error ? reader.error : "it is not an object, or has a member twice";
    bool whole = json_reader_end (&reader);
    return read && whole ? OK : turn_fail (turn, INVALID, "%s", read && reader.error ? reader.error : error);
}

bool members_strings (json_reader_t *reader, arena_t *arena, const char ***items, size_t *count)
{
    size_t most = json_reader_count (reader);
    *items = arena_array (arena, most + 1, sizeof (char *));
    *count = 0;
    if (!json_reader_enter (reader))
        return false;
    while (json_reader_more (reader, ']')) {
        const char *text = NULL;
        if (!take_text (reader, arena, &text))
            return false;
        if (text && *count < most)
            (*items)[(*count)++] = text;
    }
    return !reader->error;
}
