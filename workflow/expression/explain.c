/* explain.c - see explain.h. Records an evaluation, term by term. */

#include "workflow/expression/explain.h"
#include "workflow/expression/evaluate.h"
#include "workflow/expression/text.h"

typedef struct {
    arena_t *arena;
    const expression_t *expression;
    explanation_t *items;
    size_t count;
    size_t capacity;
} trace_t;

// How deep `sought` lies under `term`; -1 where it does not.
static int level_of (const term_t *term, const term_t *sought)
{
    if (term == sought)
        return 0;
    for (size_t i = 0; i < term->count; i++) {
        int level = level_of (term->parts[i], sought);
        if (level >= 0)
            return level + 1;
    }
    return -1;
}

static void record (void *tracer, const term_t *term, const value_t *value)
{
    trace_t *self = tracer;
    if (term->kind == TERM_LITERAL && term != self->expression->root)
        return;
    self->items =
        arena_grow (self->arena, self->items, self->count, &self->capacity, sizeof (self->items[0]));
    self->items[self->count++] =
        (explanation_t){.source = arena_strndup (self->arena, term->source, term->size),
                        .offset = text_length (self->expression->text, term->offset),
                        .depth = level_of (self->expression->root, term),
                        .value = value};
}

fault_t expression_explain (arena_t *arena, const expression_t *self, const expression_scope_t *scope,
                            explanation_t **steps, size_t *count, const value_t **out,
                            expression_error_t *error)
{
    trace_t trace = {.arena = arena, .expression = self};
    evaluation_t evaluation = {.arena = arena,
                               .scope = scope,
                               .expression = self,
                               .error = error,
                               .trace = record,
                               .tracer = &trace};
    fault_t fault = evaluation_run (&evaluation, out);
    *steps = trace.items;
    *count = trace.count;
    return fault;
}
