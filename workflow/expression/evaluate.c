/* evaluate.c - terms to values.
 *
 * The one idea: evaluate() of a term calls itself for the parts that are needed, in GitHub's order, and everything it
 * builds lies in the caller's arena, watched against EXPRESSION_MEMORY. Values are shared, never copied. */

#include "workflow/expression/evaluate.h"
#include "workflow/expression/text.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#define CONTEXT_NAME(name) #name,
static const char *const contexts[] = {EXPRESSION_CONTEXTS (CONTEXT_NAME)};
#define CONTEXT_COUNT (sizeof (contexts) / sizeof (contexts[0]))

const value_t *evaluation_fail (evaluation_t *self, const term_t *term, const char *message)
{
    if (!self->failed) // The first error is the cause; later ones follow from it
        (void) expression_fail (self->error, self->expression->text, term->offset, message);
    self->failed = true;
    return NULL;
}

size_t evaluation_left (const evaluation_t *self)
{
    size_t built = arena_used (self->arena) - self->used;
    return built < EXPRESSION_MEMORY ? EXPRESSION_MEMORY - built : 0;
}

bool evaluation_take (evaluation_t *self, const term_t *term, size_t bytes)
{
    size_t *left = self->scope ? self->scope->bytes : NULL;
    if (!left)
        return true;
    bool enough = bytes <= *left;
    *left -= enough ? bytes : *left;
    if (!enough)
        (void) evaluation_fail (
            self, term,
            "The expressions that are evaluated together take too much time: they read and build too many bytes");
    return enough;
}

static const value_t *too_large (evaluation_t *self, const term_t *term)
{
    return evaluation_fail (
        self, term,
        arena_printf (self->arena, "The expression takes more than %d bytes of memory", EXPRESSION_MEMORY));
}

const value_t *evaluation_text (evaluation_t *self, const term_t *term, buffer_t **text_p, bool secret)
{
    const value_t *out = NULL;
    if (buffer_full (*text_p)) {
        too_large (self, term);
    } else if (evaluation_take (self, term, buffer_size (*text_p))) {
        value_t *value = value_string_n (self->arena, buffer_text (*text_p), buffer_size (*text_p));
        value->secret = secret;
        out = value;
    }
    buffer_destroy (text_p);
    return out;
}

void evaluation_put (buffer_t *text, const value_t *value)
{
    char number[VALUE_NUMBER_TEXT];
    switch (value->kind) {
    case VALUE_NULL: break;
    case VALUE_BOOL: buffer_puts (text, value->boolean ? "true" : "false"); break;
    case VALUE_NUMBER:
        value_print_number (value->number, number);
        buffer_puts (text, number);
        break;
    case VALUE_STRING: buffer_add (text, value->string.text, value->string.size); break;
    case VALUE_ARRAY: buffer_puts (text, "Array"); break;
    case VALUE_OBJECT: buffer_puts (text, "Object"); break;
    }
}

static const value_t *evaluate_context (evaluation_t *self, const term_t *term)
{
    const expression_scope_t *scope = self->scope;
    const value_t *value = scope && scope->context ? scope->context (scope->self, term->name) : NULL;
    if (value)
        return value;
    // One that exists elsewhere is null here; a name that none has is a mistake
    for (size_t i = 0; i < CONTEXT_COUNT; i++)
        if (strcmp (contexts[i], term->name) == 0)
            return value_null ();
    return evaluation_fail (self, term,
                            context_unknown (self->arena, self->expression, term, contexts, CONTEXT_COUNT));
}

// The item of an array that an index means; NULL where there is none.
static const value_t *item_at (const value_t *array, const value_t *index)
{
    double number = floor (value_to_number (index));
    if (isnan (number) || number < 0 || number >= (double) array->list.count)
        return NULL;
    return array->list.items[(size_t) number];
}

static const value_t *member (evaluation_t *self, const value_t *object, const value_t *index)
{
    if (!value_is_primitive (index))
        return NULL;
    if (index->kind == VALUE_STRING && strlen (index->string.text) != index->string.size)
        return NULL; // No key holds a NUL
    return value_get (object, value_to_text (self->arena, index));
}

static const value_t *look_up (evaluation_t *self, const value_t *list, const value_t *index)
{
    return list->kind == VALUE_ARRAY ? item_at (list, index) : member (self, list, index);
}

static void push_all (evaluation_t *self, value_t *filtered, const value_t *list)
{
    for (size_t i = 0; i < list->list.count; i++)
        value_push (self->arena, filtered, list->list.items[i]);
}

// What `.*` made is looked into item by item; what an item does not have is left out.
static const value_t *filter (evaluation_t *self, const value_t *list, const value_t *index)
{
    value_t *filtered = value_array (self->arena);
    filtered->filtered = true;
    filtered->secret = list->secret;
    if (!list->filtered) {
        if (!value_is_primitive (list))
            push_all (self, filtered, list);
        return filtered;
    }
    // The bound is looked at in the loop: a filter of a filter grows with the product
    for (size_t i = 0; i < list->list.count && evaluation_left (self); i++) {
        const value_t *item = list->list.items[i];
        if (value_is_primitive (item))
            continue;
        const value_t *found = index ? look_up (self, item, index) : NULL;
        if (found)
            value_push (self->arena, filtered, found);
        else if (!index)
            push_all (self, filtered, item);
    }
    return filtered;
}

static const value_t *evaluate_index (evaluation_t *self, const term_t *term)
{
    const value_t *list = evaluate (self, term->parts[0]);
    if (!list)
        return NULL;
    if (term->parts[1]->kind == TERM_WILDCARD)
        return filter (self, list, NULL);
    if (value_is_primitive (list))
        return value_null (); // Whatever the index is
    const value_t *index = evaluate (self, term->parts[1]);
    if (!index)
        return NULL;
    if (list->filtered)
        return filter (self, list, index);
    const value_t *found = look_up (self, list, index);
    return found ? found : value_null ();
}

static bool compare (term_kind_t kind, const value_t *left, const value_t *right)
{
    switch (kind) {
    case TERM_EQUAL: return value_equal (left, right);
    case TERM_NOT_EQUAL: return !value_equal (left, right);
    case TERM_LESS: return value_less (left, right);
    case TERM_LESS_EQUAL: return value_equal (left, right) || value_less (left, right);
    case TERM_GREATER: return value_less (right, left);
    default: return value_equal (left, right) || value_less (right, left);
    }
}

static const value_t *evaluate_compare (evaluation_t *self, const term_t *term)
{
    const value_t *left = evaluate (self, term->parts[0]);
    const value_t *right = left ? evaluate (self, term->parts[1]) : NULL;
    bool texts = right && left->kind == VALUE_STRING && right->kind == VALUE_STRING;
    // Two texts alone can be long; all else compares in constant time
    if (texts && !evaluation_take (self, term, left->string.size + right->string.size))
        return NULL;
    return right ? value_bool (compare (term->kind, left, right)) : NULL;
}

// The first part that decides, or the last.
static const value_t *evaluate_chain (evaluation_t *self, const term_t *term)
{
    const value_t *value = NULL;
    for (size_t i = 0; i < term->count; i++) {
        value = evaluate (self, term->parts[i]);
        if (!value || value_truthy (value) == (term->kind == TERM_OR))
            break;
    }
    return value;
}

static const value_t *evaluate_text (evaluation_t *self, const term_t *term)
{
    buffer_t *text = buffer_new (evaluation_left (self));
    bool secret = false;
    for (size_t i = 0; i < term->count; i++) {
        const value_t *part = evaluate (self, term->parts[i]);
        if (!part) {
            buffer_destroy (&text);
            return NULL;
        }
        secret |= part->secret;
        evaluation_put (text, part);
    }
    return evaluation_text (self, term, &text, secret);
}

static const value_t *evaluate_kind (evaluation_t *self, const term_t *term)
{
    const value_t *value;
    switch (term->kind) {
    case TERM_LITERAL: return term->literal;
    case TERM_CONTEXT: return evaluate_context (self, term);
    case TERM_INDEX: return evaluate_index (self, term);
    case TERM_NOT:
        value = evaluate (self, term->parts[0]);
        return value ? value_bool (!value_truthy (value)) : NULL;
    case TERM_EQUAL:
    case TERM_NOT_EQUAL:
    case TERM_LESS:
    case TERM_LESS_EQUAL:
    case TERM_GREATER:
    case TERM_GREATER_EQUAL: return evaluate_compare (self, term);
    case TERM_AND:
    case TERM_OR: return evaluate_chain (self, term);
    case TERM_CALL: return term->function->evaluate (self, term);
    case TERM_TEXT: return evaluate_text (self, term);
    case TERM_WILDCARD: break;
    }
    return value_null ();
}

const value_t *evaluate (evaluation_t *self, const term_t *term)
{
    const value_t *value = evaluate_kind (self, term);
    // After each term, so that no expression builds more than its bound and one term
    if (value && !evaluation_left (self))
        value = too_large (self, term);
    if (value && self->trace)
        self->trace (self->tracer, term, value);
    return value;
}

fault_t evaluation_run (evaluation_t *self, const value_t **out)
{
    self->used = arena_used (self->arena);
    *out = NULL;
    if (self->scope && self->scope->bytes &&
        *self->scope->bytes == 0) // Before it builds what is then too much
        (void) evaluation_take (self, self->expression->root, 1);
    else
        *out = evaluate (self, self->expression->root);
    if (*out && !evaluation_take (self, self->expression->root, arena_used (self->arena) - self->used))
        *out = NULL;
    return *out ? OK : INVALID;
}

fault_t expression_eval (arena_t *arena, const expression_t *self, const expression_scope_t *scope,
                         const value_t **out, expression_error_t *error)
{
    evaluation_t evaluation = {.arena = arena, .scope = scope, .expression = self, .error = error};
    return evaluation_run (&evaluation, out);
}
