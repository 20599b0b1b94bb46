/* basics.c - the commands that are about this program itself: up, agent, settings, version, help. */

#include "cli/command/command.h"
#include "cli/command/completion.h"
#include "cli/command/manual.h"
#include "cli/up/up.h"
#include "common/os/beside.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static int up (cli_t *cli)
{
    return up_run (cli->settings);
}

const command_t command_up = {
    .name = "up",
    .group = GROUP_SERVER,
    .usage = "[OPTIONS]",
    .summary = "Run the whole server in one process, with local agents, until Ctrl-C.",
    .examples = "opencicd up\n"
                "opencicd up --listen 0.0.0.0:8080 --public-url https://ci.example.org --agents 4\n",
    .programs = SERVER,
    .run = up};

// A separate program, so that an agent stays small.
static int agent (cli_t *cli)
{
    arena_t *arena = cli->turn->arena;
    const char *program = beside_path (arena, "opencicd-agent");
    char **argv = arena_array (arena, (size_t) cli->argc + 2, sizeof (char *));
    argv[0] = arena_strdup (arena, program);
    memcpy (argv + 1, cli->argv, (size_t) cli->argc * sizeof (char *));
    execv (program, argv);
    return cli_fail (cli, turn_fail (cli->turn, NOT_FOUND, "%s: %s", program, strerror (errno)));
}

const command_t command_agent = {
    .name = "agent",
    .group = GROUP_AGENTS,
    .usage = "[OPTIONS]",
    .summary = "Run an agent: it takes one job at a time from a server.",
    .examples = "opencicd agent --url https://ci.example.org --parked --labels ubuntu-latest,gpu\n",
    .programs = AGENT,
    .raw = true,
    .run = agent};

static int settings (cli_t *cli)
{
    (void) cli;
    settings_markdown (stdout);
    return CLI_OK;
}

const command_t command_settings = {
    .name = "settings",
    .group = GROUP_SERVER,
    .usage = "",
    .summary = "Print every setting as a Markdown table: flag, variable, default, meaning.",
    .run = settings};

static int version (cli_t *cli)
{
    (void) cli;
    printf ("opencicd %s\n", OPENCICD_VERSION);
    return CLI_OK;
}

const command_t command_version = {
    .name = "version", .group = GROUP_PROGRAM, .usage = "", .summary = "Print the version.", .run = version};

static int help_text (cli_t *cli)
{
    int used, count = (int) cli->args.count;
    const char *error;
    if (count == 0) {
        command_overview (stdout, all_commands);
        return CLI_OK;
    }
    char *args[2] = {NULL, NULL};
    for (int i = 0; i < count; i++)
        args[i] = arena_strdup (cli->turn->arena, cli->args.items[i]);
    const command_t *command = command_find (cli->turn->arena, all_commands, count, args, &used, &error);
    if (!command)
        return cli_usage (cli, "%s", error);
    command_explain (stdout, command);
    return CLI_OK;
}

static int help (cli_t *cli)
{
    const char *shell = flag_text (cli->flags, "completion");
    const char *page = cli->args.count ? cli->args.items[0] : "opencicd";
    if (shell) {
        completion_print (stdout, shell, all_commands);
        return CLI_OK;
    }
    if (!flag_on (cli->flags, "man"))
        return help_text (cli);
    if (!manual_print (stdout, page, all_commands))
        return cli_usage (cli, "%s: unknown page; known: %s", page, manual_pages (cli->turn->arena));
    return CLI_OK;
}

static const flag_t help_flags[] = {
    {.name = "man",
     .kind = FLAG_SWITCH,
     .doc = "Print a manual page for man(1) instead: that of opencicd, of PROGRAM, or of opencicd.yaml, the"
            " settings."},
    {.name = "completion",
     .kind = FLAG_TEXT,
     .choices = "bash|zsh|fish",
     .doc = "Print this shell's completions for all programs instead."},
    {.name = NULL}};

const command_t command_help = {
    .name = "help",
    .group = GROUP_PROGRAM,
    .usage = "[COMMAND|--man [PROGRAM]|--completion=SHELL]",
    .summary = "Show help for all commands, or for one.",
    .examples = "opencicd help run show\n"
                "opencicd help --man opencicd-agent | man -l -\n"
                "opencicd help --completion=bash > ~/.local/share/bash-completion/completions/opencicd\n",
    .flags = help_flags,
    .max_args = 2,
    .run = help};
