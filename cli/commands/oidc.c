/* oidc.c - `opencicd oidc keys|rotate`: the keys that sign the identities of jobs. */

#include "cli/show/listing.h"

#include <stdio.h>

static const char *const key_headings[] = {"KEY", "STATE", "MADE", "SIGNS FROM", "PUBLISHED UNTIL", NULL};

static void add_key (const cli_t *cli, table_t *table, const value_t *item)
{
    table_cell (table, PLAIN, value_get_text (item, "id"));
    table_cell (table, PLAIN, value_get_text (item, "state"));
    table_cell (table, PLAIN, ago (cli, item, "created_at"));
    table_cell (table, PLAIN, value_get_text (item, "signs_at"));
    table_cell (table, PLAIN, value_get_text (item, "ends_at"));
}

static int keys (cli_t *cli)
{
    const value_t *page;
    int status = server_ask (cli, "GET", "/oidc/keys", NULL, &page);
    if (page)
        list_table (cli, page, "items", key_headings, add_key);
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
        list_table (cli, page, "items", key_headings, add_key);
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
