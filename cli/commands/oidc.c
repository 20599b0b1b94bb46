/* oidc.c - `opencicd oidc keys|rotate`: the keys that sign the identities of jobs. */

#include "cli/show/listing.h"

#include <stdio.h>

static void print_keys (const cli_t *cli, const value_t *page)
{
    static const char *const headings[] = {"KEY", "STATE", "MADE", "SIGNS FROM", "PUBLISHED UNTIL", NULL};
    const value_t *const *items;
    table_t *table = table_new (cli->turn->arena, headings);
    size_t count = items_of (page, "items", &items);
    for (size_t i = 0; i < count; i++) {
        table_row (table);
        table_cell (table, PLAIN, value_get_text (items[i], "id"));
        table_cell (table, PLAIN, value_get_text (items[i], "state"));
        table_cell (table, PLAIN, ago (cli, items[i], "created_at"));
        table_cell (table, PLAIN, value_get_text (items[i], "signs_at"));
        table_cell (table, PLAIN, value_get_text (items[i], "ends_at"));
    }
    table_print (table, stdout, cli->colour);
}

static int keys (cli_t *cli)
{
    const value_t *page;
    int status = server_ask (cli, "GET", "/oidc/keys", NULL, &page);
    if (page)
        print_keys (cli, page);
    return status;
}

const command_t command_oidc_keys = {
    .name = "oidc keys",
    .group = GROUP_SECRETS,
    .usage = "[--json]",
    .summary = "List the keys that sign identities of jobs.",
    .help = "There is none before the first job, or whoever verifies one, has asked.\n",
    .programs = CLIENT,
    .flags = flags_json,
    .run = keys};

static int rotate (cli_t *cli)
{
    const value_t *page;
    value_t *body = value_object (cli->turn->arena);
    value_set (cli->turn->arena, body, "revoke", value_bool (flag_on (cli->flags, "revoke")));
    int status = server_ask (cli, "POST", "/oidc/rotate", body_json (cli, body), &page);
    if (page)
        print_keys (cli, page);
    return status;
}

static const flag_t rotate_flags[] = {
    {.name = "revoke",
     .kind = FLAG_SWITCH,
     .doc =
         "A key has leaked: the new one signs at once, and identities that others signed are not valid any more."},
    FLAG_JSON,
    {.name = NULL}};

const command_t command_oidc_rotate = {
    .name = "oidc rotate",
    .group = GROUP_SECRETS,
    .usage = "[--revoke] [--json]",
    .summary = "Replace the key that signs identities of jobs.",
    .help =
        "The new key is published at once and signs ten minutes later; the old one stays published until the last identity that\n"
        "it signed has expired. Every 90 days that happens without this command.\n",
    .programs = CLIENT,
    .flags = rotate_flags,
    .run = rotate};
