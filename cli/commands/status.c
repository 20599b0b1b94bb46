/* status.c - `opencicd status`: what fails now, what runs, and what one started last. */

#include "cli/show/listing.h"

#include <inttypes.h>

static void add_run (const cli_t *cli, table_t *table, const value_t *run)
{
    const char *result = result_of (run);
    table_cell (table, BOLD, value_get_text (run, "project"));
    table_cell (table, PLAIN, arena_printf (cli->turn->arena, "#%" PRId64, number_of (run, "number")));
    table_cell (table, paint_of_result (result), result);
    table_cell (table, PLAIN, took (cli, run));
    table_cell (table, PLAIN, ref_of (cli, run));
    table_cell (table, PLAIN, ago (cli, run, "created_at"));
    table_cell (table, DIM, value_get_text (run, "id"));
    table_cell (table, PLAIN, value_get_text (run, "title"));
}

static void print_list (const cli_t *cli, const value_t *overview, const char *list, const char *title,
                        const char *none)
{
    const char *const headings[] = {title, "RUN", "RESULT", "TIME", "REF", "CREATED", "ID", "TITLE", NULL};
    const value_t *const *items;
    if (items_of (overview, list, &items))
        list_table (cli, overview, list, headings, add_run);
    else
        printf ("%s\n", none);
}

static int status (cli_t *cli)
{
    const value_t *overview;
    int ended = server_ask (cli, "GET", "/overview", NULL, &overview);
    if (!overview)
        return ended;
    print_list (cli, overview, "failing", "FAILING NOW", "No default branch fails.");
    printf ("\n");
    print_list (cli, overview, "running", "RUNNING", "Nothing is running.");
    if (bool_of (overview, "more_running"))
        printf ("... and more: opencicd runs --state running\n");
    printf ("\n");
    print_list (cli, overview, "mine", "YOURS", "You have started no run yet.");
    return ended;
}

const command_t command_status = {
    .name = "status",
    .group = GROUP_RUNS,
    .usage = "[--json]",
    .summary = "Show which default branches fail, what runs, and what you started last.",
    .help =
        "A workflow fails while the last run of it on its project's default branch that passed or failed did not\n"
        "pass, for at most 30 days.\n",
    .examples = "opencicd status\n",
    .programs = CLIENT,
    .flags = flags_json,
    .run = status};
