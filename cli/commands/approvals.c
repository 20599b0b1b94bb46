/* approvals.c - `opencicd approvals`, `approve`, `reject`: jobs that an environment holds back until somebody says so. */

#include "cli/show/listing.h"

#include <inttypes.h>
#include <stdio.h>

static void add_approval (const cli_t *cli, table_t *table, const value_t *item)
{
    arena_t *arena = cli->turn->arena;
    table_cell (table, PLAIN,
                arena_printf (arena, "%s #%" PRId64, value_get_text (item, "project"),
                              number_of (item, "run_number")));
    table_cell (table, PLAIN, value_get_text (item, "job"));
    table_cell (table, PLAIN, value_get_text (item, "environment"));
    table_cell (table, PLAIN, value_get_text (item, "ref"));
    table_cell (table, PLAIN, list_text (cli, item, "approvers"));
    table_cell (table, PLAIN, ago (cli, item, "created_at"));
    table_cell (table, PLAIN, value_get_text (item, "run_id"));
}

static int list_approvals (cli_t *cli)
{
    static const char *const headings[] = {"RUN",         "JOB",   "ENVIRONMENT", "REF",
                                           "APPROVED BY", "SINCE", "ID",          NULL};
    const char *path = path_with (cli, "/approvals", "mine", flag_on (cli->flags, "mine") ? "true" : NULL);
    return list_items (cli, path, headings, add_approval);
}

static const flag_t list_flags[] = {
    {.name = "mine", .kind = FLAG_SWITCH, .doc = "Only those that you may approve."},
    FLAGS_PAGE,
    FLAG_JSON,
    {.name = NULL}};

const command_t command_approvals = {.name = "approvals",
                                     .group = GROUP_RUNS,
                                     .usage = "[OPTIONS]",
                                     .summary = "List the jobs that wait for an approval.",
                                     .programs = CLIENT,
                                     .flags = list_flags,
                                     .run = list_approvals};

static int decide (cli_t *cli, const char *decision)
{
    const value_t *run;
    value_t *body = value_object (cli->turn->arena);
    const char *path = path_of (cli, "/runs/%s/approvals", cli->args.items[0]);
    body_text (cli, body, "decision", decision);
    body_text (cli, body, "environment", flag_text (cli->flags, "environment"));
    body_text (cli, body, "job", flag_text (cli->flags, "job"));
    body_text (cli, body, "comment", flag_text (cli->flags, "comment"));
    int status = server_ask (cli, "POST", path, body_json (cli, body), &run);
    if (run)
        printf ("%s #%" PRId64 ": %s\n", value_get_text (run, "project"), number_of (run, "number"),
                decision);
    return status;
}

static const flag_t decide_flags[] = {
    {.name = "environment",
     .kind = FLAG_TEXT,
     .letter = 'e',
     .metavar = "NAME",
     .doc = "Only jobs for this environment. Default: all that wait for you."},
    {.name = "job", .kind = FLAG_TEXT, .metavar = "JOB", .doc = "Only this job, by its id."},
    {.name = "comment", .kind = FLAG_TEXT, .metavar = "TEXT", .doc = "Why: it is kept with the run."},
    FLAG_JSON,
    {.name = NULL}};

static int approve (cli_t *cli)
{
    return decide (cli, "approved");
}

const command_t command_approve = {
    .name = "approve",
    .group = GROUP_RUNS,
    .usage = "[OPTIONS] RUN",
    .summary = "Approve the jobs of a run that wait for it.",
    .help = "For those whom the environment names, and an ADMIN. RUN is its id, from `opencicd approvals`.\n",
    .examples = "opencicd approve r01k9qz6f3xm4t0v8w2ya --comment \"tested on staging\"\n",
    .programs = CLIENT,
    .flags = decide_flags,
    .min_args = 1,
    .max_args = 1,
    .run = approve};

static int reject (cli_t *cli)
{
    return decide (cli, "rejected");
}

const command_t command_reject = {.name = "reject",
                                  .group = GROUP_RUNS,
                                  .usage = "[OPTIONS] RUN",
                                  .summary = "Reject the jobs of a run that wait for an approval: they fail.",
                                  .programs = CLIENT,
                                  .flags = decide_flags,
                                  .min_args = 1,
                                  .max_args = 1,
                                  .run = reject};
