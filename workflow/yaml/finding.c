/* finding.c - the list of what is wrong with a file. */

#include "workflow/yaml/finding.h"

#include <stdlib.h>
#include <string.h>

void findings_init (findings_t *self, arena_t *arena, const char *file)
{
    *self = (findings_t){.arena = arena, .file = file};
}

// A node that aliases name is looked at once for each of them.
static bool is_known (const findings_t *self, const finding_t *finding)
{
    for (size_t i = 0; i < self->count; i++) {
        const finding_t *other = &self->items[i];
        if (other->line == finding->line && other->column == finding->column &&
            strcmp (other->message, finding->message) == 0)
            return true;
    }
    return false;
}

void findings_add (findings_t *self, int line, int column, severity_t severity, const char *rule,
                   const char *format, ...)
{
    if (self->count < FINDINGS_MAX) {
        va_list args;
        va_start (args, format);
        const char *message = arena_vprintf (self->arena, format, args);
        va_end (args);
        const finding_t finding = {self->file, line, column, severity, rule, message};
        if (is_known (self, &finding))
            return;
        self->items = arena_grow (self->arena, self->items, self->count, &self->capacity, sizeof (finding_t));
        self->items[self->count++] = finding;
    }
    self->errors += severity == SEVERITY_ERROR;
}

static bool is_before (const finding_t *a, const finding_t *b)
{
    return a->line < b->line || (a->line == b->line && a->column < b->column);
}

// Insertion: stable, and the list is short and nearly in order.
void findings_sort (findings_t *self)
{
    for (size_t i = 1; i < self->count; i++) {
        finding_t moved = self->items[i];
        size_t at = i;
        for (; at > 0 && is_before (&moved, &self->items[at - 1]); at--)
            self->items[at] = self->items[at - 1];
        self->items[at] = moved;
    }
}
