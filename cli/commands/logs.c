/* logs.c - `opencicd logs`: what jobs printed, unchanged for programs, with readable markers on a terminal. */

#include "cli/show/annotations.h"
#include "cli/show/follow.h"
#include "cli/show/show.h"
#include "cli/terminal/lines.h"
#include "common/base/id.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    lines_t *lines;              // NULL: bytes as they are
    const value_t *const *times; // NULL: they are not shown
    size_t time_count, time;     // The one that counts now
    int64_t offset;
    bool midline;
} sink_t;

static bool put (const sink_t *self, const char *bytes, size_t size)
{
    if (!self->lines)
        return fwrite (bytes, 1, size, stdout) == size;
    lines_add (self->lines, bytes, size);
    return true;
}

static void stamp (sink_t *self)
{
    // Forward only: bytes come in their order, and the list is sorted by them
    while (self->time + 1 < self->time_count &&
           number_of (self->times[self->time + 1], "offset") <= self->offset)
        self->time++;
    const char *text = self->time_count ? value_get_text (self->times[self->time], "at") : "";
    if (self->lines)
        lines_stamp (self->lines, text);
    else
        printf ("%s ", text);
}

static bool take (void *self_, const char *bytes, size_t size)
{
    sink_t *self = self_;
    bool good = true;
    if (!self->times)
        return put (self, bytes, size);
    while (size && good) {
        const char *end = memchr (bytes, '\n', size);
        size_t piece = end ? (size_t) (end + 1 - bytes) : size;
        if (!self->midline)
            stamp (self);
        good = put (self, bytes, piece);
        self->midline = !end;
        self->offset += (int64_t) piece;
        bytes += piece;
        size -= piece;
    }
    return good;
}

// All pages of them.
static int ask_times (cli_t *cli, client_t *client, const char *job, sink_t *out)
{
    const value_t *page, *const *items;
    value_t *all = value_array (cli->turn->arena);
    int64_t next = 0;
    int status;
    do {
        const char *path = path_of (cli, "/jobs/%s/log/times", job);
        path = path_with (cli, path, "attempt", flag_text (cli->flags, "attempt"));
        path = path_with (cli, path, "offset", arena_printf (cli->turn->arena, "%" PRId64, next));
        status = server_ask_on (cli, client, "GET", path, NULL, &page);
        size_t count = items_of (page, "items", &items);
        for (size_t i = 0; i < count; i++)
            value_push (cli->turn->arena, all, items[i]);
        next = page ? number_of (page, "next") : 0;
    } while (status == CLI_OK && next > 0);
    out->times = all->list.items;
    out->time_count = all->list.count;
    return status;
}

static const char *log_path (const cli_t *cli, const char *job, bool json)
{
    const char *path = path_of (cli, "/jobs/%s/log", job);
    path = path_with (cli, path, "attempt", flag_text (cli->flags, "attempt"));
    path = path_with (cli, path, "step", flag_text (cli->flags, "step"));
    return path_with (cli, path, "format", json ? "json" : NULL);
}

// `name` NULL: there is no other job.
static int show_log (cli_t *cli, client_t *client, const char *job, const char *name, size_t width)
{
    sink_t sink = {.lines = NULL};
    int status = flag_on (cli->flags, "timestamps") ? ask_times (cli, client, job, &sink) : CLI_OK;
    if (status != CLI_OK)
        return status;
    if (name || isatty (STDOUT_FILENO))
        sink.lines = lines_new (stdout, cli->colour);
    if (name)
        lines_name (sink.lines, name, width, CYAN);
    fault_t fault = client_download (client, cli->turn, log_path (cli, job, false), NULL, take, &sink);
    if (fault == OK && sink.lines)
        lines_end (sink.lines);
    lines_destroy (&sink.lines);
    // Only `take` ends a transfer without a detail, where standard output takes no more
    if (fault == BROKEN && !cli->turn->detail)
        (void) !turn_fail (cli->turn, BROKEN, "standard output: %s", strerror (errno));
    return fault == OK ? CLI_OK : cli_fail (cli, fault);
}

static size_t name_width (const value_t *const *jobs, size_t count)
{
    size_t widest = 0;
    for (size_t i = 0; i < count; i++) {
        size_t width = lines_width (value_get_text (jobs[i], "name"));
        widest = width > widest ? width : widest;
    }
    return widest;
}

// Job after job; those that never began have none.
static int show_logs (cli_t *cli, client_t *client, const char *run_id)
{
    const value_t *run, *const *jobs;
    int status = server_ask_on (cli, client, "GET", path_of (cli, "/runs/%s", run_id), NULL, &run);
    size_t count = items_of (run, "jobs", &jobs), width = name_width (jobs, count);
    for (size_t i = 0; i < count && status == CLI_OK; i++)
        if (number_of (jobs[i], "attempt") > 0)
            status = show_log (cli, client, value_get_text (jobs[i], "id"),
                               count > 1 ? value_get_text (jobs[i], "name") : NULL, width);
    return status;
}

static int follow_logs (cli_t *cli, client_t *client, const char *id)
{
    const value_t *job, *run;
    follow_ask_t ask = {.runs = &id, .run_count = 1};
    int status = CLI_OK;
    if (flag_text (cli->flags, "step") || flag_text (cli->flags, "attempt") || flag_on (cli->flags, "json"))
        return cli_usage (
            cli,
            "--follow shows the whole log of the latest attempt: it cannot be combined with --step, --attempt or --json");
    if (id_is (id, 'j')) {
        status = server_ask_on (cli, client, "GET", path_of (cli, "/jobs/%s", id), NULL, &job);
        ask.job = id;
        id = value_get_text (job, "run_id");
    }
    if (status == CLI_OK)
        status = follow (cli, client, &ask, &run);
    if (status != CLI_INTERRUPTED && status != CLI_SERVER && !ask.job && run) {
        show_run_end (cli, run);
        show_annotations (cli, client, value_get_text (run, "id"));
    }
    return status;
}

static int show_window (cli_t *cli)
{
    const value_t *shown;
    if (!id_is (cli->args.items[0], 'j'))
        return cli_usage (cli, "--json needs a JOB, not a RUN");
    return server_ask (cli, "GET", log_path (cli, cli->args.items[0], true), NULL, &shown);
}

static int logs (cli_t *cli)
{
    client_t *client;
    const char *id = cli->args.items[0];
    int status;
    bool follow_them = flag_on (cli->flags, "follow");
    if (flag_on (cli->flags, "timestamps") &&
        (follow_them || flag_on (cli->flags, "json") || flag_text (cli->flags, "step")))
        return cli_usage (
            cli, "--timestamps shows the whole log: it cannot be combined with --follow, --json or --step");
    if (flag_on (cli->flags, "json") && !follow_them)
        return show_window (cli);
    fault_t fault = client_new (&client, cli->turn, cli->settings);
    if (fault != OK)
        return cli_fail (cli, fault);
    if (follow_them)
        status = follow_logs (cli, client, id);
    else
        status = id_is (id, 'j') ? show_log (cli, client, id, NULL, 0) : show_logs (cli, client, id);
    client_destroy (&client);
    return status;
}

static const flag_t flags[] = {
    {.name = "follow",
     .kind = FLAG_SWITCH,
     .letter = 'f',
     .doc = "Print from the first line, then follow the log as it grows."},
    {.name = "step", .kind = FLAG_NUMBER, .metavar = "N", .doc = "Only this step; 0 is the job's set-up."},
    {.name = "attempt",
     .kind = FLAG_NUMBER,
     .metavar = "N",
     .doc = "Only this attempt. Default: the latest."},
    {.name = "timestamps",
     .kind = FLAG_SWITCH,
     .letter = 't',
     .doc = "Prefix each line with the time at which it was printed, to about a second."},
    {.name = "json",
     .kind = FLAG_SWITCH,
     .doc = "Print the first window of a job's log with its position, in JSON."},
    {.name = NULL}};

const command_t command_logs = {
    .name = "logs",
    .group = GROUP_RUNS,
    .usage = "[-f|-t] [--step N] [--attempt N] JOB|RUN",
    .summary = "Print the log of a job, or of all jobs of a run.",
    .help =
        "Written to a file or a pipe, a job's log is byte for byte what the job printed. Of a run, each line is prefixed with\n"
        "the job's name. With -f, exits with 0 only if every job succeeded.\n",
    .examples = "opencicd logs -f RUN\n"
                "opencicd logs JOB > job.log\n",
    .programs = CLIENT,
    .flags = flags,
    .min_args = 1,
    .max_args = 1,
    .run = logs};
