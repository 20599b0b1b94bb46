/* completion.c - see completion.h: what the three scripts share. */

#include "cli/command/completion.h"

#include "common/settings/program_table.h"

#include <string.h>

static void add (completions_t *self, arena_t *arena, completed_t item)
{
    self->items = arena_grow (arena, self->items, self->count, &self->capacity, sizeof (completed_t));
    self->items[self->count++] = item;
}

completions_t completions_of (arena_t *arena, const command_t *const *commands)
{
    completions_t all = {.count = 0};
    for (; *commands; commands++) {
        const command_t *row = *commands;
        bool files =
            strstr (row->usage, "[FILE") || strstr (row->usage, " FILE") || strstr (row->usage, "PATH");
        add (&all, arena,
             (completed_t){.name = row->name,
                           .summary = row->summary,
                           .options = command_options (arena, row),
                           .files = row->max_args > 0 && files,
                           .choices = row->choices});
    }
    for (const program_row_t *row = program_rows; row->name; row++)
        add (&all, arena,
             (completed_t){.name = arena_printf (arena, "opencicd-%s", row->name),
                           .summary = row->summary,
                           .is_program = true,
                           .options = settings_options (arena, row->programs)});
    return all;
}

static bool has_word (const char *list, const char *word, size_t size)
{
    for (; *list; list += strcspn (list, " "), list += strspn (list, " "))
        if (strcspn (list, " ") == size && strncmp (list, word, size) == 0)
            return true;
    return false;
}

const char *completion_words (arena_t *arena, const completions_t *all, const char *first)
{
    const char *list = "";
    size_t size = first ? strlen (first) : 0;
    for (size_t i = 0; i < all->count; i++) {
        const char *word = all->items[i].name;
        if (all->items[i].is_program || (first && (strncmp (word, first, size) != 0 || word[size] != ' ')))
            continue;
        word += first ? size + 1 : 0;
        size_t length = strcspn (word, " ");
        if (!has_word (list, word, length))
            list = arena_printf (arena, "%s%s%.*s", list, *list ? " " : "", (int) length, word);
    }
    return list;
}

const char *completion_programs (arena_t *arena, const completions_t *all)
{
    const char *list = "";
    for (size_t i = 0; i < all->count; i++)
        if (all->items[i].is_program)
            list = arena_printf (arena, "%s%s%s", list, *list ? " " : "", all->items[i].name);
    return list;
}

const char *completion_blanks (arena_t *arena, const char *choices)
{
    char *list = arena_strdup (arena, choices);
    for (char *c = list; *c; c++)
        *c = *c == '|' ? ' ' : *c;
    return list;
}

void completion_print (FILE *out, const char *shell, const command_t *const *commands)
{
    arena_t *arena = arena_new ();
    completions_t all = completions_of (arena, commands);
    if (strcmp (shell, "bash") == 0)
        completion_bash (out, arena, &all);
    else if (strcmp (shell, "zsh") == 0)
        completion_zsh (out, arena, &all);
    else
        completion_fish (out, arena, &all);
    arena_destroy (&arena);
}
