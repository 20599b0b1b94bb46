/* tests.c - `opencicd tests`: the tests of a run, as its jobs reported them: failed ones first, new before known, then the slowest. */

#include "cli/show/listing.h"
#include "cli/terminal/format.h"

#include <inttypes.h>
#include <string.h>

static const char *safe (const cli_t *cli, const value_t *item, const char *key)
{
    return paint_safe (cli->turn->arena, value_get_text (item, key));
}

static const char *full_name (const cli_t *cli, const value_t *test)
{
    const char *suite = safe (cli, test, "suite"), *name = safe (cli, test, "name");
    return *suite ? arena_printf (cli->turn->arena, "%s: %s", suite, name) : name;
}

static const char *past_of (const cli_t *cli, const value_t *test)
{
    int64_t runs = number_of (test, "failed_runs"), of = number_of (test, "of_runs");
    const char *kind = bool_of (test, "flaky") ? "flaky" : bool_of (test, "known") ? "known" : "new";
    return runs > 1 ? arena_printf (cli->turn->arena, "%s, failed in %" PRId64 " of %" PRId64 " runs", kind,
                                    runs, of)
                    : kind;
}

static void print_failures (const cli_t *cli, const value_t *results)
{
    const value_t *const *items;
    size_t count = items_of (results, "failures", &items);
    for (size_t i = 0; i < count; i++) {
        printf ("%s  %s  %s\n", paint (cli->turn->arena, cli->colour, RED, "FAIL"), full_name (cli, items[i]),
                paint (cli->turn->arena, cli->colour, DIM,
                       arena_printf (cli->turn->arena, "(%s; %s)", safe (cli, items[i], "job_name"),
                                     past_of (cli, items[i]))));
        if (*value_get_text (items[i], "message"))
            printf ("      %s\n", safe (cli, items[i], "message"));
    }
}

static void add_slow (const cli_t *cli, table_t *table, const value_t *item)
{
    table_cell (table, PLAIN, full_name (cli, item));
    table_cell (table, PLAIN, duration_text (cli->turn->arena, number_of (item, "duration_us")));
    table_cell (table, PLAIN, value_get_text (item, "job_name"));
}

static void print_slowest (const cli_t *cli, const value_t *results)
{
    static const char *const headings[] = {"SLOWEST", "TIME", "JOB", NULL};
    const value_t *const *items;
    if (items_of (results, "slowest", &items) == 0)
        return;
    printf ("\n");
    list_table (cli, results, "slowest", headings, add_slow);
}

static int tests (cli_t *cli)
{
    const value_t *results, *const *reports;
    int status = server_ask (cli, "GET", path_of (cli, "/runs/%s/tests", cli->args.items[0]), NULL, &results);
    if (!results)
        return status;
    if (items_of (results, "reports", &reports) == 0) {
        fprintf (stderr, "No step of this run has reported tests.\n");
        return status;
    }
    print_failures (cli, results);
    print_slowest (cli, results);
    printf ("\n%" PRId64 " passed, %" PRId64 " failed, %" PRId64 " skipped in %s\n",
            number_of (results, "passed"), number_of (results, "failed"), number_of (results, "skipped"),
            duration_text (cli->turn->arena, number_of (results, "duration_us")));
    return status;
}

static const flag_t flags[] = {FLAG_JSON, {.name = NULL}};

const command_t command_tests = {.name = "tests",
                                 .group = GROUP_RUNS,
                                 .usage = "[--json] RUN",
                                 .summary =
                                     "Show the tests of a run: what failed, what is new, what is slow.",
                                 .examples = "opencicd tests RUN\n",
                                 .programs = CLIENT,
                                 .flags = flags,
                                 .min_args = 1,
                                 .max_args = 1,
                                 .run = tests};
