/* actions.c - `opencicd actions`: which commits the tags and branches of a project's actions are locked to. */

#include "cli/show/listing.h"

#include <string.h>

static void add_action (const cli_t *cli, table_t *table, const value_t *item)
{
    const char *moved = value_get_text (item, "moved_to");
    table_cell (table, BOLD, value_get_text (item, "reference"));
    table_cell (table, PLAIN, value_get_text (item, "commit"));
    table_cell (table, *moved ? RED : PLAIN, moved);
    table_cell (table, PLAIN, ago (cli, item, "locked_at"));
}

static int list (cli_t *cli)
{
    static const char *const headings[] = {"ACTION", "LOCKED TO", "MOVED TO", "SINCE", NULL};
    return list_items (cli, path_of (cli, "/projects/%s/actions", cli->args.items[0]), headings, add_action);
}

const command_t command_actions_list = {
    .name = "actions list",
    .group = GROUP_PROJECTS,
    .usage = "[OPTIONS] PROJECT",
    .summary = "List a project's actions that are named by tag or branch, and their commits.",
    .help =
        "A tag or branch is locked to the commit that it named when the project first used it. MOVED TO is the commit that it\n"
        "names now: jobs that use it fail until somebody accepts the move (opencicd actions accept).\n",
    .examples = "opencicd actions list site\n",
    .programs = CLIENT,
    .flags = flags_list,
    .min_args = 1,
    .max_args = 1,
    .run = list};

static int accept (cli_t *cli)
{
    const value_t *pin;
    value_t *body = value_object (cli->turn->arena);
    const char *commit = flag_text (cli->flags, "commit");
    body_text (cli, body, "reference", cli->args.items[1]);
    if (commit && *commit)
        body_text (cli, body, "commit", commit);
    int status = server_ask (cli, "POST", path_of (cli, "/projects/%s/actions/accept", cli->args.items[0]),
                             body_json (cli, body), &pin);
    if (pin)
        printf ("%s is locked to %s\n", paint_safe (cli->turn->arena, value_get_text (pin, "reference")),
                paint_safe (cli->turn->arena, value_get_text (pin, "commit")));
    return status;
}

static const flag_t flags_accept[] = {{.name = "commit",
                                       .kind = FLAG_TEXT,
                                       .metavar = "COMMIT",
                                       .doc = "Lock it to this commit. Default: the one that it named last."},
                                      FLAG_JSON,
                                      {.name = NULL}};

const command_t command_actions_accept = {
    .name = "actions accept",
    .group = GROUP_PROJECTS,
    .usage = "[--commit COMMIT] [--json] PROJECT ACTION",
    .summary = "Accept that a tag or branch of an action has moved.",
    .help =
        "ACTION is owner/repo@ref, as `opencicd actions list` shows it. First look at what changed between the two commits.\n",
    .examples = "opencicd actions accept site actions/setup-node@v4\n",
    .programs = CLIENT,
    .flags = flags_accept,
    .min_args = 2,
    .max_args = 2,
    .run = accept};
