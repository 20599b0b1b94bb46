/* kinds.c - the kinds that values are certain to have before anything is evaluated, and where they cannot be meant.
 *
 * Known are literals, operators, functions and the shape of GitHub's contexts. What may be anything is KIND_ANY, and
 * nothing is said about it. */

#include "workflow/term.h"
#include "workflow/text.h"

#include <string.h>
#include <strings.h>

typedef enum { KIND_ANY, KIND_NULL, KIND_BOOL, KIND_NUMBER, KIND_TEXT, KIND_LIST, KIND_MAP } kind_t;

static const char *const names[] = {"anything", "null", "a boolean", "a number", "a text", "a list", "a map"};

typedef struct {
    arena_t *arena;
    const expression_t *expression;
    expression_slip_t *items;
    size_t count;
    size_t capacity;
} slips_t;

static kind_t literal_kind (const value_t *value)
{
    switch (value->kind) {
    case VALUE_NULL: return KIND_NULL;
    case VALUE_BOOL: return KIND_BOOL;
    case VALUE_NUMBER: return KIND_NUMBER;
    case VALUE_STRING: return KIND_TEXT;
    default: return KIND_ANY;
    }
}

// Maps below a context; "*" is any one property.
static const char *const maps[][3] = {
    {"github", "event"},       {"steps", "*"},          {"steps", "*", "outputs"}, {"needs", "*"},
    {"needs", "*", "outputs"}, {"jobs", "*"},           {"jobs", "*", "outputs"},  {"job", "container"},
    {"job", "services"},       {"job", "services", "*"}};

static bool is_map (const char *const path[3], size_t count)
{
    for (size_t i = 0; i < sizeof (maps) / sizeof (maps[0]); i++) {
        size_t at = 0;
        while (at < 3 && maps[i][at] && at < count &&
               (strcmp (maps[i][at], "*") == 0 || (path[at] && strcasecmp (maps[i][at], path[at]) == 0)))
            at++;
        if (at == count && (at == 3 || !maps[i][at]))
            return true;
    }
    return false;
}

// A filter anywhere in a chain makes a list of all that follows.
static kind_t index_kind (const term_t *term)
{
    const char *path[3] = {0};
    size_t count = 1;
    for (const term_t *part = term; part->kind == TERM_INDEX; part = part->parts[0], count++)
        if (part->parts[1]->kind == TERM_WILDCARD)
            return KIND_LIST;
    if (count > 3)
        return KIND_ANY;
    size_t at = count;
    for (; term->kind == TERM_INDEX; term = term->parts[0]) {
        const term_t *index = term->parts[1];
        bool text = index->kind == TERM_LITERAL && index->literal->kind == VALUE_STRING;
        path[--at] = text ? index->literal->string.text : NULL;
    }
    path[0] = term->kind == TERM_CONTEXT ? term->name : NULL;
    return path[0] && is_map (path, count) ? KIND_MAP : KIND_ANY;
}

static kind_t kind_of (const term_t *term);

// Of the parts from `first` on, every `step`-th: theirs, where it is the same.
static kind_t common_kind (const term_t *term, size_t first, size_t step)
{
    kind_t kind = kind_of (term->parts[first]);
    for (size_t i = first; i < term->count; i += step)
        if (kind_of (term->parts[i]) != kind)
            return KIND_ANY;
    return kind;
}

static bool calls (const term_t *term, const char *name)
{
    return term->kind == TERM_CALL && strcmp (term->function->name, name) == 0;
}

static kind_t call_kind (const term_t *term)
{
    static const char *const text[] = {"format", "join", "toJSON", "hashFiles"};
    for (size_t i = 0; i < sizeof (text) / sizeof (text[0]); i++)
        if (calls (term, text[i]))
            return KIND_TEXT;
    if (calls (term, "fromJSON"))
        return KIND_ANY;
    if (!calls (term, "case"))
        return KIND_BOOL;
    kind_t last = kind_of (term->parts[term->count - 1]);
    return common_kind (term, 1, 2) == last ? last : KIND_ANY;
}

static kind_t kind_of (const term_t *term)
{
    switch (term->kind) {
    case TERM_LITERAL: return literal_kind (term->literal);
    case TERM_CONTEXT: return KIND_MAP;
    case TERM_INDEX: return index_kind (term);
    case TERM_AND:
    case TERM_OR: return common_kind (term, 0, 1);
    case TERM_CALL: return call_kind (term);
    case TERM_TEXT: return KIND_TEXT;
    case TERM_WILDCARD: return KIND_ANY;
    default: return KIND_BOOL;
    }
}

static bool is_many (kind_t kind)
{
    return kind == KIND_LIST || kind == KIND_MAP;
}

static bool is_single (kind_t kind)
{
    return kind != KIND_ANY && !is_many (kind);
}

static void add (slips_t *self, const term_t *where, const char *message)
{
    self->items =
        arena_grow (self->arena, self->items, self->count, &self->capacity, sizeof (self->items[0]));
    self->items[self->count++] =
        (expression_slip_t){text_length (self->expression->text, where->offset), message};
}

static void check_comparison (slips_t *self, const term_t *term)
{
    kind_t left = kind_of (term->parts[0]), right = kind_of (term->parts[1]);
    bool equality = term->kind == TERM_EQUAL || term->kind == TERM_NOT_EQUAL;
    const term_t *many = is_many (left) ? term->parts[0] : term->parts[1];
    if (!is_many (left) && !is_many (right))
        return;
    if (equality ? is_single (left) || is_single (right) : true)
        add (self, many,
             arena_printf (self->arena, "this is %s, which is never equal to, less or greater than anything",
                           names[kind_of (many)]));
}

static void check_as_text (slips_t *self, const term_t *part)
{
    kind_t kind = kind_of (part);
    if (is_many (kind))
        add (self, part,
             arena_printf (self->arena, "this is %s and becomes the text \"%s\"; toJSON() writes it out",
                           names[kind], kind == KIND_LIST ? "Array" : "Object"));
}

static void check_never (slips_t *self, const term_t *call, size_t argument, bool lists_too)
{
    kind_t kind = kind_of (call->parts[argument]);
    if (kind == KIND_MAP || (lists_too && kind == KIND_LIST))
        add (self, call->parts[argument],
             arena_printf (self->arena, "this is %s, for which %s() is always false", names[kind],
                           call->function->name));
}

static void check_cases (slips_t *self, const term_t *call)
{
    for (size_t i = 0; i + 1 < call->count; i += 2) {
        kind_t kind = kind_of (call->parts[i]);
        if (kind != KIND_ANY && kind != KIND_BOOL)
            add (self, call->parts[i],
                 arena_printf (self->arena, "this is %s, but case() fails without a boolean", names[kind]));
    }
}

static void check_call (slips_t *self, const term_t *call)
{
    if (calls (call, "contains") || calls (call, "startsWith") || calls (call, "endsWith")) {
        check_never (self, call, 0, !calls (call, "contains"));
        check_never (self, call, 1, true);
    } else if (calls (call, "case")) {
        check_cases (self, call);
    } else if (calls (call, "join")) {
        if (kind_of (call->parts[0]) == KIND_MAP)
            add (self, call->parts[0], "this is a map, of which join() makes an empty text");
    } else if (calls (call, "fromJSON")) {
        kind_t kind = kind_of (call->parts[0]);
        if (is_many (kind))
            add (self, call->parts[0],
                 arena_printf (self->arena, "this is %s already; fromJSON() takes a text", names[kind]));
    } else if (calls (call, "format") || calls (call, "hashFiles")) {
        for (size_t i = 0; i < call->count; i++)
            check_as_text (self, call->parts[i]);
    }
}

static void walk (slips_t *self, const term_t *term)
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

void expression_slips (const expression_t *self, arena_t *arena, expression_slip_t **out, size_t *count)
{
    slips_t slips = {.arena = arena, .expression = self};
    walk (&slips, self->root);
    *out = slips.items;
    *count = slips.count;
}
