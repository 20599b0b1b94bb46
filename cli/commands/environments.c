/* environments.c - `opencicd environment set|list|show|remove`: what jobs deploy to, and what must be so before they may. */

#include "cli/show/listing.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PROJECT_FLAG                                                               \
    {                                                                              \
        .name = "project", .kind = FLAG_TEXT, .letter = 'p', .metavar = "PROJECT", \
        .doc = "Its project, by name or id; required."                             \
    }

static const flag_t of_project[] = {PROJECT_FLAG, FLAG_JSON, {.name = NULL}};
static const flag_t list_flags[] = {PROJECT_FLAG, FLAGS_PAGE, FLAG_JSON, {.name = NULL}};

// NULL after a message.
static const char *environments_path (const cli_t *cli)
{
    const char *project = flag_text (cli->flags, "project");
    if (!project)
        cli_usage (cli, "--project: is missing");
    return project ? path_of (cli, "/projects/%s/environments", project) : NULL;
}

static const char *environment_path (const cli_t *cli)
{
    const char *path = environments_path (cli);
    return path ? arena_printf (cli->turn->arena, "%s%s", path, path_of (cli, "/%s", cli->args.items[0]))
                : NULL;
}

static const char *wait_text (const cli_t *cli, const value_t *item)
{
    int64_t minutes = number_of (item, "wait_minutes");
    return minutes ? arena_printf (cli->turn->arena, "%" PRId64 " min", minutes) : "";
}

static void add_environment (const cli_t *cli, table_t *table, const value_t *item)
{
    const char *branches = list_text (cli, item, "branches"), *tags = list_text (cli, item, "tags");
    table_cell (table, PLAIN, value_get_text (item, "name"));
    table_cell (table, PLAIN, list_text (cli, item, "approvers"));
    table_cell (table, PLAIN, wait_text (cli, item));
    table_cell (table, PLAIN,
                *tags ? arena_printf (cli->turn->arena, "%s%stags %s", branches, *branches ? ", " : "", tags)
                      : branches);
    table_cell (table, PLAIN, ago (cli, item, "updated_at"));
    table_cell (table, PLAIN, value_get_text (item, "updated_by"));
}

static int list_environments (cli_t *cli)
{
    static const char *const headings[] = {"NAME", "APPROVED BY", "WAIT", "BRANCHES", "SET", "BY", NULL};
    const char *path = environments_path (cli);
    return path ? list_items (cli, path, headings, add_environment) : CLI_USAGE;
}

const command_t command_environment_list = {.name = "environment list",
                                            .group = GROUP_SECRETS,
                                            .usage = "--project PROJECT [OPTIONS]",
                                            .summary = "List a project's environments and their rules.",
                                            .programs = CLIENT,
                                            .flags = list_flags,
                                            .run = list_environments};

static void print_rule (const cli_t *cli, const char *label, const char *text)
{
    if (*text)
        printf ("%-14s %s\n", label, paint_safe (cli->turn->arena, text));
}

static int show_environment (cli_t *cli)
{
    const value_t *item;
    const char *path = environment_path (cli);
    if (!path)
        return CLI_USAGE;
    int status = server_ask (cli, "GET", path, NULL, &item);
    if (!item)
        return status;
    printf ("%s\n", paint (cli->turn->arena, cli->colour, BOLD, value_get_text (item, "name")));
    print_rule (cli, "Approved by", list_text (cli, item, "approvers"));
    print_rule (cli, "Self-review", bool_of (item, "no_self_review") ? "not by whoever started the run" : "");
    print_rule (cli, "Wait", wait_text (cli, item));
    print_rule (cli, "Branches", list_text (cli, item, "branches"));
    print_rule (cli, "Tags", list_text (cli, item, "tags"));
    print_rule (cli, "Set",
                arena_printf (cli->turn->arena, "%s by %s", ago (cli, item, "updated_at"),
                              value_get_text (item, "updated_by")));
    return status;
}

const command_t command_environment_show = {.name = "environment show",
                                            .group = GROUP_SECRETS,
                                            .usage = "--project PROJECT [--json] NAME",
                                            .summary = "Show an environment's rules.",
                                            .programs = CLIENT,
                                            .flags = of_project,
                                            .min_args = 1,
                                            .max_args = 1,
                                            .run = show_environment};

static void put_list (const cli_t *cli, value_t *body, const char *flag, const char *key)
{
    value_t *list = value_array (cli->turn->arena);
    args_t given = flag_list (cli->flags, flag);
    for (size_t i = 0; i < given.count; i++)
        value_push (cli->turn->arena, list, value_string (cli->turn->arena, given.items[i]));
    value_set (cli->turn->arena, body, key, list);
}

static int set_environment (cli_t *cli)
{
    const value_t *answer;
    value_t *body = value_object (cli->turn->arena);
    const char *path = environment_path (cli);
    if (!path)
        return CLI_USAGE;
    int64_t minutes = flag_number (cli->flags, "wait-minutes", 0);
    value_set (cli->turn->arena, body, "wait_minutes", value_number (cli->turn->arena, (double) minutes));
    value_set (cli->turn->arena, body, "no_self_review", value_bool (flag_on (cli->flags, "no-self-review")));
    put_list (cli, body, "approver", "approvers");
    put_list (cli, body, "branch", "branches");
    put_list (cli, body, "tag", "tags");
    int status = server_ask (cli, "PUT", path, body_json (cli, body), &answer);
    if (answer)
        printf ("The environment %s is set\n", value_get_text (answer, "name"));
    return status;
}

static const flag_t set_flags[] = {
    PROJECT_FLAG,
    {.name = "approver",
     .kind = FLAG_LIST,
     .metavar = "SUBJECT",
     .doc = "Who may approve its jobs: one of those named must; may be repeated."},
    {.name = "no-self-review",
     .kind = FLAG_SWITCH,
     .doc = "Whoever started the run does not approve it, an ADMIN neither."},
    {.name = "wait-minutes", .kind = FLAG_NUMBER, .metavar = "N", .doc = "Its jobs wait that long."},
    {.name = "branch",
     .kind = FLAG_LIST,
     .metavar = "PATTERN",
     .doc = "Only jobs of branches like this, `release/**`, may use it; may be repeated."},
    {.name = "tag",
     .kind = FLAG_LIST,
     .metavar = "PATTERN",
     .doc = "And of tags like this; may be repeated. With no pattern at all: any branch or tag."},
    FLAG_JSON,
    {.name = NULL}};

const command_t command_environment_set = {
    .name = "environment set",
    .group = GROUP_SECRETS,
    .usage = "--project PROJECT [OPTIONS] NAME",
    .summary = "Make an environment, or replace its rules.",
    .help =
        "Jobs with `environment: NAME` get its secrets and variables. A rule that is not given is removed.\n",
    .examples = "opencicd environment set production --project site --approver ada --branch main\n",
    .programs = CLIENT,
    .flags = set_flags,
    .min_args = 1,
    .max_args = 1,
    .run = set_environment};

static int remove_environment (cli_t *cli)
{
    const value_t *answer;
    const char *path = environment_path (cli);
    if (!path)
        return CLI_USAGE;
    int status = server_ask (cli, "DELETE", path, NULL, &answer);
    if (answer)
        printf ("The environment %s is removed, with its secrets and variables\n", cli->args.items[0]);
    return status;
}

const command_t command_environment_remove = {.name = "environment remove",
                                              .group = GROUP_SECRETS,
                                              .usage = "--project PROJECT [--json] NAME",
                                              .summary =
                                                  "Remove an environment with its secrets and variables.",
                                              .programs = CLIENT,
                                              .flags = of_project,
                                              .min_args = 1,
                                              .max_args = 1,
                                              .run = remove_environment};
