/* shell.c - `opencicd shell`: a shell in a job that failed and is held, and the end of the hold. */

#include "cli/server/shell.h"

#include "cli/server/server.h"
#include "cli/terminal/raw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *open_body (const cli_t *cli)
{
    uint32_t columns, rows;
    arena_t *arena = cli->turn->arena;
    value_t *body = value_object (arena);
    body_text (cli, body, "terminal", getenv ("TERM"));
    if (raw_size (&columns, &rows)) {
        value_set (arena, body, "columns", value_number (arena, columns));
        value_set (arena, body, "rows", value_number (arena, rows));
    }
    return body_json (cli, body);
}

// Of a run, its job that is held. NULL: reported.
static const char *held_job (cli_t *cli, client_t *client, const char *named, int *status)
{
    const value_t *run, *const *jobs;
    const char *held = NULL;
    if (named[0] != 'r')
        return named;
    *status = server_ask_on (cli, client, "GET", path_of (cli, "/runs/%s", named), NULL, &run);
    size_t count = run ? items_of (run, "jobs", &jobs) : 0;
    for (size_t i = 0; i < count; i++) {
        if (!time_of (jobs[i], "held_until"))
            continue;
        if (held) {
            *status =
                cli_usage (cli, "several jobs of this run are held: name one, from `opencicd run show`");
            return NULL;
        }
        held = value_get_text (jobs[i], "id");
    }
    if (run && !held) {
        fprintf (stderr, "opencicd: no job of this run is held\n");
        *status = CLI_FAILED;
    }
    return held;
}

static int talk (cli_t *cli, client_t *client, const char *job, const char *shell)
{
    shell_end_t end;
    bool raw = raw_begin ();
    fault_t fault = shell_talk (client, cli->turn, job, shell, raw, &end);
    raw_end ();
    if (fault)
        return cli_fail (cli, fault);
    if (!*end.reason)
        return (int) end.status;
    fprintf (stderr, "opencicd: the shell has ended: %s\n", end.reason);
    return CLI_FAILED;
}

static int open_shell (cli_t *cli, client_t *client, const char *job)
{
    const value_t *hold;
    int status =
        server_ask_on (cli, client, "POST", path_of (cli, "/jobs/%s/shell", job), open_body (cli), &hold);
    return hold ? talk (cli, client, job, value_get_text (hold, "shell")) : status;
}

static int end_hold (cli_t *cli, client_t *client, const char *job)
{
    const value_t *hold;
    int status = server_ask_on (cli, client, "DELETE", path_of (cli, "/jobs/%s/hold", job), NULL, &hold);
    if (hold)
        printf ("%s is no longer held\n", job);
    return status;
}

static int shell (cli_t *cli)
{
    client_t *client;
    fault_t fault = client_new (&client, cli->turn, cli->settings);
    int status = fault ? cli_fail (cli, fault) : CLI_OK;
    const char *job = fault ? NULL : held_job (cli, client, cli->args.items[0], &status);
    if (job)
        status = flag_on (cli->flags, "end") ? end_hold (cli, client, job) : open_shell (cli, client, job);
    client_destroy (&client);
    return status;
}

static const flag_t shell_flags[] = {
    {.name = "end", .kind = FLAG_SWITCH, .doc = "Let the job end now, instead of opening a shell."},
    {.name = NULL}};

const command_t command_shell = {
    .name = "shell",
    .group = GROUP_RUNS,
    .usage = "[--end] JOB|RUN",
    .summary = "Open a shell in a job that failed and is held.",
    .help =
        "`opencicd rerun --hold-on-failure 30m` holds a job that fails, with its files and variables. The exit status\n"
        "is the shell's. Enter, `~`, `.` leaves it; the job stays held.\n",
    .examples = "opencicd rerun r01k9qz6f3xm4t0v8w2ya --hold-on-failure 30m\n"
                "opencicd shell r01k9qz6f3xm4t0v8w2ya\n"
                "opencicd shell --end j01k9qz6f3xm4t0v8w2yb\n",
    .programs = CLIENT,
    .flags = shell_flags,
    .min_args = 1,
    .max_args = 1,
    .run = shell};
