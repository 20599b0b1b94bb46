/* tokens.c - `opencicd tokens list|issue|revoke`: credentials for people, tools and agents. */

#include "cli/show/listing.h"

#include <string.h>

#define DAY_SECONDS 86400

static void add_token (const cli_t *cli, table_t *table, const value_t *item)
{
    const char *expires = value_get_text (item, "expires_at");
    table_cell (table, PLAIN, value_get_text (item, "id"));
    const char *projects = list_text (cli, item, "projects"), *role = value_get_text (item, "role");
    table_cell (table, PLAIN, *projects ? arena_printf (cli->turn->arena, "%s in %s", role, projects) : role);
    table_cell (table, PLAIN, value_get_text (item, "name"));
    table_cell (table, PLAIN, value_get_text (item, "subject"));
    table_cell (table, PLAIN, ago (cli, item, "created_at"));
    table_cell (table, PLAIN, *expires ? arena_printf (cli->turn->arena, "%.10s", expires) : "never");
}

static int list (cli_t *cli)
{
    static const char *const headings[] = {"ID", "ROLE", "NAME", "SUBJECT", "CREATED", "EXPIRES", NULL};
    return list_items (cli, "/tokens", headings, add_token);
}

const command_t command_tokens_list = {.name = "tokens list",
                                       .group = GROUP_TOKENS,
                                       .usage = "[OPTIONS]",
                                       .summary = "List tokens, without their secrets.",
                                       .programs = CLIENT,
                                       .flags = flags_list,
                                       .run = list};

static void put_labels (const cli_t *cli, value_t *body, const char *text)
{
    value_t *labels = value_array (cli->turn->arena);
    for (size_t size; *text; text += size + (text[size] == ',')) {
        size = strcspn (text, ",");
        value_push (cli->turn->arena, labels, value_string_n (cli->turn->arena, text, size));
    }
    value_set (cli->turn->arena, body, "labels", labels);
}

static void put_projects (const cli_t *cli, value_t *body)
{
    value_t *projects = value_array (cli->turn->arena);
    args_t given = flag_list (cli->flags, "project");
    for (size_t i = 0; i < given.count; i++)
        value_push (cli->turn->arena, projects, value_string (cli->turn->arena, given.items[i]));
    value_set (cli->turn->arena, body, "projects", projects);
}

static int issue (cli_t *cli)
{
    const value_t *token;
    value_t *body = value_object (cli->turn->arena);
    int64_t days = flag_number (cli->flags, "days", 0), uses = flag_number (cli->flags, "uses", 0);
    const char *labels = flag_text (cli->flags, "labels");
    body_text (cli, body, "role", cli->args.items[0]);
    body_text (cli, body, "name", flag_text (cli->flags, "name"));
    if (days > INT32_MAX)
        return cli_usage (cli, "--days: at most %d", INT32_MAX);
    if (days)
        value_set (cli->turn->arena, body, "ttl_seconds",
                   value_number (cli->turn->arena, (double) days * DAY_SECONDS));
    if (uses)
        value_set (cli->turn->arena, body, "uses", value_number (cli->turn->arena, (double) uses));
    if (labels)
        put_labels (cli, body, labels);
    body_text (cli, body, "subject", flag_text (cli->flags, "subject"));
    if (flag_list (cli->flags, "project").count)
        put_projects (cli, body);
    int status = server_ask (cli, "POST", "/tokens", body_json (cli, body), &token);
    if (!token)
        return status;
    printf ("%s\n", value_get_text (token, "token"));
    fflush (stdout);
    fprintf (stderr, "The token is shown only once. To revoke it: opencicd tokens revoke %s\n",
             value_get_text (token, "id"));
    return status;
}

static const flag_t issue_flags[] = {
    {.name = "name", .kind = FLAG_TEXT, .metavar = "TEXT", .doc = "What it is for."},
    {.name = "subject", .kind = FLAG_TEXT, .metavar = "PERSON", .doc = "Whose it is. Default: its name."},
    {.name = "project",
     .kind = FLAG_LIST,
     .letter = 'p',
     .metavar = "PROJECT",
     .doc = "It has its role in this project alone; may be repeated."},
    {.name = "days", .kind = FLAG_NUMBER, .metavar = "N", .doc = "Days until it expires. Default: never."},
    {.name = "labels",
     .kind = FLAG_TEXT,
     .metavar = "A,B,...",
     .doc = "REGISTRAR: agents that register with it may have only these labels."},
    {.name = "uses",
     .kind = FLAG_NUMBER,
     .metavar = "N",
     .doc = "REGISTRAR: how many agents may register with it."},
    FLAG_JSON,
    {.name = NULL}};

const command_t command_tokens_issue = {
    .name = "tokens issue",
    .group = GROUP_TOKENS,
    .usage = "[OPTIONS] ROLE",
    .summary = "Issue a token for a role: MEMBER, VIEWER, DEVELOPER, MAINTAINER, ADMIN or REGISTRAR.",
    .help =
        "A VIEWER reads, a DEVELOPER also starts and cancels runs, a MAINTAINER also has the settings of projects, an ADMIN\n"
        "may do everything: in all projects, or in those that --project names. A MEMBER may what its person was given\n"
        "(`opencicd roles`). A REGISTRAR registers agents.\n"
        "Prints only the token on standard output.\n",
    .examples = "opencicd tokens issue REGISTRAR --name \"GPU machines\" --labels gpu --uses 4 --days 7\n"
                "opencicd tokens issue DEVELOPER --name \"git hook\" --project opencicd\n"
                "opencicd tokens issue MEMBER --subject ada\n",
    .programs = CLIENT,
    .flags = issue_flags,
    .min_args = 1,
    .max_args = 1,
    .run = issue};

static int revoke (cli_t *cli)
{
    return remove_item (cli, "tokens", "revoked");
}

const command_t command_tokens_revoke = {.name = "tokens revoke",
                                         .group = GROUP_TOKENS,
                                         .usage = "[--json] TOKEN",
                                         .summary = "Revoke a token.",
                                         .help = "TOKEN is its id, from `opencicd tokens list`.\n",
                                         .programs = CLIENT,
                                         .flags = flags_json,
                                         .min_args = 1,
                                         .max_args = 1,
                                         .run = revoke};
