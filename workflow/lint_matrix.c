/* lint_matrix.c - does any cell of the matrix have it: matrix.os, and matrix.target.arch where cells hold maps?
 *
 * What the lists of the matrix and the items of `include` say is all that there can be; where any of it comes from an
 * expression, anything may be. */

#include "workflow/lint_place.h"

#include <string.h>
#include <strings.h>

typedef struct {
    const char *wanted;
    nearest_t nearest;
    bool found; // Or it cannot be known
} search_t;

static void begin (search_t *self, const char *wanted)
{
    *self = (search_t){.wanted = wanted};
    nearest_begin (&self->nearest, wanted);
}

static void look_at_key (search_t *self, const node_t *key)
{
    self->found |= key->template || strcasecmp (key->text, self->wanted) == 0;
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

static bool check_member (const place_t *self, const node_t *matrix, const node_t *include, const char *name)
{
    const char *member = place_property (self, 2);
    search_t search;
    if (!member)
        return true;
    begin (&search, member);
    look_at_values (&search, matrix, name, true);
    for (size_t i = 0; include && i < include->count; i++)
        look_at_values (&search, include->items[i], name, false);
    return search.found || COMPLAIN (self, "no value of matrix.%s has a \"%s\"%s", name, member,
                                     place_guess (self, &search.nearest));
}

bool place_matrix (const place_t *self)
{
    const char *name = place_property (self, 1);
    search_t search;
    if (!name || !self->job || self->job->strategy.whole.text)
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
                         place_guess (self, &search.nearest));
    return check_member (self, matrix, include, name);
}
