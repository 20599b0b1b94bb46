/* environ.c - a plain list, searched from its beginning: a process has some dozens of variables, and few of them have names of one length. */

#include "agent/engine/process/environ.h"

#include <string.h>
#include <unistd.h>

#define OWN_PREFIX "OPENCICD_" // Holds the agent's tokens and addresses

void environ_init (environ_t *self, arena_t *arena)
{
    *self = (environ_t){.arena = arena};
}

static void append (environ_t *self, environ_entry_t entry)
{
    self->full = self->count == ENVIRON_MAX;
    if (self->full)
        return;
    self->entries =
        arena_grow (self->arena, self->entries, self->count, &self->capacity, sizeof (*self->entries));
    self->entries[self->count++] = entry;
}

void environ_inherit (environ_t *self)
{
    for (char **entry = environ; entry && *entry; entry++) {
        const char *equals = strchr (*entry, '=');
        if (equals && strncmp (*entry, OWN_PREFIX, strlen (OWN_PREFIX)) != 0)
            append (self, (environ_entry_t){arena_strdup (self->arena, *entry), (size_t) (equals - *entry)});
    }
}

void environ_copy (environ_t *self, const environ_t *from)
{
    for (size_t i = 0; i < from->count; i++)
        append (self, from->entries[i]);
}

static size_t find (const environ_t *self, const char *name, size_t size)
{
    size_t i = 0;
    while (i < self->count &&
           (self->entries[i].name != size || memcmp (self->entries[i].text, name, size) != 0))
        i++;
    return i;
}

void environ_set (environ_t *self, const char *name, const char *value)
{
    size_t name_size = strlen (name), value_size = strlen (value);
    char *text = arena_alloc (self->arena, name_size + value_size + 2);
    memcpy (text, name, name_size);
    text[name_size] = '=';
    memcpy (text + name_size + 1, value, value_size);
    const environ_entry_t entry = {text, name_size};
    size_t place = find (self, name, name_size);
    if (place < self->count)
        self->entries[place] = entry;
    else
        append (self, entry);
}

void environ_unset (environ_t *self, const char *name)
{
    size_t place = find (self, name, strlen (name));
    if (place < self->count)
        self->entries[place] = self->entries[--self->count];
}

const char *environ_get (const environ_t *self, const char *name)
{
    size_t size = strlen (name), place = find (self, name, size);
    return place < self->count ? self->entries[place].text + size + 1 : NULL;
}

char *const *environ_list (environ_t *self)
{
    char **list = arena_array (self->arena, self->count + 1, sizeof (char *));
    for (size_t i = 0; i < self->count; i++)
        list[i] = (char *) self->entries[i].text;
    return list;
}
