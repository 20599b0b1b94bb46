/* completion_fish.c - the script for fish: a row an option, with the condition under which it is offered. */

#include "cli/command/completion.h"

#include <string.h>

static const char head[] = "# Completion of opencicd for fish. Made by `opencicd help --completion=fish`.\n"
                           "function __opencicd_at # count of words so far, the words after opencicd\n"
                           "    set -l given (commandline -opc)\n"
                           "    test (count $given) -eq $argv[1]; and test \"$given[2..]\" = \"$argv[2..]\"\n"
                           "end\n"
                           "function __opencicd_in # the command's words\n"
                           "    set -l given (commandline -opc)\n"
                           "    set -l last (math 1 + (count $argv))\n"
                           "    test (count $given) -ge $last; and test \"$given[2..$last]\" = \"$argv\"\n"
                           "end\n";

// Within single quotes, where fish, unlike other shells, knows \' and \\.
static const char *quote (arena_t *arena, const char *text)
{
    char *out = arena_alloc (arena, 2 * strlen (text) + 1), *at = out;
    for (; *text; *at++ = *text++)
        if (*text == '\'' || *text == '\\')
            *at++ = '\\';
    return out;
}

static void print_option (FILE *out, arena_t *arena, const char *whose, const option_t *option)
{
    fprintf (out, "complete %s -l %s", whose, option->flag + 2);
    if (option->letter)
        fprintf (out, " -s %c", option->letter);
    if (option->choices)
        fprintf (out, " -x -a '%s'", completion_blanks (arena, option->choices));
    else if (option->value)
        fprintf (out, option_takes_path (option) ? " -r -F" : " -x");
    fprintf (out, " -d '%s'\n", quote (arena, option->doc));
}

// A command is offered where its words may stand, its options and files after them.
static void print_command (FILE *out, arena_t *arena, const completed_t *item)
{
    const char *second = strchr (item->name, ' ');
    if (second)
        fprintf (out, "complete -c opencicd -n '__opencicd_at 2 %.*s' -a '%s' -d '%s'\n",
                 (int) (second - item->name), item->name, second + 1, quote (arena, item->summary));
    else
        fprintf (out, "complete -c opencicd -n '__opencicd_at 1' -a '%s' -d '%s'\n", item->name,
                 quote (arena, item->summary));
    const char *whose = arena_printf (arena, "-c opencicd -n '__opencicd_in %s'", item->name);
    for (size_t i = 0; i < item->options.count; i++)
        print_option (out, arena, whose, &item->options.items[i]);
    if (item->choices)
        fprintf (out, "complete %s -a '%s'\n", whose, completion_blanks (arena, item->choices));
    if (item->files)
        fprintf (out, "complete %s -F\n", whose);
}

// The first words that are not commands by themselves: "project".
static void print_first_words (FILE *out, arena_t *arena, const completions_t *all)
{
    const char *words = completion_words (arena, all, NULL);
    fprintf (out, "complete -c opencicd -n '__opencicd_at 2 help' -a '%s'\n", words);
    for (; *words; words += strcspn (words, " "), words += strspn (words, " ")) {
        const char *word = arena_strndup (arena, words, strcspn (words, " "));
        bool is_command = false;
        for (size_t i = 0; i < all->count; i++)
            is_command = is_command || strcmp (all->items[i].name, word) == 0;
        if (!is_command)
            fprintf (out, "complete -c opencicd -n '__opencicd_at 1' -a '%s' -d '%s'\n", word,
                     completion_words (arena, all, word));
    }
}

void completion_fish (FILE *out, arena_t *arena, const completions_t *all)
{
    fprintf (out, "%scomplete -c opencicd -f\n", head);
    print_first_words (out, arena, all);
    for (size_t i = 0; i < all->count; i++) {
        const completed_t *item = &all->items[i];
        if (!item->is_program) {
            print_command (out, arena, item);
            continue;
        }
        const char *whose = arena_printf (arena, "-c %s", item->name);
        fprintf (out, "complete %s -f\n", whose);
        for (size_t j = 0; j < item->options.count; j++)
            print_option (out, arena, whose, &item->options.items[j]);
    }
}
