/* constant.c - is an expression true, or false, whatever its names hold?
 *
 * Literals and what is computed from them are known; && and || may be known by one of their parts. */

#include "workflow/expression/term.h"

typedef enum { UNKNOWN, FALSE, TRUE } truth_t;

static bool is_pure (const term_t *term)
{
    if (term->kind == TERM_CONTEXT)
        return false;
    if (term->kind == TERM_CALL && term->count == 0)
        return false; // A status function
    if (term->kind == TERM_CALL && term->function == function_find ("hashFiles", sizeof "hashFiles" - 1))
        return false;
    for (size_t i = 0; i < term->count; i++)
        if (!is_pure (term->parts[i]))
            return false;
    return true;
}

static truth_t computed (const expression_t *self, arena_t *arena, const term_t *term)
{
    const expression_t part = {.text = self->text, .size = self->size, .root = term};
    const expression_scope_t nothing = {0};
    expression_error_t error = {0};
    const value_t *value = NULL;
    if (!is_pure (term) || expression_eval (arena, &part, &nothing, &value, &error) != OK)
        return UNKNOWN;
    return value_truthy (value) ? TRUE : FALSE;
}

static truth_t known (const expression_t *self, arena_t *arena, const term_t *term);

// && is decided by one false part, || by one true part; else all of them must be known.
static truth_t known_parts (const expression_t *self, arena_t *arena, const term_t *term)
{
    truth_t decides = term->kind == TERM_AND ? FALSE : TRUE, otherwise = decides == TRUE ? FALSE : TRUE;
    for (size_t i = 0; i < term->count; i++) {
        truth_t part = known (self, arena, term->parts[i]);
        if (part == decides)
            return decides;
        if (part == UNKNOWN)
            otherwise = UNKNOWN;
    }
    return otherwise;
}

static truth_t known (const expression_t *self, arena_t *arena, const term_t *term)
{
    if (term->implied && term->kind == TERM_CALL)
        return TRUE;
    if (term->kind == TERM_AND || term->kind == TERM_OR)
        return known_parts (self, arena, term);
    if (term->kind != TERM_NOT)
        return computed (self, arena, term);
    truth_t part = known (self, arena, term->parts[0]);
    return part == UNKNOWN ? UNKNOWN : part == TRUE ? FALSE : TRUE;
}

bool expression_is_constant (const expression_t *self, arena_t *arena, bool *truth)
{
    truth_t found = known (self, arena, self->root);
    *truth = found == TRUE;
    return found != UNKNOWN;
}
