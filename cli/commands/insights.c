/* insights.c - `opencicd insights`: how a project's runs did. */

#include "cli/show/listing.h"
#include "cli/terminal/format.h"

#include <inttypes.h>

static const char *ms (const cli_t *cli, const value_t *self, const char *key)
{
    int64_t time = number_of (self, key);
    return time > 0 ? duration_text (cli->turn->arena, time * 1000) : "";
}

static const char *whole (const cli_t *cli, const value_t *self, const char *key)
{
    return arena_printf (cli->turn->arena, "%" PRId64, number_of (self, key));
}

// Of those that had a result.
static const char *rate (const cli_t *cli, const value_t *self)
{
    int64_t good = number_of (self, "succeeded"), all = good + number_of (self, "failed");
    return all > 0 ? arena_printf (cli->turn->arena, "%" PRId64 " %%", (good * 100 + all / 2) / all) : "";
}

// Its rows with the figures that runs have; a name first, and `last` of each.
static void print_runs (const cli_t *cli, const value_t *page, const char *list, const char *name,
                        const char *const *headings, const char *last)
{
    const value_t *const *items;
    size_t count = items_of (page, list, &items);
    table_t *table = table_new (cli->turn->arena, headings);
    for (size_t i = 0; i < count; i++) {
        table_row (table);
        table_cell (table, BOLD, value_get_text (items[i], name));
        table_cell (table, PLAIN, whole (cli, items[i], "runs"));
        table_cell (table, PLAIN, rate (cli, items[i]));
        table_cell (table, PLAIN, ms (cli, items[i], "duration_p50_ms"));
        table_cell (table, PLAIN, ms (cli, items[i], "duration_p95_ms"));
        table_cell (table, PLAIN, ms (cli, items[i], "wait_p50_ms"));
        table_cell (table, PLAIN, ms (cli, items[i], "wait_p95_ms"));
        if (last)
            table_cell (table, PLAIN, ms (cli, items[i], last));
    }
    table_print (table, stdout, cli->colour);
}

static void add_step (const cli_t *cli, table_t *table, const value_t *item)
{
    table_cell (table, BOLD, value_get_text (item, "step"));
    table_cell (table, PLAIN, value_get_text (item, "job"));
    table_cell (table, PLAIN, value_get_text (item, "workflow"));
    table_cell (table, PLAIN, whole (cli, item, "count"));
    table_cell (table, PLAIN, ms (cli, item, "duration_p50_ms"));
    table_cell (table, PLAIN, ms (cli, item, "duration_p95_ms"));
}

static void print_steps (const cli_t *cli, const value_t *page)
{
    static const char *const headings[] = {"SLOWEST STEPS", "JOB", "WORKFLOW", "TIMES", "P50", "P95", NULL};
    list_table (cli, page, "steps", headings, add_step);
}

static void add_flaky (const cli_t *cli, table_t *table, const value_t *item)
{
    table_cell (table, BOLD, value_get_text (item, "job"));
    table_cell (table, PLAIN, value_get_text (item, "workflow"));
    table_cell (table, PLAIN, whole (cli, item, "commits"));
    table_cell (table, PLAIN, whole (cli, item, "failed"));
    table_cell (table, PLAIN, whole (cli, item, "succeeded"));
    table_cell (table, PLAIN, arena_printf (cli->turn->arena, "%.8s", value_get_text (item, "sha")));
    table_cell (table, DIM, value_get_text (item, "job_id"));
}

static void print_flaky (const cli_t *cli, const value_t *page)
{
    static const char *const headings[] = {"FLAKY JOBS", "WORKFLOW",    "COMMITS",           "FAILED",
                                           "SUCCEEDED",  "LAST COMMIT", "A JOB THAT FAILED", NULL};
    const value_t *const *items;
    if (items_of (page, "flaky", &items) == 0)
        printf ("No job both failed and succeeded on one commit.\n");
    else
        list_table (cli, page, "flaky", headings, add_flaky);
}

static void print_all (const cli_t *cli, const value_t *page)
{
    static const char *const by_workflow[] = {"WORKFLOW", "RUNS",     "SUCCEEDED",  "P50", "P95",
                                              "WAIT P50", "WAIT P95", "AGENT TIME", NULL};
    static const char *const by_day[] = {"DAY", "RUNS",     "SUCCEEDED", "P50",
                                         "P95", "WAIT P50", "WAIT P95",  NULL};
    if (number_of (page, "runs") == 0) {
        printf ("No run was created in that time.\n");
        return;
    }
    print_runs (cli, page, "workflows", "workflow", by_workflow, "agent_ms");
    printf ("\n");
    print_runs (cli, page, "days", "day", by_day, NULL);
    printf ("\n");
    print_steps (cli, page);
    printf ("\n");
    print_flaky (cli, page);
    if (bool_of (page, "cut"))
        fprintf (stderr, "There were more runs: these are the last %" PRId64 " of each day at most.\n",
                 number_of (page, "most_runs_per_day"));
}

static int insights (cli_t *cli)
{
    const value_t *page;
    const char *path = path_of (cli, "/projects/%s/insights", cli->args.items[0]);
    path = path_with (cli, path, "from", flag_text (cli->flags, "from"));
    path = path_with (cli, path, "to", flag_text (cli->flags, "to"));
    path = path_with (cli, path, "workflow", flag_text (cli->flags, "workflow"));
    path = path_with (cli, path, "branch", flag_text (cli->flags, "branch"));
    int status = server_ask (cli, "GET", path, NULL, &page);
    if (page)
        print_all (cli, page);
    return status;
}

static const flag_t insights_flags[] = {
    {.name = "from",
     .kind = FLAG_TEXT,
     .metavar = "TIME",
     .doc = "Only runs created at this time (2026-11-01T00:00:00Z) or later. Default: 30 days before --to."},
    {.name = "to",
     .kind = FLAG_TEXT,
     .metavar = "TIME",
     .doc = "Only runs created before this time. Default: now."},
    {.name = "workflow", .kind = FLAG_TEXT, .metavar = "PATH", .doc = "Only runs of this workflow."},
    {.name = "branch", .kind = FLAG_TEXT, .metavar = "NAME", .doc = "Only runs of this branch."},
    FLAG_JSON,
    {.name = NULL}};

const command_t command_insights = {
    .name = "insights",
    .group = GROUP_PROJECTS,
    .usage = "[OPTIONS] PROJECT",
    .summary = "Show how a project's runs did: durations, waits, results, slow steps, flaky jobs, cost.",
    .help = "Looks at up to 92 days and 600 runs: of each day, the latest.\n",
    .examples = "opencicd insights site --workflow .github/workflows/ci.yml --branch main\n",
    .programs = CLIENT,
    .flags = insights_flags,
    .min_args = 1,
    .max_args = 1,
    .run = insights};
