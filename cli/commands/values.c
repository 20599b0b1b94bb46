/* values.c - `opencicd secret|variable set|list|remove`: what jobs are given, for all projects, for one, or for one of its environments.
 *
 * A value comes on standard input: an argument would be in the shell's history, and every user of the machine could read it. */

#include "cli/files/input.h"
#include "cli/show/listing.h"

#include <stdio.h>

#define VALUE_SCOPE_FLAGS                                                           \
    {.name = "project",                                                             \
     .kind = FLAG_TEXT,                                                             \
     .letter = 'p',                                                                 \
     .metavar = "PROJECT",                                                          \
     .doc = "Of this project, by name or id. Default: of all projects."},           \
    {                                                                               \
        .name = "environment", .kind = FLAG_TEXT, .letter = 'e', .metavar = "NAME", \
        .doc = "Of this environment of the project."                                \
    }

static const flag_t value_flags[] = {VALUE_SCOPE_FLAGS, FLAG_JSON, {.name = NULL}};
static const flag_t value_list_flags[] = {VALUE_SCOPE_FLAGS, FLAGS_PAGE, FLAG_JSON, {.name = NULL}};

// "/projects/site/environments/production/secrets"; NULL after a message.
static const char *path_of_values (cli_t *cli, const char *kind)
{
    const char *project = flag_text (cli->flags, "project");
    const char *environment = flag_text (cli->flags, "environment");
    arena_t *arena = cli->turn->arena;
    if (environment && !project) {
        cli_usage (cli, "--environment: name its project too (--project)");
        return NULL;
    }
    if (!project)
        return arena_printf (arena, "/%ss", kind);
    const char *path = path_of (cli, "/projects/%s", project);
    if (environment)
        path = arena_printf (arena, "%s%s", path, path_of (cli, "/environments/%s", environment));
    return arena_printf (arena, "%s/%ss", path, kind);
}

static const char *path_of_value (cli_t *cli, const char *kind)
{
    const char *path = path_of_values (cli, kind);
    return path ? arena_printf (cli->turn->arena, "%s%s", path, path_of (cli, "/%s", cli->args.items[0]))
                : NULL;
}

static int set_value (cli_t *cli, const char *kind, const char *value)
{
    const value_t *answer;
    value_t *body = value_object (cli->turn->arena);
    const char *path = path_of_value (cli, kind);
    if (!path)
        return CLI_USAGE;
    if (!value) {
        fault_t fault = input_value (cli->turn, cli->args.items[0], &value);
        if (fault)
            return cli_fail (cli, fault);
    }
    value_set (cli->turn->arena, body, "value", value_string (cli->turn->arena, value));
    int status = server_ask (cli, "PUT", path, body_json (cli, body), &answer);
    if (answer)
        printf ("The %s %s is set\n", kind, value_get_text (answer, "name"));
    return status;
}

static int remove_value (cli_t *cli, const char *kind)
{
    const value_t *answer;
    const char *path = path_of_value (cli, kind);
    if (!path)
        return CLI_USAGE;
    int status = server_ask (cli, "DELETE", path, NULL, &answer);
    if (answer)
        printf ("The %s %s is removed\n", kind, cli->args.items[0]);
    return status;
}

static void add_change (const cli_t *cli, table_t *table, const value_t *item)
{
    table_cell (table, PLAIN, ago (cli, item, "updated_at"));
    table_cell (table, PLAIN, value_get_text (item, "updated_by"));
}

// ---- secrets ----

static int set_secret (cli_t *cli)
{
    return set_value (cli, "secret", NULL);
}

const command_t command_secret_set = {
    .name = "secret set",
    .group = GROUP_SECRETS,
    .usage = "[OPTIONS] NAME < VALUE",
    .summary = "Set a secret, with the value on standard input.",
    .help =
        "Jobs that name it get it as secrets.NAME: an environment's before a project's, and that before one of all projects. It is\n"
        "stored encrypted and never shown again. A line feed at the end of the value is left out.\n",
    .examples = "opencicd secret set DEPLOY_KEY --project site < key.pem\n"
                "pass show ci/token | opencicd secret set TOKEN --project site --environment production\n",
    .programs = CLIENT,
    .flags = value_flags,
    .min_args = 1,
    .max_args = 1,
    .run = set_secret};

static void add_secret (const cli_t *cli, table_t *table, const value_t *item)
{
    table_cell (table, PLAIN, value_get_text (item, "name"));
    add_change (cli, table, item);
}

static int list_secrets (cli_t *cli)
{
    static const char *const headings[] = {"NAME", "SET", "BY", NULL};
    const char *path = path_of_values (cli, "secret");
    return path ? list_items (cli, path, headings, add_secret) : CLI_USAGE;
}

const command_t command_secret_list = {.name = "secret list",
                                       .group = GROUP_SECRETS,
                                       .usage = "[OPTIONS]",
                                       .summary = "List secrets: their names, never their values.",
                                       .programs = CLIENT,
                                       .flags = value_list_flags,
                                       .run = list_secrets};

static int remove_secret (cli_t *cli)
{
    return remove_value (cli, "secret");
}

const command_t command_secret_remove = {.name = "secret remove",
                                         .group = GROUP_SECRETS,
                                         .usage = "[OPTIONS] NAME",
                                         .summary = "Remove a secret.",
                                         .programs = CLIENT,
                                         .flags = value_flags,
                                         .min_args = 1,
                                         .max_args = 1,
                                         .run = remove_secret};

// ---- variables ----

static int set_variable (cli_t *cli)
{
    return set_value (cli, "variable", cli->args.count > 1 ? cli->args.items[1] : NULL);
}

const command_t command_variable_set = {
    .name = "variable set",
    .group = GROUP_SECRETS,
    .usage = "[OPTIONS] NAME [VALUE]",
    .summary = "Set a variable.",
    .help =
        "Workflows see it as vars.NAME, from their next run on; everybody may read it. Without VALUE it comes on standard input.\n",
    .examples = "opencicd variable set REGION eu-1 --project site\n"
                "opencicd variable set REGION us-1 --project site --environment production\n",
    .programs = CLIENT,
    .flags = value_flags,
    .min_args = 1,
    .max_args = 2,
    .run = set_variable};

static void add_variable (const cli_t *cli, table_t *table, const value_t *item)
{
    table_cell (table, PLAIN, value_get_text (item, "name"));
    table_cell (table, PLAIN, value_get_text (item, "value"));
    add_change (cli, table, item);
}

static int list_variables (cli_t *cli)
{
    static const char *const headings[] = {"NAME", "VALUE", "SET", "BY", NULL};
    const char *path = path_of_values (cli, "variable");
    return path ? list_items (cli, path, headings, add_variable) : CLI_USAGE;
}

const command_t command_variable_list = {.name = "variable list",
                                         .group = GROUP_SECRETS,
                                         .usage = "[OPTIONS]",
                                         .summary = "List variables and their values.",
                                         .programs = CLIENT,
                                         .flags = value_list_flags,
                                         .run = list_variables};

static int remove_variable (cli_t *cli)
{
    return remove_value (cli, "variable");
}

const command_t command_variable_remove = {.name = "variable remove",
                                           .group = GROUP_SECRETS,
                                           .usage = "[OPTIONS] NAME",
                                           .summary = "Remove a variable.",
                                           .programs = CLIENT,
                                           .flags = value_flags,
                                           .min_args = 1,
                                           .max_args = 1,
                                           .run = remove_variable};
