/* completion_bash.c - the script for bash. It needs nothing of the package bash-completion but to be loaded. */

#include "cli/command/completion.h"

#include <string.h>

// bash splits at '=', so that "--format=j" comes as three words.
static const char head[] =
    "# Completion of opencicd for bash. Made by `opencicd help --completion=bash`.\n"
    "_opencicd () {\n"
    "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} name words\n"
    "    COMPREPLY=()\n"
    "    if [[ $current == = ]]; then\n"
    "        current=''\n"
    "    elif [[ $previous == = ]]; then\n"
    "        previous=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    fi\n"
    "    name=${COMP_WORDS[0]##*/}\n"
    "    if [[ $name == opencicd ]]; then\n"
    "        name=${COMP_WORDS[1]}\n"
    "        if ((COMP_CWORD == 1)); then\n";

static const char middle[] = "        ((COMP_CWORD < 3)) || case \"$name ${COMP_WORDS[2]}\" in\n"
                             "        %s) name=\"$name ${COMP_WORDS[2]}\" ;;\n"
                             "        esac\n"
                             "    fi\n";

static const char tail[] =
    "    if [[ $current == -* ]]; then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$current\")\n"
    "    else\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
    "        [[ $files == no ]] || mapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < <(compgen -f -- \"$current\")\n"
    "    fi\n"
    "}\n";

// "run show"|"agents show"
static const char *pairs (arena_t *arena, const completions_t *all)
{
    const char *list = "";
    for (size_t i = 0; i < all->count; i++)
        if (strchr (all->items[i].name, ' '))
            list = arena_printf (arena, "%s%s'%s'", list, *list ? " | " : "", all->items[i].name);
    return list;
}

// The values of an option, where the cursor is after one: then nothing else may be offered.
static void print_values (FILE *out, arena_t *arena, const completions_t *all)
{
    fprintf (out, "    case \"$name $previous\" in\n");
    for (size_t i = 0; i < all->count; i++)
        for (size_t j = 0; j < all->items[i].options.count; j++) {
            const option_t *option = &all->items[i].options.items[j];
            if (!option->value)
                continue;
            fprintf (out, "    '%s %s'", all->items[i].name, option->flag);
            if (option->letter)
                fprintf (out, " | '%s -%c'", all->items[i].name, option->letter);
            if (option->choices)
                fprintf (out, ") words='%s' ;;\n", completion_blanks (arena, option->choices));
            else
                fprintf (out, ") %s ;;\n", option_takes_path (option) ? "files=yes" : "files=no");
        }
    fprintf (out, "    *) value=no ;;\n    esac\n"
                  "    if [[ $value == yes ]]; then\n"
                  "        if [[ $files == yes ]]; then\n"
                  "            mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
                  "        else\n"
                  "            mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
                  "        fi\n"
                  "        return\n"
                  "    fi\n");
}

static void print_names (FILE *out, arena_t *arena, const completions_t *all)
{
    fprintf (out, "    case $name in\n");
    for (size_t i = 0; i < all->count; i++) {
        const completed_t *item = &all->items[i];
        fprintf (out, "    '%s') words+=' %s' files=%s options='", item->name,
                 item->choices ? completion_blanks (arena, item->choices) : "", item->files ? "yes" : "no");
        for (size_t j = 0; j < item->options.count; j++)
            fprintf (out, "%s%s", j ? " " : "", item->options.items[j].flag);
        fprintf (out, "' ;;\n");
    }
    fprintf (out, "    esac\n");
}

// At the second word, what may come after the first one.
static void print_seconds (FILE *out, arena_t *arena, const completions_t *all)
{
    const char *first = completion_words (arena, all, NULL);
    fprintf (out, "    if ((COMP_CWORD == 2)); then\n        case $name in\n");
    for (; *first; first += strcspn (first, " "), first += strspn (first, " ")) {
        const char *word = arena_strndup (arena, first, strcspn (first, " "));
        const char *words = strcmp (word, "help") == 0 ? completion_words (arena, all, NULL)
                                                       : completion_words (arena, all, word);
        if (*words)
            fprintf (out, "        '%s') words+=' %s' ;;\n", word, words);
    }
    fprintf (out, "        esac\n    fi\n");
}

void completion_bash (FILE *out, arena_t *arena, const completions_t *all)
{
    fprintf (out, "%s", head);
    fprintf (out,
             "            mapfile -t COMPREPLY < <(compgen -W '%s --help --version' -- \"$current\")\n"
             "            return\n        fi\n",
             completion_words (arena, all, NULL));
    fprintf (out, middle, pairs (arena, all));
    fprintf (out, "    local words='' files=no options='' value=yes\n");
    print_values (out, arena, all);
    print_seconds (out, arena, all);
    print_names (out, arena, all);
    fprintf (out, "%s", tail);
    fprintf (out, "complete -o filenames -F _opencicd opencicd %s\n", completion_programs (arena, all));
}
