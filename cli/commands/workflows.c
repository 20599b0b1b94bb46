/* workflows.c - `opencicd workflows`: the workflow files of a project, and what a run of them by hand takes. */

#include "cli/show/listing.h"

#include <string.h>

// "target=test,count=": with their defaults, and `!` after what must be given.
static const char *inputs_of (const cli_t *cli, const value_t *file)
{
    const value_t *inputs = value_get (file, "inputs");
    const char *text = "";
    for (size_t i = 0; inputs && i < inputs->list.count; i++) {
        const value_t *input = inputs->list.items[i];
        const value_t *required = value_get (input, "required");
        text = arena_printf (cli->turn->arena, "%s%s%s%s=%s", text, *text ? " " : "",
                             value_get_text (input, "name"), required && required->boolean ? "!" : "",
                             value_get_text (input, "default_value"));
    }
    return text;
}

static void add_file (const cli_t *cli, table_t *table, const value_t *file)
{
    const char *problem = value_get_text (file, "problem");
    const value_t *dispatch = value_get (file, "dispatch");
    table_cell (table, BOLD, value_get_text (file, "path"));
    table_cell (table, PLAIN, value_get_text (file, "name"));
    table_cell (table, PLAIN, dispatch && dispatch->boolean ? "yes" : "");
    table_cell (table, *problem ? RED : PLAIN, *problem ? problem : inputs_of (cli, file));
}

static int list (cli_t *cli)
{
    static const char *const headings[] = {"WORKFLOW", "NAME", "BY HAND", "INPUTS", NULL};
    const char *path = path_of (cli, "/projects/%s/workflows", cli->args.items[0]);
    return list_items (cli, path_with (cli, path, "ref", flag_text (cli->flags, "ref")), headings, add_file);
}

static const flag_t flags[] = {{.name = "ref",
                                .kind = FLAG_TEXT,
                                .metavar = "REF",
                                .doc = "Read this branch or tag. Default: the default branch."},
                               FLAG_JSON,
                               {.name = NULL}};

const command_t command_workflows = {
    .name = "workflows",
    .group = GROUP_PROJECTS,
    .usage = "[OPTIONS] PROJECT",
    .summary = "List a project's workflow files, and the inputs of those that can be triggered by hand.",
    .help =
        "INPUTS shows NAME=DEFAULT, with ! after those that are required; for an invalid file, what is wrong with it.\n",
    .examples = "opencicd workflows site\n",
    .programs = CLIENT,
    .flags = flags,
    .min_args = 1,
    .max_args = 1,
    .run = list};
