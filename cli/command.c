/* command.c - finding a command by its words, its help, and how errors are said. */

#include "cli/command.h"

#include "common/nearest.h"

#include <string.h>

static const char about_server[] =
    "The server is found by --url and --token or --token-file (OPENCICD_URL, OPENCICD_TOKEN, OPENCICD_TOKEN_FILE),\n"
    "or else by what `opencicd up` leaves in its data folder: --data-dir (OPENCICD_DATA_DIR).\n";
static const char statuses[] =
    "Exit status: 0 done; 1 what was asked about failed or has errors; 2 wrong usage; 3 the server cannot be reached\n"
    "or refuses us; 130 interrupted.\n";

// How many words of argv the name takes; 0 where it is not this one.
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
        return arena_printf (arena, "%s: say what: %s", argv[0], more);
    if (argv[0][0] == '-')
        return arena_printf (arena, "%s: the command comes first", argv[0]);
    nearest_t nearest;
    nearest_begin (&nearest, argv[0]);
    for (; *commands; commands++)
        nearest_offer (&nearest, (*commands)->name);
    if (nearest.best)
        return arena_printf (arena, "%s: no such command (did you mean %s?)", argv[0], nearest.best);
    return arena_printf (arena, "%s: no such command (see opencicd help)", argv[0]);
}

const command_t *command_find (arena_t *arena, const command_t *const *commands, int argc, char *const *argv,
                               int *used, const char **error)
{
    const command_t *best = NULL;
    *used = 0;
    for (size_t i = 0; commands[i]; i++) {
        int words = words_of (commands[i]->name, argc, argv);
        if (words > *used) {
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

void command_explain (FILE *out, const command_t *command)
{
    print_usage (out, command);
    fprintf (out, "\n%s\n", command->summary);
    if (command->help)
        fprintf (out, "\n%s", command->help);
    if (command->flags) {
        fprintf (out, "\n");
        flags_help (out, command->flags);
    }
    if (command->programs == CLIENT)
        fprintf (out, "\n%s", about_server);
    else if (command->programs) {
        fprintf (out, "\n");
        settings_help (out, command->programs);
    }
}

void command_overview (FILE *out, const command_t *const *commands)
{
    fprintf (out, "usage: opencicd COMMAND [ARGUMENTS]\n\n");
    for (; *commands; commands++)
        fprintf (out, "  %-16s %s\n", (*commands)->name, (*commands)->summary);
    fprintf (out,
             "\n`opencicd help COMMAND` tells more. --json prints the server's answer as it came.\n\n%s\n%s",
             about_server, statuses);
}

static int status_of (fault_t fault)
{
    switch (fault) {
    case UNAUTHORIZED:
    case FORBIDDEN:
    case UNAVAILABLE:
    case OVERLOADED:
    case TIMEOUT:
    case BROKEN:
    case NO_SPACE: return CLI_SERVER;
    default: return CLI_FAILED;
    }
}

int cli_fail (const cli_t *cli, fault_t fault)
{
    const char *detail = cli->turn->detail;
    fflush (stdout);
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
