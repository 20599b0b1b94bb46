/* basics.c - the commands that are about this program itself: up, agent, settings, version, help. */

#include "cli/command.h"
#include "cli/up.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static int up (cli_t *cli)
{
    return up_run (cli->settings);
}

const command_t command_up = {.name = "up",
                              .usage = "[OPTIONS]",
                              .summary = "Run the whole server, with local agents, until Ctrl-C.",
                              .programs = SERVER,
                              .run = up};

// A program of its own, so that an agent stays small.
static int agent (cli_t *cli)
{
    arena_t *arena = cli->turn->arena;
    char own[4096];
    ssize_t size = readlink ("/proc/self/exe", own, sizeof own - 1);
    own[size > 0 ? size : 0] = 0;
    const char *slash = strrchr (own, '/');
    const char *program = arena_printf (arena, "%.*s/opencicd-agent", slash ? (int) (slash - own) : 0, own);
    char **argv = arena_array (arena, (size_t) cli->argc + 2, sizeof (char *));
    argv[0] = arena_strdup (arena, program);
    memcpy (argv + 1, cli->argv, (size_t) cli->argc * sizeof (char *));
    execv (program, argv);
    return cli_fail (cli, turn_fail (cli->turn, NOT_FOUND, "%s: %s", program, strerror (errno)));
}

const command_t command_agent = {.name = "agent",
                                 .usage = "[OPTIONS]",
                                 .summary = "Run an agent: takes one job at a time from a server.",
                                 .raw = true,
                                 .run = agent};

static int settings (cli_t *cli)
{
    (void) cli;
    settings_markdown (stdout);
    return CLI_OK;
}

const command_t command_settings = {
    .name = "settings", .usage = "", .summary = "Print every setting as Markdown.", .run = settings};

static int version (cli_t *cli)
{
    (void) cli;
    printf ("opencicd %s\n", OPENCICD_VERSION);
    return CLI_OK;
}

const command_t command_version = {
    .name = "version", .usage = "", .summary = "Print the version.", .run = version};

static int help (cli_t *cli)
{
    int used, count = (int) cli->words.count;
    const char *error;
    if (count == 0) {
        command_overview (stdout, all_commands);
        return CLI_OK;
    }
    char *words[2] = {NULL, NULL};
    for (int i = 0; i < count; i++)
        words[i] = arena_strdup (cli->turn->arena, cli->words.items[i]);
    const command_t *command = command_find (cli->turn->arena, all_commands, count, words, &used, &error);
    if (!command)
        return cli_usage (cli, "%s", error);
    command_explain (stdout, command);
    return CLI_OK;
}

const command_t command_help = {.name = "help",
                                .usage = "[COMMAND]",
                                .summary = "Tell about the commands, or about one.",
                                .most = 2,
                                .run = help};
