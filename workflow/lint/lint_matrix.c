/* lint_matrix.c - does any cell of the matrix have it: matrix.os, and matrix.target.arch where cells hold maps?
 *
 * What the lists of the matrix and the items of `include` say is all that there can be; where any of it comes from an
 * expression, anything may be. */

#include "workflow/lint/lint_ref.h"
#include "workflow/plan/matrix.h"

#include <string.h>
#include <strings.h>

typedef struct {
    const char *name;
    nearest_t nearest;
    bool found; // Or it cannot be known
} search_t;

static void begin (search_t *self, const char *name)
{
    *self = (search_t){.name = name};
    nearest_begin (&self->nearest, name);
}

static void look_at_key (search_t *self, const node_t *key)
{
    self->found |= key->template || key->insert || strcasecmp (key->text, self->name) == 0;
    nearest_offer (&self->nearest, key->text);
}

static void look_into (search_t *self, const node_t *map)
{
    for (size_t i = 0; map->kind == NODE_MAP && i < map->count; i++)
        look_at_key (self, map->keys[i]);
}

static bool is_list_of_cells (const node_t *key)
{
    return strcmp (key->text, "include") != 0 && strcmp (key->text, "exclude") != 0;
}

static void look_for_name (search_t *self, const node_t *matrix, const node_t *include)
{
    for (size_t i = 0; i < matrix->count; i++)
        if (is_list_of_cells (matrix->keys[i]))
            look_at_key (self, matrix->keys[i]);
    for (size_t i = 0; include && i < include->count; i++) {
        self->found |= include->items[i]->kind != NODE_MAP;
        look_into (self, include->items[i]);
    }
}

// A value of one cell: has it the property? Text has none; a list has indexes.
static void look_at_value (search_t *self, const node_t *value)
{
    self->found |= value->template || value->kind == NODE_LIST;
    if (value->kind == NODE_MAP)
        look_into (self, value);
}

static void look_at_values (search_t *self, const node_t *map, const char *name, bool lists)
{
    for (size_t i = 0; map->kind == NODE_MAP && i < map->count; i++) {
        const node_t *value = map->items[i];
        if (strcasecmp (map->keys[i]->text, name) != 0)
            continue;
        if (!lists || value->kind != NODE_LIST) {
            look_at_value (self, value);
            continue;
        }
        for (size_t j = 0; j < value->count; j++)
            look_at_value (self, value->items[j]);
    }
}

static bool check_member (const lint_ref_t *self, const node_t *matrix, const node_t *include,
                          const char *name)
{
    const char *member = ref_property (self, 2);
    search_t search;
    if (!member)
        return true;
    begin (&search, member);
    look_at_values (&search, matrix, name, true);
    for (size_t i = 0; include && i < include->count; i++)
        look_at_values (&search, include->items[i], name, false);
    return search.found || COMPLAIN (self, "no value of matrix.%s has a \"%s\"%s", name, member,
                                     ref_guess (self, &search.nearest));
}

// The kind that all values have which any cell can have; TYPE_ANY where they differ, or cannot be known.
type_t ref_matrix_type (const lint_ref_t *self, const char *name)
{
    static const type_t types[] = {TYPE_NULL, TYPE_BOOL, TYPE_NUMBER, TYPE_TEXT, TYPE_LIST, TYPE_MAP};
    const node_t *matrix = self->job ? self->job->strategy.matrix : NULL,
                 *include = node_get (matrix, "include");
    const node_t *list = node_get (matrix, name);
    type_t type = TYPE_ANY;
    if (!list || list->kind != NODE_LIST || (include && !node_is_constant (include)))
        return TYPE_ANY;
    size_t more = include ? include->count : 0;
    for (size_t i = 0; i < list->count + more; i++) {
        const node_t *value =
            i < list->count ? list->items[i] : node_get (include->items[i - list->count], name);
        if (value && (value->template || (type != TYPE_ANY && types[value->kind] != type)))
            return TYPE_ANY;
        type = value ? types[value->kind] : type;
    }
    return type;
}

bool ref_matrix (const lint_ref_t *self)
{
    const char *name = ref_property (self, 1);
    search_t search;
    if (!name || !self->job || self->job->strategy.whole.text || self->ref->answered)
        return true;
    const node_t *matrix = self->job->strategy.matrix, *include = node_get (matrix, "include");
    if (!matrix)
        return COMPLAIN (self, "job \"%s\" has no matrix", self->job->key.text);
    if (matrix->kind != NODE_MAP || (include && include->kind != NODE_LIST))
        return true;
    begin (&search, name);
    look_for_name (&search, matrix, include);
    if (!search.found)
        return COMPLAIN (self, "the matrix of job \"%s\" has no \"%s\"%s", self->job->key.text, name,
                         ref_guess (self, &search.nearest));
    return check_member (self, matrix, include, name);
}
