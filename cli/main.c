/* main.c - `opencicd`: finds the command, reads its settings and flags, runs it. The table of commands is in command.h. */

#include "cli/command/command.h"
#include "common/base/clock.h"

#include <locale.h>
#include <string.h>

#define COMMAND_POINTER(name) &command_##name,
const command_t *const all_commands[] = {COMMANDS (COMMAND_POINTER) NULL};
#undef COMMAND_POINTER

static bool is_help (const char *text)
{
    return strcmp (text, "--help") == 0 || strcmp (text, "-h") == 0;
}

// Before settings are read: help must work even if they are wrong.
static bool asks_for_help (const command_t *command, int argc, char *const *argv)
{
    for (int i = 0; i < argc && !command->raw && strcmp (argv[i], "--") != 0; i++)
        if (is_help (argv[i]))
            return true;
    return false;
}

static int run_with_flags (cli_t *cli, int argc, char *const *argv)
{
    const command_t *command = cli->command;
    flags_t flags;
    const char *error;
    if (flags_parse (&flags, cli->turn->arena, command->flags, argc, argv, &error) != OK)
        return cli_usage (cli, "%s", error);
    cli->flags = &flags;
    cli->args = flags.args;
    if (flags.args.count < command->min_args)
        return cli_usage (cli, "an argument is missing");
    if (flags.args.count > command->max_args)
        return cli_usage (cli, "%s: one argument too many", flags.args.items[command->max_args]);
    return command->run (cli);
}

// argv[0] is what precedes the arguments.
static int run (cli_t *cli, int argc, char **argv)
{
    settings_t settings;
    const char *error;
    const command_t *command = cli->command;
    if (asks_for_help (command, argc - 1, argv + 1)) {
        command_explain (stdout, command);
        return CLI_OK;
    }
    if (command->raw) {
        cli->argc = argc - 1;
        cli->argv = argv + 1;
        return command->run (cli);
    }
    if (command->programs) {
        unsigned more =
            command->flags ? SETTINGS_KEEP_UNKNOWN : 0; // Without flags of its own any other is an error
        if (settings_load (&settings, cli->turn->arena, command->programs | more, &argc, argv, &error) != OK)
            return cli_usage (cli, "%s", error);
        cli->settings = &settings;
    }
    return run_with_flags (cli, argc - 1, argv + 1);
}

static int start (turn_t *turn, int argc, char **argv)
{
    int used;
    const char *error;
    cli_t cli = {.turn = turn, .colour = paint_enabled (stdout)};
    if (argc < 2) {
        command_overview (stderr, all_commands);
        return CLI_USAGE;
    }
    if (is_help (argv[1])) {
        command_overview (stdout, all_commands);
        return CLI_OK;
    }
    if (strcmp (argv[1], "--version") == 0)
        return command_version.run (&cli);
    cli.command = command_find (turn->arena, all_commands, argc - 1, argv + 1, &used, &error);
    if (cli.command)
        return run (&cli, argc - used, argv + used);
    fprintf (stderr, "opencicd: %s\n", error);
    return CLI_USAGE;
}

int main (int argc, char **argv)
{
    turn_t turn;
    arena_t *arena = arena_new ();
    setlocale (LC_CTYPE, "");
    turn_init (&turn, arena, "cli", clock_now_us (clock_system ()));
    int status = start (&turn, argc, argv);
    if (fflush (stdout) != 0 && status == CLI_OK)
        status = CLI_FAILED;
    arena_destroy (&arena);
    return status;
}
