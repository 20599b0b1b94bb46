/* command.c - takes one line apart. Whatever does not have the form is no command but ordinary output. */

#include "agent/engine/output/command.h"

#include <string.h>
#include <strings.h>

typedef struct {
    const char *code;
    char c;
} escape_t;

typedef struct {
    const char *closing; // Of its head
    char between;        // Two properties
    const escape_t *escapes;
    size_t of_message, of_property; // How many of them count there, from the first
} form_t;

static const escape_t new_escapes[] = {
    {"%25", '%'}, {"%0D", '\r'}, {"%0A", '\n'}, {"%3A", ':'}, {"%2C", ','}};
static const escape_t old_escapes[] = {
    {"%25", '%'}, {"%0D", '\r'}, {"%0A", '\n'}, {"%3B", ';'}, {"%5D", ']'}};
static const form_t new_form = {"::", ',', new_escapes, 3, 5}, old_form = {"]", ';', old_escapes, 5, 5};

static const char *decode (arena_t *arena, const char *text, size_t size, const escape_t *escapes,
                           size_t count)
{
    char *out = arena_alloc (arena, size + 1);
    size_t used = 0;
    for (size_t i = 0; i < size;) {
        const escape_t *found = NULL;
        for (size_t k = 0; k < count && text[i] == '%' && size - i >= 3 && !found; k++)
            if (strncasecmp (text + i, escapes[k].code, 3) == 0)
                found = escapes + k;
        out[used++] = found ? found->c : text[i];
        i += found ? 3 : 1;
    }
    return out;
}

static void add_property (workflow_command_t *self, arena_t *arena, const form_t *form, const char *text,
                          size_t size)
{
    const char *equals = memchr (text, '=', size);
    if (!equals || self->count == COMMAND_PROPERTIES)
        return;
    size_t key = (size_t) (equals - text);
    self->keys[self->count] = arena_strndup (arena, text, key);
    self->values[self->count++] =
        decode (arena, equals + 1, size - key - 1, form->escapes, form->of_property);
}

static void parse_properties (workflow_command_t *self, arena_t *arena, const form_t *form, const char *text,
                              size_t size)
{
    while (size && *text == ' ')
        text++, size--;
    for (;;) {
        const char *comma = memchr (text, form->between, size);
        size_t length = comma ? (size_t) (comma - text) : size;
        add_property (self, arena, form, text, length);
        if (!comma)
            return;
        text += length + 1;
        size -= length + 1;
    }
}

bool command_parse (arena_t *arena, const char *line, size_t size, workflow_command_t *out)
{
    *out = (workflow_command_t){.message = ""};
    while (size && (line[size - 1] == '\n' || line[size - 1] == '\r'))
        size--;
    bool old = size >= 5 && memcmp (line, "##[", 3) == 0;
    if (!old && (size < 4 || memcmp (line, "::", 2) != 0))
        return false;
    const form_t *form = old ? &old_form : &new_form;
    const char *head = line + (old ? 3 : 2);
    size_t left = size - (size_t) (head - line), closing_size = strlen (form->closing);
    const char *end = memmem (head, left, form->closing, closing_size);
    if (!end || end == head)
        return false;
    const char *blank = memchr (head, ' ', (size_t) (end - head)), *properties = blank ? blank : end;
    out->name = arena_strndup (arena, head, (size_t) (properties - head));
    parse_properties (out, arena, form, properties, (size_t) (end - properties));
    out->message = decode (arena, end + closing_size, left - (size_t) (end - head) - closing_size,
                           form->escapes, form->of_message);
    return true;
}

const char *command_property (const workflow_command_t *self, const char *key)
{
    for (size_t i = 0; i < self->count; i++)
        if (strcasecmp (self->keys[i], key) == 0)
            return self->values[i];
    return "";
}
