/* forges.c - `opencicd forge add|list|show|remove|repositories`: the servers that have the projects' repositories. */

#include "cli/files/input.h"
#include "cli/show/listing.h"

#include <inttypes.h>
#include <stdio.h>

static void print_forge (const cli_t *cli, const value_t *forge)
{
    arena_t *arena = cli->turn->arena;
    const char *api = value_get_text (forge, "api_url");
    printf ("%s  %s\n", paint (arena, cli->colour, BOLD, value_get_text (forge, "name")),
            paint_safe (arena, value_get_text (forge, "url")));
    printf ("Kind        %s\n", value_get_text (forge, "kind"));
    if (*api)
        printf ("API         %s\n", paint_safe (arena, api));
    printf ("Credential  %s\nProjects    %" PRId64 "\nId          %s\n",
            bool_of (forge, "has_credential") ? "yes" : "none", number_of (forge, "projects"),
            value_get_text (forge, "id"));
}

static int add (cli_t *cli)
{
    const value_t *forge;
    const char *credential = "";
    arena_t *arena = cli->turn->arena;
    value_t *body = value_object (arena);
    if (!flag_on (cli->flags, "no-credential")) {
        fault_t fault = input_value (cli->turn, "the credential", &credential);
        if (fault)
            return cli_fail (cli, fault);
    }
    body_text (cli, body, "kind", cli->args.items[0]);
    body_text (cli, body, "name", cli->args.items[1]);
    body_text (cli, body, "url", cli->args.count > 2 ? cli->args.items[2] : NULL);
    body_text (cli, body, "api_url", flag_text (cli->flags, "api-url"));
    value_set (arena, body, "credential", value_string (arena, credential));
    value_set (arena, body, "private_networks", value_bool (flag_on (cli->flags, "private-networks")));
    int status = server_ask (cli, "POST", "/forges", body_json (cli, body), &forge);
    if (forge)
        print_forge (cli, forge);
    return status;
}

static const flag_t add_flags[] = {{.name = "api-url",
                                    .kind = FLAG_TEXT,
                                    .metavar = "URL",
                                    .doc = "Where its API is, if that does not follow from URL."},
                                   {.name = "private-networks",
                                    .kind = FLAG_SWITCH,
                                    .doc = "It may be on this machine or in a private network."},
                                   {.name = "no-credential",
                                    .kind = FLAG_SWITCH,
                                    .doc = "It needs none: only public repositories are read."},
                                   FLAG_JSON,
                                   {.name = NULL}};

const command_t command_forge_add = {
    .name = "forge add",
    .group = GROUP_FORGES,
    .usage = "[OPTIONS] KIND NAME [URL] < CREDENTIAL",
    .summary = "Add a forge, with its credential on standard input.",
    .help =
        "The credential is a token that reads repositories and manages their webhooks; of a plain git server it is\n"
        "user:password. It is stored encrypted and never shown. Added once more, a forge gets another credential. URL may be\n"
        "left out for github.com and gitlab.com. Forgejo is of the kind gitea.\n",
    .examples = "opencicd forge add github hub < token\n"
                "opencicd forge add gitea home https://git.example.org < token\n",
    .programs = CLIENT,
    .flags = add_flags,
    .choices = "github|gitlab|gitea|git",
    .min_args = 2,
    .max_args = 3,
    .run = add};

static void add_forge (const cli_t *cli, table_t *table, const value_t *item)
{
    table_cell (table, BOLD, value_get_text (item, "name"));
    table_cell (table, PLAIN, value_get_text (item, "kind"));
    table_cell (table, PLAIN, value_get_text (item, "url"));
    table_cell (table, PLAIN, arena_printf (cli->turn->arena, "%" PRId64, number_of (item, "projects")));
}

static int list (cli_t *cli)
{
    static const char *const headings[] = {"NAME", "KIND", "URL", "PROJECTS", NULL};
    const value_t *page;
    int status = server_ask (cli, "GET", "/forges", NULL, &page);
    if (page)
        list_table (cli, page, "items", headings, add_forge);
    return status;
}

const command_t command_forge_list = {.name = "forge list",
                                      .group = GROUP_FORGES,
                                      .usage = "[--json]",
                                      .summary = "List forges.",
                                      .programs = CLIENT,
                                      .flags = flags_json,
                                      .run = list};

static int show (cli_t *cli)
{
    const value_t *forge;
    int status = server_ask (cli, "GET", path_of (cli, "/forges/%s", cli->args.items[0]), NULL, &forge);
    if (forge)
        print_forge (cli, forge);
    return status;
}

const command_t command_forge_show = {.name = "forge show",
                                      .group = GROUP_FORGES,
                                      .usage = "[--json] FORGE",
                                      .summary = "Show a forge.",
                                      .programs = CLIENT,
                                      .flags = flags_json,
                                      .min_args = 1,
                                      .max_args = 1,
                                      .run = show};

static int remove_forge (cli_t *cli)
{
    return remove_item (cli, "forges", "removed");
}

const command_t command_forge_remove = {.name = "forge remove",
                                        .group = GROUP_FORGES,
                                        .usage = "[--json] FORGE",
                                        .summary = "Remove a forge that has no projects.",
                                        .programs = CLIENT,
                                        .flags = flags_json,
                                        .min_args = 1,
                                        .max_args = 1,
                                        .run = remove_forge};

static void add_repository (const cli_t *cli, table_t *table, const value_t *item)
{
    (void) cli;
    table_cell (table, BOLD, value_get_text (item, "name"));
    table_cell (table, PLAIN, value_get_text (item, "default_branch"));
    table_cell (table, PLAIN, value_get_text (item, "visibility"));
    table_cell (table, PLAIN, value_get_text (item, "project"));
}

static int repositories (cli_t *cli)
{
    static const char *const headings[] = {"REPOSITORY", "BRANCH", "VISIBILITY", "PROJECT", NULL};
    const value_t *page;
    int64_t number = flag_number (cli->flags, "page", 1);
    const char *path = arena_printf (cli->turn->arena, "%s?page=%" PRId64,
                                     path_of (cli, "/forges/%s/repositories", cli->args.items[0]), number);
    int status = server_ask (cli, "GET", path, NULL, &page);
    if (!page)
        return status;
    list_table (cli, page, "items", headings, add_repository);
    if (bool_of (page, "more"))
        fprintf (stderr, "There are more: --page %" PRId64 "\n", number + 1);
    return status;
}

static const flag_t page_flags[] = {
    {.name = "page", .kind = FLAG_NUMBER, .metavar = "N", .doc = "Which page, from 1."},
    FLAG_JSON,
    {.name = NULL}};

const command_t command_forge_repositories = {.name = "forge repositories",
                                              .group = GROUP_FORGES,
                                              .usage = "[--page N] [--json] FORGE",
                                              .summary =
                                                  "List what a forge's credential sees, to pick a project.",
                                              .programs = CLIENT,
                                              .flags = page_flags,
                                              .min_args = 1,
                                              .max_args = 1,
                                              .run = repositories};
