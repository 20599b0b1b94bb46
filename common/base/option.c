/* option.c - see option.h. */

#include "common/base/option.h"

#include <string.h>

#define WIDTH  100
#define COLUMN 30 // Where the descriptions begin; a longer option has a line of its own

void options_add (options_t *self, arena_t *arena, option_t option)
{
    self->items = arena_grow (arena, self->items, self->count, &self->capacity, sizeof (option_t));
    self->items[self->count++] = option;
}

bool option_takes_path (const option_t *self)
{
    return self->value && (strstr (self->value, "FILE") || strstr (self->value, "FOLDER"));
}

// Wraps from column `at` on, each further line indented. A word longer than a line stays whole.
static void print_wrapped (FILE *out, const char *text, int at)
{
    while (*text) {
        int size = (int) strcspn (text, " ");
        if (at > COLUMN && at + 1 + size > WIDTH) {
            fprintf (out, "\n");
            at = 0;
        }
        if (at <= COLUMN)
            at += fprintf (out, "%*s", COLUMN - at, "");
        else
            at += fprintf (out, " ");
        at += fprintf (out, "%.*s", size, text);
        text += size;
        text += strspn (text, " ");
    }
    fprintf (out, "\n");
}

static void print (FILE *out, const option_t *option)
{
    int at = option->letter ? fprintf (out, "  -%c, ", option->letter) : fprintf (out, "      ");
    at += fprintf (out, "%s%s%s", option->flag, option->value ? "=" : "", option->value ? option->value : "");
    if (at + 2 > COLUMN) {
        fprintf (out, "\n");
        at = 0;
    }
    print_wrapped (out, option->doc, at);
}

void options_print (FILE *out, const options_t *self)
{
    for (size_t i = 0; i < self->count; i++)
        print (out, &self->items[i]);
}
