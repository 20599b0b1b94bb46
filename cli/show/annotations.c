/* annotations.c - `opencicd annotations`: what the steps of a run said of the code; `run show` and what follows a run end with it. */

#include "cli/show/annotations.h"

#include "cli/show/listing.h"

#include <inttypes.h>
#include <string.h>

#define AT_AN_END 20 // More are for `opencicd annotations`

static paint_t paint_of (const char *level)
{
    return strcmp (level, "error") == 0 ? RED : strcmp (level, "warning") == 0 ? YELLOW : CYAN;
}

// "src/a.c:3:7", as compilers do.
static const char *location (const cli_t *cli, const value_t *item)
{
    arena_t *arena = cli->turn->arena;
    const char *text = paint_safe (arena, value_get_text (item, "file"));
    int64_t line = number_of (item, "line"), column = number_of (item, "column");
    if (line)
        text = arena_printf (arena, "%s:%" PRId64, text, line);
    return column ? arena_printf (arena, "%s:%" PRId64, text, column) : text;
}

// Its title and the first line of its message.
static const char *said (const cli_t *cli, const value_t *item)
{
    arena_t *arena = cli->turn->arena;
    const char *title = value_get_text (item, "title"), *message = value_get_text (item, "message");
    message = arena_strndup (arena, message, strcspn (message, "\r\n"));
    return paint_safe (arena, *title ? arena_printf (arena, "%s: %s", title, message) : message);
}

static void add_annotation (const cli_t *cli, table_t *table, const value_t *item)
{
    const char *level = value_get_text (item, "level");
    table_cell (table, paint_of (level), level);
    table_cell (table, PLAIN, value_get_text (item, "job_name"));
    table_cell (table, BOLD, location (cli, item));
    table_cell (table, PLAIN, said (cli, item));
}

static int annotations (cli_t *cli)
{
    static const char *const headings[] = {"LEVEL", "JOB", "LOCATION", "MESSAGE", NULL};
    return list_items (cli, path_of (cli, "/runs/%s/annotations", cli->args.items[0]), headings,
                       add_annotation);
}

const command_t command_annotations = {
    .name = "annotations",
    .group = GROUP_RUNS,
    .usage = "[OPTIONS] RUN",
    .summary = "List the errors, warnings and notices that a run's steps reported.",
    .help = "Each is shown with its job and, if the step named one, its file and line.\n",
    .programs = CLIENT,
    .flags = flags_list,
    .min_args = 1,
    .max_args = 1,
    .run = annotations};

void show_annotations (cli_t *cli, client_t *client, const char *run)
{
    const value_t *page, *const *items;
    arena_t *arena = cli->turn->arena;
    const char *path = path_of (cli, "/runs/%s/annotations", run);
    path = path_with (cli, path, "limit", arena_printf (arena, "%d", AT_AN_END));
    if (server_ask_on (cli, client, "GET", path, NULL, &page) != CLI_OK || !page)
        return;
    size_t count = items_of (page, "items", &items);
    if (count)
        printf ("\n");
    for (size_t i = 0; i < count; i++) {
        const char *level = value_get_text (items[i], "level"), *where = location (cli, items[i]);
        printf ("%s %s%s%s%s%s\n", paint (arena, cli->colour, paint_of (level), level),
                paint_safe (arena, value_get_text (items[i], "job_name")), *where ? " " : "", where, ": ",
                said (cli, items[i]));
    }
    if (*value_get_text (page, "next"))
        printf ("There are more: opencicd annotations %s\n", run);
}
