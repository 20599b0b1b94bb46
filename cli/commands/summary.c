/* summary.c - `opencicd summary`: the markdown that steps wrote into GITHUB_STEP_SUMMARY, as it is. */

#include "cli/show/listing.h"
#include "common/base/id.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static bool print (void *self, const char *bytes, size_t size)
{
    (void) self;
    return fwrite (bytes, 1, size, stdout) == size;
}

// A terminal obeys what it is sent: there nothing but text is shown.
static bool print_safe (void *self, const char *bytes, size_t size)
{
    (void) self;
    for (size_t i = 0; i < size; i++)
        if ((unsigned char) bytes[i] >= ' ' || bytes[i] == '\n' || bytes[i] == '\t')
            putchar (bytes[i]);
    return !ferror (stdout);
}

static int show (cli_t *cli, client_t *client, const char *job)
{
    const char *path = path_of (cli, "/jobs/%s/summary", job);
    path = path_with (cli, path, "attempt", flag_text (cli->flags, "attempt"));
    path = path_with (cli, path, "step", flag_text (cli->flags, "step"));
    fault_t fault =
        client_download (client, cli->turn, path, NULL, isatty (STDOUT_FILENO) ? print_safe : print, NULL);
    if (fault == BROKEN && !cli->turn->detail)
        (void) !turn_fail (cli->turn, BROKEN, "standard output: %s", strerror (errno));
    return fault == OK ? CLI_OK : cli_fail (cli, fault);
}

// Job after job, each with its name as a heading where there are several; those without are left out.
static int show_run (cli_t *cli, client_t *client, const char *id)
{
    const value_t *run, *const *jobs;
    bool some = false;
    int status = server_ask_on (cli, client, "GET", path_of (cli, "/runs/%s", id), NULL, &run);
    size_t count = items_of (run, "jobs", &jobs);
    if (status == CLI_OK && (flag_text (cli->flags, "attempt") || flag_text (cli->flags, "step")))
        return cli_usage (cli, "--attempt and --step need a JOB, not a RUN");
    for (size_t i = 0; i < count && status == CLI_OK; i++) {
        const value_t *list, *const *items;
        const char *job = value_get_text (jobs[i], "id");
        status = server_ask_on (cli, client, "GET", path_of (cli, "/jobs/%s/summaries", job), NULL, &list);
        if (status != CLI_OK || items_of (list, "items", &items) == 0)
            continue;
        if (count > 1)
            printf ("%s# %s\n\n", some ? "\n" : "",
                    paint_safe (cli->turn->arena, value_get_text (jobs[i], "name")));
        some = true;
        status = show (cli, client, job);
    }
    if (status == CLI_OK && !some)
        fprintf (stderr, "No step of this run has written a summary.\n");
    return status;
}

static int summary (cli_t *cli)
{
    client_t *client;
    const char *id = cli->args.items[0];
    fault_t fault = client_new (&client, cli->turn, cli->settings);
    if (fault != OK)
        return cli_fail (cli, fault);
    int status = id_is (id, 'j') ? show (cli, client, id) : show_run (cli, client, id);
    client_destroy (&client);
    return status;
}

static const flag_t flags[] = {
    {.name = "step", .kind = FLAG_NUMBER, .metavar = "N", .doc = "Only the summary of this step."},
    {.name = "attempt",
     .kind = FLAG_NUMBER,
     .metavar = "N",
     .doc = "Only this attempt. Default: the latest that has one."},
    {.name = NULL}};

const command_t command_summary = {
    .name = "summary",
    .group = GROUP_RUNS,
    .usage = "[--step N] [--attempt N] JOB|RUN",
    .summary = "Print the summaries that steps wrote, in Markdown.",
    .help = "That is what a step writes to the file that $GITHUB_STEP_SUMMARY names; secrets are masked.\n",
    .examples = "opencicd summary RUN > summary.md\n",
    .programs = CLIENT,
    .flags = flags,
    .min_args = 1,
    .max_args = 1,
    .run = summary};
