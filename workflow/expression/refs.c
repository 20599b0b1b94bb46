/* refs.c - which contexts and functions an expression names, and which of them can end up in its result, for lint. */

#include "common/base/nearest.h"
#include "workflow/expression/term.h"
#include "workflow/expression/text.h"

#include <string.h>

typedef struct {
    arena_t *arena;
    text_cursor_t cursor; // In its text: there may be tens of thousands
    expression_ref_t *items;
    size_t count;
    size_t capacity;
} walk_t;

static expression_ref_t *add_ref (walk_t *self, const term_t *term)
{
    self->items =
        arena_grow (self->arena, self->items, self->count, &self->capacity, sizeof (self->items[0]));
    expression_ref_t *ref = &self->items[self->count++];
    *ref = (expression_ref_t){.offset = text_characters (&self->cursor, term->offset)};
    return ref;
}

// "*" for a filter, the text of a constant, NULL for what only evaluation tells.
static const char *step_of (walk_t *self, const term_t *index)
{
    if (index->kind == TERM_WILDCARD)
        return "*";
    return index->kind == TERM_LITERAL ? value_to_text (self->arena, index->literal) : NULL;
}

// A chain a.b['c'].d from its last access: as one use, as far as it is constant.
static expression_ref_t *add_path (walk_t *self, const term_t *last)
{
    const term_t *chain[EXPRESSION_DEPTH];
    size_t length = 0, count = 1;
    const term_t *term = last;
    for (; term->kind == TERM_INDEX; term = term->parts[0])
        chain[length++] = term;
    if (term->kind != TERM_CONTEXT)
        return NULL;
    const char **path = arena_array (self->arena, length + 1, sizeof (path[0]));
    path[0] = term->name;
    while (length) {
        const char *step = step_of (self, chain[--length]->parts[1]);
        if (!step)
            break;
        path[count++] = step;
    }
    expression_ref_t *ref = add_ref (self, term);
    ref->path = path;
    ref->count = count;
    return ref;
}

// Part `at` of a term, in which a null is answered for or not.
static bool answers (const term_t *term, size_t at, bool answered)
{
    if (term->kind == TERM_OR)
        return answered || at + 1 < term->count;
    return term->kind == TERM_AND && answered;
}

static void walk (walk_t *self, const term_t *term, bool in_chain, bool answered)
{
    bool chain = term->kind == TERM_CONTEXT || term->kind == TERM_INDEX;
    expression_ref_t *path = chain && !in_chain ? add_path (self, term) : NULL;
    if (path)
        path->answered = answered;
    if (term->kind == TERM_CALL && !term->implied) {
        expression_ref_t *ref = add_ref (self, term);
        ref->function = term->function->name;
        ref->arguments = term->count;
    }
    for (size_t i = 0; i < term->count; i++)
        walk (self, term->parts[i], term->kind == TERM_INDEX && i == 0, answers (term, i, answered));
}

void expression_refs (const expression_t *self, arena_t *arena, expression_ref_t **out, size_t *count)
{
    walk_t all = {.arena = arena, .cursor = {.text = self->text}};
    walk (&all, self->root, false, false);
    *out = all.items;
    *count = all.count;
}

static void flow (walk_t *self, const term_t *term, bool whole);

// case (test, value, test, value, ..., value): the tests are only asked.
static void flow_case (walk_t *self, const term_t *call, bool whole)
{
    for (size_t i = 1; i < call->count; i += 2)
        flow (self, call->parts[i], whole);
    flow (self, call->parts[call->count - 1], whole);
}

static void flow_call (walk_t *self, const term_t *call, bool whole)
{
    static const char *const through[] = {"format", "fromJSON", "join", "toJSON"};
    const char *name = call->function->name;
    if (strcmp (name, "case") == 0)
        flow_case (self, call, whole);
    for (size_t i = 0; i < sizeof (through) / sizeof (through[0]); i++)
        for (size_t j = 0; strcmp (name, through[i]) == 0 && j < call->count; j++)
            flow (self, call->parts[j], whole || strcmp (name, "toJSON") == 0);
}

static void flow (walk_t *self, const term_t *term, bool whole)
{
    const term_t *base = term;
    expression_ref_t *ref;
    switch (term->kind) {
    case TERM_CONTEXT:
    case TERM_INDEX:
        while (base->kind == TERM_INDEX)
            base = base->parts[0];
        ref = add_path (self, term);
        if (ref)
            ref->whole = whole;
        else
            flow (self, base, whole);
        break;
    case TERM_AND: // Another part than the last comes out only where it is false, and then it is not a text
        flow (self, term->parts[term->count - 1], whole);
        break;
    case TERM_OR:
    case TERM_TEXT:
        for (size_t i = 0; i < term->count; i++)
            flow (self, term->parts[i], whole);
        break;
    case TERM_CALL: flow_call (self, term, whole); break;
    default: break;
    }
}

void expression_flows (const expression_t *self, arena_t *arena, expression_ref_t **out, size_t *count)
{
    walk_t all = {.arena = arena, .cursor = {.text = self->text}};
    flow (&all, self->root, false);
    *out = all.items;
    *count = all.count;
}

const char *context_unknown (arena_t *arena, const expression_t *expression, const term_t *term,
                             const char *const *names, size_t count)
{
    nearest_t nearest;
    nearest_begin (&nearest, term->name);
    for (size_t i = 0; i < count; i++)
        nearest_offer (&nearest, names[i]);
    const char *written = arena_strndup (arena, expression->text + term->offset, strlen (term->name));
    if (nearest.best)
        return arena_printf (arena, "Unrecognized named-value: '%s' (did you mean '%s'?)", written,
                             nearest.best);
    return arena_printf (arena, "Unrecognized named-value: '%s'", written);
}

// The first context that is none of the names, in the order of the text.
static const term_t *find_unknown (const term_t *term, const char *const *names, size_t count)
{
    if (term->kind == TERM_CONTEXT) {
        for (size_t i = 0; i < count; i++)
            if (text_equal (names[i], strlen (names[i]), term->name, strlen (term->name)))
                return NULL;
        return term;
    }
    for (size_t i = 0; i < term->count; i++) {
        const term_t *found = find_unknown (term->parts[i], names, count);
        if (found)
            return found;
    }
    return NULL;
}

fault_t expression_check (arena_t *arena, const expression_t *self, const char *const *contexts, size_t count,
                          expression_error_t *error)
{
    const term_t *unknown = find_unknown (self->root, contexts, count);
    if (!unknown)
        return OK;
    return expression_fail (error, self->text, unknown->offset,
                            context_unknown (arena, self, unknown, contexts, count));
}
