/* completion.c - the three scripts know every command, option, choice and file of the tables. tests/install/run plays them in shells. */

#include "cli/command/completion.h"
#include "common/settings/program_table.h"
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

static const flag_t flags[] = {
    {.name = "format", .kind = FLAG_TEXT, .letter = 'f', .choices = "text|json", .doc = "It's [text]."},
    {.name = "to", .kind = FLAG_TEXT, .metavar = "FILE", .doc = "Where."},
    {.name = NULL}};
static const command_t show = {
    .name = "thing show", .usage = "THING", .summary = "Show it.", .flags = flags, .max_args = 1};
static const command_t list = {.name = "thing", .usage = "", .summary = "List them."};
static const command_t check = {
    .name = "check", .usage = "[FILE ...]", .summary = "Check.", .max_args = MANY};
static const command_t print = {
    .name = "print", .usage = "[red|blue]", .summary = "Print.", .choices = "red|blue", .max_args = 1};
static const command_t *const table[] = {&show, &list, &check, &print, NULL};

static char *script (const char *shell)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream (&text, &size);
    completion_print (out, shell, table);
    fclose (out);
    return text;
}

TEST (each_script_completes_commands_options_choices_and_files)
{
    static const struct {
        const char *shell, *has[5];
    } cases[] = {
        {"bash",
         {"-W 'thing check print --help --version'", "'thing') words+=' show' ;;",
          "'thing show --format' | 'thing show -f') words='text json' ;;", "'thing show --to') files=yes ;;",
          "'print') words+=' red blue' files=no options='--help' ;;"}},
        {"zsh",
         {"'thing:List them.'", "'thing') commands=( \\\n            'show:Show it.') ;;",
          "'*-f+[It'\\''s \\[text\\].]:text|json:(text json)'", "'*--to=[Where.]:FILE:_files'",
          "'*:word:(red blue)'"}},
        {"fish",
         {"-n '__opencicd_at 2 thing' -a 'show' -d 'Show it.'",
          "-n '__opencicd_in thing show' -l format -s f -x -a 'text json' -d 'It\\'s [text].'",
          "-n '__opencicd_in thing show' -l to -r -F -d 'Where.'", "-n '__opencicd_in check' -F\n",
          "-n '__opencicd_in print' -a 'red blue'"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = script (cases[i].shell);
        for (size_t j = 0; j < 5; j++)
            if (!strstr (text, cases[i].has[j]))
                test_fail (__FILE__, __LINE__, "%s lacks %s", cases[i].shell, cases[i].has[j]);
        free (text);
    }
}

TEST (each_script_serves_every_program_that_is_installed)
{
    static const char *const shells[] = {"bash", "zsh", "fish"};
    for (size_t i = 0; i < 3; i++) {
        char *text = script (shells[i]);
        for (const program_row_t *row = program_rows; row->name; row++) {
            char name[64];
            snprintf (name, sizeof name, "opencicd-%s", row->name);
            CHECK (strstr (text, name));
        }
        free (text);
    }
}
