/* show.c - see show.h. */

#include "cli/show/show.h"

#include "cli/terminal/format.h"
#include "cli/terminal/table.h"
#include "common/base/clock.h"

#include <inttypes.h>
#include <string.h>

#define SHA_SHOWN 8 // --json has all of it

const char *result_of (const value_t *self)
{
    const char *result = value_get_text (self, "result");
    return *result ? result : value_get_text (self, "state");
}

// So far, where it goes on: by this machine's clock, which may differ from the server's.
const char *took (const cli_t *cli, const value_t *self)
{
    int64_t from = time_of (self, "started_at"), to = time_of (self, "finished_at");
    if (from == 0)
        return "";
    return duration_text (cli->turn->arena, (to ? to : clock_now_us (clock_system ())) - from);
}

const char *ago (const cli_t *cli, const value_t *self, const char *key)
{
    int64_t then = time_of (self, key);
    return then ? ago_text (cli->turn->arena, then, clock_now_us (clock_system ())) : "";
}

const char *ref_of (const cli_t *cli, const value_t *run)
{
    const char *ref = value_get_text (run, "ref"), *sha = value_get_text (run, "sha");
    static const char *const heads[] = {"refs/heads/", "refs/tags/"};
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
        if (strncmp (ref, heads[i], strlen (heads[i])) == 0)
            ref += strlen (heads[i]);
    return arena_printf (cli->turn->arena, "%s%s%.*s", ref, *ref && *sha ? " " : "", SHA_SHOWN, sha);
}

static void show_line (const cli_t *cli, const char *name, const char *text)
{
    if (*text)
        printf ("%-10s %s\n", name, paint_safe (cli->turn->arena, text));
}

void show_run_text (const cli_t *cli, const value_t *run)
{
    arena_t *arena = cli->turn->arena;
    const char *result = result_of (run), *time = took (cli, run);
    const char *heading = arena_printf (arena, "%s #%" PRId64 "  %s", value_get_text (run, "project"),
                                        number_of (run, "number"), value_get_text (run, "title"));
    printf ("%s\n", paint (arena, cli->colour, BOLD, paint_safe (arena, heading)));
    printf ("%-10s %s%s%s\n", "Result", paint (arena, cli->colour, paint_of_result (result), result),
            *time ? " in " : "", time);
    show_line (cli, "Waits", value_get_text (run, "wait_reason"));
    show_line (cli, "Workflow", value_get_text (run, "workflow"));
    show_line (cli, "Event", value_get_text (run, "event"));
    show_line (cli, "Ref", ref_of (cli, run));
    show_line (cli, "By", value_get_text (run, "actor"));
    show_line (cli, "Created", ago (cli, run, "created_at"));
    if (number_of (run, "attempt") > 1)
        printf ("%-10s %" PRId64 "\n", "Attempt", number_of (run, "attempt"));
    show_line (cli, "Id", value_get_text (run, "id"));
}

// Why it ended so; of one that has not, what it waits for.
static const char *reason_of (const cli_t *cli, const value_t *job)
{
    const char *held = value_get_text (job, "held_until");
    if (*held)
        return arena_printf (cli->turn->arena, "held until %.16s: opencicd shell %s", held,
                             value_get_text (job, "id"));
    const char *reason = value_get_text (job, "reason");
    return *reason ? reason : value_get_text (job, "wait_reason");
}

void show_jobs_table (const cli_t *cli, const value_t *run)
{
    static const char *const headings[] = {"JOB", "RESULT", "TIME", "AGENT", "ID", "WHY", NULL};
    table_t *table = table_new (cli->turn->arena, headings);
    const value_t *const *jobs;
    size_t count = items_of (run, "jobs", &jobs);
    for (size_t i = 0; i < count; i++) {
        const char *result = result_of (jobs[i]);
        table_row (table);
        table_cell (table, PLAIN, value_get_text (jobs[i], "name"));
        table_cell (table, paint_of_result (result), result);
        table_cell (table, PLAIN, took (cli, jobs[i]));
        table_cell (table, PLAIN, value_get_text (jobs[i], "agent_name"));
        table_cell (table, DIM, value_get_text (jobs[i], "id"));
        table_cell (table, PLAIN, reason_of (cli, jobs[i]));
    }
    if (count)
        table_print (table, stdout, cli->colour);
}

void show_run_end (const cli_t *cli, const value_t *run)
{
    arena_t *arena = cli->turn->arena;
    const char *result = result_of (run), *time = took (cli, run);
    printf ("\n");
    show_jobs_table (cli, run);
    printf ("\n%s #%" PRId64 ": %s%s%s\n", paint_safe (arena, value_get_text (run, "project")),
            number_of (run, "number"), paint (arena, cli->colour, paint_of_result (result), result),
            *time ? " in " : "", time);
}

void show_run_brief (const cli_t *cli, const value_t *run)
{
    static const char *const headings[] = {"JOB", "RESULT", "TIME", "WHY", NULL};
    arena_t *arena = cli->turn->arena;
    table_t *table = table_new (arena, headings);
    const value_t *const *jobs;
    const char *result = result_of (run), *time = took (cli, run);
    size_t count = items_of (run, "jobs", &jobs);
    for (size_t i = 0; i < count; i++) {
        table_row (table);
        table_cell (table, PLAIN, value_get_text (jobs[i], "name"));
        table_cell (table, paint_of_result (result_of (jobs[i])), result_of (jobs[i]));
        table_cell (table, PLAIN, took (cli, jobs[i]));
        table_cell (table, PLAIN, reason_of (cli, jobs[i]));
    }
    printf ("\n");
    if (count > 1) // Of a single job the last line says all
        table_print (table, stdout, cli->colour);
    printf ("%s%s: %s%s%s\n", count > 1 ? "\n" : "",
            paint (arena, cli->colour, BOLD, paint_safe (arena, value_get_text (run, "name"))),
            paint (arena, cli->colour, paint_of_result (result), result), *time ? " in " : "", time);
}
