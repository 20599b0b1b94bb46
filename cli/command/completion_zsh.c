/* completion_zsh.c - the script for zsh: _describe for the words, _arguments for options. */

#include "cli/command/completion.h"

#include <string.h>

// Within single quotes, and within the brackets of a specification of _arguments.
static const char *escape (arena_t *arena, const char *text, const char *special)
{
    // A quote becomes four bytes, any other character two at most
    char *out = arena_alloc (arena, 4 * strlen (text) + 1), *at = out;
    for (; *text; text++) {
        if (*text == '\'') {
            memcpy (at, "'\\''", 4);
            at += 4;
            continue;
        }
        if (strchr (special, *text))
            *at++ = '\\';
        *at++ = *text;
    }
    return out;
}

static void print_option (FILE *out, arena_t *arena, const option_t *option)
{
    const char *doc = escape (arena, option->doc, "[]\\"), *value = "";
    if (option->choices)
        value = arena_printf (arena, ":%s:(%s)", escape (arena, option->value, ":[]\\"),
                              completion_blanks (arena, option->choices));
    else if (option->value)
        value = arena_printf (arena, ":%s:%s", escape (arena, option->value, ":[]\\"),
                              option_takes_path (option) ? "_files" : "");
    if (option->letter)
        fprintf (out, " \\\n            '*-%c%s[%s]%s'", option->letter, option->value ? "+" : "", doc,
                 value);
    fprintf (out, " \\\n            '*%s%s[%s]%s'", option->flag, option->value ? "=" : "", doc, value);
}

static void print_item (FILE *out, arena_t *arena, const completed_t *item)
{
    fprintf (out, "    '%s')\n        _arguments", item->name);
    for (size_t i = 0; i < item->options.count; i++)
        print_option (out, arena, &item->options.items[i]);
    if (item->choices)
        fprintf (out, " \\\n            '*:word:(%s)'", completion_blanks (arena, item->choices));
    else if (strcmp (item->name, "help") == 0)
        fprintf (out, " \\\n            '*:command:->commands'");
    else if (item->files)
        fprintf (out, " \\\n            '*:file:_files'");
    fprintf (out, " ;;\n");
}

// "word:summary" of the commands that begin with `first`, or of all.
static void print_described (FILE *out, arena_t *arena, const completions_t *all, const char *first)
{
    const char *words = completion_words (arena, all, first);
    for (; *words; words += strcspn (words, " "), words += strspn (words, " ")) {
        int size = (int) strcspn (words, " ");
        const char *name = first ? arena_printf (arena, "%s %.*s", first, size, words)
                                 : arena_strndup (arena, words, (size_t) size);
        const char *summary = "";
        for (size_t i = 0; i < all->count; i++)
            if (strcmp (all->items[i].name, name) == 0)
                summary = all->items[i].summary;
        if (!*summary)
            summary = arena_printf (arena, "%s: %s", name, completion_words (arena, all, name));
        fprintf (out, " \\\n            '%.*s:%s'", size, words, escape (arena, summary, ""));
    }
}

static void print_seconds (FILE *out, arena_t *arena, const completions_t *all)
{
    const char *first = completion_words (arena, all, NULL);
    fprintf (out, "    if ((CURRENT == 3)) && [[ ${words[3]} != -* ]]; then\n        case $name in\n");
    for (; *first; first += strcspn (first, " "), first += strspn (first, " ")) {
        const char *word = arena_strndup (arena, first, strcspn (first, " "));
        if (!*completion_words (arena, all, word))
            continue;
        fprintf (out, "        '%s') commands=(", word);
        print_described (out, arena, all, word);
        fprintf (out, ") ;;\n");
    }
    fprintf (out, "        help) ;;\n        *) commands=() ;;\n        esac\n"
                  "        (($#commands == 0)) || { _describe command commands; return }\n    fi\n");
}

// "run show"|"agents show"
static void print_pairs (FILE *out, const completions_t *all)
{
    const char *between = "";
    fprintf (out, "        case \"$name ${words[3]}\" in\n        ");
    for (size_t i = 0; i < all->count; i++)
        if (strchr (all->items[i].name, ' ')) {
            fprintf (out, "%s'%s'", between, all->items[i].name);
            between = "|";
        }
    fprintf (out, ") name=\"$name ${words[3]}\"; shift words; ((CURRENT--)) ;;\n        esac\n");
}

void completion_zsh (FILE *out, arena_t *arena, const completions_t *all)
{
    fprintf (out, "#compdef opencicd %s\n", completion_programs (arena, all));
    fprintf (out, "# Completion of opencicd for zsh. Made by `opencicd help --completion=zsh`.\n"
                  "_opencicd () {\n"
                  "    local name=${words[1]:t} state\n"
                  "    local -a commands\n"
                  "    if [[ $name == opencicd ]]; then\n"
                  "        commands=(");
    print_described (out, arena, all, NULL);
    fprintf (out, ")\n"
                  "        if ((CURRENT == 2)); then\n"
                  "            _describe command commands\n"
                  "            return\n"
                  "        fi\n"
                  "        name=${words[2]}\n    ");
    print_seconds (out, arena, all);
    print_pairs (out, all);
    fprintf (out, "        shift words\n        ((CURRENT--))\n    fi\n    case $name in\n");
    for (size_t i = 0; i < all->count; i++)
        print_item (out, arena, &all->items[i]);
    fprintf (out, "    esac\n}\n_opencicd \"$@\"\n");
}
