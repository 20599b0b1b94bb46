/* roles.c - `opencicd roles list|grant|revoke`, `opencicd groups list|set|remove`: who may what, in a project and everywhere. */

#include "cli/show/listing.h"

#include <string.h>

#define PROJECT_FLAG                                                               \
    {                                                                              \
        .name = "project", .kind = FLAG_TEXT, .letter = 'p', .metavar = "PROJECT", \
        .doc = "In this project, by name or id. Default: in all."                  \
    }

static const flag_t of_project[] = {PROJECT_FLAG, FLAG_JSON, {.name = NULL}};
static const flag_t list_flags[] = {PROJECT_FLAG, FLAGS_PAGE, FLAG_JSON, {.name = NULL}};

static const char *roles_path (const cli_t *cli)
{
    const char *project = flag_text (cli->flags, "project");
    return project ? path_of (cli, "/projects/%s/roles", project) : "/roles";
}

static const char *role_path (const cli_t *cli)
{
    return arena_printf (cli->turn->arena, "%s%s", roles_path (cli),
                         path_of (cli, "/%s", cli->args.items[0]));
}

static void add_role (const cli_t *cli, table_t *table, const value_t *item)
{
    const char *name = value_get_text (item, "project"), *id = value_get_text (item, "project_id");
    table_cell (table, PLAIN, value_get_text (item, "subject"));
    table_cell (table, PLAIN, value_get_text (item, "role"));
    table_cell (table, PLAIN, *name ? name : *id ? id : "all");
    table_cell (table, PLAIN, ago (cli, item, "granted_at"));
    table_cell (table, PLAIN, value_get_text (item, "granted_by"));
}

static int list_roles (cli_t *cli)
{
    static const char *const headings[] = {"WHO", "ROLE", "PROJECT", "SINCE", "BY", NULL};
    return list_items (cli, roles_path (cli), headings, add_role);
}

const command_t command_roles_list = {.name = "roles list",
                                      .group = GROUP_PEOPLE,
                                      .usage = "[OPTIONS]",
                                      .summary = "List who was given which role.",
                                      .programs = CLIENT,
                                      .flags = list_flags,
                                      .run = list_roles};

static int grant_role (cli_t *cli)
{
    const value_t *answer;
    value_t *body = value_object (cli->turn->arena);
    body_text (cli, body, "role", cli->args.items[1]);
    int status = server_ask (cli, "PUT", role_path (cli), body_json (cli, body), &answer);
    const char *project = flag_text (cli->flags, "project");
    if (answer)
        printf ("%s is %s in %s\n", value_get_text (answer, "subject"), value_get_text (answer, "role"),
                project ? project : "all projects");
    return status;
}

const command_t command_roles_grant = {
    .name = "roles grant",
    .group = GROUP_PEOPLE,
    .usage = "[--project PROJECT] [--json] WHO ROLE",
    .summary = "Give a person or a group a role.",
    .help =
        "WHO is a person's name, or group:NAME. ROLE is VIEWER, DEVELOPER or MAINTAINER; in all projects also ADMIN.\n"
        "It replaces the one that was given before.\n",
    .examples = "opencicd roles grant --project site ada MAINTAINER\n"
                "opencicd roles grant group:developers VIEWER\n",
    .programs = CLIENT,
    .flags = of_project,
    .min_args = 2,
    .max_args = 2,
    .run = grant_role};

static int revoke_role (cli_t *cli)
{
    const value_t *answer;
    const char *project = flag_text (cli->flags, "project");
    int status = server_ask (cli, "DELETE", role_path (cli), NULL, &answer);
    if (answer)
        printf ("%s has no role of its own in %s any more\n", cli->args.items[0],
                project ? project : "all projects");
    return status;
}

const command_t command_roles_revoke = {.name = "roles revoke",
                                        .group = GROUP_PEOPLE,
                                        .usage = "[--project PROJECT] [--json] WHO",
                                        .summary = "Take a role away.",
                                        .programs = CLIENT,
                                        .flags = of_project,
                                        .min_args = 1,
                                        .max_args = 1,
                                        .run = revoke_role};

// ---- groups ----

static void add_group (const cli_t *cli, table_t *table, const value_t *item)
{
    table_cell (table, PLAIN, value_get_text (item, "name"));
    table_cell (table, PLAIN, list_text (cli, item, "members"));
    table_cell (table, PLAIN, ago (cli, item, "updated_at"));
    table_cell (table, PLAIN, value_get_text (item, "updated_by"));
}

static int list_groups (cli_t *cli)
{
    static const char *const headings[] = {"NAME", "MEMBERS", "SET", "BY", NULL};
    return list_items (cli, "/groups", headings, add_group);
}

const command_t command_groups_list = {.name = "groups list",
                                       .group = GROUP_PEOPLE,
                                       .usage = "[OPTIONS]",
                                       .summary = "List the groups of people.",
                                       .programs = CLIENT,
                                       .flags = flags_list,
                                       .run = list_groups};

static int set_group (cli_t *cli)
{
    const value_t *answer;
    value_t *body = value_object (cli->turn->arena), *members = value_array (cli->turn->arena);
    for (size_t i = 1; i < cli->args.count; i++)
        value_push (cli->turn->arena, members, value_string (cli->turn->arena, cli->args.items[i]));
    value_set (cli->turn->arena, body, "members", members);
    int status = server_ask (cli, "PUT", path_of (cli, "/groups/%s", cli->args.items[0]),
                             body_json (cli, body), &answer);
    if (answer)
        printf ("The group %s is set\n", value_get_text (answer, "name"));
    return status;
}

const command_t command_groups_set = {.name = "groups set",
                                      .group = GROUP_PEOPLE,
                                      .usage = "[--json] GROUP PERSON...",
                                      .summary = "Make a group of people, or replace its members.",
                                      .help = "What is given to group:GROUP is given to each of them.\n",
                                      .examples = "opencicd groups set developers ada grace\n",
                                      .programs = CLIENT,
                                      .flags = flags_json,
                                      .min_args = 2,
                                      .max_args = MANY,
                                      .run = set_group};

static int remove_group (cli_t *cli)
{
    return remove_item (cli, "groups", "removed, with its roles");
}

const command_t command_groups_remove = {.name = "groups remove",
                                         .group = GROUP_PEOPLE,
                                         .usage = "[--json] GROUP",
                                         .summary = "Remove a group, and its roles.",
                                         .programs = CLIENT,
                                         .flags = flags_json,
                                         .min_args = 1,
                                         .max_args = 1,
                                         .run = remove_group};

// ---- who may see a project ----

static int set_visibility (cli_t *cli)
{
    const value_t *answer;
    value_t *body = value_object (cli->turn->arena);
    body_text (cli, body, "visibility", cli->args.items[1]);
    int status = server_ask (cli, "PATCH", path_of (cli, "/projects/%s", cli->args.items[0]),
                             body_json (cli, body), &answer);
    if (answer)
        printf ("The project %s is %s\n", value_get_text (answer, "name"),
                value_get_text (answer, "visibility"));
    return status;
}

const command_t command_project_visibility = {
    .name = "project visibility",
    .group = GROUP_PROJECTS,
    .usage = "[--json] PROJECT public|private",
    .summary = "Say who may see a project: everybody, or who has a role in it.",
    .help =
        "Of a public project everybody sees the runs, their logs and artifacts, without signing in unless the\n"
        "server's `public_projects` is off; never its secrets, variables, environments and settings.\n",
    .examples = "opencicd project visibility site public\n",
    .programs = CLIENT,
    .flags = flags_json,
    .min_args = 2,
    .max_args = 2,
    .run = set_visibility};
