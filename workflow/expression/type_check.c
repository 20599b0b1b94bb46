/* type_check.c - the kinds that values are certain to have before anything is evaluated, and where they cannot be meant.
 *
 * Known are literals, operators, functions and the shape of GitHub's contexts. What may be anything is TYPE_ANY, and
 * nothing is said about it. */

#include "workflow/expression/type_check.h"
#include "workflow/expression/term.h"
#include "workflow/expression/text.h"

#include <math.h>
#include <string.h>
#include <strings.h>

static const char *const names[] = {"anything", "null", "a boolean", "a number", "a text", "a list", "a map"};

typedef struct {
    arena_t *arena;
    const expression_t *expression;
    const known_types_t *known;
    type_error_t *items;
    size_t count;
    size_t capacity;
} errors_t;

static type_t literal_type (const value_t *value)
{
    switch (value->kind) {
    case VALUE_NULL: return TYPE_NULL;
    case VALUE_BOOL: return TYPE_BOOL;
    case VALUE_NUMBER: return TYPE_NUMBER;
    case VALUE_STRING: return TYPE_TEXT;
    default: return TYPE_ANY;
    }
}

#define PATH_MAX_KNOWN 4 // needs.JOB.outputs.NAME

// What is below a context; "*" is any one property. The first row that fits tells.
static const struct {
    const char *path[PATH_MAX_KNOWN];
    type_t type;
} shapes[] = {{{"github", "event"}, TYPE_MAP},
              {{"github", "ref_protected"}, TYPE_ANY},
              {{"github", "*"}, TYPE_TEXT},
              {{"steps", "*"}, TYPE_MAP},
              {{"steps", "*", "outputs"}, TYPE_MAP},
              {{"steps", "*", "*"}, TYPE_TEXT},
              {{"steps", "*", "outputs", "*"}, TYPE_TEXT},
              {{"needs", "*"}, TYPE_MAP},
              {{"needs", "*", "outputs"}, TYPE_MAP},
              {{"needs", "*", "result"}, TYPE_TEXT},
              {{"needs", "*", "outputs", "*"}, TYPE_TEXT},
              {{"jobs", "*"}, TYPE_MAP},
              {{"jobs", "*", "outputs"}, TYPE_MAP},
              {{"jobs", "*", "result"}, TYPE_TEXT},
              {{"jobs", "*", "outputs", "*"}, TYPE_TEXT},
              {{"job", "container"}, TYPE_MAP},
              {{"job", "services"}, TYPE_MAP},
              {{"job", "services", "*"}, TYPE_MAP},
              {{"job", "status"}, TYPE_TEXT},
              {{"runner", "*"}, TYPE_TEXT},
              {{"env", "*"}, TYPE_TEXT},
              {{"vars", "*"}, TYPE_TEXT},
              {{"secrets", "*"}, TYPE_TEXT}};

static bool has_shape (const char *const *shape, const char *const *path, size_t count)
{
    size_t at = 0;
    while (at < PATH_MAX_KNOWN && shape[at] && at < count &&
           (strcmp (shape[at], "*") == 0 || (path[at] && strcasecmp (shape[at], path[at]) == 0)))
        at++;
    return at == count && (at == PATH_MAX_KNOWN || !shape[at]);
}

static type_t path_type (const errors_t *self, const char *const *path, size_t count)
{
    for (size_t i = 0; i < sizeof (shapes) / sizeof (shapes[0]); i++)
        if (has_shape (shapes[i].path, path, count))
            return shapes[i].type;
    bool declared = self->known && self->known->type && count == 2 && path[1];
    return declared ? self->known->type (self->known->self, path[0], path[1]) : TYPE_ANY;
}

// A filter anywhere in a chain makes a list of all that follows.
static type_t index_type (const errors_t *self, const term_t *term)
{
    const char *path[PATH_MAX_KNOWN] = {0};
    size_t count = 1;
    for (const term_t *part = term; part->kind == TERM_INDEX; part = part->parts[0], count++)
        if (part->parts[1]->kind == TERM_WILDCARD)
            return TYPE_LIST;
    // Below what GitHub declares: in an event, or in an output that fromJSON() read
    if (count > PATH_MAX_KNOWN)
        return TYPE_ANY;
    size_t at = count;
    for (; term->kind == TERM_INDEX; term = term->parts[0]) {
        const term_t *index = term->parts[1];
        bool text = index->kind == TERM_LITERAL && index->literal->kind == VALUE_STRING;
        path[--at] = text ? index->literal->string.text : NULL;
    }
    path[0] = term->kind == TERM_CONTEXT ? term->name : NULL;
    return path[0] ? path_type (self, path, count) : TYPE_ANY;
}

static type_t type_of (const errors_t *self, const term_t *term);

// Of the parts from `first` on, every `step`-th: theirs, where it is the same.
static type_t common_type (const errors_t *self, const term_t *term, size_t first, size_t step)
{
    type_t type = type_of (self, term->parts[first]);
    for (size_t i = first; i < term->count; i += step)
        if (type_of (self, term->parts[i]) != type)
            return TYPE_ANY;
    return type;
}

static bool calls (const term_t *term, const char *name)
{
    return term->kind == TERM_CALL && strcmp (term->function->name, name) == 0;
}

static type_t call_type (const errors_t *self, const term_t *term)
{
    static const char *const text[] = {"format", "join", "toJSON", "hashFiles"};
    for (size_t i = 0; i < sizeof (text) / sizeof (text[0]); i++)
        if (calls (term, text[i]))
            return TYPE_TEXT;
    if (calls (term, "fromJSON"))
        return TYPE_ANY;
    if (!calls (term, "case"))
        return TYPE_BOOL;
    type_t last = type_of (self, term->parts[term->count - 1]);
    return common_type (self, term, 1, 2) == last ? last : TYPE_ANY;
}

static type_t type_of (const errors_t *self, const term_t *term)
{
    switch (term->kind) {
    case TERM_LITERAL: return literal_type (term->literal);
    case TERM_CONTEXT: return TYPE_MAP;
    case TERM_INDEX: return index_type (self, term);
    case TERM_AND: // These give one of their operands, not a boolean
    case TERM_OR: return common_type (self, term, 0, 1);
    case TERM_CALL: return call_type (self, term);
    case TERM_TEXT: return TYPE_TEXT;
    case TERM_WILDCARD: return TYPE_ANY;
    default: return TYPE_BOOL;
    }
}

static bool is_many (type_t type)
{
    return type == TYPE_LIST || type == TYPE_MAP;
}

static bool is_single (type_t type)
{
    return type != TYPE_ANY && !is_many (type);
}

static void add (errors_t *self, const term_t *where, const char *message)
{
    self->items =
        arena_grow (self->arena, self->items, self->count, &self->capacity, sizeof (self->items[0]));
    self->items[self->count++] =
        (type_error_t){.offset = text_length (self->expression->text, where->offset), .message = message};
}

// 'true' is not a number, as which a boolean is compared.
static void check_boolean (errors_t *self, const term_t *boolean, const term_t *text)
{
    if (type_of (self, boolean) == TYPE_BOOL && text->kind == TERM_LITERAL &&
        text->literal->kind == VALUE_STRING && isnan (value_to_number (text->literal)))
        add (
            self, boolean,
            arena_printf (self->arena,
                          "this is a boolean, which is never equal to the text '%.60s'; leave out the quotes",
                          text->literal->string.text));
}

static void check_comparison (errors_t *self, const term_t *term)
{
    type_t left = type_of (self, term->parts[0]), right = type_of (self, term->parts[1]);
    bool equality = term->kind == TERM_EQUAL || term->kind == TERM_NOT_EQUAL;
    if (equality) {
        check_boolean (self, term->parts[0], term->parts[1]);
        check_boolean (self, term->parts[1], term->parts[0]);
    }
    // A list equals only itself, which `a == a` may mean: nothing is said of two of them
    const term_t *many = is_many (left) ? term->parts[0] : term->parts[1];
    if (!is_many (left) && !is_many (right))
        return;
    if (equality ? is_single (left) || is_single (right) : true)
        add (self, many,
             arena_printf (self->arena, "this is %s, which is never equal to, less or greater than anything",
                           names[type_of (self, many)]));
}

static void check_as_text (errors_t *self, const term_t *part)
{
    type_t type = type_of (self, part);
    if (is_many (type))
        add (self, part,
             arena_printf (self->arena, "this is %s and becomes the text \"%s\"; toJSON() writes it out",
                           names[type], type == TYPE_LIST ? "Array" : "Object"));
}

static void check_never (errors_t *self, const term_t *call, size_t argument, bool lists_too)
{
    type_t type = type_of (self, call->parts[argument]);
    if (type == TYPE_MAP || (lists_too && type == TYPE_LIST))
        add (self, call->parts[argument],
             arena_printf (self->arena, "this is %s, for which %s() is always false", names[type],
                           call->function->name));
}

static void check_cases (errors_t *self, const term_t *call)
{
    for (size_t i = 0; i + 1 < call->count; i += 2) {
        type_t type = type_of (self, call->parts[i]);
        if (type != TYPE_ANY && type != TYPE_BOOL)
            add (self, call->parts[i],
                 arena_printf (self->arena, "this is %s, but case() fails without a boolean", names[type]));
    }
}

static void check_json (errors_t *self, const term_t *text)
{
    const value_t *value = NULL;
    const char *error = "";
    if (text->kind != TERM_LITERAL || text->literal->kind != VALUE_STRING ||
        value_from_json (self->arena, text->literal->string.text, text->literal->string.size, &value,
                         &error) == OK)
        return;
    add (self, text, arena_printf (self->arena, "this is not JSON: %s", error));
    self->items[self->count - 1].json = true;
}

static void check_call (errors_t *self, const term_t *call)
{
    if (calls (call, "contains") || calls (call, "startsWith") || calls (call, "endsWith")) {
        check_never (self, call, 0, !calls (call, "contains"));
        check_never (self, call, 1, true);
    } else if (calls (call, "case")) {
        check_cases (self, call);
    } else if (calls (call, "join")) {
        if (type_of (self, call->parts[0]) == TYPE_MAP)
            add (self, call->parts[0], "this is a map, of which join() makes an empty text");
    } else if (calls (call, "fromJSON")) {
        type_t type = type_of (self, call->parts[0]);
        if (is_many (type))
            add (self, call->parts[0],
                 arena_printf (self->arena, "this is %s already; fromJSON() takes a text", names[type]));
        check_json (self, call->parts[0]);
    } else if (calls (call, "format") || calls (call, "hashFiles")) {
        for (size_t i = 0; i < call->count; i++)
            check_as_text (self, call->parts[i]);
    }
}

static void walk (errors_t *self, const term_t *term)
{
    if (term->kind >= TERM_EQUAL && term->kind <= TERM_GREATER_EQUAL)
        check_comparison (self, term);
    if (term->kind == TERM_CALL)
        check_call (self, term);
    for (size_t i = 0; i < term->count; i++) {
        if (term->kind == TERM_TEXT)
            check_as_text (self, term->parts[i]);
        walk (self, term->parts[i]);
    }
}

void expression_type_errors (const expression_t *self, arena_t *arena, const known_types_t *known,
                             type_error_t **out, size_t *count)
{
    errors_t errors = {.arena = arena, .expression = self, .known = known};
    type_t whole = type_of (&errors, self->root);
    if (known && known->text && is_many (whole))
        add (&errors, self->root,
             arena_printf (arena, "this is %s, and a text is wanted; toJSON() writes it out", names[whole]));
    walk (&errors, self->root);
    *out = errors.items;
    *count = errors.count;
}
