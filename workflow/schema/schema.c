/* schema.c - finding one's way in the schema's rows, and saying what they want. */

#include "workflow/schema/schema.h"
#include "common/base/nearest.h"
#include "workflow/schema/schema_text.h"

#include <string.h>
#include <strings.h>

// A row `*` is for all keys that have none: names that the file chooses itself, such as those of jobs.
static const schema_row_t *own_row (const schema_object_t *self, const char *key, bool loose)
{
    const schema_row_t *other = NULL;
    for (size_t i = 0; i < self->count; i++) {
        if (strcmp (self->rows[i].key, key) == 0)
            return &self->rows[i];
        if (self->rows[i].key[0] == '*')
            other = &self->rows[i];
    }
    return loose ? other : NULL;
}

const schema_row_t *schema_row (const schema_object_t *self, const char *key)
{
    for (size_t i = 0; i < self->variant_count; i++) {
        const schema_row_t *row = own_row (self->variants[i].object, key, true);
        if (row)
            return row;
    }
    // The items of a list are no name that a file could choose: `*` is not for them
    return own_row (self, key, strcmp (key, "[]") != 0);
}

static void offer_all (const schema_object_t *self, nearest_t *nearest)
{
    for (size_t i = 0; i < self->count; i++)
        if (self->rows[i].key[0] != '*' && self->rows[i].key[0] != '[')
            nearest_offer (nearest, self->rows[i].key);
    for (size_t i = 0; i < self->variant_count; i++)
        offer_all (self->variants[i].object, nearest);
}

const char *schema_nearest (const schema_object_t *self, const char *key)
{
    nearest_t nearest;
    nearest_begin (&nearest, key);
    offer_all (self, &nearest);
    return nearest.best;
}

bool schema_misspells (const schema_object_t *self, const node_t *map, const char *key)
{
    for (size_t i = 0; i < map->count; i++) {
        const char *other = map->keys[i]->text;
        const char *meant = schema_row (self, other) ? NULL : schema_nearest (self, other);
        if (meant && strcmp (meant, key) == 0) // That is said already, and is why the right one is missing
            return true;
    }
    return false;
}

const char *schema_keys (arena_t *arena, const schema_object_t *self)
{
    const char *list = "";
    for (size_t i = 0; i < self->count; i++)
        if (self->rows[i].key[0] != '*' && self->rows[i].key[0] != '[')
            list = arena_printf (arena, "%s%s%s", list, *list ? ", " : "", self->rows[i].key);
    return list;
}

const char *schema_kinds (arena_t *arena, unsigned kinds)
{
    static const struct {
        unsigned kind;
        const char *name;
    } names[] = {{IS_STRING, "a string"},
                 {IS_BOOL, "a boolean (true or false)"},
                 {IS_NUMBER, "a number"},
                 {IS_LIST, "a list"},
                 {IS_MAP, "a map"}};
    const char *list = "";
    unsigned left = kinds & (IS_STRING | IS_BOOL | IS_NUMBER | IS_LIST | IS_MAP);
    for (size_t i = 0; i < sizeof (names) / sizeof (names[0]); i++) {
        if (!(left & names[i].kind))
            continue;
        left &= ~names[i].kind;
        list = arena_printf (arena, "%s%s%s", list, *list == '\0' ? "" : left ? ", " : " or ", names[i].name);
    }
    return *list ? list : "empty";
}

bool schema_allows (const char *values, const char *text)
{
    size_t size = strlen (text);
    for (const char *p = values; size > 0 && (p = strstr (p, text)) != NULL; p += size)
        if ((p == values || p[-1] == ' ') && (p[size] == ' ' || p[size] == '\0'))
            return true;
    return false;
}

const char *schema_values (arena_t *arena, const char *values)
{
    const char *list = "";
    for (const char *p = values; *p;) {
        size_t size = strcspn (p, " ");
        list = arena_printf (arena, "%s%s%.*s", list, *list ? ", " : "", (int) size, p);
        p += size + (p[size] == ' ');
    }
    return list;
}

#define CONTEXT_NAME(name) #name,
static const char *const context_names[] = {EXPRESSION_CONTEXTS (CONTEXT_NAME)};
#undef CONTEXT_NAME
#define CONTEXT_COUNT (sizeof (context_names) / sizeof (context_names[0]))

unsigned schema_context_bit (const char *name)
{
    for (unsigned i = 0; i < CONTEXT_COUNT; i++)
        if (strcasecmp (context_names[i], name) == 0)
            return 1U << i;
    return 0;
}

const char *schema_contexts (arena_t *arena, unsigned contexts)
{
    const char *list = "";
    for (unsigned i = 0; i < CONTEXT_COUNT; i++)
        if (contexts & 1U << i)
            list = arena_printf (arena, "%s%s%s", list, *list ? ", " : "", context_names[i]);
    return list;
}

void schema_offer_contexts (nearest_t *nearest, unsigned contexts)
{
    for (unsigned i = 0; i < CONTEXT_COUNT; i++)
        if (contexts & 1U << i)
            nearest_offer (nearest, context_names[i]);
}
