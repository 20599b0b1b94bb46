/* sessions.c - `opencicd sessions list|end`: the browsers in which one is signed in. */

#include "cli/show/listing.h"

static void add_session (const cli_t *cli, table_t *table, const value_t *item)
{
    table_cell (table, PLAIN, value_get_text (item, "id"));
    table_cell (table, PLAIN, value_get_text (item, "role"));
    table_cell (table, PLAIN, ago (cli, item, "created_at"));
    table_cell (table, PLAIN, ago (cli, item, "seen_at"));
    table_cell (table, PLAIN, arena_printf (cli->turn->arena, "%.10s", value_get_text (item, "expires_at")));
    table_cell (table, PLAIN, value_get_text (item, "client"));
}

static int list (cli_t *cli)
{
    static const char *const headings[] = {"ID", "ROLE", "SIGNED IN", "LAST SEEN", "ENDS", "BROWSER", NULL};
    return list_items (cli, path_with (cli, "/sessions", "subject", flag_text (cli->flags, "subject")),
                       headings, add_session);
}

static const flag_t sessions_flags[] = {{.name = "subject",
                                         .kind = FLAG_TEXT,
                                         .metavar = "NAME",
                                         .doc = "Those of this person; for an ADMIN. Default: your own."},
                                        FLAGS_PAGE,
                                        FLAG_JSON,
                                        {.name = NULL}};

const command_t command_sessions_list = {
    .name = "sessions list",
    .group = GROUP_TOKENS,
    .usage = "[OPTIONS]",
    .summary = "List the browsers in which you are signed in.",
    .help = "Whoever has the same subject or, where a token has none, the same name is the same person.\n",
    .programs = CLIENT,
    .flags = sessions_flags,
    .run = list};

static int end (cli_t *cli)
{
    return remove_item (cli, "sessions", "signed out");
}

const command_t command_sessions_end = {.name = "sessions end",
                                        .group = GROUP_TOKENS,
                                        .usage = "[--json] SESSION",
                                        .summary = "Sign a browser out.",
                                        .help = "SESSION is its id, from `opencicd sessions list`.\n",
                                        .programs = CLIENT,
                                        .flags = flags_json,
                                        .min_args = 1,
                                        .max_args = 1,
                                        .run = end};
