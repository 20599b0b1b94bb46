/* command.c - finds a command by its name, prints its help, reports errors. */

#include "cli/command/command.h"

#include "common/base/line.h"
#include "common/base/nearest.h"

#include <string.h>

const char command_about_server[] =
    "Commands find the server by --url and --token or --token-file (OPENCICD_URL, OPENCICD_TOKEN, OPENCICD_TOKEN_FILE);\n"
    "without them, by the address that `opencicd up` leaves in its data folder (--data-dir, OPENCICD_DATA_DIR), and by the\n"
    "token of `opencicd login` for it, else the one in that folder.\n";
const char command_statuses[] =
    "Exit status: 0 success; 1 what was asked about failed or has errors; 2 wrong usage; 3 the server cannot be reached or\n"
    "refuses access; 130 interrupted.\n";

// How many words of argv the name takes; 0 if they are not this name.
// Two at most: a third would be an argument for half of the commands.
static int words_of (const char *name, int argc, char *const *argv)
{
    const char *blank = strchr (name, ' ');
    size_t first = blank ? (size_t) (blank - name) : strlen (name);
    if (argc < 1 || strlen (argv[0]) != first || strncmp (name, argv[0], first) != 0)
        return 0;
    if (!blank)
        return 1;
    return argc > 1 && strcmp (blank + 1, argv[1]) == 0 ? 2 : 0;
}

// "add, list, show" of "project"; NULL where no name begins so.
static const char *second_words (arena_t *arena, const command_t *const *commands, const char *word)
{
    const char *list = NULL;
    size_t size = strlen (word);
    for (; *commands; commands++) {
        const char *name = (*commands)->name;
        if (strncmp (name, word, size) == 0 && name[size] == ' ')
            list = list ? arena_printf (arena, "%s, %s", list, name + size + 1) : name + size + 1;
    }
    return list;
}

static const char *unknown (arena_t *arena, const command_t *const *commands, int argc, char *const *argv)
{
    const char *more = second_words (arena, commands, argv[0]);
    if (more && argc > 1 && argv[1][0] != '-')
        return arena_printf (arena, "%s: there is no \"%s %s\", only: %s", argv[0], argv[0], argv[1], more);
    if (more)
        return arena_printf (arena, "%s: a subcommand is missing: %s", argv[0], more);
    if (argv[0][0] == '-')
        return arena_printf (arena, "%s: the command comes first", argv[0]);
    nearest_t nearest;
    nearest_begin (&nearest, argv[0]);
    for (; *commands; commands++)
        nearest_offer (&nearest, (*commands)->name);
    if (nearest.best)
        return arena_printf (arena, "%s: unknown command (did you mean %s?)", argv[0], nearest.best);
    return arena_printf (arena, "%s: unknown command (see opencicd help)", argv[0]);
}

const command_t *command_find (arena_t *arena, const command_t *const *commands, int argc, char *const *argv,
                               int *used, const char **error)
{
    const command_t *best = NULL;
    *used = 0;
    for (size_t i = 0; commands[i]; i++) {
        int words = words_of (commands[i]->name, argc, argv);
        if (words > *used) { // The longest: `run` is a command, and so is `run show`
            *used = words;
            best = commands[i];
        }
    }
    *error = best ? NULL : unknown (arena, commands, argc, argv);
    return best;
}

static void print_usage (FILE *out, const command_t *command)
{
    fprintf (out, "usage: opencicd %s%s%s\n", command->name, *command->usage ? " " : "", command->usage);
}

static void print_examples (FILE *out, const char *examples)
{
    if (!examples)
        return;
    fprintf (out, "\nExamples:\n");
    for (line_t line = line_begin (examples, strlen (examples)); line_next (&line);)
        fprintf (out, "  %.*s\n", (int) line.size, line.text);
}

void command_explain (FILE *out, const command_t *command)
{
    print_usage (out, command);
    fprintf (out, "\n%s\n", command->summary);
    if (command->help) {
        size_t size = strlen (command->help);
        fprintf (out, "\n%s%s", command->help, size && command->help[size - 1] == '\n' ? "" : "\n");
    }
    print_examples (out, command->examples);
    arena_t *arena = arena_new ();
    options_t options = {.count = 0};
    flags_options (&options, arena, command->flags);
    if (options.count > 0) {
        fprintf (out, "\nOptions:\n");
        options_print (out, &options);
    }
    arena_destroy (&arena);
    // Of a client two lines: its settings are those of every client, and would hide the command's own options
    if (command->programs == CLIENT)
        fprintf (out, "\n%s", command_about_server);
    else if (command->programs) {
        fprintf (out, "\nOptions:\n");
        settings_help (out, command->programs);
    }
}

options_t command_options (arena_t *arena, const command_t *command)
{
    options_t options = {.count = 0};
    flags_options (&options, arena, command->flags);
    options_t settings = settings_options (arena, command->programs);
    for (size_t i = 0; i < settings.count; i++)
        options_add (&options, arena, settings.items[i]);
    if (!command->programs)
        options_add (&options, arena,
                     (option_t){.flag = "--help", .letter = 'h', .doc = "Print this help and exit."});
    return options;
}

const char *command_group_heading (command_group_t group)
{
#define HEADING(name, heading) heading,
    static const char *const headings[] = {COMMAND_GROUPS (HEADING)};
#undef HEADING
    return headings[group];
}

void command_overview (FILE *out, const command_t *const *commands)
{
    fprintf (out, "usage: opencicd COMMAND [ARGUMENTS]\n\n");
    for (int group = 0; group < COMMAND_GROUP_COUNT; group++) {
        fprintf (out, "%s%s:\n", group ? "\n" : "", command_group_heading (group));
        for (const command_t *const *row = commands; *row; row++)
            if ((*row)->group == (command_group_t) group)
                fprintf (out, "  %-24s %s\n", (*row)->name, (*row)->summary);
    }
    fprintf (out, "\n`opencicd help COMMAND` shows a command's options and examples.\n\n%s\n%s",
             command_about_server, command_statuses);
}

// A script may try again, or ask a person, where the server is at fault or the token: not where what it asked about has failed.
static int status_of (fault_t fault)
{
    switch (fault) {
    case UNAUTHORIZED:
    case FORBIDDEN:
    case UNAVAILABLE:
    case OVERLOADED:
    case TOO_MANY:
    case TIMEOUT:
    case BROKEN:
    case NO_SPACE: return CLI_SERVER;
    default: return CLI_FAILED;
    }
}

int cli_fail (const cli_t *cli, fault_t fault)
{
    const char *detail = cli->turn->detail;
    fflush (stdout); // What came before the error stays before it, also where both go to one file
    fprintf (stderr, "opencicd: %s\n",
             detail && *detail ? paint_safe (cli->turn->arena, detail) : fault_text (fault));
    return status_of (fault);
}

int cli_usage (const cli_t *cli, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    fprintf (stderr, "opencicd: %s\n", arena_vprintf (cli->turn->arena, format, args));
    va_end (args);
    print_usage (stderr, cli->command);
    return CLI_USAGE;
}
