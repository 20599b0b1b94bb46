/* runs.c - the commands about runs: runs, run show, event. `trigger` has a file of its own, and so have cancel and rerun: bulk.c. */

#include "cli/files/input.h"
#include "cli/show/annotations.h"
#include "cli/show/run_filter.h"

#include <inttypes.h>

static void add_run (const cli_t *cli, table_t *table, const value_t *run)
{
    const char *result = result_of (run);
    table_cell (table, PLAIN, value_get_text (run, "project"));
    table_cell (table, PLAIN, arena_printf (cli->turn->arena, "#%" PRId64, number_of (run, "number")));
    table_cell (table, paint_of_result (result), result);
    table_cell (table, PLAIN, took (cli, run));
    table_cell (table, PLAIN, value_get_text (run, "event"));
    table_cell (table, PLAIN, ref_of (cli, run));
    table_cell (table, PLAIN, ago (cli, run, "created_at"));
    table_cell (table, DIM, value_get_text (run, "id"));
    table_cell (table, PLAIN, value_get_text (run, "title"));
}

static int runs (cli_t *cli)
{
    static const char *const headings[] = {"PROJECT", "RUN",     "RESULT", "TIME",  "EVENT",
                                           "REF",     "CREATED", "ID",     "TITLE", NULL};
    const char *path = cli->args.count ? path_of (cli, "/projects/%s/runs", cli->args.items[0]) : "/runs";
    path = path_with (cli, path, "state", flag_text (cli->flags, "state"));
    static const char *const filters[] = {"workflow", "ref", "actor", "event", "result", "since", "until"};
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++)
        path = path_with (cli, path, filters[i], flag_text (cli->flags, filters[i]));
    return list_items (cli, path, headings, add_run);
}

static const flag_t runs_flags[] = {{.name = "state",
                                     .kind = FLAG_TEXT,
                                     .choices = "pending|running|cancelling|finished",
                                     .doc = "Only runs in this state."},
                                    FLAGS_RUN_FILTER,
                                    {.name = "result",
                                     .kind = FLAG_TEXT,
                                     .choices = "success|failure|cancelled|skipped",
                                     .doc = "Only runs with this result."},
                                    FLAGS_PAGE,
                                    FLAG_JSON,
                                    {.name = NULL}};

const command_t command_runs = {.name = "runs",
                                .group = GROUP_RUNS,
                                .usage = "[OPTIONS] [PROJECT]",
                                .summary = "List runs, latest first.",
                                .examples = "opencicd runs site --state running\n"
                                            "opencicd runs --workflow .github/workflows/ci.yml --limit 5\n",
                                .programs = CLIENT,
                                .flags = runs_flags,
                                .max_args = 1,
                                .run = runs};

// ----

static int show_on (cli_t *cli, client_t *client)
{
    const value_t *run;
    int status =
        server_ask_on (cli, client, "GET", path_of (cli, "/runs/%s", cli->args.items[0]), NULL, &run);
    if (run) {
        show_run_text (cli, run);
        printf ("\n");
        show_jobs_table (cli, run);
        show_annotations (cli, client, value_get_text (run, "id"));
    }
    return status;
}

static int run_show (cli_t *cli)
{
    return server_show (cli, path_of (cli, "/runs/%s", cli->args.items[0]), show_on);
}

const command_t command_run_show = {.name = "run show",
                                    .group = GROUP_RUNS,
                                    .usage = "[--json] RUN",
                                    .summary = "Show a run, its jobs, and what each of them is waiting for.",
                                    .programs = CLIENT,
                                    .flags = flags_json,
                                    .min_args = 1,
                                    .max_args = 1,
                                    .run = run_show};

// ----

static void print_event (const cli_t *cli, const value_t *answer)
{
    const value_t *const *items;
    size_t count = items_of (answer, "items", &items);
    for (size_t i = 0; i < count; i++)
        printf ("%s  run #%" PRId64 " of %s\n", value_get_text (items[i], "id"),
                number_of (items[i], "number"),
                paint_safe (cli->turn->arena, value_get_text (items[i], "workflow")));
    count = items_of (answer, "skipped", &items);
    for (size_t i = 0; i < count; i++)
        printf ("%s is not run: %s\n", paint_safe (cli->turn->arena, value_get_text (items[i], "workflow")),
                paint_safe (cli->turn->arena, value_get_text (items[i], "reason")));
    if (*value_get_text (answer, "note"))
        fprintf (stderr, "%s\n", paint_safe (cli->turn->arena, value_get_text (answer, "note")));
}

static int event (cli_t *cli)
{
    static const char *const texts[] = {"ref", "sha", "before", "actor"};
    const char *file = flag_text (cli->flags, "payload");
    const value_t *payload, *answer;
    value_t *body = value_object (cli->turn->arena);
    body_text (cli, body, "event", cli->args.items[1]);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        body_text (cli, body, texts[i], flag_text (cli->flags, texts[i]));
    if (file) {
        fault_t fault = input_object (cli->turn, file, &payload);
        if (fault != OK)
            return cli_fail (cli, fault);
        value_set (cli->turn->arena, body, "payload", payload);
    }
    int status = server_ask (cli, "POST", path_of (cli, "/projects/%s/events", cli->args.items[0]),
                             body_json (cli, body), &answer);
    if (answer)
        print_event (cli, answer);
    return status;
}

static const flag_t event_flags[] = {
    {.name = "ref", .kind = FLAG_TEXT, .metavar = "REF", .doc = "The branch or tag that was pushed."},
    {.name = "sha", .kind = FLAG_TEXT, .metavar = "SHA", .doc = "The commit. Default: what REF points to."},
    {.name = "before",
     .kind = FLAG_TEXT,
     .metavar = "SHA",
     .doc = "The commit before the push, for path filters."},
    {.name = "actor", .kind = FLAG_TEXT, .metavar = "NAME", .doc = "Who caused the event."},
    {.name = "payload",
     .kind = FLAG_TEXT,
     .metavar = "FILE.json",
     .doc = "The event's payload (github.event); - reads standard input."},
    FLAG_JSON,
    {.name = NULL}};

const command_t command_event = {
    .name = "event",
    .group = GROUP_RUNS,
    .usage = "[OPTIONS] PROJECT EVENT",
    .summary = "Report an event, such as a push, and run the workflows that it triggers.",
    .help = "Prints the runs that it started, and why other workflows were not run.\n",
    .examples = "opencicd event site push --ref refs/heads/main\n"
                "opencicd event site pull_request --payload event.json\n",
    .programs = CLIENT,
    .flags = event_flags,
    .min_args = 2,
    .max_args = 2,
    .run = event};
