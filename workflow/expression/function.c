/* function.c - the table of functions, and those that decide. Those that make text are in function_text.c. */

#include "common/base/nearest.h"
#include "workflow/expression/function_text.h"
#include "workflow/expression/text.h"

#include <string.h>
#include <strings.h>

static const char *check_case (arena_t *arena, const term_t *call, const term_t **where)
{
    (void) arena;
    *where = call;
    return call->count % 2
               ? NULL
               : "Even number of parameters supplied, requires an odd number of parameters: 'case'";
}

static const value_t *evaluate_case (evaluation_t *self, const term_t *call)
{
    for (size_t i = 0; i + 1 < call->count; i += 2) {
        const value_t *condition = evaluate (self, call->parts[i]);
        if (!condition)
            return NULL;
        if (condition->kind != VALUE_BOOL)
            return evaluation_fail (self, call->parts[i], "case predicate must evaluate to a boolean value");
        if (condition->boolean)
            return evaluate (self, call->parts[i + 1]);
    }
    return evaluate (self, call->parts[call->count - 1]);
}

static bool is_in (const value_t *list, const value_t *item)
{
    for (size_t i = 0; i < list->list.count; i++)
        if (value_equal (item, list->list.items[i]))
            return true;
    return false;
}

// A text as `value` reads in one; the number's in `room`.
static const char *text_of (const value_t *value, char room[VALUE_NUMBER_TEXT], size_t *size)
{
    const char *text = "";
    if (value->kind == VALUE_STRING) {
        *size = value->string.size;
        return value->string.text;
    }
    if (value->kind == VALUE_BOOL)
        text = value->boolean ? "true" : "false";
    if (value->kind == VALUE_NUMBER) {
        value_print_number (value->number, room);
        text = room;
    }
    *size = strlen (text);
    return text;
}

typedef bool text_test_t (const char *text, size_t size, const char *part, size_t part_size);

static const value_t *test_text (evaluation_t *self, const value_t *text, const term_t *second,
                                 text_test_t *test)
{
    char text_room[VALUE_NUMBER_TEXT], part_room[VALUE_NUMBER_TEXT];
    size_t size, part_size;
    if (!text)
        return NULL;
    if (!value_is_primitive (text))
        return value_bool (false);
    // Only now: where the first decides, what is wrong with the second is not seen
    const value_t *part = evaluate (self, second);
    if (!part || !value_is_primitive (part))
        return part ? value_bool (false) : NULL;
    const char *bytes = text_of (text, text_room, &size);
    const char *part_bytes = text_of (part, part_room, &part_size);
    // To compare costs what to build does, and counts against the same bound
    if (!evaluation_take (self, second, size + part_size))
        return NULL;
    return value_bool (test (bytes, size, part_bytes, part_size));
}

static const value_t *evaluate_contains (evaluation_t *self, const term_t *call)
{
    const value_t *list = evaluate (self, call->parts[0]);
    if (!list || list->kind != VALUE_ARRAY || list->list.count == 0)
        return test_text (self, list, call->parts[1], text_contains);
    const value_t *item = evaluate (self, call->parts[1]);
    if (item && !evaluation_take (self, call, list->list.count * sizeof (value_t)))
        return NULL;
    return item ? value_bool (is_in (list, item)) : NULL;
}

static const value_t *evaluate_starts_with (evaluation_t *self, const term_t *call)
{
    return test_text (self, evaluate (self, call->parts[0]), call->parts[1], text_starts_with);
}

static const value_t *evaluate_ends_with (evaluation_t *self, const term_t *call)
{
    return test_text (self, evaluate (self, call->parts[0]), call->parts[1], text_ends_with);
}

static const value_t *evaluate_hash_files (evaluation_t *self, const term_t *call)
{
    // The parser has refused a call with more
    const char *patterns[FUNCTION_ARGUMENTS], *hash;
    for (size_t i = 0; i < call->count; i++) {
        const value_t *pattern = evaluate (self, call->parts[i]);
        if (!pattern)
            return NULL;
        patterns[i] = value_to_text (self->arena, pattern);
    }
    if (!self->scope || !self->scope->hash_files)
        return evaluation_fail (self, call, "hashFiles needs a workspace: it can be used in steps only");
    if (self->scope->hash_files (self->scope->self, self->arena, patterns, call->count, &hash) != OK)
        return evaluation_fail (self, call, "hashFiles could not read the files");
    return value_string (self->arena, hash);
}

// success('a', 'b') of needed jobs: all of them; failure('a', 'b'): any. False for a job that is not needed.
static const value_t *evaluate_named (evaluation_t *self, const term_t *call, bool success)
{
    const expression_scope_t *scope = self->scope;
    const value_t *needs = scope->context ? scope->context (scope->self, "needs") : NULL;
    for (size_t i = 0; i < call->count; i++) {
        const value_t *name = evaluate (self, call->parts[i]);
        if (!name)
            return NULL;
        const char *result = value_get_text (value_get (needs, value_to_text (self->arena, name)), "result");
        bool asked = strcasecmp (result, success ? "success" : "failure") == 0;
        if (!*result || asked != success) // It decides
            return value_bool (asked);
    }
    return value_bool (success);
}

static const value_t *evaluate_status (evaluation_t *self, const term_t *call)
{
    const expression_scope_t *scope = self->scope;
    if (!scope || !scope->status)
        return evaluation_fail (
            self, call, arena_printf (self->arena, "'%s' can be used in an 'if' only", call->function->name));
    if (call->count == 0)
        return value_bool (scope->status (scope->self, call->function->name));
    // A run that is cancelled has neither succeeded nor failed, whatever its jobs did
    if (scope->status (scope->self, "cancelled"))
        return value_bool (false);
    return evaluate_named (self, call, strcmp (call->function->name, "success") == 0);
}

static const function_t functions[] = {
#define FUNCTION_ROW(id, text, fewest, greatest, checks, says) \
    {.name = text,                                             \
     .min_args = fewest,                                       \
     .max_args = greatest,                                     \
     .meaning = says,                                          \
     .check = checks,                                          \
     .evaluate = evaluate_##id},
    FUNCTIONS (FUNCTION_ROW)
#define STATUS_ROW(text, greatest, says) \
    {.name = text, .max_args = greatest, .meaning = says, .status = true, .evaluate = evaluate_status},
        STATUS_FUNCTIONS (STATUS_ROW)};

#define FUNCTION_COUNT (sizeof (functions) / sizeof (functions[0]))

const function_t *function_at (size_t index)
{
    return index < FUNCTION_COUNT ? &functions[index] : NULL;
}

const function_t *function_find (const char *name, size_t size)
{
    for (size_t i = 0; i < FUNCTION_COUNT; i++)
        if (strlen (functions[i].name) == size && strncasecmp (functions[i].name, name, size) == 0)
            return &functions[i];
    return NULL;
}

const char *function_nearest (arena_t *arena, const char *name, size_t size)
{
    nearest_t nearest;
    nearest_begin (&nearest, arena_strndup (arena, name, size));
    for (size_t i = 0; i < FUNCTION_COUNT; i++)
        nearest_offer (&nearest, functions[i].name);
    return nearest.best;
}
