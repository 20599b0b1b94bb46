/* lint_cells.c - lists of a matrix that name a value twice, and exclusions that exclude nothing. */

#include "workflow/lint/lint_rules.h"
#include "workflow/plan/matrix.h"

#include <string.h>

#define VALUES_MAX 256 // Longer lists are not compared

static const char *printed (lint_t *self, const node_t *node)
{
    return value_to_json (self->arena, node_value (self->arena, node), 0);
}

static void check_list (lint_t *self, const node_t *key, const node_t *list)
{
    if (list->kind != NODE_LIST || list->count > VALUES_MAX || !node_is_constant (list))
        return;
    const char *seen[VALUES_MAX];
    for (size_t i = 0; i < list->count; i++) {
        seen[i] = printed (self, list->items[i]);
        for (size_t j = 0; j < i; j++)
            if (strcmp (seen[i], seen[j]) == 0) {
                lint_add (self, RULE_MATRIX, list->items[i], 0, "\"%s\" has the value %s twice", key->text,
                          seen[i]);
                break;
            }
    }
}

// As matrix_expand compares: every leaf of what is excluded, loosely.
static bool has_value (lint_t *self, const node_t *list, const node_t *value)
{
    const value_t *wanted = node_value (self->arena, value);
    for (size_t i = 0; i < list->count; i++)
        if (matrix_matches (wanted, node_value (self->arena, list->items[i])))
            return true;
    return false;
}

// What one item of `exclude` says of one key: does any cell have that?
static void check_excluded (lint_t *self, const node_t *matrix, const node_t *key, const node_t *value)
{
    const node_t *list = node_get (matrix, key->text);
    if (!list && node_is_constant (matrix))
        return; // Refused when it was loaded
    if (!list) {
        lint_add (self, RULE_MATRIX, key, 0, "this excludes nothing: the matrix has no list \"%s\"",
                  key->text);
        return;
    }
    if (list->kind == NODE_LIST && list->count <= VALUES_MAX && node_is_constant (list) &&
        node_is_constant (value) && !has_value (self, list, value))
        lint_add (self, RULE_MATRIX, value, 0, "this excludes nothing: \"%s\" has no value %s", key->text,
                  printed (self, value));
}

void lint_cells (lint_t *self, const node_t *matrix)
{
    if (!matrix || matrix->kind != NODE_MAP)
        return;
    for (size_t i = 0; i < matrix->count; i++) {
        const char *key = matrix->keys[i]->text;
        if (matrix->keys[i]->template)
            return; // Any list may be there
        if (strcmp (key, "include") != 0 && strcmp (key, "exclude") != 0)
            check_list (self, matrix->keys[i], matrix->items[i]);
    }
    const node_t *exclude = node_get (matrix, "exclude");
    for (size_t i = 0; exclude && exclude->kind == NODE_LIST && i < exclude->count; i++) {
        const node_t *item = exclude->items[i];
        for (size_t j = 0; item->kind == NODE_MAP && j < item->count; j++)
            if (!item->keys[j]->template)
                check_excluded (self, matrix, item->keys[j], item->items[j]);
    }
}
