/* project.c - `opencicd project add|list|show|remove`. */

#include "cli/listing.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// "https://...", "git@host:path": what git fetches over a network.
static bool is_remote (const char *text)
{
    const char *colon = strchr (text, ':'), *slash = strchr (text, '/');
    return strstr (text, "://") || (colon && (!slash || colon < slash) && access (text, F_OK) != 0);
}

static void print_project (const cli_t *cli, const value_t *project)
{
    printf ("%s  %s\n", paint (cli->turn->arena, cli->colour, BOLD, value_get_text (project, "name")),
            paint_safe (cli->turn->arena, value_get_text (project, "url")));
    if (*value_get_text (project, "default_branch"))
        printf ("Branch   %s\n", paint_safe (cli->turn->arena, value_get_text (project, "default_branch")));
    printf ("Runs     %" PRId64 "\nCreated  %s\nId       %s\n", number_of (project, "runs"),
            ago (cli, project, "created_at"), value_get_text (project, "id"));
}

static int add (cli_t *cli)
{
    const value_t *project;
    const char *url = cli->words.items[1];
    value_t *body = value_object (cli->turn->arena);
    if (!is_remote (url)) { // The server has another working folder
        char whole[PATH_MAX];
        if (!realpath (url, whole))
            return cli_fail (cli, turn_fail (cli->turn, NOT_FOUND, "%s: %s", url, strerror (errno)));
        url = arena_strdup (cli->turn->arena, whole);
    }
    body_text (cli, body, "name", cli->words.items[0]);
    body_text (cli, body, "url", url);
    int status = server_ask (cli, "POST", "/projects", body_json (cli, body), &project);
    if (project)
        print_project (cli, project);
    return status;
}

const command_t command_project_add = {
    .name = "project add",
    .usage = "[--json] NAME URL|PATH",
    .summary = "Register a repository.",
    .help = "URL is what `git clone` takes. A PATH on this machine is made absolute.\n",
    .programs = CLIENT,
    .flags = flags_json,
    .least = 2,
    .most = 2,
    .run = add};

// ----

static void add_project (const cli_t *cli, table_t *table, const value_t *item)
{
    table_cell (table, BOLD, value_get_text (item, "name"));
    table_cell (table, PLAIN, arena_printf (cli->turn->arena, "%" PRId64, number_of (item, "runs")));
    table_cell (table, PLAIN, value_get_text (item, "default_branch"));
    table_cell (table, PLAIN, value_get_text (item, "url"));
    table_cell (table, PLAIN, ago (cli, item, "created_at"));
}

static int list (cli_t *cli)
{
    static const char *const headings[] = {"NAME", "RUNS", "BRANCH", "URL", "CREATED", NULL};
    return list_items (cli, "/projects", headings, add_project);
}

const command_t command_project_list = {.name = "project list",
                                        .usage = "[OPTIONS]",
                                        .summary = "List the projects.",
                                        .programs = CLIENT,
                                        .flags = flags_list,
                                        .run = list};

// ----

static int show (cli_t *cli)
{
    const value_t *project;
    int status = server_ask (cli, "GET", path_of (cli, "/projects/%s", cli->words.items[0]), NULL, &project);
    if (project)
        print_project (cli, project);
    return status;
}

const command_t command_project_show = {.name = "project show",
                                        .usage = "[--json] PROJECT",
                                        .summary = "Show a project.",
                                        .programs = CLIENT,
                                        .flags = flags_json,
                                        .least = 1,
                                        .most = 1,
                                        .run = show};

// ----

static int forget (cli_t *cli)
{
    return remove_item (cli, "projects", "removed");
}

const command_t command_project_remove = {.name = "project remove",
                                          .usage = "[--json] PROJECT",
                                          .summary = "Forget a project and its runs.",
                                          .programs = CLIENT,
                                          .flags = flags_json,
                                          .least = 1,
                                          .most = 1,
                                          .run = forget};
