/* queue.c - `opencicd queue`: what waits for an agent, and why; `queue move`: a job or a run before or after the others. */

#include "cli/show/listing.h"
#include "common/base/id.h"

#include <inttypes.h>
#include <stdlib.h>

static void add_job (const cli_t *cli, table_t *table, const value_t *job)
{
    arena_t *arena = cli->turn->arena;
    int64_t priority = number_of (job, "priority");
    table_cell (table, PLAIN, arena_printf (arena, "%" PRId64, number_of (job, "position")));
    table_cell (table, PLAIN, value_get_text (job, "project"));
    table_cell (table, PLAIN, arena_printf (arena, "#%" PRId64, number_of (job, "run_number")));
    table_cell (table, BOLD, value_get_text (job, "name"));
    table_cell (table, PLAIN, priority ? arena_printf (arena, "%+" PRId64, priority) : "");
    table_cell (table, PLAIN, ago (cli, job, "queued_at"));
    table_cell (table, DIM, value_get_text (job, "id"));
    table_cell (table, PLAIN, value_get_text (job, "title"));
}

static const char *const job_headings[] = {"",      "PROJECT", "RUN",   "JOB", "PRIORITY",
                                           "SINCE", "ID",      "TITLE", NULL};

static const char *with_commas (arena_t *arena, const value_t *set)
{
    const char *text = "";
    const value_t *const *labels;
    size_t count = items_of (set, "labels", &labels);
    for (size_t i = 0; i < count; i++)
        text = arena_printf (arena, "%s%s%s", text, i ? "," : "", value_to_text (arena, labels[i]));
    return text;
}

// Of a set with thousands of jobs the server sends the first few, and its size.
static void print_set (const cli_t *cli, const value_t *set, bool first)
{
    arena_t *arena = cli->turn->arena;
    const char *labels = paint_safe (arena, list_text (cli, set, "labels"));
    const char *reason = paint_safe (arena, value_get_text (set, "reason"));
    const char *help = paint_safe (arena, value_get_text (set, "help"));
    const value_t *const *jobs;
    size_t shown = items_of (set, "jobs", &jobs);
    int64_t size = number_of (set, "size");
    printf ("%s%s: %" PRId64 " %s\n", first ? "" : "\n",
            paint (arena, cli->colour, BOLD, *labels ? labels : "any agent"), size,
            size == 1 ? "job waits" : "jobs wait");
    printf ("%s%s%s\n", paint (arena, cli->colour, bool_of (set, "never") ? RED : PLAIN, reason),
            *help ? "; " : "", help);
    list_table (cli, set, "jobs", job_headings, add_job);
    if (size > (int64_t) shown)
        printf ("... and %" PRId64 " more: opencicd queue --labels=%s\n", size - (int64_t) shown,
                paint_safe (arena, with_commas (arena, set)));
}

static int sets (cli_t *cli)
{
    const value_t *page, *const *items;
    int status = server_list (cli, "/queue", &page);
    if (!page)
        return status;
    size_t count = items_of (page, "items", &items);
    if (count == 0)
        printf ("No job waits for an agent.\n");
    for (size_t i = 0; i < count; i++)
        print_set (cli, items[i], i == 0);
    server_more (cli, page);
    return status;
}

static int queue (cli_t *cli)
{
    const char *labels = flag_text (cli->flags, "labels");
    return labels ? list_items (cli, path_with (cli, "/queue/jobs", "labels", labels), job_headings, add_job)
                  : sets (cli);
}

static const flag_t queue_flags[] = {{.name = "labels",
                                      .kind = FLAG_TEXT,
                                      .metavar = "A,B",
                                      .doc = "Only the jobs that ask for exactly these labels, all of them."},
                                     FLAGS_PAGE,
                                     FLAG_JSON,
                                     {.name = NULL}};

const command_t command_queue = {
    .name = "queue",
    .group = GROUP_RUNS,
    .usage = "[OPTIONS]",
    .summary = "List the jobs that wait for an agent, and why.",
    .help =
        "Grouped by the labels that they ask for, in the order in which agents get them: by priority, then by the project's\n"
        "number of running jobs, fewest first, then by age.\n",
    .examples = "opencicd queue\nopencicd queue --labels=linux,gpu\n",
    .programs = CLIENT,
    .flags = queue_flags,
    .run = queue};

static int move (cli_t *cli)
{
    char *end;
    const value_t *moved;
    const char *text = cli->args.items[1];
    long priority = strtol (text, &end, 10);
    if (!*text || *end)
        return cli_usage (cli, "PRIORITY is a whole number from -100 to 100, not %s", text);
    value_t *body = value_object (cli->turn->arena);
    // Its range is checked by the server alone, which says the same to every client
    value_set (cli->turn->arena, body, "priority", value_number (cli->turn->arena, (double) priority));
    bool of_job = id_is (cli->args.items[0], 'j');
    int status = server_ask (
        cli, "POST", path_of (cli, of_job ? "/jobs/%s/priority" : "/runs/%s/priority", cli->args.items[0]),
        body_json (cli, body), &moved);
    if (moved)
        printf ("%s: %s\n", value_get_text (moved, "id"),
                of_job ? value_get_text (moved, "wait_reason") : result_of (moved));
    return status;
}

const command_t command_queue_move = {
    .name = "queue move",
    .group = GROUP_RUNS,
    .usage = "[--json] JOB|RUN PRIORITY",
    .summary = "Move a waiting job, or all jobs of a run, ahead of those with a lower priority.",
    .help =
        "PRIORITY is from -100 to 100; what was not moved has 0. Jobs of a run that are still to come are\n"
        "moved, too. A rerun resets it.\n",
    .examples = "opencicd queue move j01hv3m0x8 10\nopencicd queue move r01hv3m0x8 10\n",
    .programs = CLIENT,
    .flags = flags_json,
    .min_args = 2,
    .max_args = 2,
    .run = move};
