/* trigger.c - `opencicd trigger`: start a workflow, and follow it where wanted. */

#include "cli/follow.h"
#include "cli/plan_event.h"
#include "cli/show.h"

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
    fflush (stdout);
}

static int follow_it (cli_t *cli, client_t *client, const value_t *run, bool json)
{
    follow_ask_t ask = {.run = value_get_text (run, "id"), .quiet = json};
    const value_t *last;
    int status = follow (cli, client, &ask, &last);
    if (json && last)
        printf ("%s\n", value_to_json (cli->turn->arena, last, 0));
    else if (last && status != CLI_INTERRUPTED)
        show_run_end (cli, last);
    return status;
}

static int trigger_on (cli_t *cli, client_t *client, const value_t *body)
{
    answer_t answer;
    bool json = flag_on (cli->flags, "json"), follow_too = flag_on (cli->flags, "follow");
    fault_t fault =
        client_ask (client, cli->turn, "POST", path_of (cli, "/projects/%s/runs", cli->words.items[0]),
                    body_json (cli, body), &answer);
    if (fault != OK)
        return cli_fail (cli, fault);
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
     .doc = "Path or file name of the workflow; not needed where there is one."},
    {.name = "ref",
     .kind = FLAG_TEXT,
     .metavar = "REF",
     .doc = "Branch or tag; the default branch without it."},
    {.name = "sha", .kind = FLAG_TEXT, .metavar = "SHA", .doc = "A commit, instead of what REF points to."},
    {.name = "input",
     .kind = FLAG_LIST,
     .letter = 'i',
     .metavar = "NAME=VALUE",
     .doc = "An input of workflow_dispatch; may be given again."},
    {.name = "follow",
     .kind = FLAG_SWITCH,
     .letter = 'f',
     .doc = "Show the logs as the jobs run, and end with the run: 0 where it is green, else 1."},
    FLAG_JSON,
    {.name = NULL}};

const command_t command_trigger = {.name = "trigger",
                                   .usage = "[OPTIONS] PROJECT",
                                   .summary = "Run a workflow of a project.",
                                   .help = "Ctrl-C while following stops the watching, not the run.\n",
                                   .programs = CLIENT,
                                   .flags = flags,
                                   .least = 1,
                                   .most = 1,
                                   .run = trigger};
