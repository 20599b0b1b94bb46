/* command_import.c - `opencicd import`: a file of another system to a workflow that `opencicd lint` passes. */

#include "cli/command/command.h"
#include "cli/files/input.h"
#include "cli/import/import.h"
#include "workflow/lint/lint.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    import_fn *translate;
    const char *title;
} systems[] = {{"jenkins", import_jenkins, "Jenkinsfile"},
               {"gitlab", import_gitlab, "GitLab CI"},
               {"woodpecker", import_woodpecker, "Woodpecker"}};
#define SYSTEMS (sizeof systems / sizeof systems[0])

static int write_file (const cli_t *cli, const char *path, const char *text, size_t size)
{
    FILE *out = strcmp (path, "-") == 0 ? stdout : fopen (path, "we");
    bool done = out && fwrite (text, 1, size, out) == size && fflush (out) == 0;
    int error = errno;
    if (out && out != stdout && fclose (out) != 0) {
        done = false;
        error = errno;
    }
    return done ? CLI_OK
                : cli_fail (
                      cli, turn_fail (cli->turn, fault_from_errno (error), "%s: %s", path, strerror (error)));
}

// The promise of this command: what it prints is a workflow.
static int check (const cli_t *cli, const char *text, size_t size)
{
    findings_t findings;
    findings_init (&findings, cli->turn->arena, "workflow");
    if (workflow_lint (cli->turn->arena, "workflow", text, size, NULL, &findings) == OK)
        return CLI_OK;
    for (size_t i = 0; i < findings.count; i++)
        if (findings.items[i].severity == SEVERITY_ERROR)
            fprintf (stderr, "opencicd: the workflow would be wrong: %d:%d: %s\n", findings.items[i].line,
                     findings.items[i].column, paint_safe (cli->turn->arena, findings.items[i].message));
    return CLI_FAILED;
}

static int print (const cli_t *cli, const import_t *import, const char *output)
{
    buffer_t *text = buffer_new (DRAFT_MAX);
    import_print (import, text);
    int status = buffer_full (text)
                     ? cli_fail (cli, turn_fail (cli->turn, TOO_LARGE,
                                                 "%s: the workflow would be larger than %d bytes",
                                                 import->file, DRAFT_MAX))
                     : check (cli, buffer_text (text), buffer_size (text));
    if (status == CLI_OK)
        status = write_file (cli, output, buffer_text (text), buffer_size (text));
    if (status == CLI_OK)
        fprintf (stderr, "%s: %zu job%s; %zu thing%s not translated\n",
                 paint_safe (cli->turn->arena, import->file), import->job_count,
                 import->job_count == 1 ? "" : "s", import->notes, import->notes == 1 ? " was" : "s were");
    buffer_destroy (&text);
    return status;
}

static int import (cli_t *cli)
{
    const char *system = cli->args.items[0], *path = cli->args.items[1],
               *output = flag_text (cli->flags, "output");
    const char *text;
    size_t size, which = 0;
    while (which < SYSTEMS && strcmp (systems[which].name, system) != 0)
        which++;
    if (which == SYSTEMS)
        return cli_usage (cli, "%s: unknown system; write jenkins, gitlab or woodpecker", system);
    fault_t fault = input_read (cli->turn, path, &text, &size);
    if (fault != OK)
        return cli_fail (cli, fault);
    const char *slash = strrchr (path, '/');
    import_t self;
    import_init (&self, cli->turn->arena,
                 strcmp (path, "-") == 0 ? "standard input"
                 : slash                 ? slash + 1
                                         : path,
                 systems[which].title);
    if (systems[which].translate (&self, text, size) != OK)
        return cli_fail (cli, turn_fail (cli->turn, INVALID, "%s:%s", path, self.error));
    return print (cli, &self, output ? output : "-");
}

static const flag_t flags[] = {{.name = "output",
                                .kind = FLAG_TEXT,
                                .letter = 'o',
                                .metavar = "FILE",
                                .doc = "Write the workflow to this file. Default: standard output."},
                               {.name = NULL}};

const command_t command_import = {
    .name = "import",
    .group = GROUP_FILES,
    .usage = "[--output FILE] jenkins|gitlab|woodpecker FILE",
    .summary = "Turn a file of another CI system into a workflow.",
    .help =
        "Reads a declarative Jenkinsfile, a .gitlab-ci.yml or a Woodpecker pipeline (- is standard input) and prints a workflow that\n"
        "passes `opencicd lint`. A comment \"NOT TRANSLATED (line N)\" is at each thing that has no translation; standard error has their\n"
        "number. What would run although its condition was not understood is switched off. Needs no server.\n",
    .examples = "opencicd import jenkins Jenkinsfile --output .github/workflows/ci.yml\n"
                "opencicd import gitlab .gitlab-ci.yml\n",
    .flags = flags,
    .min_args = 2,
    .max_args = 2,
    .choices = "jenkins|gitlab|woodpecker",
    .run = import};
