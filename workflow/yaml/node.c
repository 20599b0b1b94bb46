/* node.c - looking into the tree that yaml.c built. */

#include "workflow/yaml/yaml.h"

#include <string.h>

static const char *const kind_names[] = {"nothing", "a boolean", "a number", "a string", "a list", "a map"};

const char *node_kind_name (node_kind_t kind)
{
    return kind_names[kind];
}

bool node_is_scalar (const node_t *self)
{
    return self->kind != NODE_LIST && self->kind != NODE_MAP;
}

node_t *node_get (const node_t *map, const char *key)
{
    if (map && map->kind == NODE_MAP)
        for (size_t i = 0; i < map->count; i++)
            if (strcmp (map->keys[i]->text, key) == 0)
                return map->items[i];
    return NULL;
}

static const value_t *list_value (arena_t *arena, const node_t *self)
{
    value_t *list = self->kind == NODE_MAP ? value_object (arena) : value_array (arena);
    for (size_t i = 0; i < self->count; i++) {
        const value_t *item = node_value (arena, self->items[i]);
        if (self->kind == NODE_MAP)
            value_set (arena, list, node_text (arena, self->keys[i]), item);
        else
            value_push (arena, list, item);
    }
    return list;
}

// Shares the text: an alias may name a long one many times.
static const value_t *string_value (arena_t *arena, const node_t *self)
{
    value_t *value = arena_alloc (arena, sizeof (*value));
    value->kind = VALUE_STRING;
    value->string.text = self->text;
    value->string.size = self->size;
    return value;
}

const value_t *node_value (arena_t *arena, const node_t *self)
{
    switch (self->kind) {
    case NODE_NULL: return value_null ();
    case NODE_BOOL: return value_bool (self->boolean);
    case NODE_NUMBER: return value_number (arena, self->number);
    case NODE_STRING: return string_value (arena, self);
    default: return list_value (arena, self);
    }
}

const char *node_text (arena_t *arena, const node_t *self)
{
    if (self->kind == NODE_STRING || !node_is_scalar (self))
        return self->text;
    return value_to_text (arena, node_value (arena, self));
}

static bool is_space (char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static const char *skip_line (const char *p)
{
    const char *newline = strchr (p, '\n');
    return newline ? newline + 1 : p + strlen (p);
}

// After an anchor, which precedes the scalar that it names.
static const char *skip_anchor (const char *p)
{
    if (*p != '&')
        return p;
    while (*p && !is_space (*p))
        p++;
    while (is_space (*p) || *p == '#')
        p = *p == '#' ? skip_line (p) : p + 1;
    return p;
}

// In a block the source differs from the text only in white space: indentation, and what folding replaces.
static const char *locate_in_block (const char *p, const char *text, const char *end)
{
    p = skip_line (p);
    for (; text < end && *p; text++) {
        while (!is_space (*text) && is_space (*p))
            p++;
        p += *p && is_space (*p) == is_space (*text);
    }
    while (*end && !is_space (*end) && is_space (*p))
        p++;
    return p;
}

static size_t character_size (const char *text)
{
    size_t size = 1;
    while (((unsigned char) text[size] & 0xC0) == 0x80)
        size++;
    return size;
}

// The line breaks at p, with the white space around them; 0 where none begin here.
static size_t fold_size (const char *p, size_t *breaks)
{
    size_t size = strspn (p, " \t\r");
    for (*breaks = 0; p[size] == '\n'; ++*breaks)
        size += 1 + strspn (p + size + 1, " \t\r");
    return *breaks ? size : 0;
}

static size_t escape_size (const char *p)
{
    size_t digits = p[1] == 'x' ? 2 : p[1] == 'u' ? 4 : p[1] == 'U' ? 8 : 0;
    return 2 + strspn (p + 2, "0123456789abcdefABCDEF") < 2 + digits ? 2 : 2 + digits;
}

// In quotes and in plain text one line break is a space and more are one fewer, '' is an apostrophe, \ an escape, or
// takes a line break away.
static const char *locate_in_flow (const char *p, const char *text, const char *end)
{
    char quote = *p == '"' || *p == '\'' ? *p++ : '\0';
    size_t breaks;
    for (size_t size; *p; p += size) {
        bool escaped = quote == '"' && *p == '\\';
        if (escaped && (size = fold_size (p + 1, &breaks))) {
            size++;
            text += breaks - 1;
            continue;
        }
        if (text >= end)
            break;
        if (escaped) {
            size = escape_size (p);
        } else if ((size = fold_size (p, &breaks))) {
            text += breaks > 1 ? breaks - 1 : 1;
            continue;
        } else {
            size = *p == '\'' && quote == '\'' ? 2 : character_size (p);
        }
        text += character_size (text);
    }
    return p;
}

void node_locate (const node_t *self, size_t offset, int *line, int *column)
{
    *line = self->line;
    *column = self->column;
    if (!self->raw)
        return;
    // Never past the text: the offset may be one of an error at its end
    const char *p = skip_anchor (self->raw), *end = self->text + (offset < self->size ? offset : self->size);
    p = *p == '|' || *p == '>' ? locate_in_block (p, self->text, end) : locate_in_flow (p, self->text, end);
    for (const char *q = self->raw; q < p; q++) {
        if (*q == '\n') {
            ++*line;
            *column = 1;
        } else if (((unsigned char) *q & 0xC0) != 0x80)
            ++*column;
    }
}

size_t node_offset (const node_t *self, size_t characters)
{
    const char *p = self->text;
    for (; *p && characters > 0; characters--)
        do
            p++;
        while (((unsigned char) *p & 0xC0) == 0x80);
    return (size_t) (p - self->text);
}

void node_add (const node_t *self, size_t characters, findings_t *findings, severity_t severity,
               const char *rule, const char *message)
{
    int line, column;
    if (findings->count == FINDINGS_MAX) { // To find the place of each costs a walk through the text
        findings->errors += severity == SEVERITY_ERROR;
        return;
    }
    node_locate (self, node_offset (self, characters), &line, &column);
    findings_add (findings, line, column, severity, rule, "%s", message);
}

void node_complain (const node_t *self, size_t characters, findings_t *findings, const char *rule,
                    const char *message)
{
    node_add (self, characters, findings, SEVERITY_ERROR, rule, message);
}
