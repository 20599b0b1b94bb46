/* run_explain.c - `opencicd run plan`: a run as the server planned it, and why each of its jobs runs or does not. */

#include "cli/show/listing.h"

#include <inttypes.h>
#include <string.h>

#define SOURCE_WIDTH 56 // Of a part of a condition, after which its value is aligned

static const char *text (const cli_t *cli, const value_t *self, const char *key)
{
    return paint_safe (cli->turn->arena, value_get_text (self, key));
}

static void print_line (const cli_t *cli, const char *name, const char *value)
{
    if (*value)
        printf ("  %-12s %s\n", name, paint_safe (cli->turn->arena, value));
}

static void print_condition (const cli_t *cli, const value_t *job)
{
    arena_t *arena = cli->turn->arena;
    const value_t *const *parts;
    size_t count = items_of (job, "parts", &parts);
    const char *condition = text (cli, job, "condition"), *reason = text (cli, job, "reason");
    printf ("  %-12s %s\n", "if", *condition ? condition : "success()");
    for (size_t i = 0; i < count; i++) {
        int indent = 15 + 2 * (int) number_of (parts[i], "depth"), width = SOURCE_WIDTH - indent;
        const value_t *value = value_get (parts[i], "value");
        printf ("%*s%-*s = %s\n", indent, "", width > 0 ? width : 0, text (cli, parts[i], "source"),
                paint_safe (arena, value ? value_to_json (arena, value, 0) : "null"));
    }
    if (!bool_of (job, "decided"))
        printf ("  %-12s %s\n", "", "not evaluated yet: what it needs has not ended");
    else if (*reason)
        printf ("  %-12s %s\n", "", reason);
}

static void print_steps (const cli_t *cli, const value_t *job)
{
    const value_t *const *steps;
    size_t count = items_of (job, "steps", &steps);
    for (size_t i = 0; i < count; i++) {
        const char *name = text (cli, steps[i], "name"), *uses = text (cli, steps[i], "uses");
        const char *condition = text (cli, steps[i], "condition");
        printf ("  %-12s %zu. %s%s%s%s%s\n", i ? "" : "steps", i + 1,
                *name   ? name
                : *uses ? uses
                        : text (cli, steps[i], "run"),
                *name && *uses ? ", uses " : "", *name ? uses : "", *condition ? ", if " : "", condition);
    }
}

static void print_job (const cli_t *cli, const value_t *job, bool first)
{
    const value_t *const *cells;
    size_t count = items_of (job, "cells", &cells);
    bool wrong = *value_get_text (job, "wrong") != 0;
    const char *verdict = wrong                       ? "cannot be planned"
                          : !bool_of (job, "decided") ? "is not decided yet"
                          : bool_of (job, "runs")     ? "runs"
                                                      : "does not run";
    printf ("%s%s %s  %s\n", first ? "" : "\n",
            paint (cli->turn->arena, cli->colour, BOLD, text (cli, job, "key")), verdict,
            paint (cli->turn->arena, cli->colour, DIM, text (cli, job, "location")));
    print_line (cli, "wrong", value_get_text (job, "wrong"));
    print_condition (cli, job);
    print_line (cli, "needs", list_text (cli, job, "needs"));
    print_line (cli, "runs on", list_text (cli, job, "runs_on"));
    print_line (cli, "calls", value_get_text (job, "uses"));
    print_line (cli, "matrix", value_get_text (job, "matrix"));
    print_line (cli, "container", value_get_text (job, "container"));
    print_line (cli, "environment", value_get_text (job, "environment"));
    print_line (cli, "variables", list_text (cli, job, "env"));
    for (size_t i = 0; i < count; i++)
        printf ("  %-12s %s: %s\n", i ? "" : "jobs", text (cli, cells[i], "name"),
                paint_safe (cli->turn->arena, result_of (cells[i])));
    print_steps (cli, job);
}

static int planned (cli_t *cli)
{
    const value_t *page, *const *jobs;
    const char *path = path_of (cli, "/runs/%s/plan", cli->args.items[0]);
    int status = server_list (cli, path_with (cli, path, "job", flag_text (cli->flags, "job")), &page);
    if (!page)
        return status;
    size_t count = items_of (page, "items", &jobs);
    print_line (cli, "wrong", value_get_text (page, "wrong"));
    for (size_t i = 0; i < count; i++)
        print_job (cli, jobs[i], i == 0);
    server_more (cli, page);
    return status;
}

static const flag_t planned_flags[] = {
    {.name = "job", .kind = FLAG_TEXT, .metavar = "KEY", .doc = "Only the job with this key."},
    FLAGS_PAGE,
    FLAG_JSON,
    {.name = NULL}};

const command_t command_run_planned = {
    .name = "run plan",
    .group = GROUP_RUNS,
    .usage = "[OPTIONS] RUN",
    .summary = "Show a run as it was planned, and why each job runs or does not.",
    .help = "Of each job: every value of its condition, what it needs, the jobs that it became, its steps.\n"
            "`opencicd plan` does the same with a file, before there is a run.\n",
    .examples = "opencicd run plan r01hv3m0x8 --job deploy\n",
    .programs = CLIENT,
    .flags = planned_flags,
    .min_args = 1,
    .max_args = 1,
    .run = planned};
