/* run_plan.c - see run_plan.h. */

#include "cli/run/run_plan.h"

#include "cli/files/input.h"
#include "cli/terminal/table.h"
#include "workflow/model/model.h"
#include "workflow/plan/load.h"

#include <string.h>

static const char *path_in (const cli_t *cli, const working_tree_t *tree, const char *file)
{
    return arena_printf (cli->turn->arena, "%s%s", tree->prefix, file);
}

static const char *joined (arena_t *arena, const char *list, const char *text)
{
    return arena_printf (arena, "%s%s%s", list, *list ? " " : "", text);
}

static bool add_workflow (cli_t *cli, const working_tree_t *tree, const char *file, table_t *table)
{
    arena_t *arena = cli->turn->arena;
    const char *text, *events = "", *path = path_in (cli, tree, file);
    size_t size;
    findings_t findings;
    const workflow_t *workflow;
    findings_init (&findings, arena, path);
    if (input_read (cli->turn, path, &text, &size) != OK) {
        (void) cli_fail (cli, INVALID);
        return false;
    }
    // The first: `opencicd lint` has them all
    if (workflow_load (arena, path, text, size, &findings, &workflow) != OK) {
        (void) cli_fail (cli, turn_fail (cli->turn, INVALID, "%s:%d:%d: %s", path, findings.items[0].line,
                                         findings.items[0].column, findings.items[0].message));
        return false;
    }
    for (size_t i = 0; i < workflow->event_count; i++)
        events = joined (arena, events, workflow->events[i].name.text);
    for (size_t i = 0; i < workflow->job_count; i++) {
        const job_t *job = &workflow->jobs[i];
        const char *needs = "";
        for (size_t j = 0; j < job->needs.count; j++)
            needs = joined (arena, needs, job->needs.items[j].text);
        table_row (table);
        table_cell (table, BOLD, i ? "" : path);
        table_cell (table, PLAIN, i ? "" : events);
        table_cell (table, PLAIN, job->key.text);
        table_cell (table, DIM, needs);
    }
    return true;
}

int run_list_workflows (cli_t *cli, const working_tree_t *tree, const args_t *files)
{
    static const char *const headings[] = {"WORKFLOW", "EVENTS", "JOB", "NEEDS", NULL};
    table_t *table = table_new (cli->turn->arena, headings);
    bool good = true;
    for (size_t i = 0; i < files->count; i++)
        good = add_workflow (cli, tree, files->items[i], table) && good;
    table_print (table, stdout, cli->colour);
    return good ? CLI_OK : CLI_FAILED;
}

// The command itself, with those flags that both have.
static int plan_file (cli_t *cli, const working_tree_t *tree, const char *file, const run_event_t *event)
{
    arena_t *arena = cli->turn->arena;
    const char *error, *payload = flag_text (cli->flags, "payload"), *ref = flag_text (cli->flags, "ref");
    args_t inputs = flag_list (cli->flags, "input");
    char **argv = arena_array (arena, inputs.count + 5, sizeof (char *));
    int argc = 0;
    flags_t flags;
    cli_t plan = *cli;
    argv[argc++] = arena_printf (arena, "--event=%s", event->name);
    if (payload)
        argv[argc++] = arena_printf (arena, "--payload=%s", payload);
    if (ref)
        argv[argc++] = arena_printf (arena, "--ref=%s", ref);
    for (size_t i = 0; i < inputs.count; i++)
        argv[argc++] = arena_printf (arena, "--input=%s", inputs.items[i]);
    argv[argc++] = arena_strdup (arena, path_in (cli, tree, file));
    if (flags_parse (&flags, arena, command_plan.flags, argc, argv, &error) != OK)
        return cli_usage (cli, "%s", error);
    plan.command = &command_plan;
    plan.flags = &flags;
    plan.args = flags.args;
    return command_plan.run (&plan);
}

int run_plan (cli_t *cli, const working_tree_t *tree, const args_t *files)
{
    int status = CLI_OK;
    size_t count = cli->args.count ? cli->args.count : files->count;
    for (size_t i = 0; i < count; i++) {
        run_event_t event;
        const char *named = cli->args.count ? workflow_file_named (files, cli->args.items[i]) : NULL;
        if (run_event_read (cli, tree, named, &event) != OK)
            return cli_usage (cli, "%s", cli->turn->detail);
        int one = plan_file (cli, tree, named ? named : files->items[i], &event);
        status = one != CLI_OK ? one : status;
    }
    return status;
}
