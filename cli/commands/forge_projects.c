/* forge_projects.c - `opencicd forge status|set|check|compare|hook`: how a project's repository at its forge is followed. */

#include "cli/show/listing.h"

#include <inttypes.h>
#include <stdio.h>

static void print_link (const cli_t *cli, const value_t *link)
{
    arena_t *arena = cli->turn->arena;
    const char *reason = value_get_text (link, "state_reason"),
               *failed = value_get_text (link, "poll_reason");
    printf ("%s  %s at %s (%s)\n", paint (arena, cli->colour, BOLD, value_get_text (link, "project")),
            paint_safe (arena, value_get_text (link, "full_name")), value_get_text (link, "forge"),
            value_get_text (link, "kind"));
    printf ("Webhook   %s%s%s\n", value_get_text (link, "state"), *reason ? ": " : "",
            paint_safe (arena, reason));
    if (time_of (link, "checked_at"))
        printf ("Looked at %s\n", ago (cli, link, "checked_at"));
    printf ("Forks     %s\n", value_get_text (link, "forks"));
    if (number_of (link, "poll_seconds"))
        printf ("Compared  every %" PRId64 " s%s%s\n", number_of (link, "poll_seconds"),
                *failed ? "; failed: " : "", paint_safe (arena, failed));
    else
        printf ("Compared  never\n");
    printf ("Statuses  %s\n", value_get_text (link, "statuses"));
    printf ("Id there  %s\n", paint_safe (arena, value_get_text (link, "repository")));
}

static int ask (cli_t *cli, const char *method, const char *path, const char *body)
{
    const value_t *link;
    int status = server_ask (cli, method, path_of (cli, path, cli->args.items[0]), body, &link);
    if (link)
        print_link (cli, link);
    return status;
}

static int status (cli_t *cli)
{
    return ask (cli, "GET", "/projects/%s/forge", NULL);
}

const command_t command_forge_status = {.name = "forge status",
                                        .group = GROUP_FORGES,
                                        .usage = "[--json] PROJECT",
                                        .summary =
                                            "Show a project's repository at its forge, and its webhook.",
                                        .programs = CLIENT,
                                        .flags = flags_json,
                                        .min_args = 1,
                                        .max_args = 1,
                                        .run = status};

static int set (cli_t *cli)
{
    arena_t *arena = cli->turn->arena;
    value_t *body = value_object (arena);
    int64_t seconds = flag_number (cli->flags, "poll-seconds", 0);
    body_text (cli, body, "forks", flag_text (cli->flags, "forks"));
    body_text (cli, body, "statuses", flag_text (cli->flags, "statuses"));
    value_set (arena, body, "poll_seconds", value_number (arena, (double) seconds));
    value_set (arena, body, "no_poll", value_bool (flag_on (cli->flags, "no-poll")));
    return ask (cli, "POST", "/projects/%s/forge", body_json (cli, body));
}

static const flag_t set_flags[] = {
    {.name = "forks",
     .kind = FLAG_TEXT,
     .metavar = "WHOSE",
     .choices = "never|approved|known|all",
     .doc =
         "Which pull requests of forks run: none; each head once somebody approved it; also those of authors of whom one was "
         "approved; all."},
    {.name = "poll-seconds", .kind = FLAG_NUMBER, .metavar = "N", .doc = "How often refs are compared."},
    {.name = "no-poll", .kind = FLAG_SWITCH, .doc = "Never compare refs."},
    {.name = "statuses",
     .kind = FLAG_TEXT,
     .metavar = "WHAT",
     .choices = "all|workflows|none",
     .doc = "What the forge shows of runs: workflows and their jobs; workflows; nothing."},
    FLAG_JSON,
    {.name = NULL}};

const command_t command_forge_set = {.name = "forge set",
                                     .group = GROUP_FORGES,
                                     .usage = "[OPTIONS] PROJECT",
                                     .summary = "Change how a project's repository is followed.",
                                     .programs = CLIENT,
                                     .flags = set_flags,
                                     .min_args = 1,
                                     .max_args = 1,
                                     .run = set};

static int check (cli_t *cli)
{
    return ask (cli, "POST", "/projects/%s/forge/check", "{}");
}

const command_t command_forge_check = {.name = "forge check",
                                       .group = GROUP_FORGES,
                                       .usage = "[--json] PROJECT",
                                       .summary = "Look at a project's webhook now, and repair it.",
                                       .programs = CLIENT,
                                       .flags = flags_json,
                                       .min_args = 1,
                                       .max_args = 1,
                                       .run = check};

static int compare (cli_t *cli)
{
    return ask (cli, "POST", "/projects/%s/forge/compare", "{}");
}

const command_t command_forge_compare = {.name = "forge compare",
                                         .group = GROUP_FORGES,
                                         .usage = "[--json] PROJECT",
                                         .summary =
                                             "Compare a project's refs now: what no webhook brought runs.",
                                         .programs = CLIENT,
                                         .flags = flags_json,
                                         .min_args = 1,
                                         .max_args = 1,
                                         .run = compare};

static int hook (cli_t *cli)
{
    const value_t *answer;
    int status =
        server_ask (cli, "GET", path_of (cli, "/projects/%s/forge/hook", cli->args.items[0]), NULL, &answer);
    if (answer)
        fputs (value_get_text (answer, "text"), stdout);
    return status;
}

const command_t command_forge_hook = {
    .name = "forge hook",
    .group = GROUP_FORGES,
    .usage = "[--json] PROJECT",
    .summary = "Print a post-receive hook for a repository of a plain git server.",
    .help = "It contains the secret of the webhook: only the user that runs it should be able to read it.\n",
    .examples = "opencicd forge hook site > /srv/git/site.git/hooks/post-receive\n",
    .programs = CLIENT,
    .flags = flags_json,
    .min_args = 1,
    .max_args = 1,
    .run = hook};
