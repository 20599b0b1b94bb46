/* service_accounts.c - `opencicd service-accounts list|add|remove|tokens|token`: programs that act under a name of their own. */

#include "cli/show/listing.h"

#include <stdio.h>

#define DAY_SECONDS 86400

static void add_account (const cli_t *cli, table_t *table, const value_t *item)
{
    table_cell (table, PLAIN, value_get_text (item, "name"));
    table_cell (table, PLAIN, value_get_text (item, "display_name"));
    table_cell (table, PLAIN, value_get_text (item, "role"));
    table_cell (table, PLAIN, bool_of (item, "disabled") ? "disabled" : "");
    table_cell (table, PLAIN, ago (cli, item, "created_at"));
    table_cell (table, PLAIN, value_get_text (item, "created_by"));
}

static int list (cli_t *cli)
{
    static const char *const headings[] = {"NAME", "CALLED", "ROLE", "STATE", "MADE", "BY", NULL};
    return list_items (cli, "/users?service=true", headings, add_account);
}

const command_t command_service_accounts_list = {.name = "service-accounts list",
                                                 .group = GROUP_PEOPLE,
                                                 .usage = "[OPTIONS]",
                                                 .summary = "List the accounts of programs.",
                                                 .programs = CLIENT,
                                                 .flags = flags_list,
                                                 .run = list};

static int add (cli_t *cli)
{
    const value_t *user;
    value_t *body = value_object (cli->turn->arena);
    body_text (cli, body, "name", cli->args.items[0]);
    body_text (cli, body, "role", flag_text (cli->flags, "role"));
    body_text (cli, body, "display_name", flag_text (cli->flags, "display-name"));
    value_set (cli->turn->arena, body, "service", value_bool (true));
    int status = server_ask (cli, "POST", "/users", body_json (cli, body), &user);
    if (user)
        printf ("%s is added; for a token: opencicd service-accounts token %s NAME\n",
                value_get_text (user, "name"), value_get_text (user, "name"));
    return status;
}

static const flag_t add_flags[] = {
    {.name = "role",
     .kind = FLAG_TEXT,
     .metavar = "ROLE",
     .doc = "What its tokens may at most: MEMBER, VIEWER, DEVELOPER, MAINTAINER, ADMIN. Default: VIEWER."},
    {.name = "display-name", .kind = FLAG_TEXT, .metavar = "TEXT", .doc = "What others call it."},
    FLAG_JSON,
    {.name = NULL}};

const command_t command_service_accounts_add = {
    .name = "service-accounts add",
    .group = GROUP_PEOPLE,
    .usage = "[OPTIONS] NAME",
    .summary = "Make an account for a program.",
    .help =
        "It has no password and no pages, only tokens. `opencicd users` disables, enables and changes it, too.\n",
    .examples = "opencicd service-accounts add --role DEVELOPER release-bot\n",
    .programs = CLIENT,
    .flags = add_flags,
    .min_args = 1,
    .max_args = 1,
    .run = add};

static int remove_account (cli_t *cli)
{
    return remove_item (cli, "users", "removed");
}

const command_t command_service_accounts_remove = {.name = "service-accounts remove",
                                                   .group = GROUP_PEOPLE,
                                                   .usage = "[--json] NAME",
                                                   .summary =
                                                       "Remove the account of a program with its tokens.",
                                                   .programs = CLIENT,
                                                   .flags = flags_json,
                                                   .min_args = 1,
                                                   .max_args = 1,
                                                   .run = remove_account};

static void add_token (const cli_t *cli, table_t *table, const value_t *item)
{
    const char *expires = value_get_text (item, "expires_at");
    table_cell (table, PLAIN, value_get_text (item, "id"));
    table_cell (table, PLAIN, value_get_text (item, "name"));
    table_cell (table, PLAIN, value_get_text (item, "role"));
    table_cell (table, PLAIN, ago (cli, item, "created_at"));
    table_cell (table, PLAIN, *expires ? arena_printf (cli->turn->arena, "%.10s", expires) : "never");
}

static int tokens (cli_t *cli)
{
    static const char *const headings[] = {"ID", "NAME", "ROLE", "ISSUED", "EXPIRES", NULL};
    return list_items (cli, path_of (cli, "/users/%s/tokens", cli->args.items[0]), headings, add_token);
}

const command_t command_service_accounts_tokens = {.name = "service-accounts tokens",
                                                   .group = GROUP_PEOPLE,
                                                   .usage = "[OPTIONS] NAME",
                                                   .summary = "List the tokens of such an account.",
                                                   .programs = CLIENT,
                                                   .flags = flags_list,
                                                   .min_args = 1,
                                                   .max_args = 1,
                                                   .run = tokens};

static int token (cli_t *cli)
{
    const value_t *made;
    value_t *body = value_object (cli->turn->arena);
    int64_t days = flag_number (cli->flags, "days", 0);
    if (days > INT32_MAX)
        return cli_usage (cli, "--days: at most %d", INT32_MAX);
    body_text (cli, body, "name", cli->args.items[1]);
    body_text (cli, body, "role", flag_text (cli->flags, "role"));
    value_set (cli->turn->arena, body, "ttl_seconds",
               value_number (cli->turn->arena, (double) days * DAY_SECONDS));
    int status = server_ask (cli, "POST", path_of (cli, "/users/%s/tokens", cli->args.items[0]),
                             body_json (cli, body), &made);
    if (!made)
        return status;
    printf ("%s\n", value_get_text (made, "token"));
    fflush (stdout);
    fprintf (stderr, "The token is shown only once. To revoke it: opencicd tokens revoke %s\n",
             value_get_text (made, "id"));
    return status;
}

static const flag_t token_flags[] = {
    {.name = "role",
     .kind = FLAG_TEXT,
     .metavar = "ROLE",
     .doc = "What it may, at most what the account may. Default: that."},
    {.name = "days", .kind = FLAG_NUMBER, .metavar = "N", .doc = "Days until it expires. Default: never."},
    FLAG_JSON,
    {.name = NULL}};

const command_t command_service_accounts_token = {
    .name = "service-accounts token",
    .group = GROUP_PEOPLE,
    .usage = "[OPTIONS] ACCOUNT NAME",
    .summary = "Issue a token for such an account; NAME says what for.",
    .help = "Prints only the token on standard output.\n",
    .examples = "opencicd service-accounts token release-bot \"nightly build\" --days 90\n",
    .programs = CLIENT,
    .flags = token_flags,
    .min_args = 2,
    .max_args = 2,
    .run = token};
