/* tokens.c - `opencicd tokens list|issue|revoke`: credentials for people, tools and agents. */

#include "cli/show.h"
#include "cli/table.h"

#include <string.h>

#define DAY_SECONDS 86400

static const flag_t json_flags[] = {FLAG_JSON, {.name = NULL}};
static const flag_t list_flags[] = {FLAGS_PAGE, FLAG_JSON, {.name = NULL}};

static int list (cli_t *cli)
{
    static const char *const headings[] = {"ID", "ROLE", "NAME", "SUBJECT", "CREATED", "EXPIRES", NULL};
    const value_t *page, *const *items;
    int status = server_list (cli, "/tokens", &page);
    if (!page)
        return status;
    table_t *table = table_new (cli->turn->arena, headings);
    size_t count = items_of (page, "items", &items);
    for (size_t i = 0; i < count; i++) {
        const char *expires = value_get_text (items[i], "expires_at");
        table_row (table);
        table_cell (table, PLAIN, value_get_text (items[i], "id"));
        table_cell (table, PLAIN, value_get_text (items[i], "role"));
        table_cell (table, PLAIN, value_get_text (items[i], "name"));
        table_cell (table, PLAIN, value_get_text (items[i], "subject"));
        table_cell (table, PLAIN, ago (cli, items[i], "created_at"));
        table_cell (table, PLAIN, *expires ? arena_printf (cli->turn->arena, "%.10s", expires) : "never");
    }
    table_print (table, stdout, cli->colour);
    server_more (cli, page);
    return status;
}

const command_t command_tokens_list = {.name = "tokens list",
                                       .usage = "[OPTIONS]",
                                       .summary = "List the tokens, without their secrets.",
                                       .programs = CLIENT,
                                       .flags = list_flags,
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
    const value_t *answer;
    int status = server_ask (cli, "DELETE", path_of (cli, "/tokens/%s", cli->words.items[0]), NULL, &answer);
    if (answer)
        printf ("%s is revoked\n", cli->words.items[0]);
    return status;
}

const command_t command_tokens_revoke = {.name = "tokens revoke",
                                         .usage = "[--json] TOKEN",
                                         .summary = "A token, by its id, is good no more.",
                                         .programs = CLIENT,
                                         .flags = json_flags,
                                         .least = 1,
                                         .most = 1,
                                         .run = revoke};
