/* lint.c - `opencicd lint`: checks files and prints the findings.
 *
 * A file that cannot be read is a finding of its own, so that the others are still checked. */

#include "cli/lint/lint.h"

#include "cli/command/command.h"
#include "cli/files/callees.h"
#include "cli/files/input.h"
#include "common/base/nearest.h"
#include "workflow/model/action.h"
#include "workflow/plan/load.h"

#include <string.h>
#include <unistd.h>

// An action's metadata has its own schema, recognized by the file's name.
static bool is_action (const char *path)
{
    const char *slash = strrchr (path, '/'), *name = slash ? slash + 1 : path;
    return strcmp (name, "action.yml") == 0 || strcmp (name, "action.yaml") == 0;
}

// Of a file that is well formed by itself.
static void check_calls (turn_t *turn, linted_t *file)
{
    findings_t findings;
    const workflow_t *workflow;
    findings_init (&findings, turn->arena, file->path);
    if (workflow_load (turn->arena, file->path, file->text, file->size, &findings, &workflow) != OK)
        return;
    callees_t called = called_from (turn, file->path);
    called_check (&called, workflow, &file->findings);
}

static void lint_text (turn_t *turn, linted_t *file, const lint_options_t *options)
{
    const action_t *action;
    arena_t *arena = turn->arena;
    if (is_action (file->path)) {
        (void) !action_load (arena, file->path, file->text, file->size, &file->findings, &action);
        return;
    }
    (void) !workflow_lint (arena, file->path, file->text, file->size, options, &file->findings);
    check_calls (turn, file);
}

static void lint_file (turn_t *turn, linted_t *file, const lint_options_t *options)
{
    findings_init (&file->findings, turn->arena, file->path);
    fault_t fault = input_read (turn, file->path, &file->text, &file->size);
    if (fault == OK) {
        lint_text (turn, file, options);
        return;
    }
    const char *reason = turn->detail ? strstr (turn->detail, ": ") : NULL;
    file->text = NULL;
    findings_add (&file->findings, 1, 1, SEVERITY_ERROR, "file", "cannot be read: %s",
                  reason ? reason + 2 : fault_text (fault));
}

// NULL, or the argument that is not the id of a rule.
static const char *unknown_rule (args_t ids, nearest_t *nearest)
{
    size_t count;
    const lint_rule_t *rules = lint_rules (&count);
    for (size_t i = 0; i < ids.count; i++) {
        bool known = false;
        nearest_begin (nearest, ids.items[i]);
        for (size_t j = 0; j < count; j++) {
            known = known || strcmp (rules[j].id, ids.items[i]) == 0;
            nearest_offer (nearest, rules[j].id);
        }
        if (!known)
            return ids.items[i];
    }
    return NULL;
}

static int print_rules (void)
{
    size_t count;
    const lint_rule_t *rules = lint_rules (&count);
    for (size_t i = 0; i < count; i++)
        printf ("%-20s %-8s %-4s %s\n", rules[i].id,
                rules[i].severity == SEVERITY_ERROR ? "error" : "warning", rules[i].on ? "on" : "off",
                rules[i].meaning);
    return CLI_OK;
}

static void print_sum (const report_t *report, size_t errors)
{
    size_t all = 0;
    for (size_t i = 0; i < report->count; i++)
        all += report->files[i].findings.count;
    size_t warnings = all > errors ? all - errors : 0;
    fprintf (stderr, "%zu file%s: %zu error%s, %zu warning%s\n", report->count, report->count == 1 ? "" : "s",
             errors, errors == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s");
}

static const char *format_of (const cli_t *cli)
{
    const char *name = flag_text (cli->flags, "format");
    return name ? name : flag_on (cli->flags, "json") ? "json" : "text";
}

static void print_report (const cli_t *cli, const report_t *report)
{
    static const struct {
        const char *name;
        report_fn *print;
    } forms[] = {
        {"text", report_text}, {"json", report_json}, {"github", report_github}, {"sarif", report_sarif}};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (strcmp (forms[i].name, format_of (cli)) == 0)
            forms[i].print (stdout, report);
}

static int lint_all (cli_t *cli, const paths_t *paths, const lint_options_t *options)
{
    arena_t *arena = cli->turn->arena;
    linted_t *files = arena_array (arena, paths->count, sizeof (linted_t));
    size_t errors = 0;
    for (size_t i = 0; i < paths->count; i++) {
        files[i].path = paths->paths[i];
        lint_file (cli->turn, &files[i], options);
        errors += files[i].findings.errors;
    }
    report_t report = {.arena = arena, .files = files, .count = paths->count, .colour = cli->colour};
    print_report (cli, &report);
    if (flag_on (cli->flags, "schedules"))
        lint_schedules (stdout, cli->turn, &report);
    fflush (stdout);
    if (isatty (STDOUT_FILENO)) // To a file or a program go the findings alone
        print_sum (&report, errors);
    return errors ? CLI_FAILED : CLI_OK;
}

static int lint (cli_t *cli)
{
    args_t on = flag_list (cli->flags, "rule"), off = flag_list (cli->flags, "no-rule");
    nearest_t nearest;
    if (flag_on (cli->flags, "rules"))
        return print_rules ();
    const char *unknown = unknown_rule (on, &nearest);
    if (!unknown)
        unknown = unknown_rule (off, &nearest);
    if (unknown && nearest.best)
        return cli_usage (cli, "%s: unknown rule (did you mean %s?)", unknown, nearest.best);
    if (unknown)
        return cli_usage (cli, "%s: unknown rule (--rules lists them)", unknown);
    if (flag_on (cli->flags, "schedules") && strcmp (format_of (cli), "text") != 0)
        return cli_usage (cli, "--schedules needs --format text");
    paths_t paths = lint_files (cli->turn->arena, cli->args);
    if (paths.count == 0)
        return cli_usage (cli, "there are no workflow files in %s",
                          cli->args.count ? cli->args.items[0] : ".github/workflows or .opencicd/workflows");
    shellcheck_t shellcheck = {.turn = cli->turn};
    lint_options_t options = {.on = on.items,
                              .on_count = on.count,
                              .off = off.items,
                              .off_count = off.count,
                              .zone_exists = lint_zone_exists,
                              .check_scripts = lint_shellcheck,
                              .checker = &shellcheck};
    int status = flag_on (cli->flags, "agents") ? lint_agents (cli, &options) : CLI_OK;
    return status == CLI_OK ? lint_all (cli, &paths, &options) : status;
}

static const flag_t flags[] = {
    {.name = "format",
     .kind = FLAG_TEXT,
     .choices = "text|json|github|sarif",
     .doc =
         "How to print findings: FILE:LINE:COL with the source line, JSON, workflow commands, or SARIF 2.1.0. Default: text."},
    {.name = "json", .kind = FLAG_SWITCH, .doc = "The same as --format json."},
    {.name = "rule", .kind = FLAG_LIST, .metavar = "ID", .doc = "Switch a rule on; may be repeated."},
    {.name = "no-rule", .kind = FLAG_LIST, .metavar = "ID", .doc = "Switch a rule off; may be repeated."},
    {.name = "agents",
     .kind = FLAG_SWITCH,
     .doc = "Ask the server for its agents, and check that each job has one that can take it."},
    {.name = "schedules",
     .kind = FLAG_SWITCH,
     .doc = "With --format text: print the next three times of each schedule."},
    {.name = "rules", .kind = FLAG_SWITCH, .doc = "List the rules and exit."},
    {.name = NULL}};

const command_t command_lint = {
    .name = "lint",
    .group = GROUP_FILES,
    .usage = "[OPTIONS] [FILE|FOLDER ...]",
    .summary = "Check workflow files.",
    .help =
        "Without a file, checks .github/workflows and .opencicd/workflows of the repository; - reads standard input.\n"
        "Only --agents needs a server.\n"
        "\n"
        "The comment \"# opencicd-lint: off RULE, RULE\" switches rules off: at the end of a line for that line, on a line of\n"
        "its own for the next one, at the top for the whole file; there \"on\" works, too. If shellcheck is installed, it\n"
        "checks the scripts of bash and sh.\n"
        "\n"
        "Exits with 1 if there is an error; with 0 if there are only warnings.\n",
    .examples = "opencicd lint\n"
                "opencicd lint --format github .github/workflows/ci.yml\n"
                "opencicd lint --agents\n",
    .programs = CLIENT,
    .flags = flags,
    .max_args = MANY,
    .run = lint};
