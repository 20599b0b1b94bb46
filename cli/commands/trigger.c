/* trigger.c - `opencicd trigger`: starts a workflow, and follows it if requested. */

#include "cli/plan/plan_event.h"
#include "cli/show/annotations.h"
#include "cli/show/follow.h"
#include "cli/show/show.h"

#include <inttypes.h>
#include <string.h>

static void announce (cli_t *cli, const client_t *client, const value_t *run)
{
    arena_t *arena = cli->turn->arena;
    const char *text =
        arena_printf (arena, "%s #%" PRId64, value_get_text (run, "project"), number_of (run, "number"));
    printf ("%s  %s at %s\n%s/runs/%s\n", paint (arena, cli->colour, BOLD, paint_safe (arena, text)),
            paint_safe (arena, value_get_text (run, "workflow")), paint_safe (arena, ref_of (cli, run)),
            client_url (client), value_get_text (run, "id"));
    fflush (stdout); // The log may take an hour to come, and who reads a pipe wants the address now
}

static int follow_it (cli_t *cli, client_t *client, const value_t *run, bool json)
{
    const char *id = value_get_text (run, "id");
    follow_ask_t ask = {.runs = &id, .run_count = 1, .show = json ? FOLLOW_NOTHING : FOLLOW_LOG};
    const value_t *last;
    int status = follow (cli, client, &ask, &last);
    if (json && last)
        printf ("%s\n", value_to_json (cli->turn->arena, last, 0));
    else if (last && status != CLI_INTERRUPTED) { // Ctrl-C has left the run under way: it has no end to show
        show_run_end (cli, last);
        show_annotations (cli, client, value_get_text (last, "id"));
    }
    return status;
}

static int trigger_on (cli_t *cli, client_t *client, const value_t *body)
{
    answer_t answer;
    bool json = flag_on (cli->flags, "json"), follow_too = flag_on (cli->flags, "follow");
    fault_t fault =
        client_ask (client, cli->turn, "POST", path_of (cli, "/projects/%s/runs", cli->args.items[0]),
                    body_json (cli, body), &answer);
    if (fault != OK)
        return cli_fail (cli, fault);
    // With --json there is one document: the run as it began, or, when it is followed, as it ended
    if (!json)
        announce (cli, client, answer.json);
    else if (!follow_too)
        printf ("%s\n", answer.text);
    return follow_too ? follow_it (cli, client, answer.json, json) : CLI_OK;
}

static int trigger (cli_t *cli)
{
    static const char *const texts[] = {"workflow", "ref", "sha"};
    client_t *client;
    value_t *body = value_object (cli->turn->arena);
    const value_t *inputs;
    if (pairs_of (cli, "input", &inputs) != OK)
        return cli_usage (cli, "%s", cli->turn->detail);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        body_text (cli, body, texts[i], flag_text (cli->flags, texts[i]));
    value_set (cli->turn->arena, body, "inputs", inputs);
    fault_t fault = client_new (&client, cli->turn, cli->settings);
    int status = fault == OK ? trigger_on (cli, client, body) : cli_fail (cli, fault);
    client_destroy (&client);
    return status;
}

static const flag_t flags[] = {
    {.name = "workflow",
     .kind = FLAG_TEXT,
     .letter = 'w',
     .metavar = "FILE",
     .doc = "Path or file name of the workflow; may be left out if there is only one."},
    {.name = "ref",
     .kind = FLAG_TEXT,
     .metavar = "REF",
     .doc = "Branch or tag. Default: the default branch."},
    {.name = "sha", .kind = FLAG_TEXT, .metavar = "SHA", .doc = "A commit; with --ref it must be in REF."},
    {.name = "input",
     .kind = FLAG_LIST,
     .letter = 'i',
     .metavar = "NAME=VALUE",
     .doc = "An input of workflow_dispatch; may be repeated."},
    {.name = "follow",
     .kind = FLAG_SWITCH,
     .letter = 'f',
     .doc = "Show the logs as jobs run, and exit with the run: 0 if it succeeded, else 1."},
    FLAG_JSON,
    {.name = NULL}};

const command_t command_trigger = {.name = "trigger",
                                   .group = GROUP_RUNS,
                                   .usage = "[OPTIONS] PROJECT",
                                   .summary = "Start a workflow of a project (workflow_dispatch).",
                                   .help = "With --follow, Ctrl-C stops following; the run continues.\n",
                                   .examples =
                                       "opencicd trigger site --workflow ci.yml --follow\n"
                                       "opencicd trigger site -w release.yml --ref v1.2 -i channel=beta\n",
                                   .programs = CLIENT,
                                   .flags = flags,
                                   .min_args = 1,
                                   .max_args = 1,
                                   .run = trigger};
