/* matrix.c - the product of the lists, less `exclude`, plus `include`. */

#include "workflow/plan/matrix.h"

#include <string.h>
#include <strings.h>

#define SEGMENTS_BYTES (4 * PLAN_NAME) // No name shows more than these
typedef struct {
    plan_scope_t *scope;
    arena_t *arena;
    const node_t *node;
    const value_t *vectors; // An object of the lists alone
    const value_t *include, *exclude;
    bool *included; // Per item of `include`: did it match a combination?
    matrix_t *out;
    size_t capacity; // Of out->cells
} builder_t;

static fault_t complain (builder_t *self, const char *key, const char *message)
{
    const node_t *at = node_get (self->node, key);
    if (!at)
        at = self->node;
    findings_add (self->scope->findings, at->line, at->column, SEVERITY_ERROR, "matrix", "%s", message);
    return INVALID;
}

static size_t count_of (const value_t *list)
{
    return list ? list->list.count : 0;
}

static fault_t check_items (builder_t *self, const char *key, const value_t *list)
{
    if (!list)
        return OK;
    if (list->kind != VALUE_ARRAY)
        return complain (self, key, arena_printf (self->arena, "\"%s\" of a matrix must be a list", key));
    if (list->list.count > MATRIX_FILTERS)
        return complain (self, key,
                         arena_printf (self->arena, "\"%s\" has %zu items; at most %d", key, list->list.count,
                                       MATRIX_FILTERS));
    for (size_t i = 0; i < list->list.count; i++)
        if (list->list.items[i]->kind != VALUE_OBJECT || list->list.items[i]->list.count == 0)
            return complain (self, key,
                             arena_printf (self->arena,
                                           "item %zu of \"%s\" must be a map with at least one key", i + 1,
                                           key));
    return OK;
}

static fault_t check_exclude (builder_t *self)
{
    for (size_t i = 0; i < count_of (self->exclude); i++) {
        const value_t *item = self->exclude->list.items[i];
        for (size_t j = 0; j < item->list.count; j++)
            if (!value_get (self->vectors, item->list.keys[j]))
                return complain (self, "exclude",
                                 arena_printf (self->arena,
                                               "\"exclude\" names \"%s\", which is not a list of this matrix",
                                               item->list.keys[j]));
    }
    return OK;
}

static fault_t check_vector (builder_t *self, const char *key, const value_t *list, size_t *product)
{
    if (list->kind != VALUE_ARRAY)
        return complain (self, key, arena_printf (self->arena, "\"%s\" of a matrix must be a list", key));
    if (list->list.count == 0)
        return complain (self, key, arena_printf (self->arena, "\"%s\" of the matrix has no values", key));
    if (*product <= MATRIX_PRODUCT) // Past the bound it stays: more factors could overflow it
        *product *= list->list.count;
    return OK;
}

// Takes the evaluated matrix apart. *product is the number of combinations.
static fault_t read_vectors (builder_t *self, const value_t *matrix, size_t *product)
{
    value_t *vectors = value_object (self->arena);
    *product = 1;
    for (size_t i = 0; i < matrix->list.count; i++) {
        const char *key = matrix->list.keys[i];
        const value_t *list = matrix->list.items[i];
        if (strcmp (key, "include") == 0)
            self->include = list;
        else if (strcmp (key, "exclude") == 0)
            self->exclude = list;
        else {
            if (check_vector (self, key, list, product) != OK)
                return INVALID;
            value_set (self->arena, vectors, key, list);
        }
    }
    self->vectors = vectors;
    if (check_items (self, "include", self->include) != OK ||
        check_items (self, "exclude", self->exclude) != OK || check_exclude (self) != OK)
        return INVALID;
    if (vectors->list.count == 0) {
        *product = 0;
        if (count_of (self->include) == 0)
            return complain (self, "include",
                             "the matrix has no values: give at least one list, or items of \"include\"");
    }
    return OK;
}

bool matrix_matches (const value_t *filter, const value_t *value)
{
    if (filter->kind != VALUE_OBJECT && filter->kind != VALUE_ARRAY)
        return value_equal (value ? value : value_null (), filter);
    for (size_t i = 0; i < filter->list.count; i++) {
        const value_t *part = NULL;
        if (filter->kind == VALUE_OBJECT)
            part = value_get (value, filter->list.keys[i]);
        else if (value && value->kind == VALUE_ARRAY && i < value->list.count)
            part = value->list.items[i];
        if (!matrix_matches (filter->list.items[i], part))
            return false;
    }
    return true;
}

// Before `include`, which may bring back what is excluded here: GitHub's documented order.
static bool is_excluded (const builder_t *self, const value_t *cell)
{
    for (size_t i = 0; i < count_of (self->exclude); i++)
        if (matrix_matches (self->exclude->list.items[i], cell))
            return true;
    return false;
}

// Only the keys that the product has decide; an item without any of them extends every combination.
static bool include_matches (const builder_t *self, const value_t *item, const value_t *cell)
{
    for (size_t i = 0; i < item->list.count; i++) {
        const char *key = item->list.keys[i];
        if (value_get (self->vectors, key) && !matrix_matches (item->list.items[i], value_get (cell, key)))
            return false;
    }
    return true;
}

static const char *join_leaves (arena_t *arena, const char *text, const value_t *value)
{
    if (value->kind == VALUE_OBJECT || value->kind == VALUE_ARRAY) {
        for (size_t i = 0; i < value->list.count; i++)
            text = join_leaves (arena, text, value->list.items[i]);
        return text;
    }
    const char *leaf = value->kind == VALUE_NULL ? "" : value_to_text (arena, value);
    // No name shows more: what is longer is not built, once for each of the combinations
    if (*leaf == '\0' || strlen (text) > SEGMENTS_BYTES)
        return text;
    return arena_printf (arena, "%s%s%.*s", text, *text ? ", " : "", SEGMENTS_BYTES, leaf);
}

static fault_t add_cell (builder_t *self, const value_t *value, const char *segments)
{
    if (self->out->count == PLAN_CELLS)
        return complain (self, "",
                         arena_printf (self->arena, "the matrix has more than %d combinations", PLAN_CELLS));
    self->out->cells =
        arena_grow (self->arena, self->out->cells, self->out->count, &self->capacity, sizeof (matrix_cell_t));
    self->out->cells[self->out->count++] = (matrix_cell_t){value, segments};
    return OK;
}

static fault_t add_combination (builder_t *self, value_t *cell)
{
    if (is_excluded (self, cell))
        return OK;
    const char *segments = join_leaves (self->arena, "", cell);
    value_t *whole = value_object (self->arena);
    for (size_t i = 0; i < cell->list.count; i++)
        value_set (self->arena, whole, cell->list.keys[i], cell->list.items[i]);
    for (size_t i = 0; i < count_of (self->include); i++) {
        const value_t *item = self->include->list.items[i];
        if (!include_matches (self, item, cell))
            continue;
        self->included[i] = true;
        // Keys of the product are never overwritten; what an earlier item of `include` added is
        for (size_t j = 0; j < item->list.count; j++)
            if (!value_get (self->vectors, item->list.keys[j]))
                value_set (self->arena, whole, item->list.keys[j], item->list.items[j]);
    }
    return add_cell (self, whole, segments);
}

static fault_t add_product (builder_t *self, size_t product)
{
    for (size_t index = 0; index < product; index++) {
        value_t *cell = value_object (self->arena);
        size_t block =
            product; // The index is a number whose digits are the lists' items, the first list's the highest
        for (size_t i = 0; i < self->vectors->list.count; i++) {
            const value_t *vector = self->vectors->list.items[i];
            block /= vector->list.count;
            value_set (self->arena, cell, self->vectors->list.keys[i],
                       vector->list.items[index / block % vector->list.count]);
        }
        if (add_combination (self, cell) != OK)
            return INVALID;
    }
    return OK;
}

static fault_t add_includes (builder_t *self)
{
    for (size_t i = 0; i < count_of (self->include); i++) {
        const value_t *item = self->include->list.items[i];
        // Last, and alone: it extended no combination
        if (!self->included[i] && add_cell (self, item, join_leaves (self->arena, "", item)) != OK)
            return INVALID;
    }
    return OK;
}

fault_t matrix_expand (plan_scope_t *scope, const node_t *node, const value_t *value, matrix_t *out)
{
    builder_t self = {.scope = scope, .arena = scope->arena, .node = node, .out = out};
    *out = (matrix_t){arena_array (scope->arena, PLAN_CELLS, sizeof (matrix_cell_t)), 0};
    if (!value)
        return INVALID;
    if (value->kind != VALUE_OBJECT)
        return complain (&self, "", "the matrix must be a map of lists");
    size_t product = 0;
    if (read_vectors (&self, value, &product) != OK)
        return INVALID;
    // Before any is made: what `exclude` would leave of them does not help, it costs their product to know
    if (product > MATRIX_PRODUCT)
        return complain (
            &self, "",
            arena_printf (self.arena,
                          "the matrix has more than %d combinations; at most %d jobs can come of it",
                          MATRIX_PRODUCT, PLAN_CELLS));
    self.included = arena_array (self.arena, count_of (self.include), sizeof (bool));
    if (add_product (&self, product) != OK || add_includes (&self) != OK)
        return INVALID;
    if (out->count == 0)
        return add_cell (&self, value_null (), "");
    return OK;
}

bool node_is_constant (const node_t *self)
{
    if (node_is_scalar (self))
        return !self->template;
    for (size_t i = 0; i < self->count; i++)
        if (!node_is_constant (self->items[i]) ||
            (self->kind == NODE_MAP && (self->keys[i]->template || self->keys[i]->insert)))
            return false;
    return true;
}
