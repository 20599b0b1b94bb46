/* bulk.c - `opencicd cancel` and `opencicd rerun`: one run or job, several runs, or all that filters name.
 *
 * Several are one request for each BULK of them; what became of each is printed, and one that could not be changed fails the command. */

#include "cli/show/run_filter.h"

#include "common/base/id.h"
#include "proto/fields_hold.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BULK 100 // Runs of one request, as the server takes them

static const char *const filters[] = {"project", "state", "result", "workflow", "ref",
                                      "actor",   "event", "since",  "until"};
#define FILTERS (sizeof filters / sizeof *filters)

static void print_state (const cli_t *cli, const value_t *thing)
{
    const char *result = result_of (thing);
    printf ("%s: %s\n", value_get_text (thing, "id"),
            paint (cli->turn->arena, cli->colour, paint_of_result (result), result));
}

static bool takes (const cli_t *cli, const char *flag)
{
    const flag_t *row = cli->flags->table;
    while (row->name && strcmp (row->name, flag) != 0)
        row++;
    return row->name;
}

// How many filters were given; added to the body.
static size_t add_filters (const cli_t *cli, value_t *body)
{
    size_t count = 0;
    for (size_t i = 0; i < FILTERS; i++) {
        const char *value = takes (cli, filters[i]) ? flag_text (cli->flags, filters[i]) : NULL;
        body_text (cli, body, filters[i], value);
        count += value != NULL;
    }
    return count;
}

static int print_changes (const cli_t *cli, const value_t *answer)
{
    const value_t *const *items;
    size_t count = items_of (answer, "items", &items);
    int status = CLI_OK;
    for (size_t i = 0; i < count; i++) {
        const char *id = value_get_text (items[i], "id");
        if (!bool_of (items[i], "done")) {
            status = CLI_FAILED;
            fprintf (stderr, "%s: %s\n", id,
                     paint_safe (cli->turn->arena, value_get_text (items[i], "reason")));
            continue;
        }
        printf ("%s: %s #%" PRId64 " %s\n", id, value_get_text (items[i], "project"),
                number_of (items[i], "number"), result_of (items[i]));
    }
    return status;
}

// Exit statuses rise with what went wrong; the command's is the worst of its requests'.
static int worse (int a, int b)
{
    return a > b ? a : b;
}

// *next is "" after the last, and where it failed.
static int ask (cli_t *cli, const char *what, const value_t *body, const char **next)
{
    const value_t *answer;
    int status = server_ask (cli, "POST", path_of (cli, "/runs/%s", what), body_json (cli, body), &answer);
    *next = answer ? value_get_text (answer, "next") : "";
    return answer ? worse (status, print_changes (cli, answer)) : status;
}

static int change_found (cli_t *cli, const char *what, value_t *body)
{
    const char *next = "";
    int status = CLI_OK;
    do {
        if (*next)
            body_text (cli, body, "cursor", next);
        status = worse (status, ask (cli, what, body, &next));
    } while (*next && status < CLI_USAGE);
    return status;
}

static int change_named (cli_t *cli, const char *what, value_t *body)
{
    arena_t *arena = cli->turn->arena;
    int status = CLI_OK;
    for (size_t from = 0; from < cli->args.count && status < CLI_USAGE; from += BULK) {
        const char *next;
        value_t *runs = value_array (arena);
        for (size_t i = from; i < cli->args.count && i < from + BULK; i++)
            value_push (arena, runs, value_string (arena, cli->args.items[i]));
        value_set (arena, body, "runs", runs);
        status = worse (status, ask (cli, what, body, &next));
    }
    return status;
}

// One by one: a job belongs to a run, which may be somebody else's.
static int change_one (cli_t *cli, const char *path, const value_t *body)
{
    const value_t *answer;
    int status = server_ask (cli, "POST", path, body_json (cli, body), &answer);
    if (answer)
        print_state (cli, answer);
    return status;
}

static int check_chosen (const cli_t *cli, size_t narrowed)
{
    if (cli->args.count && narrowed)
        return cli_usage (cli, "name runs, or say which by --project, --ref and so on, not both");
    if (!cli->args.count && !narrowed)
        return cli_usage (cli, "which runs? Name them, or say which by --project, --ref and so on");
    if (!narrowed && flag_on (cli->flags, "json") && cli->args.count > BULK)
        return cli_usage (cli, "--json: at most %d runs", BULK);
    return narrowed && flag_on (cli->flags, "json") ? cli_usage (cli, "--json: name the runs") : CLI_OK;
}

static int cancel (cli_t *cli)
{
    value_t *body = value_object (cli->turn->arena);
    size_t jobs = 0, narrowed = add_filters (cli, body);
    int status = check_chosen (cli, narrowed);
    if (status != CLI_OK)
        return status;
    if (flag_on (cli->flags, "hard"))
        value_set (cli->turn->arena, body, "hard", value_bool (true));
    if (narrowed)
        return change_found (cli, "cancel", body);
    for (size_t i = 0; i < cli->args.count; i++)
        jobs += id_is (cli->args.items[i], 'j');
    if (jobs > 0 && jobs < cli->args.count)
        return cli_usage (cli, "either runs or jobs, not both");
    if (!jobs && cli->args.count > 1)
        return change_named (cli, "cancel", body);
    for (size_t i = 0; i < cli->args.count && status < CLI_USAGE; i++)
        status = worse (
            status,
            change_one (cli, path_of (cli, jobs ? "/jobs/%s/cancel" : "/runs/%s/cancel", cli->args.items[i]),
                        body));
    return status;
}

static const flag_t cancel_flags[] = {
    {.name = "hard", .kind = FLAG_SWITCH, .doc = "Kill at once; steps with `if: always()` do not run."},
    {.name = "project",
     .kind = FLAG_TEXT,
     .metavar = "PROJECT",
     .doc = "All runs of this project that have not ended."},
    {.name = "state",
     .kind = FLAG_TEXT,
     .choices = "pending|running|cancelling",
     .doc = "Only runs in this state. Default: all that have not ended."},
    FLAGS_RUN_FILTER,
    FLAG_JSON,
    {.name = NULL}};

const command_t command_cancel = {
    .name = "cancel",
    .group = GROUP_RUNS,
    .usage = "[OPTIONS] RUN...|JOB...",
    .summary = "Cancel runs or jobs: those that are named, or all runs that filters name.",
    .help = "Steps get SIGINT, later SIGTERM and SIGKILL; steps with `if: always()` still run.\n",
    .examples = "opencicd cancel RUN\n"
                "opencicd cancel --hard JOB\n"
                "opencicd cancel --project site --ref my-branch\n",
    .programs = CLIENT,
    .flags = cancel_flags,
    .max_args = MANY,
    .run = cancel};

// ----

// "30m", "2h".
static int add_hold (const cli_t *cli, value_t *body, size_t narrowed)
{
    const char *text = flag_text (cli->flags, "hold-on-failure");
    if (!text)
        return CLI_OK;
    if (narrowed || cli->args.count != 1)
        return cli_usage (cli, "--hold-on-failure: name one run");
    char *unit;
    long minutes = strtol (text, &unit, 10) * (strcmp (unit, "h") == 0 ? 60 : 1);
    bool known = unit != text && (strcmp (unit, "h") == 0 || strcmp (unit, "m") == 0);
    if (!known || minutes < 1 || minutes > MAX_HOLD_MINUTES)
        return cli_usage (cli, "--hold-on-failure: how long? 30m, 2h, at most 8h");
    value_set (cli->turn->arena, body, "hold_minutes", value_number (cli->turn->arena, (double) minutes));
    return CLI_OK;
}

static int rerun (cli_t *cli)
{
    const char *job = flag_text (cli->flags, "job");
    bool failed = flag_on (cli->flags, "failed");
    value_t *body = value_object (cli->turn->arena);
    size_t narrowed = add_filters (cli, body);
    int status = check_chosen (cli, narrowed);
    if (status != CLI_OK)
        return status;
    if (job && failed)
        return cli_usage (cli, "either --failed or --job, not both");
    if (job && cli->args.count != 1)
        return cli_usage (cli, "--job: name the one run that it is of");
    body_text (cli, body, "only", job ? "job" : failed ? "failed" : "all");
    body_text (cli, body, "job", job);
    if (flag_on (cli->flags, "debug"))
        value_set (cli->turn->arena, body, "debug", value_bool (true));
    status = add_hold (cli, body, narrowed);
    if (status != CLI_OK)
        return status;
    if (narrowed)
        return change_found (cli, "rerun", body);
    return cli->args.count > 1 ? change_named (cli, "rerun", body)
                               : change_one (cli, path_of (cli, "/runs/%s/rerun", cli->args.items[0]), body);
}

static const flag_t rerun_flags[] = {
    {.name = "failed",
     .kind = FLAG_SWITCH,
     .doc = "Only jobs that failed or were cancelled, and those that need them."},
    {.name = "job",
     .kind = FLAG_TEXT,
     .metavar = "JOB",
     .doc = "Only the job with this id, and those that need it."},
    {.name = "debug",
     .kind = FLAG_SWITCH,
     .doc = "Debug logging: RUNNER_DEBUG is 1, and `::debug::` lines are shown."},
    {.name = "hold-on-failure",
     .kind = FLAG_TEXT,
     .metavar = "TIME",
     .doc = "Hold a job that fails for this long, 30m or 2h, so that `opencicd shell` can look."},
    {.name = "project",
     .kind = FLAG_TEXT,
     .metavar = "PROJECT",
     .doc = "All runs of this project that have ended."},
    {.name = "result",
     .kind = FLAG_TEXT,
     .choices = "success|failure|cancelled|skipped",
     .doc = "Only runs with this result."},
    FLAGS_RUN_FILTER,
    FLAG_JSON,
    {.name = NULL}};

const command_t command_rerun = {
    .name = "rerun",
    .group = GROUP_RUNS,
    .usage = "[OPTIONS] RUN...",
    .summary = "Run runs again: all of each, what failed, or one job.",
    .help = "The same commit and event; jobs that are not run again keep their results and outputs.\n",
    .examples = "opencicd rerun --failed RUN\n"
                "opencicd rerun --job JOB --debug --hold-on-failure 30m RUN\n"
                "opencicd rerun --failed --project site --result failure --since 2026-01-31T08:00:00Z\n",
    .programs = CLIENT,
    .flags = rerun_flags,
    .max_args = MANY,
    .run = rerun};
