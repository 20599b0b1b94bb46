/* tokens.c - `opencicd tokens list|issue|revoke`: credentials for people, tools and agents. */

#include "cli/listing.h"

#include <string.h>

#define DAY_SECONDS 86400

static void add_token (const cli_t *cli, table_t *table, const value_t *item)
{
    const char *expires = value_get_text (item, "expires_at");
    table_cell (table, PLAIN, value_get_text (item, "id"));
    table_cell (table, PLAIN, value_get_text (item, "role"));
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
                                       .usage = "[OPTIONS]",
                                       .summary = "List the tokens, without their secrets.",
                                       .programs = CLIENT,
                                       .flags = flags_list,
                                       .run = list};

static int issue (cli_t *cli)
{
    const value_t *token;
    value_t *body = value_object (cli->turn->arena);
    int64_t days = flag_number (cli->flags, "days", 0);
    body_text (cli, body, "role", cli->words.items[0]);
    body_text (cli, body, "name", flag_text (cli->flags, "name"));
    if (days > INT32_MAX)
        return cli_usage (cli, "--days: at most %d", INT32_MAX);
    if (days)
        value_set (cli->turn->arena, body, "ttl_seconds",
                   value_number (cli->turn->arena, (double) days * DAY_SECONDS));
    int status = server_ask (cli, "POST", "/tokens", body_json (cli, body), &token);
    if (!token)
        return status;
    printf ("%s\n", value_get_text (token, "token"));
    fflush (stdout);
    fprintf (stderr, "It is shown this once. To revoke it: opencicd tokens revoke %s\n",
             value_get_text (token, "id"));
    return status;
}

static const flag_t issue_flags[] = {
    {.name = "name", .kind = FLAG_TEXT, .metavar = "TEXT", .doc = "What it is for."},
    {.name = "days",
     .kind = FLAG_NUMBER,
     .metavar = "N",
     .doc = "It is good for so long; without it, for ever."},
    FLAG_JSON,
    {.name = NULL}};

const command_t command_tokens_issue = {.name = "tokens issue",
                                        .usage = "[OPTIONS] ROLE",
                                        .summary = "Make a token: VIEWER, DEVELOPER, ADMIN or REGISTRAR.",
                                        .help = "The token alone is printed on standard output.\n",
                                        .programs = CLIENT,
                                        .flags = issue_flags,
                                        .least = 1,
                                        .most = 1,
                                        .run = issue};

static int revoke (cli_t *cli)
{
    return remove_item (cli, "tokens", "revoked");
}

const command_t command_tokens_revoke = {.name = "tokens revoke",
                                         .usage = "[--json] TOKEN",
                                         .summary = "A token, by its id, is good no more.",
                                         .programs = CLIENT,
                                         .flags = flags_json,
                                         .least = 1,
                                         .most = 1,
                                         .run = revoke};
