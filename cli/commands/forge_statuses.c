/* forge_statuses.c - `opencicd forge statuses`: what a forge shows of a project's runs, and why it does not. */

#include "cli/show/listing.h"

static void add_status (const cli_t *cli, table_t *table, const value_t *item)
{
    const char *state = value_get_text (item, "state"), *delivery = value_get_text (item, "delivery");
    const char *reason = value_get_text (item, "reason");
    table_cell (table, PLAIN, arena_printf (cli->turn->arena, "%.10s", value_get_text (item, "sha")));
    table_cell (table, BOLD, value_get_text (item, "context"));
    table_cell (table, PLAIN, state);
    table_cell (table, *delivery == 's' || *delivery == 'w' ? PLAIN : RED, delivery);
    table_cell (table, PLAIN, *reason ? reason : value_get_text (item, "description"));
    table_cell (table, PLAIN, ago (cli, item, "changed_at"));
}

static int list (cli_t *cli)
{
    static const char *const headings[] = {"COMMIT", "STATUS",  "STATE", "DELIVERY",
                                           "DETAIL", "CHANGED", NULL};
    const char *path = path_of (cli, "/projects/%s/forge/statuses", cli->args.items[0]);
    path = path_with (cli, path, "sha", flag_text (cli->flags, "sha"));
    return list_items (cli, path_with (cli, path, "delivery", flag_text (cli->flags, "delivery")), headings,
                       add_status);
}

static const flag_t flags[] = {
    {.name = "sha", .kind = FLAG_TEXT, .metavar = "COMMIT", .doc = "Only of this commit, by its whole id."},
    {.name = "delivery",
     .kind = FLAG_TEXT,
     .metavar = "STATE",
     .choices = "waiting|sent|refused|undelivered",
     .doc = "Only those that wait; that the forge took; that it refused; that it could not take for a day."},
    FLAGS_PAGE,
    FLAG_JSON,
    {.name = NULL}};

const command_t command_forge_statuses = {
    .name = "forge statuses",
    .group = GROUP_FORGES,
    .usage = "[OPTIONS] PROJECT",
    .summary = "List what a project's forge shows of its runs, and what it has not taken.",
    .examples = "opencicd forge statuses --delivery refused site\n",
    .programs = CLIENT,
    .flags = flags,
    .min_args = 1,
    .max_args = 1,
    .run = list};
