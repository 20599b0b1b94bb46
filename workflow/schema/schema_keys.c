/* schema_keys.c - see schema_json.h: the rows as a flat list of paths. */

#include "workflow/schema/schema_json.h"

#include "workflow/schema/schema_text.h"

#include <string.h>

#define DEPTH_MAX 12 // Of a path

typedef struct {
    arena_t *arena;
    value_t *list;
    const schema_object_t *way[DEPTH_MAX]; // From the top to here
    size_t depth;
} walk_t;

static value_t *split (arena_t *arena, const char *text, const char *separators)
{
    value_t *list = value_array (arena);
    while (*(text += strspn (text, separators))) {
        size_t size = strcspn (text, separators);
        value_push (arena, list, value_string_n (arena, text, size));
        text += size;
    }
    return list;
}

static value_t *kinds_of (arena_t *arena, unsigned kinds)
{
    static const struct {
        unsigned kind;
        const char *name;
    } names[] = {{IS_NULL, "null"},     {IS_BOOL, "boolean"}, {IS_NUMBER, "number"},
                 {IS_STRING, "string"}, {IS_LIST, "list"},    {IS_MAP, "map"}};
    value_t *list = value_array (arena);
    for (size_t i = 0; i < sizeof (names) / sizeof (names[0]); i++)
        if (kinds & names[i].kind)
            value_push (arena, list, value_string (arena, names[i].name));
    return list;
}

static void add_row (walk_t *self, const schema_row_t *row, const char *path, unsigned contexts)
{
    arena_t *arena = self->arena;
    value_t *object = value_object (arena);
    const char *functions =
        arena_printf (arena, "%s%s", contexts & IN_STATUS ? "success failure always cancelled " : "",
                      contexts & IN_HASH ? "hashFiles" : "");
    value_set (arena, object, "path", value_string (arena, path));
    value_set (arena, object, "kinds", kinds_of (arena, row->kinds));
    value_set (arena, object, "values", split (arena, row->values ? row->values : "", " "));
    value_set (arena, object, "required", value_bool ((row->kinds & IS_REQUIRED) != 0));
    value_set (arena, object, "contexts", split (arena, schema_contexts (arena, contexts), ", "));
    value_set (arena, object, "functions", split (arena, functions, " "));
    value_set (arena, object, "meaning", value_string (arena, row->meaning ? row->meaning : ""));
    value_push (arena, self->list, object);
}

static bool is_open (const walk_t *self, const schema_object_t *object)
{
    for (size_t i = 0; i < self->depth; i++)
        if (self->way[i] == object)
            return true;
    return self->depth == DEPTH_MAX;
}

static void walk (walk_t *self, const schema_object_t *object, const char *path, unsigned contexts)
{
    self->way[self->depth++] = object;
    for (size_t i = 0; i < object->count; i++) {
        const schema_row_t *row = &object->rows[i];
        bool item = row->key[0] == '[', open = row->inner && is_open (self, row->inner);
        const char *here = arena_printf (self->arena, "%s%s%s%s", path, item || !*path ? "" : ".", row->key,
                                         open ? "..." : "");
        add_row (self, row, here, contexts | row->contexts);
        if (row->inner && !open)
            walk (self, row->inner, here, contexts | row->contexts);
    }
    for (size_t i = 0; i < object->variant_count; i++)
        walk (self, object->variants[i].object, path, contexts);
    self->depth--;
}

const value_t *schema_keys_json (arena_t *arena, const schema_object_t *self)
{
    walk_t all = {.arena = arena, .list = value_array (arena)};
    walk (&all, self, "", 0);
    return all.list;
}
