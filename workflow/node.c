/* node.c - looking into the tree that yaml.c built. */

#include "workflow/yaml.h"

#include <ctype.h>
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

static const char *text_begin (const char *p)
{
    if (*p == '|' || *p == '>') {
        const char *newline = strchr (p, '\n');
        return newline ? newline + 1 : p;
    }
    return *p == '"' || *p == '\'' ? p + 1 : p;
}

// Where character `c` of the text stands in the source from `p` on: what stands only in the source (indentation,
// doubled quotes, backslashes) is passed over. White space matches any, as folding replaces it.
static const char *match_character (const char *p, char c)
{
    const char *found = p;
    while (*found && *found != c && (is_space (*found) || *found == '\'' || *found == '\\'))
        found++;
    return *found == c ? found : p;
}

void node_locate (const node_t *self, size_t offset, int *line, int *column)
{
    *line = self->line;
    *column = self->column;
    if (!self->raw)
        return;
    const char *p = text_begin (self->raw);
    for (size_t i = 0; i < offset && i < self->size && *p; i++) {
        if (is_space (self->text[i]))
            p += is_space (*p);
        else {
            p = match_character (p, self->text[i]);
            p += *p != '\0';
        }
    }
    if (offset < self->size && !is_space (self->text[offset]))
        p = match_character (p, self->text[offset]);
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

void node_complain (const node_t *self, size_t characters, findings_t *findings, const char *rule,
                    const char *message)
{
    int line, column;
    node_locate (self, node_offset (self, characters), &line, &column);
    findings_add (findings, line, column, SEVERITY_ERROR, rule, "%s", message);
}
